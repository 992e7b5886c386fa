"""Repayments and settlements, said and shown, and where a loan stands after them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.recorded import AmountSaid, EventShown, MoneyText, PaperNo, PostingShown
from cif_engine.loans.standing import Status
from cif_engine.operations.collecting import Repayment

Channel = Literal["cash", "cheque", "bank", "wallet"]
ChannelShown = Literal["cash", "cheque", "bank", "wallet", "credit", "top_up"]
"""`credit` and `top_up` are no new money: the credit of another loan, or a new loan, paid."""

Custodian = Annotated[
    int | None,
    Field(ge=1, le=10**6, description="The number of the person who carries the money, until she hands it over."),
]


class MoneyPaidSaid(AmountSaid):
    """Money that a borrower paid, and how it came."""

    channel: Channel = "cash"
    custodian: Custodian = None

    def _paid(self, loan: str, new_id: str, *, settles: bool) -> Repayment:
        return Repayment(
            self.id or new_id,
            loan,
            self.amount_minor,
            self.effective_on,
            self.channel,
            self.custodian,
            self.papers,
            self.note,
            settles,
        )


class RepaymentSaid(MoneyPaidSaid):
    """Money that a borrower paid."""

    loan: PaperNo = Field(description="The number of the loan, or its id.")

    example: ClassVar[dict[str, Any]] = {
        "loan": "DAS-2021-00731",
        "amount": "1500.00",
        "effective_on": "2021-10-31",
        "channel": "cash",
        "receipt_no": "R-2210",
    }

    def command(self, new_id: str) -> Repayment:
        """Return the command, under its own id or under the new one."""
        return self._paid(self.loan, new_id, settles=False)


class SettlementSaid(MoneyPaidSaid):
    """Money that pays a loan off before its time: at least what its settlement quote says for the day."""

    example: ClassVar[dict[str, Any]] = {
        "amount": "13560.00",
        "effective_on": "2021-10-31",
        "channel": "bank",
        "receipt_no": "R-2211",
    }

    def command(self, loan: str, new_id: str) -> Repayment:
        """Return the command, under its own id or under the new one."""
        return self._paid(loan, new_id, settles=True)


class SettledShown(Answer):
    """What a payment settled, in the order of the loan's terms; or what credit settled of new dues."""

    penalty: MoneyText
    fee: MoneyText
    charge: MoneyText
    principal: MoneyText
    recovered: MoneyText = Field(description="Of a loan that was written off.")
    credit_balance: MoneyText = Field(
        description="What was paid beyond everything owed; kept for the borrower. Below zero: credit that was used."
    )

    example: ClassVar[dict[str, Any]] = {
        "penalty": "0.00",
        "fee": "0.00",
        "charge": "0.00",
        "principal": "1500.00",
        "recovered": "0.00",
        "credit_balance": "0.00",
    }


class WaivedShown(Answer):
    """What was forgiven."""

    penalty: MoneyText
    fee: MoneyText
    charge: MoneyText

    example: ClassVar[dict[str, Any]] = {"penalty": "120.00", "fee": "0.00", "charge": "0.00"}


class StandingShown(Answer):
    """Where a loan stands after everything that is recorded about it."""

    status: Status
    outstanding_principal: MoneyText
    outstanding_charge: MoneyText
    outstanding_fees: MoneyText
    outstanding_penalties: MoneyText
    paid_principal: MoneyText
    paid_charge: MoneyText
    paid_fees: MoneyText
    paid_penalties: MoneyText
    credit_balance: MoneyText = Field(description="What the borrower paid beyond everything owed; it is hers.")
    written_off: MoneyText = Field(description="The principal that was given up.")
    recovered: MoneyText = Field(description="What was collected of it since.")
    renegotiated: bool = Field(description="Whether it was rescheduled or paused while it owed principal.")
    oldest_unpaid_due_on: date | None
    days_late: int = Field(ge=0)

    example: ClassVar[dict[str, Any]] = {
        "status": "open",
        "outstanding_principal": "13500.00",
        "outstanding_charge": "0.00",
        "outstanding_fees": "0.00",
        "outstanding_penalties": "0.00",
        "paid_principal": "4500.00",
        "paid_charge": "0.00",
        "paid_fees": "0.00",
        "paid_penalties": "0.00",
        "credit_balance": "0.00",
        "written_off": "0.00",
        "recovered": "0.00",
        "renegotiated": False,
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
    waived: WaivedShown | None = Field(description="The rebate of a settlement: charge that is no longer owed.")
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
        "waived": None,
        "standing": StandingShown.example,
        "postings": [PostingShown.example],
    }


class SettlementRecorded(RepaymentRecorded):
    """An early settlement in the book, with the rebate that its terms gave."""

    example: ClassVar[dict[str, Any]] = {
        **RepaymentRecorded.example,
        "event": {**EventShown.example, "receipt_no": "R-2211"},
        "amount": "13560.00",
        "channel": "bank",
        "held_in": "CIF.1020",
        "settled": {**SettledShown.example, "charge": "60.00", "principal": "13500.00"},
        "waived": {"penalty": "0.00", "fee": "0.00", "charge": "420.00"},
        "standing": {
            **StandingShown.example,
            "status": "repaid",
            "outstanding_principal": "0.00",
            "paid_principal": "18000.00",
            "oldest_unpaid_due_on": None,
        },
        "postings": [
            {"effective_on": "2021-10-31", "debit": "CIF.1020", "credit": "CIF.4010", "amount": "60.00"},
            {"effective_on": "2021-10-31", "debit": "CIF.1020", "credit": "CIF.1100", "amount": "13500.00"},
        ],
    }
