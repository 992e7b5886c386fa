"""Types of single fields: read strictly, told to the OpenAPI document, reported with our own codes.

Amounts and business days are the engine's own (`AmountMinor`, `BusinessDay`); here are the ones only the doors need.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, PlainValidator, StringConstraints, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from cif_engine.dates import LATEST_DAY, parse_date
from cif_engine.errors import CifError
from cif_engine.loans.fields import AmountMinor
from cif_engine.moments import to_micros

__all__ = ["AmountMinor", "Answer", "Code", "Day", "Id", "Moment", "OneLine", "Said"]

EARLIEST_FACT: Final = date(1990, 1, 1)
"""Before any Rural Support Programme's community investment fund; an earlier date is a slip of the pen."""

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_NOT_IN_A_LINE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories: controls (NUL among them), lone surrogates, separators of lines and paragraphs."""


class Said(BaseModel):
    """What a request says: nothing is guessed from another type, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Answer(BaseModel):
    """What an answer says. Models of answers document; the engine writes the bytes itself, and tests compare."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class OneLine:
    """Marks text of one line, in any script: trimmed, normalised (NFC), 1 to `most` characters."""

    most: int

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        """Check with `read`."""
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Tell the limits."""
        return {"type": "string", "minLength": 1, "maxLength": self.most, "pattern": r"\S"}

    def read(self, written: object) -> str:
        """Return the text as it is kept."""
        if not isinstance(written, str):
            raise PydanticCustomError("type_mismatch", "This is text.")
        text = unicodedata.normalize("NFC", written).strip()
        if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in text):
            raise PydanticCustomError("text_with_controls", "Text has no control characters and no line breaks.")
        if not text:
            raise PydanticCustomError("text_too_short", "Text has at least one character that shows.")
        if len(text) > self.most:
            raise PydanticCustomError("text_too_long", "Text has at most {most} characters.", {"most": self.most})
        return text


def _read_id(written: object) -> str:
    if not isinstance(written, str) or not _UUID.fullmatch(written):
        raise PydanticCustomError("id_unreadable", "An id is a UUID of 36 characters.")
    return written.lower()


def _read_day(written: object) -> date:
    try:
        day = parse_date(written)
    except CifError as refusal:
        raise PydanticCustomError(refusal.code, "{detail}", {"detail": refusal.detail}) from refusal
    if day < EARLIEST_FACT:
        message = "The date is before {earliest}."
        raise PydanticCustomError("date_out_of_range", message, {"earliest": EARLIEST_FACT.isoformat()})
    return day


def _read_moment(written: object) -> int:
    try:
        if isinstance(written, str) and _MOMENT.fullmatch(written):
            return max(to_micros(datetime.fromisoformat(written)), 0)
    except (ValueError, OverflowError):
        pass
    message = "A moment is RFC 3339 with an offset, 2024-06-30T18:59:59Z; in an address the + of an offset is %2B."
    raise PydanticCustomError("moment_unreadable", message)


_MOMENT_SCHEMA: dict[str, Any] = {"type": "string", "format": "date-time", "examples": ["2024-06-30T18:59:59Z"]}
_DAY_SCHEMA: dict[str, Any] = {
    "type": "string",
    "format": "date",
    "examples": ["2021-10-31"],
    "description": f"A business date from {EARLIEST_FACT} to {LATEST_DAY}, in the calendar of the office.",
}

Id = Annotated[str, PlainValidator(_read_id), WithJsonSchema({"type": "string", "format": "uuid"})]
"""A UUID; in Python its lower-case text."""

Day = Annotated[date, PlainValidator(_read_day), WithJsonSchema(_DAY_SCHEMA)]
"""A business date."""

Moment = Annotated[int, PlainValidator(_read_moment), WithJsonSchema(_MOMENT_SCHEMA)]
"""A moment; in Python microseconds since 1970. Nothing was known before: an earlier one is the beginning."""

CODE_PATTERN: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$"
Code = Annotated[str, StringConstraints(strict=True, pattern=CODE_PATTERN)]
"""A code or number that people read and that stands in addresses: `DAS`, `CIF`, `DAS-2021-00731`."""
