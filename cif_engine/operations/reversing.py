"""Reversing: the one way in for the reversal of any fact, whatever it was about.

What a reversal does is decided by the part of the engine whose facts they are: `reversing_fund_facts` for what is of a
fund alone, `correcting` for what is of a loan. Each is a `DecideReversal`: it is given the event, which holds and was
recorded by somebody else, and returns what is to be recorded, the reversal that was asked for last. Facts that were
recorded together are reversed together; then there is a reversal for each of them.
"""

from __future__ import annotations

from typing import Protocol

import sqlalchemy as sa

from cif_engine.errors import CifError, NotFoundError
from cif_engine.ledger.events import Event
from cif_engine.operations.correcting import reverse_loan_facts
from cif_engine.operations.recording import Decision, Outcome, Request, Together, record_all
from cif_engine.operations.reversals import Reversal, refuse_reversal
from cif_engine.operations.reversing_fund_facts import reverse_fund_fact
from cif_engine.operations.views import View
from cif_engine.persistence.corrections import StoredEvent, event_by
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import OpenedBook


class DecideReversal(Protocol):
    """How the facts of one part of the engine are reversed."""

    def __call__(
        self, connection: sa.Connection, request: Request, event: StoredEvent, reversal: Reversal
    ) -> tuple[Decision, ...]:
        """Return what is to be recorded, the reversal of `event` last; raises why it cannot be."""


def reverse_fact(databases: Databases, request: Request, reversal: Reversal) -> Outcome:
    """Record that a fact was a mistake, and post the difference; the numbers on its paper are free again.

    Raises `NotFoundError`, `AlreadyReversedError`, `MakerIsCheckerError`, `ReverseFirstError` naming what rests on the
    fact, and whatever forbids that it be gone, or that it hold again: `NotEnoughCashError`, `OverCapitalError`, ...
    """

    def decide_all(connection: sa.Connection, _: OpenedBook) -> Together:
        event = event_by(connection, request.lso_id, reversal.event)
        if event is None:
            raise NotFoundError(f"No event {reversal.event} in this book.")
        refuse_reversal(connection, request, event)
        decide: DecideReversal = reverse_fund_fact if event.loan_id is None else reverse_loan_facts
        try:
            decisions = decide(connection, request, event, reversal)
        except CifError as refusal:
            refusal.pointer = ""  # it names a field of the request that recorded the fact, not of this one
            raise
        return Together(decisions, lambda events: _answer(decisions, events))

    return record_all(databases, request, decide_all)


def _answer(decisions: tuple[Decision, ...], events: tuple[Event, ...]) -> View:
    """Answer what was asked for, and beside it what was reversed together with it."""
    *others, asked = (decision.answer(event) for decision, event in zip(decisions, events, strict=True))
    return {**asked, "together": others}
