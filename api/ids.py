"""Ids of facts and records: UUIDs of version 7, in the order they were made."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5


def new_id() -> str:
    """Return a new UUID of version 7 (RFC 9562): 48 bits of milliseconds since 1970, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return str(UUID(int=value))


def id_of_part(whole: str, part: str) -> str:
    """Return the id of a fact that is recorded as one with another: it follows from the id of that one.

    So a preview, and the same request under another idempotency key, speak of the same fact.
    """
    return str(uuid5(UUID(whole), part))
