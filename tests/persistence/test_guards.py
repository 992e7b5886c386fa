"""What the database itself refuses, whatever program is connected to it: law 2, gaps, and other LSOs' rows."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from cif_engine.persistence.database_errors import MAKER_IS_CHECKER, REPLACED, is_check_violation, is_unique_violation
from cif_engine.persistence.engines import Databases, sqlite_driver
from cif_engine.persistence.placements import FUND_VERSIONS, add_first_version
from cif_engine.persistence.tables import PAPERS, TABLES
from tests.support.databases import PostgresStock, SqliteStock, closing_databases, found_lso

EVENT, POSTING, ANSWER, ACCOUNT_BALANCE = (TABLES[name] for name in ("event", "posting", "answer", "account_balance"))
APPEND_ONLY = ("event", "posting", "answer", "lso_placement", "fund_version", "tranche_rule")
SOME_DAY = date(2024, 7, 1)
CASH, LOANS = "F.1010", "F.1310"
EDITED, GAP = "CIF01", "CIF02"
"""The guards' SQLSTATE for a row edited and for an event left out; SQLite's message begins with it."""


def _event(lso_id: str, seq: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of any type
    row = {"lso_id": lso_id, "seq": seq, "id": str(uuid4()), "kind": "k", "effective_on": SOME_DAY, "recorded_at": seq}
    return row | {"actor": "a", "payload": "{}", "prev_hash": b"\0", "hash": b"\1", "receipt_no": f"R{seq}"} | more


def _add(connection: sa.Connection, table: str, *rows: dict[str, Any]) -> None:
    connection.execute(sa.insert(TABLES[table]), list(rows))


def _begin(databases: Databases) -> str:
    """Found an LSO with a fund, two accounts, and a book of one event with its posting and its answer."""
    lso_id, fund_id = found_lso(databases), str(uuid4())
    fund = {"id": fund_id, "code": "F", "name": "F", "programme": "P", "funder": "D", "lender_of_record": "LSO"}
    limits = {"poverty_score_from": 0, "poverty_score_to": 23, "amount_min_minor": 1, "reserve_floor_minor": 0}
    rule = {"tranche": 1, "number": 1, "valid_from": SOME_DAY, "recorded_at": 1, "actor": "a", "turns": "all"}
    rule |= {"areas": "[]", "remark": ""}
    account = {"lso_id": lso_id, "fund_id": fund_id, "role": "r", "name": "n"}
    posting = {"event_seq": 1, "line": 1, "effective_on": SOME_DAY, "debit": LOANS, "credit": CASH, "amount_minor": 5}
    answer = {"idempotency_key": "key", "fingerprint": b"f", "outcome": "accepted", "body": "{}", "event_seq": 1}
    with databases.writing() as connection:
        _add(connection, "fund", {"lso_id": lso_id, **fund, **limits, "charge_policy": "interest_free", "version": 1})
        add_first_version(connection, FUND_VERSIONS, {"lso_id": lso_id, "fund_id": fund_id, **fund, **limits})
        _add(connection, "tranche_rule", {"lso_id": lso_id, "fund_id": fund_id, **rule})
        _add(connection, "account", {"code": CASH, **account}, {"code": LOANS, **account})
        _add(
            connection,
            "account_balance",
            {"lso_id": lso_id, "code": CASH, "balance_minor": 100, "floored": True},
            {"lso_id": lso_id, "code": LOANS, "balance_minor": 0, "floored": False},
        )
        _add(connection, "event", _event(lso_id, 1))
        _add(connection, "posting", {"lso_id": lso_id, **posting})
        _add(connection, "answer", {"lso_id": lso_id, **answer})
    return lso_id


def _refusal(databases: Databases, statement: str) -> sa.exc.DBAPIError:
    with pytest.raises(sa.exc.DBAPIError) as caught, databases.writing() as connection:
        connection.exec_driver_sql(statement)
    return caught.value


def _guard_of(refusal: sa.exc.DBAPIError) -> str:
    """Return which guard refused."""
    return getattr(refusal.orig, "sqlstate", None) or str(refusal.orig).partition(":")[0]


def _rows(databases: Databases) -> list[sa.Row[Any]]:
    with databases.reading() as connection:
        return [row for name in APPEND_ONLY for row in connection.execute(sa.select(TABLES[name]))]


# Law 2: nothing is edited --------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET lso_id = lso_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_an_append_only_table_refuses_to_be_edited(shared_databases: Databases, table: str, statement: str) -> None:
    _begin(shared_databases)
    before = _rows(shared_databases)
    refusal = _refusal(shared_databases, statement.format(table))
    if shared_databases.dialect == "sqlite" and statement.startswith("TRUNCATE"):
        assert "syntax error" in str(refusal)  # SQLite knows no such statement
    else:
        assert _guard_of(refusal) == EDITED
    assert _rows(shared_databases) == before


@pytest.mark.postgres
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_postgresql_refuses_an_upsert_that_would_update(postgresql_databases: Databases, table: str) -> None:
    _begin(postgresql_databases)
    upsert = f"""
        INSERT INTO {table} SELECT * FROM {table}
        ON CONFLICT ON CONSTRAINT pk_{table} DO UPDATE SET lso_id = excluded.lso_id
    """  # noqa: S608 - names of our own tables
    assert _guard_of(_refusal(postgresql_databases, upsert)) == EDITED


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["REPLACE INTO {0}", "INSERT OR REPLACE INTO {0}", "INSERT OR IGNORE INTO {0}"])
def test_sqlite_refuses_replace_even_where_nothing_is_set_up(
    sqlite_databases: Databases, table: str, statement: str
) -> None:
    _begin(sqlite_databases)
    before = _rows(sqlite_databases)
    with _bare_sqlite(sqlite_databases) as connection:
        driver = sqlite_driver()
        with pytest.raises(driver.Error, match=REPLACED) as caught:
            connection.execute(f"{statement.format(table)} SELECT * FROM {table}")  # noqa: S608 - names of our own tables
        assert is_unique_violation(caught.value)
    assert _rows(sqlite_databases) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "same"},
        {"seq": 1},
        {"rowid": "same"},
    ],
    ids=lambda changed: next(reversed(changed)),
)
def test_sqlite_refuses_replace_by_any_key_of_an_event(sqlite_databases: Databases, changed: dict[str, Any]) -> None:
    lso_id = found_lso(sqlite_databases)
    first = _event(lso_id, 1, id="same")
    other = _event(lso_id, 2)
    with sqlite_databases.writing() as connection:
        _add(connection, "event", first)
        rowid = connection.execute(sa.text("SELECT rowid FROM event WHERE lso_id = :l"), {"l": lso_id}).scalar_one()
    row = other | changed | ({"rowid": rowid} if "rowid" in changed else {})
    row["effective_on"] = SOME_DAY.isoformat()
    before = _rows(sqlite_databases)
    statement = f"REPLACE INTO event ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608 - names of our own tables
    with _bare_sqlite(sqlite_databases) as connection, pytest.raises(sqlite_driver().Error, match=REPLACED):
        connection.execute(statement, [*row.values()])
    assert _rows(sqlite_databases) == before


@contextmanager
def _bare_sqlite(databases: Databases) -> Iterator[Any]:
    """A connection that another program might make: no pragma set, so deletions by REPLACE fire no trigger."""
    with databases.reading() as connection:
        path = connection.exec_driver_sql("PRAGMA database_list").one()[2]
    with closing(sqlite_driver().connect(path, isolation_level=None)) as bare:
        yield bare


# Gapless -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [3, 4, 1_000])
def test_an_event_cannot_leave_out_the_one_before_it(shared_databases: Databases, seq: int) -> None:
    lso_id = _begin(shared_databases)
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_databases.writing() as connection:
        _add(connection, "event", _event(lso_id, seq))
    assert _guard_of(caught.value) == GAP


def test_a_book_may_not_begin_with_its_second_event_whatever_other_books_hold(shared_databases: Databases) -> None:
    _begin(shared_databases)
    lso_id = found_lso(shared_databases)
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_databases.writing() as connection:
        _add(connection, "event", _event(lso_id, 2))
    assert _guard_of(caught.value) == GAP


def test_several_events_in_a_row_are_added_by_one_statement(shared_databases: Databases) -> None:
    lso_id = _begin(shared_databases)
    with shared_databases.writing() as connection:
        connection.execute(sa.insert(EVENT).values([_event(lso_id, seq) for seq in (2, 3, 4)]))
    with shared_databases.reading() as connection:
        found = connection.execute(sa.select(EVENT.c.seq).where(EVENT.c.lso_id == lso_id).order_by(EVENT.c.seq))
        assert found.scalars().all() == [1, 2, 3, 4]


def test_a_number_below_one_is_no_place_in_a_book(shared_databases: Databases) -> None:
    lso_id = _begin(shared_databases)
    with pytest.raises(sa.exc.IntegrityError) as caught, shared_databases.writing() as connection:
        _add(connection, "event", _event(lso_id, 0))
    assert is_check_violation(caught.value)


# Keys and floors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("same", [{"seq": 1}, {"id": None}], ids=["place", "id"])
def test_what_is_recorded_once_is_not_recorded_again(shared_databases: Databases, same: dict[str, Any]) -> None:
    lso_id = _begin(shared_databases)
    with shared_databases.reading() as connection:
        event_id = connection.execute(sa.select(EVENT.c.id).where(EVENT.c.lso_id == lso_id)).scalar_one()
    again = _event(lso_id, 2) | ({"id": event_id} if "id" in same else same)
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_databases.writing() as connection:
        _add(connection, "event", again)
    assert is_unique_violation(caught.value)
    assert not is_check_violation(caught.value)


@pytest.mark.parametrize("name", PAPERS)
def test_a_number_is_borne_by_one_fact_of_a_kind(shared_databases: Databases, name: str) -> None:
    lso_id = _begin(shared_databases)
    first, second = _event(lso_id, 2), _event(lso_id, 3)
    borne = {"lso_id": lso_id, "kind": "k", "name": name, "number": "1"}
    with shared_databases.writing() as connection:
        _add(connection, "event", first, second)
        _add(connection, "paper", {**borne, "event_id": first["id"]})
        _add(connection, "paper", {**borne, "kind": "other", "event_id": second["id"]})
    with pytest.raises(sa.exc.IntegrityError) as caught, shared_databases.writing() as connection:
        _add(connection, "paper", {**borne, "event_id": second["id"]})
    assert is_unique_violation(caught.value)


def test_an_event_may_say_the_number_of_another(shared_databases: Databases) -> None:
    """Whether the other still bears it is not for the row of an event to know."""
    lso_id = _begin(shared_databases)
    with shared_databases.writing() as connection:
        _add(connection, "event", _event(lso_id, 2, receipt_no="R1"), _event(lso_id, 3, receipt_no="R1"))


# The maker is not the checker ----------------------------------------------------------------------------------

LOAN_ID = str(uuid4())


def _same_hand(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What one event made, and what of the next asks for another hand."""
    if kind == "fact_reversed":
        made = str(uuid4())
        return {"id": made}, {"kind": kind, "reverses": made}
    return {"kind": "loan_disbursed", "loan_id": LOAN_ID}, {"kind": kind, "loan_id": LOAN_ID}


@pytest.mark.parametrize("kind", ["fact_reversed", "loan_rescheduled", "loan_written_off", "dues_waived"])
def test_whoever_made_a_thing_does_not_check_it(shared_databases: Databases, kind: str) -> None:
    lso_id = _begin(shared_databases)
    made, checked = _same_hand(kind)
    with shared_databases.writing() as connection:
        _add(connection, "event", _event(lso_id, 2, actor="maker", **made))
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_databases.writing() as connection:
        _add(connection, "event", _event(lso_id, 3, actor="maker", **checked))
    assert _guard_of(caught.value) == MAKER_IS_CHECKER
    with shared_databases.writing() as connection:
        _add(connection, "event", _event(lso_id, 3, actor="checker", **checked))


def test_who_disbursed_one_loan_may_decide_on_another_and_collect(shared_databases: Databases) -> None:
    lso_id = _begin(shared_databases)
    made, checked = _same_hand("loan_written_off")
    with shared_databases.writing() as connection:
        _add(connection, "event", _event(lso_id, 2, actor="maker", **made))
        _add(connection, "event", _event(lso_id, 3, actor="maker", **checked | {"loan_id": str(uuid4())}))
        _add(connection, "event", _event(lso_id, 4, actor="maker", **checked | {"kind": "repayment_received"}))


def test_the_database_refuses_a_floored_balance_below_zero(shared_databases: Databases) -> None:
    lso_id = _begin(shared_databases)
    lower = (
        sa.update(ACCOUNT_BALANCE)
        .where(ACCOUNT_BALANCE.c.lso_id == lso_id)
        .values(balance_minor=ACCOUNT_BALANCE.c.balance_minor - 100)
    )
    with shared_databases.writing() as connection:
        connection.execute(lower)
    with pytest.raises(sa.exc.IntegrityError) as caught, shared_databases.writing() as connection:
        connection.execute(lower.where(ACCOUNT_BALANCE.c.code == CASH))
    assert is_check_violation(caught.value)
    assert "ck_account_balance_floor" in str(caught.value)
    with shared_databases.writing() as connection:
        connection.execute(lower.where(ACCOUNT_BALANCE.c.code == LOANS))


# Row-level security --------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize("purpose", ["reading", "writing"])
def test_a_narrowed_transaction_sees_its_own_lso_alone(postgresql_databases: Databases, purpose: str) -> None:
    one, other = _begin(postgresql_databases), _begin(postgresql_databases)
    with getattr(postgresql_databases, purpose)(one) as connection:
        for name in _tables_of_one_lso(connection):
            assert set(connection.execute(sa.select(TABLES[name].c.lso_id)).scalars()) <= {one}
        assert connection.execute(sa.select(sa.func.count()).select_from(EVENT)).scalar_one() == 1
    with postgresql_databases.reading() as connection:
        assert {one, other} <= set(connection.execute(sa.select(EVENT.c.lso_id)).scalars())


@pytest.mark.postgres
def test_a_narrowed_transaction_cannot_write_for_another_lso(postgresql_databases: Databases) -> None:
    one, other = _begin(postgresql_databases), _begin(postgresql_databases)
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        _add_custodian(postgresql_databases, one, of_lso=other)
    _add_custodian(postgresql_databases, one, of_lso=one)
    with postgresql_databases.writing(one) as connection:
        change = sa.update(ACCOUNT_BALANCE).where(ACCOUNT_BALANCE.c.lso_id == other).values(balance_minor=1)
        assert connection.execute(change).rowcount == 0


def _add_custodian(databases: Databases, lso_id: str, of_lso: str) -> None:
    with databases.writing(lso_id) as connection:
        _add(connection, "custodian", {"lso_id": of_lso, "id": str(uuid4()), "number": 1, "name": "n", "version": 1})


@pytest.mark.postgres
@pytest.mark.parametrize("setting", [None, "", "no-such-lso"])
def test_whoever_names_no_lso_sees_nothing_and_writes_nothing(
    postgresql_stock: PostgresStock, setting: str | None
) -> None:
    with postgresql_stock.migrated() as url, closing_databases(url) as databases:
        lso_id = _begin(databases)
        conninfo = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as stranger:
            if setting is not None:
                stranger.execute("SELECT set_config('cif.lso_id', %s, false)", [setting])
            with databases.reading() as connection:
                names = _tables_of_one_lso(connection)
            for name in names:
                assert stranger.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)  # noqa: S608 - names of our own tables
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                stranger.execute("INSERT INTO custodian VALUES (%s, %s, 1, 'n', 1)", [lso_id, str(uuid4())])


@pytest.mark.postgres
def test_every_policy_is_the_same_and_can_be_sharded(postgresql_databases: Databases) -> None:
    """Sharded tables take no subquery in a policy."""
    with postgresql_databases.reading() as connection:
        policies = connection.exec_driver_sql(
            "SELECT tablename, qual FROM pg_policies WHERE schemaname = 'public'"
        ).all()
    assert {table for table, _ in policies} == {name for name, table in TABLES.items() if "lso_id" in table.c}
    assert len({qual for _, qual in policies}) == 1
    assert not [table for table, qual in policies if "SELECT" in qual]


@pytest.mark.postgres
def test_a_policy_leaves_the_index_of_one_lso(postgresql_databases: Databases) -> None:
    lso_id = _begin(postgresql_databases)
    with postgresql_databases.reading() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        one = connection.exec_driver_sql(f"EXPLAIN SELECT seq FROM event WHERE lso_id = '{lso_id}'").scalars().all()  # noqa: S608 - an id of ours
    assert any("Index Cond: (lso_id = " in line for line in one), one


@pytest.mark.postgres
@pytest.mark.parametrize("union", ["", "UNION ALL SELECT amount_minor FROM posting WHERE amount_minor > 1"])
def test_a_policy_leaves_the_parallel_scan_of_all_lsos(union: str, postgresql_databases: Databases) -> None:
    """Of several tables as well: a union of subqueries is scanned by one processor when a policy holds a subquery."""
    wanted = f"EXPLAIN SELECT sum(amount_minor) FROM (SELECT amount_minor FROM posting {union}) AS posted"  # noqa: S608 - words of this test
    with postgresql_databases.reading() as connection:
        connection.exec_driver_sql(
            "SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexonlyscan = off;"
            " SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL parallel_setup_cost = 0;"
            " SET LOCAL parallel_tuple_cost = 0"
        )
        every = connection.exec_driver_sql(wanted).scalars().all()
    assert any("Parallel Seq Scan on posting" in line for line in every), every


@pytest.mark.postgres
def test_every_table_with_an_lso_is_separated_even_from_its_owner(postgresql_databases: Databases) -> None:
    with postgresql_databases.reading() as connection:
        assert set(_tables_of_one_lso(connection)) == {name for name, table in TABLES.items() if "lso_id" in table.c}


def _tables_of_one_lso(connection: sa.Connection) -> list[str]:
    question = """
        SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
        WHERE p.polname = 'one_lso' AND c.relrowsecurity AND c.relforcerowsecurity
    """
    return list(connection.exec_driver_sql(question).scalars())


@pytest.mark.postgres
@pytest.mark.parametrize("malicious", ["x", "'; DROP TABLE event; --", ""])
def test_only_an_id_narrows_a_transaction(malicious: str, postgresql_databases: Databases) -> None:
    with pytest.raises(ValueError, match="hexadecimal UUID"), postgresql_databases.reading(malicious):
        pass


@pytest.fixture(scope="module")
def sqlite_databases(sqlite_stock: SqliteStock) -> Iterator[Databases]:
    with sqlite_stock.migrated() as url, closing_databases(url) as opened:
        yield opened


@pytest.fixture(scope="module")
def postgresql_databases(postgresql_stock: PostgresStock) -> Iterator[Databases]:
    with postgresql_stock.migrated() as url, closing_databases(url) as opened:
        yield opened
