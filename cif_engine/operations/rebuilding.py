"""Rebuilding: the projections of a book are thrown away and made again from its events (law 8)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cif_engine.errors import NotFoundError
from cif_engine.operations.projecting import Rows, rows_of_loan, rows_of_sub_grants, told_loans
from cif_engine.persistence.books import book_sql
from cif_engine.persistence.corrections import borne_papers
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.whole_book import (
    OF_LOANS,
    StoredHead,
    book_heads,
    loans_in_chunks,
    save_projections,
    sum_up_balances,
    throw_away,
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A book that was rebuilt: how many loans and accounts it has."""

    lso: str
    loans: int
    accounts: int


def rebuild(databases: Databases, lso_id: str | None = None) -> list[Rebuilt]:
    """Rebuild one book, or all, each whole or not at all while no one else writes in it; raises NotFoundError."""
    with databases.reading(lso_id) as connection:
        heads = book_heads(connection, lso_id)
    if lso_id is not None and not heads:
        raise NotFoundError("This LSO has no book.")
    return [_rebuild_book(databases, head.lso_id) for head in heads]


def _rebuild_book(databases: Databases, lso_id: str) -> Rebuilt:
    with databases.writing(lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        (head,) = book_heads(connection, lso_id)
        throw_away(connection, lso_id)
        save_projections(connection, {"paper": borne_papers(connection, lso_id)})
        save_projections(connection, rows_of_sub_grants(connection, lso_id))
        loans = sum(_rebuild_loans(connection, head, loan_ids) for loan_ids in loans_in_chunks(connection, lso_id))
        accounts = sum_up_balances(connection, head)
    return Rebuilt(head.lso_code, loans, len(accounts))


def _rebuild_loans(connection: sa.Connection, head: StoredHead, loan_ids: list[str]) -> int:
    rows: Rows = {table: [] for table in OF_LOANS}
    for loan in told_loans(connection, head, loan_ids):
        for table, of_loan in rows_of_loan(head.lso_id, loan).items():
            rows[table] += of_loan
    save_projections(connection, rows)
    return len(loan_ids)
