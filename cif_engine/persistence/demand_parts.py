"""What a period was for each loan, in two parts: how it stood at both ends, and what fell due of it in between.

Both are read from one list of the intervals that reach into the period (`lasted`), joined to nothing but the rows that
fell due: the planner of PostgreSQL takes a join by LSO, loan and schedule for a join of next to nothing, and loops.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from cif_engine.loans.standing import Status
from cif_engine.persistence.intervals import DAY_AFTER, EVE, FROM_ON, TO_ON, closes, intervals, opens
from cif_engine.persistence.standings import ScopeKind, instalments_known, within

CHANGES: Final = ("collected_minor", "disbursed_minor", "written_off_minor", "recovered_minor", "lost")
ENDS: Final = tuple(
    f"{end}_{what}" for end in ("opening", "closing") for what in ("paid_minor", "late_schedule_no", "all_due_minor")
)
FELL_DUE: Final = ("demand_minor", "first_minor", "on_time_minor", "on_time_first_minor")
PLACES: Final = ("schedule_no", "starts_minor", "first_starts_minor", "ends_minor")

_BOTH: Final = 2
_NEEDED: Final = (
    "valid_from",
    "until",
    "status",
    "schedule_no",
    "outstanding_minor",
    "principal_paid_minor",
    "written_off_minor",
    "recovered_minor",
    "oldest_due_on",
    "last_due_on",
    "due_before_minor",
)


def lasted_in_period(scope: ScopeKind, *, known_now: bool) -> sa.CTE:
    """Return where loans stood during the period, read once however often it is used; `opens`, `closes` are 1 or 0.

    Left out are loans that were not handed out, and those that were over before the period with all that falls due.
    """
    rows = intervals(scope, known_now=known_now)
    at = (sa.case((end, 1), else_=0).label(name) for name, end in (("opens", opens(rows)), ("closes", closes(rows))))
    stayed_over = sa.and_(rows.c.status != Status.OPEN.value, rows.c.valid_from <= EVE, rows.c.until > TO_ON)
    matters = sa.or_(~stayed_over, rows.c.last_due_on > EVE)
    lasted = sa.select(rows.c.lso_id, rows.c.loan_id, *(rows.c[name] for name in _NEEDED), *at)
    return lasted.where(rows.c.schedule_no > 0, matters).cte("in_period").prefix_with("MATERIALIZED")


def stood(lasted: sa.CTE) -> sa.Select[Any]:
    """Return a row for each loan that had a part in the period: `CHANGES` from its opening to its close, and `ENDS`.

    Of each end: the principal paid by then; the schedule in force, where anything was overdue, else null; and all that
    was handed out, where all of it had fallen due, else null.
    """
    paid = lasted.c.principal_paid_minor
    handed_out = lasted.c.outstanding_minor + paid + lasted.c.written_off_minor
    is_lost = sa.case((lasted.c.status == Status.WRITTEN_OFF.value, 1), else_=0)
    amounts = (paid, handed_out, lasted.c.written_off_minor, lasted.c.recovered_minor, is_lost)
    changes = (sa.func.sum((lasted.c.closes - lasted.c.opens) * amount) for amount in amounts)

    def at(end: sa.ColumnElement[int], after: sa.BindParameter[Any]) -> tuple[sa.ColumnElement[Any], ...]:
        is_late = sa.and_(end == 1, lasted.c.oldest_due_on < after)
        is_over = sa.and_(is_late, lasted.c.last_due_on < after)
        found = (sa.case((end == 1, paid)), sa.case((is_late, lasted.c.schedule_no)), sa.case((is_over, handed_out)))
        return tuple(map(sa.func.max, found))

    ends = (*at(lasted.c.opens, FROM_ON), *at(lasted.c.closes, DAY_AFTER))
    # What was over before the period and stayed so has no part in it.
    unchanged = sa.and_(lasted.c.opens + lasted.c.closes == _BOTH, lasted.c.status != Status.OPEN.value)
    return (
        sa.select(
            lasted.c.lso_id,
            lasted.c.loan_id,
            *(value.label(name) for name, value in zip((*CHANGES, *ENDS), (*changes, *ends), strict=True)),
        )
        .where(lasted.c.opens + lasted.c.closes > 0, ~unchanged)
        .group_by(lasted.c.lso_id, lasted.c.loan_id)
    )


def fell_due(lasted: sa.CTE, scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    """Return what fell due of each loan by each of its schedules, while that was in force at the end of the due day.

    What falls due by one schedule is one part of the loan's principal, from `starts_minor` to `ends_minor`: its rows
    are due one after the other, and it is in force on days that follow each other. `opening_paid_minor` is there where
    the schedule was not paid on since before the period.
    """
    rows = instalments_known(known_now=known_now)
    in_period = (within(scope, rows.c.lso_id), rows.c.due_on >= FROM_ON, rows.c.due_on <= TO_ON)
    due = sa.select(rows).where(*in_period, rows.c.principal_minor > 0).cte("fell_due").prefix_with("MATERIALIZED")
    in_force = sa.and_(
        lasted.c.lso_id == due.c.lso_id,
        lasted.c.loan_id == due.c.loan_id,
        lasted.c.schedule_no == due.c.schedule_no,
        lasted.c.valid_from <= due.c.due_on,
        lasted.c.until > due.c.due_on,
        lasted.c.status != Status.WRITTEN_OFF.value,
    )
    ends, paid = due.c.principal_due_to_date_minor, lasted.c.principal_paid_minor
    starts = ends - due.c.principal_minor
    # What had fallen due before this schedule falls due again, not for the first time.
    first_starts = more_of(starts, less_of(lasted.c.due_before_minor, ends))
    sums = (due.c.principal_minor, ends - first_starts, part(starts, ends, paid), part(first_starts, ends, paid))
    all_starts, all_ends = sa.func.min(starts), sa.func.max(ends)
    places = (
        due.c.schedule_no,
        all_starts,
        more_of(all_starts, less_of(sa.func.max(lasted.c.due_before_minor), all_ends)),
        all_ends,
    )
    return (
        sa.select(
            due.c.lso_id,
            due.c.loan_id,
            *(sa.func.sum(value).label(name) for name, value in zip(FELL_DUE, sums, strict=True)),
            *(value.label(name) for name, value in zip(PLACES, places, strict=True)),
            sa.func.max(sa.case((lasted.c.opens == 1, paid))).label("opening_paid_minor"),
        )
        .select_from(due.join(lasted, in_force))
        .group_by(due.c.lso_id, due.c.loan_id, due.c.schedule_no)
    )


def part(
    starts: sa.ColumnElement[int], ends: sa.ColumnElement[int], paid: sa.ColumnElement[int]
) -> sa.ColumnElement[int]:
    """Return how much lies between two places of a loan's principal of what was paid of it."""
    return sa.case((paid <= starts, 0), (paid >= ends, ends - starts), else_=paid - starts)


def less_of(one: sa.ColumnElement[int], other: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.case((one < other, one), else_=other)


def more_of(one: sa.ColumnElement[int], other: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.case((one > other, one), else_=other)
