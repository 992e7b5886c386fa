"""Counting vintages, by row of a cut: standings by cohort and by the month-ends they lasted over, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from cif_engine.loans.standing import Status
from cif_engine.persistence.columns import Day
from cif_engine.persistence.cutting import Asked, rows_by
from cif_engine.persistence.days import day_at, day_parameters, first_place
from cif_engine.persistence.intervals import FROM_ON, intervals, period_parameters
from cif_engine.persistence.portfolio_reports import KEPT, whole_sum
from cif_engine.persistence.standings import ScopeKind
from cif_engine.portfolio.cuts import Form, Key
from cif_engine.portfolio.par import due_before
from cif_engine.portfolio.vintages import Cell, Lasting, Place, cells


def count_vintages(
    connection: sa.Connection, asked: Asked, ends: Sequence[date], least_days_late: int
) -> dict[Key, dict[Place, Cell]]:
    """Return the cohorts of each row at these month-ends, which follow each other month by month."""
    statement = _vintages(asked.scope.kind, asked.known.now, asked.form, len(ends))
    bound = {**asked.parameters, **period_parameters(ends[0].replace(day=1), ends[-1]), **day_parameters(ends)}
    bound |= {f"late_on_{place}": due_before(end, least_days_late) for place, end in enumerate(ends)}
    width = len(asked.form.key)
    lasting: dict[Key, list[Lasting]] = {}
    for row in connection.execute(statement, bound):
        of_row = lasting.setdefault(tuple(row[:width]), [])
        of_row.append(Lasting(*map(int, row[width:])))
    return {key: cells(of_row) for key, of_row in lasting.items()}


@lru_cache(KEPT)
def _vintages(scope: ScopeKind, known_now: bool, form: Form, months: int) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    lasted = intervals(scope, known_now=known_now)
    ends = [day_at(place) for place in range(months)]
    # Late on a month-end is whose oldest instalment was due by so many days before it.
    late_by = [sa.bindparam(f"late_on_{place}", type_=Day()) for place in range(months)]
    never = sa.literal_column(str(months), sa.Integer())
    late_from = sa.case((lasted.c.oldest_due_on.is_(None), never), else_=first_place(lasted.c.oldest_due_on, late_by))
    held = (
        sa.select(
            lasted,
            first_place(lasted.c.disbursed_on, ends).label("cohort"),
            first_place(lasted.c.valid_from, ends).label("first"),
            first_place(lasted.c.until, ends).label("beyond"),
            late_from.label("late_from"),
        )
        .where(lasted.c.disbursed_on >= FROM_ON, lasted.c.disbursed_on <= ends[-1])
        .subquery("held")
    )
    is_open = held.c.status == Status.OPEN.value
    is_renegotiated = sa.and_(is_open, held.c.renegotiated == sa.true())
    handed_out = held.c.outstanding_minor + held.c.principal_paid_minor + held.c.written_off_minor
    values = {
        "disbursed_minor": handed_out,
        "outstanding_minor": sa.case((is_open, held.c.outstanding_minor), else_=0),
        "renegotiated_minor": sa.case((is_renegotiated, held.c.outstanding_minor), else_=0),
        "written_off_minor": held.c.written_off_minor,
    }
    return rows_by(
        held,
        form,
        [whole_sum(value).label(name) for name, value in values.items()],
        known_now=known_now,
        also=[held.c[name].label(name) for name in ("cohort", "first", "beyond", "late_from")],
        where=(held.c.first < held.c.beyond,),
    )
