"""Fresh databases for tests, each a copy of one that was migrated once per worker. A pytest plugin.

A test takes `databases` (or `database_url`) and runs once on SQLite and once on PostgreSQL, each time on an empty
database of its own. A property test takes `shared_databases`, one per module and kind, because its many examples share
it: each example begins with `found_lso`, and so with a book that no other example sees.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from sqlalchemy import insert

from cif_engine.persistence.books import begin_book
from cif_engine.persistence.engines import Databases, open_databases, sqlite_driver
from cif_engine.persistence.migrating import migrate
from cif_engine.persistence.placements import PLACEMENTS, add_first_version
from cif_engine.persistence.tables import TABLES
from tests.support.postgres import Cluster

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


class Stock(Protocol):
    """Hands out databases of one kind, and takes them back."""

    def empty(self) -> AbstractContextManager[str]:
        """The URL of a database in which nothing is yet."""
        ...

    def migrated(self) -> AbstractContextManager[str]:
        """The URL of a database with the schema and no rows."""
        ...


class SqliteStock:
    """Copies of a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        with closing_databases(f"sqlite:///{self._template}") as databases:
            migrate(databases)

    @contextmanager
    def empty(self) -> Iterator[str]:
        yield f"sqlite:///{self._folder / uuid4().hex}.db"

    @contextmanager
    def migrated(self) -> Iterator[str]:
        path = self._folder / f"{uuid4().hex}.db"
        driver = sqlite_driver()
        with closing(driver.connect(str(self._template))) as original, closing(driver.connect(str(path))) as copy:
            original.backup(copy)
        yield f"sqlite:///{path}"


class PostgresStock:
    """Copies of a template database, whose owner is an ordinary role."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._template = f"cif_template_{uuid4().hex}"
        with closing_databases(cluster.create_database(self._template)) as databases:
            migrate(databases)

    @contextmanager
    def empty(self) -> Iterator[str]:
        name = f"cif_empty_{uuid4().hex}"
        yield self._cluster.create_database(name)
        self._cluster.drop_database(name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        name = f"cif_{uuid4().hex}"
        yield self._cluster.create_database(name, template=self._template)
        self._cluster.drop_database(name)

    def close(self) -> None:
        self._cluster.drop_database(self._template)


@contextmanager
def closing_databases(url: str) -> Iterator[Databases]:
    databases = open_databases(url)
    try:
        yield databases
    finally:
        databases.dispose()


def found_lso(databases: Databases, *, placed: bool = True) -> str:
    """Found an LSO, alone in a district of its own, and begin its book; return its id.

    It is not `placed` in a database of before versions of placements.
    """
    rsp, district, lso = (str(uuid4()) for _ in range(3))
    with databases.writing() as connection:
        connection.execute(insert(TABLES["rsp"]).values(id=rsp, code=rsp[:8].upper(), name="Programme", version=1))
        place = {"id": district, "kind": "district", "code": district[:8].upper(), "name": "District", "version": 1}
        connection.execute(insert(TABLES["area"]).values(place))
        named = {"id": lso, "code": lso[:8].upper(), "name": "LSO", "version": 1}
        found = {**named, "rsp_id": rsp, "district_id": district}
        connection.execute(insert(TABLES["lso"]).values(found))
        if placed:
            add_first_version(connection, PLACEMENTS, {"lso_id": lso, **found})
        begin_book(connection, lso)
    return lso


@pytest.fixture(scope="session")
def sqlite_stock(tmp_path_factory: pytest.TempPathFactory) -> SqliteStock:
    return SqliteStock(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgresql_stock(postgres_cluster: Cluster) -> Iterator[PostgresStock]:
    stock = PostgresStock(postgres_cluster)
    yield stock
    stock.close()


def _stock(request: pytest.FixtureRequest) -> Stock:
    """Asked for late, so that a run on SQLite alone starts no PostgreSQL."""
    stock: Stock = request.getfixturevalue(f"{request.param}_stock")
    return stock


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database without a schema."""
    with _stock(request).empty() as url:
        yield url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a migrated database of this test's own."""
    with _stock(request).migrated() as url:
        yield url


@pytest.fixture
def databases(database_url: str) -> Iterator[Databases]:
    """A migrated database of this test's own, open."""
    with closing_databases(database_url) as opened:
        yield opened


@pytest.fixture(scope="module", params=KINDS)
def shared_databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """A migrated database that the tests of a module, and all examples of a property, have in common."""
    with _stock(request).migrated() as url, closing_databases(url) as opened:
        yield opened
