"""Counting the loans of a portfolio on a day, by row of a cut. All adding up is done by the database.

Each function is one statement, and returns what it counted by the codes of the rows (`Form.key`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.loans.standing import Status
from cif_engine.persistence.columns import WHOLE_NUMBER, Day
from cif_engine.persistence.cutting import Asked, Columns, Reshape, keyed, people_by, rows_by
from cif_engine.persistence.standings import AS_OF, ScopeKind, fallen_due_by, instalment, overdue, standings
from cif_engine.portfolio.cuts import Form, Key
from cif_engine.portfolio.par import Part, Tally, due_before
from cif_engine.portfolio.recovery import Recovered

KEPT: Final = 512
"""How many statements of a kind are kept: there are as many as there are pairs of cuts and filters."""

Levels = tuple[int, ...]
"""The fewest days late of the parts to be counted, in order."""


def count_by_lateness(
    connection: sa.Connection, asked: Asked, as_of: date, levels: Levels, *, with_overdue: bool
) -> dict[Key, Tally]:
    """Return the open loans of each row by lateness; the overdue principal only where it is wanted."""
    statement = _by_lateness(asked.scope.kind, asked.known.now, asked.form, levels, with_overdue)
    bound = {**asked.parameters, "as_of": as_of, **bounds(as_of, levels)}
    found = keyed(asked.form, connection.execute(statement, bound))
    return {key: tally_from(numbers, levels, with_overdue=with_overdue) for key, numbers in found.items()}


def count_people(connection: sa.Connection, asked: Asked, as_of: date, form: Form) -> dict[Key, tuple[int, int]]:
    """Return the borrowers and the households of the open loans of each row of `form`."""
    statement = _people(asked.scope.kind, asked.known.now, form)
    found = keyed(form, connection.execute(statement, {**asked.parameters, "as_of": as_of}))
    return {key: (int(borrowers), int(households)) for key, (borrowers, households) in found.items()}


def count_recovered(connection: sa.Connection, asked: Asked, as_of: date) -> dict[Key, Recovered]:
    """Return what has fallen due of all loans ever handed out, and what was collected of it."""
    statement = _recovered(asked.scope.kind, asked.known.now, asked.form)
    found = keyed(asked.form, connection.execute(statement, {**asked.parameters, "as_of": as_of}))
    return {key: Recovered(*(int(amount or 0) for amount in amounts)) for key, amounts in found.items()}


def count_classes(
    connection: sa.Connection, asked: Asked, as_of: date, starts: Sequence[date]
) -> dict[Key, tuple[Part, ...]]:
    """Return the open loans of each row by class, in the order of the classes.

    `starts` has, for each class but the first, the day before which the oldest unpaid instalment of its loans was due.
    """
    statement = _by_class(asked.scope.kind, asked.known.now, asked.form, len(starts))
    bound = {f"class_{place}": start for place, start in enumerate(starts, start=1)}
    found = connection.execute(statement, {**asked.parameters, "as_of": as_of, **bound})
    width = len(asked.form.key)
    classes: dict[Key, list[Part]] = {}
    for row in found:
        of_row = classes.setdefault(tuple(row[:width]), [Part()] * (len(starts) + 1))
        place, outstanding, loans = row[width:]
        of_row[place] = Part(int(outstanding), int(loans))
    return {key: tuple(of_row) for key, of_row in classes.items()}


# By lateness ---------------------------------------------------------------------------------------------------


def bounds(day: date, levels: Levels, of_day: str = "") -> dict[str, date]:
    """Return what `lateness` binds: for each level the day before which the oldest unpaid instalment was due."""
    return {f"late_{level}{of_day}": due_before(day, level - 1) for level in levels}


def bound_of(level: int, of_day: str = "") -> sa.BindParameter[date]:
    """Return the parameter of one level."""
    return sa.bindparam(f"late_{level}{of_day}", type_=Day())


def lateness(
    oldest_due_on: sa.ColumnElement[Any], levels: Levels, due: Mapping[int, sa.ColumnElement[Any]]
) -> sa.Label[int]:
    """Return how many of the levels a loan has reached; `due` are the days before which it was due for each."""
    reached = [(oldest_due_on < due[level], place) for place, level in reversed(list(enumerate(levels, start=1)))]
    # Most loans are not late at all, and asked first.
    not_late = sa.or_(oldest_due_on.is_(None), oldest_due_on >= due[levels[0]])
    return sa.case((not_late, 0), *reached, else_=0).label("lateness")


def tally_from(numbers: Sequence[Any], levels: Levels, *, with_overdue: bool) -> Tally:
    """Return the tally of the numbers that `pivoted` gives for a row; sums of nothing are null."""
    outstanding, loans, overdue_minor, *parts = [number or 0 for number in numbers]
    pairs = list(map(Part, parts[::2], parts[1::2]))
    late, at_risk = pairs[: len(levels)], pairs[len(levels) :]
    return Tally(
        outstanding,
        loans,
        dict(zip(levels, late, strict=True)),
        dict(zip(levels, at_risk, strict=True)),
        overdue_minor if with_overdue else None,
    )


def pivoted(levels: Levels, *kept: str) -> Reshape:
    """Return how rows that are split by `lateness` and `renegotiated` become one for each row, and each of `kept`.

    Loans are added up by lateness first and by row afterwards: the second sum is over few rows, so its many columns
    cost nothing.
    """

    def pivot(rows: sa.Select[Any], ids: Sequence[str]) -> sa.Select[Any]:
        split = rows.subquery("split")
        counted = (split.c.outstanding_minor, split.c.loans)
        values: list[sa.ColumnElement[Any]] = [*counted, split.c.overdue_minor]
        for or_renegotiated in (False, True):
            for place in range(1, len(levels) + 1):
                counts = split.c.lateness >= place
                if or_renegotiated:
                    counts = sa.or_(counts, split.c.renegotiated == sa.true())
                values += [sa.case((counts, value), else_=0) for value in counted]
        columns = [split.c[name] for name in (*ids, *kept)]
        numbers = (whole_sum(value).label(f"number_{at}") for at, value in enumerate(values))
        return sa.select(*columns, *numbers).group_by(*columns)

    return pivot


def sums_of(standing: sa.FromClause, overdue_minor: sa.ColumnElement[Any] | None) -> Columns:
    """Return what `pivoted` adds up."""
    nothing = sa.literal_column("0", WHOLE_NUMBER)
    return (
        whole_sum(standing.c.outstanding_minor).label("outstanding_minor"),
        sa.func.count().label("loans"),
        whole_sum(nothing if overdue_minor is None else overdue_minor).label("overdue_minor"),
    )


def whole_sum(amount: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return a sum as a whole number: PostgreSQL makes a numeric of it, which is slow to read."""
    return sa.cast(sa.func.sum(amount), WHOLE_NUMBER)


@lru_cache(KEPT)
def _by_lateness(
    scope: ScopeKind,
    known_now: bool,  # noqa: FBT001 - cached by place
    form: Form,
    levels: Levels,
    with_overdue: bool,  # noqa: FBT001 - as above
) -> sa.Select[Any]:
    standing = standings(scope, known_now=known_now)
    reached = lateness(standing.c.oldest_due_on, levels, {level: bound_of(level) for level in levels})
    unpaid = overdue(standing, known_now=known_now) if with_overdue else None
    return rows_by(
        standing,
        form,
        sums_of(standing, unpaid),
        known_now=known_now,
        also=(reached, standing.c.renegotiated.label("renegotiated")),
        where=(standing.c.status == Status.OPEN.value,),
        reshape=pivoted(levels),
    )


# The rest ------------------------------------------------------------------------------------------------------


@lru_cache(KEPT)
def _people(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing = standings(scope, known_now=known_now)
    return people_by(standing, form, known_now=known_now, where=(standing.c.status == Status.OPEN.value,))


@cache
def recovered_measures(scope: ScopeKind, *, known_now: bool) -> sa.Subquery:
    """Return a row per loan ever handed out: `lso_id`, `loan_id`, the fields of `Recovered`.

    Binds what `Within` and `Known` bind, and `as_of`.
    """
    standing = standings(scope, known_now=known_now)
    handed_out = standing.c.outstanding_minor + standing.c.principal_paid_minor + standing.c.written_off_minor
    rows_by_then = fallen_due_by(standing, instalment.c.due_on <= AS_OF, known_now=known_now)
    by_schedule = sa.case((standing.c.last_due_on <= AS_OF, handed_out), else_=rows_by_then)
    columns = (standing.c[name] for name in ("lso_id", "loan_id", "principal_paid_minor", "due_before_minor"))
    due = sa.select(*columns, by_schedule.label("by_schedule_minor")).where(standing.c.schedule_no > 0)
    # Written down first, because it is compared thrice, and would be looked up each time.
    looked_up = due.cte("due").prefix_with("MATERIALIZED")
    fallen_due = _greater(looked_up.c.by_schedule_minor, looked_up.c.due_before_minor)
    paid_of_it = _lesser(looked_up.c.principal_paid_minor, fallen_due)
    measured = {"fallen_due_minor": fallen_due, "collected_minor": paid_of_it}
    values = (value.label(name) for name, value in measured.items())
    return sa.select(looked_up.c.lso_id, looked_up.c.loan_id, *values).subquery("recovered")


@lru_cache(KEPT)
def _recovered(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    of_loan = recovered_measures(scope, known_now=known_now)
    return rows_by(
        of_loan, form, [whole_sum(of_loan.c[name]).label(name) for name in Recovered._fields], known_now=known_now
    )


@lru_cache(KEPT)
def _by_class(scope: ScopeKind, known_now: bool, form: Form, starts: int) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing = standings(scope, known_now=known_now)
    oldest = standing.c.oldest_due_on
    reached = [(oldest < sa.bindparam(f"class_{place}", type_=Day()), place) for place in range(starts, 0, -1)]
    place = sa.case(*reached, else_=0) if reached else sa.literal_column("0")
    values = (
        whole_sum(standing.c.outstanding_minor).label("outstanding_minor"),
        sa.func.count().label("loans"),
    )
    return rows_by(
        standing,
        form,
        values,
        known_now=known_now,
        also=(place.label("class"),),
        where=(standing.c.status == Status.OPEN.value,),
    )


def _greater(one: sa.ColumnElement[Any], other: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((one > other, one), else_=other)


def _lesser(one: sa.ColumnElement[Any], other: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((one < other, one), else_=other)
