"""How much of a year lies between two days, as whole parts of a year."""

from __future__ import annotations

from calendar import isleap
from datetime import date
from enum import StrEnum
from typing import Final

from cif_engine.dates import MONTHS_IN_YEAR, is_month_end

WEEKS_IN_YEAR: Final = 52
DAYS_IN_YEAR: Final = 365
DAYS_IN_LEAP_YEAR: Final = 366
DAYS_IN_BANK_MONTH: Final = 30
DAYS_IN_BANK_YEAR: Final = 360


class DayCount(StrEnum):
    """A convention for the share of a year between two days.

    ACTUAL_365 counts every day as 1/365. ACTUAL_ACTUAL counts the days of a leap year as 1/366, the others as 1/365.
    THIRTY_360 counts months of 30 days, the last day of any month being its 30th.
    """

    ACTUAL_365 = "actual_365"
    ACTUAL_ACTUAL = "actual_actual"
    THIRTY_360 = "30_360"

    @property
    def parts_in_year(self) -> int:
        """Return into how many parts this convention divides a year."""
        return _PARTS_IN_YEAR[self]

    def parts_between(self, start: date, end: date) -> int:
        """Return the parts of a year from `start` to `end`: the first day counts, the last does not."""
        if self is DayCount.THIRTY_360:
            return _bank_day(end) - _bank_day(start)
        days = (end - start).days
        if self is DayCount.ACTUAL_365:
            return days
        leap_days = _days_in_leap_years(start, end)
        return leap_days * DAYS_IN_YEAR + (days - leap_days) * DAYS_IN_LEAP_YEAR


_PARTS_IN_YEAR: Final = {
    DayCount.ACTUAL_365: DAYS_IN_YEAR,
    # A day is then a whole number of parts in either kind of year.
    DayCount.ACTUAL_ACTUAL: DAYS_IN_YEAR * DAYS_IN_LEAP_YEAR,
    DayCount.THIRTY_360: DAYS_IN_BANK_YEAR,
}


def _bank_day(day: date) -> int:
    """Return the number of the day when every month has 30."""
    day_of_month = DAYS_IN_BANK_MONTH if is_month_end(day) else day.day
    return (day.year * MONTHS_IN_YEAR + day.month) * DAYS_IN_BANK_MONTH + day_of_month


def _days_in_leap_years(start: date, end: date) -> int:
    return sum(
        (min(end, date(year + 1, 1, 1)) - max(start, date(year, 1, 1))).days
        for year in range(start.year, end.year + 1)
        if isleap(year)
    )
