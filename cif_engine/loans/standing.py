"""Where a loan stands, and what each of its facts made of it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cif_engine.loans.allocation import Settlement, Waived
from cif_engine.loans.facts import LoanFact


class Status(StrEnum):
    """Where a loan stands."""

    APPLIED = "applied"
    APPRAISED = "appraised"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    OPEN = "open"
    REPAID = "repaid"
    WRITTEN_OFF = "written_off"


class Standing(NamedTuple):
    """Where a loan stands from the end of the day `since` until its next fact; amounts in minor units.

    `oldest_due_on` is the due date of the oldest instalment not fully paid, past or to come; None when all are. Fees
    and penalties are not instalments. `schedule_no` counts its schedules from 1; 0 is before the disbursement.
    `due_before_minor` is the principal that had fallen due, at most, before the schedule in force was made: so much of
    what it says falls due again, not for the first time. `committed_minor` is approved, and nothing of it handed out.
    From `last_due_on` on, all that was handed out has fallen due by the schedule in force.
    """

    since: date
    status: Status
    outstanding_minor: int = 0
    charge_outstanding_minor: int = 0
    principal_paid_minor: int = 0
    charge_paid_minor: int = 0
    credit_minor: int = 0
    oldest_due_on: date | None = None
    fee_outstanding_minor: int = 0
    penalty_outstanding_minor: int = 0
    fee_paid_minor: int = 0
    penalty_paid_minor: int = 0
    written_off_minor: int = 0
    recovered_minor: int = 0
    renegotiated: bool = False
    schedule_no: int = 0
    disbursed_on: date | None = None
    due_before_minor: int = 0
    committed_minor: int = 0
    last_due_on: date | None = None

    @property
    def disbursed_minor(self) -> int:
        """All principal handed out so far."""
        return self.outstanding_minor + self.principal_paid_minor + self.written_off_minor

    @property
    def owed_minor(self) -> int:
        """All that is still owed, due by now or to come."""
        dues = self.charge_outstanding_minor + self.fee_outstanding_minor + self.penalty_outstanding_minor
        return self.outstanding_minor + dues

    @property
    def owes(self) -> bool:
        """Whether anything is still owed."""
        return self.owed_minor > 0

    @property
    def was_disbursed(self) -> bool:
        """Whether the borrower had money of it."""
        return self.schedule_no > 0

    def days_late(self, day: date) -> int:
        """Return the days since the oldest unpaid due date, if that is before `day`; else 0."""
        if self.oldest_due_on is None or self.oldest_due_on >= day:
            return 0
        return (day - self.oldest_due_on).days


class Step(NamedTuple):
    """One fact that holds, and what it made of the loan.

    `settled` is there for payments, and where credit met new dues; `waived` where dues were forgiven.
    """

    fact: LoanFact
    standing: Standing
    settled: Settlement | None = None
    waived: Waived | None = None
    written_off_minor: int = 0
