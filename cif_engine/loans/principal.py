"""The principal of each instalment, where the charge has no say in it."""

from __future__ import annotations

from cif_engine.loans.terms import AgreedPayments, Instalments, LoanTerms, RepaymentPlan
from cif_engine.money import round_ratio, share_out


def principal_parts(terms: LoanTerms, principal_minor: int, count: int) -> tuple[int, ...]:
    """Return the principal of each instalment up to the one that closes the loan, at most `count` of them.

    Agreed payments are as agreed; else whole equal parts after the grace, and the last takes the remainder.
    """
    plan = terms.repayment
    if isinstance(plan, AgreedPayments):
        return fit_agreed(tuple([payment.amount_minor for payment in plan.payments[:count]]), principal_minor)
    grace = grace_on_principal(plan, count)
    parts = (0,) * grace + share_out(principal_minor, count - grace, terms.rounding_unit_minor)
    while parts[-1] == 0:
        parts = parts[:-1]
    return parts


def grace_on_principal(plan: RepaymentPlan, count: int) -> int:
    """Return how many of `count` instalments repay no principal: never all of them."""
    return min(plan.grace_on_principal, count - 1) if isinstance(plan, Instalments) else 0


def fit_agreed(amounts: tuple[int, ...], principal_minor: int) -> tuple[int, ...]:
    """Return the agreed amounts made to sum to the principal.

    Where less is owed than was agreed, the end is cut off; where more, the last amount takes the difference.
    4,000 and 5,000 for a principal of 3,500: one payment of it; for 10,000: 4,000 and 6,000.
    """
    fitted = []
    left_minor = principal_minor
    for amount_minor in amounts:
        fitted.append(min(amount_minor, left_minor))
        left_minor -= fitted[-1]
        if not left_minor:
            break
    fitted[-1] += left_minor
    return tuple(fitted)


def beside_charge(principal_part_minor: int, charge_minor: int, unit_minor: int) -> int:
    """Return the principal that makes the instalment whole when the charge is not.

    The instalment is the principal's whole part plus the charge rounded to the unit:
    beside 12.50 of charge, 417 of principal become 416.50, so that 429 are due.
    """
    if principal_part_minor == 0:
        return 0
    return principal_part_minor + round_ratio(charge_minor, 1, unit_minor) - charge_minor
