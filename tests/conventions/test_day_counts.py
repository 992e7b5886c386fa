from datetime import date

import pytest

from cif_engine.loans.day_counts import DayCount

ACT_365, ACT_ACT, BANK = DayCount.ACTUAL_365, DayCount.ACTUAL_ACTUAL, DayCount.THIRTY_360


@pytest.mark.parametrize(
    ("start", "end", "actual_days", "bank_days"),
    [
        pytest.param("2023-01-15", "2023-02-15", 31, 30, id="mid-month"),
        pytest.param("2023-01-31", "2023-02-28", 28, 30, id="month-end-to-february"),
        pytest.param("2023-02-28", "2023-03-31", 31, 30, id="february-to-month-end"),
        pytest.param("2024-02-28", "2024-03-01", 2, 3, id="over-a-leap-day"),
        pytest.param("2023-04-30", "2023-05-31", 31, 30, id="30-to-31"),
        pytest.param("2023-12-20", "2024-01-10", 21, 20, id="over-new-year"),
        pytest.param("2023-06-01", "2023-06-01", 0, 0, id="no-time"),
    ],
)
def test_days_of_day_counts(start: str, end: str, actual_days: int, bank_days: int) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert ACT_365.parts_between(first, last) == actual_days
    assert BANK.parts_between(first, last) == bank_days


@pytest.mark.parametrize(
    ("start", "end", "common_days", "leap_days"),
    [
        pytest.param("2023-01-01", "2023-12-31", 364, 0, id="common-year"),
        pytest.param("2024-01-01", "2024-12-31", 0, 365, id="leap-year"),
        pytest.param("2023-12-20", "2024-01-10", 12, 9, id="into-a-leap-year"),
        pytest.param("2024-12-20", "2025-01-10", 9, 12, id="out-of-a-leap-year"),
        pytest.param("2023-07-01", "2025-07-01", 184 + 181, 366, id="around-a-leap-year"),
    ],
)
def test_actual_actual_weighs_each_day_by_its_own_year(start: str, end: str, common_days: int, leap_days: int) -> None:
    parts = ACT_ACT.parts_between(date.fromisoformat(start), date.fromisoformat(end))
    assert parts == common_days * 366 + leap_days * 365


@pytest.mark.parametrize("day_count", [ACT_ACT, BANK])
@pytest.mark.parametrize("year", [2023, 2024])
def test_a_whole_year_is_a_whole_year(day_count: DayCount, year: int) -> None:
    assert day_count.parts_between(date(year, 1, 1), date(year + 1, 1, 1)) == day_count.parts_in_year


def test_actual_365_gives_a_leap_year_one_day_more_than_a_year() -> None:
    assert ACT_365.parts_between(date(2024, 1, 1), date(2025, 1, 1)) == ACT_365.parts_in_year + 1
