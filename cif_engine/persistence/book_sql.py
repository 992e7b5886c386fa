"""What both databases can do with a book; `book_sqlite` and `book_postgres` each say how."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Protocol

import orjson
import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.events import Head
from cif_engine.loans.facts import LoanFact
from cif_engine.persistence.recording import Answered, LoanFile, OpenedBook, Recording

KIND_OF = {kind.value: kind for kind in Kind}
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class BookSql(Protocol):
    """The prepared statements of the posting path on one kind of database."""

    optimistic: bool
    """Whether a request may try without a lock first, and be refused by `save` when the book moved on meanwhile."""

    def lock(self, connection: sa.Connection, lso_id: str) -> None:
        """Become the one writer of the book until the transaction ends."""

    def open(
        self, connection: sa.Connection, lso_id: str, key: str | None, loan: str | None, account: str
    ) -> OpenedBook | None:
        """Read the book for a request; None when there is no such book.

        `loan` is a loan's number or id, `account` the part of an account's code after the fund's (`.1010`).
        """

    def save(self, connection: sa.Connection, recording: Recording) -> bool:
        """Save an event and all it changes; False, and nothing saved, when the book ends elsewhere by now."""


def read_opened(lso_id: str, row: tuple[Any, ...]) -> OpenedBook:
    """Return what a row of the opening statement says; its columns are the same on both databases."""
    (seq, recorded_at, head_hash, fingerprint, outcome, body, loan_id, number, fund_id, fund_code, account, facts) = row
    return OpenedBook(
        Head(lso_id, seq, recorded_at, bytes(head_hash)),
        Answered(bytes(fingerprint), outcome == "accepted", body) if fingerprint is not None else None,
        LoanFile(loan_id, number, fund_id, fund_code, read_facts(facts), bool(account)) if loan_id else None,
    )


def read_facts(text: str | None) -> tuple[LoanFact, ...]:
    """Return the facts of a loan from the one JSON list that the database gathers them in."""
    return tuple(
        LoanFact(fact_id, KIND_OF[kind], date.fromisoformat(effective_on), says)
        for fact_id, kind, effective_on, says in orjson.loads(text or "[]")
    )


def is_id(text: str) -> bool:
    """Whether something was named by its id rather than by its number or code."""
    return ID.fullmatch(text) is not None
