"""The feed of a book: its events as they were recorded, with all that their hashes cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.events import Event, Fact, Papers
from cif_engine.ledger.payloads import read_payload
from cif_engine.ledger.postings import Posting
from cif_engine.persistence.columns import WHOLE_NUMBER, Id
from cif_engine.persistence.tables import TABLES

event, posting = TABLES["event"], TABLES["posting"]

_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_LOAN_IDS: Final = sa.bindparam("loan_ids", expanding=True, type_=Id())


@dataclass(frozen=True, slots=True)
class FedEvent:
    """An event as the feed gives it: all that its hash covers but the postings, which follow."""

    seq: int
    id: str
    kind: str
    effective_on: date
    recorded_at: int
    actor: str
    idempotency_key: str | None
    fund_id: str | None
    loan_id: str | None
    receipt_no: str | None
    voucher_no: str | None
    external_id: str | None
    reverses: str | None
    payload: str
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class FedPosting:
    """A posting as the feed gives it."""

    event_seq: int
    effective_on: date
    debit: str
    credit: str
    amount_minor: int
    loan_id: str | None


def events_after(
    connection: sa.Connection, lso_id: str, seq: int, limit: int
) -> list[tuple[FedEvent, list[FedPosting]]]:
    """Return up to `limit` events of a book after a place in it, each with its postings."""
    rows = connection.execute(_EVENTS_AFTER, {"in_lso": lso_id, "after": seq, "limit": limit})
    events = [FedEvent(*tuple(row)) for row in rows]
    postings: defaultdict[int, list[FedPosting]] = defaultdict(list)
    if events:
        asked = {"in_lso": lso_id, "first": events[0].seq, "last": events[-1].seq}
        for row in connection.execute(_POSTINGS_BETWEEN, asked):
            postings[row.event_seq].append(FedPosting(*row))
    return [(fed, postings[fed.seq]) for fed in events]


def postings_of(connection: sa.Connection, lso_id: str, seqs: Iterable[int]) -> dict[int, list[FedPosting]]:
    """Return the postings of these events of a book, by their numbers, line by line."""
    postings: defaultdict[int, list[FedPosting]] = defaultdict(list)
    for row in connection.execute(_POSTINGS_OF, {"in_lso": lso_id, "seqs": tuple(seqs)}):
        postings[row.event_seq].append(FedPosting(*row))
    return postings


def funding_events(connection: sa.Connection, lso_id: str) -> list[FedEvent]:
    """Return the events that agreements and tranches are made of, as they were recorded."""
    return [FedEvent(*tuple(row)) for row in connection.execute(_FUNDING, {"in_lso": lso_id})]


def loan_numbers(connection: sa.Connection, lso_id: str, loan_ids: Iterable[str]) -> dict[str, str]:
    """Return the number that its first application gave each of these loans; events keep it, whatever becomes of it."""
    asked = {"in_lso": lso_id, "loan_ids": tuple(loan_ids)}
    return {
        row.loan_id: read_payload(row.payload)["number"] for row in connection.execute(_LATEST_APPLIED_FIRST, asked)
    }


def as_event(lso_id: str, fed: FedEvent) -> Event:
    """Return an event of the feed as the ledger knows it."""
    papers = Papers(fed.receipt_no, fed.voucher_no, fed.external_id)
    fact = Fact(fed.id, Kind(fed.kind), fed.effective_on, fed.payload, fed.fund_id, fed.loan_id, papers, fed.reverses)
    return Event(lso_id, fed.seq, fed.recorded_at, fed.actor, fed.idempotency_key, fact, fed.prev_hash, fed.hash)


def as_posting(fed: FedPosting) -> Posting:
    """Return a posting of the feed as the ledger knows it."""
    return Posting(fed.effective_on, fed.debit, fed.credit, fed.amount_minor, fed.loan_id)


# Statements, built once ----------------------------------------------------------------------------------------

_EVENTS: Final = (
    sa.select(*(event.c[name] for name in FedEvent.__dataclass_fields__))
    .where(event.c.lso_id == _LSO_ID)
    .order_by(event.c.seq)
)
_EVENTS_AFTER: Final = _EVENTS.where(event.c.seq > sa.bindparam("after", type_=WHOLE_NUMBER)).limit(
    sa.bindparam("limit", type_=sa.Integer())
)
_FUNDING: Final = _EVENTS.where(
    event.c.kind.in_([kind.value for kind in (Kind.AGREEMENT_SIGNED, Kind.TRANCHE_RELEASED, Kind.TRANCHE_RECEIVED)])
)
_POSTINGS: Final = (
    sa.select(*(posting.c[name] for name in FedPosting.__dataclass_fields__))
    .where(posting.c.lso_id == _LSO_ID)
    .order_by(posting.c.event_seq, posting.c.line)
)
_POSTINGS_BETWEEN: Final = _POSTINGS.where(
    posting.c.event_seq.between(sa.bindparam("first", type_=WHOLE_NUMBER), sa.bindparam("last", type_=WHOLE_NUMBER))
)
_POSTINGS_OF: Final = _POSTINGS.where(posting.c.event_seq.in_(sa.bindparam("seqs", expanding=True, type_=WHOLE_NUMBER)))
_LATEST_APPLIED_FIRST: Final = (
    sa.select(event.c.loan_id, event.c.payload)
    .where(event.c.lso_id == _LSO_ID, event.c.loan_id.in_(_LOAN_IDS), event.c.kind == Kind.LOAN_APPLIED.value)
    .order_by(event.c.seq.desc())
)
