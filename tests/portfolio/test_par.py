from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.par import (
    PAR_DAYS,
    Part,
    Position,
    Rate,
    add_up,
    ageing,
    arrears_rate,
    at_risk_with_renegotiated,
    due_before,
    levels,
    portfolio_at_risk,
    risk_coverage,
    tally,
)

AT_LEAST = Comparator.AT_LEAST

people = st.sampled_from(["Zainab", "Amna", "Marvi", "زرینہ"])


@st.composite
def positions(draw: st.DrawFn) -> Position:
    outstanding = draw(st.integers(0, 10**9))
    late = draw(st.integers(0, 500) | st.sampled_from([*PAR_DAYS, *(days + 1 for days in PAR_DAYS)]))
    overdue = draw(st.integers(0, outstanding)) if late else 0
    return Position(draw(people), draw(people), outstanding, overdue, late, draw(st.booleans()))


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
def test_a_loan_late_by_exactly_n_days_is_at_risk_over_n_where_the_comparator_takes_it(days: int) -> None:
    exactly, more = (tally([Position("a", "h", 100, 0, late)]) for late in (days, days + 1))
    assert exactly.late_over(days).loans == 0
    assert exactly.late_over(days, AT_LEAST).loans == (1 if days else 0), "who is not late is late over nothing"
    assert more.late_over(days).loans == more.late_over(days, AT_LEAST).loans == 1


@given(portfolios, st.sampled_from(Comparator))
def test_renegotiated_loans_are_at_risk_however_late_and_each_once(
    held: list[Position], comparator: Comparator
) -> None:
    portfolio = tally(held)
    for days in PAR_DAYS:
        counted = [one for one in held if one.renegotiated or comparator.is_late_over(one.days_late, days)]
        assert portfolio.at_risk_over(days, comparator) == Part(sum(o.outstanding_minor for o in counted), len(counted))
        late, at_risk = (
            portfolio_at_risk(portfolio, days, comparator),
            at_risk_with_renegotiated(portfolio, days, comparator),
        )
        assert late.numerator_minor <= at_risk.numerator_minor <= at_risk.denominator_minor
    covered = risk_coverage(portfolio, 7, comparator)
    assert covered.denominator_minor == portfolio.at_risk_over(30, comparator).outstanding_minor


@given(portfolios, portfolios)
def test_two_portfolios_as_one_are_counted_as_one_but_for_their_people(
    one: list[Position], other: list[Position]
) -> None:
    together = tally([*one, *other])
    assert add_up([tally(one), tally(other)]) == replace(together, borrowers=None, households=None)
    assert add_up([tally(one), tally(other)], levels(AT_LEAST)).late.keys() == set(levels(AT_LEAST))


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
