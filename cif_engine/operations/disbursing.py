"""Disbursing: money is handed to the borrower, whole or in parts, and may settle the loan she had before (top-up)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from cif_engine.errors import LoanStepError, OverLimitError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.ledger.postings import Posting
from cif_engine.loans.charges import up_front_charge
from cif_engine.loans.due_dates import due_dates
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.guards import refuse_ineligible
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.said import write_order, write_schedule
from cif_engine.loans.schedule import schedule_over
from cif_engine.loans.terms import LoanTerms
from cif_engine.money import format_amount
from cif_engine.network.funds import ChargePolicy, refuse_charge
from cif_engine.operations.collecting import quote_for, refuse_short, settlement_said
from cif_engine.operations.committing import refuse_committed_to_earlier
from cif_engine.operations.lending import band_of, known_borrower, made_under, product_of, refuse_above
from cif_engine.operations.loan_facts import (
    Change,
    application_of,
    change_of,
    decision_on,
    known_loan,
    other_loan,
    refuse_other_borrower,
)
from cif_engine.operations.loan_views import drawn_view
from cif_engine.operations.offers import refuse_unfit_terms
from cif_engine.operations.paying_tranches import with_evidence
from cif_engine.operations.places import ROLE_OF_CHANNEL, cash_and_bank, refuse_overdraft, refuse_overdrafts
from cif_engine.operations.recording import Outcome, Request, Together, Wanted, record_all, refuse_future
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import FundFile, calendar_of
from cif_engine.persistence.recording import LoanFile, OpenedBook

LONGEST_SCHEDULE = timedelta(days=366 * 31)
"""How far ahead the holidays are read that a schedule may meet."""


@dataclass(frozen=True, slots=True)
class Disbursement:
    """Money handed to the borrower; `amount_minor` None pays out what was approved and not handed out yet.

    `settles` is a loan of hers that is paid off out of it, `settled_minor` how much that took (None: as quoted), and
    `settlement_id` the id of that repayment.
    """

    id: str
    loan: str
    effective_on: date
    channel: str
    amount_minor: int | None = None
    reference: str | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None
    settles: str | None = None
    settled_minor: int | None = None
    settlement_id: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """The loan that a new one pays off, and the amount that it takes."""

    loan: LoanFile
    amount_minor: int


def disburse_loan(databases: Databases, request: Request, disbursement: Disbursement) -> Outcome:
    """Record the disbursement of an approved loan, or of a part of it, with the schedule the borrower is given.

    Raises `LoanStepError`, `NotEligibleError`, `OverLimitError`, `NotEnoughCashError`, `CashCommittedError`,
    `TrancheNotEligibleError`, what the terms refuse, and for a top-up `NotFoundError`, `OtherBorrowerError`,
    `SettlementShortError`.
    """

    def decide(connection: sa.Connection, book: OpenedBook) -> Together:
        refuse_future(disbursement.effective_on, request.today)
        loan = known_loan(book.loan, disbursement.loan)
        settled = _settled(connection, request.lso_id, loan, disbursement)
        says = _says(connection, request.lso_id, loan, disbursement, settled)
        new = LoanFact(disbursement.id, Kind.LOAN_DISBURSED, disbursement.effective_on, says)
        change = change_of(connection, request.lso_id, loan, new)
        paid_off = None
        if settled:
            paid_off = _paid_off(connection, request.lso_id, loan, disbursement, settled, change.postings)
        postings = change.postings + (paid_off[1].postings if paid_off else ())
        refuse_overdrafts(connection, request.lso_id, postings)

        new = with_evidence(connection, request.lso_id, change, new, [paid_off[1]] if paid_off else [])
        own = decision_on(request, change, new, disbursement.papers)
        drawn = drawn_view(new)
        if paid_off is None:
            return Together((own,), lambda events: {**own.answer(events[0]), "tranches": drawn, "paid_off": None})
        other = decision_on(request, paid_off[1], paid_off[0], NO_PAPERS)
        return Together(
            (other, own),
            lambda events: {**own.answer(events[1]), "tranches": drawn, "paid_off": other.answer(events[0])},
        )

    return record_all(databases, request, decide, Wanted(disbursement.loan))


def _says(
    connection: sa.Connection, lso_id: str, loan: LoanFile, disbursement: Disbursement, settled: Settled | None
) -> dict[str, Any]:
    """Return what the fact of the disbursement says; raises what the rules of the fund and the terms refuse."""
    application, on = application_of(loan), disbursement.effective_on
    product = product_of(connection, lso_id, application.says["product_id"], application.effective_on)
    borrower = known_borrower(connection, lso_id, application.says["member_id"])
    refuse_ineligible(borrower.poverty_score, band_of(product.fund), listed_eligible=borrower.eligible)
    amount = _amount(loan, disbursement)
    terms = LoanTerms.model_validate_json(application.says["terms"])
    life = live(loan.facts)
    refuse_unfit_terms(terms, _approved(life) or amount, life.disbursed_on or on, product)
    said = {
        **money_said(connection, loan, product.fund, amount, on, disbursement.channel),
        "reference": disbursement.reference,
        "note": disbursement.note,
        **made_under(borrower),
    }
    handed_out = _handed_out(amount, said.get("charge_up_front_minor", 0), settled)
    _refuse_unpayable(connection, lso_id, product.fund, said["paid_from"], on, handed_out)
    refuse_committed_to_earlier(connection, lso_id, product.fund, loan.number, life, {on: -handed_out})
    if settled:
        said["settles"] = {"loan": settled.loan.id, "amount_minor": settled.amount_minor}
        said["together"] = [disbursement.settlement_id, disbursement.id]
    return said


def money_said(
    connection: sa.Connection, loan: LoanFile, fund: FundFile, amount_minor: int, on: date, channel: str
) -> dict[str, Any]:
    """Return what a disbursement says of its money: how much, out of where, and the schedule of it by the terms.

    The terms fit the amount that was approved; of agreed payments, a part has the first that it pays for. Raises
    `ChargeNotAllowedError` in a fund that became interest-free, and what `due_dates` and `up_front_charge` refuse.
    """
    terms = LoanTerms.model_validate_json(application_of(loan).says["terms"])
    refuse_charge(ChargePolicy(fund.charge_policy), terms, "/loan")
    days = due_dates(terms, on, calendar_of(connection, fund, on, on + LONGEST_SCHEDULE))
    schedule = schedule_over(terms, amount_minor, on, days)
    said = {
        "amount_minor": amount_minor,
        "channel": channel,
        "paid_from": account_code(loan.fund_code, ROLE_OF_CHANNEL[channel]),
        "schedule": write_schedule(schedule),
    }
    if up_front := up_front_charge(terms, amount_minor, _approved(live(loan.facts)) or None):
        said["charge_up_front_minor"] = up_front
    if order := write_order(terms.allocation):
        said["allocation"] = order
    return said


def _amount(loan: LoanFile, disbursement: Disbursement) -> int:
    """Return the amount to hand out: what is said, else all that was approved and is not handed out by then."""
    life = live(loan.facts)
    approved = _approved(life)
    handed_out = sum(step.fact.says["amount_minor"] for step in life.steps if step.fact.kind is Kind.LOAN_DISBURSED)
    left = approved - handed_out
    if approved and not left:
        raise LoanStepError(
            f"All of the {format_amount(approved)} that was approved of loan {loan.number} is handed out.",
            loan=loan.number,
            status=life.standing.status.value,
        )
    amount = disbursement.amount_minor or left or application_of(loan).says["amount_minor"]
    if approved:
        refuse_above(amount, left, "approved and not handed out yet" if handed_out else "approved")
    return amount


def _approved(life: LoanLife) -> int:
    """Return the amount that was approved; 0 where nothing was."""
    return sum(step.fact.says["amount_minor"] for step in life.steps if step.fact.kind is Kind.LOAN_DECIDED)


def _handed_out(amount_minor: int, up_front_minor: int, settled: Settled | None) -> int:
    """Return the money that leaves the fund; raises OverLimitError where the old loan takes more than there is."""
    left_minor = amount_minor - up_front_minor
    if settled is None:
        return left_minor
    if settled.amount_minor > left_minor:
        raise OverLimitError(
            f"Settling loan {settled.loan.number} takes {format_amount(settled.amount_minor)}, "
            f"more than the {format_amount(left_minor)} of this loan.",
            pointer="/settles",
            limit=format_amount(left_minor),
        )
    return left_minor - settled.amount_minor


def _refuse_unpayable(
    connection: sa.Connection, lso_id: str, fund: FundFile, paid_from: str, day: date, amount_minor: int
) -> None:
    """Refuse what the paying account cannot bear, or what would eat into the fund's reserve."""
    refuse_overdraft(connection, lso_id, (paid_from,), day, amount_minor)
    if fund.reserve_floor_minor:
        refuse_overdraft(
            connection, lso_id, cash_and_bank(fund), day, amount_minor, keep_minor=fund.reserve_floor_minor
        )


# The loan that is paid off -------------------------------------------------------------------------------------


def _settled(connection: sa.Connection, lso_id: str, loan: LoanFile, disbursement: Disbursement) -> Settled | None:
    if disbursement.settles is None:
        return None
    other = other_loan(connection, lso_id, disbursement.settles, "/settles")
    refuse_other_borrower(loan, other, "/settles")
    quote = quote_for(other, disbursement.effective_on)
    amount_minor = disbursement.settled_minor or quote.total_minor
    refuse_short(other, quote, amount_minor, "/settled_amount")
    return Settled(other, amount_minor)


def _paid_off(
    connection: sa.Connection,
    lso_id: str,
    loan: LoanFile,
    disbursement: Disbursement,
    settled: Settled,
    others: tuple[Posting, ...],
) -> tuple[LoanFact, Change]:
    """Return the repayment of the loan that is paid off, and what it makes of it; `others` is what this one posts."""
    says = {
        "amount_minor": settled.amount_minor,
        "channel": "top_up",
        "held_in": account_code(loan.fund_code, Role.LOANS_OUTSTANDING),
        "new_loan": loan.id,
        "rebate": settlement_said(settled.loan),
        "together": [disbursement.settlement_id, disbursement.id],
        "note": None,
    }
    fact = LoanFact(disbursement.settlement_id, Kind.REPAYMENT_RECEIVED, disbursement.effective_on, says)
    return fact, change_of(connection, lso_id, settled.loan, fact, others)
