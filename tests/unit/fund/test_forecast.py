"""What a fund can expect: tables worked by hand, and what holds of every forecast. Amounts are whole numbers."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.dates import add_months
from cif_engine.fund.collection_curve import BANDS, Basis, Curve, InAMonth, Measured, Measurement
from cif_engine.fund.forecast import (
    Ahead,
    Assumptions,
    Dues,
    Forecast,
    Opening,
    Unpaid,
    equal_instalments,
    falling_due,
    look_ahead,
    months_ahead,
)

AS_OF = date(2024, 6, 30)
JULY = date(2024, 7, 1)
NONE_MEASURED = Measurement((Measured(),) * len(BANDS), 0)


def curve(*collected: Fraction | int, lost: Fraction | int = 0) -> Curve:
    """Return a curve by which so much is collected of each band of ages, the last one said also of older ones."""
    shares = [*collected, *[collected[-1]] * (len(BANDS) - len(collected))]
    expected = tuple(InAMonth(Fraction(share), min(Fraction(lost), 1 - Fraction(share))) for share in shares)
    return Curve(NONE_MEASURED, expected, (Basis.GIVEN,) * len(BANDS))


PERFECT = curve(1)


def month(number: int) -> date:
    """Return the first day of a month ahead of the day; 1 is July, 0 June."""
    return add_months(JULY, number - 1)


def unpaid(number: int, principal: int, charge: int = 0, *, overdue: bool = False) -> Unpaid:
    return Unpaid(month(number), overdue, principal, charge)


def opening(*parts: Unpaid, cash: int = 0, committed: int = 0, reserve: int = 0, more: int = 0) -> Opening:
    """Return a fund whose loans owe these parts, and so much principal more after all months."""
    outstanding = sum(part.principal_minor for part in parts) + more
    return Opening(cash, outstanding, committed, reserve, parts)


def assumed(months: int = 4, **changes: Any) -> Assumptions:  # noqa: ANN401 - any of the assumptions
    usual = Assumptions(months, PERFECT, None, None, equal_instalments(12), 0, (), Fraction(1, 2))
    return replace(usual, **changes)


def cash(forecast: Forecast) -> list[tuple[int, int, int, int]]:
    """Return opening, collected, lent and closing of each month."""
    rows = [found.cash for found in forecast.months]
    return [(row.opening_minor, row.collected_minor, row.lent_minor, row.closing_minor) for row in rows]


def loans(forecast: Forecast) -> list[int]:
    return [found.loans for found in forecast.months]


# Worked by hand ------------------------------------------------------------------------------------------------


def test_a_perfect_payer_and_a_fund_that_lends_all_it_can() -> None:
    """1,000 falls due each month; the fund holds 500 and makes loans of 1,200 in twelve parts.

    | month | opening | of loans made | of new ones  | held  | loans | closing |
    |-------|---------|---------------|--------------|-------|-------|---------|
    | July  |     500 |         1,000 |            0 | 1,500 |     1 |     300 |
    | Aug   |     300 |         1,000 |          100 | 1,400 |     1 |     200 |
    | Sep   |     200 |         1,000 |          200 | 1,400 |     1 |     200 |
    | Oct   |     200 |             0 |          300 |   500 |     0 |     500 |
    """
    fund = opening(*(unpaid(number, 1_000) for number in (1, 2, 3)), cash=500)
    forecast = look_ahead(fund, assumed(loan_minor=1_200), AS_OF)
    assert cash(forecast) == [
        (500, 1_000, 1_200, 300),
        (300, 1_100, 1_200, 200),
        (200, 1_200, 1_200, 200),
        (200, 300, 0, 500),
    ]
    assert loans(forecast) == [1, 1, 1, 0]
    assert [found.outstanding_minor for found in forecast.months] == [3_200, 3_300, 3_300, 3_000]
    assert forecast.dry is forecast.months[3]
    assert forecast.idle is None


def test_what_is_late_comes_as_the_curve_says_and_what_rounding_leaves_later() -> None:
    """Of dues half comes in the month, a third of the rest in each after; 101 of July, 30 overdue from June.

    | month | due in July                  | overdue from June             |
    |-------|------------------------------|-------------------------------|
    | July  | 50.5 of 101, rounded to even: 50 | 10 of 30                  |
    | Aug   | 17 of 51                     | 6.67 of 20: 7                 |
    | Sep   | 11.33 of 34: 11              | 4.33 of 13: 4                 |
    """
    fund = opening(unpaid(0, 30, overdue=True), unpaid(1, 101))
    forecast = look_ahead(fund, assumed(3, curve=curve(Fraction(1, 2), Fraction(1, 3))), AS_OF)
    assert [found.made for found in forecast.months] == [
        Dues(30, 101, 10, 50, 0, 60, 0),
        Dues(71, 0, 24, 0, 0, 24, 0),
        Dues(47, 0, 15, 0, 0, 15, 0),
    ]
    assert forecast.months[-1].made.unpaid_minor == 32


def test_of_the_running_month_arrears_have_what_is_left_of_it_and_new_dues_all() -> None:
    """On 21 June ten of thirty days are left: a third of the half of 60 that a month would bring, so 10.

    In July they are a month old, like those of a month ago: half of the 50 that are left. What falls due in the rest of
    June comes by the same share as any month's.
    """
    fund = opening(unpaid(0, 60, overdue=True), unpaid(0, 40))
    forecast = look_ahead(fund, assumed(2, curve=curve(Fraction(3, 4), Fraction(1, 2))), date(2024, 6, 20))
    assert [tuple(found.ahead) for found in forecast.months] == [
        (date(2024, 6, 21), AS_OF),
        (JULY, date(2024, 7, 31)),
    ]
    assert forecast.months[0].made == Dues(60, 40, 10, 30, 0, 40, 0)
    assert forecast.months[1].made == Dues(60, 0, 30, 0, 0, 30, 0)


def test_what_falls_due_on_the_last_day_of_a_month_is_expected_in_the_next() -> None:
    forecast = look_ahead(opening(unpaid(0, 700)), assumed(1), AS_OF)
    assert forecast.months[0].made == Dues(0, 700, 0, 700, 0, 700, 0)


def test_what_is_written_off_leaves_the_loans_and_brings_nothing() -> None:
    """Of 100 and 10 of charge that are late, a tenth is collected and a fifth lost in a month; of the rest again."""
    fund = opening(unpaid(0, 100, 10, overdue=True))
    forecast = look_ahead(fund, assumed(2, curve=curve(1, Fraction(1, 10), lost=Fraction(1, 5))), AS_OF)
    assert forecast.months[0].made == Dues(110, 0, 11, 0, 22, 10, 20)
    assert forecast.months[1].made == Dues(77, 0, 8, 0, 15, 7, 14)
    assert [found.outstanding_minor for found in forecast.months] == [70, 49]


def test_no_more_is_collected_and_lost_than_there_is() -> None:
    """Half of 3 is 1.5, rounded to even 2, collected and lost: 1 is lost."""
    fund = opening(unpaid(0, 3, overdue=True))
    forecast = look_ahead(fund, assumed(1, curve=curve(1, Fraction(1, 2), lost=Fraction(1, 2))), AS_OF)
    assert forecast.months[0].made == Dues(3, 0, 2, 0, 1, 2, 1)


def test_what_is_committed_goes_before_new_loans_and_neither_touches_the_reserve() -> None:
    """1,000 are held, 300 kept back, 900 promised; 400 come in August, 700 in September; loans of 500.

    | month | held  | spent | promised paid | still promised | lendable                      | loans | closing |
    |-------|-------|-------|---------------|----------------|-------------------------------|-------|---------|
    | July  | 1,000 |    50 |           650 |            250 | 1,000 - 50 - 650 - 250 - 300 = -250 | 0 | 300 |
    | Aug   |   700 |    50 |           250 |              0 |                           100 |     0 |     400 |
    | Sep   | 1,100 |    50 |             0 |              0 |                           750 |     1 |     550 |
    """
    fund = opening(unpaid(2, 400), unpaid(3, 700), cash=1_000, committed=900, reserve=300)
    assumption = assumed(3, loan_minor=500, monthly_expenses_minor=50, plan=((12, 1),))
    forecast = look_ahead(fund, assumption, AS_OF)
    assert [tuple(found.cash) for found in forecast.months] == [
        (1_000, 0, 0, 50, 650, 0),
        (300, 400, 0, 50, 250, 0),
        (400, 700, 0, 50, 0, 500),
    ]
    assert [found.lendable_minor for found in forecast.months] == [-250, 100, 750]
    assert forecast.dry is forecast.months[0]


def test_expenses_that_cannot_be_paid_wait() -> None:
    fund = opening(unpaid(2, 500), cash=100)
    forecast = look_ahead(fund, assumed(3, monthly_expenses_minor=150), AS_OF)
    assert [found.cash.expenses_minor for found in forecast.months] == [100, 200, 150]


def test_new_capital_is_lent_in_the_month_it_comes() -> None:
    assumption = assumed(3, loan_minor=400, capital=((2, 1_000), (2, 100)), plan=((6, 1),))
    forecast = look_ahead(opening(cash=100), assumption, AS_OF)
    assert loans(forecast) == [0, 3, 0]
    assert [found.cash.capital_minor for found in forecast.months] == [0, 1_100, 0]


def test_a_fund_goes_idle_when_more_comes_back_than_is_asked_for() -> None:
    """At most one loan of 100 a month; 400 come back each month. Cash and what is outstanding are 1,000 at all times.

    | month | closing cash | share |
    |-------|--------------|-------|
    | July  |          300 |   0.3 |
    | Aug   |          600 |   0.6 |
    """
    fund = opening(unpaid(1, 400), unpaid(2, 400), more=200)
    forecast = look_ahead(fund, assumed(2, loan_minor=100, loans_per_month=1, plan=((12, 1),)), AS_OF)
    assert [found.cash_share for found in forecast.months] == [Fraction(3, 10), Fraction(6, 10)]
    assert forecast.idle is forecast.months[1]


def test_idle_is_more_than_the_share_not_as_much() -> None:
    fund = opening(unpaid(1, 500), more=500)
    assert look_ahead(fund, assumed(1, idle_above=Fraction(1, 2)), AS_OF).idle is None
    assert look_ahead(fund, assumed(1, idle_above=Fraction(49, 100)), AS_OF).idle is not None


def test_an_empty_fund_has_nothing_to_be_a_share_of() -> None:
    forecast = look_ahead(opening(), assumed(1, loan_minor=1), AS_OF)
    assert forecast.months[0].cash_share is None
    assert forecast.idle is None
    assert forecast.dry is forecast.months[0]


def test_without_a_size_no_loans_are_made_and_the_fund_cannot_run_dry() -> None:
    forecast = look_ahead(opening(cash=10_000), assumed(2), AS_OF)
    assert loans(forecast) == [0, 0]
    assert forecast.dry is None


def test_a_loan_that_takes_the_last_rupee_is_made() -> None:
    forecast = look_ahead(opening(cash=500), assumed(1, loan_minor=500), AS_OF)
    assert (loans(forecast), forecast.dry) == ([1], None)


def test_what_falls_due_after_the_months_is_told_apart() -> None:
    fund = opening(unpaid(2, 100), unpaid(3, 40, 2), unpaid(9, 60))
    assert look_ahead(fund, assumed(2), AS_OF).beyond_minor == 102


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param(date(2024, 1, 31), [("2024-02-01", "2024-02-29"), ("2024-03-01", "2024-03-31")], id="whole"),
        pytest.param(date(2023, 12, 30), [("2023-12-31", "2023-12-31"), ("2024-01-01", "2024-01-31")], id="a day left"),
    ],
)
def test_the_months_ahead_begin_with_the_rest_of_the_running_one(as_of: date, expected: list[tuple[str, str]]) -> None:
    found = [(ahead.from_on.isoformat(), ahead.to_on.isoformat()) for ahead in months_ahead(as_of, 2)]
    assert found == expected


def test_the_rest_of_a_month_is_so_much_of_it() -> None:
    assert Ahead(date(2024, 6, 21), AS_OF).share_of_month == Fraction(1, 3)
    assert Ahead(date(2024, 6, 1), AS_OF).share_of_month == 1


@pytest.mark.parametrize(
    ("amount", "plan", "expected"),
    [
        pytest.param(100, equal_instalments(3), [33, 34, 33], id="thirds"),
        pytest.param(1_000, ((6, 5),), [1_000], id="at the end"),
        pytest.param(10, ((1, 1), (3, 3)), [2, 8], id="half a unit goes to the even one"),
        pytest.param(0, ((1, 1), (2, 1)), [0, 0], id="nothing"),
    ],
)
def test_what_falls_due_by_a_plan_sums_to_the_amount(
    amount: int, plan: tuple[tuple[int, int], ...], expected: list[int]
) -> None:
    found = falling_due(amount, plan)
    assert [part for _, part in found] == expected
    assert [due_in for due_in, _ in found] == [due_in for due_in, _ in plan]


# What holds of every forecast ----------------------------------------------------------------------------------

amounts = st.integers(0, 100_000)
shares = st.fractions(0, 1, max_denominator=1_000)
parts = st.builds(
    lambda number, principal, charge: unpaid(number, principal, charge, overdue=number <= 0),
    st.integers(-15, 15),
    amounts,
    st.integers(0, 5_000),
)
openings = st.builds(
    lambda found, held, promised, kept: opening(*found, cash=held, committed=promised, reserve=kept),
    st.lists(parts, max_size=8),
    amounts,
    st.integers(0, 50_000),
    st.integers(0, 50_000),
)
curves = st.builds(
    lambda collected, lost: curve(*collected, lost=lost), st.lists(shares, min_size=1, max_size=len(BANDS)), shares
)
plans = st.dictionaries(st.integers(1, 18), st.integers(1, 9), min_size=1, max_size=6).map(
    lambda weights: tuple(sorted(weights.items()))
)
assumptions = st.builds(
    Assumptions,
    months=st.integers(1, 12),
    curve=curves,
    loan_minor=st.none() | st.integers(1, 40_000),
    loans_per_month=st.none() | st.integers(0, 9),
    plan=plans,
    monthly_expenses_minor=st.integers(0, 9_000),
    capital=st.lists(st.tuples(st.integers(1, 12), amounts), max_size=2).map(tuple),
    idle_above=shares,
)
as_ofs = st.dates(date(2024, 6, 1), AS_OF)


@given(openings, assumptions, as_ofs)
def test_what_is_due_is_collected_or_lost_or_still_unpaid(fund: Opening, assumption: Assumptions, as_of: date) -> None:
    forecast = look_ahead(fund, assumption, as_of)
    made = [found.made for found in forecast.months]
    due = made[0].overdue_minor + sum(dues.falling_due_minor for dues in made)
    met = sum(dues.collected_minor + dues.written_off_minor for dues in made)
    assert due == met + made[-1].unpaid_minor
    assert due + forecast.beyond_minor == sum(part.principal_minor + part.charge_minor for part in fund.unpaid)
    for which in ("made", "to_come"):
        for before, after in pairwise(forecast.months):
            assert getattr(after, which).overdue_minor == getattr(before, which).unpaid_minor
    assert all(min(dues) >= 0 and dues.unpaid_minor >= 0 for dues in made)


@given(openings, assumptions, as_ofs)
def test_the_cash_path_adds_up_month_by_month_and_never_falls_below_zero(
    fund: Opening, assumption: Assumptions, as_of: date
) -> None:
    forecast = look_ahead(fund, assumption, as_of)
    held, outstanding = fund.cash_minor, fund.outstanding_minor
    for found in forecast.months:
        money, dues = found.cash, (found.made, found.to_come)
        assert money.opening_minor == held
        assert money.collected_minor == sum(part.collected_minor for part in dues)
        came, went = money.collected_minor + money.capital_minor, money.expenses_minor + money.committed_minor
        held = held + came - went - money.lent_minor
        assert money.closing_minor == held >= 0
        gone = sum(part.principal_collected_minor + part.principal_written_off_minor for part in dues)
        outstanding += money.committed_minor + money.lent_minor - gone
        assert found.outstanding_minor == outstanding >= 0
        assert found.loans == 0 or held >= fund.reserve_floor_minor


@given(openings, assumptions, as_ofs)
def test_a_forecast_is_the_same_every_time_and_in_whatever_order_dues_are_told(
    fund: Opening, assumption: Assumptions, as_of: date
) -> None:
    forecast = look_ahead(fund, assumption, as_of)
    assert look_ahead(fund, assumption, as_of) == forecast
    assert look_ahead(replace(fund, unpaid=fund.unpaid[::-1]), assumption, as_of) == forecast


@given(openings, assumptions)
def test_what_perfect_payers_are_expected_to_pay_is_their_schedule(fund: Opening, assumption: Assumptions) -> None:
    forecast = look_ahead(fund, replace(assumption, curve=PERFECT), AS_OF)
    overdue = sum(part.principal_minor + part.charge_minor for part in fund.unpaid if part.overdue)
    for number, found in enumerate(forecast.months, 1):
        scheduled = sum(
            part.principal_minor + part.charge_minor
            for part in fund.unpaid
            if part.month == month(number) and not part.overdue
        )
        assert found.made.collected_minor == scheduled + (overdue if number == 1 else 0)
        assert found.made.unpaid_minor == found.to_come.unpaid_minor == 0


@given(openings, assumptions, st.integers(0, 8))
def test_more_lending_never_raises_cash_before_it_is_repaid(
    fund: Opening, assumption: Assumptions, loans_per_month: int
) -> None:
    assumption = replace(assumption, plan=((assumption.months, 1),))
    less = look_ahead(fund, replace(assumption, loans_per_month=loans_per_month), AS_OF)
    more = look_ahead(fund, replace(assumption, loans_per_month=loans_per_month + 1), AS_OF)
    for one, other in zip(less.months, more.months, strict=True):
        assert other.cash.closing_minor <= one.cash.closing_minor
        assert other.outstanding_minor >= one.outstanding_minor


@given(openings, assumptions, as_ofs)
def test_what_is_lent_anew_changes_nothing_of_what_loans_already_made_bring(
    fund: Opening, assumption: Assumptions, as_of: date
) -> None:
    lending, resting = (look_ahead(fund, replace(assumption, loans_per_month=most), as_of) for most in (None, 0))
    assert [found.made for found in lending.months] == [found.made for found in resting.months]


@given(openings, assumptions, as_ofs, shares, shares)
def test_a_higher_collection_rate_never_collects_less_by_any_month(
    fund: Opening, assumption: Assumptions, as_of: date, one: Fraction, other: Fraction
) -> None:
    """Beyond the rounding of a minor unit a month for each part that is followed."""
    cleanup = Fraction(1, 10)
    low, high = (
        look_ahead(fund, replace(assumption, curve=curve(rate, cleanup)), as_of) for rate in sorted([one, other])
    )
    slack = 0
    collected = [0, 0]
    for less, more in zip(low.months, high.months, strict=True):
        slack += 2 * len(fund.unpaid)
        collected[0] += less.made.collected_minor
        collected[1] += more.made.collected_minor
        assert collected[1] >= collected[0] - slack


@given(st.integers(0, 10**12), plans)
def test_a_plan_shares_out_all_of_an_amount(amount: int, plan: tuple[tuple[int, int], ...]) -> None:
    found = [part for _, part in falling_due(amount, plan)]
    assert sum(found) == amount
    assert min(found) >= 0
