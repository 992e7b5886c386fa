"""The one text form of a payload: JSON with sorted keys, no spaces, UTF-8, and no floats.

The text is stored as it was made and hashed as it was stored, so no database's own idea of JSON can change a hash.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from cif_engine.ledger.events import Fact


def write_payload(payload: dict[str, Any]) -> str:
    """Return the canonical text of a payload; a float or any other type in it is our own mistake (TypeError)."""
    _refuse_floats(payload)
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode()


def read_payload(text: str) -> dict[str, Any]:
    """Return the payload that a canonical text holds."""
    payload: dict[str, Any] = orjson.loads(text)
    return payload


def naming_replaced(fact: Fact) -> Fact:
    """Return the fact with the one it replaces named in its payload, so that the chain holds it too."""
    if fact.papers.replaces is None:
        return fact
    says = {**read_payload(fact.payload), "replaces": fact.papers.replaces}
    return replace(fact, payload=write_payload(says))


def _refuse_floats(value: object) -> None:
    if isinstance(value, dict):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)
    elif not isinstance(value, str | int | None):
        raise TypeError(f"a payload holds text, whole numbers and truth values, not {type(value).__name__}")
