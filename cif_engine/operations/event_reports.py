"""One event of a book with what corrected it, and what it corrects."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from cif_engine.errors import NotFoundError
from cif_engine.operations.ledger_reports import fed_event_view
from cif_engine.operations.reporting import open_book
from cif_engine.operations.views import View
from cif_engine.persistence.corrections import StoredEvent, event_by, is_live, replacements_of, reversals_of
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.feed import events_after


def event_report(databases: Databases, lso_id: str, id_or_seq: str) -> View:
    """Return an event and whether it holds, with what it reverses and replaces, and what reverses and replaces it.

    Raises NotFoundError.
    """
    with databases.reading(lso_id) as connection:
        book = open_book(connection, lso_id, None)
        event = event_by(connection, lso_id, id_or_seq)
        if event is None:
            raise NotFoundError(f"No event {id_or_seq} in this book.")
        ((fed, postings),) = events_after(connection, lso_id, event.seq - 1, 1)
        replaced = event.says.get("replaces")
        return {
            "lso": book.lso_code,
            "event": fed_event_view(fed, postings),
            "holds": is_live(connection, lso_id, event.id),
            "reverses": _named(connection, lso_id, event.reverses),
            "reversed_by": _views(connection, lso_id, reversals_of(connection, lso_id, (event.id,))),
            "replaces": _named(connection, lso_id, replaced),
            "replaced_by": _views(connection, lso_id, replacements_of(connection, lso_id, event)),
        }


def _named(connection: sa.Connection, lso_id: str, event_id: str | None) -> View | None:
    event = event_by(connection, lso_id, event_id) if event_id else None
    return _view(connection, lso_id, event) if event else None


def _views(connection: sa.Connection, lso_id: str, events: Iterable[StoredEvent]) -> list[View]:
    return [_view(connection, lso_id, event) for event in events]


def _view(connection: sa.Connection, lso_id: str, event: StoredEvent) -> View:
    return {
        "id": event.id,
        "seq": event.seq,
        "kind": event.kind.value,
        "effective_on": event.effective_on.isoformat(),
        "holds": is_live(connection, lso_id, event.id),
    }
