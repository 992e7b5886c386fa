"""Demand, collection and balance of single loans, over random lives: what must hold whatever happened to a loan."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cif_engine.dates import averaged_days
from cif_engine.kinds import Kind
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.standing import Status
from cif_engine.portfolio.demand import (
    AveragePortfolio,
    PeriodTally,
    add_up,
    cleanup,
    on_time_rate,
    tally_of,
    write_off_ratio,
)
from tests.laws.settings import some_histories
from tests.lives import STARTS, Life, lives, no_charge
from tests.unit.loans.stories import APRIL, AUGUST, JULY, JUNE, LENT, MAY, paid, replanned, written_off

EVE, END = min(STARTS) - timedelta(days=1), date(2030, 12, 31)
days = st.integers(0, 900).map(lambda after: EVE + timedelta(days=after))
periods = st.tuples(days, days).map(sorted)
ADDED = ("demand_minor", "first_minor", "on_time_minor", "on_time_first_minor", "collected_minor", "disbursed_minor")
LOST = ("written_off_minor", "recovered_minor")


@some_histories(150)
@given(lives(), periods)
def test_what_was_overdue_and_fell_due_was_met_was_lost_was_moved_or_is_overdue(
    history: Life, period: list[date]
) -> None:
    tally = tally_of(live(history.facts), *period)
    met = tally.prepaid_minor + tally.of_arrears_minor + tally.of_current_minor
    gone = tally.written_off_due_minor + tally.rescheduled_due_minor
    assert tally.closing_due_minor == tally.opening_due_minor + tally.demand_minor - met - gone
    assert min(tally._replace(rescheduled_due_minor=0)) >= 0
    assert tally.of_arrears_minor <= tally.opening_due_minor
    assert tally.prepaid_first_minor <= tally.on_time_first_minor <= tally.first_minor <= tally.demand_minor
    assert tally.prepaid_minor <= tally.on_time_minor <= tally.demand_minor


@some_histories(100)
@given(lives(), st.tuples(days, days, days).map(sorted))
def test_two_periods_after_each_other_are_the_period_of_both(history: Life, ends: list[date]) -> None:
    life, (start, middle, end) = live(history.facts), ends
    parts = tally_of(life, start, middle), tally_of(life, middle + timedelta(days=1), end + timedelta(days=1))
    whole = tally_of(life, start, end + timedelta(days=1))
    for name in (*ADDED, *LOST):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name), name
    assert parts[0].closing_due_minor == parts[1].opening_due_minor
    assert (parts[0].opening_due_minor, parts[1].closing_due_minor) == (
        whole.opening_due_minor,
        whole.closing_due_minor,
    )


@some_histories(150)
@given(lives())
def test_every_rupee_that_was_lent_falls_due_for_the_first_time_once(history: Life) -> None:
    life = live(history.facts)
    assume(life.standing.was_disbursed and life.standing.status is not Status.WRITTEN_OFF)
    assert tally_of(life, EVE, END).first_minor == life.standing.disbursed_minor


@some_histories(100)
@given(lives(no_charge), periods)
def test_without_a_new_schedule_or_a_loss_all_that_falls_due_is_paid_or_overdue(
    history: Life, period: list[date]
) -> None:
    life = live(history.facts)
    assume(not any(step.fact.kind in (Kind.LOAN_RESCHEDULED, Kind.LOAN_WRITTEN_OFF) for step in life.steps))
    tally = tally_of(life, *period)
    assert (tally.again_minor, tally.written_off_due_minor, tally.rescheduled_due_minor) == (0, 0, 0)


def test_a_day_before_anything_was_lent_has_nothing() -> None:
    assert tally_of(live(LENT), EVE, EVE) == PeriodTally()
    assert add_up([]) == PeriodTally()


def test_a_loan_that_falls_due_again_counts_its_first_time_once() -> None:
    """500 fall due on 1 May and are not paid; in June all 1,000 are put off to July and August, 500 each.

    What falls due in July had fallen due before; what falls due in August had not.
    """
    life = replanned_in_june()
    assert [tally_of(life, day, day).first_minor for day in (MAY, JUNE, JULY, AUGUST)] == [500, 0, 0, 500]
    assert [tally_of(life, day, day).again_minor for day in (MAY, JUNE, JULY, AUGUST)] == [0, 0, 500, 0]
    june = tally_of(life, JUNE, JUNE)
    assert (june.opening_due_minor, june.rescheduled_due_minor, june.closing_due_minor) == (500, 500, 0)


def test_what_is_paid_on_the_due_day_is_on_time_and_what_is_paid_the_day_after_is_clean_up() -> None:
    life = live([*LENT, paid("6", 300, MAY), paid("7", 250, MAY + timedelta(days=1))])
    first, second = tally_of(life, MAY, MAY), tally_of(life, MAY + timedelta(days=1), JUNE)
    # 50 of charge are settled first.
    assert (on_time_rate(first).numerator_minor, on_time_rate(first).denominator_minor) == (250, 500)
    assert (cleanup(second).numerator_minor, cleanup(second).denominator_minor) == (250, 250)
    assert second.in_advance_minor == 0


def test_what_is_written_off_is_no_longer_overdue() -> None:
    life = live([*LENT, written_off("6", JUNE)])
    june = tally_of(life, JUNE, JULY)
    assert (june.demand_minor, june.written_off_due_minor, june.closing_due_minor) == (0, 500, 0)
    assert june.written_off_minor == 1_000
    assert tally_of(life, APRIL, JULY).demand_minor == 500


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        pytest.param(
            ("2024-01-01", "2024-03-31"), ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"], id="quarter"
        ),
        pytest.param(("2024-01-01", "2024-02-10"), ["2023-12-31", "2024-01-31", "2024-02-10"], id="not to a month-end"),
        pytest.param(("2024-02-10", "2024-02-12"), ["2024-02-09", "2024-02-12"], id="within a month"),
        pytest.param(("2024-01-31", "2024-01-31"), ["2024-01-30", "2024-01-31"], id="a month-end alone"),
        pytest.param(
            ("2023-01-31", "2023-03-01"), ["2023-01-30", "2023-01-31", "2023-02-28", "2023-03-01"], id="short"
        ),
    ],
)
def test_the_mean_of_a_period_is_over_month_ends_with_its_eve_and_its_last_day(
    period: tuple[str, str], expected: list[str]
) -> None:
    found = averaged_days(*map(date.fromisoformat, period))
    assert [day.isoformat() for day in found] == expected


def test_the_write_off_ratio_is_taken_of_the_exact_mean() -> None:
    lost = PeriodTally(written_off_minor=60_000)
    assert write_off_ratio(lost, AveragePortfolio(3_000_000, 3)) == "0.060000"
    third = AveragePortfolio(100, 3)
    assert (third.mean_minor, write_off_ratio(PeriodTally(written_off_minor=1), third)) == (33, "0.030000")
    assert write_off_ratio(lost, AveragePortfolio(0, 3)) is None


def replanned_in_june() -> LoanLife:
    plan = {"kind": "equal_instalments", "count": 2}
    return live([*LENT, replanned("6", plan, JUNE)])
