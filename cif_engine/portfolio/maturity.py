"""The maturity calendar: the gross portfolio by when it falls due, as the schedules in force say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from cif_engine.loans.life import LoanLife
from cif_engine.loans.standing import Status

Month = date | None
"""The first day of a calendar month; None is what is overdue already."""


def maturing(life: LoanLife, day: date) -> dict[Month, int]:
    """Return what is unpaid of a loan's schedule at the end of a day, by the month in which it falls due.

    Of an instalment of 1,000 that takes the principal due to date to 3,000, 400 are unpaid where 2,600 are paid. One
    due on the day itself is in the month of the day; one due before it is overdue.
    """
    standing = life.standing_on(day)
    found: defaultdict[Month, int] = defaultdict(int)
    if standing is None or standing.status is not Status.OPEN:
        return found
    due = 0
    for row in life.schedules[standing.schedule_no - 1]:
        due += row.principal_minor
        unpaid = min(row.principal_minor, due - standing.principal_paid_minor)
        if unpaid > 0:
            found[None if row.due_on < day else row.due_on.replace(day=1)] += unpaid
    return found


def add_up_maturing(parts: Iterable[Mapping[Month, int]]) -> dict[Month, int]:
    """Return the calendars of several loans, or of several portfolios, as one: what is overdue, then by month."""
    found: defaultdict[Month, int] = defaultdict(int)
    for part in parts:
        for month, amount in part.items():
            found[month] += amount
    return {month: found[month] for month in sorted(found, key=lambda month: month or date.min)}
