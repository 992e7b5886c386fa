"""Databases with a portfolio to measure on, and the rows of them that the floor is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from benchmarks.books import LSO, lso_code, number_id
from benchmarks.grounds import PostgresSite, Site
from benchmarks.portfolio_loader import ALL_MARKS, Size, load_portfolio
from benchmarks.portfolio_presses import CopyPress, Press, TuplePress
from benchmarks.portfolio_stories import Lending
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases, open_databases
from cif_engine.persistence.migrating import migrate

VERIFIED = 3
"""So many of the books that were loaded are verified."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A database with a portfolio. `url` is the engine's; at `open_url` raw statements see all rows."""

    url: str
    open_url: str
    databases: Databases
    size: Size
    lending: Lending

    def lso_codes(self, count: int) -> list[str]:
        """Return the codes of some LSOs, from all over the network."""
        return [lso_code(at * self.size.lsos // count) for at in range(min(count, self.size.lsos))]

    def refuse_unsound(self) -> None:
        """Raise when a book of those that are told whole does not agree: rows that err would be counted fast."""
        told = range(0, self.size.lsos, self.size.told_every)
        for number in {told[at * len(told) // VERIFIED] for at in range(VERIFIED)}:
            if findings := verify(self.databases, number_id(LSO, number)):
                raise RuntimeError(f"{len(findings)} findings in the books that were loaded, the first: {findings[0]}")


@contextmanager
def portfolio_ground(site: Site, name: str, size: Size, lending: Lending) -> Iterator[Portfolio]:
    """Give a database with a portfolio of its own; it is gone in the end."""
    make = _in_postgres if isinstance(site, PostgresSite) else _in_sqlite
    with make(site, name, lambda press: load_portfolio(press, size, lending)) as (url, open_url):
        databases = open_databases(url)
        try:
            portfolio = Portfolio(url, open_url, databases, size, lending)
            portfolio.refuse_unsound()
            yield portfolio
        finally:
            databases.dispose()


Load = Callable[[Press], None]


@contextmanager
def _in_sqlite(site: Site, name: str, load: Load) -> Iterator[tuple[str, str]]:
    assert not isinstance(site, PostgresSite), "a folder"
    path = Path(site.folder, f"{name}.db")
    url = f"sqlite:///{path}"
    try:
        _migrate(url)
        load(TuplePress(path, ALL_MARKS))
        yield url, url
    finally:
        for file in site.folder.glob(f"{name}.db*"):
            file.unlink()


@contextmanager
def _in_postgres(site: Site, name: str, load: Load) -> Iterator[tuple[str, str]]:
    """As a superuser, whom row-level security lets COPY; and leave nothing to be tidied up while it is measured."""
    assert isinstance(site, PostgresSite), "a cluster"
    try:
        url = site.cluster.create_database(name)
        open_url = site.cluster.superuser_url_for(name)
        _migrate(url)
        load(CopyPress(open_url, ALL_MARKS))
        with psycopg.connect(conninfo(open_url), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        yield url, open_url
    finally:
        site.cluster.drop_database(name)


def _migrate(url: str) -> None:
    databases = open_databases(url)
    migrate(databases)
    databases.dispose()


def conninfo(url: str) -> str:
    """Return a URL as PostgreSQL's own driver takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
