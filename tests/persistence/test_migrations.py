"""The migrated schema is the one that the tables declare, on both databases, with its guards."""

import re
import threading
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from cif_engine.errors import RuleError, UnfitDatabaseError
from cif_engine.persistence import migrating
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.migrating import migrate, migration_state
from cif_engine.persistence.tables import TABLES
from tests.support.databases import closing_databases

GUARDS = {
    "sqlite": {
        *(
            f"{table}_refuses_{what}"
            for table in (
                "answer",
                "event",
                "posting",
                "rule_set",
                "health_rule",
                "lso_placement",
                "fund_version",
                "tranche_rule",
                "rsp_release",
                "rsp_answer",
                "reported_set",
            )
            for what in ("update", "delete", "replace")
        ),
        "event_refuses_gap",
        "event_refuses_own_reversal",
        "event_refuses_own_loan",
    },
    "postgresql": {
        *(
            f"{table}_refuses_{what}"
            for table in (
                "answer",
                "event",
                "posting",
                "rule_set",
                "health_rule",
                "lso_placement",
                "fund_version",
                "tranche_rule",
                "rsp_release",
                "rsp_answer",
                "reported_set",
            )
            for what in ("edit", "truncate")
        ),
        "event_refuses_gap",
        "event_refuses_own_reversal",
        "event_refuses_own_loan",
    },
}
QUESTIONS = {
    "sqlite": {
        "tables": "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name <> 'alembic_version'",
        "indexes": "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
    },
    "postgresql": {
        "columns": """
            SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default, is_identity)
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
        """,
        "constraints": """
            SELECT concat_ws(' ', conrelid::regclass, conname, condeferrable, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            AND conrelid <> coalesce(to_regclass('alembic_version'), 0)
        """,
        "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    },
}


def test_the_migrated_schema_is_what_the_tables_declare(databases: Databases, empty_database_of_kind: str) -> None:
    with closing_databases(empty_database_of_kind) as declared:
        with declared.writing() as connection:
            SQLModel.metadata.create_all(connection)
        assert _schema(databases) == _schema(declared)


def test_alembic_finds_no_difference(databases: Databases) -> None:
    with databases.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_the_guards_are_there(databases: Databases) -> None:
    question = {
        "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
    }
    with databases.reading() as connection:
        assert set(connection.exec_driver_sql(question[databases.dialect]).scalars()) == GUARDS[databases.dialect]


def test_every_check_and_every_foreign_key_has_a_name_of_its_own() -> None:
    for table in TABLES.values():
        names = [constraint.name for constraint in table.constraints if constraint._ddl_if is None]
        assert None not in names
        assert len(set(names)) == len(names)
        assert all(len(str(name)) <= 63 for name in names)  # PostgreSQL cuts longer ones


def test_foreign_keys_of_a_book_stay_within_it() -> None:
    for name, table in TABLES.items():
        for key in table.foreign_key_constraints:
            within = "lso_id" in table.primary_key.columns and "lso_id" in key.referred_table.primary_key.columns
            pairs = [(element.parent.name, element.column.name) for element in key.elements]
            assert not within or pairs[0] == ("lso_id", "lso_id"), name


def test_the_state_is_none_before_and_newest_after(empty_database_url: str) -> None:
    with closing_databases(empty_database_url) as databases:
        with databases.reading() as connection:
            before, newest = migration_state(connection)
        migrate(databases)
        with databases.reading() as connection:
            assert migration_state(connection) == (newest, newest)
    assert before is None


def test_migrating_twice_changes_nothing(databases: Databases) -> None:
    before = _schema(databases)
    migrate(databases)
    assert _schema(databases) == before


def test_several_may_migrate_at_once(empty_database_url: str) -> None:
    failures: list[BaseException] = []

    def migrate_here() -> None:
        try:
            with closing_databases(empty_database_url) as mine:
                migrate(mine)
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=migrate_here) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with closing_databases(empty_database_url) as databases, databases.reading() as connection:
        current, newest = migration_state(connection)
        assert current == newest


@pytest.mark.parametrize("target", ["-1", "base"])
def test_going_back_is_refused_and_changes_nothing(databases: Databases, target: str) -> None:
    before = _schema(databases)
    with pytest.raises(RuleError, match="backup"):
        _go_back(databases, target)
    assert _schema(databases) == before
    with databases.reading() as connection:
        current, newest = migration_state(connection)
        assert current == newest


def _go_back(databases: Databases, target: str) -> None:
    config = migrating._config()
    with databases.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, target)


def test_migrations_run_on_the_connection_they_are_given_only() -> None:
    config = Config()
    config.set_main_option("script_location", "migrations:")
    with pytest.raises(UnfitDatabaseError):
        command.upgrade(config, "head")


def _schema(databases: Databases) -> dict[str, list[str]]:
    """All that the database says of its tables, in an order of our own."""
    with databases.reading() as connection:
        return {
            what: sorted(_in_order(answer) for answer in connection.exec_driver_sql(question).scalars())
            for what, question in QUESTIONS[databases.dialect].items()
        }


def _in_order(statement: str) -> str:
    """Return SQLite's CREATE TABLE with its lines sorted: columns and constraints may stand in any order.

    A column that was added later stands on the line of another.
    """
    return "\n".join(sorted(re.split(r",?\s*\n\s*|, (?=\w+ (?:TEXT|INTEGER|BLOB)\b)", statement)))


@pytest.fixture
def empty_database_of_kind(databases: Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database without a schema, of the kind that `databases` is."""
    with request.getfixturevalue(f"{databases.dialect}_stock").empty() as url:
        yield url
