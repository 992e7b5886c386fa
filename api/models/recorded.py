"""What requests and answers about recorded facts have in common."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from api.fields import AmountMinor, Answer, Day, Id, OneLine, Said
from cif_engine.ledger.events import Papers

EVENT_ID: Final = "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a"
RECORDED_AT: Final = "2021-11-02T06:14:55.120431Z"

Note = Annotated[str, OneLine(500)]
PaperNo = Annotated[str, OneLine(64)]
Name = Annotated[str, OneLine(200)]
MoneyText = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["1500.00"])]
"""An amount as answers write it: always with two decimals."""


class FactSaid(Said):
    """What every fact says: the day it happened, and the numbers on its paper, unique in the book per kind of fact."""

    id: Id | None = Field(None, description="A UUID of the caller's making; one is made when it is left out.")
    effective_on: Day = Field(description="The day it happened, not after today.")
    receipt_no: PaperNo | None = None
    voucher_no: PaperNo | None = None
    external_id: PaperNo | None = Field(None, description="The number of the fact in the caller's own system.")
    replaces: Id | None = Field(
        None, description="The id of the reversed fact of the same kind that this one corrects, where it does."
    )
    note: Note | None = None

    @property
    def papers(self) -> Papers:
        """The numbers, and the fact it replaces, as the book keeps them."""
        return Papers(self.receipt_no, self.voucher_no, self.external_id, self.replaces)


class AmountSaid(FactSaid):
    """A fact with an amount of money."""

    amount_minor: AmountMinor = Field(alias="amount")


class EventShown(Answer):
    """A fact at its place in the book."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    seq: int = Field(ge=1, description="Its number in the book, without gaps.")
    kind: str
    effective_on: date
    recorded_at: str = Field(description="The moment it was recorded; send it as known_at to see the book of then.")
    recorded_by: str = Field(description="The name of the key that recorded it.")
    receipt_no: str | None
    voucher_no: str | None
    external_id: str | None
    replaces: str | None = Field(description="The id of the reversed fact that this one corrects.")
    hash: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 over this event and the hash before it.")

    example: ClassVar[dict[str, Any]] = {
        "id": EVENT_ID,
        "seq": 1412,
        "kind": "repayment_received",
        "effective_on": "2021-10-31",
        "recorded_at": RECORDED_AT,
        "recorded_by": "dasori-accountant",
        "receipt_no": "R-2210",
        "voucher_no": None,
        "external_id": None,
        "replaces": None,
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }


class PostingShown(Answer):
    """Money moved between two accounts: debit grows what the fund has or spends, credit what it owes or earns."""

    effective_on: date
    debit: str
    credit: str
    amount: MoneyText

    example: ClassVar[dict[str, Any]] = {
        "effective_on": "2021-10-31",
        "debit": "CIF.1010",
        "credit": "CIF.1100",
        "amount": "1500.00",
    }
