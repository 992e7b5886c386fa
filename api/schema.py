"""Whether the database is at the schema that this version works on."""

from __future__ import annotations

from cif_engine.errors import UnavailableError
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.migrating import migration_state


class MigrationsMissingError(UnavailableError):
    """The database is not at the schema of this version; run `cif migrate`."""

    code = "migrations_missing"


def refuse_other_schema(databases: Databases) -> None:
    """Raise MigrationsMissingError, or UnavailableError where the database does not answer."""
    with databases.reading() as connection:
        current, newest = migration_state(connection)
    if current != newest:
        found = f"at revision {current}" if current else "empty"
        raise MigrationsMissingError(f"The database is {found}, this version needs {newest}; run `cif migrate`.")
