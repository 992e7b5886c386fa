"""Counting what falls due of the open loans of a portfolio, by month and by row of a cut."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from cif_engine.loans.standing import Status
from cif_engine.persistence.cutting import Asked, rows_by
from cif_engine.persistence.days import month_number
from cif_engine.persistence.portfolio_reports import KEPT, whole_sum
from cif_engine.persistence.standings import AS_OF, ScopeKind, instalments_known, standings
from cif_engine.portfolio.cuts import Form, Key
from cif_engine.portfolio.maturity import Month

_OVERDUE = 0
_MONTHS_IN_YEAR = 12


def count_maturing(connection: sa.Connection, asked: Asked, as_of: date) -> dict[Key, dict[Month, int]]:
    """Return what is unpaid of the schedules in force of each row, by the month in which it falls due, in order."""
    statement = _maturing(asked.scope.kind, asked.known.now, asked.form)
    width = len(asked.form.key)
    found: dict[Key, dict[Month, int]] = {}
    rows = connection.execute(statement, {**asked.parameters, "as_of": as_of})
    for row in sorted(rows, key=lambda row: row[width]):
        number, amount = row[width:]
        found.setdefault(tuple(row[:width]), {})[_month(number)] = int(amount)
    return found


def _month(number: int) -> Month:
    if number == _OVERDUE:
        return None
    year, month = divmod(number - 1, _MONTHS_IN_YEAR)
    return date(year, month + 1, 1)


@lru_cache(KEPT)
def _maturing(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing, due = standings(scope, known_now=known_now), instalments_known(known_now=known_now)
    in_force = sa.and_(
        due.c.lso_id == standing.c.lso_id,
        due.c.loan_id == standing.c.loan_id,
        due.c.schedule_no == standing.c.schedule_no,
    )
    beyond = due.c.principal_due_to_date_minor - standing.c.principal_paid_minor
    unpaid = sa.case((beyond < due.c.principal_minor, beyond), else_=due.c.principal_minor)
    falls_due = sa.case((due.c.due_on < AS_OF, _OVERDUE), else_=month_number(due.c.due_on))
    rows = (
        sa.select(standing.c.lso_id, standing.c.loan_id, falls_due.label("month"), unpaid.label("unpaid_minor"))
        .select_from(standing.join(due, in_force))
        .where(standing.c.status == Status.OPEN.value, beyond > 0, due.c.principal_minor > 0)
        .subquery("maturing")
    )
    values = (whole_sum(rows.c.unpaid_minor).label("unpaid_minor"),)
    return rows_by(rows, form, values, known_now=known_now, also=(rows.c.month.label("month"),))
