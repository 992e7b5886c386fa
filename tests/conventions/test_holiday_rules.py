from datetime import date

import pytest

from cif_engine.dates import Calendar, HolidayRule

SUNDAY = 6
CALENDAR = Calendar(
    holidays=frozenset(
        {
            date(2021, 5, 13),  # Eid ul-Fitr, Thursday to Saturday
            date(2021, 5, 14),
            date(2021, 5, 15),
            date(2021, 2, 5),  # Kashmir Day, a Friday
            date(2021, 7, 31),  # an announced Saturday at the end of the month
        }
    ),
    rest_days=frozenset({SUNDAY}),
)


@pytest.mark.parametrize(
    ("day", "following", "previous", "same_month"),
    [
        pytest.param("2021-05-12", "2021-05-12", "2021-05-12", "2021-05-12", id="working-day"),
        pytest.param("2021-05-13", "2021-05-17", "2021-05-12", "2021-05-17", id="first-day-of-eid"),
        pytest.param("2021-05-16", "2021-05-17", "2021-05-12", "2021-05-17", id="sunday-after-eid"),
        pytest.param("2021-02-05", "2021-02-06", "2021-02-04", "2021-02-06", id="single-holiday"),
        pytest.param("2021-02-28", "2021-03-01", "2021-02-27", "2021-02-27", id="sunday-at-month-end"),
        pytest.param("2021-07-31", "2021-08-02", "2021-07-30", "2021-07-30", id="holiday-at-month-end"),
        pytest.param("2021-08-01", "2021-08-02", "2021-07-30", "2021-08-02", id="sunday-at-month-start"),
    ],
)
def test_holiday_rules(day: str, following: str, previous: str, same_month: str) -> None:
    moved = {rule: CALENDAR.adjust(date.fromisoformat(day), rule).isoformat() for rule in HolidayRule}
    assert moved == {
        HolidayRule.NONE: day,
        HolidayRule.NEXT_WORKING_DAY: following,
        HolidayRule.PREVIOUS_WORKING_DAY: previous,
        HolidayRule.NEXT_WORKING_DAY_SAME_MONTH: same_month,
    }
