"""What holds for facts of every kind, whatever was decided about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from cif_engine.errors import ConflictError, NotReversedError
from cif_engine.ledger.events import Fact
from cif_engine.persistence.corrections import event_by, is_live, replacements_of


def refuse_twins(facts: Iterable[Fact]) -> None:
    """Refuse facts of one request that have an id or a number in common; the book cannot tell, having neither yet."""
    seen: set[tuple[str, str]] = set()
    for fact in facts:
        names = {("/id", fact.id), *((f"/{name}", f"{fact.kind} {no}") for name, no in fact.papers.numbers.items())}
        if twice := seen & names:
            pointer, name = min(twice)
            raise ConflictError(f"{name} is said of two facts of this request.", pointer=pointer)
        seen |= names


def refuse_wrong_replacement(
    connection: sa.Connection, lso_id: str, fact: Fact, reversed_now: Collection[str | None]
) -> None:
    """Refuse a fact that replaces one which is not in the book, is of another kind, still holds, or is replaced.

    `reversed_now` are the ids of what the same request reverses.
    """
    replaced = fact.papers.replaces
    if replaced is None:
        return
    event = event_by(connection, lso_id, replaced)
    if event is None:
        raise NotReversedError(f"No event {replaced} in this book.", pointer="/replaces")
    if event.kind != fact.kind:
        raise NotReversedError(f"Event {event.seq} is {event.kind}, and this is {fact.kind}.", pointer="/replaces")
    if event.id not in reversed_now and is_live(connection, lso_id, event.id):
        raise NotReversedError(f"Event {event.seq} still holds; reverse it first.", pointer="/replaces")
    for other in replacements_of(connection, lso_id, event):
        if other.id not in reversed_now and is_live(connection, lso_id, other.id):
            raise ConflictError(
                f"Event {event.seq} is replaced already, by event {other.seq}.",
                pointer="/replaces",
                existing_event=other.id,
                existing_seq=other.seq,
            )
