"""Lending: application, appraisal, the committee's decision, disbursement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from cif_engine.bookings import book_change
from cif_engine.dates import Calendar
from cif_engine.errors import (
    DuplicateFactError,
    FieldMissingError,
    LoanStepError,
    MakerIsCheckerError,
    NotFoundError,
    OverLimitError,
    TermsMismatchError,
)
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.events import NO_PAPERS, Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.guards import Limits, PovertyBand, refuse_ineligible, refuse_over_limit
from cif_engine.loans.life import LoanLife, Status, live, write_schedule
from cif_engine.loans.schedule import make_schedule
from cif_engine.loans.terms import LoanTerms, RepaymentPlan, check_terms
from cif_engine.money import format_amount
from cif_engine.operations.places import ROLE_OF_CHANNEL, refuse_overdraft
from cif_engine.operations.recording import Decision, Outcome, Request, Wanted, record, refuse_future
from cif_engine.operations.views import View, event_view, posting_views, schedule_views, standing_view
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.lending import loan_row, loans_of_member, next_loan_number
from cif_engine.persistence.network import (
    BorrowerFile,
    FundFile,
    ProductFile,
    borrower_file,
    holidays_between,
    product_file,
)
from cif_engine.persistence.projections import position_values
from cif_engine.persistence.recording import LoanFile, OpenedBook, Row, loan_change

LONGEST_SCHEDULE = timedelta(days=366 * 31)
"""How far ahead the holidays are read that a schedule may meet."""


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
class Disbursement:
    """Money handed to the borrower; `amount_minor` None pays out what was approved."""

    id: str
    loan: str
    effective_on: date
    channel: str
    amount_minor: int | None = None
    reference: str | None = None
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
        product = _product(connection, request.lso_id, application.product)
        borrower = _borrower(connection, request.lso_id, application.member)
        cycle = loans_of_member(connection, request.lso_id, product.fund.id, borrower.member_id) + 1
        refuse_ineligible(borrower.poverty_score, _band(product.fund), listed_eligible=borrower.eligible)
        _refuse_over_limits(application.amount_minor, cycle, product)
        terms = _terms(product, application)
        check_terms(terms, application.amount_minor)
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
            **_made_under(borrower),
        }
        return _applied(request.lso_id, application, product, says)

    return record(databases, request, decide, Wanted(application.loan_id))


def appraise_loan(databases: Databases, request: Request, appraisal: Appraisal) -> Outcome:
    """Record an appraisal of an application."""

    def decide(_: sa.Connection, loan: LoanFile, life: LoanLife) -> Decision:
        _refuse_unless(life, (Status.APPLIED,), appraisal.effective_on, loan.number)
        says = {
            "amount_minor": appraisal.recommended_minor,
            "appraised_by": appraisal.appraised_by,
            "note": appraisal.note,
        }
        return _next_step(request, loan, life, Kind.LOAN_APPRAISED, appraisal, says)

    return _record_step(databases, request, appraisal, decide)


def decide_on_loan(databases: Databases, request: Request, decision: CommitteeDecision) -> Outcome:
    """Record the committee's decision; whoever recorded the application may not record the decision.

    Raises `MakerIsCheckerError`, `LoanStepError`, `OverLimitError`, `FieldMissingError` (a refusal without a reason).
    """

    def decide(connection: sa.Connection, loan: LoanFile, life: LoanLife) -> Decision:
        _refuse_unless(life, (Status.APPLIED, Status.APPRAISED), decision.effective_on, loan.number)
        applied = life.steps[0].fact.says
        if applied["applied_by"] == request.actor:
            raise MakerIsCheckerError(
                f"{request.actor} recorded the application of loan {loan.number}; another must decide.",
                loan=loan.number,
            )
        if not decision.approved and not decision.reason:
            raise FieldMissingError("A refusal states its reason.", pointer="/reason")
        amount = decision.amount_minor or applied["amount_minor"]
        if decision.approved:
            _refuse_above(amount, applied["amount_minor"], "requested")
            product = _product_of(connection, request.lso_id, applied["product_id"])
            _refuse_over_limits(amount, applied["cycle"], product)
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
        return _next_step(request, loan, life, Kind.LOAN_DECIDED, decision, says)

    return _record_step(databases, request, decision, decide)


def disburse_loan(databases: Databases, request: Request, disbursement: Disbursement) -> Outcome:
    """Record the disbursement of an approved loan, with the schedule the borrower is given.

    Raises `LoanStepError`, `NotEligibleError`, `OverLimitError`, `NotEnoughCashError`, and what the terms refuse.
    """

    def decide(connection: sa.Connection, loan: LoanFile, life: LoanLife) -> Decision:
        _refuse_unless(life, (Status.APPROVED,), disbursement.effective_on, loan.number)
        applied, decided = life.steps[0].fact.says, _decided(life)
        product = _product_of(connection, request.lso_id, applied["product_id"])
        borrower = _borrower(connection, request.lso_id, applied["member_id"])
        refuse_ineligible(borrower.poverty_score, _band(product.fund), listed_eligible=borrower.eligible)
        amount = disbursement.amount_minor or decided["amount_minor"]
        _refuse_above(amount, decided["amount_minor"], "approved")
        paid_from = account_code(loan.fund_code, ROLE_OF_CHANNEL[disbursement.channel])
        _refuse_unpayable(connection, request.lso_id, product.fund, paid_from, disbursement.effective_on, amount)
        terms = LoanTerms.model_validate_json(applied["terms"])
        check_terms(terms, amount)
        on = disbursement.effective_on
        calendar = Calendar(holidays_between(connection, on, on + LONGEST_SCHEDULE))
        schedule = make_schedule(terms, amount, on, calendar)
        says = {
            "amount_minor": amount,
            "channel": disbursement.channel,
            "reference": disbursement.reference,
            "paid_from": paid_from,
            "schedule": write_schedule(schedule),
            "note": disbursement.note,
            **_made_under(borrower),
        }
        return _next_step(request, loan, life, Kind.LOAN_DISBURSED, disbursement, says)

    return _record_step(databases, request, disbursement, decide)


# Shared by the steps -------------------------------------------------------------------------------------------

LoanCommand = Appraisal | CommitteeDecision | Disbursement


def _record_step(
    databases: Databases,
    request: Request,
    command: LoanCommand,
    decide: Callable[[sa.Connection, LoanFile, LoanLife], Decision],
) -> Outcome:
    def decide_on_file(connection: sa.Connection, book: OpenedBook) -> Decision:
        refuse_future(command.effective_on, request.today)
        if book.loan is None:
            raise NotFoundError(f"No loan {command.loan} in this book.")
        return decide(connection, book.loan, live(book.loan.facts))

    return record(databases, request, decide_on_file, Wanted(command.loan))


def _applied(lso_id: str, application: Application, product: ProductFile, says: dict[str, Any]) -> Decision:
    fact = LoanFact(application.id, Kind.LOAN_APPLIED, application.effective_on, says)
    life = live((fact,))
    rows = (
        loan_row(lso_id, application.loan_id, product.fund.id, (fact,)),
        Row(
            "loan_position",
            {"lso_id": lso_id, "loan_id": application.loan_id, **position_values(life.standing)},
        ),
    )

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
    return Decision(recorded, (), answer, rows=rows)


def _next_step(
    request: Request, loan: LoanFile, before: LoanLife, kind: Kind, command: LoanCommand, says: dict[str, Any]
) -> Decision:
    new = LoanFact(command.id, kind, command.effective_on, says)
    facts = (*loan.facts, new)
    after = live(facts)
    postings = book_change(loan.id, loan.fund_code, before, after)
    fact = Fact(new.id, kind, new.effective_on, write_payload(says), loan.fund_id, loan.id, command.papers)

    def answer(event: Event) -> View:
        return {
            "event": event_view(event),
            "loan": loan.number,
            "loan_id": loan.id,
            "amount": format_amount(says["amount_minor"]),
            "standing": standing_view(after.standing, request.today),
            "schedule": schedule_views(after.schedule),
            "postings": posting_views(postings),
        }

    row = loan_row(request.lso_id, loan.id, loan.fund_id, facts)
    return Decision(fact, postings, answer, loan_change(loan.id, before, after), rows=(row,))


def _refuse_unless(life: LoanLife, expected: tuple[Status, ...], day: date, number: str) -> None:
    """Refuse a step that is not the next one of the loan, or that is dated before the step it follows."""
    standing = life.standing
    if standing.status not in expected:
        raise LoanStepError(
            f"Loan {number} is {standing.status.value}; this step follows {' or '.join(expected)}.",
            loan=number,
            status=standing.status.value,
        )
    if day < standing.since:
        raise LoanStepError(
            f"Loan {number} is {standing.status.value} since {standing.since}; {day} is before that.",
            pointer="/effective_on",
            loan=number,
            status=standing.status.value,
        )


def _decided(life: LoanLife) -> dict[str, Any]:
    return next(step.fact.says for step in life.steps if step.fact.kind is Kind.LOAN_DECIDED)


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


def _refuse_over_limits(amount_minor: int, cycle: int, product: ProductFile) -> None:
    fund = product.fund
    for whose, file in ((f"the fund {fund.code}", fund), (f"the product {product.code}", product)):
        limits = Limits(file.amount_min_minor, file.amount_max_minor, file.cycle_max)
        refuse_over_limit(amount_minor, cycle, limits, whose)


def _refuse_above(amount_minor: int, most_minor: int, what: str) -> None:
    if amount_minor > most_minor:
        raise OverLimitError(
            f"{format_amount(amount_minor)} is more than the {format_amount(most_minor)} that was {what}.",
            pointer="/amount",
            limit=format_amount(most_minor),
        )


def _refuse_unpayable(
    connection: sa.Connection, lso_id: str, fund: FundFile, paid_from: str, day: date, amount_minor: int
) -> None:
    """Refuse what the paying account cannot bear, or what would eat into the fund's reserve."""
    refuse_overdraft(connection, lso_id, (paid_from,), day, amount_minor)
    if fund.reserve_floor_minor:
        money = tuple(account_code(fund.code, role) for role in (Role.CASH_IN_HAND, Role.BANK))
        refuse_overdraft(connection, lso_id, money, day, amount_minor, keep_minor=fund.reserve_floor_minor)


def _made_under(borrower: BorrowerFile) -> dict[str, Any]:
    return {
        "household_id": borrower.household_id,
        "co_id": borrower.co_id,
        "vo_id": borrower.vo_id,
        "poverty_score": borrower.poverty_score,
        "gender": borrower.gender,
    }


def _band(fund: FundFile) -> PovertyBand:
    return PovertyBand(fund.poverty_score_from, fund.poverty_score_to)


def _product(connection: sa.Connection, lso_id: str, code: str) -> ProductFile:
    product = product_file(connection, lso_id, code)
    if product is None:
        raise NotFoundError(f"No product {code} in this book.", pointer="/product")
    return product


def _product_of(connection: sa.Connection, lso_id: str, product_id: str) -> ProductFile:
    product = product_file(connection, lso_id, product_id)
    assert product is not None, "a loan's product is never removed"
    return product


def _borrower(connection: sa.Connection, lso_id: str, member: str) -> BorrowerFile:
    borrower = borrower_file(connection, lso_id, member)
    if borrower is None:
        raise NotFoundError(f"No member {member} in this book.", pointer="/member")
    return borrower
