from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cif_engine.dates import EVERY_DAY_WORKS, Calendar
from cif_engine.loans.day_counts import DayCount
from cif_engine.loans.declining import PeriodRates, level_payment
from cif_engine.loans.schedule import Instalment, make_schedule
from cif_engine.loans.terms import DecliningBalance, LoanTerms
from cif_engine.money import round_ratio
from tests.unit.loans.strategies import agreed_plans, calendars, declining_charges, loan_terms, principals, start_days

MONTHLY_3 = {"kind": "equal_instalments", "count": 3}
TWELVE = {"kind": "declining_balance", "annual_percent": "12"}


def schedule_of(
    plan: dict[str, Any],
    charge: dict[str, Any],
    principal_minor: int,
    starts_on: date = date(2021, 1, 31),
    calendar: Calendar = EVERY_DAY_WORKS,
    **parts: object,
) -> tuple[Instalment, ...]:
    terms = LoanTerms.model_validate({"repayment": plan, "charge": {**TWELVE, **charge}, **parts})
    return make_schedule(terms, principal_minor, starts_on, calendar)


def in_paisa(schedule: tuple[Instalment, ...]) -> list[tuple[int, int]]:
    return [(row.principal_minor, row.charge_minor) for row in schedule]


def to_the_paisa(plan: dict[str, Any], charge: dict[str, Any], principal_minor: int) -> list[tuple[int, int]]:
    return in_paisa(schedule_of(plan, charge, principal_minor, rounding_unit="0.01"))


# Laws ----------------------------------------------------------------------------------------------------------


@given(
    st.integers(1, 500_000_00),
    st.lists(st.integers(0, 5_000), min_size=1, max_size=40),
    st.sampled_from([12_000, 3_650_000]),
)
def test_the_level_payment_repays_the_loan(principal_minor: int, numerators: list[int], denominator: int) -> None:
    payment_minor = level_payment(principal_minor, PeriodRates(tuple(numerators), denominator), 1)
    worth_today, discount = Fraction(0), Fraction(1)
    for numerator in numerators:
        discount /= 1 + Fraction(numerator, denominator)
        worth_today += discount
    assert abs(payment_minor - principal_minor / worth_today) <= Fraction(1, 2)


@given(principals, st.integers(1, 60), st.sampled_from([1, 100]))
def test_without_a_rate_the_level_payment_is_an_equal_share(principal_minor: int, count: int, unit_minor: int) -> None:
    free = PeriodRates((0,) * count, 1200)
    assert level_payment(principal_minor, free, unit_minor) == round_ratio(principal_minor, count, unit_minor)


@given(loan_terms(declining_charges, grace=False), principals, start_days, calendars)
def test_each_charge_is_the_rate_on_the_balance_before_it(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> None:
    charge, plan = terms.charge, terms.repayment
    assert isinstance(charge, DecliningBalance)
    # In 30/360 a month step has 30 days whatever its dates; the two others count the dates of the schedule.
    assume(charge.day_count is not DayCount.THIRTY_360)
    unit_minor = terms.rounding_unit_minor if terms.whole == "principal_and_charge" else 1
    schedule = make_schedule(terms, principal_minor, starts_on, calendar)
    assume(len(schedule) == getattr(plan, "count", 1))  # no instalment without an amount due was left out
    balance_minor = principal_minor
    for start, row in zip((starts_on, *(row.due_on for row in schedule)), schedule, strict=False):
        years = Fraction(charge.day_count.parts_between(start, row.due_on), charge.day_count.parts_in_year)
        exact = balance_minor * years * Fraction(charge.annual_percent) / 100
        assert 2 * abs(row.charge_minor - exact) <= unit_minor
        balance_minor -= row.principal_minor


@given(principals, st.integers(2, 36), st.integers(1, 36), start_days)
def test_instalments_are_equal_and_their_principal_grows(
    principal_minor: int, count: int, percent: int, starts_on: date
) -> None:
    assume(principal_minor > 1000 * count)
    rows = schedule_of(
        {"kind": "equal_instalments", "count": count},
        {"annual_percent": percent},
        principal_minor,
        starts_on,
        rounding_unit="0.01",
    )
    dues = [row.principal_minor + row.charge_minor for row in rows]
    assert len(rows) == count
    assert len(set(dues[:-1])) == 1
    assert abs(dues[-1] - dues[0]) <= 2 * count
    assert all(later.principal_minor >= row.principal_minor for row, later in pairwise(rows[:-1]))


@given(agreed_plans(), start_days, declining_charges)
def test_agreed_payments_stay_as_agreed_beside_a_declining_charge(
    plan: tuple[list[dict[str, str]], int], starts_on: date, charge: dict[str, Any]
) -> None:
    payments, principal_minor = plan
    rows = schedule_of({"kind": "agreed", "payments": payments}, charge, principal_minor, starts_on)
    assert [row.principal_minor for row in rows] == [int(each["amount"].replace(".", "")) for each in payments]


# Examples ------------------------------------------------------------------------------------------------------


def test_equal_instalments_by_month() -> None:
    # 1 % of 30,000; then of 20,099.34; then of 10,099.67. Payment 30,000 / (1/1.01 + 1/1.01^2 + 1/1.01^3) = 10,200.66.
    assert to_the_paisa(MONTHLY_3, {}, 3_000_000) == [(990_066, 30_000), (999_967, 20_099), (1_009_967, 10_100)]


def test_equal_principal_by_month() -> None:
    rows = to_the_paisa(MONTHLY_3, {"amortisation": "equal_principal"}, 3_000_000)
    assert rows == [(1_000_000, 30_000), (1_000_000, 20_000), (1_000_000, 10_000)]


def test_whole_rupees_of_principal_and_charge() -> None:
    rows = in_paisa(schedule_of(MONTHLY_3, {}, 3_000_000))
    assert rows == [(990_100, 30_000), (1_000_000, 20_100), (1_009_900, 10_100)]


def test_whole_instalments_of_equal_principal() -> None:
    charge = {"amortisation": "equal_principal"}
    rows = in_paisa(schedule_of(MONTHLY_3, charge, 1_234_500, rounding_unit="10", whole="instalment"))
    # A third is 4,115, in tens 4,120 (to even); beside 123.45 of charge 4,116.55 are due, so that both make 4,240.
    assert rows == [(411_655, 12_345), (411_772, 8_228), (411_073, 4_111)]


@pytest.mark.parametrize(
    ("day_count", "charges"),
    [
        # 28, 31 and 30 days of 365 at 12 % on 30,000, 20,000 and 10,000
        ("actual_365", [27_616, 20_384, 9_863]),
        ("actual_actual", [27_616, 20_384, 9_863]),
        ("30_360", [30_000, 20_000, 10_000]),
    ],
)
def test_equal_principal_by_day(day_count: str, charges: list[int]) -> None:
    charge = {"accrual": "by_day", "day_count": day_count, "amortisation": "equal_principal"}
    assert [row[1] for row in to_the_paisa(MONTHLY_3, charge, 3_000_000)] == charges


def test_a_first_period_of_its_own_length_counts_its_own_days_in_30_360() -> None:
    plan = {**MONTHLY_3, "first_due_on": "2021-03-16"}
    charge = {"accrual": "by_day", "day_count": "30_360", "amortisation": "equal_principal"}
    # 31 January to 16 March: 46 days of 360
    assert [row[1] for row in to_the_paisa(plan, charge, 3_000_000)] == [46_000, 20_000, 10_000]


def test_days_are_counted_to_the_day_the_holiday_rule_says() -> None:
    plan = {"kind": "bullet", "due_on": "2021-03-31"}
    calendar = Calendar(holidays=frozenset({date(2021, 3, 31)}))
    charge = {"accrual": "by_day", "annual_percent": "36.5"}
    rows = schedule_of(plan, charge, 1_000_000, date(2021, 3, 1), calendar)
    assert in_paisa(rows) == [(1_000_000, 31_000)]


def test_weeks_by_day_in_30_360_count_their_days() -> None:
    plan = {"kind": "equal_instalments", "count": 2, "frequency": "weekly"}
    charge = {"accrual": "by_day", "day_count": "30_360", "annual_percent": "36", "amortisation": "equal_principal"}
    rows = schedule_of(plan, charge, 2_000_000, date(2021, 3, 1))
    assert in_paisa(rows) == [(1_000_000, 14_000), (1_000_000, 7_000)]


def test_a_bullet_loan_pays_the_charge_of_its_whole_term() -> None:
    assert to_the_paisa({"kind": "bullet", "after_months": 6}, {}, 1_000_000) == [(1_000_000, 60_000)]


def test_principal_in_grace_waits_and_its_charge_does_not() -> None:
    rows = to_the_paisa({**MONTHLY_3, "grace_on_principal": 1}, {}, 3_000_000)
    # Then 30,000 in two: 30,000 / (1/1.01 + 1/1.01^2) = 15,225.37.
    assert rows == [(0, 30_000), (1_492_537, 30_000), (1_507_463, 15_075)]


def test_charge_in_grace_falls_due_with_the_next_instalment() -> None:
    rows = to_the_paisa({**MONTHLY_3, "grace_on_charge": 1}, {}, 3_000_000)
    assert rows == [(990_066, 0), (999_967, 50_099), (1_009_967, 10_100)]


def test_an_instalment_rounded_below_its_charge_repays_nothing_until_the_end() -> None:
    plan = {"kind": "equal_instalments", "count": 3, "frequency": "60 months"}
    rows = in_paisa(schedule_of(plan, {"annual_percent": "30"}, 10_000, rounding_unit="1000", whole="instalment"))
    assert rows == [(0, 15_000), (0, 15_000), (10_000, 15_000)]


def test_an_instalment_rounded_up_repays_no_more_than_is_left() -> None:
    rows = in_paisa(schedule_of({"kind": "equal_instalments", "count": 12}, {}, 1_000_000, rounding_unit="500"))
    assert rows == [(100_000, 0)] * 10
