"""What a borrower is asked for on a day, instalment by instalment; amounts in rupees."""

from datetime import date

import pytest

from cif_engine.loans.schedule import Instalment
from cif_engine.portfolio.visiting import NOTHING, Due, to_pay

FIRST, SECOND, THIRD = (date(2024, month, 1) for month in (2, 3, 4))
SCHEDULE = tuple(Instalment(number, on, 1_000, 100) for number, on in enumerate((FIRST, SECOND, THIRD), 1))


@pytest.mark.parametrize(
    ("paid", "charge_left", "day", "overdue", "following"),
    [
        (0, 300, FIRST, NOTHING, Due(FIRST, 1_000, 100)),
        (0, 300, date(2024, 2, 2), Due(FIRST, 1_000, 100), Due(SECOND, 1_000, 100)),
        (400, 300, date(2024, 3, 10), Due(FIRST, 1_600, 200), Due(THIRD, 1_000, 100)),
        (1_000, 300, date(2024, 2, 2), Due(FIRST, 0, 100), Due(SECOND, 1_000, 100)),
        (1_000, 200, date(2024, 2, 2), NOTHING, Due(SECOND, 1_000, 100)),
        (1_700, 50, date(2024, 3, 2), Due(SECOND, 300, 0), Due(THIRD, 1_000, 50)),
        (2_500, 0, date(2024, 3, 2), NOTHING, Due(THIRD, 500, 0)),
        (2_500, 0, date(2024, 5, 1), Due(THIRD, 500, 0), NOTHING),
    ],
    ids=[
        "due today is not late",
        "the day after it is",
        "what was paid fills the first",
        "charge alone may be late",
        "charge that was met is not",
        "principal and charge fill on their own",
        "paid ahead",
        "past the last",
    ],
)
def test_what_is_overdue_and_what_comes_next(
    paid: int, charge_left: int, day: date, overdue: Due, following: Due
) -> None:
    found = to_pay(SCHEDULE, paid, charge_left, day)
    assert (found.overdue, found.next_due) == (overdue, following)


def test_what_falls_due_by_a_day_leaves_out_what_is_late_and_what_comes_after() -> None:
    found = to_pay(SCHEDULE, 0, 300, SECOND)
    assert [due.due_on for due in found.due_by(date(2024, 3, 31))] == [SECOND]
    assert [due.due_on for due in found.due_by(THIRD)] == [SECOND, THIRD]
    assert found.overdue.amount_minor == 1_100
