"""A service charge on the declining balance: each instalment pays the charge on what was outstanding before it.

Rates are whole numerators over one denominator for the whole loan, so the arithmetic is exact and only `round_ratio`
rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from cif_engine.loans.charges import WHOLE_IN_PERCENT
from cif_engine.loans.day_counts import DAYS_IN_BANK_MONTH, DayCount
from cif_engine.loans.principal import beside_charge, grace_on_principal, principal_parts
from cif_engine.loans.terms import (
    Accrual,
    AgreedPayments,
    Amortisation,
    DecliningBalance,
    EqualInstalments,
    LoanTerms,
    RepaymentPlan,
    Whole,
    period_of,
)
from cif_engine.money import round_ratio

PrincipalDue = Callable[[int, int], int]
"""The principal due with instalment `index` (from 0), given its charge in minor units."""


@dataclass(frozen=True, slots=True)
class PeriodRates:
    """The rate of each period: `numerators[k] / denominator` of the balance."""

    numerators: tuple[int, ...]
    denominator: int


def declining_parts(
    terms: LoanTerms, charge: DecliningBalance, principal_minor: int, starts_on: date, days: tuple[date, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the principal and the charge of each instalment; the last repays all that is left.

    5,000 at 12 % a year in 18 months, whole rupees due: 305.00 a month, of which 50.00 charge in the first.
    """
    rates = period_rates(terms.repayment, charge, starts_on, days)
    principal_due, count = _principal_rule(terms, charge, principal_minor, rates)
    charge_unit_minor = terms.rounding_unit_minor if terms.whole is Whole.PRINCIPAL_AND_CHARGE else 1
    balance_minor = principal_minor
    principals, charges = [], []
    for index, numerator in enumerate(rates.numerators[:count]):
        charge_minor = round_ratio(balance_minor * numerator, rates.denominator, charge_unit_minor)
        due_minor = balance_minor if index == count - 1 else principal_due(index, charge_minor)
        # An instalment rounded below its charge repays nothing; one rounded above the balance repays no more than it.
        principals.append(min(max(due_minor, 0), balance_minor))
        charges.append(charge_minor)
        balance_minor -= principals[-1]
    return tuple(principals), tuple(charges)


def period_rates(plan: RepaymentPlan, charge: DecliningBalance, starts_on: date, days: tuple[date, ...]) -> PeriodRates:
    """Return the rate of the period before each due date."""
    period = period_of(plan) if charge.accrual is Accrual.BY_PERIOD else None
    if period:
        parts, parts_in_year = (period[0],) * len(days), period[1]
    else:
        parts, parts_in_year = _day_parts(plan, charge.day_count, starts_on, days), charge.day_count.parts_in_year
    percent, one = charge.annual_percent.as_integer_ratio()
    return PeriodRates(tuple([part * percent for part in parts]), parts_in_year * one * WHOLE_IN_PERCENT)


def level_payment(principal_minor: int, rates: PeriodRates, unit_minor: int) -> int:
    """Return the payment, rounded to the unit, that repays the principal with its charge in equal instalments.

    With growth g(k) = 1 + rate(k), the payment E satisfies P g(1)...g(n) = E (1 + g(n) + g(n) g(n-1) + ...): what was
    lent and what was paid, both carried to the last day. 10,000 at 12 % in 28, 31 and 30 days of 365: 3,397.82.
    """
    lent, paid, scale = 1, 0, 1
    for numerator in rates.numerators:
        growth = rates.denominator + numerator
        scale *= rates.denominator
        lent *= growth
        paid = paid * growth + scale
    return round_ratio(principal_minor * lent, paid, unit_minor)


def _principal_rule(
    terms: LoanTerms, charge: DecliningBalance, principal_minor: int, rates: PeriodRates
) -> tuple[PrincipalDue, int]:
    """Return what principal is due with each instalment but the last, and how many instalments there are."""
    plan, unit_minor, count = terms.repayment, terms.rounding_unit_minor, len(rates.numerators)
    if charge.amortisation is Amortisation.EQUAL_INSTALMENTS and not isinstance(plan, AgreedPayments):
        grace = grace_on_principal(plan, count)
        repaying = PeriodRates(rates.numerators[grace:], rates.denominator)
        payment_minor = level_payment(principal_minor, repaying, unit_minor)
        return (lambda index, charge_minor: payment_minor - charge_minor if index >= grace else 0), count
    parts = principal_parts(terms, principal_minor, count)
    if terms.whole is Whole.PRINCIPAL_AND_CHARGE or isinstance(plan, AgreedPayments):
        return (lambda index, _charge_minor: parts[index]), len(parts)
    return (lambda index, charge_minor: beside_charge(parts[index], charge_minor, unit_minor)), len(parts)


def _day_parts(plan: RepaymentPlan, day_count: DayCount, starts_on: date, days: tuple[date, ...]) -> tuple[int, ...]:
    """Return the parts of a year before each due date, by the day count.

    In 30/360 a step of a month is 30 days wherever in the month it falls, and whatever holiday moves its end.
    """
    counted = tuple([day_count.parts_between(start, end) for start, end in pairwise((starts_on, *days))])
    if day_count is not DayCount.THIRTY_360 or not isinstance(plan, EqualInstalments) or not plan.frequency.months:
        return counted
    step = plan.frequency.months * DAYS_IN_BANK_MONTH
    first = step if plan.first_due_on is None else counted[0]
    return (first,) + (step,) * (len(days) - 1)
