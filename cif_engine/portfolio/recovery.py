"""What has fallen due to date, and what was collected of it: the cumulative recovery rate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from cif_engine.loans.life import LoanLife
from cif_engine.portfolio.par import Rate


class Recovered(NamedTuple):
    """Principal that has fallen due to date, and principal paid up to that; of every loan ever handed out."""

    fallen_due_minor: int
    collected_minor: int


NOTHING_DUE: Final = Recovered(0, 0)


def recovered_of(life: LoanLife, day: date) -> Recovered:
    """Return what of a loan has fallen due by the end of a day, and what was paid of that.

    Fallen due is the most that any schedule said while it was in force: what a reschedule puts off had fallen due. The
    schedule of a loan written off goes on, because the money is still owed. 6,000 fallen due and 7,500 paid are 6,000
    collected on dues; the rest was paid ahead of its day.
    """
    standing = life.standing_on(day)
    if standing is None or not standing.was_disbursed:
        return NOTHING_DUE
    schedule = life.schedules[standing.schedule_no - 1]
    due = sum(row.principal_minor for row in schedule if row.due_on <= day)
    fallen_due = max(due, standing.due_before_minor)
    return Recovered(fallen_due, min(standing.principal_paid_minor, fallen_due))


def add_up_recovered(parts: Iterable[Recovered]) -> Recovered:
    """Return those of several loans, or of several portfolios, as one."""
    held = list(parts)
    return Recovered(sum(part.fallen_due_minor for part in held), sum(part.collected_minor for part in held))


def recovery_rate(recovered: Recovered) -> Rate:
    """Return what was collected on dues, of what has fallen due. It is never recovered / disbursed."""
    return Rate("recovery_rate", recovered.collected_minor, recovered.fallen_due_minor)
