"""What falls due, what was collected of it, and what became of a month's loans, over random lives of loans."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.dates import month_end_of
from cif_engine.loans.life import live
from cif_engine.loans.standing import Status
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.maturity import add_up_maturing, maturing
from cif_engine.portfolio.recovery import NOTHING_DUE, add_up_recovered, recovered_of, recovery_rate
from cif_engine.portfolio.vintages import Cell, Lasting, add_up_cells, cells, cells_of, month_ends
from tests.laws.settings import some_histories
from tests.lives import Life, lives
from tests.portfolio.test_demand import days
from tests.unit.loans.stories import APRIL, AUGUST, JUNE, LENT, MAY, paid, replanned, written_off

ENDS = month_ends(date(2025, 12, 31), 40)


@some_histories(100)
@given(lives(), days)
def test_what_falls_due_of_a_loan_is_what_it_owes(history: Life, day: date) -> None:
    life = live(history.facts)
    standing, calendar = life.standing_on(day), maturing(life, day)
    owed = standing.outstanding_minor if standing and standing.status is Status.OPEN else 0
    assert sum(calendar.values()) == owed
    assert all(amount > 0 for amount in calendar.values())
    assert all(month is None or month >= day.replace(day=1) for month in calendar)
    assert list(add_up_maturing([calendar, calendar])) == sorted(calendar, key=lambda month: month or date.min)


@some_histories(100)
@given(lives(), days)
def test_what_was_collected_on_dues_is_no_more_than_fell_due_and_no_more_than_was_paid(
    history: Life, day: date
) -> None:
    life = live(history.facts)
    standing, recovered = life.standing_on(day), recovered_of(life, day)
    if standing is None:
        assert recovered == NOTHING_DUE
        return
    assert 0 <= recovered.collected_minor <= min(recovered.fallen_due_minor, standing.principal_paid_minor)
    assert recovered.fallen_due_minor <= standing.disbursed_minor


@some_histories(100)
@given(lives(), st.tuples(days, days).map(sorted))
def test_what_has_fallen_due_never_falls_and_stays_due_when_the_loan_is_lost(history: Life, ends: list[date]) -> None:
    life = live(history.facts)
    earlier, later = (recovered_of(life, day) for day in ends)
    assert earlier.fallen_due_minor <= later.fallen_due_minor
    assert earlier.collected_minor <= later.collected_minor


@some_histories(60)
@given(lives(), st.sampled_from([0, 30, 90]), st.sampled_from(Comparator))
def test_a_loan_is_in_its_month_for_ever_and_is_never_more_than_was_handed_out(
    history: Life, late_over: int, comparator: Comparator
) -> None:
    life = live(history.facts)
    found = cells_of(life, ENDS, late_over, comparator)
    assert len({cohort for cohort, _ in found}) <= 1
    assert sorted(after for _, after in found) == list(range(len(found)))
    for cell in found.values():
        assert 0 <= cell.late_minor + cell.written_off_minor <= cell.disbursed_minor
        assert 0 <= cell.renegotiated_minor <= cell.disbursed_minor
    assert add_up_cells([found, found]) == {
        place: Cell(*(2 * amount for amount in cell)) for place, cell in found.items()
    }


def test_standings_last_from_their_first_month_end_to_the_one_before_their_last() -> None:
    """A loan of 1,000 of the second month, late from the fourth on; 400 of it paid before the fifth."""
    lasting = [Lasting(1, 1, 4, 3, 1_000, 1_000, 0, 0), Lasting(1, 4, 6, 4, 1_000, 600, 600, 0)]
    assert cells(lasting) == {
        (1, 0): Cell(1_000, 0, 0, 0),
        (1, 1): Cell(1_000, 0, 0, 0),
        (1, 2): Cell(1_000, 1_000, 0, 0),
        (1, 3): Cell(1_000, 600, 600, 0),
        (1, 4): Cell(1_000, 600, 600, 0),
    }
    assert cells(lasting)[1, 2].late_rate.in_decimals() == "1.000000"


@pytest.mark.parametrize(
    ("as_of", "months", "expected"),
    [
        pytest.param(date(2024, 3, 15), 2, [date(2024, 1, 31), date(2024, 2, 29)], id="within a month"),
        pytest.param(date(2024, 3, 31), 2, [date(2024, 2, 29), date(2024, 3, 31)], id="on a month-end"),
        pytest.param(date(2024, 1, 1), 1, [date(2023, 12, 31)], id="on the first of a year"),
    ],
)
def test_months_that_are_over_end_by_the_day(as_of: date, months: int, expected: list[date]) -> None:
    assert list(month_ends(as_of, months)) == expected
    assert all(month_end_of(end) == end for end in month_ends(as_of, 30))


def test_what_a_reschedule_puts_off_had_fallen_due() -> None:
    """500 of 1,000 fell due on 1 May and were not paid. On 1 June, when the rest is due, all is put off to August."""
    life = live([*LENT, replanned("6", {"kind": "equal_instalments", "count": 2}, JUNE)])
    assert [recovered_of(life, day).fallen_due_minor for day in (APRIL, MAY, JUNE, AUGUST)] == [0, 500, 500, 1_000]


def test_what_is_lost_counts_as_fallen_due_when_its_day_comes() -> None:
    """Written off in May after 300 of principal; both instalments fall due all the same."""
    life = live([*LENT, paid("6", 350, MAY), written_off("7", MAY + timedelta(days=1))])
    recovered = recovered_of(life, AUGUST)
    assert (recovered.fallen_due_minor, recovered.collected_minor) == (1_000, 300)
    rate = recovery_rate(add_up_recovered([recovered, NOTHING_DUE]))
    assert rate.in_decimals() == "0.300000"
