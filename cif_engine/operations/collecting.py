"""Collecting: repayments, in whatever order their paper arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.bookings import book_change
from cif_engine.errors import CustodianNotNeededError, LoanNotOpenError, NotFoundError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.events import NO_PAPERS, Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live_on
from cif_engine.money import format_amount
from cif_engine.operations.places import ROLE_OF_CHANNEL
from cif_engine.operations.recording import Decision, Outcome, Request, Wanted, record, refuse_future
from cif_engine.operations.views import View, event_view, posting_views, settlement_view, standing_view
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import LoanFile, OpenedBook, loan_change

CARRIED = ("cash", "cheque")
"""What a custodian may carry; it is in transit until she hands it over."""


@dataclass(frozen=True, slots=True)
class Repayment:
    """Money a borrower paid. `loan` is the loan's number or id, `custodian` the number of the person who carries it."""

    id: str
    loan: str
    amount_minor: int
    effective_on: date
    channel: str = "cash"
    custodian: int | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None

    def account_in(self, fund_code: str) -> str:
        """Return the account of the fund that holds the money."""
        if self.custodian is not None:
            return account_code(fund_code, Role.IN_TRANSIT, self.custodian)
        return account_code(fund_code, ROLE_OF_CHANNEL[self.channel])


def record_repayment(databases: Databases, request: Request, repayment: Repayment) -> Outcome:
    """Record a repayment and answer what it settled; a late one also re-splits what was paid after it.

    Raises `NotFoundError` (loan, custodian), `LoanNotOpenError`, `DateInFutureError`, `DuplicatePaperError`.
    """

    def decide(_: sa.Connection, book: OpenedBook) -> Decision:
        refuse_future(repayment.effective_on, request.today)
        return repay(_known(book.loan, repayment), repayment, request.today)

    return record(databases, request, decide, Wanted(repayment.loan, repayment.account_in(""), only_that=True))


def repay(loan: LoanFile, repayment: Repayment, today: date) -> Decision:
    """Decide what a repayment does to its loan."""
    says = {
        "amount_minor": repayment.amount_minor,
        "channel": repayment.channel,
        "held_in": repayment.account_in(loan.fund_code),
        "note": repayment.note,
    }
    new = LoanFact(repayment.id, Kind.REPAYMENT_RECEIVED, repayment.effective_on, says)
    before, after = live_on(loan.facts, new)
    refuse_unless_open(before, repayment.effective_on, loan.number)
    postings = book_change(loan.id, loan.fund_code, before, after)
    fact = Fact(new.id, new.kind, new.effective_on, write_payload(says), loan.fund_id, loan.id, repayment.papers)

    def answer(event: Event) -> View:
        step = next(step for step in after.steps if step.fact is new)
        assert step.settled is not None, "a repayment settles"
        return {
            "event": event_view(event),
            "loan": loan.number,
            "amount": format_amount(repayment.amount_minor),
            "channel": repayment.channel,
            "held_in": says["held_in"],
            "settled": settlement_view(step.settled),
            "standing": standing_view(after.standing, today),
            "postings": posting_views(postings),
        }

    return Decision(fact, postings, answer, loan_change(loan.id, before, after))


def refuse_unless_open(life: LoanLife, day: date, number: str) -> None:
    """Refuse a payment on a day on which the loan was not disbursed yet or owed nothing more."""
    standing = life.standing_on(day)
    if standing is None or life.disbursed_on is None or day < life.disbursed_on:
        raise LoanNotOpenError(f"Loan {number} was not disbursed by {day}.", pointer="/loan", loan=number)
    if not standing.owes:
        raise LoanNotOpenError(f"Loan {number} owed nothing more on {day}.", pointer="/loan", loan=number)


def _known(loan: LoanFile | None, repayment: Repayment) -> LoanFile:
    if repayment.custodian is not None and repayment.channel not in CARRIED:
        raise CustodianNotNeededError(f"Nobody carries money that comes by {repayment.channel}.", pointer="/custodian")
    if loan is None:
        raise NotFoundError(f"No loan {repayment.loan} in this book.", pointer="/loan")
    if not loan.has_account:
        raise NotFoundError(f"No custodian {repayment.custodian} in this book.", pointer="/custodian")
    return loan
