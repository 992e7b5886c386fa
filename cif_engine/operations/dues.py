"""Dues beside the schedule: fees and penalties, each with its day, and what is forgiven by resolution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.errors import ChargeNotAllowedError, DueBeforeStartError, NothingOutstandingError
from cif_engine.kinds import Kind
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.loans.life import LoanLife
from cif_engine.money import MAX_MINOR
from cif_engine.network.funds import ChargePolicy
from cif_engine.operations.loan_facts import Change, decide_fact, record_on_loan, refuse_maker
from cif_engine.operations.recording import Decision, Outcome, Request
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import fund_file
from cif_engine.persistence.recording import LoanFile

EVERYTHING = MAX_MINOR
"""Forgive all of a kind of dues, whatever it turns out to have been by then."""


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee, or with `penalty` a penalty, owed from `due_on` (None: the day it was charged)."""

    id: str
    loan: str
    name: str
    amount_minor: int
    effective_on: date
    due_on: date | None = None
    penalty: bool = False
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """What the committee forgives: up to so much of each kind of dues, `EVERYTHING` of it, or 0."""

    id: str
    loan: str
    effective_on: date
    resolution_no: str
    reason: str
    penalty_minor: int = 0
    fee_minor: int = 0
    charge_minor: int = 0
    papers: Papers = NO_PAPERS
    note: str | None = None


def charge_fee(databases: Databases, request: Request, fee: Fee) -> Outcome:
    """Record a fee or a penalty; it is income when it is paid, and credit of the borrower pays it at once.

    Raises `NotFoundError`, `LoanNotOpenError`, `ChargeNotAllowedError` (the fund is interest-free).
    """

    def decide(connection: sa.Connection, loan: LoanFile) -> Decision:
        refuse_in_interest_free_fund(connection, request.lso_id, loan)
        due_on = fee.due_on or fee.effective_on
        if due_on < fee.effective_on:
            raise DueBeforeStartError(f"{due_on} is before {fee.effective_on}.", pointer="/due_on")
        says = {
            "name": fee.name,
            "amount_minor": fee.amount_minor,
            "due_on": due_on.isoformat(),
            "note": fee.note,
        }
        kind = Kind.PENALTY_CHARGED if fee.penalty else Kind.FEE_CHARGED
        return decide_fact(connection, request, loan, kind, fee, says)

    return record_on_loan(databases, request, fee, decide)


def waive_dues(databases: Databases, request: Request, waiver: Waiver) -> Outcome:
    """Record what the committee forgives of penalties, fees and charge; nothing is posted, it was no income yet.

    Raises `NotFoundError`, `LoanNotOpenError`, `MakerIsCheckerError`, `NothingOutstandingError`.
    """

    def decide(connection: sa.Connection, loan: LoanFile) -> Decision:
        refuse_maker(connection, request, loan)
        says = {
            "penalty_minor": waiver.penalty_minor,
            "fee_minor": waiver.fee_minor,
            "charge_minor": waiver.charge_minor,
            "resolution_no": waiver.resolution_no,
            "reason": waiver.reason,
            "note": waiver.note,
        }
        return decide_fact(connection, request, loan, Kind.DUES_WAIVED, waiver, says, check=_refuse_nothing_waived)

    return record_on_loan(databases, request, waiver, decide)


def refuse_in_interest_free_fund(connection: sa.Connection, lso_id: str, loan: LoanFile) -> None:
    """Refuse a fee or a penalty where the fund takes none."""
    fund = fund_file(connection, lso_id, loan.fund_code)
    assert fund is not None, "a loan's fund is never removed"
    if fund.charge_policy == ChargePolicy.INTEREST_FREE:
        raise ChargeNotAllowedError(
            f"The fund {fund.code} is interest-free: its borrowers owe what they were lent.", pointer="/amount"
        )


def _refuse_nothing_waived(change: Change) -> None:
    if _waived(change.after) == _waived(change.before):
        loan = change.loan.number
        raise NothingOutstandingError(f"Loan {loan} owed nothing of this then.", pointer="/loan", loan=loan)


def _waived(life: LoanLife) -> int:
    return sum(sum(step.waived) for step in life.steps if step.waived)
