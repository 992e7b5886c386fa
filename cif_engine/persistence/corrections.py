"""Which facts of a book hold: reading events, what reverses them, and the numbers of paper that go with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.events import Papers
from cif_engine.ledger.payloads import read_payload
from cif_engine.ledger.postings import Posting
from cif_engine.persistence.book_sql import is_id
from cif_engine.persistence.columns import WHOLE_NUMBER, Id
from cif_engine.persistence.tables import PAPERS, TABLES

event, paper, posting = TABLES["event"], TABLES["paper"], TABLES["posting"]

_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_IDS: Final = sa.bindparam("ids", expanding=True, type_=Id())


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it was recorded."""

    id: str
    seq: int
    kind: Kind
    effective_on: date
    recorded_at: int
    actor: str
    fund_id: str | None
    loan_id: str | None
    papers: Papers
    reverses: str | None
    payload: str

    @property
    def says(self) -> dict[str, Any]:
        """Its payload, read."""
        return read_payload(self.payload)


@dataclass(frozen=True, slots=True)
class Reversal:
    """That one event reverses another."""

    id: str
    reverses: str


def event_by(connection: sa.Connection, lso_id: str, id_or_seq: str) -> StoredEvent | None:
    """Return the event of this id or seq; None where the book has no such event."""
    if is_id(id_or_seq):
        row = connection.execute(_BY_ID, {"in_lso": lso_id, "ids": (id_or_seq,)}).first()
    elif id_or_seq.isascii() and id_or_seq.isdigit() and len(id_or_seq) <= _SEQ_DIGITS:
        row = connection.execute(_BY_SEQ, {"in_lso": lso_id, "seq": int(id_or_seq)}).first()
    else:
        row = None
    return _stored(row) if row else None


def reversals_of(connection: sa.Connection, lso_id: str, ids: Iterable[str]) -> list[StoredEvent]:
    """Return the events that reverse one of these, whether they hold or not, in the order of seq."""
    rows = connection.execute(_REVERSING, {"in_lso": lso_id, "ids": tuple(ids)})
    return [_stored(row) for row in rows]


def replacements_of(connection: sa.Connection, lso_id: str, event: StoredEvent) -> list[StoredEvent]:
    """Return the events that correct this one, whether they hold or not, in the order of seq."""
    # Payloads are canonical JSON, in which a quote within a text is escaped: nothing else can look like this.
    named = f'"replaces":"{event.id}"'
    rows = connection.execute(
        _REPLACING, {"in_lso": lso_id, "kind": event.kind.value, "seq": event.seq, "named": f"%{named}%"}
    )
    return [_stored(row) for row in rows]


def granted_with(connection: sa.Connection, lso_id: str, event: StoredEvent, moratorium: str) -> list[StoredEvent]:
    """Return the events of a moratorium that one of its events belongs to, that one left out, in the order of seq."""
    named = f'"moratorium":"{moratorium}"'
    rows = connection.execute(_REPLACING, {"in_lso": lso_id, "kind": event.kind.value, "seq": 0, "named": f"%{named}%"})
    return [_stored(row) for row in rows if row.id != event.id]


def is_live(connection: sa.Connection, lso_id: str, event_id: str) -> bool:
    """Whether an event holds: no reversal that holds itself names it."""
    return event_id not in void(_reversals_around(connection, lso_id, event_id))


def postings_of_event(connection: sa.Connection, lso_id: str, seq: int) -> tuple[Posting, ...]:
    """Return what an event posted, line by line."""
    rows = connection.execute(_POSTINGS_OF, {"in_lso": lso_id, "seq": seq})
    return tuple(Posting(*row) for row in rows)


def void(reversals: Iterable[Reversal]) -> frozenset[str]:
    """Return the ids of the events that do not hold, from all reversals around them in the order of seq.

    An event holds unless a reversal that holds names it. A reversal is recorded after what it reverses, so whether it
    holds is known once all later ones are looked at.
    """
    found: set[str] = set()
    for reversal in reversed(list(reversals)):
        if reversal.id not in found:
            found.add(reversal.reverses)
    return frozenset(found)


def void_events(connection: sa.Connection, lso_id: str) -> frozenset[str]:
    """Return the ids of all events of a book that do not hold."""
    return void(Reversal(*row) for row in connection.execute(_REVERSALS, {"in_lso": lso_id}))


def borne_papers(connection: sa.Connection, lso_id: str) -> list[dict[str, Any]]:
    """Return the rows of `paper` that the events of a book call for, in the order of their key."""
    none_of = void_events(connection, lso_id)
    rows = connection.execute(_ALL_NUMBERS, {"in_lso": lso_id}).mappings()
    borne = [dict(row) for row in rows if row["event_id"] not in none_of]
    return sorted(borne, key=lambda row: (row["kind"], row["name"], row["number"]))


def move_papers(connection: sa.Connection, lso_id: str, reversal: Reversal) -> None:
    """Free the numbers of what a reversal, just recorded, voids, and give back those of what holds again by it.

    The database refuses a number that another fact bears by now.
    """
    voided, restored = _changed_by(connection, lso_id, reversal)
    if voided:
        connection.execute(_FREE, {"in_lso": lso_id, "ids": voided})
    if restored:
        connection.execute(_BEAR, {"in_lso": lso_id, "ids": restored})


def restored_by(connection: sa.Connection, lso_id: str, reversal: Reversal) -> list[StoredEvent]:
    """Return the events that hold again when this reversal is recorded."""
    _, restored = _changed_by(connection, lso_id, reversal)
    rows = connection.execute(_BY_ID, {"in_lso": lso_id, "ids": restored})
    return [_stored(row) for row in rows]


def _changed_by(connection: sa.Connection, lso_id: str, reversal: Reversal) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of the events that a reversal, recorded last or about to be, makes void, and those it restores."""
    others = [found for found in _reversals_around(connection, lso_id, reversal.reverses) if found.id != reversal.id]
    before, after = void(others), void((*others, reversal))
    return tuple(sorted(after - before)), tuple(sorted(before - after))


def _reversals_around(connection: sa.Connection, lso_id: str, event_id: str) -> list[Reversal]:
    """Return all reversals that have to do with an event, by seq: down to what it reverses, and up from there."""
    root = event_id
    while named := connection.execute(_NAMED_BY, {"in_lso": lso_id, "ids": (root,)}).scalar():
        root = named
    found: list[tuple[int, Reversal]] = []
    ids: list[str] = [root]
    while ids:
        rows = connection.execute(_NAMING, {"in_lso": lso_id, "ids": ids}).all()
        found += [(row.seq, Reversal(row.id, row.reverses)) for row in rows]
        ids = [row.id for row in rows]
    return [reversal for _, reversal in sorted(found, key=lambda one: one[0])]


def _stored(row: Any) -> StoredEvent:  # noqa: ANN401 - rows of several statements
    return StoredEvent(
        row.id,
        row.seq,
        Kind(row.kind),
        row.effective_on,
        row.recorded_at,
        row.actor,
        row.fund_id,
        row.loan_id,
        Papers(*(getattr(row, name) for name in PAPERS)),
        row.reverses,
        row.payload,
    )


# Statements, built once ----------------------------------------------------------------------------------------

_SEQ_DIGITS: Final = 18
"""A whole number of 64 bits holds every number of so many digits."""

_EVENTS: Final = sa.select(event).where(event.c.lso_id == _LSO_ID).order_by(event.c.seq)
_BY_ID: Final = _EVENTS.where(event.c.id.in_(_IDS))
_BY_SEQ: Final = _EVENTS.where(event.c.seq == sa.bindparam("seq", type_=WHOLE_NUMBER))
_REVERSING: Final = _EVENTS.where(event.c.reverses.in_(_IDS))
_REPLACING: Final = _EVENTS.where(
    event.c.kind == sa.bindparam("kind", type_=sa.Text()),
    event.c.seq > sa.bindparam("seq", type_=WHOLE_NUMBER),
    event.c.payload.like(sa.bindparam("named", type_=sa.Text())),
)
_REVERSALS: Final = (
    sa.select(event.c.id, event.c.reverses)
    .where(event.c.lso_id == _LSO_ID, event.c.reverses.is_not(None))
    .order_by(event.c.seq)
)
_NAMED_BY: Final = sa.select(event.c.reverses).where(event.c.lso_id == _LSO_ID, event.c.id.in_(_IDS))
_NAMING: Final = sa.select(event.c.seq, event.c.id, event.c.reverses).where(
    event.c.lso_id == _LSO_ID, event.c.reverses.in_(_IDS)
)
_POSTINGS_OF: Final = (
    sa.select(posting.c.effective_on, posting.c.debit, posting.c.credit, posting.c.amount_minor, posting.c.loan_id)
    .where(posting.c.lso_id == _LSO_ID, posting.c.event_seq == sa.bindparam("seq", type_=WHOLE_NUMBER))
    .order_by(posting.c.line)
)
_NUMBERS: Final = tuple(
    sa.select(
        event.c.lso_id,
        event.c.kind,
        sa.literal(name).label("name"),
        event.c[name].label("number"),
        event.c.id.label("event_id"),
    ).where(event.c.lso_id == _LSO_ID, event.c[name].is_not(None))
    for name in PAPERS
)
_ALL_NUMBERS: Final = sa.union_all(*_NUMBERS)
_BORNE: Final = sa.union_all(*(rows.where(event.c.id.in_(_IDS)) for rows in _NUMBERS))
_BEAR: Final = sa.insert(paper).from_select(["lso_id", "kind", "name", "number", "event_id"], _BORNE)
_FREED: Final = _BORNE.subquery()
_FREE: Final = sa.delete(paper).where(
    paper.c.lso_id == _LSO_ID,
    sa.tuple_(paper.c.kind, paper.c.name, paper.c.number, paper.c.event_id).in_(
        sa.select(_FREED.c.kind, _FREED.c.name, _FREED.c.number, _FREED.c.event_id)
    ),
)
