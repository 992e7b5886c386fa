"""Collecting: repayments in whatever order their paper arrives, and the settlement of a loan before its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.errors import (
    CustodianNotNeededError,
    NotFoundError,
    NothingOutstandingError,
    SettlementShortError,
)
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.events import NO_PAPERS, Event, Papers
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.loans.settling import Quote, settlement_quote
from cif_engine.loans.terms import LoanTerms
from cif_engine.money import format_amount
from cif_engine.operations.loan_facts import application_of, change_of, decision_on, known_loan
from cif_engine.operations.places import ROLE_OF_CHANNEL
from cif_engine.operations.recording import Decision, Outcome, Request, Wanted, record, refuse_future
from cif_engine.operations.views import (
    View,
    event_view,
    posting_views,
    settlement_view,
    standing_view,
    waived_view,
)
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import LoanFile, OpenedBook

CARRIED = ("cash", "cheque")
"""What a custodian may carry; it is in transit until she hands it over."""


@dataclass(frozen=True, slots=True)
class Repayment:
    """Money a borrower paid. `loan` is the loan's number or id, `custodian` the number of the person who carries it.

    `settles` says that it is to settle the loan before its time, with the rebate of its terms.
    """

    id: str
    loan: str
    amount_minor: int
    effective_on: date
    channel: str = "cash"
    custodian: int | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None
    settles: bool = False

    def account_in(self, fund_code: str) -> str:
        """Return the account of the fund that holds the money."""
        if self.custodian is not None:
            return account_code(fund_code, Role.IN_TRANSIT, self.custodian)
        return account_code(fund_code, ROLE_OF_CHANNEL[self.channel])


def record_repayment(databases: Databases, request: Request, repayment: Repayment) -> Outcome:
    """Record a repayment and answer what it settled; a late one also re-splits what was paid after it.

    What is paid beyond all that is owed is kept for the borrower as credit.
    Raises `NotFoundError` (loan, custodian), `LoanNotOpenError` (not disbursed by then), `DateInFutureError`,
    `DuplicatePaperError`, and for a settlement `NothingOutstandingError` and `SettlementShortError`.
    """

    def decide(connection: sa.Connection, book: OpenedBook) -> Decision:
        refuse_future(repayment.effective_on, request.today)
        return repay(connection, request, _known(book.loan, repayment), repayment)

    return record(databases, request, decide, Wanted(repayment.loan, repayment.account_in(""), only_that=True))


def repay(connection: sa.Connection, request: Request, loan: LoanFile, repayment: Repayment) -> Decision:
    """Decide what a repayment does to its loan."""
    says: dict[str, Any] = {
        "amount_minor": repayment.amount_minor,
        "channel": repayment.channel,
        "held_in": repayment.account_in(loan.fund_code),
        "note": repayment.note,
    }
    if repayment.settles:
        quote = quote_for(loan, repayment.effective_on)
        refuse_short(loan, quote, repayment.amount_minor, "/amount")
        says["rebate"] = settlement_said(loan)
    new = LoanFact(repayment.id, Kind.REPAYMENT_RECEIVED, repayment.effective_on, says)
    change = change_of(connection, request.lso_id, loan, new)

    def answer(event: Event) -> View:
        step = change.step_of(new.id)
        assert step.settled is not None, "a repayment settles"
        return {
            "event": event_view(event),
            "loan": loan.number,
            "amount": format_amount(repayment.amount_minor),
            "channel": repayment.channel,
            "held_in": says["held_in"],
            "settled": settlement_view(step.settled),
            "waived": waived_view(step.waived) if step.waived else None,
            "standing": standing_view(change.after.standing, request.today),
            "postings": posting_views(change.postings),
        }

    return decision_on(request, change, new, repayment.papers, answer)


def quote_for(loan: LoanFile, day: date) -> Quote:
    """Return what settles a loan on a day, by its terms; raises NothingOutstandingError where nothing does."""
    terms = _terms(loan)
    life = live(fact for fact in loan.facts if fact.effective_on <= day)
    if not life.steps or not life.standing.owes:
        raise NothingOutstandingError(f"Loan {loan.number} owed nothing on {day}.", pointer="/loan", loan=loan.number)
    return settlement_quote(life, day, terms.rebate, terms.rounding_unit_minor)


def settlement_said(loan: LoanFile) -> dict[str, Any]:
    """Return what the payload of a settlement says of its rebate: the policy of the terms, not an amount (law 3)."""
    terms = _terms(loan)
    return {"policy": terms.rebate.value, "unit_minor": terms.rounding_unit_minor}


def refuse_short(loan: LoanFile, quote: Quote, amount_minor: int, pointer: str) -> None:
    """Refuse an amount that does not settle a loan; raises SettlementShortError."""
    if amount_minor < quote.total_minor:
        raise SettlementShortError(
            f"Loan {loan.number} is settled with {format_amount(quote.total_minor)}.",
            pointer=pointer,
            needed=format_amount(quote.total_minor),
        )


def _terms(loan: LoanFile) -> LoanTerms:
    return LoanTerms.model_validate_json(application_of(loan).says["terms"])


def _known(loan: LoanFile | None, repayment: Repayment) -> LoanFile:
    if repayment.custodian is not None and repayment.channel not in CARRIED:
        raise CustodianNotNeededError(f"Nobody carries money that comes by {repayment.channel}.", pointer="/custodian")
    known = known_loan(loan, repayment.loan, "/loan")
    if not known.has_account:
        raise NotFoundError(f"No custodian {repayment.custodian} in this book.", pointer="/custodian")
    return known
