"""The fund's own money, said and shown."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.fields import Answer
from api.models.recorded import (
    EVENT_ID,
    RECORDED_AT,
    AmountSaid,
    EventShown,
    FactSaid,
    MoneyText,
    Name,
    PaperNo,
    PostingShown,
)
from cif_engine.errors import PlaceUnknownError
from cif_engine.operations import funding, sub_grant
from cif_engine.operations.allowance import AllowanceChange

PLACES: Final = "Money is held in `cash`, in the `bank`, or with a custodian: `custodian:` and her number."
_PLACE: Final = "^(cash|bank|custodian:[1-9][0-9]{0,5})$"


def _read_place(written: object) -> str:
    if not isinstance(written, str) or not re.fullmatch(_PLACE, written):
        raise PydanticCustomError(PlaceUnknownError.code, PLACES)
    return written


Place = Annotated[
    str,
    PlainValidator(_read_place),
    WithJsonSchema({"type": "string", "pattern": _PLACE, "description": PLACES, "examples": ["bank", "custodian:2"]}),
]
TrancheNumber = Annotated[int, Field(ge=1, le=9999, description="Counts the tranches of the fund from 1.")]


class AgreementSaid(AmountSaid):
    """A sub-grant agreement that the RSP and the holder of the fund signed."""

    number: PaperNo

    example: ClassVar[dict[str, Any]] = {
        "number": "SRSO-DAS-2016-04",
        "amount": "4000000.00",
        "effective_on": "2016-11-15",
    }

    def command(self, fund: str, new_id: str) -> sub_grant.Agreement:
        return sub_grant.Agreement(
            self.id or new_id, fund, self.number, self.amount_minor, self.effective_on, self.papers, self.note
        )


class TrancheReleaseSaid(AmountSaid):
    """A tranche that the RSP released."""

    agreement: PaperNo = Field(description="The number of the agreement.")
    number: TrancheNumber

    example: ClassVar[dict[str, Any]] = {
        "agreement": "SRSO-DAS-2016-04",
        "number": 1,
        "amount": "4000000.00",
        "effective_on": "2016-12-01",
        "voucher_no": "BPV-118",
    }

    def command(self, fund: str, new_id: str) -> sub_grant.TrancheRelease:
        return sub_grant.TrancheRelease(
            self.id or new_id,
            fund,
            self.agreement,
            self.number,
            self.amount_minor,
            self.effective_on,
            self.papers,
            self.note,
        )


class TrancheReceiptSaid(FactSaid):
    """The day a tranche arrived, whole."""

    held_in: Place = "bank"

    example: ClassVar[dict[str, Any]] = {"effective_on": "2016-12-05", "held_in": "bank", "receipt_no": "R-1"}

    def command(self, fund: str, number: int, new_id: str) -> sub_grant.TrancheReceipt:
        return sub_grant.TrancheReceipt(
            self.id or new_id, fund, number, self.effective_on, self.held_in, self.papers, self.note
        )


class CapitalReturnSaid(AmountSaid):
    """Capital of a tranche that goes back to the RSP."""

    tranche: TrancheNumber
    paid_from: Place = "bank"

    example: ClassVar[dict[str, Any]] = {
        "tranche": 1,
        "amount": "250000.00",
        "effective_on": "2021-06-30",
        "paid_from": "bank",
        "voucher_no": "BPV-402",
    }

    def command(self, fund: str, new_id: str) -> sub_grant.CapitalReturn:
        return sub_grant.CapitalReturn(
            self.id or new_id,
            fund,
            self.tranche,
            self.amount_minor,
            self.effective_on,
            self.paid_from,
            self.papers,
            self.note,
        )


class MoneyInSaid(AmountSaid):
    """Money that is no tranche and no repayment."""

    source: Name = Field(description="From whom.")
    held_in: Place = "bank"

    example: ClassVar[dict[str, Any]] = {
        "source": "Union Council Dasori",
        "amount": "50000.00",
        "effective_on": "2018-03-12",
        "held_in": "bank",
        "receipt_no": "R-77",
    }

    def command(self, fund: str, new_id: str) -> funding.MoneyIn:
        return funding.MoneyIn(
            self.id or new_id,
            fund,
            self.amount_minor,
            self.effective_on,
            self.source,
            self.held_in,
            self.papers,
            self.note,
        )


class ExpenseSaid(AmountSaid):
    """An operating expense."""

    purpose: Name = Field(description="What for.")
    paid_from: Place = "cash"

    example: ClassVar[dict[str, Any]] = {
        "purpose": "Stationery for recovery sheets",
        "amount": "1200.00",
        "effective_on": "2019-02-04",
        "paid_from": "cash",
        "voucher_no": "CPV-31",
    }

    def command(self, fund: str, new_id: str) -> funding.MoneyOut:
        return funding.MoneyOut(
            self.id or new_id,
            fund,
            self.amount_minor,
            self.effective_on,
            self.purpose,
            self.paid_from,
            self.papers,
            self.note,
        )


class AllowanceSaid(AmountSaid):
    """A provision against loans that may be lost, or the release of one that is no longer needed."""

    release: bool = Field(default=False, description="Whether the allowance becomes smaller.")
    resolution_no: PaperNo
    reason: Name

    example: ClassVar[dict[str, Any]] = {
        "amount": "60000.00",
        "effective_on": "2022-09-30",
        "release": False,
        "resolution_no": "R-44",
        "reason": "Flood of August: loans of four villages",
    }

    def command(self, fund: str, new_id: str) -> AllowanceChange:
        return AllowanceChange(
            self.id or new_id,
            fund,
            self.amount_minor,
            self.effective_on,
            self.resolution_no,
            self.reason,
            self.release,
            self.papers,
            self.note,
        )


class TransferSaid(AmountSaid):
    """Money that changes hands within the fund: banked, drawn, handed over by a custodian or to her."""

    paid_from: Place
    held_in: Place

    example: ClassVar[dict[str, Any]] = {
        "paid_from": "cash",
        "held_in": "bank",
        "amount": "85000.00",
        "effective_on": "2021-11-01",
        "voucher_no": "CV-212",
    }

    def command(self, fund: str, new_id: str) -> funding.Transfer:
        return funding.Transfer(
            self.id or new_id,
            fund,
            self.amount_minor,
            self.effective_on,
            self.paid_from,
            self.held_in,
            self.papers,
            self.note,
        )


class TrancheShown(Answer):
    """A tranche: released by the RSP, and received by the LSO once `received_on` is there."""

    number: int
    released_on: date
    received_on: date | None
    amount: MoneyText

    example: ClassVar[dict[str, Any]] = {
        "number": 1,
        "released_on": "2016-12-01",
        "received_on": "2016-12-05",
        "amount": "2000000.00",
    }


class AgreementShown(Answer):
    """A sub-grant agreement, and how far its money has come."""

    number: str
    signed_on: date
    amount: MoneyText
    released: MoneyText
    received: MoneyText
    tranches: list[TrancheShown]

    example: ClassVar[dict[str, Any]] = {
        "number": "SRSO-DAS-2016-04",
        "signed_on": "2016-11-15",
        "amount": "4000000.00",
        "released": "2000000.00",
        "received": "2000000.00",
        "tranches": [TrancheShown.example],
    }


class AgreementList(Answer):
    """The agreements of a fund by the day they were signed."""

    fund: str
    currency: str
    items: list[AgreementShown]

    example: ClassVar[dict[str, Any]] = {"fund": "CIF", "currency": "PKR", "items": [AgreementShown.example]}


class FundingRecorded(Answer):
    """A fact about the fund's money in the book, and what it posted."""

    event: EventShown
    fund: str
    amount: MoneyText
    postings: list[PostingShown]

    example: ClassVar[dict[str, Any]] = {
        "event": {
            **EventShown.example,
            "id": EVENT_ID,
            "seq": 3,
            "kind": "tranche_received",
            "effective_on": "2016-12-05",
            "recorded_at": RECORDED_AT,
            "receipt_no": "R-1",
        },
        "fund": "CIF",
        "amount": "4000000.00",
        "postings": [
            {"effective_on": "2016-12-05", "debit": "CIF.1020", "credit": "CIF.3010.1", "amount": "4000000.00"}
        ],
    }


class ExpenseRecorded(FundingRecorded):
    """An expense in the book; `warning` says where it takes of what the fund keeps."""

    warning: str | None = Field(
        description="How much is short of the reserve and of what is committed to approved loans; null: nothing."
    )

    example: ClassVar[dict[str, Any]] = {
        **FundingRecorded.example,
        "event": {
            **EventShown.example,
            "id": EVENT_ID,
            "kind": "expense_paid",
            "effective_on": "2021-06-30",
            "receipt_no": None,
            "voucher_no": "CPV-83",
        },
        "amount": "1200.00",
        "postings": [{"effective_on": "2021-06-30", "debit": "CIF.5010", "credit": "CIF.1010", "amount": "1200.00"}],
        "warning": "Cash and bank of the fund CIF are 1200.00 short, on 2021-06-30 or later, of what is kept: "
        "36000.00 for 2 approved loans, and a reserve of 0.00.",
    }
