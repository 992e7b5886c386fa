"""What the committee decides on the rest of loans: reschedules, moratoria and write-offs, said and shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer, Code, Said
from api.models.loans import LOAN_ID, InstalmentShown, LoanFactRecorded, ResolvedSaid, example_of_fact
from api.models.recorded import EVENT_ID, EventShown, MoneyText
from api.models.repayments import StandingShown
from cif_engine.kinds import Kind
from cif_engine.loans.terms import RepaymentPlan
from cif_engine.operations.moratorium import MOST_LOANS, Moratorium
from cif_engine.operations.restructuring import Pause, Reschedule, WriteOff

LONGEST_PAUSE_MONTHS = 60

PauseMonths = Annotated[int, Field(strict=True, ge=1, le=LONGEST_PAUSE_MONTHS)]
Arrears = Annotated[
    Literal["kept", "moved"],
    Field(
        description="Instalments that are late on the day: `kept` on their days, or `moved`, "
        "so that they fall due after the pause."
    ),
]
_FLOOD: dict[str, Any] = {
    "resolution_no": "RES-2022-09",
    "reason": "Flood of August 2022",
    "effective_on": "2022-09-01",
}


class PauseSaid(Said):
    """So many months in which nothing falls due; then it goes on as before."""

    months: PauseMonths
    arrears: Arrears = "kept"

    @property
    def pause(self) -> Pause:
        return Pause(self.months, self.arrears)


class RescheduleSaid(ResolvedSaid):
    """How the rest of a loan is repaid from the day on: exactly one of a new `plan` and a `pause`."""

    plan: RepaymentPlan | None = Field(
        None, description="The unpaid principal and charge are repaid by it, counted from the day."
    )
    pause: PauseSaid | None = None

    example: ClassVar[dict[str, Any]] = {**_FLOOD, "pause": {"months": 6, "arrears": "moved"}}

    def command(self, loan: str, new_id: str) -> Reschedule:
        return Reschedule(
            self.id or new_id,
            loan,
            self.effective_on,
            self.resolution_no,
            self.reason,
            self.plan,
            self.pause.pause if self.pause else None,
            self.papers,
            self.note,
        )


class WriteOffSaid(ResolvedSaid):
    """That the committee gave up what a loan still owes. It is still collected."""

    example: ClassVar[dict[str, Any]] = {
        "resolution_no": "RES-2023-02",
        "reason": "The borrower died and left nothing",
        "effective_on": "2023-03-31",
    }

    def command(self, loan: str, new_id: str) -> WriteOff:
        return WriteOff(
            self.id or new_id, loan, self.effective_on, self.resolution_no, self.reason, self.papers, self.note
        )


class RescheduleRecorded(LoanFactRecorded):
    """A reschedule in the book, with the schedule that is in force now."""

    example: ClassVar[dict[str, Any]] = example_of_fact(
        Kind.LOAN_RESCHEDULED,
        "2022-09-01",
        "dasori-manager",
        standing={**StandingShown.example, "renegotiated": True, "oldest_unpaid_due_on": "2023-03-01"},
        schedule=[{**InstalmentShown.example, "number": 4, "due_on": "2023-03-01"}],
    )


class WriteOffRecorded(LoanFactRecorded):
    """A write-off in the book: what was lost, out of the allowance and as an expense."""

    example: ClassVar[dict[str, Any]] = example_of_fact(
        Kind.LOAN_WRITTEN_OFF,
        "2023-03-31",
        "dasori-manager",
        standing={
            **StandingShown.example,
            "status": "written_off",
            "outstanding_principal": "0.00",
            "written_off": "13500.00",
            "oldest_unpaid_due_on": None,
        },
        postings=[
            {"effective_on": "2023-03-31", "debit": "CIF.1190", "credit": "CIF.1100", "amount": "13500.00"},
            {"effective_on": "2023-03-31", "debit": "CIF.5020", "credit": "CIF.1190", "amount": "3500.00"},
        ],
    )


class MoratoriumSaid(ResolvedSaid):
    """A pause of all loans of a fund that owe principal on the day, of one VO or CO where it is named."""

    months: PauseMonths
    arrears: Arrears = "kept"
    vo: Code | None = Field(None, description="The code of the VO that the loans were made under.")
    co: Code | None = Field(None, description="The code of the CO that the loans were made under.")
    loans: Annotated[int, Field(strict=True, ge=1, le=MOST_LOANS)] | None = Field(
        None, description="How many a preview found; where there are more or fewer by now, nothing is recorded."
    )

    example: ClassVar[dict[str, Any]] = {**_FLOOD, "months": 6, "arrears": "moved", "vo": "VO-03", "loans": 1}

    def command(self, fund: str, new_id: str) -> Moratorium:
        return Moratorium(
            self.id or new_id,
            fund,
            self.effective_on,
            Pause(self.months, self.arrears),
            self.resolution_no,
            self.reason,
            self.vo,
            self.co,
            self.loans,
            self.papers,
            self.note,
        )


class DayMoved(Answer):
    """A day before and after."""

    before: date | None
    after: date | None


class PausedLoan(Answer):
    """A loan that a moratorium paused, and what became of its days."""

    event: str = Field(json_schema_extra={"format": "uuid"})
    seq: int = Field(ge=1)
    loan: str
    loan_id: str
    outstanding_principal: MoneyText
    oldest_unpaid_due_on: DayMoved
    last_due_on: DayMoved

    example: ClassVar[dict[str, Any]] = {
        "event": EVENT_ID,
        "seq": 1412,
        "loan": "DAS-2021-00731",
        "loan_id": LOAN_ID,
        "outstanding_principal": "13500.00",
        "oldest_unpaid_due_on": {"before": "2022-08-01", "after": "2023-02-01"},
        "last_due_on": {"before": "2023-04-01", "after": "2023-10-01"},
    }


class MoratoriumRecorded(Answer):
    """A moratorium in the book, loan by loan."""

    event: EventShown = Field(description="The reschedule of the last loan; its answer is kept with that.")
    moratorium: str = Field(json_schema_extra={"format": "uuid"}, description="The id that its reschedules share.")
    fund: str
    months: int
    arrears: Literal["kept", "moved"]
    loans: int
    outstanding_principal: MoneyText = Field(description="Of all of them.")
    items: list[PausedLoan]

    example: ClassVar[dict[str, Any]] = {
        "event": {
            **EventShown.example,
            "kind": "loan_rescheduled",
            "effective_on": "2022-09-01",
            "recorded_by": "dasori-manager",
            "receipt_no": None,
        },
        "moratorium": "0197d3a2-6e42-7c3e-9a4d-1f2e3d4c5b6a",
        "fund": "CIF",
        "months": 6,
        "arrears": "moved",
        "loans": 1,
        "outstanding_principal": "13500.00",
        "items": [PausedLoan.example],
    }
