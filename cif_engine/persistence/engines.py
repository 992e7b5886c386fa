"""Connections to the database that keeps the books: how they are opened, and how a transaction begins and ends.

Every connection is in driver autocommit, and transactions are begun by the words below, once and in one place: drivers
that begin by themselves leave SQLite's reads outside the transaction, and cost PostgreSQL a round trip. Those who
record and those who read have pools of their own. SQLite gets one recording connection, for which threads queue in
turn instead of meeting `database is locked`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import TextLoader

from cif_engine.errors import UnfitDatabaseError
from cif_engine.persistence.database_errors import lost_connection, translate
from cif_engine.persistence.group_commit import GroupCommit
from cif_engine.settings import Settings

try:
    from pysqlite3 import dbapi2 as packaged_sqlite
except ImportError:  # it is packaged for Linux alone
    packaged_sqlite = None

OLDEST_SQLITE: Final = (3, 51, 3)
"""Older ones may corrupt a database in write-ahead-log mode that two connections have open."""

EVERY_LSO: Final = "*"
"""What `cif.lso_id` holds in PostgreSQL for a connection that serves every LSO; row-level security reads it."""

_SQLITE_STATEMENTS: Final = 512
_POSTGRES_STATEMENTS: Final = 512
_POSTGRES_POOL_RECYCLE_SECONDS: Final = 1800

Dialect = Literal["sqlite", "postgresql"]
_BEGIN_READING: Final[dict[Dialect, str]] = {
    "sqlite": "BEGIN",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}


class Databases:
    """One database, seen through a pool of connections that record and a pool of connections that only read.

    Its context managers raise BookBusyError when the wait for a connection or a lock was too long, UnavailableError
    when the database cannot be reached, and any other error of the database as it comes.
    """

    def __init__(self, write: sa.Engine, read: sa.Engine, dialect: Dialect, group: GroupCommit | None = None) -> None:
        self.dialect: Final = dialect
        self._write = write
        self._read = read
        self._group = group

    @contextmanager
    def reading(self, lso_id: str | None = None) -> Iterator[sa.Connection]:
        """Give a connection on which all statements see the database as it was at one moment.

        With `lso_id`, PostgreSQL shows the rows of that LSO alone.
        """
        with _connection(self._read) as connection:
            _say(connection, _BEGIN_READING[self.dialect] + self._narrowed(lso_id))
            yield connection

    @contextmanager
    def writing(self, lso_id: str | None = None) -> Iterator[sa.Connection]:
        """Give a connection within a transaction, committed when the block ends and rolled back when it raises.

        With `lso_id`, PostgreSQL shows and takes the rows of that LSO alone. Not to be nested: the inner one would
        wait for the outer one.
        """
        if self._group is not None:
            with _translated(self._write), self._group.member() as connection:
                yield connection
            return
        with _connection(self._write) as connection:
            _say(connection, "BEGIN" + self._narrowed(lso_id))
            yield connection
            _say(connection, "COMMIT")

    @contextmanager
    def autocommit(self) -> Iterator[sa.Connection]:
        """Give a connection that records with no transaction begun: each statement stands for itself.

        PostgreSQL only: SQLite's one recording connection is given out within a transaction.
        """
        assert self._group is None, "SQLite records within a transaction"
        with _connection(self._write) as connection:
            yield connection

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        if self._group is not None:
            self._group.close()
        self._write.dispose()
        self._read.dispose()

    def _narrowed(self, lso_id: str | None) -> str:
        """Return what narrows the transaction being begun, to be said in the same round trip."""
        if lso_id is None or self.dialect == "sqlite":
            return ""
        return f"; SET LOCAL cif.lso_id = '{UUID(lso_id)}'"


def _say(connection: sa.Connection, words: str) -> None:
    """Say something to the database through its own driver, which costs a quarter of saying it through SQLAlchemy."""
    driver = connection.connection.driver_connection
    assert driver is not None, "a connection in use has its driver's connection"
    driver.execute(words)


def open_databases(source: Settings | str) -> Databases:
    """Return the database that the settings, or a URL alone, name; connections are made when they are first needed.

    Raises UnfitDatabaseError for a database of another kind, for SQLite in memory, and where this Python has no SQLite
    that is safe.
    """
    settings = Settings(database_url=source) if isinstance(source, str) else source
    try:
        url = sa.make_url(settings.database_url)
    except sa.exc.ArgumentError as unreadable:
        raise UnfitDatabaseError("The database URL cannot be read.") from unreadable
    match url.get_backend_name():
        case "sqlite":
            return _open_sqlite(url, settings)
        case "postgresql" | "postgres":
            return _open_postgres(url.set(drivername="postgresql+psycopg"), settings)
        case other:
            raise UnfitDatabaseError(f"Books are kept in SQLite or PostgreSQL, not in {other!r}.")


@contextmanager
def _connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection; whatever transaction is still open on it at the end is rolled back."""
    with _translated(engine), engine.connect() as connection:
        yield connection


@contextmanager
def _translated(engine: sa.Engine) -> Iterator[None]:
    """Turn the database's way of saying that it cannot do it now into the refusal that says so."""
    try:
        yield
    except Exception as error:
        if lost_connection(error):
            engine.dispose()  # the idle connections of the pool went the same way
        if refusal := translate(error):
            raise refusal from error
        raise


# SQLite --------------------------------------------------------------------------------------------------------


def sqlite_driver() -> ModuleType:
    """Return the SQLite driver whose library is new enough, the packaged one first; raises UnfitDatabaseError."""
    for driver in (packaged_sqlite, sqlite3):
        if driver is not None and is_safe_sqlite(driver.sqlite_version_info):
            return driver
    raise UnfitDatabaseError(
        f"SQLite {sqlite3.sqlite_version} of this Python may corrupt a database; "
        f"version {'.'.join(map(str, OLDEST_SQLITE))} or newer is needed: install the package pysqlite3."
    )


def is_safe_sqlite(version: tuple[int, ...]) -> bool:
    """Whether this version of SQLite keeps what was committed when several connections are open."""
    return version >= OLDEST_SQLITE


def _open_sqlite(url: sa.URL, settings: Settings) -> Databases:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise UnfitDatabaseError("SQLite needs a path: a database in memory would end with its connection.")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    write = _sqlite_engine(url, settings, pool_size=1)
    read = _sqlite_engine(url, settings, pool_size=settings.read_pool_size)
    shared = (
        f"PRAGMA busy_timeout={settings.busy_timeout_ms}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA recursive_triggers=ON",  # else REPLACE slips past the guards against deleting
        "PRAGMA trusted_schema=OFF",
        f"PRAGMA cache_size={-1024 * settings.sqlite_cache_mib}",
        "PRAGMA temp_store=MEMORY",
    )
    _on_connect(write, shared)
    _on_connect(read, (*shared, "PRAGMA query_only=ON"))
    return Databases(write, read, "sqlite", GroupCommit(write, settings.busy_timeout_ms / 1000))


def _sqlite_engine(url: sa.URL, settings: Settings, pool_size: int) -> sa.Engine:
    return sa.create_engine(
        url,
        module=sqlite_driver(),
        connect_args={"isolation_level": None, "cached_statements": _SQLITE_STATEMENTS},
        poolclass=sa.QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=settings.busy_timeout_ms / 1000,
    )


# PostgreSQL ----------------------------------------------------------------------------------------------------


class _UuidTextOfBinary(Loader):
    """Reads the 16 bytes of a uuid as its text."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return str(UUID(bytes=bytes(data)))


_FOR_REPORTS: Final = (
    "SET default_transaction_read_only = on",
    # Reports are large reads of few pages by index, over rows that are in memory; compiling costs more than it saves.
    "SET jit = off",
    # A fund or an LSO may have a hundredth of what another has: planned for any alike, some reports took a hundred
    # times as long. To plan takes milliseconds.
    "SET plan_cache_mode = force_custom_plan",
    "SET random_page_cost = 1.1",
    "SET work_mem = '64MB'",
)


def _open_postgres(url: sa.URL, settings: Settings) -> Databases:
    write = _postgres_engine(url, settings, settings.write_pool_size)
    read = _postgres_engine(url, settings, settings.read_pool_size)
    shared = (
        "SET TimeZone = 'UTC'",
        f"SET lock_timeout = {settings.busy_timeout_ms}",
        f"SET statement_timeout = {settings.statement_timeout_ms}",
        f"SET idle_in_transaction_session_timeout = {settings.statement_timeout_ms}",
        f"SET cif.lso_id = '{EVERY_LSO}'",
    )
    _on_connect(write, ("; ".join(shared),))
    _on_connect(read, ("; ".join((*shared, *_FOR_REPORTS)),))
    for engine in (write, read):
        sa.event.listen(engine, "connect", _adapt)
    return Databases(write, read, "postgresql")


def _postgres_engine(url: sa.URL, settings: Settings, pool_size: int) -> sa.Engine:
    return sa.create_engine(
        url,
        connect_args={"autocommit": True},
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=settings.busy_timeout_ms / 1000,
        pool_recycle=_POSTGRES_POOL_RECYCLE_SECONDS,
    )


def _adapt(connection: psycopg.Connection, _record: object) -> None:
    """Let the driver's own cursors speak as SQLAlchemy does: a uuid is text, every whole number a BIGINT.

    Without the latter the driver picks a type by magnitude, and PostgreSQL plans one statement once per combination.
    """
    connection.adapters.register_loader("uuid", TextLoader)
    connection.adapters.register_loader("uuid", _UuidTextOfBinary)
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.prepared_max = _POSTGRES_STATEMENTS


def _on_connect(engine: sa.Engine, statements: tuple[str, ...]) -> None:
    def say(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401 - either driver's connection
        cursor = dbapi_connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()

    sa.event.listen(engine, "connect", say)
