"""Reading and guarding one book beside the posting path: what a decision needs to know, on both databases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.errors import CifError, DuplicateFactError, DuplicatePaperError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Account
from cif_engine.ledger.chain import genesis
from cif_engine.ledger.events import Fact, Papers
from cif_engine.ledger.postings import lowest_from
from cif_engine.persistence.book_postgres import PostgresBook
from cif_engine.persistence.book_sql import BookSql
from cif_engine.persistence.book_sqlite import SqliteBook
from cif_engine.persistence.corrections import Reversal, StoredEvent, event_by, restored_by
from cif_engine.persistence.projections import save_rows
from cif_engine.persistence.recording import Row
from cif_engine.persistence.tables import TABLES

BOOKS: dict[str, BookSql] = {"sqlite": SqliteBook(), "postgresql": PostgresBook()}

paper = TABLES["paper"]
posting = TABLES["posting"]
account_balance = TABLES["account_balance"]
answer = TABLES["answer"]


def book_sql(dialect: str) -> BookSql:
    """Return the posting path of this kind of database."""
    return BOOKS[dialect]


def begin_book(connection: sa.Connection, lso_id: str) -> None:
    """Begin the book of an LSO: a head with nothing before it."""
    head = genesis(lso_id)
    values = {"lso_id": lso_id, "head_seq": 0, "head_recorded_at": 0, "head_hash": head.hash}
    connection.execute(sa.insert(TABLES["book"]).values(values))


def open_accounts(
    connection: sa.Connection, lso_id: str, accounts: tuple[Account, ...], custodian_id: str | None = None
) -> None:
    """Open accounts, each with a balance of nothing and its floor; one that is open already stays as it is.

    With `custodian_id`, they are of money in transit with that custodian.
    """
    save_rows(connection, account_rows(lso_id, accounts, custodian_id))


def account_rows(lso_id: str, accounts: tuple[Account, ...], custodian_id: str | None = None) -> tuple[Row, ...]:
    """Return the rows that open accounts: each account, and a balance of nothing with its floor."""
    rows: list[Row] = []
    for account in accounts:
        key = {"lso_id": lso_id, "code": account.code}
        what = {"fund_id": account.fund_id, "role": account.role.value, "name": account.name}
        rows.append(Row("account", {**key, **what, "custodian_id": custodian_id}, keep=True))
        rows.append(Row("account_balance", {**key, "balance_minor": 0, "floored": account.floored}, keep=True))
    return tuple(rows)


def lowest_balance_from(
    connection: sa.Connection,
    lso_id: str,
    codes: tuple[str, ...],
    day: date,
    sign: int = 1,
    moves: Iterable[tuple[date, int]] = (),
) -> int | None:
    """Return the lowest end-of-day balance of these accounts together on `day` or later, in minor units.

    Debits count positive, or negative when `sign` is -1. `moves` are counted besides what is posted: amounts by day,
    none before `day`. None when one of the accounts does not exist.
    """
    found = connection.execute(
        sa.select(account_balance.c.balance_minor).where(
            account_balance.c.lso_id == lso_id, account_balance.c.code.in_(codes)
        )
    ).scalars()
    today = list(found)
    if len(today) != len(codes):
        return None
    posted = [(on, sign * amount) for on, amount in _moves_from(connection, lso_id, codes, day)]
    return lowest_from(day, sign * sum(today) - sum(amount for _, amount in posted), (*posted, *moves))


def _moves_from(connection: sa.Connection, lso_id: str, codes: tuple[str, ...], day: date) -> list[tuple[date, int]]:
    sides = (
        sa.select(posting.c.effective_on, sa.func.sum(sign * posting.c.amount_minor).label("amount"))
        .where(posting.c.lso_id == lso_id, side.in_(codes), posting.c.effective_on >= day)
        .group_by(posting.c.effective_on)
        for sign, side in ((1, posting.c.debit), (-1, posting.c.credit))
    )
    return [(on, int(amount)) for on, amount in connection.execute(sa.union_all(*sides))]


def find_duplicate(
    connection: sa.Connection, lso_id: str, fact: Fact, freed: frozenset[str] = frozenset()
) -> CifError | None:
    """Return the refusal that names the fact already recorded under this id, or that bears one of its numbers.

    A reversal that would make other facts hold again asks for the numbers of those as well. `freed` are the events that
    the same request reverses: their numbers are free.
    """
    asking: list[tuple[Kind, Papers, str]] = [(fact.kind, fact.papers, "/{}")]
    if fact.reverses is not None:
        restored = restored_by(connection, lso_id, Reversal(fact.id, fact.reverses))
        asking += [(event.kind, event.papers, "") for event in restored]
    for kind, papers, pointer in asking:
        for name, number in papers.numbers.items():
            bearer = _bearer(connection, lso_id, kind, name, number)
            if bearer is not None and bearer.id not in freed:
                detail = f"{name} {number} is already recorded as event {bearer.seq} of {bearer.effective_on}."
                return DuplicatePaperError(detail, pointer=pointer.format(name), **_naming(bearer))
    existing = event_by(connection, lso_id, fact.id)
    if existing is None:
        return None
    return DuplicateFactError(f"The id {fact.id} is already event {existing.seq}.", pointer="/id", **_naming(existing))


def _bearer(connection: sa.Connection, lso_id: str, kind: Kind, name: str, number: str) -> StoredEvent | None:
    """Return the event that bears a number, of those that hold."""
    key = {"lso_id": lso_id, "kind": kind.value, "name": name, "number": number}
    borne = sa.select(paper.c.event_id).where(*(paper.c[column] == value for column, value in key.items()))
    event_id = connection.execute(borne).scalar()
    return None if event_id is None else event_by(connection, lso_id, event_id)


def _naming(event: StoredEvent) -> dict[str, Any]:
    return {"existing_event": event.id, "existing_seq": event.seq}


def remember_refusal(connection: sa.Connection, lso_id: str, key: str, fingerprint: bytes, body: str) -> None:
    """Keep a refusal as the answer to a key."""
    values = {"lso_id": lso_id, "idempotency_key": key, "fingerprint": fingerprint}
    connection.execute(sa.insert(answer).values(**values, outcome="refused", body=body, event_seq=None))
