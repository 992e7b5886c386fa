"""What a database's refusal means: by SQLSTATE on PostgreSQL, by error code and message on SQLite.

Each function takes an error of SQLAlchemy or of the driver itself, and looks through the former at the latter.
"""

from __future__ import annotations

from typing import Final

import psycopg
import sqlalchemy as sa

from cif_engine.errors import BookBusyError, CifError, UnavailableError

EDITED: Final = "CIF01"
"""The guards' SQLSTATE for changing or removing a row that is only ever added; SQLite's message begins with it."""

GAP: Final = "CIF02"
"""The same for an event whose predecessor in the book is missing."""

REPLACED: Final = "CIF03"
"""SQLite only: the same for a row whose keys are taken, refused before REPLACE could remove the older row."""

_UNIQUE_VIOLATION: Final = "23505"
_CHECK_VIOLATION: Final = "23514"
_BUSY: Final = frozenset(
    {
        "40001",  # serialization failure
        "40P01",  # deadlock
        "55P03",  # lock timeout
        "57014",  # statement timeout
    }
)
_GONE: Final = frozenset(
    {
        "53300",  # too many connections
        "57P01",  # the server is told to stop
        "57P02",  # the server crashed
        "57P03",  # the server is starting
        "57P05",  # the session was idle too long
    }
)
_CONNECTION_CLASS: Final = "08"
_SQLITE_PRIMARY_CODE: Final = 0xFF
_SQLITE_BUSY: Final = 5
_SQLITE_LOCKED: Final = 6


def translate(error: BaseException) -> CifError | None:
    """Return the refusal to raise for an error that says nothing about the request; None for any other error."""
    if isinstance(error, sa.exc.TimeoutError):
        return BookBusyError("All connections to the database are in use.")
    driver = _driver_error(error)
    if _sqlite_code(driver) in {_SQLITE_BUSY, _SQLITE_LOCKED} or _sqlstate(driver) in _BUSY:
        return BookBusyError("The database was busy with other requests for too long.")
    if lost_connection(driver):
        return UnavailableError("The database does not answer.")
    return None


def lost_connection(error: BaseException) -> bool:
    """Whether PostgreSQL cannot be reached, or went away; other connections to it are then lost as well."""
    driver = _driver_error(error)
    if not isinstance(driver, psycopg.Error):
        return False
    state = driver.sqlstate
    if state is None:  # the server did not get to say anything
        return isinstance(driver, psycopg.OperationalError)
    return state in _GONE or state.startswith(_CONNECTION_CLASS)


def is_unique_violation(error: BaseException) -> bool:
    """Whether the keys of a row are taken; on SQLite a guard may have said so before the key itself could."""
    driver = _driver_error(error)
    return _sqlstate(driver) == _UNIQUE_VIOLATION or _sqlite_says(driver, "UNIQUE constraint failed", REPLACED)


def is_check_violation(error: BaseException) -> bool:
    driver = _driver_error(error)
    return _sqlstate(driver) == _CHECK_VIOLATION or _sqlite_says(driver, "CHECK constraint failed")


def raised_by_guard(error: BaseException) -> bool:
    """Whether a guard of the append-only tables refused: nothing is edited, no event is left out, no row replaced."""
    driver = _driver_error(error)
    guards = (EDITED, GAP, REPLACED)
    return _sqlstate(driver) in guards or _sqlite_says(driver, *guards)


def constraint_name(error: BaseException) -> str | None:
    """Return what the database says was violated, for the log alone: sharding renames constraints.

    PostgreSQL names the constraint; SQLite names a check, or the columns of a key (`table.column, ...`).
    """
    driver = _driver_error(error)
    if isinstance(driver, psycopg.Error):
        return driver.diag.constraint_name
    _, found, name = str(driver).partition(" constraint failed: ")
    return name if found else None


def _driver_error(error: BaseException) -> BaseException:
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        return error.orig
    return error


def _sqlstate(driver: BaseException) -> str | None:
    return driver.sqlstate if isinstance(driver, psycopg.Error) else None


def _sqlite_code(driver: BaseException) -> int | None:
    """Return the primary code. Errors are told by this attribute, since two modules may be the driver."""
    code = getattr(driver, "sqlite_errorcode", None)
    return None if code is None else int(code) & _SQLITE_PRIMARY_CODE


def _sqlite_says(driver: BaseException, *beginnings: str) -> bool:
    """Compare SQLite's fixed words, because the packaged driver does not tell the extended codes."""
    return _sqlite_code(driver) is not None and str(driver).startswith(beginnings)
