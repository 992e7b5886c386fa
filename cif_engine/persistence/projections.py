"""Rows that are functions of events: saved as events are recorded, and thrown away and made again by a rebuild."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cif_engine.loans.history import (
    Due,
    Interval,
    KnownDue,
    KnownOrigin,
    dues,
    dues_before,
    known_before,
    revise,
    revise_dues,
)
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing, Status
from cif_engine.persistence.recording import LoanChange, Row
from cif_engine.persistence.tables import TABLES

loan_position, loan_state = TABLES["loan_position"], TABLES["loan_state"]
instalment, loan_before = TABLES["instalment"], TABLES["loan_before"]

STANDING_COLUMNS: Final = ("valid_from", *Standing._fields[1:])
"""What `loan_position` and `loan_state` hold of a standing: its fields, `since` being called `valid_from` there."""

LONG_DAYS: Final = 62
"""Intervals that last longer are few: who pays every month, and now and then misses one, has none."""

_AFTER_STATUS: Final = Standing._fields.index("status") + 1


def save_rows(connection: sa.Connection, rows: Iterable[Row]) -> None:
    """Insert each row, or take it away; where its primary key exists, update that row or keep it, as the row says."""
    for row in rows:
        if row.gone:
            _take_away(connection, row)
            continue
        changed = () if row.keep else tuple(row.values)
        connection.execute(_upsert(row.table, changed, connection.dialect.name), row.values)


def revise_history(connection: sa.Connection, lso_id: str, loan: LoanChange, at: int) -> None:
    """Save where a loan stood, and was known to stand, after a fact that did not come last or was its first."""
    if loan.timeline is not None:
        known = stored_intervals(connection, lso_id, loan.loan_id, at)
        revised = revise(known_before(known, at), loan.timeline, at)
        _forget(connection, "loan_position", lso_id, loan.loan_id)
        _forget(connection, "loan_state", lso_id, loan.loan_id, _still_known(loan_state, at))
        save_intervals(connection, lso_id, loan.loan_id, (*revised.replaced, *revised.holding))


def revise_schedules(connection: sa.Connection, lso_id: str, loan: LoanChange, at: int) -> None:
    """Save a loan's schedules when one of them changed, and keep what they were known to be."""
    if loan.schedules is not None:
        known = dues_before(_stored_dues(connection, lso_id, loan.loan_id, at), at)
        revised = revise_dues(known, dues(loan.schedules), at)
        _forget(connection, "instalment", lso_id, loan.loan_id, _still_known(instalment, at))
        _insert(connection, "instalment", lso_id, loan.loan_id, map(due_values, (*revised.replaced, *revised.holding)))


def keep_origin(connection: sa.Connection, lso_id: str, loan: LoanChange, at: int) -> None:
    """Save what a loan was known to be made under, when a correction changed it."""
    if loan.was_made_under is not None:
        of_loan = (loan_before.c.lso_id == lso_id, loan_before.c.loan_id == loan.loan_id)
        since = connection.execute(sa.select(sa.func.max(loan_before.c.known_to)).where(*of_loan)).scalar() or 0
        origin = KnownOrigin(loan.was_made_under, since, at)
        _insert(connection, "loan_before", lso_id, loan.loan_id, [origin_values(origin)])


def stored_intervals(connection: sa.Connection, lso_id: str, loan_id: str, at: int) -> tuple[Interval, ...]:
    """Return the stored intervals of a loan that are known, or were replaced at this very moment."""
    position = connection.execute(sa.select(loan_position).where(*_of_loan(loan_position, lso_id, loan_id))).all()
    ended = connection.execute(
        sa.select(loan_state).where(*_of_loan(loan_state, lso_id, loan_id), _still_known(loan_state, at))
    )
    return (
        *(Interval(_standing(row), row.known_from, row.valid_to, row.closed_at, row.known_to) for row in ended),
        *(Interval(_standing(row), row.known_from) for row in position),
    )


def save_intervals(connection: sa.Connection, lso_id: str, loan_id: str, intervals: Iterable[Interval]) -> None:
    """Insert the intervals of a loan where they belong."""
    known = list(intervals)
    _insert(connection, "loan_state", lso_id, loan_id, (state_values(each) for each in known if each.valid_to))
    _insert(
        connection, "loan_position", lso_id, loan_id, (position_values(each) for each in known if not each.valid_to)
    )


def standing_parameters(standing: Standing) -> tuple[Any, ...]:
    """Return a standing as the values of `STANDING_COLUMNS`."""
    return (standing.since, standing.status.value, *standing[_AFTER_STATUS:])


def standing_values(standing: Standing) -> dict[str, Any]:
    """Return a standing by the names of `STANDING_COLUMNS`."""
    return dict(zip(STANDING_COLUMNS, standing_parameters(standing), strict=True))


def position_values(interval: Interval) -> dict[str, Any]:
    """Return the interval that has no end as the columns of `loan_position`."""
    return {**standing_values(interval.standing), "known_from": interval.known_from}


def state_values(interval: Interval) -> dict[str, Any]:
    """Return an ended interval as the columns of `loan_state`."""
    assert interval.valid_to is not None, "a position is no state"
    ended = {name: getattr(interval, name) for name in ("known_from", "valid_to", "closed_at", "known_to")}
    lasted_long = (interval.valid_to - interval.standing.since).days > LONG_DAYS
    return {**standing_values(interval.standing), **ended, "lasted_long": lasted_long}


def due_values(known: KnownDue) -> dict[str, Any]:
    """Return a row of a schedule as the columns of `instalment`."""
    due, row = known.due, known.due.instalment
    return {
        "schedule_no": due.schedule_no,
        "number": row.number,
        "known_from": known.known_from,
        "known_to": known.known_to,
        "due_on": row.due_on,
        "principal_minor": row.principal_minor,
        "charge_minor": row.charge_minor,
        "principal_due_to_date_minor": due.principal_to_date_minor,
        "charge_due_to_date_minor": due.charge_to_date_minor,
    }


def origin_values(known: KnownOrigin) -> dict[str, Any]:
    """Return what a loan was known to be made under as the columns of `loan_before`."""
    return {**known.origin._asdict(), "known_from": known.known_from, "known_to": known.known_to}


def _standing(row: sa.Row[Any]) -> Standing:
    told = {name: getattr(row, name) for name in STANDING_COLUMNS[1:]}
    return Standing(row.valid_from, **{**told, "status": Status(row.status)})


def _stored_dues(connection: sa.Connection, lso_id: str, loan_id: str, at: int) -> list[KnownDue]:
    rows = connection.execute(
        sa.select(instalment).where(*_of_loan(instalment, lso_id, loan_id), _still_known(instalment, at))
    )
    return [
        KnownDue(
            Due(
                row.schedule_no,
                Instalment(row.number, row.due_on, row.principal_minor, row.charge_minor),
                row.principal_due_to_date_minor,
                row.charge_due_to_date_minor,
            ),
            row.known_from,
            row.known_to,
        )
        for row in rows
    ]


def _of_loan(table: sa.Table, lso_id: str, loan_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.lso_id == lso_id, table.c.loan_id == loan_id


def _still_known(table: sa.Table, at: int) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.known_to.is_(None), table.c.known_to == at)


def _forget(connection: sa.Connection, name: str, lso_id: str, loan_id: str, *which: sa.ColumnElement[bool]) -> None:
    table = TABLES[name]
    connection.execute(sa.delete(table).where(*_of_loan(table, lso_id, loan_id), *which))


def _insert(connection: sa.Connection, name: str, lso_id: str, loan_id: str, rows: Iterable[dict[str, Any]]) -> None:
    of_loan = [{"lso_id": lso_id, "loan_id": loan_id, **row} for row in rows]
    if of_loan:
        connection.execute(sa.insert(TABLES[name]), of_loan)


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
