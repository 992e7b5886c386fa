"""The credit of a borrower, given back or used: said and shown."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from api.fields import AmountMinor
from api.ids import id_of_part
from api.models.loans import LoanFactRecorded, example_of_fact
from api.models.recorded import FactSaid, PaperNo
from api.models.repayments import Channel, SettledShown, StandingShown
from cif_engine.kinds import Kind
from cif_engine.operations.credits import CreditUse, Refund

_OTHER_LOAN = "DAS-2021-00844"


class RefundSaid(FactSaid):
    """Credit given back to the borrower."""

    channel: Channel = "cash"
    amount_minor: AmountMinor | None = Field(
        None, alias="amount", description="Left out: all the credit that there is on the day and on any later one."
    )
    reference: PaperNo | None = Field(None, description="The number of the cheque or of the transfer.")

    example: ClassVar[dict[str, Any]] = {
        "channel": "cash",
        "amount": "250.00",
        "effective_on": "2021-11-01",
        "voucher_no": "CPV-212",
    }

    def command(self, loan: str, new_id: str) -> Refund:
        return Refund(
            self.id or new_id,
            loan,
            self.effective_on,
            self.channel,
            self.amount_minor,
            self.reference,
            self.papers,
            self.note,
        )


class CreditUseSaid(FactSaid):
    """Credit of one loan that pays another of the same borrower in the same fund."""

    pays: PaperNo = Field(description="The number of the loan that it pays, or its id.")
    amount_minor: AmountMinor | None = Field(
        None, alias="amount", description="Left out: all the credit that there is on the day and on any later one."
    )

    example: ClassVar[dict[str, Any]] = {
        "pays": _OTHER_LOAN,
        "amount": "250.00",
        "effective_on": "2021-11-01",
        "voucher_no": "JV-88",
    }

    def command(self, loan: str, new_id: str) -> CreditUse:
        own_id = self.id or new_id
        return CreditUse(
            own_id,
            id_of_part(own_id, "payment"),
            loan,
            self.pays,
            self.effective_on,
            self.amount_minor,
            self.papers,
            self.note,
        )


_CREDIT_GONE: dict[str, Any] = {
    **StandingShown.example,
    "status": "repaid",
    "outstanding_principal": "0.00",
    "paid_principal": "18000.00",
    "oldest_unpaid_due_on": None,
}


class RefundRecorded(LoanFactRecorded):
    """A refund in the book."""

    example: ClassVar[dict[str, Any]] = example_of_fact(
        Kind.CREDIT_REFUNDED,
        "2021-11-01",
        "dasori-accountant",
        amount="250.00",
        standing=_CREDIT_GONE,
        postings=[{"effective_on": "2021-11-01", "debit": "CIF.2010", "credit": "CIF.1010", "amount": "250.00"}],
    )


class CreditUseRecorded(LoanFactRecorded):
    """Credit taken from one loan, and the repayment of the other; both are in the book."""

    paid: LoanFactRecorded = Field(description="The repayment of the other loan.")

    example: ClassVar[dict[str, Any]] = {
        **example_of_fact(Kind.CREDIT_USED, "2021-11-01", "dasori-accountant", amount="250.00", standing=_CREDIT_GONE),
        "paid": example_of_fact(
            Kind.REPAYMENT_RECEIVED,
            "2021-11-01",
            "dasori-accountant",
            loan=_OTHER_LOAN,
            amount="250.00",
            settled={**SettledShown.example, "principal": "250.00"},
            postings=[{"effective_on": "2021-11-01", "debit": "CIF.2010", "credit": "CIF.1100", "amount": "250.00"}],
        ),
    }
