"""How the databases are opened: durable, consistent to readers, in turn to writers, and clear when they cannot."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from cif_engine.errors import BookBusyError, CifError, RuleError, UnavailableError, UnfitDatabaseError
from cif_engine.persistence.database_errors import is_check_violation, is_unique_violation, translate
from cif_engine.persistence.engines import Databases, is_safe_sqlite, open_databases, sqlite_driver
from cif_engine.persistence.tables import TABLES
from cif_engine.settings import Settings
from tests.support.databases import PostgresStock, closing_databases, found_lso
from tests.support.postgres import Cluster

HOLIDAY = TABLES["holiday"]
HOUSEHOLD = TABLES["household"]
SOME_DAY = date(2024, 8, 14)
SOME_ID = "0190a0a0-0000-7000-8000-00000000abcd"


def _add_holiday(connection: sa.Connection, on: date = SOME_DAY) -> None:
    connection.execute(sa.insert(HOLIDAY).values(on=on, name="آزادی 🎉", version=1))


def _add_holiday_and_refuse(databases: Databases) -> None:
    with databases.writing() as connection:
        _add_holiday(connection)
        raise RuleError("no")


def _holidays(databases: Databases) -> list[tuple[date, str]]:
    with databases.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.select(HOLIDAY.c.on, HOLIDAY.c.name))]


@contextmanager
def _impatient(url: str, write_pool_size: int = 8) -> Iterator[Databases]:
    databases = open_databases(Settings(database_url=url, busy_timeout_ms=150, write_pool_size=write_pool_size))
    yield databases
    databases.dispose()


# Transactions --------------------------------------------------------------------------------------------------


def test_what_is_written_is_there_when_the_block_ends(databases: Databases) -> None:
    with databases.writing() as connection:
        _add_holiday(connection)
    assert _holidays(databases) == [(SOME_DAY, "آزادی 🎉")]


def test_nothing_of_a_block_that_raises_is_kept(databases: Databases) -> None:
    with pytest.raises(RuleError):
        _add_holiday_and_refuse(databases)
    assert _holidays(databases) == []


def test_a_connection_comes_back_clean_after_a_failed_statement(databases: Databases) -> None:
    for _ in range(20):  # more than there are connections
        with pytest.raises(sa.exc.DBAPIError), databases.writing() as connection:
            connection.exec_driver_sql("SELECT nothing_of_this_name")
    with databases.writing() as connection:
        _add_holiday(connection)
    assert len(_holidays(databases)) == 1


def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(databases: Databases) -> None:
    with databases.reading() as connection:
        count = sa.select(sa.func.count()).select_from(HOLIDAY)
        assert connection.execute(count).scalar_one() == 0
        with databases.writing() as other:
            _add_holiday(other)
        assert connection.execute(count).scalar_one() == 0
    assert len(_holidays(databases)) == 1


def test_a_reader_cannot_write(databases: Databases) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"), databases.reading() as connection:
        _add_holiday(connection)


def test_writers_wait_for_each_other_and_all_succeed(databases: Databases) -> None:
    with databases.writing() as connection:
        connection.execute(sa.insert(HOLIDAY).values(on=SOME_DAY, name="", version=0))
    failures: list[BaseException] = []

    def add_one() -> None:
        try:
            for _ in range(5):
                with databases.writing() as connection:
                    connection.execute(sa.update(HOLIDAY).values(version=HOLIDAY.c.version + 1))
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=add_one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases.reading() as connection:
        assert connection.execute(sa.select(HOLIDAY.c.version)).scalar_one() == 16 * 5
    assert failures == []


# Refusals ------------------------------------------------------------------------------------------------------


def test_waiting_too_long_for_a_connection_is_a_busy_book(database_url: str) -> None:
    with (
        _impatient(database_url, write_pool_size=1) as databases,
        databases.writing(),
        pytest.raises(BookBusyError),
        databases.writing(),
    ):
        pass


def test_waiting_too_long_for_a_lock_is_a_busy_book(database_url: str) -> None:
    with _impatient(database_url) as one, _impatient(database_url) as other, one.writing() as connection:
        _add_holiday(connection)
        with pytest.raises(BookBusyError), other.writing() as second:
            _add_holiday(second)


@pytest.mark.postgres
def test_a_statement_that_takes_too_long_is_a_busy_book(postgres_cluster: Cluster) -> None:
    url = postgres_cluster.url_for("postgres")
    databases = open_databases(Settings(database_url=url, statement_timeout_ms=50))
    with pytest.raises(BookBusyError), databases.reading() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(20)")
    databases.dispose()


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_unavailable() -> None:
    databases = open_databases("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(UnavailableError), databases.reading():
        pass


@pytest.mark.postgres
def test_connections_that_the_server_closed_fail_once_and_are_replaced(
    postgres_cluster: Cluster, postgresql_stock: PostgresStock
) -> None:
    with postgresql_stock.migrated() as url, closing_databases(url) as databases:
        with databases.writing(), databases.writing(), databases.writing():
            pass  # three connections now wait in the pool
        _end_connections(postgres_cluster, sa.make_url(url).database)
        with pytest.raises(UnavailableError), databases.writing():
            pass
        for _ in range(3):
            with databases.writing() as connection:
                _add_holiday(connection)
                connection.execute(sa.delete(HOLIDAY))


def _end_connections(cluster: Cluster, database: str | None) -> None:
    question = sa.text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name")
    with closing_databases(cluster.superuser_url) as superuser, superuser.autocommit() as connection:
        assert connection.execute(question, {"name": database}).scalars().all() == [True, True, True]


def test_a_key_that_is_taken_is_a_unique_violation(databases: Databases) -> None:
    with databases.writing() as connection:
        _add_holiday(connection)
    with pytest.raises(sa.exc.IntegrityError) as caught, databases.writing() as connection:
        _add_holiday(connection)
    assert is_unique_violation(caught.value)
    assert not is_check_violation(caught.value)
    assert translate(caught.value) is None


def test_a_value_out_of_range_is_a_check_violation(databases: Databases) -> None:
    lso_id = found_lso(databases)
    household = {"lso_id": lso_id, "id": SOME_ID, "code": "H", "head_name": "N", "eligible": True, "version": 1}
    with pytest.raises(sa.exc.IntegrityError) as caught, databases.writing() as connection:
        connection.execute(sa.insert(HOUSEHOLD).values(**household, poverty_score=101))
    assert is_check_violation(caught.value)
    assert not is_unique_violation(caught.value)
    assert "ck_household_poverty_score_range" in str(caught.value)


def test_a_missing_parent_is_refused(databases: Databases) -> None:
    household = {"lso_id": SOME_ID, "id": SOME_ID, "code": "H", "head_name": "N", "eligible": True, "version": 1}
    with pytest.raises(sa.exc.IntegrityError), databases.writing() as connection:
        connection.execute(sa.insert(HOUSEHOLD).values(household))


def test_an_error_of_our_own_is_not_translated() -> None:
    assert translate(RuleError("no")) is None
    assert translate(ValueError("no")) is None


# Opening -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "mysql://localhost/cif", "nonsense"],
)
def test_a_database_that_cannot_keep_books_is_refused(url: str) -> None:
    with pytest.raises(UnfitDatabaseError):
        open_databases(url)


@pytest.mark.parametrize(
    ("version", "safe"), [((3, 40, 1), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 0), True)]
)
def test_sqlite_is_safe_from_3_51_3(version: tuple[int, ...], safe: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_safe_sqlite(version) is safe


def test_the_driver_in_use_is_a_safe_one() -> None:
    assert is_safe_sqlite(sqlite_driver().sqlite_version_info)


def test_sqlite_makes_the_folder_it_is_told_to_live_in(tmp_path: Path) -> None:
    databases = open_databases(f"sqlite:///{tmp_path}/data/books/cif.db")
    with databases.writing():
        pass
    databases.dispose()
    assert (tmp_path / "data" / "books" / "cif.db").is_file()


@pytest.mark.parametrize("purpose", ["reading", "writing"])
def test_sqlite_is_durable_and_strict(tmp_path: Path, purpose: str) -> None:
    databases = open_databases(Settings(database_url=f"sqlite:///{tmp_path}/cif.db", busy_timeout_ms=1234))
    asked = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "trusted_schema", "busy_timeout")
    with getattr(databases, purpose)() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]
    databases.dispose()
    assert dict(zip(asked, found, strict=True)) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "busy_timeout": 1234,
    }


@pytest.mark.postgres
def test_the_driver_of_postgresql_reads_ids_as_text_and_sends_whole_numbers_as_bigint(
    postgres_cluster: Cluster,
) -> None:
    databases = open_databases(postgres_cluster.url_for("postgres"))
    question = f"SELECT '{SOME_ID}'::uuid, ARRAY['{SOME_ID}'::uuid], DATE '2024-08-14', pg_typeof(%s)::text"
    expected = (SOME_ID, [SOME_ID], SOME_DAY, "bigint")
    with databases.autocommit() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        for binary in (False, True):
            assert driver.cursor(binary=binary).execute(question, [1]).fetchone() == expected
    databases.dispose()


def test_settings_come_from_the_environment_and_hide_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIF_DATABASE_URL", "postgresql://cif:hidden@db/cif")
    monkeypatch.setenv("CIF_READ_POOL_SIZE", "3")
    settings = Settings()
    assert settings.read_pool_size == 3
    assert settings.database_url == "postgresql://cif:hidden@db/cif"
    assert "hidden" not in repr(settings)


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    for name in ("Asia/Atlantis", "Asia", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="not a time zone"):
            Settings(time_zone=name)


def test_every_refusal_of_the_databases_has_a_code() -> None:
    refusals: tuple[type[CifError], ...] = (BookBusyError, UnavailableError, UnfitDatabaseError)
    assert [refusal.code for refusal in refusals] == ["book_busy", "unavailable", "unfit_database"]
