"""Roll rates of random lives: no loan and no rupee is lost on its way from band to band."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.standing import Status
from cif_engine.portfolio.par import Position, ageing, tally
from cif_engine.portfolio.roll_rates import (
    BANDS,
    NEW,
    REPAID,
    WRITTEN_OFF,
    Flow,
    add_up_flows,
    all_migrations,
    band_of,
    migrations,
    way_of,
)
from tests.laws.settings import some_histories
from tests.lives import lives
from tests.portfolio.test_demand import days, periods
from tests.unit.loans.stories import APRIL, AUGUST, JULY, JUNE, LENT, MAY, paid, written_off

some_lives = st.lists(lives().map(lambda history: live(history.facts)), min_size=1, max_size=4)


@some_histories(60)
@given(some_lives, periods)
def test_what_loans_owed_and_were_lent_is_repaid_written_off_or_still_owed(
    held: list[LoanLife], period: list[date]
) -> None:
    flows = add_up_flows(way for life in held if (way := way_of(life, *period)))
    rows = migrations(flows)
    for row in rows:
        for flow in (row.whole, *row.cells):
            lent = flow.opening_minor + flow.disbursed_minor
            assert lent == flow.closing_minor + flow.repaid_minor + flow.written_off_minor
        assert all(row.cells[gone].closing_minor == 0 for gone in (REPAID, WRITTEN_OFF))
    every = all_migrations(flows)
    assert every.whole == Flow(*map(sum, zip(*(row.whole for row in rows), strict=True)))
    assert every.cells == tuple(
        Flow(*map(sum, zip(*(row.cells[place] for row in rows), strict=True))) for place in range(len(every.cells))
    )
    assert rows[NEW].whole.opening_minor == 0


@some_histories(60)
@given(some_lives, st.tuples(days, days, days).map(sorted))
def test_loans_begin_the_next_period_in_the_band_where_they_ended_this_one(
    held: list[LoanLife], ends: list[date]
) -> None:
    start, middle, end = ends
    first = add_up_flows(way for life in held if (way := way_of(life, start, middle)))
    after = middle + timedelta(days=1)
    second = migrations(add_up_flows(way for life in held if (way := way_of(life, after, end + timedelta(days=1)))))
    columns = all_migrations(first).cells
    for band in range(len(BANDS)):
        assert columns[band].closing_minor == second[band].whole.opening_minor
        assert columns[band].loans == second[band].whole.loans
    opened = Counter(life.standing_on(middle) is not None for life in held if is_open(life, middle))
    assert sum(columns[band].loans for band in range(len(BANDS))) == opened[True]


def is_open(life: LoanLife, day: date) -> bool:
    standing = life.standing_on(day)
    return standing is not None and standing.status is Status.OPEN


@pytest.mark.parametrize("days_late", [0, 1, 30, 31, 60, 61, 90, 91, 180, 181, 365, 366, 9_000])
def test_the_bands_are_those_of_the_ageing(days_late: int) -> None:
    (inside,) = (band.name for band in ageing(tally([Position("a", "h", 1, 0, days_late)])) if band.part.loans)
    assert BANDS[band_of(days_late)] == inside


def test_a_loan_goes_from_new_to_current_to_late_to_repaid_or_to_written_off() -> None:
    repaid = live([*LENT, paid("6", 1_100, AUGUST)])
    lost = live([*LENT, written_off("6", AUGUST)])
    assert way_of(repaid, APRIL - timedelta(days=9), APRIL - timedelta(days=1)) is None
    assert way_of(repaid, APRIL, MAY) == ((NEW, 0), Flow(1, 0, 1_000, 0, 0, 1_000))
    assert way_of(repaid, MAY, JUNE) == ((0, 2), Flow(1, 1_000, 0, 0, 0, 1_000))
    assert way_of(repaid, JULY, AUGUST) == ((1 + 1, REPAID), Flow(1, 1_000, 0, 1_000, 0, 0))
    assert way_of(lost, JULY, AUGUST) == ((1 + 1, WRITTEN_OFF), Flow(1, 1_000, 0, 0, 1_000, 0))
    assert way_of(lost, APRIL, AUGUST) == ((NEW, WRITTEN_OFF), Flow(1, 0, 1_000, 0, 1_000, 0))
    assert way_of(repaid, AUGUST + timedelta(days=1), AUGUST + timedelta(days=2)) is None


def test_a_rate_is_of_what_the_row_owed_at_the_start() -> None:
    flows = add_up_flows([((1, 2), Flow(1, 600, 0, 0, 0, 600)), ((1, REPAID), Flow(1, 200, 0, 200, 0, 0))])
    row = migrations(flows)[1]
    assert row.rate(row.cells[2].closing_minor).in_decimals() == "0.750000"
    assert row.rate(row.whole.repaid_minor).in_decimals() == "0.250000"
    assert migrations(flows)[0].rate(0).in_decimals() is None
