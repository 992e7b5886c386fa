"""Rows that are functions of events: saved as events are recorded, and thrown away and made again by a rebuild."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing
from cif_engine.persistence.recording import Interval, LoanChange, Row, Schedules
from cif_engine.persistence.tables import TABLES

STANDING_COLUMNS: Final = ("valid_from", *Standing._fields[1:])
"""What `loan_position` and `loan_state` hold of a standing: its fields, `since` being called `valid_from` there."""

_AFTER_STATUS: Final = Standing._fields.index("status") + 1


def save_rows(connection: sa.Connection, rows: Iterable[Row]) -> None:
    """Insert each row, or take it away; where its primary key exists, update that row or keep it, as the row says."""
    for row in rows:
        if row.gone:
            _take_away(connection, row)
            continue
        changed = () if row.keep else tuple(row.values)
        connection.execute(_upsert(row.table, changed, connection.dialect.name), row.values)


def replace_history(connection: sa.Connection, lso_id: str, loan: LoanChange) -> None:
    """Replace a loan's ended intervals when a late fact changed them."""
    if loan.history is not None:
        rows = [state_values(interval) for interval in loan.history]
        _replace(connection, "loan_state", lso_id, loan.loan_id, rows)


def replace_schedules(connection: sa.Connection, lso_id: str, loan: LoanChange) -> None:
    """Replace a loan's instalments when one of its schedules changed."""
    if loan.schedules is not None:
        _replace(connection, "instalment", lso_id, loan.loan_id, instalment_values(loan.schedules))


def standing_parameters(standing: Standing) -> tuple[Any, ...]:
    """Return a standing as the values of `STANDING_COLUMNS`."""
    return (standing.since, standing.status.value, *standing[_AFTER_STATUS:])


def position_values(standing: Standing) -> dict[str, Any]:
    """Return a standing as the columns of `loan_position`."""
    return dict(zip(STANDING_COLUMNS, standing_parameters(standing), strict=True))


def state_values(interval: Interval) -> dict[str, Any]:
    """Return an ended interval as the columns of `loan_state`."""
    return {**position_values(interval.standing), "valid_to": interval.valid_to}


def instalment_values(schedules: Schedules) -> list[dict[str, Any]]:
    """Return the schedules of a loan, numbered from 1, as the columns of `instalment`."""
    return [row for number, schedule in enumerate(schedules, 1) for row in _schedule_values(number, schedule)]


def _schedule_values(schedule_no: int, schedule: Iterable[Instalment]) -> list[dict[str, Any]]:
    """Return one schedule, with what is due up to and including each row."""
    rows: list[dict[str, Any]] = []
    principal = charge = 0
    for row in schedule:
        principal += row.principal_minor
        charge += row.charge_minor
        rows.append(
            {
                "schedule_no": schedule_no,
                "number": row.number,
                "due_on": row.due_on,
                "principal_minor": row.principal_minor,
                "charge_minor": row.charge_minor,
                "principal_due_to_date_minor": principal,
                "charge_due_to_date_minor": charge,
            }
        )
    return rows


def _replace(connection: sa.Connection, name: str, lso_id: str, loan_id: str, rows: list[dict[str, Any]]) -> None:
    table = TABLES[name]
    connection.execute(sa.delete(table).where(table.c.lso_id == lso_id, table.c.loan_id == loan_id))
    if rows:
        connection.execute(sa.insert(table), [{"lso_id": lso_id, "loan_id": loan_id, **row} for row in rows])


def _take_away(connection: sa.Connection, row: Row) -> None:
    table = TABLES[row.table]
    connection.execute(sa.delete(table).where(*(key == row.values[key.name] for key in table.primary_key)))


@cache
def _upsert(name: str, changing: tuple[str, ...], dialect: str) -> sa.Insert:
    table = TABLES[name]
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {column: insert.excluded[column] for column in changing if column not in keys}
    if not changed:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(index_elements=keys, set_=changed)
