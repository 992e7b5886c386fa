"""Correcting: facts of loans that were recorded by mistake are reversed, and what followed from them follows no more.

A reversal has the day of the fact it reverses, so the books of every day are as if the fact had never been; what was
known before the reversal still shows it. Facts that were recorded as one act are reversed as one.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid5

import sqlalchemy as sa

from cif_engine.errors import CreditTooSmallError, LoanNotOpenError, LoanStepError, OverLimitError, ReverseFirstError
from cif_engine.kinds import Kind
from cif_engine.ledger.events import NO_PAPERS, Event
from cif_engine.ledger.postings import Posting
from cif_engine.loans.facts import LoanFact
from cif_engine.operations.dues import refuse_in_interest_free_fund
from cif_engine.operations.loan_facts import Change, change_by, loan_rows, other_loan
from cif_engine.operations.places import refuse_overdrafts
from cif_engine.operations.recording import Decision, Request
from cif_engine.operations.reversals import Reversal, first_of, reverse
from cif_engine.operations.views import View, schedule_views, standing_view
from cif_engine.persistence.corrections import StoredEvent, event_by, granted_with, is_live
from cif_engine.persistence.recording import loan_change


def reverse_loan_facts(
    connection: sa.Connection, request: Request, event: StoredEvent, reversal: Reversal
) -> tuple[Decision, ...]:
    """Decide the reversal of a fact of a loan, and of all that was recorded as one with it; the one asked for is last.

    A moratorium is undone loan by loan, or where the reversal says so, whole.

    Raises ReverseFirstError where facts that hold rest on it, and NotEnoughCashError.
    """
    recorded_with = _recorded_with(connection, request.lso_id, event)
    granted = _granted_with(connection, request.lso_id, event) if reversal.whole_moratorium else []
    undone = [*recorded_with, *granted, event]
    ids = [_reversal_id(reversal, event, one) for one in undone]
    changes: list[Change] = []
    postings: list[Posting] = []
    for one, new_id in zip(undone, ids, strict=True):
        changes.append(_change(connection, request, one, new_id, postings))
        postings += changes[-1].postings
    refuse_overdrafts(connection, request.lso_id, postings)
    together = ids if recorded_with else ()
    return tuple(
        _decision(request, one, replace(reversal, id=new_id), change, together, asked=one is event)
        for one, new_id, change in zip(undone, ids, changes, strict=True)
    )


def _recorded_with(connection: sa.Connection, lso_id: str, event: StoredEvent) -> list[StoredEvent]:
    others = [event_by(connection, lso_id, other) for other in event.says.get("together", ()) if other != event.id]
    return [other for other in others if other is not None]


def _granted_with(connection: sa.Connection, lso_id: str, event: StoredEvent) -> list[StoredEvent]:
    """Return the other facts of a moratorium that still hold; a fact of another kind has none."""
    moratorium = event.says.get("moratorium")
    others = granted_with(connection, lso_id, event, moratorium) if moratorium else []
    return [other for other in others if is_live(connection, lso_id, other.id)]


def _reversal_id(reversal: Reversal, asked: StoredEvent, event: StoredEvent) -> str:
    """Return the id of the reversal of one of a group: the one asked for has its own, the others follow from it."""
    return reversal.id if event is asked else str(uuid5(UUID(reversal.id), event.id))


def _change(
    connection: sa.Connection, request: Request, event: StoredEvent, reversal_id: str, others: list[Posting]
) -> Change:
    assert event.loan_id is not None, "a fact of a loan names it"
    loan = other_loan(connection, request.lso_id, event.loan_id, "/event")
    fact, holds_again = first_of(connection, request.lso_id, event)
    if holds_again and fact.kind in (Kind.FEE_CHARGED, Kind.PENALTY_CHARGED):
        refuse_in_interest_free_fund(connection, request.lso_id, loan)
    new = LoanFact(reversal_id, Kind.FACT_REVERSED, event.effective_on, {"reverses": event.id})
    try:
        return change_by(connection, request.lso_id, loan, new, others=others)
    except (CreditTooSmallError, LoanNotOpenError, LoanStepError, OverLimitError) as refusal:
        resting = event_by(connection, request.lso_id, str(refusal.facts["event"]))
        assert resting is not None, "what rests on a fact is in the book"
        raise ReverseFirstError(
            f"Event {resting.seq}, {resting.kind} of {resting.effective_on}, rests on it; reverse that first.",
            loan=loan.number,
            reverse_first=resting.id,
            reverse_first_seq=resting.seq,
        ) from refusal


def _decision(
    request: Request,
    event: StoredEvent,
    reversal: Reversal,
    change: Change,
    together: tuple[str, ...] | list[str],
    *,
    asked: bool,
) -> Decision:
    loan = change.loan
    own = reversal if asked else replace(reversal, papers=NO_PAPERS)
    of_loan = loan_change(loan.id, change.before, change.after)
    decision = reverse(event, own, change.postings, loan_rows(request.lso_id, change), of_loan, together)

    def answer(recorded: Event) -> View:
        return {
            **decision.answer(recorded),
            "loan": loan.number,
            "loan_id": loan.id,
            "standing": standing_view(change.after.standing, request.today),
            "schedule": schedule_views(change.after.schedule),
        }

    return replace(decision, answer=answer)
