"""What the committee decides on the rest of a loan: it is rescheduled, paused, or written off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import ValidationError

from cif_engine.dates import Calendar
from cif_engine.errors import FieldMissingError, NothingOutstandingError, TermsMismatchError
from cif_engine.kinds import Kind
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.loans.replanning import with_plan
from cif_engine.loans.terms import LoanTerms, RepaymentPlan
from cif_engine.network.checks import check_count
from cif_engine.operations.disbursing import LONGEST_SCHEDULE
from cif_engine.operations.loan_facts import Change, application_of, decide_fact, record_on_loan, refuse_maker
from cif_engine.operations.recording import Decision, Outcome, Request
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import calendar_of, fund_file
from cif_engine.persistence.recording import LoanFile

LONGEST_PAUSE_MONTHS = 60

Arrears = Literal["kept", "moved"]
"""Whether instalments that are late already keep their day when a loan is paused, or fall due after the pause."""


@dataclass(frozen=True, slots=True)
class Pause:
    """So many months in which nothing falls due; raises NumberOutOfRangeError."""

    months: int
    arrears: Arrears = "kept"

    def __post_init__(self) -> None:
        """Refuse no pause, and one that outlasts any loan."""
        check_count(self.months, "/pause/months", least=1, most=LONGEST_PAUSE_MONTHS)

    @property
    def said(self) -> dict[str, Any]:
        """What a payload says of it."""
        return {"months": self.months, "arrears": self.arrears}


@dataclass(frozen=True, slots=True)
class Reschedule:
    """How the rest of a loan is to be repaid: by a new plan counted from the day, or as before after a pause."""

    id: str
    loan: str
    effective_on: date
    resolution_no: str
    reason: str
    plan: RepaymentPlan | None = None
    pause: Pause | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class WriteOff:
    """That the committee gave up what a loan still owes; it is still collected."""

    id: str
    loan: str
    effective_on: date
    resolution_no: str
    reason: str
    papers: Papers = NO_PAPERS
    note: str | None = None


def reschedule_loan(databases: Databases, request: Request, reschedule: Reschedule) -> Outcome:
    """Record that the rest of a loan is repaid otherwise; the schedule before is kept, the loan is renegotiated.

    Raises `NotFoundError`, `LoanNotOpenError`, `MakerIsCheckerError`, `NothingOutstandingError`,
    `FieldMissingError` (neither a plan nor a pause, or both), `TermsMismatchError`, `DueBeforeStartError`.
    """

    def decide(connection: sa.Connection, loan: LoanFile) -> Decision:
        refuse_maker(connection, request, loan)
        said = _rest_said(loan, reschedule)
        says = {
            **said,
            **calendar_said_of(connection, request.lso_id, loan.fund_code, reschedule.effective_on),
            "resolution_no": reschedule.resolution_no,
            "reason": reschedule.reason,
            "note": reschedule.note,
        }
        return decide_fact(
            connection,
            request,
            loan,
            Kind.LOAN_RESCHEDULED,
            reschedule,
            says,
            check=lambda change: _refuse_nothing_outstanding(change, reschedule.effective_on),
        )

    return record_on_loan(databases, request, reschedule, decide)


def write_off_loan(databases: Databases, request: Request, write_off: WriteOff) -> Outcome:
    """Record that a loan is written off: against the allowance, and what that cannot bear as an expense.

    Raises `NotFoundError`, `LoanNotOpenError`, `MakerIsCheckerError`, `NothingOutstandingError`.
    """

    def decide(connection: sa.Connection, loan: LoanFile) -> Decision:
        refuse_maker(connection, request, loan)
        says = {"resolution_no": write_off.resolution_no, "reason": write_off.reason, "note": write_off.note}
        return decide_fact(
            connection,
            request,
            loan,
            Kind.LOAN_WRITTEN_OFF,
            write_off,
            says,
            check=lambda change: _refuse_nothing_outstanding(change, write_off.effective_on),
        )

    return record_on_loan(databases, request, write_off, decide)


def calendar_said_of(connection: sa.Connection, lso_id: str, fund_code: str, day: date) -> dict[str, Any]:
    """Return the days on which nobody collects, from a day on, as a payload keeps them; what is not there is absent."""
    fund = fund_file(connection, lso_id, fund_code)
    assert fund is not None, "a loan's fund is never removed"
    return write_calendar(calendar_of(connection, fund, day, day + LONGEST_SCHEDULE))


def write_calendar(calendar: Calendar) -> dict[str, Any]:
    """Return a calendar as a payload keeps it; `replanning.calendar_said` reads it."""
    said: dict[str, Any] = {"holidays": sorted(day.isoformat() for day in calendar.holidays)}
    if calendar.rest_days:
        said["rest_days"] = sorted(calendar.rest_days)
    return said


def _refuse_nothing_outstanding(change: Change, day: date) -> None:
    """Refuse a decision on the rest of a loan that had no rest at the end of that day."""
    standing = change.before.standing_on(day)
    if standing is None or not standing.outstanding_minor:
        loan = change.loan.number
        raise NothingOutstandingError(f"Loan {loan} owed no principal on {day}.", pointer="/loan", loan=loan)


def _rest_said(loan: LoanFile, reschedule: Reschedule) -> Mapping[str, Any]:
    """Return what the payload says of how the rest is repaid; what it amounts to follows from the facts (law 3)."""
    if (reschedule.plan is None) == (reschedule.pause is None):
        raise FieldMissingError("A reschedule names either a new plan or a pause.", pointer="/plan")
    if reschedule.pause is not None:
        return {"pause": reschedule.pause.said}
    assert reschedule.plan is not None, "one of the two was named"
    plan = reschedule.plan.model_dump(mode="json")
    try:
        with_plan(LoanTerms.model_validate_json(application_of(loan).says["terms"]), plan)
    except ValidationError as mismatch:
        words = "; ".join(finding["msg"] for finding in mismatch.errors())
        raise TermsMismatchError(words, pointer="/plan") from mismatch
    return {"plan": plan}
