"""How principal and charge are shared over the instalments of a loan, and on which days they fall due."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cif_engine.dates import Calendar, Frequency, MonthDay
from cif_engine.loans.charges import after_grace, flat_charge, share_charge, up_front_charge
from cif_engine.loans.day_counts import DayCount
from cif_engine.loans.declining import declining_parts, period_rates
from cif_engine.loans.due_dates import due_dates
from cif_engine.loans.principal import beside_charge, principal_parts
from cif_engine.loans.schedule import Instalment, make_schedule
from cif_engine.loans.terms import (
    Accrual,
    ChargeDue,
    DecliningBalance,
    EqualInstalments,
    FlatPercent,
    LoanTerms,
    SeasonalInstalments,
)
from tests.unit.loans.stories import APRIL, terms_of

# Charges -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grace", "charges", "after"),
    [
        pytest.param(0, (5, 6, 7), (5, 6, 7), id="none"),
        pytest.param(1, (5, 6, 7), (0, 11, 7), id="one"),
        pytest.param(2, (5, 6, 7), (0, 0, 18), id="all but the last"),
        pytest.param(3, (5, 6, 7), (0, 0, 18), id="more than there are: the last pays all"),
        pytest.param(2, (5,), (5,), id="of a single instalment"),
    ],
)
def test_the_charge_of_a_grace_falls_due_with_the_instalment_after_it(
    grace: int, charges: tuple[int, ...], after: tuple[int, ...]
) -> None:
    assert after_grace(charges, grace) == after


@pytest.mark.parametrize(
    ("due", "parts"),
    [(ChargeDue.SPREAD, (40, 40, 20)), (ChargeDue.WITH_FIRST, (100, 0, 0)), (ChargeDue.WITH_LAST, (0, 0, 100))],
)
def test_a_charge_is_shared_as_it_was_agreed(due: ChargeDue, parts: tuple[int, ...]) -> None:
    assert share_charge(100, due, 3, 20) == parts


def test_a_percentage_is_rounded_half_even_to_the_unit() -> None:
    percent = FlatPercent(percent=Decimal("8.5"))
    assert [flat_charge(percent, rupees * 100, 100) for rupees in (12_345, 100, 300)] == [1_049_00, 8_00, 26_00]


@pytest.mark.parametrize(
    ("charge", "part", "whole", "taken"),
    [
        pytest.param({"kind": "flat_amount", "amount": "6.00"}, 30_00, None, 6_00, id="an amount, of the whole loan"),
        pytest.param({"kind": "flat_amount", "amount": "6.00"}, 10_00, 30_00, 2_00, id="an amount, of a third"),
        pytest.param({"kind": "flat_amount", "amount": "6.00"}, 11_00, 30_00, 2_00, id="2.20 to the rupee"),
        pytest.param({"kind": "flat_percent", "percent": "20"}, 10_00, 30_00, 2_00, id="a percentage, of the part"),
    ],
)
def test_a_part_of_the_loan_bears_its_share_of_a_charge_up_front(
    charge: dict[str, Any], part: int, whole: int | None, taken: int
) -> None:
    terms = terms_of({**charge, "due": "up_front"}, rounding_unit="1.00")
    assert up_front_charge(terms, part, whole) == taken


@pytest.mark.parametrize("charge", [{"kind": "none"}, {"kind": "flat_percent", "percent": "20"}])
def test_only_a_charge_up_front_is_taken_from_the_money(charge: dict[str, Any]) -> None:
    assert up_front_charge(terms_of(charge), 10_00) == 0


# Principal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "parts"),
    [
        pytest.param(4, (300, 300, 300, 100), id="the last takes the remainder"),
        pytest.param(5, (300, 300, 300, 100), id="one too many"),
        pytest.param(6, (300, 300, 300, 100), id="two too many"),
        pytest.param(7, (0, 0, 0, 0, 0, 0, 1_000), id="less than half a unit each"),
    ],
)
def test_whole_parts_end_with_the_one_that_closes_the_loan(count: int, parts: tuple[int, ...]) -> None:
    terms = terms_of(plan={"kind": "equal_instalments", "count": count}, rounding_unit="3.00")
    assert principal_parts(terms, 1_000, count) == parts


@pytest.mark.parametrize(
    ("part", "charge", "beside"),
    [
        pytest.param(417_00, 12_50, 416_50, id="12.50 are 12, half even, so 429 are due"),
        pytest.param(417_00, 13_50, 417_50, id="13.50 are 14, so 431 are due"),
        pytest.param(1, 12_50, -49, id="next to nothing"),
        pytest.param(0, 12_50, 0, id="an instalment that repays nothing"),
    ],
)
def test_principal_makes_the_instalment_whole_beside_its_charge(part: int, charge: int, beside: int) -> None:
    assert beside_charge(part, charge, 100) == beside


def test_the_charge_beside_it_is_shared_to_the_smallest_unit() -> None:
    """6 of charge are 3 and 3; instalments of 500 and 506 leave 497 and 503 of principal."""
    charge = {"kind": "flat_amount", "amount": "0.06"}
    terms = terms_of(charge, rounding_unit="5.00", whole="instalment")
    assert make_schedule(terms, 1_000, APRIL, Calendar()) == (
        Instalment(1, date(2024, 5, 1), 497, 3),
        Instalment(2, date(2024, 6, 1), 503, 3),
    )


# A charge on the declining balance -------------------------------------------------------------------------------


def rates_of(plan: dict[str, Any], starts_on: date, *days: date) -> list[int]:
    """Return the bank days (30 to a month, 360 to a year) that each period counts."""
    charge = DecliningBalance(annual_percent=Decimal(12), accrual=Accrual.BY_DAY, day_count=DayCount.THIRTY_360)
    rates = period_rates(terms_of(plan=plan).repayment, charge, starts_on, days)
    assert rates.denominator == 360 * 100
    return [numerator // 12 for numerator in rates.numerators]


LEAP_JANUARY_29, FEBRUARY_29, MARCH_29 = (date(2024, month, 29) for month in (1, 2, 3))


def test_a_month_of_a_plan_is_30_bank_days_wherever_it_falls() -> None:
    monthly = {"kind": "equal_instalments", "count": 2}
    assert rates_of(monthly, LEAP_JANUARY_29, FEBRUARY_29, MARCH_29) == [30, 30]


def test_a_first_instalment_on_a_day_of_its_own_counts_its_bank_days() -> None:
    own_first = {"kind": "equal_instalments", "count": 2, "first_due_on": "2024-02-29"}
    assert rates_of(own_first, LEAP_JANUARY_29, FEBRUARY_29, MARCH_29) == [31, 30]


def test_a_plan_in_weeks_counts_its_bank_days() -> None:
    weekly = {"kind": "equal_instalments", "count": 2, "frequency": "weekly"}
    assert rates_of(weekly, date(2024, 2, 20), date(2024, 2, 27), date(2024, 3, 5)) == [7, 8]


def test_agreed_payments_keep_their_principal_beside_a_charge_that_is_not_whole() -> None:
    payments = [{"due_on": "2024-05-01", "amount": "3.33"}, {"due_on": "2024-06-01", "amount": "6.67"}]
    declining = {
        "kind": "declining_balance",
        "annual_percent": "12",
        "accrual": "by_day",
        "amortisation": "equal_principal",
    }
    terms = terms_of(declining, {"kind": "agreed", "payments": payments}, rounding_unit="1.00", whole="instalment")
    assert isinstance(terms.charge, DecliningBalance)
    days = (date(2024, 5, 1), date(2024, 6, 1))
    assert declining_parts(terms, terms.charge, 10_00, APRIL, days) == ((3_33, 6_67), (10, 7))


# Due dates -----------------------------------------------------------------------------------------------------

SUNDAYS = Calendar(frozenset({date(2024, 4, 2)}), frozenset({6}))


def days_of(plan: dict[str, Any], rule: str, starts_on: date = APRIL) -> list[str]:
    terms = LoanTerms.model_validate({"repayment": plan, "holiday_rule": rule})
    return [day.isoformat() for day in due_dates(terms, starts_on, SUNDAYS)]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("none", ["2024-06-30", "2024-07-30"]),
        ("next_working_day", ["2024-07-01", "2024-07-30"]),
        ("previous_working_day", ["2024-06-29", "2024-07-30"]),
        ("next_working_day_same_month", ["2024-06-29", "2024-07-30"]),
    ],
)
def test_a_due_date_on_a_sunday_goes_where_the_terms_say(rule: str, days: list[str]) -> None:
    """30 June 2024 is a Sunday, the last day of its month."""
    assert days_of({"kind": "equal_instalments", "count": 2, "first_due_on": "2024-06-30"}, rule) == days


def test_a_due_date_that_would_go_back_to_the_start_goes_forward() -> None:
    daily = {"kind": "equal_instalments", "count": 1, "frequency": "1 day"}
    assert days_of(daily, "previous_working_day") == ["2024-04-03"]


@pytest.mark.parametrize(
    ("month_end", "days"),
    [
        ("anchor_day", ["2024-05-31", "2024-06-30", "2024-07-31"]),
        ("last_day", ["2024-05-31", "2024-06-30", "2024-07-31"]),
        ("next_month", ["2024-05-31", "2024-07-01", "2024-07-31"]),
    ],
)
def test_steps_from_a_first_day_keep_to_the_month_end_of_the_plan(month_end: str, days: list[str]) -> None:
    plan = {"kind": "equal_instalments", "count": 3, "first_due_on": "2024-05-31", "month_end": month_end}
    assert days_of(plan, "none") == days


# Terms given as values -----------------------------------------------------------------------------------------


def test_terms_take_values_as_well_as_their_texts() -> None:
    ten_days = EqualInstalments.model_validate({"count": 2, "frequency": "10 days"})
    assert EqualInstalments(count=2, frequency=Frequency(days=10)) == ten_days
    harvest = SeasonalInstalments.model_validate({"count": 2, "month_days": ["04-30"]})
    assert SeasonalInstalments(count=2, month_days=(MonthDay(4, 30),)) == harvest


@pytest.mark.parametrize("written", [Decimal("10.0"), Decimal("1E+1"), 10, "10", "10.00"], ids=repr)
def test_equal_percentages_are_the_same_however_they_are_written(written: object) -> None:
    assert str(FlatPercent.model_validate({"percent": written}).percent) == "10"
