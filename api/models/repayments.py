"""Repayments, said and shown."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.recorded import AmountSaid, EventShown, MoneyText, PaperNo, PostingShown
from cif_engine.operations.collecting import Repayment

Channel = Literal["cash", "cheque", "bank", "wallet"]
LoanStatus = Literal["applied", "appraised", "approved", "refused", "open", "repaid"]


class RepaymentSaid(AmountSaid):
    """Money that a borrower paid."""

    loan: PaperNo = Field(description="The number of the loan, or its id.")
    channel: Channel = "cash"
    custodian: int | None = Field(
        None, ge=1, le=10**6, description="The number of the person who carries the money, until she hands it over."
    )

    example: ClassVar[dict[str, Any]] = {
        "loan": "DAS-2021-00731",
        "amount": "1500.00",
        "effective_on": "2021-10-31",
        "channel": "cash",
        "receipt_no": "R-2210",
    }

    def command(self, new_id: str) -> Repayment:
        """Return the command, under its own id or under the new one."""
        return Repayment(
            self.id or new_id,
            self.loan,
            self.amount_minor,
            self.effective_on,
            self.channel,
            self.custodian,
            self.papers,
            self.note,
        )


class SettledShown(Answer):
    """What a payment settled, in the order of the loan's terms."""

    charge: MoneyText
    principal: MoneyText
    credit_balance: MoneyText = Field(description="What was paid beyond everything owed; kept for the borrower.")

    example: ClassVar[dict[str, Any]] = {"charge": "0.00", "principal": "1500.00", "credit_balance": "0.00"}


class StandingShown(Answer):
    """Where a loan stands after everything that is recorded about it."""

    status: LoanStatus
    outstanding_principal: MoneyText
    outstanding_charge: MoneyText
    paid_principal: MoneyText
    paid_charge: MoneyText
    credit_balance: MoneyText
    oldest_unpaid_due_on: date | None
    days_late: int = Field(ge=0)

    example: ClassVar[dict[str, Any]] = {
        "status": "open",
        "outstanding_principal": "13500.00",
        "outstanding_charge": "0.00",
        "paid_principal": "4500.00",
        "paid_charge": "0.00",
        "credit_balance": "0.00",
        "oldest_unpaid_due_on": "2021-11-30",
        "days_late": 0,
    }


class RepaymentRecorded(Answer):
    """A repayment in the book, what it settled and what it posted."""

    event: EventShown
    loan: str
    amount: MoneyText
    channel: Channel
    held_in: str = Field(description="The account that holds the money.")
    settled: SettledShown
    standing: StandingShown
    postings: list[PostingShown] = Field(
        description="Of this event. A late repayment also moves what later ones were split into, each on its own day."
    )

    example: ClassVar[dict[str, Any]] = {
        "event": EventShown.example,
        "loan": "DAS-2021-00731",
        "amount": "1500.00",
        "channel": "cash",
        "held_in": "CIF.1010",
        "settled": SettledShown.example,
        "standing": StandingShown.example,
        "postings": [PostingShown.example],
    }
