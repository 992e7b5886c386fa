from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.dates import (
    EARLIEST_DAY,
    EVERY_DAY_WORKS,
    FORTNIGHTLY,
    LATEST_DAY,
    MONTHLY,
    QUARTERLY,
    WEEKLY,
    Calendar,
    FiscalQuarter,
    FiscalYear,
    Frequency,
    HolidayRule,
    MonthDay,
    MonthEnd,
    Weekday,
    add_months,
    is_month_end,
    month_end_of,
    parse_date,
)
from cif_engine.errors import (
    CalendarWithoutWorkError,
    DateOutOfRangeError,
    DateUnreadableError,
    FrequencyUnreadableError,
)

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
frequencies = st.builds(Frequency, days=st.integers(1, 366)) | st.builds(Frequency, months=st.integers(1, 60))
calendars = st.builds(
    Calendar,
    holidays=st.frozensets(st.dates(date(2021, 1, 1), date(2021, 3, 1)), max_size=60),
    rest_days=st.frozensets(st.integers(0, 6), max_size=6),
)
days_among_holidays = st.dates(date(2020, 12, 25), date(2021, 3, 10))

# Reading -------------------------------------------------------------------------------------------------------


@given(st.dates(EARLIEST_DAY, LATEST_DAY))
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(day) == day


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-29",
        "2021-13-01",
        "20210101",
        "2021-W01-1",
        "2021-1-1",
        "2021-01-01 ",
        "2021-01-01T00:00:00Z",
        "01-01-2021",
        "٢٠٢١-٠١-٠١",
        "",
        20210101,
        1.5,
        True,
        None,
        datetime(2021, 1, 1, tzinfo=UTC),
    ],
)
def test_what_is_not_a_day_of_the_calendar_is_refused(text: object) -> None:
    with pytest.raises(DateUnreadableError, match=r"^A date is a day of the calendar, written as YYYY-MM-DD\.$"):
        parse_date(text)


@pytest.mark.parametrize("day", [EARLIEST_DAY, LATEST_DAY])
def test_the_first_and_the_last_day_of_all_are_read(day: date) -> None:
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize("text", ["1899-12-31", "2200-01-01", "0001-01-01", "9999-12-31", date(2200, 1, 1)])
def test_a_day_far_from_any_loan_is_refused(text: object) -> None:
    with pytest.raises(DateOutOfRangeError, match=f"^The date {text} is not between 1900-01-01 and 2199-12-31.$"):
        parse_date(text)


# Steps ---------------------------------------------------------------------------------------------------------


@given(days, st.integers(-600, 600))
def test_month_steps_agree_with_dateutil(anchor: date, months: int) -> None:
    assert add_months(anchor, months) == anchor + relativedelta(months=months)


@given(days, st.integers(-600, 600))
def test_a_start_on_a_month_end_can_stay_on_month_ends(anchor: date, months: int) -> None:
    stepped = add_months(anchor, months, MonthEnd.LAST_DAY)
    if is_month_end(anchor):
        assert is_month_end(stepped)
    else:
        assert stepped == add_months(anchor, months)


@given(days, st.integers(0, 600))
def test_a_day_the_month_lacks_can_become_the_next_day(anchor: date, months: int) -> None:
    clamped = add_months(anchor, months)
    rolled = add_months(anchor, months, MonthEnd.NEXT_MONTH)
    assert rolled == clamped if clamped.day == anchor.day else rolled == clamped + timedelta(days=1)


@given(days, frequencies, st.integers(0, 100), st.sampled_from(MonthEnd))
def test_steps_go_forward(anchor: date, frequency: Frequency, count: int, month_end: MonthEnd) -> None:
    assert frequency.step(anchor, count, month_end) < frequency.step(anchor, count + 1, month_end)


@pytest.mark.parametrize(
    ("text", "frequency"),
    [
        ("weekly", WEEKLY),
        ("fortnightly", FORTNIGHTLY),
        ("monthly", MONTHLY),
        ("quarterly", QUARTERLY),
        ("10 days", Frequency(days=10)),
        ("2 months", Frequency(months=2)),
        ("366 days", Frequency(days=366)),
        ("60 months", Frequency(months=60)),
    ],
)
def test_a_frequency_has_one_spelling(text: str, frequency: Frequency) -> None:
    assert Frequency.parse(text) == frequency
    assert str(frequency) == text


@pytest.mark.parametrize(("text", "spelling"), [("7 days", "weekly"), ("1 month", "monthly"), ("1 day", "1 days")])
def test_equal_frequencies_are_spelled_alike(text: str, spelling: str) -> None:
    assert str(Frequency.parse(text)) == spelling


@given(frequencies)
def test_a_frequency_reads_back(frequency: Frequency) -> None:
    assert Frequency.parse(str(frequency)) == frequency


@pytest.mark.parametrize("text", ["daily", "Monthly", "0 days", "-1 days", "367 days", "61 months", "2 years", "", 7])
def test_an_unknown_frequency_is_refused(text: object) -> None:
    with pytest.raises(FrequencyUnreadableError, match="weekly, fortnightly, monthly, quarterly"):
        Frequency.parse(text)


@pytest.mark.parametrize("text", ["04-30", "02-29", "12-31", "01-01"])
def test_a_day_of_every_year_reads_back(text: str) -> None:
    assert str(MonthDay.parse(text)) == text


@pytest.mark.parametrize("text", ["04-31", "02-30", "13-01", "4-30", "30 April", "", 430, MonthDay(4, 30), None])
def test_what_is_no_day_of_every_year_is_refused(text: object) -> None:
    with pytest.raises(DateUnreadableError, match=r"^A day of every year is written as MM-DD\.$"):
        MonthDay.parse(text)


def test_the_29_february_is_the_28th_in_a_common_year() -> None:
    leap_day = MonthDay(2, 29)
    assert [leap_day.in_year(year) for year in (2023, 2024)] == [date(2023, 2, 28), date(2024, 2, 29)]


# Holidays ------------------------------------------------------------------------------------------------------


@given(calendars, days_among_holidays, st.sampled_from(HolidayRule))
def test_a_due_date_moves_only_off_a_holiday_and_only_to_a_working_day(
    calendar: Calendar, day: date, rule: HolidayRule
) -> None:
    adjusted = calendar.adjust(day, rule)
    if rule is HolidayRule.NONE or calendar.is_working_day(day):
        assert adjusted == day
    else:
        assert calendar.is_working_day(adjusted)


@given(calendars, days_among_holidays)
def test_the_nearest_working_day_is_taken(calendar: Calendar, day: date) -> None:
    after = calendar.adjust(day, HolidayRule.NEXT_WORKING_DAY)
    before = calendar.adjust(day, HolidayRule.PREVIOUS_WORKING_DAY)
    assert before <= day <= after
    passed_over = (before + timedelta(days=n) for n in range(1, (after - before).days))
    assert not any(calendar.is_working_day(skipped) for skipped in passed_over)


@given(calendars, days_among_holidays)
def test_the_same_month_rule_goes_back_only_at_the_end_of_the_month(calendar: Calendar, day: date) -> None:
    after = calendar.adjust(day, HolidayRule.NEXT_WORKING_DAY)
    adjusted = calendar.adjust(day, HolidayRule.NEXT_WORKING_DAY_SAME_MONTH)
    if after.month == day.month:
        assert adjusted == after
    else:
        assert adjusted == calendar.adjust(day, HolidayRule.PREVIOUS_WORKING_DAY)


@given(calendars, days_among_holidays, days_among_holidays, st.sampled_from(HolidayRule))
def test_moving_due_dates_keeps_their_order(calendar: Calendar, one: date, other: date, rule: HolidayRule) -> None:
    earlier, later = sorted((one, other))
    assert calendar.adjust(earlier, rule) <= calendar.adjust(later, rule)


@pytest.mark.parametrize("rest_days", [range(7), [7], [-1]])
def test_a_calendar_leaves_a_day_to_work(rest_days: list[int]) -> None:
    with pytest.raises(CalendarWithoutWorkError, match=r"^Rest days are some, not all, of the days 0 \(Monday\) to 6"):
        Calendar(rest_days=frozenset(rest_days))


def test_rest_days_are_named_as_days_of_the_week() -> None:
    calendar = Calendar.of_week(frozenset((date(2026, 1, 14),)), (Weekday.FRIDAY, Weekday.SUNDAY))
    assert calendar == Calendar(frozenset((date(2026, 1, 14),)), frozenset((4, 6)))


def test_days_of_rest_are_named_or_numbered_from_monday() -> None:
    holidays = frozenset({date(2024, 8, 14)})
    named = Calendar.of_week(holidays, (Weekday.SUNDAY, Weekday.FRIDAY, Weekday.MONDAY))
    assert named == Calendar(holidays, frozenset({0, 4, 6}))
    assert Calendar.of_week(holidays, ()) == Calendar(holidays)


@given(days)
def test_without_holidays_every_day_works(day: date) -> None:
    assert EVERY_DAY_WORKS.is_working_day(day)


# Months and fiscal years ---------------------------------------------------------------------------------------


@given(days)
def test_every_day_lies_in_its_fiscal_year_and_quarter(day: date) -> None:
    year, quarter = FiscalYear.of(day), FiscalQuarter.of(day)
    assert year.first_day <= day <= year.last_day
    assert quarter.first_day <= day <= quarter.last_day
    assert quarter in year.quarters


@given(days)
def test_the_quarters_of_a_year_follow_each_other_and_fill_it(day: date) -> None:
    year = FiscalYear.of(day)
    first, *_, last = year.quarters
    assert (first.first_day, last.last_day) == (year.first_day, year.last_day)
    for quarter, following in zip(year.quarters, year.quarters[1:], strict=False):
        assert following.first_day - quarter.last_day == timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2021, 6, 30), "2020-21 Q4"),
        (date(2021, 7, 1), "2021-22 Q1"),
        (date(2021, 9, 30), "2021-22 Q1"),
        (date(2021, 10, 1), "2021-22 Q2"),
        (date(2022, 1, 1), "2021-22 Q3"),
        (date(1999, 12, 31), "1999-00 Q2"),
    ],
)
def test_quarters_end_in_september_december_march_and_june(day: date, name: str) -> None:
    assert str(FiscalQuarter.of(day)) == name
    assert str(FiscalYear.of(day)) == name[:-3]


def test_a_month_end_is_the_last_day_of_its_own_month() -> None:
    assert month_end_of(date(2024, 2, 1)) == month_end_of(date(2024, 2, 29)) == date(2024, 2, 29)
