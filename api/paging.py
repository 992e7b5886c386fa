"""Lists by cursor: stable order, no totals. A cursor is opaque to callers and says after which key to go on."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Any, Final, Generic, TypeVar, cast

import orjson
from fastapi import Query

from api.fields import Answer
from cif_engine.errors import MalformedCursorError

MOST: Final = 200
DEFAULT: Final = 50
_LARGEST: Final = 2**63 - 1

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items to answer at most.")]
After = Annotated[str | None, Query(max_length=500, description="The `next` of the page before.")]

Item = TypeVar("Item")


class Page(Answer, Generic[Item]):
    """One page of a list. `next` goes into `after` for the page that follows; null: this is the last."""

    items: list[Item]
    next: str | None


Key = str | list[str | int]
"""What the engine's lists go on after."""


def write_cursor(key: str | Sequence[str | int]) -> str:
    """Return the cursor that goes on after this key."""
    return urlsafe_b64encode(orjson.dumps(key if isinstance(key, str) else list(key))).decode().rstrip("=")


def read_key(cursor: str | None) -> Key | None:
    """Return the key that a cursor holds, None for the first page.

    Raises MalformedCursorError for everything that `write_cursor` does not write.
    """
    if cursor is None:
        return None
    try:
        key: Any = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as unreadable:
        raise _malformed() from unreadable
    parts = [key] if isinstance(key, str) else key
    if not isinstance(parts, list) or not all(_storable(part) for part in parts):
        raise _malformed()
    return cast("Key", key)


def read_cursor(cursor: str | None, *kinds: type[str | int]) -> tuple[Any, ...] | None:
    """Return the key that a cursor holds, one part of each kind; None for the first page."""
    key = read_key(cursor)
    if key is None:
        return None
    if isinstance(key, str) or len(key) != len(kinds):
        raise _malformed()
    if not all(type(part) is kind for part, kind in zip(key, kinds, strict=True)):
        raise _malformed()
    return tuple(key)


def page(items: list[dict[str, Any]], after: Sequence[str | int] | None) -> dict[str, Any]:
    """Return one page; `after` is the key that the next page goes on after, None on the last page."""
    return {"items": items, "next": write_cursor(after) if after is not None else None}


def _storable(part: object) -> bool:
    """Whether a database may be asked for it: PostgreSQL takes no NUL, and no number beyond 64 bits."""
    if isinstance(part, str):
        return "\0" not in part
    return type(part) is int and abs(part) <= _LARGEST


def _malformed() -> MalformedCursorError:
    return MalformedCursorError("Send the `next` of the page before, unchanged.", pointer="/after")
