"""What every reversal has in common, of a fact of a fund or of a loan: the command, its guards, the fact it makes.

A reversal undoes one event, counted from the day of that event. It may be reversed itself: what it undid holds again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.errors import AlreadyReversedError, MakerIsCheckerError, ReverseFirstError
from cif_engine.kinds import Kind
from cif_engine.ledger.events import NO_PAPERS, Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting
from cif_engine.operations.recording import Decision, Request
from cif_engine.operations.views import View, event_view, posting_views
from cif_engine.persistence.corrections import StoredEvent, event_by, is_live, replacements_of, reversals_of
from cif_engine.persistence.recording import LoanChange, Row

_OF_NO_LOAN: Final[View] = {"loan": None, "loan_id": None, "standing": None, "schedule": []}


@dataclass(frozen=True, slots=True)
class Reversal:
    """That a recorded fact was a mistake. `event` is the id or the seq of its event.

    `whole_moratorium` undoes with the pause of one loan those of all loans that the same moratorium granted.
    """

    id: str
    event: str
    reason: str
    resolution_no: str | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None
    whole_moratorium: bool = False


def refuse_reversal(connection: sa.Connection, request: Request, event: StoredEvent) -> None:
    """Refuse to reverse what does not hold, or what the one who asks recorded herself.

    A reversal is not reversed either when what it undid holds no longer for another reason: it would be undone twice.
    """
    if event.actor == request.actor:
        raise MakerIsCheckerError(f"Event {event.seq} was recorded by {event.actor}; another must reverse it.")
    undone: StoredEvent | None = event
    while undone is not None:
        _refuse_reversed(connection, request.lso_id, undone)
        undone = reversed_by(connection, request.lso_id, reversed_by(connection, request.lso_id, undone))
    _refuse_replaced(connection, request.lso_id, *first_of(connection, request.lso_id, event))


def _refuse_replaced(connection: sa.Connection, lso_id: str, fact: StoredEvent, holds_again: bool) -> None:  # noqa: FBT001 - as `first_of` says it
    """Refuse that a fact holds again beside the one that replaces it."""
    if not holds_again:
        return
    for replacement in replacements_of(connection, lso_id, fact):
        if is_live(connection, lso_id, replacement.id):
            raise ReverseFirstError(
                f"Event {replacement.seq} replaces event {fact.seq}; reverse that first.",
                reverse_first=replacement.id,
                reverse_first_seq=replacement.seq,
            )


def reversed_by(connection: sa.Connection, lso_id: str, event: StoredEvent | None) -> StoredEvent | None:
    """Return what an event reverses; None where it is no reversal, or None itself."""
    return event_by(connection, lso_id, event.reverses) if event and event.reverses else None


def first_of(connection: sa.Connection, lso_id: str, event: StoredEvent) -> tuple[StoredEvent, bool]:
    """Return the fact that all is about when `event` is reversed, and whether it then holds again.

    The fact is the event itself, or what the event reverses; it holds again when the event is its reversal.
    """
    holds_again = False
    while below := reversed_by(connection, lso_id, event):
        event, holds_again = below, not holds_again
    return event, holds_again


def reverse(
    event: StoredEvent,
    reversal: Reversal,
    postings: tuple[Posting, ...],
    rows: tuple[Row, ...] = (),
    loan: LoanChange | None = None,
    together: Iterable[str] = (),
) -> Decision:
    """Return the decision to record the reversal of an event, and how it is answered; of a loan there is more to say.

    `together` are the ids of all reversals of one group, this one too.
    """
    says: dict[str, Any] = {
        "reverses": event.id,
        "kind": event.kind.value,
        "reason": reversal.reason,
        "note": reversal.note,
    }
    if reversal.resolution_no is not None:
        says["resolution_no"] = reversal.resolution_no
    if group := sorted(together):
        says["together"] = group
    fact = Fact(
        reversal.id,
        Kind.FACT_REVERSED,
        event.effective_on,
        write_payload(says),
        event.fund_id,
        event.loan_id,
        reversal.papers,
        event.id,
    )

    def answer(recorded: Event) -> View:
        return {
            "event": event_view(recorded),
            "reversed": _reversed_view(event),
            **_OF_NO_LOAN,
            "postings": posting_views(postings),
        }

    return Decision(fact, postings, answer, loan, rows)


def _reversed_view(event: StoredEvent) -> View:
    return {
        "id": event.id,
        "seq": event.seq,
        "kind": event.kind.value,
        "effective_on": event.effective_on.isoformat(),
        "recorded_by": event.actor,
    }


def _refuse_reversed(connection: sa.Connection, lso_id: str, event: StoredEvent) -> None:
    for found in reversals_of(connection, lso_id, (event.id,)):
        if is_live(connection, lso_id, found.id):
            raise AlreadyReversedError(
                f"Event {event.seq} is reversed already, by event {found.seq}.",
                existing_event=found.id,
                existing_seq=found.seq,
            )
