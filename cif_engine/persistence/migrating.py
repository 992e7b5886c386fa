"""Bringing a database to the schema of this version, and asking how far it is."""

from __future__ import annotations

from functools import cache
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from cif_engine.persistence.engines import Databases

_SCRIPTS: Final = "migrations:"
"""The package, wherever it is installed; named, not imported, since it stands above this one."""

_ONE_AT_A_TIME: Final = 0x434946
"""PostgreSQL's advisory lock for migrations. SQLite's write lock does for itself."""

_PATIENCE: Final = "5min"


_REBUILT_AFTER: Final = "0005"
"""What this revision adds to the projections is made from the events, by a rebuild of every book."""


def migrate(databases: Databases) -> bool:
    """Apply the revisions that are missing, in one transaction: all of them, or none.

    Return whether the projections of books that were there before have to be rebuilt. Several may call this at once:
    the later ones wait, then find nothing left to do.
    """
    config = _config()
    with databases.writing() as connection:
        if databases.dialect == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'; SET LOCAL statement_timeout = 0")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        config.attributes["connection"] = connection
        before, _ = migration_state(connection)
        command.upgrade(config, "head")
    return before is not None and before < _REBUILT_AFTER


def migration_state(connection: sa.Connection) -> tuple[str | None, str]:
    """Return the revision that the database is at (None before the first), and the one that it should be at."""
    return MigrationContext.configure(connection).get_current_revision(), _newest()


@cache
def _newest() -> str:
    """Read once: the scripts do not change under a running program."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError("The package of migrations holds no revision.")
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    return config
