"""Revision 0008 on a network that is there already: every placement says how many households its LSO says."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command

from cif_engine.persistence import migrating
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.migrating import migrate
from cif_engine.persistence.tables import TABLES
from tests.support.databases import closing_databases, found_lso

PLACED = ("lso_id", "number", "valid_from", "recorded_at", "actor")
PLACES = ("rsp_id", "district_id", "tehsil_id", "union_council_id")


@pytest.fixture
def before(empty_database_url: str) -> Iterator[Databases]:
    """A database at the revision before."""
    with closing_databases(empty_database_url) as databases:
        config = migrating._config()
        with databases.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0007")
        yield databases


def _place(databases: Databases, lso_id: str) -> None:
    """Place an LSO where it is, as revision 0007 does."""
    says = ", ".join(PLACES)
    with databases.writing(lso_id) as connection:
        connection.exec_driver_sql(
            f"INSERT INTO lso_placement ({', '.join(PLACED[:4])}, {says}) "  # noqa: S608 - names of this file
            f"SELECT id, 1, '1900-01-01', 0, {says} FROM lso WHERE id = '{lso_id}'"
        )


def test_what_an_lso_says_becomes_what_its_placement_says(before: Databases) -> None:
    said = {found_lso(before, placed=False): households for households in (820, None)}
    lso, placement = TABLES["lso"], TABLES["lso_placement"]
    for lso_id, households in said.items():
        with before.writing() as connection:
            of_lso = sa.update(lso).where(lso.c.id == lso_id)
            connection.execute(of_lso.values(households_eligible=households))
        _place(before, lso_id)
    migrate(before)
    with before.reading() as connection:
        kept = connection.execute(sa.select(placement.c.lso_id, placement.c.households_eligible)).all()
    assert dict(map(tuple, kept)) == said
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), before.writing() as connection:
        connection.execute(sa.update(placement).values(households_eligible=1))
