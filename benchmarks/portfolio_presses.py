"""Presses: they print rows from a template, once per loan, in the form that a database takes fastest.

A template is made of rows in which marks stand for what each loan has of its own; printing puts that in their place.
PostgreSQL is given the bytes of its binary COPY, SQLite the tuples of `executemany`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import make_url

from cif_engine.persistence.columns import Day, Flag, Id
from cif_engine.persistence.engines import sqlite_driver
from cif_engine.persistence.tables import TABLES

Row = Mapping[str, Any]
Names = dict[Any, Any]
Marks = Mapping[str, Hashable]
"""What stands for each name in the rows that a template is made of; no other value of theirs may equal it."""


class Press(Protocol):
    """Prints rows for one database, and saves what it printed."""

    def template(self, table: str, rows: Iterable[Row]) -> Any:  # noqa: ANN401 - of its own kind
        """Return a template of these rows of a table."""

    def names(self, values: Row) -> Names:
        """Return values by name as `print` takes them."""

    def print(self, table: str, template: Any, names: Names) -> None:  # noqa: ANN401 - of its own kind
        """Print the rows of a template with these names."""

    def save(self) -> None:
        """Begin to save what was printed since the last time."""

    def close(self) -> None:
        """Wait until all is saved."""


def print_rows(press: Press, table: str, rows: Iterable[Row]) -> None:
    """Print rows that are as they are."""
    press.print(table, press.template(table, rows), {})


# PostgreSQL ----------------------------------------------------------------------------------------------------

_BEGINS: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_ENDS: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_FIRST_DAY: Final = date(2000, 1, 1)
"""Whence PostgreSQL counts days."""


class CopyPress:
    """Prints for PostgreSQL, and saves by COPY while the next rows are printed.

    It loads as `pg_restore` does, as a superuser for whom triggers and foreign keys are asleep: the books are verified
    afterwards.
    """

    def __init__(self, url: str, marks: Marks) -> None:
        self._name_of = {mark: name for name, mark in marks.items()}
        self._field_of: dict[str, Callable[[Any], bytes]] = {name: _field_of(mark) for name, mark in marks.items()}
        conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        self._printed: defaultdict[str, list[bytes]] = defaultdict(list)
        self._saver = ThreadPoolExecutor(1)
        self._saving: Future[None] | None = None

    def template(self, table: str, rows: Iterable[Row]) -> bytes:
        """Return the bytes of the rows, with a place to format for each mark."""
        return b"".join(_whole_rows(table, rows, self._field))

    def _field(self, column: sa.Column[Any], value: Any) -> bytes:  # noqa: ANN401 - of any column
        if value is not None and (name := self._name_of.get(value)) is not None:
            return f"%({name})b".encode()
        return _field(column, value).replace(b"%", b"%%")

    def names(self, values: Row) -> Names:
        """Return the fields of the values."""
        field_of = self._field_of
        return {name.encode(): _NULL if value is None else field_of[name](value) for name, value in values.items()}

    def print(self, table: str, template: bytes, names: Names) -> None:
        """Keep the bytes of the rows."""
        self._printed[table].append(template % names)

    def save(self) -> None:
        """Save in another thread, once it is done with what it saves now."""
        printed, self._printed = self._printed, defaultdict(list)
        self._wait()
        self._saving = self._saver.submit(self._copy, printed)

    def _copy(self, printed: Mapping[str, list[bytes]]) -> None:
        for table, rows in printed.items():
            copy_in(self._connection, table, rows)

    def _wait(self) -> None:
        if self._saving is not None:
            self._saving.result()

    def close(self) -> None:
        """Wait until all is saved, and close the connection."""
        self._wait()
        self._saver.shutdown()
        self._connection.close()


def binary_rows(table: str, rows: Iterable[Row]) -> list[bytes]:
    """Return rows as binary COPY takes them."""
    return list(_whole_rows(table, rows, _field))


def copy_in(connection: psycopg.Connection[Any], table: str, rows: Iterable[bytes]) -> None:
    """Copy such rows into their table."""
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in TABLES[table].columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"".join((_BEGINS, *rows, _ENDS)))


def _whole_rows(table: str, rows: Iterable[Row], field_of: Callable[[sa.Column[Any], Any], bytes]) -> Iterator[bytes]:
    columns = TABLES[table].columns
    count = len(columns).to_bytes(2, "big")
    for row in rows:
        yield count + b"".join(field_of(column, _value(column, row)) for column in columns)


def _value(column: sa.Column[Any], row: Row) -> Any:  # noqa: ANN401 - of any column
    return row.get(column.name, getattr(column.default, "arg", None))


def _field(column: sa.Column[Any], value: Any) -> bytes:  # noqa: ANN401 - of any column
    return _NULL if value is None else _encoder(column.type)(value)


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _number_field(value: int) -> bytes:
    return b"\0\0\0\x08" + value.to_bytes(8, "big", signed=True)


def _id_field(value: str) -> bytes:
    return b"\0\0\0\x10" + bytes.fromhex(value.replace("-", ""))


def _text_field(value: str) -> bytes:
    return _sized(value.encode())


def _day_field(value: date) -> bytes:
    return _sized((value - _FIRST_DAY).days.to_bytes(4, "big", signed=True))


def _flag_field(value: bool) -> bytes:  # noqa: FBT001 - a value of a column
    return _sized(bytes((value,)))


def _encoder(column_type: sa.types.TypeEngine[Any]) -> Callable[[Any], bytes]:
    match column_type:
        case Id():
            return _id_field
        case Day():
            return _day_field
        case Flag():
            return _flag_field
        case sa.LargeBinary():
            return _sized
        case sa.BigInteger():
            return _number_field
        case _:
            return _text_field


def _field_of(mark: Hashable) -> Callable[[Any], bytes]:
    match mark:
        case int():
            return _number_field
        case bytes():
            return _sized
        case str() if _is_id(mark):
            return _id_field
        case _:
            return _text_field


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


# SQLite --------------------------------------------------------------------------------------------------------


class TuplePress:
    """Prints for SQLite, and saves without waiting for the disk or for foreign keys: the books are verified."""

    def __init__(self, path: Path, marks: Marks) -> None:
        self._marks = marks
        self._connection = sqlite_driver().connect(str(path), isolation_level=None)
        self._connection.executescript(
            "PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA recursive_triggers=ON; PRAGMA cache_size=-262144"
        )
        self._printed: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)

    def template(self, table: str, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
        """Return the rows as tuples in which the marks still stand."""
        return tuples(table, rows)

    def names(self, values: Row) -> Names:
        """Return the values by mark."""
        return {self._marks[name]: value for name, value in values.items()}

    def print(self, table: str, template: list[tuple[Any, ...]], names: Names) -> None:
        """Keep the tuples of the rows."""
        named = names.get
        self._printed[table] += [tuple(map(named, row, row)) for row in template] if names else template

    def save(self) -> None:
        """Save in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        for table, rows in self._printed.items():
            self._connection.executemany(insert_of(table), rows)
        self._connection.execute("COMMIT")
        self._printed.clear()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def tuples(table: str, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """Return rows as `executemany` of `insert_of` takes them."""
    columns = TABLES[table].columns
    return [tuple(_in_sqlite(_value(column, row)) for column in columns) for row in rows]


def insert_of(table: str) -> str:
    """Return the statement that inserts whole rows of a table."""
    names = [column.name for column in TABLES[table].columns]
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - of our own tables


def _in_sqlite(value: Any) -> Any:  # noqa: ANN401 - any value of a column
    match value:
        case bool():
            return int(value)
        case date():
            return value.isoformat()
        case _:
            return value
