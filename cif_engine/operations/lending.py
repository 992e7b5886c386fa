"""Lending: application, appraisal, the committee's decision, and a loan that is not handed out after all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from cif_engine.errors import (
    DuplicateFactError,
    FieldMissingError,
    MakerIsCheckerError,
    NotFoundError,
    OverLimitError,
    TermsMismatchError,
)
from cif_engine.kinds import Kind
from cif_engine.ledger.events import NO_PAPERS, Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.guards import PovertyBand, refuse_ineligible
from cif_engine.loans.life import live
from cif_engine.loans.terms import LoanTerms, RepaymentPlan, check_terms
from cif_engine.money import format_amount
from cif_engine.operations.committing import available_view
from cif_engine.operations.loan_facts import application_of, decide_fact, record_on_loan
from cif_engine.operations.offers import refuse_over_limits, refuse_unfit_terms
from cif_engine.operations.recording import Decision, Outcome, Request, Wanted, record, refuse_future
from cif_engine.operations.views import View, event_view, standing_view
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.lending import loan_row, loans_of_member, next_loan_number
from cif_engine.persistence.network import BorrowerFile, FundFile, ProductFile, borrower_file, fund_of_id, product_file
from cif_engine.persistence.recording import LoanFile, OpenedBook, new_loan


@dataclass(frozen=True, slots=True)
class Application:
    """A member's application. `member` is her code or id; `repayment` replaces the product's plan when it is given."""

    id: str
    loan_id: str
    member: str
    product: str
    amount_minor: int
    effective_on: date
    purpose: str
    mip_no: str | None = None
    repayment: RepaymentPlan | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What the appraisal of an application recommends."""

    id: str
    loan: str
    recommended_minor: int
    effective_on: date
    appraised_by: str
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CommitteeDecision:
    """What the committee of the VO or the LSO resolved; `amount_minor` None approves what was asked."""

    id: str
    loan: str
    approved: bool
    effective_on: date
    resolution_no: str
    committee: str
    amount_minor: int | None = None
    reason: str | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """That a loan will not be handed out, and why."""

    id: str
    loan: str
    effective_on: date
    reason: str
    papers: Papers = NO_PAPERS
    note: str | None = None


def apply_for_loan(databases: Databases, request: Request, application: Application) -> Outcome:
    """Record an application and give the loan its number.

    Raises `NotFoundError` (member, product), `NotEligibleError`, `OverLimitError`, and what the terms refuse.
    """

    def decide(connection: sa.Connection, book: OpenedBook) -> Decision:
        refuse_future(application.effective_on, request.today)
        if book.loan is not None:
            raise DuplicateFactError(
                f"The id {application.loan_id} is already loan {book.loan.number}.",
                pointer="/loan_id",
                loan=book.loan.number,
            )
        product = _product(connection, request.lso_id, application.product, application.effective_on)
        borrower = known_borrower(connection, request.lso_id, application.member)
        cycle = loans_of_member(connection, request.lso_id, product.fund.id, borrower.member_id) + 1
        refuse_ineligible(borrower.poverty_score, band_of(product.fund), listed_eligible=borrower.eligible)
        refuse_over_limits(application.amount_minor, cycle, product)
        terms = _terms(product, application)
        refuse_unfit_terms(terms, application.amount_minor, application.effective_on, product)
        says = {
            "number": next_loan_number(connection, request.lso_id, application.effective_on.year),
            "member_id": borrower.member_id,
            "product_id": product.id,
            "purpose": application.purpose,
            "mip_no": application.mip_no,
            "cycle": cycle,
            "terms": terms.model_dump_json(),
            "amount_minor": application.amount_minor,
            "applied_by": request.actor,
            "note": application.note,
            **made_under(borrower),
        }
        return _applied(request.lso_id, application, product, says)

    return record(databases, request, decide, Wanted(application.loan_id))


def appraise_loan(databases: Databases, request: Request, appraisal: Appraisal) -> Outcome:
    """Record an appraisal of an application."""

    def decide(connection: sa.Connection, loan: LoanFile) -> Decision:
        says = {
            "amount_minor": appraisal.recommended_minor,
            "appraised_by": appraisal.appraised_by,
            "note": appraisal.note,
        }
        return decide_fact(connection, request, loan, Kind.LOAN_APPRAISED, appraisal, says)

    return record_on_loan(databases, request, appraisal, decide)


def decide_on_loan(databases: Databases, request: Request, decision: CommitteeDecision) -> Outcome:
    """Record the committee's decision; whoever recorded the application may not record the decision.

    More may be approved than is there; the answer says what may be lent besides it.
    Raises `MakerIsCheckerError`, `LoanStepError`, `OverLimitError`, `FieldMissingError` (a refusal without a reason).
    """

    def decide(connection: sa.Connection, loan: LoanFile) -> Decision:
        application = application_of(loan)
        applied = application.says
        if applied["applied_by"] == request.actor:
            raise MakerIsCheckerError(
                f"{request.actor} recorded the application of loan {loan.number}; another must decide.",
                loan=loan.number,
            )
        if not decision.approved and not decision.reason:
            raise FieldMissingError("A refusal states its reason.", pointer="/reason")
        amount = decision.amount_minor or applied["amount_minor"]
        if decision.approved:
            refuse_above(amount, applied["amount_minor"], "requested")
            product = product_of(connection, request.lso_id, applied["product_id"], application.effective_on)
            refuse_over_limits(amount, applied["cycle"], product)
            check_terms(LoanTerms.model_validate_json(applied["terms"]), amount)
        says = {
            "approved": decision.approved,
            "amount_minor": amount if decision.approved else 0,
            "resolution_no": decision.resolution_no,
            "committee": decision.committee,
            "reason": decision.reason,
            "decided_by": request.actor,
            "note": decision.note,
        }
        decided = decide_fact(connection, request, loan, Kind.LOAN_DECIDED, decision, says)
        fund = fund_of_id(connection, request.lso_id, loan.fund_id)
        promised = amount if decision.approved else 0
        available = available_view(connection, request.lso_id, fund, request.today, promised)
        return replace(decided, answer=lambda event: {**decided.answer(event), "available": available})

    return record_on_loan(databases, request, decision, decide)


def cancel_loan(databases: Databases, request: Request, cancellation: Cancellation) -> Outcome:
    """Record that a loan will not be handed out: what was applied for or approved is no longer committed.

    Raises `NotFoundError`, `LoanStepError` (it was refused, cancelled or disbursed).
    """

    def decide(connection: sa.Connection, loan: LoanFile) -> Decision:
        says = {"reason": cancellation.reason, "note": cancellation.note}
        return decide_fact(connection, request, loan, Kind.LOAN_CANCELLED, cancellation, says)

    return record_on_loan(databases, request, cancellation, decide)


# Shared with the disbursement ----------------------------------------------------------------------------------


def _applied(lso_id: str, application: Application, product: ProductFile, says: dict[str, Any]) -> Decision:
    fact = LoanFact(application.id, Kind.LOAN_APPLIED, application.effective_on, says)
    life = live((fact,))
    rows = (loan_row(lso_id, application.loan_id, product.fund.id, (fact,)),)

    def answer(event: Event) -> View:
        return {
            "event": event_view(event),
            "loan": says["number"],
            "loan_id": application.loan_id,
            "cycle": says["cycle"],
            "amount": format_amount(application.amount_minor),
            "standing": standing_view(life.standing, application.effective_on),
        }

    recorded = Fact(
        application.id,
        Kind.LOAN_APPLIED,
        application.effective_on,
        write_payload(says),
        product.fund.id,
        application.loan_id,
        application.papers,
    )
    return Decision(recorded, (), answer, new_loan(application.loan_id, life), rows)


def _terms(product: ProductFile, application: Application) -> LoanTerms:
    terms = LoanTerms.model_validate_json(product.terms)
    if application.repayment is None:
        return terms
    agreed = {**terms.model_dump(mode="json"), "repayment": application.repayment.model_dump(mode="json")}
    try:
        return LoanTerms.model_validate(agreed)
    except ValidationError as mismatch:
        words = "; ".join(finding["msg"] for finding in mismatch.errors())
        raise TermsMismatchError(words, pointer="/repayment") from mismatch


def refuse_above(amount_minor: int, most_minor: int, what: str) -> None:
    if amount_minor > most_minor:
        raise OverLimitError(
            f"{format_amount(amount_minor)} is more than the {format_amount(most_minor)} that was {what}.",
            pointer="/amount",
            limit=format_amount(most_minor),
        )


def made_under(borrower: BorrowerFile) -> dict[str, Any]:
    return {
        "household_id": borrower.household_id,
        "co_id": borrower.co_id,
        "vo_id": borrower.vo_id,
        "poverty_score": borrower.poverty_score,
        "gender": borrower.gender,
    }


def band_of(fund: FundFile) -> PovertyBand:
    return PovertyBand(fund.poverty_score_from, fund.poverty_score_to)


def _product(connection: sa.Connection, lso_id: str, code: str, on: date) -> ProductFile:
    product = product_file(connection, lso_id, code, on)
    if product is None:
        raise NotFoundError(f"No product {code} was offered on {on}.", pointer="/product")
    return product


def product_of(connection: sa.Connection, lso_id: str, product_id: str, applied_on: date) -> ProductFile:
    """Return the product of a loan, as it was offered when it was applied for."""
    product = product_file(connection, lso_id, product_id, applied_on)
    assert product is not None, "a loan's product is never removed"
    return product


def known_borrower(connection: sa.Connection, lso_id: str, member: str) -> BorrowerFile:
    borrower = borrower_file(connection, lso_id, member)
    if borrower is None:
        raise NotFoundError(f"No member {member} in this book.", pointer="/member")
    return borrower
