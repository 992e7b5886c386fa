"""Bringing a database to this version: its schema, and what a new revision needs made from the events."""

from __future__ import annotations

from cif_engine.operations.rebuilding import Rebuilt, rebuild
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.migrating import migrate


def bring_up_to_date(databases: Databases) -> list[Rebuilt]:
    """Apply the revisions that are missing; return the books that were rebuilt because one of them asks for it."""
    return rebuild(databases) if migrate(databases) else []
