"""Rule sets, said and shown."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.fields import Answer, Day, OneLine, Said
from api.models.network import Remarks
from api.models.recorded import RECORDED_AT
from cif_engine.portfolio.classification import (
    LONGEST_CLASS_NAME,
    MOST_BANDS,
    MOST_DAYS,
    RATE_DECIMALS,
    ClassBand,
    Comparator,
    RuleSet,
)
from cif_engine.rules import CODE_PATTERN, LONGEST_NAME

_RATE_PATTERN: Final = rf"^(0(\.[0-9]{{1,{RATE_DECIMALS}}})?|1(\.0{{1,{RATE_DECIMALS}}})?)$"
_RATE: Final = re.compile(_RATE_PATTERN)


def _read_rate(written: object) -> Decimal:
    if not isinstance(written, str) or not _RATE.fullmatch(written):
        message = 'A rate is a share from "0" to "1", written as a decimal string with at most {decimals} decimals.'
        raise PydanticCustomError("rate_unreadable", message, {"decimals": RATE_DECIMALS})
    return Decimal(written)


RuleSetCode = Annotated[str, StringConstraints(strict=True, pattern=f"^{CODE_PATTERN}$")]
RateSaid = Annotated[
    Decimal,
    PlainValidator(_read_rate),
    WithJsonSchema({"type": "string", "pattern": _RATE_PATTERN, "examples": ["0.25"]}),
]
DaysLate = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)]
ComparatorSaid = Literal[">", ">="]


class BandSaid(Said):
    """The class of loans late from so many days to so many, both included."""

    name: Annotated[str, OneLine(LONGEST_CLASS_NAME)]
    days_from: DaysLate
    days_to: DaysLate | None = Field(None, description="Null, or left out: or longer. Of the last band alone.")
    rate: RateSaid | None = Field(
        None,
        description="The share of outstanding principal to provide for. Null, or left out: the set gives no rates.",
    )

    def value(self) -> ClassBand:
        """Return it."""
        return ClassBand(self.name, self.days_from, self.days_to, self.rate)


class RuleSetSaid(Said):
    """A version of a rule set: a new set begins with number 1, the next version of one has the next number."""

    code: RuleSetCode
    number: Annotated[int, Field(strict=True, ge=1, le=10**9)]
    name: Annotated[str, OneLine(LONGEST_NAME)]
    effective_from: Day = Field(description="The first day whose reports go by it; it may be past.")
    comparator: ComparatorSaid = Field(description="Whether late over n days is more than n, or n and more.")
    bands: Annotated[list[BandSaid], Field(min_length=1, max_length=MOST_BANDS)] = Field(
        description="From 0 days on, without a gap, the last one open. Rates for all of them, or for none."
    )
    remark: Remarks = ""

    example: ClassVar[dict[str, Any]] = {
        "code": "community",
        "number": 2,
        "name": "Community default of 2026",
        "effective_from": "2026-07-01",
        "comparator": ">",
        "bands": [
            {"name": "Current", "days_from": 0, "days_to": 0, "rate": "0.01"},
            {"name": "Late", "days_from": 1, "days_to": 90, "rate": "0.20"},
            {"name": "Doubtful", "days_from": 91, "days_to": 180, "rate": "0.50"},
            {"name": "Loss", "days_from": 181, "days_to": None, "rate": "1"},
        ],
        "remark": "Resolution 14 of the board.",
    }

    def value(self) -> RuleSet:
        """Return it; raises RuleSetUnsoundError."""
        return RuleSet(
            code=self.code,
            number=self.number,
            name=self.name,
            effective_from=self.effective_from,
            comparator=Comparator(self.comparator),
            bands=tuple(band.value() for band in self.bands),
            remark=self.remark,
        )


class ClassBandShown(Answer):
    """The class of loans late from so many days to so many; `days_to` null: or longer."""

    name: str
    days_from: int
    days_to: int | None
    rate: str | None = Field(description="The share to provide for; null: the rule set gives no rates.")


class RuleSetVersionShown(Answer):
    """One version of a rule set."""

    number: int
    name: str
    effective_from: date
    comparator: ComparatorSaid
    bands: list[ClassBandShown]
    remark: str
    recorded_at: str | None = Field(description="Null: it came with the engine, and counts in every report.")
    recorded_by: str | None


class RuleSetShown(Answer):
    """A rule set with all its versions. A yardstick: no LSO is bound by it."""

    code: str
    as_of: date
    in_force: int | None = Field(description="The number of the version in force on the day; null where none is.")
    versions: list[RuleSetVersionShown]

    example: ClassVar[dict[str, Any]] = {
        "code": "community",
        "as_of": "2026-07-31",
        "in_force": 2,
        "versions": [
            {
                **{name: value for name, value in RuleSetSaid.example.items() if name != "code"},
                "recorded_at": RECORDED_AT,
                "recorded_by": "setup",
            }
        ],
    }
