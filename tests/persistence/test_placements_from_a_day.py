"""Revision 0007 on a network that is there already: every LSO and every fund has a first version, known since ever."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command

from cif_engine.dates import EARLIEST_DAY
from cif_engine.persistence import migrating
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.migrating import migrate
from cif_engine.persistence.tables import TABLES
from tests.support.databases import closing_databases, found_lso


@pytest.fixture
def before(empty_database_url: str) -> Iterator[Databases]:
    """A database at the revision before."""
    with closing_databases(empty_database_url) as databases:
        config = migrating._config()
        with databases.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0006")
        yield databases


def _give_fund(databases: Databases, lso_id: str, funder: str) -> str:
    fund = {"id": str(uuid4()), "code": "CIF", "name": "F", "programme": "SUCCESS", "funder": funder, "version": 3}
    rules = {"lender_of_record": "LSO", "charge_policy": "interest_free", "reserve_floor_minor": 7}
    limits = {"poverty_score_from": 0, "poverty_score_to": 23, "amount_min_minor": 1}
    with databases.writing(lso_id) as connection:
        connection.execute(sa.insert(TABLES["fund"]), {"lso_id": lso_id, **fund, **rules, **limits})
    return str(fund["id"])


def test_what_an_lso_and_a_fund_say_becomes_their_first_version(before: Databases) -> None:
    funders = {found_lso(before, placed=False): funder for funder in ("European Union", "KfW")}
    fund_ids = {lso_id: _give_fund(before, lso_id, funder) for lso_id, funder in funders.items()}
    migrate(before)
    placement, version, lso = TABLES["lso_placement"], TABLES["fund_version"], TABLES["lso"]
    with before.reading() as connection:
        placed = connection.execute(sa.select(placement).order_by(placement.c.lso_id)).mappings().all()
        lsos = connection.execute(sa.select(lso).order_by(lso.c.id)).mappings().all()
        kept = {row["lso_id"]: row for row in connection.execute(sa.select(version)).mappings()}
        moments = connection.execute(sa.select(TABLES["book"].c.versions_recorded_at)).scalars().all()
    assert [row["lso_id"] for row in placed] == [row["id"] for row in lsos] == sorted(funders)
    for row, of in zip(placed, lsos, strict=True):
        assert (row["number"], row["valid_from"], row["recorded_at"], row["actor"]) == (1, EARLIEST_DAY, 0, None)
        assert all(row[name] == of[name] for name in ("rsp_id", "district_id", "tehsil_id", "union_council_id"))
    for lso_id, funder in funders.items():
        row = kept[lso_id]
        assert (row["fund_id"], row["funder"], row["programme"]) == (fund_ids[lso_id], funder, "SUCCESS")
        assert (row["number"], row["valid_from"], row["recorded_at"]) == (1, EARLIEST_DAY, 0)
        assert row["reserve_floor_minor"] == 7
    assert moments == [0, 0]
