"""The steps of a loan, said and shown."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.fields import AmountMinor, Answer, Id
from api.ids import id_of_part
from api.models.recorded import AmountSaid, EventShown, FactSaid, MoneyText, Name, PaperNo, PostingShown
from api.models.repayments import Channel, SettledShown, StandingShown, WaivedShown
from api.models.reports import AvailableShown, FundPositionShown
from api.models.tranche_rules import TrancheDrawn
from cif_engine.errors import FieldMissingError
from cif_engine.kinds import Kind
from cif_engine.loans.terms import RepaymentPlan
from cif_engine.operations import disbursing, lending

LOAN_ID = "0197d3a2-7777-7c3e-9a4d-1f2e3d4c5b6a"


class ApplicationSaid(AmountSaid):
    """A member's application, with the purpose from her Micro Investment Plan."""

    loan_id: Id | None = Field(None, description="A UUID for the loan; one is made when it is left out.")
    member: PaperNo = Field(description="The code of the member, or her id.")
    product: PaperNo = Field(description="The code of the product, or its id.")
    purpose: Name
    mip_no: PaperNo | None = None
    repayment: RepaymentPlan | None = Field(None, description="When it is repaid, where not as the product says.")

    example: ClassVar[dict[str, Any]] = {
        "member": "M-0412",
        "product": "LIVESTOCK-12",
        "amount": "18000.00",
        "effective_on": "2021-05-20",
        "purpose": "Two goats",
        "mip_no": "MIP-0412",
        "repayment": {"kind": "equal_instalments", "count": 12, "frequency": "monthly"},
    }

    def command(self, new_id: str, new_loan_id: str) -> lending.Application:
        return lending.Application(
            id=self.id or new_id,
            loan_id=self.loan_id or new_loan_id,
            member=self.member,
            product=self.product,
            amount_minor=self.amount_minor,
            effective_on=self.effective_on,
            purpose=self.purpose,
            mip_no=self.mip_no,
            repayment=self.repayment,
            papers=self.papers,
            note=self.note,
        )


class AppraisalSaid(FactSaid):
    """What the appraisal of an application recommends."""

    recommended_minor: AmountMinor = Field(alias="recommended_amount")
    appraised_by: Name

    example: ClassVar[dict[str, Any]] = {
        "recommended_amount": "18000.00",
        "appraised_by": "Hajran Bibi",
        "effective_on": "2021-05-24",
    }

    def command(self, loan: str, new_id: str) -> lending.Appraisal:
        return lending.Appraisal(
            self.id or new_id,
            loan,
            self.recommended_minor,
            self.effective_on,
            self.appraised_by,
            self.papers,
            self.note,
        )


class DecisionSaid(FactSaid):
    """What the committee resolved."""

    approved: bool
    resolution_no: PaperNo
    committee: Name
    amount_minor: AmountMinor | None = Field(
        None, alias="amount", description="What is approved, where less than was asked."
    )
    reason: Name | None = Field(None, description="Needed where the application is refused.")

    example: ClassVar[dict[str, Any]] = {
        "approved": True,
        "resolution_no": "RES-2021-17",
        "committee": "LSO Dasori credit committee",
        "effective_on": "2021-05-28",
    }

    def command(self, loan: str, new_id: str) -> lending.CommitteeDecision:
        return lending.CommitteeDecision(
            id=self.id or new_id,
            loan=loan,
            approved=self.approved,
            effective_on=self.effective_on,
            resolution_no=self.resolution_no,
            committee=self.committee,
            amount_minor=self.amount_minor,
            reason=self.reason,
            papers=self.papers,
            note=self.note,
        )


class ResolvedSaid(FactSaid):
    """What the committee resolved about a loan that has begun, and why."""

    resolution_no: PaperNo
    reason: Name


class CancellationSaid(FactSaid):
    """That a loan will not be handed out after all."""

    reason: Name

    example: ClassVar[dict[str, Any]] = {
        "reason": "The borrower moved to another district",
        "effective_on": "2021-05-30",
    }

    def command(self, loan: str, new_id: str) -> lending.Cancellation:
        return lending.Cancellation(self.id or new_id, loan, self.effective_on, self.reason, self.papers, self.note)


class DisbursementSaid(FactSaid):
    """Money handed to the borrower, whole or in parts; with `settles` a loan of hers is paid off out of it (top-up)."""

    channel: Channel
    amount_minor: AmountMinor | None = Field(
        None, alias="amount", description="This part of it. Left out: all that was approved and not handed out yet."
    )
    reference: PaperNo | None = Field(None, description="The number of the cheque or of the transfer.")
    settles: PaperNo | None = Field(
        None, description="The number or the id of another loan of hers in this fund, which this one settles (top-up)."
    )
    settled_minor: AmountMinor | None = Field(
        None, alias="settled_amount", description="What that takes of this loan. Left out: its settlement quote."
    )

    example: ClassVar[dict[str, Any]] = {
        "channel": "cheque",
        "reference": "CHQ-771203",
        "effective_on": "2021-06-01",
        "voucher_no": "BPV-391",
    }

    @model_validator(mode="after")
    def _names_what_it_settles(self) -> Self:
        if self.settled_minor is not None and self.settles is None:
            raise PydanticCustomError(FieldMissingError.code, "`settled_amount` is of the loan that `settles` names.")
        return self

    def command(self, loan: str, new_id: str) -> disbursing.Disbursement:
        own_id = self.id or new_id
        return disbursing.Disbursement(
            id=own_id,
            loan=loan,
            effective_on=self.effective_on,
            channel=self.channel,
            amount_minor=self.amount_minor,
            reference=self.reference,
            papers=self.papers,
            note=self.note,
            settles=self.settles,
            settled_minor=self.settled_minor,
            settlement_id=id_of_part(own_id, "settlement"),
        )


class InstalmentShown(Answer):
    """One instalment of a schedule."""

    number: int
    due_on: date
    principal: MoneyText
    charge: MoneyText

    example: ClassVar[dict[str, Any]] = {
        "number": 1,
        "due_on": "2021-07-01",
        "principal": "1500.00",
        "charge": "0.00",
    }


_APPLIED: dict[str, Any] = {
    **StandingShown.example,
    "status": "applied",
    "outstanding_principal": "0.00",
    "paid_principal": "0.00",
    "oldest_unpaid_due_on": None,
}


class ApplicationRecorded(Answer):
    """An application in the book, and the number that the loan got."""

    event: EventShown
    loan: str
    loan_id: str
    cycle: int = Field(description="How many loans of this fund the member has applied for, this one included.")
    amount: MoneyText
    standing: StandingShown

    example: ClassVar[dict[str, Any]] = {
        "event": {**EventShown.example, "kind": "loan_applied", "effective_on": "2021-05-20", "receipt_no": None},
        "loan": "DAS-2021-00731",
        "loan_id": LOAN_ID,
        "cycle": 2,
        "amount": "18000.00",
        "standing": _APPLIED,
    }


class LoanFactRecorded(Answer):
    """A fact of a loan in the book: what it did to the loan, the schedule it now has, and what was posted."""

    event: EventShown
    loan: str
    loan_id: str
    amount: MoneyText | None = Field(description="Of facts that have one.")
    settled: SettledShown | None = Field(description="What was paid by it, where the borrower had credit or paid.")
    waived: WaivedShown | None = Field(description="What was forgiven by it.")
    standing: StandingShown
    schedule: list[InstalmentShown]
    postings: list[PostingShown]

    example: ClassVar[dict[str, Any]] = {
        "event": {**EventShown.example, "kind": "loan_decided", "effective_on": "2021-05-28", "receipt_no": None},
        "loan": "DAS-2021-00731",
        "loan_id": LOAN_ID,
        "amount": "18000.00",
        "settled": None,
        "waived": None,
        "standing": {**_APPLIED, "status": "approved"},
        "schedule": [],
        "postings": [],
    }


def example_of_fact(kind: Kind, effective_on: str, recorded_by: str, **told: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return the example of a recorded fact of this kind, of an open loan unless it is told otherwise."""
    event = {**EventShown.example, "kind": kind.value, "effective_on": effective_on, "recorded_by": recorded_by}
    of_open_loan = {"amount": None, "standing": StandingShown.example, "schedule": [InstalmentShown.example]}
    return {**LoanFactRecorded.example, "event": {**event, "receipt_no": None}, **of_open_loan, **told}


class DecisionRecorded(LoanFactRecorded):
    """A decision of the committee in the book, and what the fund may still lend besides it."""

    available: AvailableShown = Field(
        description="What may be lent today, this decision counted; below zero where more is promised than is there."
    )

    example: ClassVar[dict[str, Any]] = {
        **LoanFactRecorded.example,
        "available": FundPositionShown.example["available"],
    }


class AppraisalRecorded(LoanFactRecorded):
    """An appraisal in the book."""

    example: ClassVar[dict[str, Any]] = example_of_fact(
        Kind.LOAN_APPRAISED,
        "2021-05-24",
        "dasori-accountant",
        amount="18000.00",
        standing={**_APPLIED, "status": "appraised"},
        schedule=[],
    )


class CancellationRecorded(LoanFactRecorded):
    """A cancellation in the book."""

    example: ClassVar[dict[str, Any]] = example_of_fact(
        Kind.LOAN_CANCELLED,
        "2021-05-30",
        "dasori-manager",
        standing={**_APPLIED, "status": "cancelled"},
        schedule=[],
    )


class DisbursementRecorded(LoanFactRecorded):
    """A disbursement in the book, with the schedule that the borrower is given; a top-up also says what it paid off."""

    tranches: list[TrancheDrawn] | None = Field(
        description="Which tranches pay for it, and what their rules found; null: the fund has no rules."
    )
    paid_off: LoanFactRecorded | None = Field(description="The settlement of the other loan, recorded as one with it.")

    example: ClassVar[dict[str, Any]] = {
        **example_of_fact(
            Kind.LOAN_DISBURSED,
            "2021-06-01",
            "dasori-accountant",
            amount="18000.00",
            standing={
                **StandingShown.example,
                "outstanding_principal": "18000.00",
                "paid_principal": "0.00",
                "oldest_unpaid_due_on": "2021-07-01",
            },
            postings=[
                {"effective_on": "2021-06-01", "debit": "CIF.1100", "credit": "CIF.1020", "amount": "18000.00"},
            ],
        ),
        "tranches": [TrancheDrawn.example],
        "paid_off": None,
    }
