"""What a database's refusal means: by SQLSTATE on PostgreSQL, by error code and message on SQLite.

Each function takes an error of SQLAlchemy or of the driver itself, and looks through the former at the latter.
"""

from __future__ import annotations

from typing import Final

import psycopg
import sqlalchemy as sa

from cif_engine.errors import (
    AmountTooLargeError,
    BookBusyError,
    CifError,
    MakerIsCheckerError,
    NotEnoughCashError,
    UnavailableError,
)

REPLACED: Final = "CIF03"
"""How SQLite's guards begin their message about a row whose keys are taken, before REPLACE could remove the older row.

What else they refuse (rows edited, events left out) is a mistake of ours or somebody else's, not of a request.
"""

MAKER_IS_CHECKER: Final = "CIF04"
"""What the guards against a maker who checks say: the SQLSTATE on PostgreSQL, how the message begins on SQLite."""

_UNIQUE_VIOLATION: Final = "23505"
_CHECK_VIOLATION: Final = "23514"
_NUMBER_TOO_LARGE: Final = "22003"
_SQLITE_NUMBER_TOO_LARGE: Final = "cannot store REAL value in INTEGER column"
_SQLITE_CHECK_FAILED: Final = "CHECK constraint failed: "
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
_SQLITE_UNREADABLE: Final = frozenset({14, 26})  # cannot be opened; is no database


def translate(error: BaseException) -> CifError | None:
    """Return the refusal to raise for an error that says nothing about the request; None for any other error."""
    if isinstance(error, sa.exc.TimeoutError):
        return BookBusyError("All connections to the database are in use.")
    driver = _driver_error(error)
    if _sqlite_code(driver) in {_SQLITE_BUSY, _SQLITE_LOCKED} or _sqlstate(driver) in _BUSY:
        return BookBusyError("The database was busy with other requests for too long.")
    if _sqlite_code(driver) in _SQLITE_UNREADABLE:
        return UnavailableError("The file cannot be opened as a SQLite database.")
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
    """Whether a value is out of its range, a balance below its floor among them."""
    driver = _driver_error(error)
    return _sqlstate(driver) == _CHECK_VIOLATION or _sqlite_says(driver, _SQLITE_CHECK_FAILED)


def broken_rule(error: BaseException) -> CifError | None:
    """Return the refusal for what a CHECK or a guard of the database forbids a request; None for any other error.

    The other CHECKs forbid what only a mistake of ours could bring.
    """
    driver = _driver_error(error)
    check = _name_of_check(driver) if is_check_violation(driver) else ""
    if "account_balance_floor" in check:
        return NotEnoughCashError("An account of the fund would fall below zero.")
    if "maker_is_not_checker" in check or _says_code(driver, MAKER_IS_CHECKER):
        return MakerIsCheckerError("Another than who recorded it must decide on it.")
    if "_minor_range" in check or _is_too_large(driver):
        return AmountTooLargeError("An amount or a balance would be larger than the books can hold.")
    return None


def _driver_error(error: BaseException) -> BaseException:
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        return error.orig
    return error


def _name_of_check(driver: BaseException) -> str:
    """Return the name of the CHECK that failed; a sharded PostgreSQL adds the number of the shard."""
    if isinstance(driver, psycopg.Error):
        return driver.diag.constraint_name or ""
    return str(driver).removeprefix(_SQLITE_CHECK_FAILED)


def _says_code(driver: BaseException, code: str) -> bool:
    return _sqlstate(driver) == code or _sqlite_says(driver, code)


def _is_too_large(driver: BaseException) -> bool:
    return _sqlstate(driver) == _NUMBER_TOO_LARGE or _sqlite_says(driver, _SQLITE_NUMBER_TOO_LARGE)


def _sqlstate(driver: BaseException) -> str | None:
    return driver.sqlstate if isinstance(driver, psycopg.Error) else None


def _sqlite_code(driver: BaseException) -> int | None:
    """Return the primary code. Errors are told by this attribute, since two modules may be the driver."""
    code = getattr(driver, "sqlite_errorcode", None)
    return None if code is None else int(code) & _SQLITE_PRIMARY_CODE


def _sqlite_says(driver: BaseException, *beginnings: str) -> bool:
    """Compare SQLite's fixed words, because the packaged driver does not tell the extended codes."""
    return _sqlite_code(driver) is not None and str(driver).startswith(beginnings)
