"""Reported figures as they are kept: the database lets sets only be added, and one writer at a time numbers them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cif_engine.errors import RowsRefusedError
from cif_engine.operations.reported_figures import Recorder, SaidRow, SaidRows, SaidSet, record_reported_figures
from cif_engine.operations.views import View
from cif_engine.persistence.database_errors import REPLACED, is_check_violation, is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from cif_engine.reported.figures import Figure
from cif_engine.reported.measures import BORROWERS
from cif_engine.reported.printed import Unit, read_printed
from tests.support.databases import found_lso

TABLE = TABLES["reported_set"]
DAY, TODAY = date(2024, 3, 31), date(2024, 6, 30)
EDITED = "CIF01"
AT = 1_700_000_000_000_000


def an_rsp(databases: Databases) -> str:
    lso_id, lso = found_lso(databases), TABLES["lso"]
    with databases.reading() as connection:
        rsp_id: str = connection.execute(sa.select(lso.c.rsp_id).where(lso.c.id == lso_id)).scalar_one()
    return rsp_id


def report(databases: Databases, rsp_id: str, borrowers: int) -> View:
    figures = (Figure(BORROWERS, read_printed(str(borrowers), Unit.NUMBER)),)
    said = SaidSet("rsp", None, None, None, DAY, DAY, DAY.isoformat(), None, "Outreach report", "7", None, figures, "")
    by = Recorder("finance", AT, TODAY, lambda: str(uuid4()))
    return record_reported_figures(databases, rsp_id, SaidRows((SaidRow(0, said, str),)), by)


def rows_of(databases: Databases, rsp_id: str) -> list[sa.RowMapping]:
    wanted = sa.select(TABLE).where(TABLE.c.rsp_id == rsp_id).order_by(TABLE.c.number)
    with databases.reading() as connection:
        return list(connection.execute(wanted).mappings())


@pytest.mark.parametrize("statement", ["UPDATE {} SET figures = '[]'", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_printed_is_never_edited(shared_databases: Databases, statement: str) -> None:
    rsp_id = an_rsp(shared_databases)
    report(shared_databases, rsp_id, 90)
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_databases.writing() as connection:
        connection.exec_driver_sql(statement.format("reported_set"))
    said = getattr(caught.value.orig, "sqlstate", None) or str(caught.value.orig)
    of_sqlite = "syntax error" if statement.startswith("TRUNCATE") else EDITED
    assert (of_sqlite if shared_databases.dialect == "sqlite" else EDITED) in said
    assert [row["figures"] for row in rows_of(shared_databases, rsp_id)] == ['[["borrowers","90","number"]]']


def test_a_set_is_not_replaced(shared_databases: Databases) -> None:
    report(shared_databases, an_rsp(shared_databases), 90)
    again = "INSERT INTO reported_set SELECT * FROM reported_set"
    replace = again if shared_databases.dialect == "postgresql" else again.replace("INSERT", "REPLACE", 1)
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_databases.writing() as connection:
        connection.exec_driver_sql(replace)
    assert is_unique_violation(caught.value)
    assert shared_databases.dialect == "postgresql" or REPLACED in str(caught.value)


@pytest.mark.parametrize("wrong", [{"number": 0}, {"subject": "donor"}], ids=str)
def test_a_set_is_of_some_subject(shared_databases: Databases, wrong: dict[str, object]) -> None:
    rsp_id = an_rsp(shared_databases)
    report(shared_databases, rsp_id, 90)
    (row,) = rows_of(shared_databases, rsp_id)
    with pytest.raises(sa.exc.IntegrityError) as caught, shared_databases.writing() as connection:
        connection.execute(sa.insert(TABLE), {**row, "id": str(uuid4()), "number": 2, **wrong})
    assert is_check_violation(caught.value)


def test_those_who_report_at_the_same_time_take_turns(shared_databases: Databases) -> None:
    rsp_id = an_rsp(shared_databases)
    with ThreadPoolExecutor(6) as clerks:
        list(clerks.map(lambda count: report(shared_databases, rsp_id, count), range(1, 13)))
    rows = rows_of(shared_databases, rsp_id)
    assert [row["number"] for row in rows] == list(range(1, 13))
    assert all(before["recorded_at"] < after["recorded_at"] for before, after in pairwise(rows))


def test_the_same_report_sent_many_times_at_once_is_recorded_once(shared_databases: Databases) -> None:
    rsp_id = an_rsp(shared_databases)

    def sent(_: int) -> bool:
        try:
            report(shared_databases, rsp_id, 90)
        except RowsRefusedError:
            return False
        return True

    with ThreadPoolExecutor(6) as clerks:
        assert sum(clerks.map(sent, range(6))) == 1
    assert len(rows_of(shared_databases, rsp_id)) == 1
