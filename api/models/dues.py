"""Dues beside the schedule: fees, penalties and what is forgiven, said and shown."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import Field, PlainValidator, TypeAdapter, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from api.fields import Day
from api.models.loans import LoanFactRecorded, ResolvedSaid, example_of_fact
from api.models.network import AmountOrNothing
from api.models.recorded import AmountSaid, Name
from api.models.repayments import StandingShown, WaivedShown
from cif_engine.errors import FieldMissingError
from cif_engine.kinds import Kind
from cif_engine.operations.dues import EVERYTHING, Fee, Waiver

ALL: Final = "all"
_AMOUNT: Final[TypeAdapter[int]] = TypeAdapter(AmountOrNothing)


def _read_forgiven(written: object) -> int:
    return EVERYTHING if written == ALL else _AMOUNT.validate_python(written)


_FORGIVEN_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [*_AMOUNT.json_schema()["anyOf"], {"const": ALL}],
    "description": "At most so much of what is unpaid then, the oldest first; `all`: whatever is unpaid then.",
    "examples": [ALL, "120.00"],
}
Forgiven = Annotated[int, PlainValidator(_read_forgiven), WithJsonSchema(_FORGIVEN_SCHEMA)]
"""An amount, or all there is."""

_NOTHING: Final[dict[str, Any]] = {"default": "0.00"}


class DueSaid(AmountSaid):
    """What the borrower owes beside principal and service charge."""

    name: Name = Field(description="What it is for.")
    due_on: Day | None = Field(None, description="Left out: the day it is charged.")

    def _command(self, loan: str, new_id: str, *, penalty: bool) -> Fee:
        return Fee(
            self.id or new_id,
            loan,
            self.name,
            self.amount_minor,
            self.effective_on,
            self.due_on,
            penalty,
            self.papers,
            self.note,
        )


class FeeSaid(DueSaid):
    """A fee."""

    example: ClassVar[dict[str, Any]] = {
        "name": "Documents",
        "amount": "150.00",
        "effective_on": "2021-06-01",
        "due_on": "2021-07-01",
    }

    def command(self, loan: str, new_id: str) -> Fee:
        return self._command(loan, new_id, penalty=False)


class PenaltySaid(DueSaid):
    """A penalty."""

    example: ClassVar[dict[str, Any]] = {
        "name": "Late instalment of September",
        "amount": "120.00",
        "effective_on": "2021-10-15",
    }

    def command(self, loan: str, new_id: str) -> Fee:
        return self._command(loan, new_id, penalty=True)


class FeeRecorded(LoanFactRecorded):
    """A fee in the book."""

    example: ClassVar[dict[str, Any]] = example_of_fact(
        Kind.FEE_CHARGED,
        "2021-06-01",
        "dasori-accountant",
        amount="150.00",
        standing={**StandingShown.example, "outstanding_fees": "150.00"},
    )


class PenaltyRecorded(LoanFactRecorded):
    """A penalty in the book."""

    example: ClassVar[dict[str, Any]] = example_of_fact(
        Kind.PENALTY_CHARGED,
        "2021-10-15",
        "dasori-accountant",
        amount="120.00",
        standing={**StandingShown.example, "outstanding_penalties": "120.00"},
    )


class WaiverSaid(ResolvedSaid):
    """What the committee forgives of penalties, fees and service charge. Principal is written off, never waived."""

    penalty_minor: Forgiven = Field(0, alias="penalty", json_schema_extra=_NOTHING)
    fee_minor: Forgiven = Field(0, alias="fee", json_schema_extra=_NOTHING)
    charge_minor: Forgiven = Field(0, alias="charge", json_schema_extra=_NOTHING)

    example: ClassVar[dict[str, Any]] = {
        "penalty": ALL,
        "resolution_no": "RES-2021-41",
        "reason": "The road was closed by the flood",
        "effective_on": "2021-10-31",
    }

    @model_validator(mode="after")
    def _forgives_something(self) -> Self:
        if not (self.penalty_minor or self.fee_minor or self.charge_minor):
            raise PydanticCustomError(FieldMissingError.code, "Name what is forgiven: `penalty`, `fee` or `charge`.")
        return self

    def command(self, loan: str, new_id: str) -> Waiver:
        return Waiver(
            self.id or new_id,
            loan,
            self.effective_on,
            self.resolution_no,
            self.reason,
            self.penalty_minor,
            self.fee_minor,
            self.charge_minor,
            self.papers,
            self.note,
        )


class WaiverRecorded(LoanFactRecorded):
    """A waiver in the book, with what it came to."""

    example: ClassVar[dict[str, Any]] = example_of_fact(
        Kind.DUES_WAIVED, "2021-10-31", "dasori-manager", waived=WaivedShown.example
    )
