"""The register of releases: the database lets rows only be added, and one writer at a time adds them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cif_engine.operations.recording import Outcome
from cif_engine.operations.releases import Released, Releases, record_releases, releases_list
from cif_engine.operations.rsp_recording import RspRequest
from cif_engine.persistence.database_errors import REPLACED, is_check_violation, is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from tests.support.databases import found_lso

RSP_TABLES = ("rsp_release", "rsp_answer")
PAID_ON, TODAY = date(2024, 3, 1), date(2024, 6, 30)
EDITED = "CIF01"
AT = 1_700_000_000_000_000


def an_rsp(databases: Databases) -> tuple[str, str]:
    """Found an LSO; return the id of its RSP and its code."""
    lso_id, lso = found_lso(databases), TABLES["lso"]
    with databases.reading() as connection:
        rsp_id, code = connection.execute(sa.select(lso.c.rsp_id, lso.c.code).where(lso.c.id == lso_id)).one()
    return rsp_id, code


def tell(databases: Databases, rsp_id: str, lso: str, key: str, tranche: int = 1) -> Outcome:
    released = Released(str(uuid4()), f"BPV-{tranche}", lso, "CIF", tranche, 100, PAID_ON)
    request = RspRequest(rsp_id, "finance", AT, TODAY, key, str(tranche).encode())
    return record_releases(databases, request, Releases(((0, released),)))


@pytest.mark.parametrize("table", RSP_TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET rsp_id = rsp_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_an_rsp_said_is_never_edited(shared_databases: Databases, table: str, statement: str) -> None:
    rsp_id, lso = an_rsp(shared_databases)
    tell(shared_databases, rsp_id, lso, "once")
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_databases.writing() as connection:
        connection.exec_driver_sql(statement.format(table))
    said = getattr(caught.value.orig, "sqlstate", None) or str(caught.value.orig)
    of_sqlite = "syntax error" if statement.startswith("TRUNCATE") else EDITED
    assert (of_sqlite if shared_databases.dialect == "sqlite" else EDITED) in said
    assert len(releases_list(shared_databases, rsp_id, TODAY)["items"]) == 1


@pytest.mark.parametrize("table", RSP_TABLES)
def test_a_row_is_not_replaced(shared_databases: Databases, table: str) -> None:
    rsp_id, lso = an_rsp(shared_databases)
    tell(shared_databases, rsp_id, lso, "once")
    again = f"INSERT INTO {table} SELECT * FROM {table}"  # noqa: S608 - names of our own tables
    replace = again if shared_databases.dialect == "postgresql" else again.replace("INSERT", "REPLACE", 1)
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_databases.writing() as connection:
        connection.exec_driver_sql(replace)
    assert is_unique_violation(caught.value)
    assert shared_databases.dialect == "postgresql" or REPLACED in str(caught.value)


@pytest.mark.parametrize("wrong", [{"amount_minor": 0}, {"number": 0}], ids=str)
def test_no_release_is_of_nothing(shared_databases: Databases, wrong: dict[str, int]) -> None:
    rsp_id, lso = an_rsp(shared_databases)
    tell(shared_databases, rsp_id, lso, "once")
    table = TABLES["rsp_release"]
    with shared_databases.reading() as connection:
        row = dict(connection.execute(sa.select(table).where(table.c.rsp_id == rsp_id)).mappings().one())
    with pytest.raises(sa.exc.IntegrityError) as caught, shared_databases.writing() as connection:
        connection.execute(sa.insert(table), {**row, "id": str(uuid4()), "number": 2, **wrong})
    assert is_check_violation(caught.value)


def test_those_who_tell_at_the_same_time_take_turns(shared_databases: Databases) -> None:
    rsp_id, lso = an_rsp(shared_databases)
    with ThreadPoolExecutor(6) as clerks:
        list(clerks.map(lambda number: tell(shared_databases, rsp_id, lso, f"key-{number}", number), range(1, 13)))
    items = releases_list(shared_databases, rsp_id, TODAY)["items"]
    assert [item["number"] for item in items] == list(range(1, 13))
    assert all(one["recorded_at"] < next_one["recorded_at"] for one, next_one in pairwise(items))


def test_one_request_sent_many_times_at_once_has_one_effect(shared_databases: Databases) -> None:
    rsp_id, lso = an_rsp(shared_databases)
    with ThreadPoolExecutor(6) as clerks:
        outcomes = list(clerks.map(lambda _: tell(shared_databases, rsp_id, lso, "same"), range(6)))
    assert len({outcome.body for outcome in outcomes}) == 1
    assert sorted(outcome.replayed for outcome in outcomes) == [False, *[True] * 5]
    assert len(releases_list(shared_databases, rsp_id, TODAY)["items"]) == 1
