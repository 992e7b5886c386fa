"""Runs the revisions on the connection, and within the transaction, that `migrating.migrate` hands over."""

from __future__ import annotations

from alembic import context

from cif_engine.errors import UnfitDatabaseError
from cif_engine.persistence.tables.books import Book

connection = context.config.attributes.get("connection")
if connection is None:
    raise UnfitDatabaseError("Migrations need a connection: run `cif migrate`.")

context.configure(connection=connection, target_metadata=Book.metadata, transactional_ddl=True)
context.run_migrations()
