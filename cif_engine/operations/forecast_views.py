"""How a forecast is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cif_engine.dates import MONTHS_IN_YEAR
from cif_engine.fund.collection_curve import BANDS, ENOUGH_MONTHS, Ages, Basis, Curve, InAMonth, Measured
from cif_engine.fund.forecast import Dues, Forecast, MonthAhead, Opening, Plan
from cif_engine.fund.position import Books
from cif_engine.money import format_amount
from cif_engine.operations.views import View

_SHARE_DECIMALS: Final = 6
_SHOWN: Final = 10**_SHARE_DECIMALS


def history_view(curve: Curve, over: Sequence[date]) -> View:
    """Return what was measured in the months that end on these days, and what it lets expect of dues of each age."""
    dues = curve.measured.months_with_dues
    too_few = f"Dues fell in {dues} of {len(over)} months, fewer than {ENOUGH_MONTHS}: too few to rely on."
    return {
        "definition": "collection_curve",
        "from": f"{over[0]:%Y-%m}",
        "to": f"{over[-1]:%Y-%m}",
        "months_with_dues": dues,
        "is_well_founded": curve.is_well_founded,
        "words": f"Dues fell in {dues} of {len(over)} months." if curve.is_well_founded else too_few,
        "by_age": [
            _band_view(*row) for row in zip(BANDS, curve.measured.bands, curve.expected, curve.basis, strict=True)
        ],
        "collected_after": [
            {"months": months, "share": decimals(curve.collected_after(months))} for months in range(MONTHS_IN_YEAR + 1)
        ],
    }


def _band_view(ages: Ages, counted: Measured, expected: InAMonth, basis: Basis) -> View:
    return {
        "months_from": ages.months_from,
        "months_to": ages.months_to,
        "unpaid": format_amount(counted.unpaid_minor),
        "collected": format_amount(counted.collected_minor),
        "written_off": format_amount(counted.written_off_minor),
        "basis": basis.value,
        "collection_rate": decimals(expected.collected),
        "loss_rate": decimals(expected.written_off),
    }


def opening_view(opening: Opening, books: Books) -> View:
    """Return where the fund stands."""
    overdue = sum(part.principal_minor + part.charge_minor for part in opening.unpaid if part.overdue)
    return {
        "cash_and_bank": format_amount(books.cash_in_hand_minor + books.bank_minor),
        "in_transit": format_amount(books.in_transit_minor),
        "cash": format_amount(opening.cash_minor),
        "committed": format_amount(opening.committed_minor),
        "reserve_floor": format_amount(opening.reserve_floor_minor),
        "outstanding_principal": format_amount(opening.outstanding_minor),
        "overdue": format_amount(overdue),
    }


def month_view(month: MonthAhead) -> View:
    """Return what is expected of a month."""
    cash = month.cash
    return {
        "month": f"{month.ahead.from_on:%Y-%m}",
        "from": month.ahead.from_on.isoformat(),
        "to": month.ahead.to_on.isoformat(),
        "loans_made": _dues_view(month.made),
        "loans_to_come": _dues_view(month.to_come),
        "cash": {
            "opening": format_amount(cash.opening_minor),
            "collected": format_amount(cash.collected_minor),
            "capital": format_amount(cash.capital_minor),
            "expenses": format_amount(cash.expenses_minor),
            "committed": format_amount(cash.committed_minor),
            "lent": format_amount(cash.lent_minor),
            "closing": format_amount(cash.closing_minor),
        },
        "lendable": format_amount(month.lendable_minor),
        "loans": month.loans,
        "outstanding_principal": format_amount(month.outstanding_minor),
        "cash_share": None if month.cash_share is None else decimals(month.cash_share),
    }


def _dues_view(dues: Dues) -> View:
    return {
        "overdue": format_amount(dues.overdue_minor),
        "falling_due": format_amount(dues.falling_due_minor),
        "collected_of_overdue": format_amount(dues.of_overdue_minor),
        "collected_of_falling_due": format_amount(dues.of_falling_due_minor),
        "written_off": format_amount(dues.written_off_minor),
        "unpaid": format_amount(dues.unpaid_minor),
    }


def totals_view(forecast: Forecast) -> View:
    """Return the months added up; of loans that are made, all that is overdue or falls due is in one of the amounts."""
    made = [month.made for month in forecast.months]
    cash = [month.cash for month in forecast.months]
    return {
        "overdue_at_opening": format_amount(made[0].overdue_minor),
        "falling_due": format_amount(sum(dues.falling_due_minor for dues in made)),
        "collected": format_amount(sum(dues.collected_minor for dues in made)),
        "written_off": format_amount(sum(dues.written_off_minor for dues in made)),
        "unpaid": format_amount(made[-1].unpaid_minor),
        "falling_due_later": format_amount(forecast.beyond_minor),
        "loans": sum(month.loans for month in forecast.months),
        "lent": format_amount(sum(month.lent_minor for month in cash)),
        "collected_of_loans_to_come": format_amount(sum(month.to_come.collected_minor for month in forecast.months)),
        "closing_cash": format_amount(cash[-1].closing_minor),
    }


def first_view(month: MonthAhead | None) -> str | None:
    """Return the name of a month."""
    return None if month is None else f"{month.ahead.from_on:%Y-%m}"


def plan_view(plan: Plan) -> list[View]:
    """Return the share of a loan that falls due so many months after it is made."""
    whole = sum(weight for _, weight in plan)
    return [{"months": month, "share": decimals(Fraction(weight, whole))} for month, weight in plan]


def decimals(share: Fraction) -> str:
    """Return a share with six decimals, rounded half even, for reading only."""
    return f"{Decimal(round(share * _SHOWN)).scaleb(-_SHARE_DECIMALS):.{_SHARE_DECIMALS}f}"
