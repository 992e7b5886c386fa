"""The days on which a loan falls due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain, count, islice

from cif_engine.dates import Calendar, HolidayRule, add_months
from cif_engine.errors import DueBeforeStartError
from cif_engine.loans.terms import BulletPayment, EqualInstalments, LoanTerms, SeasonalInstalments


def due_dates(terms: LoanTerms, starts_on: date, calendar: Calendar) -> tuple[date, ...]:
    """Return the due dates in order, all after the start, moved off holidays as the terms say.

    Raises DueBeforeStartError when a day that was agreed is not after the start.
    """
    planned = planned_dates(terms, starts_on)
    if terms.holiday_rule is HolidayRule.NONE:
        return planned
    return tuple([_working_day(day, terms.holiday_rule, starts_on, calendar) for day in planned])


def planned_dates(terms: LoanTerms, starts_on: date) -> tuple[date, ...]:
    """Return the due dates as agreed, before any is moved off a holiday. Raises DueBeforeStartError."""
    plan = terms.repayment
    if isinstance(plan, EqualInstalments):
        return _stepped_dates(plan, starts_on)
    if isinstance(plan, BulletPayment):
        return (_bullet_date(plan, starts_on),)
    if isinstance(plan, SeasonalInstalments):
        return tuple(islice(_season_dates(plan, starts_on), plan.count))
    _check_after_start(plan.payments[0].due_on, starts_on, "/repayment/payments/0/due_on")
    return tuple([payment.due_on for payment in plan.payments])


def _stepped_dates(plan: EqualInstalments, starts_on: date) -> tuple[date, ...]:
    step, month_end = plan.frequency.step, plan.month_end
    if plan.first_due_on is None:
        return tuple([step(starts_on, number, month_end) for number in range(1, plan.count + 1)])
    _check_after_start(plan.first_due_on, starts_on, "/repayment/first_due_on")
    return tuple([step(plan.first_due_on, number, month_end) for number in range(plan.count)])


def _bullet_date(plan: BulletPayment, starts_on: date) -> date:
    if plan.due_on is None:
        return add_months(starts_on, plan.after_months or 0)
    _check_after_start(plan.due_on, starts_on, "/repayment/due_on")
    return plan.due_on


def _season_dates(plan: SeasonalInstalments, starts_on: date) -> Iterator[date]:
    """Yield the days of the harvest calendar after the start, without end."""
    years = count(starts_on.year)
    days = chain.from_iterable((day.in_year(year) for day in plan.month_days) for year in years)
    return (day for day in days if day > starts_on)


def _check_after_start(due_on: date, starts_on: date, pointer: str) -> None:
    if due_on <= starts_on:
        raise DueBeforeStartError(
            f"The payment due on {due_on} is not after the start of the loan on {starts_on}.", pointer=pointer
        )


def _working_day(day: date, rule: HolidayRule, starts_on: date, calendar: Calendar) -> date:
    """Return the working day for a due date; one that would go back to the start goes forward instead."""
    adjusted = calendar.adjust(day, rule)
    return adjusted if adjusted > starts_on else calendar.adjust(day, HolidayRule.NEXT_WORKING_DAY)
