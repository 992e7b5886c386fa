"""What every fact of a loan has in common: the life before and after it, what it posts, and what is answered.

Whatever happens to a loan is decided here in one way: the loan's facts with the new one are folded, the life they add
up to must be a lawful one, the ledger follows by difference, and no account with a floor may fall below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import sqlalchemy as sa

from cif_engine.bookings import book_change
from cif_engine.errors import DuplicateFactError, MakerIsCheckerError, NotFoundError, OtherBorrowerError
from cif_engine.kinds import Kind
from cif_engine.ledger.events import Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.lawful import refuse_unlawful
from cif_engine.loans.life import LoanLife, live, live_on
from cif_engine.loans.standing import Step
from cif_engine.money import format_amount
from cif_engine.operations.allowance import with_shortfall
from cif_engine.operations.places import refuse_overdrafts
from cif_engine.operations.recording import Decision, Outcome, Request, Wanted, record, refuse_future
from cif_engine.operations.views import (
    View,
    event_view,
    posting_views,
    schedule_views,
    settlement_view,
    standing_view,
    waived_view,
)
from cif_engine.persistence.books import book_sql
from cif_engine.persistence.corrections import event_by
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.lending import loan_row, recorders_of
from cif_engine.persistence.recording import LoanFile, OpenedBook, Row, loan_change

IN_THE_LOAN_ROW = frozenset((Kind.LOAN_DECIDED, Kind.LOAN_DISBURSED, Kind.LOAN_CANCELLED))
"""The kinds of facts that the row of a loan tells."""


class LoanCommand(Protocol):
    """What every command about a loan says. `loan` is the loan's number or id."""

    @property
    def id(self) -> str:
        """The id of the fact."""

    @property
    def loan(self) -> str:
        """The loan."""

    @property
    def effective_on(self) -> date:
        """The day it happened."""

    @property
    def papers(self) -> Papers:
        """The numbers on its paper."""


@dataclass(frozen=True, slots=True)
class Change:
    """A loan without and with some facts, and what they post."""

    loan: LoanFile
    before: LoanLife
    after: LoanLife
    postings: tuple[Posting, ...]

    def step_of(self, fact_id: str) -> Step:
        """Return what a fact that holds made of the loan."""
        return next(step for step in self.after.steps if step.fact.id == fact_id)


def record_on_loan(
    databases: Databases,
    request: Request,
    command: LoanCommand,
    decide: Callable[[sa.Connection, LoanFile], Decision],
) -> Outcome:
    """Record what `decide` makes of a command on its loan; raises NotFoundError and DateInFutureError besides."""

    def decide_on_file(connection: sa.Connection, book: OpenedBook) -> Decision:
        refuse_future(command.effective_on, request.today)
        return decide(connection, known_loan(book.loan, command.loan))

    return record(databases, request, decide_on_file, Wanted(command.loan))


def known_loan(loan: LoanFile | None, wanted: str, pointer: str | None = None) -> LoanFile:
    """Return the loan; raises NotFoundError where the book has none of this number or id."""
    if loan is None:
        raise NotFoundError(f"No loan {wanted} in this book.", **({"pointer": pointer} if pointer else {}))
    return loan


def application_of(loan: LoanFile) -> LoanFact:
    """Return the fact that opened a loan."""
    return next(fact for fact in loan.facts if fact.kind is Kind.LOAN_APPLIED)


def other_loan(connection: sa.Connection, lso_id: str, wanted: str, pointer: str) -> LoanFile:
    """Return another loan of the book than the one that was opened; raises NotFoundError."""
    opened = book_sql(connection.dialect.name).open(connection, lso_id, None, wanted, "")
    return known_loan(opened.loan if opened else None, wanted, pointer)


def refuse_other_borrower(loan: LoanFile, other: LoanFile, pointer: str) -> None:
    """Refuse money that would move between loans of two borrowers, of two funds, or within one loan."""
    same_member = application_of(loan).says["member_id"] == application_of(other).says["member_id"]
    if loan.id == other.id or loan.fund_id != other.fund_id or not same_member:
        raise OtherBorrowerError(
            f"Loans {loan.number} and {other.number} are not two loans of one borrower in one fund.",
            pointer=pointer,
        )


def change_of(
    connection: sa.Connection, lso_id: str, loan: LoanFile, new: LoanFact, others: Iterable[Posting] = ()
) -> Change:
    """Return what a new fact makes of its loan; raises what `refuse_unlawful` does, and DuplicateFactError.

    `others` is what is posted for other loans in the same request, not saved yet.
    """
    refuse_same_id(connection, lso_id, loan, new)
    before, after = live_on(loan.facts, new)
    return _lawful(connection, lso_id, loan, before, after, others)


def refuse_same_id(connection: sa.Connection, lso_id: str, loan: LoanFile, new: LoanFact) -> None:
    """Refuse a fact under the id of another fact of the loan: what it does could not be told from what that one did."""
    if any(fact.id == new.id for fact in loan.facts):
        existing = event_by(connection, lso_id, new.id)
        assert existing is not None, "the facts of a loan are its events"
        raise DuplicateFactError(
            f"The id {new.id} is already event {existing.seq}.",
            pointer="/id",
            existing_event=existing.id,
            existing_seq=existing.seq,
        )


def change_by(
    connection: sa.Connection, lso_id: str, loan: LoanFile, *new: LoanFact, others: Iterable[Posting] = ()
) -> Change:
    """Return what several new facts, reversals among them, make of their loan; raises what `refuse_unlawful` does.

    `others` is what is posted for other loans in the same request, not saved yet.
    """
    for fact in new:
        refuse_same_id(connection, lso_id, loan, fact)
    return _lawful(connection, lso_id, loan, live(loan.facts), live((*loan.facts, *new)), others)


def decision_on(
    request: Request, change: Change, new: LoanFact, papers: Papers, answer: Callable[[Event], View] | None = None
) -> Decision:
    """Return the decision to record a fact that changes its loan so; the usual answer is its `change_view`."""
    loan = change.loan
    return Decision(
        Fact(new.id, new.kind, new.effective_on, write_payload(new.says), loan.fund_id, loan.id, papers),
        change.postings,
        answer or (lambda event: change_view(event, change, request.today)),
        loan_change(loan.id, change.before, change.after),
        loan_rows(request.lso_id, change) if new.kind in IN_THE_LOAN_ROW else (),
    )


def loan_rows(lso_id: str, change: Change) -> tuple[Row, ...]:
    """Return the row of a loan as its facts now tell it."""
    return (loan_row(lso_id, change.loan.id, change.loan.fund_id, change.after.facts),)


def decide_fact(
    connection: sa.Connection,
    request: Request,
    loan: LoanFile,
    kind: Kind,
    command: LoanCommand,
    says: dict[str, Any],
    check: Callable[[Change], None] | None = None,
) -> Decision:
    """Return the decision to record one fact of a loan; `check` may refuse what the fact makes of it.

    Raises what `refuse_unlawful` does, and `NotEnoughCashError`.
    """
    new = LoanFact(command.id, kind, command.effective_on, says)
    change = change_of(connection, request.lso_id, loan, new)
    if check is not None:
        check(change)
    refuse_overdrafts(connection, request.lso_id, change.postings)
    return decision_on(request, change, new, command.papers)


def refuse_maker(connection: sa.Connection, request: Request, loan: LoanFile) -> None:
    """Refuse whoever handed out a loan to decide on the rest of it; the database refuses it too."""
    if request.actor in recorders_of(connection, request.lso_id, loan.id, Kind.LOAN_DISBURSED):
        raise MakerIsCheckerError(
            f"{request.actor} recorded the disbursement of loan {loan.number}; another must decide on the rest of it.",
            loan=loan.number,
        )


def change_view(event: Event, change: Change, today: date) -> View:
    """Return a fact with what it did to its loan: what was settled and forgiven, the schedule, the postings."""
    step = change.step_of(event.fact.id)
    amount_minor = step.fact.says.get("amount_minor")
    return {
        "event": event_view(event),
        "loan": change.loan.number,
        "loan_id": change.loan.id,
        "amount": None if amount_minor is None else format_amount(amount_minor),
        "settled": settlement_view(step.settled) if step.settled else None,
        "waived": waived_view(step.waived) if step.waived else None,
        "standing": standing_view(change.after.standing, today),
        "schedule": schedule_views(change.after.schedule),
        "postings": posting_views(change.postings),
    }


def _lawful(
    connection: sa.Connection,
    lso_id: str,
    loan: LoanFile,
    before: LoanLife,
    after: LoanLife,
    others: Iterable[Posting] = (),
) -> Change:
    refuse_unlawful(after, loan.number)
    postings = book_change(loan.id, loan.fund_code, before, after)
    return Change(loan, before, after, with_shortfall(connection, lso_id, loan.fund_code, postings, others))
