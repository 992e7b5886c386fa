"""Counting the loans of a portfolio on many days in one statement, by row of a cut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from cif_engine.loans.standing import Status
from cif_engine.persistence.cutting import Asked, Columns, Conditions, rows_by
from cif_engine.persistence.days import day_at, day_parameters, first_place
from cif_engine.persistence.intervals import intervals, period_parameters
from cif_engine.persistence.placements import RSP_ID, ever_under, lasts_on, placements_lasting
from cif_engine.persistence.portfolio_reports import (
    KEPT,
    Levels,
    bound_of,
    bounds,
    lateness,
    pivoted,
    sums_of,
    tally_from,
    whole_sum,
)
from cif_engine.persistence.standings import ScopeKind, overdue
from cif_engine.portfolio.cuts import Cut, Form, Key
from cif_engine.portfolio.par import Tally


def count_series(
    connection: sa.Connection, asked: Asked, days: Sequence[date], levels: Levels, *, with_overdue: bool
) -> dict[Key, dict[date, Tally]]:
    """Return the open loans of each row by lateness on each of some days, which are in order and differ.

    An LSO counts on each day where it was placed on that day, as it does in the report of the day.
    """
    statement = _series(asked.scope.kind, asked.known.now, asked.form, levels, len(days), with_overdue)
    bound = {**asked.parameters, **period_parameters(days[0], days[-1]), **day_parameters(days)}
    for place, day in enumerate(days):
        bound |= bounds(day, levels, _of_day(place))
    width = len(asked.form.key)
    found: dict[Key, dict[date, Tally]] = {}
    for row in connection.execute(statement, bound):
        place, *numbers = row[width:]
        of_row = found.setdefault(tuple(row[:width]), {})
        of_row[days[place]] = tally_from(numbers, levels, with_overdue=with_overdue)
    return found


@lru_cache(KEPT)
def _series(
    scope: ScopeKind,
    known_now: bool,  # noqa: FBT001 - cached by place
    form: Form,
    levels: Levels,
    days: int,
    with_overdue: bool,  # noqa: FBT001 - as above
) -> sa.Select[Any]:
    moves = scope == "rsp" or any(cut.moves for cut in (*form.key, *form.narrowed))
    # Of one LSO few loans stood alike: adding them up first is work for nothing.
    if with_overdue or moves or Cut.LSO in form.key:
        return _by_loan(scope, form, levels, days, known_now=known_now, with_overdue=with_overdue)
    return _by_interval(scope, form, levels, days, known_now=known_now)


def _by_loan(
    scope: ScopeKind, form: Form, levels: Levels, days: int, *, known_now: bool, with_overdue: bool
) -> sa.Select[Any]:
    """Return the statement that looks at each loan on each day."""
    stood = _stood_on(scope, levels, days, known_now=known_now)
    unpaid = overdue(stood, known_now=known_now, day=stood.c.day) if with_overdue else None
    return rows_by(
        stood,
        form,
        sums_of(stood, unpaid),
        known_now=known_now,
        also=(stood.c.place.label("place"), *_split(stood, stood, levels)),
        reshape=pivoted(levels, "place"),
    )


def _by_interval(scope: ScopeKind, form: Form, levels: Levels, days: int, *, known_now: bool) -> sa.Select[Any]:
    """Return the statement that adds up loans that stood alike over the same days, and looks at the days afterwards."""
    held = _held(intervals(scope, known_now=known_now), days)
    alike = ("first", "beyond", "oldest_due_on", "renegotiated")

    def on_each_day(rows: sa.Select[Any], ids: Sequence[str]) -> sa.Select[Any]:
        together, over = rows.subquery("alike"), _days_over(levels, days)
        same = sa.and_(over.c.first == together.c.first, over.c.beyond == together.c.beyond)
        split = (*(together.c[name] for name in ids), over.c.place, *_split(together, over, levels))
        names = ("outstanding_minor", "loans", "overdue_minor")
        sums = (whole_sum(together.c[name]).label(name) for name in names)
        of_day = sa.select(*split, *sums).select_from(together.join(over, same)).group_by(*split)
        return pivoted(levels, "place")(of_day, ids)

    return rows_by(
        held,
        form,
        sums_of(held, None),
        known_now=known_now,
        also=[held.c[name].label(name) for name in alike],
        where=(held.c.first < held.c.beyond,),
        reshape=on_each_day,
    )


def _split(stood: sa.FromClause, of_day: sa.FromClause, levels: Levels) -> Columns:
    """Return what `pivoted` needs loans to be split by; `of_day` has the bounds of lateness."""
    bounds_of_day = {level: of_day.c[f"late_{level}"] for level in levels}
    return lateness(stood.c.oldest_due_on, levels, bounds_of_day), stood.c.renegotiated.label("renegotiated")


def _held(lasted: sa.CTE, days: int, *where: sa.ColumnElement[bool]) -> sa.Subquery:
    """Return the intervals of open loans with the places of the first day they last over, and of the first beyond."""
    places = [day_at(place) for place in range(days)]
    ends = (first_place(lasted.c.valid_from, places), first_place(lasted.c.until, places))
    rows = sa.select(lasted, ends[0].label("first"), ends[1].label("beyond"))
    return rows.where(lasted.c.status == Status.OPEN.value, *where).subquery("held")


def _stood_on(scope: ScopeKind, levels: Levels, days: int, *, known_now: bool) -> sa.Subquery:
    """Return a row for each open loan and each day, with the bounds of lateness of the day.

    Of an RSP count the loans of the LSOs that are placed under it on the day.
    """
    lasted = intervals("network" if scope == "rsp" else scope, known_now=known_now)
    over, held = _days_over(levels, days), _held(lasted, days, *_of_rsp(scope, lasted))
    on_days = held.join(over, sa.and_(over.c.first == held.c.first, over.c.beyond == held.c.beyond))
    if scope == "rsp":
        placed = placements_lasting()
        under_it = sa.and_(placed.c.lso_id == held.c.lso_id, placed.c.rsp_id == RSP_ID, lasts_on(placed, over.c.day))
        on_days = on_days.join(placed, under_it)
    of_day = (over.c[name] for name in ("place", "day", *(f"late_{level}" for level in levels)))
    return sa.select(*(held.c[column.name] for column in lasted.c), *of_day).select_from(on_days).subquery("stood")


def _of_rsp(scope: ScopeKind, lasted: sa.CTE) -> Conditions:
    return (ever_under(lasted.c.lso_id, RSP_ID),) if scope == "rsp" else ()


def _days_over(levels: Levels, days: int) -> sa.CTE:
    """Return each day, with its place and its bounds of lateness, that an interval may last over.

    `first` and `beyond` are the first places of its start and its end. The days of an interval are found by equality;
    comparing would pair each interval with every day, and so the rows are written down before anything is joined.
    """
    numbers = [sa.select(sa.literal_column(str(n), sa.Integer()).label("n")) for n in range(days + 1)]
    number = sa.union_all(*numbers).cte("number")
    first, beyond, day = number.alias("first"), number.alias("beyond"), _days(levels, days)
    lasts = sa.and_(day.c.place >= first.c.n, day.c.place < beyond.c.n)
    return (
        sa.select(first.c.n.label("first"), beyond.c.n.label("beyond"), *day.c)
        .select_from(first.join(beyond, beyond.c.n > first.c.n).join(day, lasts))
        .cte("over")
        .prefix_with("MATERIALIZED")
    )


def _days(levels: Levels, days: int) -> sa.CTE:
    """Return the days with their places and their bounds of lateness."""
    rows = [
        sa.select(
            sa.literal_column(str(place), sa.Integer()).label("place"),
            day_at(place).label("day"),
            *(bound_of(level, _of_day(place)).label(f"late_{level}") for level in levels),
        )
        for place in range(days)
    ]
    return sa.union_all(*rows).cte("day")


def _of_day(place: int) -> str:
    return f"_on_{place}"
