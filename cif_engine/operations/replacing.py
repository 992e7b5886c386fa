"""Replacing: a fact that was typed wrong is reversed and recorded right in one act.

Without it a wrong disbursement could be reversed only after all its repayments. What the fact rests on and what rests
on it are looked at once, with the right fact in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.bookings import book_change
from cif_engine.errors import FieldMissingError, NotCorrectableError, NotFoundError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import account_code
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.lawful import refuse_unlawful
from cif_engine.loans.life import live
from cif_engine.operations.allowance import with_shortfall
from cif_engine.operations.disbursing import money_said
from cif_engine.operations.loan_facts import Change, decision_on, loan_rows, other_loan, refuse_same_id
from cif_engine.operations.places import ROLE_OF_CHANNEL, refuse_overdrafts
from cif_engine.operations.recording import Outcome, Request, Together, record_all, refuse_future
from cif_engine.operations.reporting import open_fund
from cif_engine.operations.reversals import Reversal, refuse_reversal, reverse
from cif_engine.persistence.corrections import StoredEvent, event_by
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import LoanFile, OpenedBook, loan_change

CORRECTABLE = (Kind.LOAN_DISBURSED, Kind.REPAYMENT_RECEIVED, Kind.FEE_CHARGED, Kind.PENALTY_CHARGED)
"""The kinds of facts that are corrected in one act; others are reversed, and recorded anew."""


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

    @property
    def changes_something(self) -> bool:
        """Whether anything of the fact is to be different."""
        told = (self.amount_minor, self.effective_on, self.channel)
        return any(value is not None for value in told) or bool(self.papers.numbers)


def correct_fact(databases: Databases, request: Request, correction: Correction) -> Outcome:
    """Record that a fact was wrong and what is right, and post the differences.

    Raises `NotFoundError`, `AlreadyReversedError`, `MakerIsCheckerError`, `NotCorrectableError`, `FieldMissingError`
    (nothing would change), `DateInFutureError`, what the right fact breaks, and `NotEnoughCashError`.
    """

    def decide(connection: sa.Connection, _: OpenedBook) -> Together:
        event = event_by(connection, request.lso_id, correction.event)
        if event is None:
            raise NotFoundError(f"No event {correction.event} in this book.")
        refuse_reversal(connection, request, event)
        _refuse_uncorrectable(event, correction)
        on = correction.effective_on or event.effective_on
        refuse_future(on, request.today)
        assert event.loan_id is not None, "what is correctable is of a loan"
        loan = other_loan(connection, request.lso_id, event.loan_id, "/event")
        says = {**_right(connection, request.lso_id, loan, event, correction, on), "note": correction.note}
        right = LoanFact(correction.replacement_id, event.kind, on, says)
        return _together(connection, request, loan, event, right, correction)

    return record_all(databases, request, decide)


def _together(
    connection: sa.Connection,
    request: Request,
    loan: LoanFile,
    event: StoredEvent,
    right: LoanFact,
    correction: Correction,
) -> Together:
    undone = LoanFact(correction.id, Kind.FACT_REVERSED, event.effective_on, {"reverses": event.id})
    for new in (undone, right):
        refuse_same_id(connection, request.lso_id, loan, new)
    before, between, after = (
        live(loan.facts),
        live((*loan.facts, undone)),
        live((*loan.facts, undone, right)),
    )
    refuse_unlawful(after, loan.number)
    code = loan.fund_code
    taken_back = with_shortfall(connection, request.lso_id, code, book_change(loan.id, code, before, between))
    posted = with_shortfall(connection, request.lso_id, code, book_change(loan.id, code, between, after), taken_back)
    refuse_overdrafts(connection, request.lso_id, (*taken_back, *posted))
    reversal = Reversal(correction.id, event.id, correction.reason, correction.resolution_no)
    first = Change(loan, before, between, taken_back)
    of_loan = loan_change(loan.id, before, between)
    own = decision_on(request, Change(loan, between, after, posted), right, _papers(event, correction))
    back = reverse(event, reversal, taken_back, loan_rows(request.lso_id, first), of_loan)
    return Together((back, own), lambda events: {**own.answer(events[1]), "reversal": back.answer(events[0])})


def _refuse_uncorrectable(event: StoredEvent, correction: Correction) -> None:
    if event.kind not in CORRECTABLE or "together" in event.says:
        raise NotCorrectableError(
            f"Event {event.seq}, {event.kind.value}, is not corrected in one act: reverse it, and record it anew.",
            kind=event.kind.value,
        )
    if not correction.changes_something:
        raise FieldMissingError("A correction says what is right: an amount, a day, a channel or a number.")


def _right(
    connection: sa.Connection, lso_id: str, loan: LoanFile, event: StoredEvent, correction: Correction, on: date
) -> dict[str, Any]:
    """Return what the right fact says: what the wrong one said, but for what was wrong."""
    says = {name: value for name, value in event.says.items() if name != "replaces"}
    amount_minor = correction.amount_minor or says["amount_minor"]
    if event.kind is Kind.LOAN_DISBURSED:
        fund = open_fund(connection, lso_id, loan.fund_code)
        kept = {name: value for name, value in says.items() if name != "charge_up_front_minor"}
        return {**kept, **money_said(connection, loan, fund, amount_minor, on, correction.channel or says["channel"])}
    says["amount_minor"] = amount_minor
    if event.kind is Kind.REPAYMENT_RECEIVED and correction.channel is not None:
        says |= {
            "channel": correction.channel,
            "held_in": account_code(loan.fund_code, ROLE_OF_CHANNEL[correction.channel]),
        }
    if "due_on" in says:
        says["due_on"] = max(date.fromisoformat(says["due_on"]), on).isoformat()
    return says


def _papers(event: StoredEvent, correction: Correction) -> Papers:
    """Return the numbers of the right fact: those that are said, else those of the wrong one."""
    right = {**event.papers.numbers, **correction.papers.numbers}
    return replace(Papers(**right), replaces=event.id)
