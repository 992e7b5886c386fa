"""Saving many rows of one table at once, as fast as the database takes them.

PostgreSQL has no COPY into a table with row-level security, so rows are copied into a table of this transaction alone
and inserted from there in one statement: at about the price of a COPY, and under the same policies, foreign keys and
triggers as any other row. SQLite is fastest when its driver runs one prepared statement over tuples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg import sql

Row = Mapping[str, Any]
Names = tuple[str, ...]


def save_in_bulk(connection: sa.Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows of a table within the transaction; all of them name the same columns."""
    if rows:
        save = _copy if connection.dialect.name == "postgresql" else _execute_many
        save(connection, table, tuple(rows[0]), rows)


# PostgreSQL ----------------------------------------------------------------------------------------------------


def _copy(connection: sa.Connection, table: str, names: Names, rows: Sequence[Row]) -> None:
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    create, copy_in, insert, empty = _statements(table, names)
    values = itemgetter(*names)
    with driver.cursor() as cursor:
        cursor.execute(create)
        with cursor.copy(copy_in) as copy:
            for row in rows:
                copy.write_row(values(row))
        cursor.execute(insert)
        cursor.execute(empty)


@cache
def _statements(table: str, names: Names) -> tuple[sql.Composed, ...]:
    to, loading = sql.Identifier(table), sql.Identifier(f"loading_{table}")
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    create = sql.SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    return (
        create.format(loading, columns, to),
        sql.SQL("COPY {} ({}) FROM STDIN").format(loading, columns),
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(to, columns, columns, loading),
        sql.SQL("TRUNCATE {}").format(loading),
    )


# SQLite --------------------------------------------------------------------------------------------------------


def _execute_many(connection: sa.Connection, table: str, names: Names, rows: Sequence[Row]) -> None:
    driver: Any = connection.connection.driver_connection
    values = itemgetter(*names)
    driver.executemany(_insert(table, names), (tuple(map(_stored, values(row))) for row in rows))


@cache
def _insert(table: str, names: Names) -> str:
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - of our own tables


def _stored(value: object) -> object:
    """Return a value as `columns` has SQLite keep it."""
    return value.isoformat() if isinstance(value, date) else value
