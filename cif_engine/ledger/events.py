"""Events: the facts of a book, each with the day it happened and the moment it was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cif_engine.kinds import Kind


@dataclass(frozen=True, slots=True)
class Papers:
    """The numbers on the paper behind a fact; each is unique in its book per kind of event.

    `replaces` is the id of the fact that was reversed because this one is right.
    """

    receipt_no: str | None = None
    voucher_no: str | None = None
    external_id: str | None = None
    replaces: str | None = None

    @property
    def numbers(self) -> dict[str, str]:
        """The numbers that there are, by name."""
        told = {"receipt_no": self.receipt_no, "voucher_no": self.voucher_no, "external_id": self.external_id}
        return {name: number for name, number in told.items() if number is not None}


NO_PAPERS = Papers()


@dataclass(frozen=True, slots=True)
class Fact:
    """What someone says happened, before it has its place in a book.

    `payload` is canonical JSON text (`cif_engine.ledger.payloads`): what the kind needs beyond these fields.
    """

    id: str
    kind: Kind
    effective_on: date
    payload: str
    fund_id: str | None = None
    loan_id: str | None = None
    papers: Papers = NO_PAPERS
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A fact at its place in a book. `recorded_at` is microseconds since 1970-01-01T00:00:00Z."""

    lso_id: str
    seq: int
    recorded_at: int
    actor: str
    idempotency_key: str | None
    fact: Fact
    prev_hash: bytes
    hash: bytes

    @property
    def head(self) -> Head:
        """Where the book ends while this is its last event."""
        return Head(self.lso_id, self.seq, self.recorded_at, self.hash)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a book ends: the last event's number, moment and hash."""

    lso_id: str
    seq: int
    recorded_at: int
    hash: bytes
