"""The flat service charge of a loan: how much in all, and how much with each instalment."""

from __future__ import annotations

from typing import Final

from cif_engine.errors import ChargeAboveLoanError
from cif_engine.loans.terms import ChargeDue, FlatAmount, FlatPercent, LoanTerms
from cif_engine.money import format_amount, round_ratio, share_out

WHOLE_IN_PERCENT: Final = 100


def flat_charge(charge: FlatPercent | FlatAmount, principal_minor: int, unit_minor: int) -> int:
    """Return the charge of the whole loan in minor units.

    A percentage is rounded half even to the unit: 8.5 % of 12,345 rupees is 1,049 rupees.
    """
    if isinstance(charge, FlatAmount):
        return charge.amount_minor
    numerator, denominator = charge.percent.as_integer_ratio()
    return round_ratio(principal_minor * numerator, denominator * WHOLE_IN_PERCENT, unit_minor)


def flat_charge_parts(
    charge: FlatPercent | FlatAmount, principal_minor: int, count: int, unit_minor: int
) -> tuple[int, ...]:
    """Return the charge due with each of `count` instalments; one taken up front is due with none of them."""
    if charge.due is ChargeDue.UP_FRONT:
        return (0,) * count
    return share_charge(flat_charge(charge, principal_minor, unit_minor), charge.due, count, unit_minor)


def share_charge(total_minor: int, due: ChargeDue, count: int, unit_minor: int) -> tuple[int, ...]:
    """Return a charge shared over `count` instalments; when it is spread, the last takes the remainder."""
    if due is ChargeDue.SPREAD:
        return share_out(total_minor, count, unit_minor)
    others = (0,) * (count - 1)
    return (*others, total_minor) if due is ChargeDue.WITH_LAST else (total_minor, *others)


def up_front_charge(terms: LoanTerms, principal_minor: int, whole_minor: int | None = None) -> int:
    """Return the charge that is taken from the money at disbursement; 0 where the terms take none.

    A percentage is rounded to the rounding unit. Of an amount, a part of the loan bears its share: a third of the
    `whole_minor` that was approved bears 200 of 600. Raises ChargeAboveLoanError when nothing would be left.
    """
    charge = terms.charge
    if not isinstance(charge, FlatPercent | FlatAmount) or charge.due is not ChargeDue.UP_FRONT:
        return 0
    charge_minor = flat_charge(charge, principal_minor, terms.rounding_unit_minor)
    if isinstance(charge, FlatAmount) and whole_minor is not None:
        charge_minor = round_ratio(charge_minor * principal_minor, whole_minor, terms.rounding_unit_minor)
    if charge_minor >= principal_minor:
        raise ChargeAboveLoanError(
            f"The charge of {format_amount(charge_minor)} would leave nothing of {format_amount(principal_minor)}.",
            pointer="/charge",
        )
    return charge_minor


def after_grace(charges: tuple[int, ...], grace: int) -> tuple[int, ...]:
    """Return the charges with those of the first `grace` instalments moved to the one after them."""
    until = min(grace, len(charges) - 1)
    return (0,) * until + (sum(charges[: until + 1]),) + charges[until + 1 :]
