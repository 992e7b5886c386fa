"""Loading in bulk: the engine's way of saving many rows, against the same rows given to the database as it likes them.

The rows are the history of some LSOs, with its foreign key and four indexes. On PostgreSQL the floor is a binary COPY
of bytes made before, by a superuser, whom row-level security lets do so; on SQLite `executemany` of tuples made before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

from benchmarks.grounds import PostgresSite, Site
from benchmarks.measuring import Effort, Goal, Line, Pairs, Series, called_often
from benchmarks.portfolio_grounds import Portfolio, conninfo, portfolio_ground
from benchmarks.portfolio_loader import Size
from benchmarks.portfolio_presses import binary_rows, copy_in, insert_of, tuples
from benchmarks.portfolio_stories import EVERYDAY
from cif_engine.persistence.bulk import save_in_bulk
from cif_engine.persistence.engines import sqlite_driver
from cif_engine.persistence.tables import TABLES

TABLE = "loan_state"
LSOS = 8
GOAL = Goal(0.7)
UNIT = "rows/s"

Rows = list[dict[str, Any]]


def measure_bulk(site: Site, effort: Effort) -> list[Line]:
    """Return how many rows each of the two loads in a second."""
    size = Size(LSOS, effort.loans_of_portfolio_lso)
    with portfolio_ground(site, "bulk", size, EVERYDAY) as portfolio:
        rows = _stored(portfolio)
        with (_postgres_floor if isinstance(site, PostgresSite) else _sqlite_floor)(portfolio, rows) as floor:
            pairs = _in_turn(portfolio, floor, rows, effort.rounds)
        if _stored(portfolio) != rows:
            raise RuntimeError("the rows that were saved in bulk are not those that were there before")
    way = "binary COPY" if isinstance(site, PostgresSite) else "executemany"
    floor_line = Line("portfolio", site.kind, f"floor: {way} of {len(rows):,} rows", UNIT, pairs.floor)
    return [floor_line, Line("portfolio", site.kind, "save_in_bulk", UNIT, pairs.measured, pairs.ratio, GOAL)]


def _in_turn(portfolio: Portfolio, floor: Callable[[], None], rows: Rows, rounds: int) -> Pairs:
    def save() -> None:
        with portfolio.databases.writing() as connection:
            save_in_bulk(connection, TABLE, rows)

    rates: list[list[float]] = [[], []]
    for _ in range(rounds):
        for load, of_load in zip((floor, save), rates, strict=True):
            _throw_away(portfolio)
            of_load.append(len(rows) / called_often(load, time.perf_counter, 1) * 1e6)
    return Pairs(*(Series(tuple(of_load)) for of_load in rates))


def _stored(portfolio: Portfolio) -> Rows:
    table = TABLES[TABLE]
    with portfolio.databases.reading() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]


def _throw_away(portfolio: Portfolio) -> None:
    """Remove all rows, and leave nothing of them to be tidied up."""
    with portfolio.databases.writing() as connection:
        connection.execute(sa.delete(TABLES[TABLE]))
    if portfolio.databases.dialect == "postgresql":
        with psycopg.connect(conninfo(portfolio.open_url), autocommit=True) as connection:
            connection.execute(f"VACUUM {TABLE}")


@contextmanager
def _postgres_floor(portfolio: Portfolio, rows: Rows) -> Iterator[Callable[[], None]]:
    prepared = binary_rows(TABLE, rows)
    with psycopg.connect(conninfo(portfolio.open_url), autocommit=True) as connection:
        yield lambda: copy_in(connection, TABLE, prepared)


@contextmanager
def _sqlite_floor(portfolio: Portfolio, rows: Rows) -> Iterator[Callable[[], None]]:
    prepared, said = tuples(TABLE, rows), insert_of(TABLE)
    path = sa.make_url(portfolio.url).database
    with closing(sqlite_driver().connect(str(path), isolation_level=None)) as connection:
        connection.executescript("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")

        def load() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(said, prepared)
            connection.execute("COMMIT")

        yield load
