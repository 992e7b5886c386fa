"""The floor of a portfolio's figures: DuckDB, in this process, over the same rows in memory, column by column.

It is given where every loan stood on a day, with all that a report asks of it side by side: what the engine has to find
out first (which rows hold on the day, whose they are, what had fallen due) is found out for it before the clock runs.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import duckdb
import psycopg
from sqlalchemy import make_url

from cif_engine.persistence.engines import sqlite_driver
from cif_engine.portfolio.par import PAR_DAYS, due_before

_COLUMNS: Final = {
    "lso": "VARCHAR",
    "member_id": "UUID",
    "household_id": "UUID",
    "status": "VARCHAR",
    "outstanding_minor": "BIGINT",
    "overdue_minor": "BIGINT",
    "oldest_due_on": "DATE",
    "renegotiated": "BOOLEAN",
}

_OF_STANDING: Final = (
    "lso_id, loan_id, status, outstanding_minor, principal_paid_minor, schedule_no, oldest_due_on, renegotiated"
)

_ROWS: Final = f"""
    SELECT lso.code, loan.member_id, loan.household_id, stood.status, stood.outstanding_minor,
        CASE WHEN stood.oldest_due_on < '{{day}}' AND due.fallen_due_minor > stood.principal_paid_minor
            THEN due.fallen_due_minor - stood.principal_paid_minor ELSE 0 END,
        stood.oldest_due_on, stood.renegotiated
    FROM (
        SELECT {_OF_STANDING} FROM loan_position WHERE valid_from <= '{{day}}'
        UNION ALL
        SELECT {_OF_STANDING} FROM loan_state
        WHERE valid_from <= '{{day}}' AND valid_to > '{{day}}' AND known_to IS NULL
    ) AS stood
    JOIN lso ON lso.id = stood.lso_id
    JOIN loan ON loan.lso_id = stood.lso_id AND loan.id = stood.loan_id
    LEFT JOIN (
        SELECT lso_id, loan_id, schedule_no, max(principal_due_to_date_minor) AS fallen_due_minor FROM instalment
        WHERE due_on < '{{day}}' AND known_to IS NULL GROUP BY lso_id, loan_id, schedule_no
    ) AS due ON due.lso_id = stood.lso_id AND due.loan_id = stood.loan_id AND due.schedule_no = stood.schedule_no
"""  # noqa: S608 - of our own words and days


Parts = tuple[tuple[int, int], ...]
"""Outstanding principal and loans, for each of PAR_DAYS."""


class Counted(NamedTuple):
    """What the floor counts of the open loans of one LSO; what is None was not counted."""

    lso: str
    outstanding_minor: int
    loans: int
    overdue_minor: int | None
    borrowers: int | None
    households: int | None
    late: Parts
    at_risk: Parts


class DuckFloor:
    """The standings of all loans on some days, as DuckDB has them."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._duck = duckdb.connect()
        self._days: list[date] = []

    def take(self, day: date) -> None:
        """Take in where every loan stood on a day."""
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _COLUMNS.items())
        with TemporaryDirectory(prefix="cif-floor-") as folder:
            path = Path(folder, "rows.csv")
            write_csv(self._url, _ROWS.format(day=day), path)
            as_csv = "header = false, auto_detect = false, delim = ',', quote = '\"'"
            rows = f"read_csv('{path}', {as_csv}, columns = {{{columns}}})"
            self._duck.execute(f"CREATE OR REPLACE TABLE {_table(day)} AS FROM {rows}")

    def par_by_lso(self, day: date) -> list[Counted]:
        """Return the portfolio of each LSO by lateness, on a day that was taken in."""
        return [_counted(row) for row in self._duck.execute(_par(day)).fetchall()]

    def everything_by_lso(self, day: date) -> list[Counted]:
        """Return the same with what is overdue, and with the people."""
        return [_counted(row) for row in self._duck.execute(_par(day, *_MORE)).fetchall()]

    def close(self) -> None:
        """Forget everything."""
        self._duck.close()


_MORE: Final = ("sum(overdue_minor)", "count(DISTINCT member_id)", "count(DISTINCT household_id)")


def _par(day: date, *more: str) -> str:
    late = [f"oldest_due_on < DATE '{due_before(day, days)}'" for days in PAR_DAYS]
    at_risk = ", ".join(
        f"sum(CASE WHEN {is_late} THEN outstanding_minor ELSE 0 END), sum(CASE WHEN {is_late} THEN 1 ELSE 0 END)"
        for is_late in (*late, *(f"({is_late} OR renegotiated)" for is_late in late))
    )
    further = ", ".join(more) or "NULL, NULL, NULL"
    return f"""
        SELECT lso, sum(outstanding_minor), count(*), {further}, {at_risk}
        FROM {_table(day)} WHERE status = 'open' GROUP BY lso
    """  # noqa: S608 - of our own words and days


def _counted(row: tuple[Any, ...]) -> Counted:
    pairs = tuple(zip(row[6::2], row[7::2], strict=True))
    lso, outstanding, loans, overdue, borrowers, households = row[:6]
    late, at_risk = pairs[: len(PAR_DAYS)], pairs[len(PAR_DAYS) :]
    return Counted(lso, outstanding, loans, overdue, borrowers, households, late, at_risk)


def _table(day: date) -> str:
    return f"standing_{day:%Y%m%d}"


def write_csv(database_url: str, query: str, path: Path) -> None:
    """Write the rows of a query as CSV, in any order; on PostgreSQL, a superuser's URL shows all rows."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(sqlite_driver().connect(str(url.database)).execute(query))
        return
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        psycopg.connect(conninfo) as connection,
        path.open("wb") as file,
        connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT CSV)") as copy,
    ):
        file.writelines(map(bytes, copy))
