"""Replacing: a fact that was typed wrong is reversed and recorded right in one act.

Without it a wrong disbursement could be reversed only after all its repayments. What the fact rests on and what rests
on it are looked at once, with the right fact in its place. What differs is posted once, by the right fact: were the
wrong one taken back first, cash that was banked since would be below zero in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.errors import CifError, FieldMissingError, NotCorrectableError, NotFoundError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import account_code
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.loans.facts import LoanFact
from cif_engine.operations.collecting import CARRIED
from cif_engine.operations.committing import refuse_committed_to_earlier
from cif_engine.operations.disbursing import money_said
from cif_engine.operations.dues import refuse_in_interest_free_fund
from cif_engine.operations.loan_facts import change_by, decision_on, other_loan
from cif_engine.operations.loan_views import drawn_view
from cif_engine.operations.paying_tranches import with_evidence
from cif_engine.operations.places import ROLE_OF_CHANNEL, moves_of_money, refuse_into_reserve, refuse_overdrafts
from cif_engine.operations.recording import Outcome, Request, Together, record_all, refuse_future
from cif_engine.operations.reporting import open_fund
from cif_engine.operations.reversals import Reversal, refuse_reversal, reverse
from cif_engine.persistence.corrections import StoredEvent, event_by
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import LoanFile

CORRECTABLE = (Kind.LOAN_DISBURSED, Kind.REPAYMENT_RECEIVED, Kind.FEE_CHARGED, Kind.PENALTY_CHARGED)
"""The kinds of facts that are corrected in one act; others are reversed, and recorded anew."""

_FIELDS: Final = ("/id", "/amount", "/effective_on", "/channel")
"""What a refusal of the right fact may point at; its numbers are looked at when all is decided."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right of a fact that was typed wrong; what is None stays as it was. `event` is its id or seq.

    `id` is of the reversal, `replacement_id` of the right fact. `papers` are its numbers where they were wrong too.
    """

    id: str
    replacement_id: str
    event: str
    reason: str
    resolution_no: str | None = None
    amount_minor: int | None = None
    effective_on: date | None = None
    channel: str | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None


def correct_fact(databases: Databases, request: Request, correction: Correction) -> Outcome:
    """Record that a fact was wrong and what is right, and post the difference.

    Raises `NotFoundError`, `AlreadyReversedError`, `MakerIsCheckerError`, `NotCorrectableError`, `FieldMissingError`
    (nothing would be different), `DateInFutureError`, what the right fact breaks, and `NotEnoughCashError`.
    """

    def decide(connection: sa.Connection, _: object) -> Together:
        event = event_by(connection, request.lso_id, correction.event)
        if event is None:
            raise NotFoundError(f"No event {correction.event} in this book.")
        refuse_reversal(connection, request, event)
        _refuse_uncorrectable(event)
        refuse_future(correction.effective_on or event.effective_on, request.today)
        try:
            return _corrected(connection, request, event, correction)
        except CifError as refusal:
            if refusal.pointer not in _FIELDS:
                refusal.pointer = ""  # it names a field of the request that recorded the fact, not of this one
            raise

    return record_all(databases, request, decide)


def _refuse_uncorrectable(event: StoredEvent) -> None:
    if event.kind not in CORRECTABLE or "together" in event.says:
        raise NotCorrectableError(
            f"Event {event.seq}, {event.kind.value}, is not corrected in one act: reverse it, and record it anew.",
            kind=event.kind.value,
        )


def _corrected(connection: sa.Connection, request: Request, event: StoredEvent, correction: Correction) -> Together:
    assert event.loan_id is not None, "what is correctable is of a loan"
    loan = other_loan(connection, request.lso_id, event.loan_id, "/event")
    undone = LoanFact(correction.id, Kind.FACT_REVERSED, event.effective_on, {"reverses": event.id})
    right = _right(connection, request.lso_id, loan, event, correction)
    papers = Papers(**{**event.papers.numbers, **correction.papers.numbers}, replaces=event.id)
    _refuse_unchanged(event, right, papers)
    if correction.note is not None:
        right = right._replace(says={**right.says, "note": correction.note})
    change = change_by(connection, request.lso_id, loan, undone, right)
    refuse_overdrafts(connection, request.lso_id, change.postings)
    if right.kind is Kind.LOAN_DISBURSED:
        fund = open_fund(connection, request.lso_id, loan.fund_code)
        moves = moves_of_money(fund, change.postings)
        refuse_into_reserve(connection, request.lso_id, fund, moves)
        refuse_committed_to_earlier(connection, request.lso_id, fund, loan.number, change.before, moves)
        right = with_evidence(connection, request.lso_id, change, right)

    own = decision_on(request, change, right, papers)
    back = reverse(event, Reversal(correction.id, event.id, correction.reason, correction.resolution_no), ())
    of_loan = {"loan": loan.number, "loan_id": loan.id}
    drawn = drawn_view(right)
    return Together(
        (back, own),
        lambda events: {
            **own.answer(events[1]),
            "tranches": drawn,
            "reversal": {**back.answer(events[0]), **of_loan},
        },
    )


def _refuse_unchanged(event: StoredEvent, right: LoanFact, papers: Papers) -> None:
    wrong = (event.effective_on, _said(event), event.papers.numbers)
    if (right.effective_on, right.says, papers.numbers) == wrong:
        raise FieldMissingError("Nothing would be different: say another amount, day, channel or number.")


def _said(event: StoredEvent) -> dict[str, Any]:
    """Return what the fact says; which tranches paid for it is looked at anew."""
    return {name: value for name, value in event.says.items() if name not in ("replaces", "tranches")}


# The right fact ------------------------------------------------------------------------------------------------


def _right(
    connection: sa.Connection, lso_id: str, loan: LoanFile, event: StoredEvent, correction: Correction
) -> LoanFact:
    """Return the right fact: it says what the wrong one said, but for what was wrong."""
    on = correction.effective_on or event.effective_on
    if event.kind is Kind.LOAN_DISBURSED:
        says = _right_disbursement(connection, lso_id, loan, event, correction)
    elif event.kind is Kind.REPAYMENT_RECEIVED:
        says = _right_repayment(loan, event, correction)
    else:
        refuse_in_interest_free_fund(connection, lso_id, loan)
        says = {**_said(event), "due_on": _due_on(event, on).isoformat()}
    amount_minor = correction.amount_minor or event.says["amount_minor"]
    return LoanFact(correction.replacement_id, event.kind, on, {**says, "amount_minor": amount_minor})


def _right_disbursement(
    connection: sa.Connection, lso_id: str, loan: LoanFile, event: StoredEvent, correction: Correction
) -> dict[str, Any]:
    """Return what the disbursement says; the schedule of the same amount on the same day stays as it was given."""
    says = _said(event)
    on, amount_minor = correction.effective_on or event.effective_on, correction.amount_minor or says["amount_minor"]
    channel = correction.channel or says["channel"]
    if (on, amount_minor) == (event.effective_on, says["amount_minor"]):
        return {**says, "channel": channel, "paid_from": account_code(loan.fund_code, ROLE_OF_CHANNEL[channel])}
    says.pop("charge_up_front_minor", None)
    fund = open_fund(connection, lso_id, loan.fund_code)
    return {**says, **money_said(connection, loan, fund, amount_minor, on, channel)}


def _right_repayment(loan: LoanFile, event: StoredEvent, correction: Correction) -> dict[str, Any]:
    """Return what the repayment says; a custodian still has what she may carry."""
    says = _said(event)
    channel = correction.channel or says["channel"]
    carried = says["held_in"] != account_code(loan.fund_code, ROLE_OF_CHANNEL[says["channel"]])
    if carried and channel in CARRIED:
        return {**says, "channel": channel}
    return {**says, "channel": channel, "held_in": account_code(loan.fund_code, ROLE_OF_CHANNEL[channel])}


def _due_on(event: StoredEvent, on: date) -> date:
    """Return from when a fee is owed: what fell due at once still does, and nothing before it was charged."""
    due_on = date.fromisoformat(event.says["due_on"])
    return on if due_on == event.effective_on else max(due_on, on)
