"""Databases to measure on: SQLite files, or a durable PostgreSQL of this run alone. Both are gone when the run ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from benchmarks.books import OpenLoan, write_books
from cif_engine.persistence.engines import Databases, open_databases, sqlite_driver
from cif_engine.persistence.migrating import migrate
from tests.support.postgres import Cluster, start_cluster

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Ground:
    """A database with the loans of its books."""

    url: str
    databases: Databases
    loans: list[list[OpenLoan]]


@dataclass(frozen=True, slots=True)
class SqliteSite:
    """Makes SQLite files in one folder."""

    folder: Path
    kind: str = "sqlite"

    @property
    def version(self) -> str:
        """The library's version."""
        return f"SQLite {sqlite_driver().sqlite_version}"

    @contextmanager
    def ground(self, name: str, books: int, loans: int, collected: int) -> Iterator[Ground]:
        """Give a database with `books` books of `loans` loans each, `collected` instalments of each repaid."""
        with self.empty(name) as (url, databases):
            written = write_books(databases, books, loans, collected)
            self.tidy(name, databases)
            yield Ground(url, databases, written)

    @contextmanager
    def empty(self, name: str) -> Iterator[tuple[str, Databases]]:
        """Give a migrated database with nothing in it, and its URL; it is gone in the end."""
        url = f"sqlite:///{self.folder / name}.db"
        databases = open_databases(url)
        try:
            migrate(databases)
            yield url, databases
        finally:
            databases.dispose()
            for file in self.folder.glob(f"{name}.db*"):
                file.unlink()

    def tidy(self, name: str, databases: Databases) -> None:  # noqa: ARG002 - as the other site needs it
        """Leave nothing of what was written to be tidied up while something is measured."""
        databases.dispose()  # the last connection to close writes the log back into the file

    def stop_waiting(self, ground: Ground) -> None:
        """Let commits return before the disk has kept them, from now on."""
        with ground.databases.writing() as connection:
            driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous=OFF")  # the one connection that records; it takes this between transactions


@dataclass(frozen=True, slots=True)
class PostgresSite:
    """Makes databases in one cluster, seen as the application's role, whom row-level security binds."""

    cluster: Cluster
    kind: str = "postgresql"

    @property
    def version(self) -> str:
        """The server's version."""
        with psycopg.connect(_conninfo(self.cluster.superuser_url)) as connection:
            return f"PostgreSQL {connection.info.server_version // 10_000}"

    @contextmanager
    def ground(self, name: str, books: int, loans: int, collected: int) -> Iterator[Ground]:
        """Give a database, as `SqliteSite.ground` does."""
        with self.empty(name) as (url, databases):
            written = self._write(name, books, loans, collected)
            self.tidy(name, databases)
            yield Ground(url, databases, written)

    @contextmanager
    def empty(self, name: str) -> Iterator[tuple[str, Databases]]:
        """Give a migrated database, as `SqliteSite.empty` does."""
        url = self.cluster.create_database(name)
        databases = open_databases(url)
        try:
            migrate(databases)
            yield url, databases
        finally:
            databases.dispose()
            self.cluster.drop_database(name)

    def tidy(self, name: str, databases: Databases) -> None:
        """Leave nothing of what was written to be tidied up while something is measured."""
        databases.dispose()
        with psycopg.connect(_conninfo(self.cluster.superuser_url_for(name)), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def stop_waiting(self, ground: Ground) -> None:
        """Let commits return before the disk has kept them, from now on."""
        name = sql.Identifier(str(make_url(ground.url).database))
        with psycopg.connect(_conninfo(self.cluster.superuser_url), autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
        ground.databases.dispose()  # connections learn it when they are made

    def _write(self, name: str, books: int, loans: int, collected: int) -> list[list[OpenLoan]]:
        """Write the books as a superuser, whom row-level security lets COPY."""
        loading = open_databases(self.cluster.superuser_url_for(name))
        try:
            return write_books(loading, books, loans, collected)
        finally:
            loading.dispose()


Site = SqliteSite | PostgresSite


@contextmanager
def site(kind: str) -> Iterator[Site]:
    """Give the place where databases of a kind are made, and remove it in the end."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="cif-benchmark-") as folder:
            yield SqliteSite(Path(folder))
        return
    cluster = start_cluster(durable=True)
    try:
        yield PostgresSite(cluster)
    finally:
        cluster.stop()


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
