"""The hash chain: each event is sealed with all that it says and posts, and with the event before it.

`docs/chain.md` gives the encoding byte by byte, with test vectors, so that an auditor can check a book with her own
program. Version 1: every field is its length as four bytes, big-endian, then its bytes; an absent field has the length
0xFFFFFFFF and no bytes, so that absent and empty differ. Numbers are written in ASCII decimal.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from cif_engine.ledger.events import Event, Fact, Head
from cif_engine.ledger.postings import Posting

VERSION = b"CIF1"
ABSENT = b"\xff\xff\xff\xff"


def genesis(lso_id: str) -> Head:
    """Return the head of a book in which nothing is recorded yet."""
    return Head(lso_id, 0, 0, sha256(VERSION + _field(lso_id)).digest())


def seal(
    head: Head,
    fact: Fact,
    postings: Iterable[Posting],
    recorded_at: int,
    actor: str,
    key: str | None,
    *,
    as_one: bool = False,
) -> Event:
    """Return the event that puts `fact` after `head`; its moment is later than the head's, whatever the clock says.

    Growing moments make "known at" exact: a report of the past never gains a fact recorded after it (law 7). What is
    recorded `as_one` with the event at the head has its moment: the one is never known without the other.
    """
    at = head.recorded_at if as_one else max(recorded_at, head.recorded_at + 1)
    seq = head.seq + 1
    digest = event_hash(head.hash, encode(head.lso_id, seq, at, actor, key, fact, postings))
    return Event(head.lso_id, seq, at, actor, key, fact, head.hash, digest)


def event_hash(prev_hash: bytes, encoding: bytes) -> bytes:
    """Return the SHA-256 of the event before and of this event's encoding."""
    return sha256(prev_hash + encoding).digest()


def encode(
    lso_id: str, seq: int, recorded_at: int, actor: str, key: str | None, fact: Fact, postings: Iterable[Posting]
) -> bytes:
    """Return the version 1 encoding of an event and its postings."""
    papers = fact.papers
    fields: list[str | None] = [
        lso_id,
        str(seq),
        fact.id,
        fact.kind.value,
        fact.effective_on.isoformat(),
        str(recorded_at),
        actor,
        key,
        fact.fund_id,
        fact.loan_id,
        papers.receipt_no,
        papers.voucher_no,
        papers.external_id,
        fact.reverses,
        fact.payload,
    ]
    for posting in postings:
        fields += (
            posting.effective_on.isoformat(),
            posting.debit,
            posting.credit,
            str(posting.amount_minor),
            posting.loan_id,
        )
    return VERSION + b"".join(map(_field, fields))


def _field(text: str | None) -> bytes:
    if text is None:
        return ABSENT
    content = text.encode()
    return len(content).to_bytes(4, "big") + content
