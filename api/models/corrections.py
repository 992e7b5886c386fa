"""Corrections: the reversal of a fact, said and shown, and an event with all that corrected it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from api.fields import AmountMinor, Answer, Day, Id, Said
from api.models.books import FedEvent
from api.models.loans import InstalmentShown, LoanFactRecorded
from api.models.recorded import EVENT_ID, EventShown, Name, Note, PaperNo, PostingShown
from api.models.repayments import Channel, StandingShown
from api.models.tranche_rules import TrancheDrawn
from cif_engine.kinds import Kind
from cif_engine.ledger.events import Papers
from cif_engine.operations.replacing import Correction
from cif_engine.operations.reversals import Reversal

_REVERSAL_ID = "0197d3a2-6c20-7c3e-9a4d-1f2e3d4c5b6a"
_REPLACEMENT_ID = "0197d3a2-6d31-7c3e-9a4d-1f2e3d4c5b6a"


class MistakeSaid(Said):
    """That a fact was a mistake, and why."""

    id: Id | None = Field(None, description="A UUID for the reversal; one is made when it is left out.")
    reason: Name = Field(description="Why it was a mistake.")
    resolution_no: PaperNo | None = None
    note: Note | None = None


class ReversalSaid(MistakeSaid):
    """That a fact was a mistake. It is undone from the day on which it is said to have happened."""

    voucher_no: PaperNo | None = None
    external_id: PaperNo | None = Field(None, description="The number of the reversal in the caller's own system.")
    whole_moratorium: bool = Field(
        default=False,
        strict=True,
        description="With the pause of one loan, undo those of all loans that the same moratorium granted.",
    )

    example: ClassVar[dict[str, Any]] = {"reason": "The receipt is of another member", "resolution_no": "R-31"}

    def command(self, event: str, new_id: str) -> Reversal:
        papers = Papers(voucher_no=self.voucher_no, external_id=self.external_id)
        whole = self.whole_moratorium
        return Reversal(self.id or new_id, event, self.reason, self.resolution_no, papers, self.note, whole)


class CorrectionSaid(MistakeSaid):
    """What is right of a fact that was typed wrong; what is left out stays as it was."""

    replacement_id: Id | None = Field(None, description="A UUID for the right fact; one is made when it is left out.")
    amount_minor: AmountMinor | None = Field(None, alias="amount")
    effective_on: Day | None = Field(None, description="The day it really happened, not after today.")
    channel: Channel | None = None
    receipt_no: PaperNo | None = None
    voucher_no: PaperNo | None = None
    external_id: PaperNo | None = Field(None, description="The number of the right fact in the caller's own system.")

    example: ClassVar[dict[str, Any]] = {"reason": "500 was typed as 5,000", "amount": "500.00"}

    def correction(self, event: str, new_id: str, other_new_id: str) -> Correction:
        """Return the command, under its own ids or under the new ones."""
        return Correction(
            id=self.id or new_id,
            replacement_id=self.replacement_id or other_new_id,
            event=event,
            reason=self.reason,
            resolution_no=self.resolution_no,
            amount_minor=self.amount_minor,
            effective_on=self.effective_on,
            channel=self.channel,
            papers=Papers(self.receipt_no, self.voucher_no, self.external_id),
            note=self.note,
        )


class ReversedEvent(Answer):
    """The event that was reversed."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    seq: int = Field(ge=1)
    kind: Kind
    effective_on: date
    recorded_by: str = Field(description="Another than who reversed it.")

    example: ClassVar[dict[str, Any]] = {
        "id": EVENT_ID,
        "seq": 1412,
        "kind": "repayment_received",
        "effective_on": "2021-10-31",
        "recorded_by": "dasori-accountant",
    }


class ReversedShown(Answer):
    """One reversal in the book, and what it posted."""

    event: EventShown
    reversed: ReversedEvent
    loan: str | None = Field(description="The loan whose fact it was; nothing for a fact of a fund.")
    loan_id: str | None
    standing: StandingShown | None = Field(
        description="Where the loan stands without the fact; nothing where the right one took its place in one act."
    )
    schedule: list[InstalmentShown]
    postings: list[PostingShown]

    example: ClassVar[dict[str, Any]] = {
        "event": {
            **EventShown.example,
            "id": _REVERSAL_ID,
            "seq": 1420,
            "kind": "fact_reversed",
            "recorded_by": "dasori-manager",
            "receipt_no": None,
        },
        "reversed": ReversedEvent.example,
        "loan": "DAS-2021-00731",
        "loan_id": "0197d3a2-7777-7c3e-9a4d-1f2e3d4c5b6a",
        "standing": StandingShown.example,
        "schedule": [InstalmentShown.example],
        "postings": [
            {"effective_on": "2021-10-31", "debit": "CIF.1100", "credit": "CIF.1010", "amount": "1500.00"},
        ],
    }


class ReversalRecorded(ReversedShown):
    """A reversal in the book; `together` are the reversals of what had been recorded as one with the fact."""

    together: list[ReversedShown]

    example: ClassVar[dict[str, Any]] = {**ReversedShown.example, "together": []}


class CorrectionRecorded(LoanFactRecorded):
    """The right fact in the book with the difference it posted, and beside it the reversal of the wrong one."""

    tranches: list[TrancheDrawn] | None = Field(
        description="Of a disbursement: which tranches pay for it now, and what their rules found; null: the fund has "
        "no rules, or the fact is another."
    )
    reversal: ReversedShown

    example: ClassVar[dict[str, Any]] = {
        **LoanFactRecorded.example,
        "tranches": None,
        "event": {
            **EventShown.example,
            "id": _REPLACEMENT_ID,
            "seq": 1421,
            "recorded_by": "dasori-manager",
            "replaces": EVENT_ID,
        },
        "reversal": {**ReversedShown.example, "standing": None, "schedule": [], "postings": []},
    }


class EventNamed(Answer):
    """An event that has to do with another."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    seq: int = Field(ge=1)
    kind: Kind
    effective_on: date
    holds: bool

    example: ClassVar[dict[str, Any]] = {
        "id": _REVERSAL_ID,
        "seq": 1420,
        "kind": "fact_reversed",
        "effective_on": "2021-10-31",
        "holds": True,
    }


class EventFile(Answer):
    """An event, and what it corrects and what corrected it."""

    lso: str
    event: FedEvent
    holds: bool = Field(description="Whether it counts: it is not reversed, or its reversal is reversed itself.")
    reverses: EventNamed | None
    reversed_by: list[EventNamed]
    replaces: EventNamed | None = Field(description="The reversed event that this one corrects.")
    replaced_by: list[EventNamed]

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "event": FedEvent.example,
        "holds": False,
        "reverses": None,
        "reversed_by": [EventNamed.example],
        "replaces": None,
        "replaced_by": [{**EventNamed.example, "id": _REPLACEMENT_ID, "seq": 1421, "kind": "repayment_received"}],
    }
