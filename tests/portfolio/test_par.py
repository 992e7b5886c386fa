from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.portfolio.par import (
    PAR_DAYS,
    Position,
    Rate,
    ageing,
    arrears_rate,
    due_before,
    portfolio_at_risk,
    tally,
)

people = st.sampled_from(["Zainab", "Amna", "Marvi", "زرینہ"])


@st.composite
def positions(draw: st.DrawFn) -> Position:
    outstanding = draw(st.integers(0, 10**9))
    late = draw(st.integers(0, 500) | st.sampled_from([*PAR_DAYS, *(days + 1 for days in PAR_DAYS)]))
    overdue = draw(st.integers(0, outstanding)) if late else 0
    return Position(draw(people), draw(people), outstanding, overdue, late)


portfolios = st.lists(positions(), max_size=12)


@given(portfolios)
def test_the_ageing_bands_sum_to_the_gross_portfolio(held: list[Position]) -> None:
    portfolio = tally(held)
    bands = ageing(portfolio)
    assert sum(band.part.outstanding_minor for band in bands) == portfolio.outstanding_minor
    assert sum(band.part.loans for band in bands) == portfolio.loans == len(held)
    assert all(band.part.outstanding_minor >= 0 for band in bands)


@given(portfolios)
def test_each_loan_lies_in_the_one_band_that_its_days_late_name(held: list[Position]) -> None:
    for band in ageing(tally(held)):
        inside = [
            position
            for position in held
            if band.days_from <= position.days_late and (band.days_to is None or position.days_late <= band.days_to)
        ]
        assert band.part.loans == len(inside)
        assert band.part.outstanding_minor == sum(position.outstanding_minor for position in inside)


@given(portfolios)
def test_arrears_are_never_more_than_the_portfolio_at_risk(held: list[Position]) -> None:
    portfolio = tally(held)
    assert arrears_rate(portfolio).numerator_minor <= portfolio_at_risk(portfolio, 0).numerator_minor


@given(portfolios)
def test_portfolio_at_risk_never_grows_with_the_days(held: list[Position]) -> None:
    at_risk = [portfolio_at_risk(tally(held), days).numerator_minor for days in PAR_DAYS]
    assert at_risk == sorted(at_risk, reverse=True)


@pytest.mark.parametrize("days", PAR_DAYS)
def test_a_loan_late_by_exactly_n_days_is_not_yet_at_risk_over_n(days: int) -> None:
    assert tally([Position("a", "h", 100, 0, days)]).late_over(days).loans == 0
    assert tally([Position("a", "h", 100, 0, days + 1)]).late_over(days).loans == 1


@pytest.mark.parametrize("days", PAR_DAYS)
def test_the_due_date_that_bounds_lateness_agrees_with_the_days_late(days: int) -> None:
    day = date(2024, 3, 1)
    assert day - timedelta(days=days + 1) < due_before(day, days)
    assert not day - timedelta(days=days) < due_before(day, days)


def test_a_rate_of_nothing_is_no_rate() -> None:
    assert portfolio_at_risk(tally([]), 30).in_decimals() is None
    assert arrears_rate(tally([])).in_decimals() is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        pytest.param(1, 3, "0.333333", id="a third"),
        pytest.param(2, 3, "0.666667", id="two thirds"),
        pytest.param(1, 1, "1.000000", id="all"),
        pytest.param(0, 7, "0.000000", id="nothing of something"),
        pytest.param(1, 2_000_000, "0.000000", id="half a millionth goes to the even one"),
        pytest.param(3, 2_000_000, "0.000002", id="so does one and a half"),
        pytest.param(10**15 - 1, 10**15, "1.000000", id="rounded only when shown"),
    ],
)
def test_rates_are_shown_with_six_decimals(numerator: int, denominator: int, shown: str) -> None:
    assert Rate("par_n", numerator, denominator).in_decimals() == shown


def test_borrowers_households_and_loans_are_three_counts() -> None:
    portfolio = tally(
        [
            Position("Zainab", "first", 100, 0, 0),
            Position("Zainab", "first", 100, 0, 0),
            Position("Amna", "first", 100, 0, 0),
            Position("Marvi", "second", 100, 0, 0),
        ]
    )
    assert (portfolio.loans, portfolio.borrowers, portfolio.households) == (4, 3, 2)
