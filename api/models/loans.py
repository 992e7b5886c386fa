"""The steps of a loan, said and shown."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from api.fields import AmountMinor, Answer, Id
from api.models.recorded import AmountSaid, EventShown, FactSaid, MoneyText, Name, PaperNo, PostingShown
from api.models.repayments import Channel, StandingShown
from cif_engine.loans.terms import RepaymentPlan
from cif_engine.operations import lending

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


class DisbursementSaid(FactSaid):
    """Money handed to the borrower."""

    channel: Channel
    amount_minor: AmountMinor | None = Field(
        None, alias="amount", description="What is paid out, where less than was approved."
    )
    reference: PaperNo | None = Field(None, description="The number of the cheque or of the transfer.")

    example: ClassVar[dict[str, Any]] = {
        "channel": "cheque",
        "reference": "CHQ-771203",
        "effective_on": "2021-06-01",
        "voucher_no": "BPV-391",
    }

    def command(self, loan: str, new_id: str) -> lending.Disbursement:
        return lending.Disbursement(
            id=self.id or new_id,
            loan=loan,
            effective_on=self.effective_on,
            channel=self.channel,
            amount_minor=self.amount_minor,
            reference=self.reference,
            papers=self.papers,
            note=self.note,
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


class LoanStepRecorded(Answer):
    """A step of a loan in the book, the schedule it now has, and what the step posted."""

    event: EventShown
    loan: str
    loan_id: str
    amount: MoneyText
    standing: StandingShown
    schedule: list[InstalmentShown]
    postings: list[PostingShown]

    example: ClassVar[dict[str, Any]] = {
        "event": {**EventShown.example, "kind": "loan_disbursed", "effective_on": "2021-06-01", "receipt_no": None},
        "loan": "DAS-2021-00731",
        "loan_id": LOAN_ID,
        "amount": "18000.00",
        "standing": {
            **StandingShown.example,
            "outstanding_principal": "18000.00",
            "paid_principal": "0.00",
            "oldest_unpaid_due_on": "2021-07-01",
        },
        "schedule": [InstalmentShown.example],
        "postings": [{"effective_on": "2021-06-01", "debit": "CIF.1100", "credit": "CIF.1020", "amount": "18000.00"}],
    }
