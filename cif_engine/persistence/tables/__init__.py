"""The tables. Tenant tables begin every key with `lso_id`; reference tables are small and everywhere.

Rows of these classes are for master data, through sessions; events, postings and projections are written by the
prepared statements of `book_postgres` and `book_sqlite` alone. SQLModel does not validate a table row: what comes in is
checked by the values of the core and by the named constraints of the tables, never by these annotations.
"""

from __future__ import annotations

from sqlmodel import SQLModel

from cif_engine.persistence.tables import (  # noqa: F401 - declared by being read
    books,
    funds,
    loans,
    people,
    reference,
    releases,
    reported,
)
from cif_engine.persistence.tables.books import PAPERS

__all__ = ["PAPERS", "TABLES"]

TABLES = SQLModel.metadata.tables
"""Every table by its name."""
