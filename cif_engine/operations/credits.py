"""The credit of a borrower: what she paid beyond all she owed is given back to her, or pays her next loan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.errors import CreditTooSmallError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.money import format_amount
from cif_engine.operations.loan_facts import (
    Change,
    change_of,
    decision_on,
    known_loan,
    other_loan,
    record_on_loan,
    refuse_other_borrower,
)
from cif_engine.operations.places import ROLE_OF_CHANNEL, refuse_overdrafts
from cif_engine.operations.recording import (
    Decision,
    Outcome,
    Request,
    Together,
    Wanted,
    record_all,
    refuse_future,
)
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import LoanFile, OpenedBook


@dataclass(frozen=True, slots=True)
class Refund:
    """Credit given back to the borrower; `amount_minor` None gives back all that there is on that day."""

    id: str
    loan: str
    effective_on: date
    channel: str = "cash"
    amount_minor: int | None = None
    reference: str | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CreditUse:
    """Credit of one loan that pays another of the same borrower; `payment_id` is the id of that repayment."""

    id: str
    payment_id: str
    loan: str
    pays: str
    effective_on: date
    amount_minor: int | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None


def refund_credit(databases: Databases, request: Request, refund: Refund) -> Outcome:
    """Record that credit was given back.

    Raises `NotFoundError`, `CreditTooSmallError` (on that day or a later one), `NotEnoughCashError`.
    """

    def decide(connection: sa.Connection, loan: LoanFile) -> Decision:
        says = {
            "amount_minor": _amount(loan, refund),
            "channel": refund.channel,
            "reference": refund.reference,
            "paid_from": account_code(loan.fund_code, ROLE_OF_CHANNEL[refund.channel]),
            "note": refund.note,
        }
        new = LoanFact(refund.id, Kind.CREDIT_REFUNDED, refund.effective_on, says)
        change = _change(connection, request, loan, new, refund)
        refuse_overdrafts(connection, request.lso_id, change.postings)
        return decision_on(request, change, new, refund.papers)

    return record_on_loan(databases, request, refund, decide)


def use_credit(databases: Databases, request: Request, use: CreditUse) -> Outcome:
    """Record that credit of one loan pays another; both facts or neither.

    Raises `NotFoundError`, `OtherBorrowerError`, `CreditTooSmallError`, `LoanNotOpenError`.
    """

    def decide(connection: sa.Connection, book: OpenedBook) -> Together:
        refuse_future(use.effective_on, request.today)
        loan = known_loan(book.loan, use.loan)
        paid = other_loan(connection, request.lso_id, use.pays, "/pays")
        refuse_other_borrower(loan, paid, "/pays")
        amount_minor = _amount(loan, use)
        shared = {"amount_minor": amount_minor, "together": [use.id, use.payment_id], "note": use.note}
        held_in = account_code(loan.fund_code, Role.BORROWER_CREDIT)
        payment = {**shared, "channel": "credit", "held_in": held_in, "from_loan": loan.id}
        taken = LoanFact(use.id, Kind.CREDIT_USED, use.effective_on, {**shared, "for_loan": paid.id})
        given = LoanFact(use.payment_id, Kind.REPAYMENT_RECEIVED, use.effective_on, payment)
        change = _change(connection, request, loan, taken, use)
        of_paid = change_of(connection, request.lso_id, paid, given, change.postings)
        own = decision_on(request, change, taken, use.papers)
        other = decision_on(request, of_paid, given, NO_PAPERS)
        return Together((own, other), lambda events: {**own.answer(events[0]), "paid": other.answer(events[1])})

    return record_all(databases, request, decide, Wanted(use.loan))


def _amount(loan: LoanFile, command: Refund | CreditUse) -> int:
    """Return how much credit is taken: what is said, else all that can be taken on that day."""
    amount_minor = command.amount_minor or _available(loan, command.effective_on)
    if amount_minor <= 0:
        raise _too_small(loan, command)
    return amount_minor


def _available(loan: LoanFile, day: date) -> int:
    """Return the least of the credit that there is on a day and on any later one, by what is recorded."""
    life = live(loan.facts)
    on_day = life.standing_on(day)
    later = [step.standing.credit_minor for step in life.steps if step.fact.effective_on > day]
    return max(min([on_day.credit_minor if on_day else 0, *later]), 0)


def _too_small(loan: LoanFile, command: Refund | CreditUse) -> CreditTooSmallError:
    available = format_amount(_available(loan, command.effective_on))
    return CreditTooSmallError(
        f"{available} of the borrower's credit of loan {loan.number} can be taken on {command.effective_on}.",
        pointer="/amount",
        loan=loan.number,
        available=available,
    )


def _change(
    connection: sa.Connection, request: Request, loan: LoanFile, taken: LoanFact, command: Refund | CreditUse
) -> Change:
    """Return what taking credit makes of its loan; what is too much is said with how much there is."""
    try:
        return change_of(connection, request.lso_id, loan, taken)
    except CreditTooSmallError as refusal:
        raise _too_small(loan, command) from refusal
