"""Rows saved in bulk are rows like any other: of the same values, and under the same guards."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cif_engine.persistence.bulk import Row, save_in_bulk
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from tests.support.databases import PostgresStock, closing_databases, found_lso

VO: Row = {"kind": "vo", "vo_id": None, "version": 1}


def _household(lso_id: str, poverty_score: int | None = 12, *, eligible: bool = True) -> Row:
    return {
        "lso_id": lso_id,
        "id": str(uuid4()),
        "code": uuid4().hex,
        "head_name": 'Zainab\t\\ "Bibi"\n',
        "settlement": None,
        "poverty_score": poverty_score,
        "eligible": eligible,
        "version": 1,
    }


def _save(databases: Databases, table: str, *goes: list[Row], within: str | None = None) -> None:
    with databases.writing(within) as connection:
        for rows in goes:
            save_in_bulk(connection, table, rows)


def _stored(databases: Databases, table: str) -> list[dict[str, Any]]:
    rows = sa.select(TABLES[table]).order_by(TABLES[table].c.id)
    with databases.reading() as connection:
        return [dict(row) for row in connection.execute(rows).mappings()]


def test_what_is_saved_is_what_is_read(databases: Databases) -> None:
    lso_id = found_lso(databases)
    households = [_household(lso_id), _household(lso_id, None, eligible=False)]
    formed_on = (date(2020, 2, 29), None)
    vos: list[Row] = [
        {**VO, "lso_id": lso_id, "id": str(uuid4()), "code": str(on), "name": "VØ", "formed_on": on} for on in formed_on
    ]

    _save(databases, "household", households)
    _save(databases, "institution", vos)

    assert _stored(databases, "household") == sorted(households, key=lambda row: str(row["id"]))
    assert _stored(databases, "institution") == sorted(vos, key=lambda row: str(row["id"]))


def test_rows_are_saved_in_as_many_goes_as_wanted(databases: Databases) -> None:
    lso_id = found_lso(databases)
    households = [_household(lso_id) for _ in range(6)]

    _save(databases, "household", households[:2], [], households[2:5])
    _save(databases, "household", households[5:])

    assert len(_stored(databases, "household")) == 6


def test_a_row_that_the_database_refuses_leaves_none_of_the_transaction(databases: Databases) -> None:
    lso_id = found_lso(databases)
    right, wrong = _household(lso_id), _household(lso_id, poverty_score=101)

    with pytest.raises(Exception, match="poverty_score_range"):
        _save(databases, "household", [right], [_household(lso_id), wrong])

    assert _stored(databases, "household") == []


@pytest.fixture
def postgresql_databases(postgresql_stock: PostgresStock) -> Iterator[Databases]:
    with postgresql_stock.migrated() as url, closing_databases(url) as opened:
        yield opened


@pytest.mark.postgres
def test_a_transaction_of_one_lso_takes_no_rows_of_another(postgresql_databases: Databases) -> None:
    lso_id, other_id = found_lso(postgresql_databases), found_lso(postgresql_databases)

    with pytest.raises(Exception, match="row-level security"):
        _save(postgresql_databases, "household", [_household(other_id)], within=lso_id)

    assert _stored(postgresql_databases, "household") == []
