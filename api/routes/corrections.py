"""Corrections: the reversal of a fact, and an event with all that corrected it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from api.models.corrections import (
    CorrectionRecorded,
    CorrectionSaid,
    EventFile,
    ReversalRecorded,
    ReversalSaid,
)
from api.routing import Routes
from api.visits import BookVisit, RecordVisit
from cif_engine.operations.event_reports import event_report
from cif_engine.operations.keys import Scope
from cif_engine.operations.replacing import correct_fact
from cif_engine.operations.reversing import reverse_fact

routes = Routes("corrections")

EventInPath = Annotated[
    str,
    Path(
        pattern="^[0-9A-Fa-f-]{1,36}$",
        description="The id of the event, or its number in the book (`seq`).",
        examples=["1412"],
    ),
]


@routes.get("/lsos/{lso}/events/{event}", scope=Scope.BOOKS_READ, answer=EventFile, summary="One event")
async def read_event(visit: BookVisit, event: EventInPath) -> Response:
    """One event with its postings: whether it holds, what it reverses or replaces, what reversed or replaced it."""
    return await visit.answer(event_report, visit.lso_id, event.lower())


@routes.post(
    "/lsos/{lso}/events/{event}/reversal",
    scope=Scope.CORRECTIONS_WRITE,
    answer=ReversalRecorded,
    summary="Reverse a fact",
)
async def reverse_event(recorder: RecordVisit, event: EventInPath, said: ReversalSaid) -> Response:
    """Record that a fact was a mistake: from its own day on it counts no more, and the difference is posted.

    Another must reverse it than who recorded it. The event stays in the book; the numbers on its paper are free again,
    for the fact that `replaces` it. What rests on the fact must be reversed first, and is named. What was recorded as
    one with it is reversed with it. A reversal may be reversed itself: then the fact holds again, if it still can.
    """
    return await recorder.record(reverse_fact, said.command(event.lower(), recorder.make_id()))


@routes.post(
    "/lsos/{lso}/events/{event}/correction",
    scope=Scope.CORRECTIONS_WRITE,
    answer=CorrectionRecorded,
    summary="Correct a fact",
)
async def correct_event(recorder: RecordVisit, event: EventInPath, said: CorrectionSaid) -> Response:
    """Record that a repayment, disbursement, fee or penalty was typed wrong, and what is right, in one act.

    The wrong fact is reversed and the right one `replaces` it, with the same numbers of paper unless others are said.
    What was recorded after it stays: only its split may change. What differs is posted once, by the right fact.
    Another must correct it than who recorded it. What was recorded as one with another fact is reversed instead.
    """
    command = said.correction(event.lower(), recorder.make_id(), recorder.make_id())
    return await recorder.record(correct_fact, command)
