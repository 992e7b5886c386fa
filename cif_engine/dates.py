"""Business days: reading dates, steps of a repayment calendar, holidays, the fiscal year.

The fiscal year runs from 1 July to 30 June; its quarters end in September, December, March and June.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Self

from dateutil.relativedelta import relativedelta

from cif_engine.errors import (
    CalendarWithoutWorkError,
    DateOutOfRangeError,
    DateUnreadableError,
    FrequencyUnreadableError,
)

EARLIEST_DAY: Final = date(1900, 1, 1)
LATEST_DAY: Final = date(2199, 12, 31)
"""Far beyond any loan, and far enough from the end of `date` that no schedule can overflow it."""

MONTHS_IN_YEAR: Final = 12
DAYS_IN_WEEK: Final = 7
_FIRST_FISCAL_MONTH: Final = 7
_MONTHS_IN_QUARTER: Final = 3
_DAYS_IN_EVERY_MONTH: Final = 28

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STEP = re.compile(r"([1-9][0-9]{0,2}) (day|month)s?")


def parse_date(text: object) -> date:
    """Return the day written as `"2021-10-31"`; a `date` is taken as it is, an instant is not a date.

    Raises DateUnreadableError and DateOutOfRangeError (before EARLIEST_DAY or after LATEST_DAY).
    """
    day = text if type(text) is date else _read_day(text)
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise DateOutOfRangeError(f"The date {day} is not between {EARLIEST_DAY} and {LATEST_DAY}.")
    return day


def _read_day(text: object) -> date:
    if type(text) is str and _ISO_DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise DateUnreadableError("A date is a day of the calendar, written as YYYY-MM-DD.")


# Steps of a repayment calendar ---------------------------------------------------------------------------------


class MonthEnd(StrEnum):
    """What month steps do with a start near the end of its month.

    ANCHOR_DAY keeps the day of the start where the month has it: 31 Jan, 28 Feb, 31 Mar; 28 Feb, 28 Mar.
    LAST_DAY keeps a start on the last day of a month on the last day: 28 Feb, 31 Mar.
    NEXT_MONTH goes on to the next day where the month lacks the day of the start: 31 Jan, 1 Mar, 31 Mar, 1 May.
    """

    ANCHOR_DAY = "anchor_day"
    LAST_DAY = "last_day"
    NEXT_MONTH = "next_month"


def add_months(anchor: date, months: int, month_end: MonthEnd = MonthEnd.ANCHOR_DAY) -> date:
    """Return the day `months` after (or before) the anchor; the rule says what a day the month lacks becomes.

    Steps are counted from the anchor, never from the step before: 31 Jan + 1 is 28 Feb, + 2 is 31 Mar.
    """
    year, month = divmod(anchor.year * MONTHS_IN_YEAR + anchor.month - 1 + months, MONTHS_IN_YEAR)
    day = anchor.day
    if day <= _DAYS_IN_EVERY_MONTH and month_end is not MonthEnd.LAST_DAY:
        return date(year, month + 1, day)
    stepped = anchor + relativedelta(months=months)
    if month_end is MonthEnd.LAST_DAY and is_month_end(anchor):
        return month_end_of(stepped)
    if month_end is MonthEnd.NEXT_MONTH and stepped.day < day:
        return stepped + timedelta(days=1)
    return stepped


def is_month_end(day: date) -> bool:
    """Say whether it is the last day of its month."""
    return (day + timedelta(days=1)).day == 1


def averaged_days(from_on: date, to_on: date) -> tuple[date, ...]:
    """Return the days whose mean is the average of a period: the day before it, the month-ends in it, its last day.

    For 1 January to 15 March: 31 December, 31 January, 29 February, 15 March (in a leap year).
    """
    days = [from_on - timedelta(days=1)]
    end = month_end_of(from_on)
    while end <= to_on:
        days.append(end)
        end = month_end_of(add_months(end, 1))
    return tuple(days) if is_month_end(to_on) else (*days, to_on)


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often something falls due: every so many days, or every so many months."""

    days: int = 0
    months: int = 0

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return the frequency of its name (`"monthly"`) or its step (`"10 days"`, `"2 months"`).

        Raises FrequencyUnreadableError, also for a step over 366 days or 60 months.
        """
        if type(text) is str:
            if text in _NAMED:
                return cls(_NAMED[text].days, _NAMED[text].months)
            found = _STEP.fullmatch(text)
            if found and int(found[1]) <= _LONGEST_STEP[found[2]]:
                count = int(found[1])
                return cls(days=count) if found[2] == "day" else cls(months=count)
        raise FrequencyUnreadableError(
            f"A frequency is {', '.join(_NAMED)}, or a step such as '10 days' or '2 months'."
        )

    def step(self, anchor: date, count: int, month_end: MonthEnd = MonthEnd.ANCHOR_DAY) -> date:
        """Return the day `count` steps after the anchor."""
        if self.months:
            return add_months(anchor, self.months * count, month_end)
        return anchor + timedelta(days=self.days * count)

    def __str__(self) -> str:
        """Return the one spelling that `parse` reads back: 7 days are `weekly`."""
        named = next((name for name, frequency in _NAMED.items() if frequency == self), None)
        return named or (f"{self.months} months" if self.months else f"{self.days} days")


WEEKLY: Final = Frequency(days=7)
FORTNIGHTLY: Final = Frequency(days=14)
MONTHLY: Final = Frequency(months=1)
QUARTERLY: Final = Frequency(months=3)

_NAMED: Final = {"weekly": WEEKLY, "fortnightly": FORTNIGHTLY, "monthly": MONTHLY, "quarterly": QUARTERLY}
_LONGEST_STEP: Final = {"day": 366, "month": 60}


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day of every year, such as the 30 April of the wheat harvest."""

    month: int
    day: int

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return the day written as `"04-30"`. Raises DateUnreadableError."""
        try:
            leap_day = _read_day(f"2000-{text}" if type(text) is str else None)
        except DateUnreadableError as unreadable:
            raise DateUnreadableError("A day of every year is written as MM-DD.") from unreadable
        return cls(leap_day.month, leap_day.day)

    def in_year(self, year: int) -> date:
        """Return this day in that year; 29 February is the 28th in a common year."""
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))

    def __str__(self) -> str:
        """Return it as MM-DD."""
        return f"{self.month:02d}-{self.day:02d}"


# Holidays ------------------------------------------------------------------------------------------------------


class HolidayRule(StrEnum):
    """Where a due date goes that falls on a holiday or a rest day."""

    NONE = "none"
    NEXT_WORKING_DAY = "next_working_day"
    PREVIOUS_WORKING_DAY = "previous_working_day"
    NEXT_WORKING_DAY_SAME_MONTH = "next_working_day_same_month"


class Weekday(StrEnum):
    """A day of the week, in the order of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which nobody collects: announced holidays, and rest days of the week (Monday 0 to Sunday 6).

    Raises CalendarWithoutWorkError when no day of the week is left to work.
    """

    holidays: frozenset[date] = frozenset()
    rest_days: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a calendar on which no due date could ever be moved to a working day."""
        if not self.rest_days < frozenset(range(DAYS_IN_WEEK)):
            raise CalendarWithoutWorkError("Rest days are some, not all, of the days 0 (Monday) to 6 (Sunday).")

    @classmethod
    def of_week(cls, holidays: frozenset[date], rest_days: Iterable[Weekday]) -> Self:
        """Return the calendar of these holidays and of the days of the week on which nobody collects."""
        week = list(Weekday)
        return cls(holidays, frozenset(map(week.index, rest_days)))

    def is_working_day(self, day: date) -> bool:
        """Say whether money is collected on that day."""
        return day not in self.holidays and day.weekday() not in self.rest_days

    def adjust(self, day: date, rule: HolidayRule) -> date:
        """Return the day itself if it is a working day, else the working day the rule names.

        NEXT_WORKING_DAY_SAME_MONTH goes back instead where the next working day is in another month.
        """
        if rule is HolidayRule.NONE or self.is_working_day(day):
            return day
        if rule is HolidayRule.PREVIOUS_WORKING_DAY:
            return self._nearest(day, timedelta(days=-1))
        following = self._nearest(day, timedelta(days=1))
        if rule is HolidayRule.NEXT_WORKING_DAY_SAME_MONTH and following.month != day.month:
            return self._nearest(day, timedelta(days=-1))
        return following

    def _nearest(self, day: date, direction: timedelta) -> date:
        while not self.is_working_day(day):
            day += direction
        return day


EVERY_DAY_WORKS: Final = Calendar()


# Months, quarters and fiscal years -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class FiscalYear:
    """The year from 1 July of `starts_in` to 30 June of the year after."""

    starts_in: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the fiscal year that the day lies in."""
        return cls(day.year if day.month >= _FIRST_FISCAL_MONTH else day.year - 1)

    @property
    def first_day(self) -> date:
        """Return 1 July."""
        return date(self.starts_in, _FIRST_FISCAL_MONTH, 1)

    @property
    def last_day(self) -> date:
        """Return 30 June of the year after."""
        return date(self.starts_in + 1, _FIRST_FISCAL_MONTH, 1) - timedelta(days=1)

    @property
    def quarters(self) -> tuple[FiscalQuarter, ...]:
        """Return its four quarters in order."""
        return tuple(FiscalQuarter(self, number) for number in (1, 2, 3, 4))

    def __str__(self) -> str:
        """Return the name that people use: 2020-21."""
        return f"{self.starts_in}-{(self.starts_in + 1) % 100:02d}"


@dataclass(frozen=True, slots=True, order=True)
class FiscalQuarter:
    """Quarter 1 (July to September) to 4 (April to June) of a fiscal year."""

    year: FiscalYear
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the fiscal quarter that the day lies in."""
        months_into_year = (day.month - _FIRST_FISCAL_MONTH) % MONTHS_IN_YEAR
        return cls(FiscalYear.of(day), months_into_year // _MONTHS_IN_QUARTER + 1)

    @property
    def first_day(self) -> date:
        """Return the first day of its first month."""
        return add_months(self.year.first_day, _MONTHS_IN_QUARTER * (self.number - 1))

    @property
    def last_day(self) -> date:
        """Return the last day of its third month."""
        return add_months(self.first_day, _MONTHS_IN_QUARTER) - timedelta(days=1)

    def __str__(self) -> str:
        """Return its name, such as 2020-21 Q3."""
        return f"{self.year} Q{self.number}"


def month_end_of(day: date) -> date:
    """Return the last day of the month."""
    return day + relativedelta(day=31)
