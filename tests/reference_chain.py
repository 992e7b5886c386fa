"""The hash chain once more, written from the words of `docs/chain.md` and with none of the engine's code.

An auditor's own program would look like this one. It reads rows as they stand in the database.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from struct import pack
from typing import Any

EVENT_FIELDS = (
    "lso_id",
    "seq",
    "id",
    "kind",
    "effective_on",
    "recorded_at",
    "actor",
    "idempotency_key",
    "fund_id",
    "loan_id",
    "receipt_no",
    "voucher_no",
    "external_id",
    "reverses",
    "payload",
)
POSTING_FIELDS = ("effective_on", "debit", "credit", "amount_minor", "loan_id")


def first_hash(lso_id: str) -> bytes:
    return sha256(b"CIF1" + _written(lso_id)).digest()


def next_hash(before: bytes, event: Mapping[str, Any], postings: Iterable[Mapping[str, Any]]) -> bytes:
    return sha256(before + encode_row(event, postings)).digest()


def encode_row(event: Mapping[str, Any], postings: Iterable[Mapping[str, Any]]) -> bytes:
    encoded = b"CIF1"
    for name in EVENT_FIELDS:
        encoded += _written(event[name])
    for posting in postings:
        for name in POSTING_FIELDS:
            encoded += _written(posting[name])
    return encoded


def _written(value: str | int | date | None) -> bytes:
    if value is None:
        return b"\xff\xff\xff\xff"
    content = (value.isoformat() if isinstance(value, date) else str(value)).encode("utf-8")
    return pack(">I", len(content)) + content
