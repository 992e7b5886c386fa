"""What a forecast rests on: what the books say, what is asked, and what follows for each assumption."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cif_engine.fund.collection_curve import Basis, Curve
from cif_engine.fund.forecast import USUAL_TERM_MONTHS, Assumptions, Opening, Plan, equal_instalments
from cif_engine.fund.position import Books
from cif_engine.money import PKR, format_amount, round_ratio
from cif_engine.operations.forecast_views import decimals
from cif_engine.operations.views import View
from cif_engine.persistence.forecast import Lending

MOST_MONTHS: Final = 60
"""How many months may be looked ahead, and how many may be measured."""

MOST_LOANS: Final = 1_000_000
"""More new loans than any fund makes in a month."""

USUAL_IDLE_SHARE: Final = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is asked, and what is to be taken in place of what the fund's history says (None: as it says).

    Amounts in minor units, rates as shares from 0 to 1. `capital_minor` is money that comes in the month of this number
    ahead, from 1.
    """

    months: int = 12
    history_months: int = 12
    loan_minor: int | None = None
    term_months: int | None = None
    loans_per_month: int | None = None
    collection_rate: Decimal | None = None
    cleanup_rate: Decimal | None = None
    monthly_expenses_minor: int | None = None
    capital_minor: int = 0
    capital_month: int = 1
    idle_above: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the books say of a fund on a day, and of the months before it.

    `spent_minor` is the operating expense of `months`, of which the fund had money in so many.
    """

    opening: Opening
    books: Books
    curve: Curve
    months: tuple[date, ...]
    lending: Lending
    lending_from: date
    months_with_money: int
    spent_minor: int


def assumptions(found: Found, asked: WhatIf) -> Assumptions:
    """Return what is assumed: what was asked, else what was measured, else what is usual."""
    spent = round_ratio(found.spent_minor, max(found.months_with_money, 1), 1)
    return Assumptions(
        months=asked.months,
        curve=found.curve,
        loan_minor=_usual_loan(found.lending) if asked.loan_minor is None else asked.loan_minor,
        loans_per_month=asked.loans_per_month,
        plan=_plan(found.lending, asked.term_months),
        monthly_expenses_minor=spent if asked.monthly_expenses_minor is None else asked.monthly_expenses_minor,
        capital=((asked.capital_month, asked.capital_minor),),
        idle_above=Fraction(USUAL_IDLE_SHARE if asked.idle_above is None else asked.idle_above),
    )


def _usual_loan(lending: Lending) -> int | None:
    """Return the mean loan in whole rupees, and at least one; None where none was made."""
    if not lending.principal_minor:
        return None
    unit = PKR.practical_unit_minor
    return max(round_ratio(lending.principal_minor, lending.loans, unit), unit)


def _plan(lending: Lending, term_months: int | None) -> Plan:
    if term_months is not None:
        return equal_instalments(term_months)
    return lending.plan or equal_instalments(USUAL_TERM_MONTHS)


def assumptions_view(found: Found, asked: WhatIf, assumed: Assumptions) -> list[View]:
    """Return what the forecast rests on, each with its value, where that comes from, and in words."""
    return [*_of_collecting(found.curve), *_of_lending(found, asked, assumed), *_of_money(found, asked, assumed)]


def _of_collecting(curve: Curve) -> list[View]:
    return [
        _of_dues(curve, 0, "collection_rate", "The share that is collected of what falls due in a month."),
        _of_dues(
            curve,
            1,
            "cleanup_rate",
            "The share that is collected in a month of what fell due in the month before; for older dues see "
            "collection_history. Of the running month, arrears have as much as is left of it.",
        ),
    ]


def _of_lending(found: Found, asked: WhatIf, assumed: Assumptions) -> list[View]:
    lending, loan = found.lending, assumed.loan_minor
    lent = f"Handed out for the first time since {found.lending_from}: {lending.loans} loans."
    is_measured = bool(lending.plan)
    return [
        _assumption(
            "loan_amount",
            None if loan is None else format_amount(loan),
            _source(asked.loan_minor, is_measured=is_measured),
            f"The size of every new loan; measured, the mean in whole rupees. {lent}"
            + (" So no new loans are made." if loan is None else ""),
        ),
        _assumption(
            "term_months",
            str(assumed.plan[-1][0]),
            _source(asked.term_months, is_measured=is_measured),
            "New loans, and what was committed, fall due in so many months as repayment_plan says, without charge; "
            f"given, in equal parts. They are paid as the loans before them. {lent}",
        ),
        _assumption(
            "loans_per_month",
            None if assumed.loans_per_month is None else str(assumed.loans_per_month),
            _source(asked.loans_per_month, is_measured=False),
            "At most so many new loans are made in a month, at its end; null: as many as the lendable money makes.",
        ),
    ]


def _of_money(found: Found, asked: WhatIf, assumed: Assumptions) -> list[View]:
    return [
        _assumption(
            "monthly_expenses",
            format_amount(assumed.monthly_expenses_minor),
            _source(asked.monthly_expenses_minor, is_measured=found.months_with_money > 0),
            f"Operating expense; measured, the mean of the {found.months_with_money} months up to "
            f"{found.months[-1]:%Y-%m} in which the fund had money. What cannot be paid waits.",
        ),
        _assumption(
            "capital",
            format_amount(asked.capital_minor),
            "given" if asked.capital_minor else "assumed",
            f"New capital that comes in month {asked.capital_month} of those ahead.",
        ),
        _assumption(
            "idle_above",
            decimals(assumed.idle_above),
            _source(asked.idle_above, is_measured=False),
            "A month that closes with a larger share of cash, in cash and outstanding principal, is idle.",
        ),
        _assumption(
            "left_out",
            None,
            "assumed",
            "Bank profit, fees, penalties, recoveries of loans written off, payments ahead of their month, returns "
            "of capital, refunds of credit, reschedules. Money in transit arrives in the first month.",
        ),
    ]


def _assumption(name: str, value: str | None, source: str, words: str) -> View:
    return {"name": name, "value": value, "source": source, "words": words}


def _source(given: object, *, is_measured: bool) -> str:
    if given is not None:
        return "given"
    return "measured" if is_measured else "assumed"


def _of_dues(curve: Curve, place: int, name: str, words: str) -> View:
    """Return what is assumed of the dues of one of the bands of ages."""
    source, why = _BASIS[curve.basis[place]]
    return _assumption(name, decimals(curve.expected[place].collected), source, f"{words} {why}")


_BASIS: Final = {
    Basis.GIVEN: ("given", "Given with the question."),
    Basis.MEASURED: ("measured", "Measured on the fund's own dues."),
    Basis.NEAREST_AGES: ("measured", "There were no such dues: measured on those nearest in age."),
    Basis.SCHEDULE: ("assumed", "Nothing fell due that could be measured: the schedules are taken as they stand."),
    Basis.NOTHING: ("assumed", "There were no arrears to measure: nothing is expected of them."),
}
"""Where a rate comes from, and why."""
