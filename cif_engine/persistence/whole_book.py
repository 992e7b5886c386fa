"""Reading a book from its first event to its last, beside what is stored of it; and making the latter again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.ledger.accounts import Account
from cif_engine.persistence.bulk import save_in_bulk
from cif_engine.persistence.columns import WHOLE_NUMBER, Id
from cif_engine.persistence.feed import FedEvent, FedPosting, events_after
from cif_engine.persistence.ledger_reports import KnownBook, account_sums, accounts_of
from cif_engine.persistence.tables import TABLES

CHUNK: Final = 500
"""How many events, or loans, are held in memory at a time."""

OF_LOANS: Final = ("loan", "loan_position", "loan_state", "instalment", "loan_before")
"""The projections that have rows per loan, each after those it refers to."""

OF_FUNDS: Final = ("agreement", "tranche")
"""The same, per fund."""

OF_EVENTS: Final = ("paper",)
"""The same, per event."""

_event, _posting, _book, _lso = TABLES["event"], TABLES["posting"], TABLES["book"], TABLES["lso"]
_account_balance, _fund, _answer = TABLES["account_balance"], TABLES["fund"], TABLES["answer"]
_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_LOAN_IDS: Final = sa.bindparam("loan_ids", expanding=True, type_=Id())

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredHead:
    """The head of a book, as it is stored."""

    lso_id: str
    lso_code: str
    seq: int
    recorded_at: int
    hash: bytes

    @property
    def whole(self) -> KnownBook:
        """The book with all that is recorded in it."""
        return KnownBook(self.lso_id, self.lso_code, self.seq, self.recorded_at)


@dataclass(frozen=True, slots=True)
class StoredBalance:
    """A stored balance, debits positive."""

    code: str
    balance_minor: int
    floored: bool


def book_heads(connection: sa.Connection, lso_id: str | None) -> list[StoredHead]:
    """Return the heads of one book, or of all by the code of the LSO."""
    statement = _HEADS if lso_id is None else _HEADS.where(_book.c.lso_id == lso_id)
    heads = [StoredHead(*tuple(row)) for row in connection.execute(statement)]
    return sorted(heads, key=lambda head: head.lso_code)


def every_event(connection: sa.Connection, lso_id: str) -> Iterator[tuple[FedEvent, list[FedPosting]]]:
    """Give each event of a book with its postings, in the order of seq."""
    seq = 0
    while events := events_after(connection, lso_id, seq, CHUNK):
        yield from events
        seq = events[-1][0].seq


def loans_in_chunks(connection: sa.Connection, lso_id: str) -> Iterator[list[str]]:
    """Give the ids of all loans that have events, some at a time."""
    after: str | None = None
    while True:
        asked = {"in_lso": lso_id, "limit": CHUNK, **({} if after is None else {"after": after})}
        loan_ids = list(connection.execute(_loan_ids(first=after is None), asked).scalars())
        if not loan_ids:
            return
        yield loan_ids
        after = loan_ids[-1]


def rows_of_loans(connection: sa.Connection, table: str, lso_id: str, loan_ids: Iterable[str]) -> list[Row]:
    """Return the stored rows of these loans in one projection, by key."""
    asked = {"in_lso": lso_id, "loan_ids": tuple(loan_ids)}
    return [dict(row) for row in connection.execute(_of_loans(table), asked).mappings()]


def rows_of_book(connection: sa.Connection, table: str, lso_id: str) -> list[Row]:
    """Return all stored rows of one projection, by key."""
    return [dict(row) for row in connection.execute(_of_book(table), {"in_lso": lso_id}).mappings()]


def loans_without_events(connection: sa.Connection, table: str, lso_id: str) -> list[str]:
    """Return the loans that a projection has rows of and the book has no event of."""
    return list(connection.execute(_strays(table), {"in_lso": lso_id}).scalars())


def postings_of_loans(
    connection: sa.Connection, lso_id: str, loan_ids: Iterable[str]
) -> Iterator[tuple[str, str, str, date, int]]:
    """Give the postings of these loans: loan, debit, credit, day, amount in minor units.

    What their events posted for no loan (the top-up of an allowance) is the fund's, and left out.
    """
    rows = connection.execute(_POSTINGS_OF, {"in_lso": lso_id, "loan_ids": tuple(loan_ids)})
    return (tuple(row) for row in rows)


def events_without_answer(connection: sa.Connection, lso_id: str) -> list[int]:
    """Return the seqs of the events whose idempotency key is not answered by them."""
    return list(connection.execute(_UNANSWERED, {"in_lso": lso_id}).scalars())


def answers_without_event(connection: sa.Connection, lso_id: str) -> list[str]:
    """Return the idempotency keys that were answered as accepted by no event of theirs."""
    return list(connection.execute(_UNFOUNDED, {"in_lso": lso_id}).scalars())


def stored_balances(connection: sa.Connection, lso_id: str) -> dict[str, StoredBalance]:
    """Return the stored balance of each account that has one."""
    rows = connection.execute(_BALANCES, {"in_lso": lso_id})
    return {row.code: StoredBalance(*tuple(row)) for row in rows}


def fund_codes(connection: sa.Connection, lso_id: str) -> dict[str, str]:
    """Return the code of each fund by its id."""
    return {row.id: row.code for row in connection.execute(_FUNDS, {"in_lso": lso_id})}


def throw_away(connection: sa.Connection, lso_id: str) -> None:
    """Remove all projections of a book, and touch its head: who waits to save has to begin again, from the new ones."""
    connection.execute(sa.update(_book).where(_book.c.lso_id == lso_id).values(head_seq=_book.c.head_seq))
    for table in reversed((*OF_EVENTS, *OF_FUNDS, *OF_LOANS, "account_balance")):
        connection.execute(sa.delete(TABLES[table]).where(TABLES[table].c.lso_id == lso_id))


def save_projections(connection: sa.Connection, rows: Mapping[str, list[Row]]) -> None:
    """Save rows of projections by table, in the order given."""
    for table, of_table in rows.items():
        save_in_bulk(connection, table, of_table)


def sum_up_balances(connection: sa.Connection, head: StoredHead) -> list[Account]:
    """Save the balance of every account afresh, as its postings sum to; return the accounts."""
    sums = {
        found.account.code: found.debits_minor - found.credits_minor
        for found in account_sums(connection, head.whole, date.max)
    }
    accounts = accounts_of(connection, head.lso_id)
    rows = [
        {
            "lso_id": head.lso_id,
            "code": account.code,
            "balance_minor": sums.get(account.code, 0),
            "floored": account.floored,
        }
        for account in accounts
    ]
    save_projections(connection, {"account_balance": rows})
    return accounts


# Statements, built once ----------------------------------------------------------------------------------------

_HEADS: Final = sa.select(
    _book.c.lso_id, _lso.c.code, _book.c.head_seq, _book.c.head_recorded_at, _book.c.head_hash
).join(_lso, _lso.c.id == _book.c.lso_id)
_ANSWERS_IT: Final = sa.and_(
    _answer.c.lso_id == _event.c.lso_id,
    _answer.c.idempotency_key == _event.c.idempotency_key,
    _answer.c.event_seq == _event.c.seq,
    _answer.c.outcome == "accepted",
)
_UNANSWERED: Final = (
    sa.select(_event.c.seq)
    .outerjoin(_answer, _ANSWERS_IT)
    .where(_event.c.lso_id == _LSO_ID, _event.c.idempotency_key.is_not(None), _answer.c.lso_id.is_(None))
    .order_by(_event.c.seq)
)
_UNFOUNDED: Final = (
    sa.select(_answer.c.idempotency_key)
    .outerjoin(_event, _ANSWERS_IT)
    .where(_answer.c.lso_id == _LSO_ID, _answer.c.outcome == "accepted", _event.c.lso_id.is_(None))
    .order_by(_answer.c.idempotency_key)
)
_BALANCES: Final = sa.select(
    _account_balance.c.code, _account_balance.c.balance_minor, _account_balance.c.floored
).where(_account_balance.c.lso_id == _LSO_ID)
_FUNDS: Final = sa.select(_fund.c.id, _fund.c.code).where(_fund.c.lso_id == _LSO_ID)
_POSTINGS_OF: Final = (
    sa.select(_event.c.loan_id, _posting.c.debit, _posting.c.credit, _posting.c.effective_on, _posting.c.amount_minor)
    .join(_event, sa.and_(_event.c.lso_id == _posting.c.lso_id, _event.c.seq == _posting.c.event_seq))
    .where(
        _posting.c.lso_id == _LSO_ID,
        _event.c.loan_id.in_(_LOAN_IDS),
        _posting.c.loan_id == _event.c.loan_id,
    )
)


@cache
def _loan_ids(*, first: bool) -> sa.Select[Any]:
    rows = (
        sa.select(_event.c.loan_id)
        .where(_event.c.lso_id == _LSO_ID, _event.c.loan_id.is_not(None))
        .distinct()
        .order_by(_event.c.loan_id)
        .limit(sa.bindparam("limit", type_=WHOLE_NUMBER))
    )
    return rows if first else rows.where(_event.c.loan_id > sa.bindparam("after", type_=Id()))


def _loan_key(table: sa.Table) -> sa.Column[Any]:
    return table.c.id if table.name == "loan" else table.c.loan_id


@cache
def _of_loans(name: str) -> sa.Select[Any]:
    table = TABLES[name]
    rows = sa.select(table).where(table.c.lso_id == _LSO_ID, _loan_key(table).in_(_LOAN_IDS))
    return rows.order_by(*table.primary_key)


@cache
def _of_book(name: str) -> sa.Select[Any]:
    table = TABLES[name]
    return sa.select(table).where(table.c.lso_id == _LSO_ID).order_by(*table.primary_key)


@cache
def _strays(name: str) -> sa.Select[Any]:
    table = TABLES[name]
    told = sa.select(_event.c.seq).where(_event.c.lso_id == table.c.lso_id, _event.c.loan_id == _loan_key(table))
    key = _loan_key(table)
    return sa.select(key).where(table.c.lso_id == _LSO_ID, ~told.exists()).distinct().order_by(key)
