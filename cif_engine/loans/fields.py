"""How the fields of the terms are written: amounts, percentages, days and frequencies, each with its JSON schema.

Every reader refuses with the code and words of the rule that was broken, beside the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, TypeVar

from pydantic import BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from cif_engine.dates import Frequency, MonthDay, parse_date
from cif_engine.errors import CifError
from cif_engine.money import format_amount, parse_amount

HIGHEST_PERCENT: Final = 100

Value = TypeVar("Value")

_PERCENT = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?")


def _reported(read: Callable[[object], Value]) -> Callable[[object], Value]:
    """Let pydantic report what `read` refuses, beside the field, with the same code and words."""

    def reader(written: object) -> Value:
        try:
            return read(written)
        except CifError as refusal:
            raise PydanticCustomError(refusal.code, "{detail}", {"detail": refusal.detail}) from refusal

    return reader


def _read_positive_amount(written: object) -> int:
    amount_minor = parse_amount(written)
    if amount_minor == 0:
        raise PydanticCustomError("amount_zero", "This amount is above zero.")
    return amount_minor


def _read_percent(written: object) -> Decimal:
    if type(written) is Decimal:
        written = format(written, "f")
    elif type(written) is int:
        written = str(written)
    if type(written) is not str or not _PERCENT.fullmatch(written):
        raise PydanticCustomError("percent_unreadable", 'A percentage is written as a decimal string such as "8.5".')
    percent = Decimal(written)
    if not 0 < percent <= HIGHEST_PERCENT:
        raise PydanticCustomError(
            "percent_out_of_range", "A percentage is above 0 and at most 100; no charge is the kind `none`."
        )
    return _shortest(percent)


def _shortest(percent: Decimal) -> Decimal:
    """Drop trailing zeros, so that equal percentages are written alike."""
    return Decimal(format(percent.normalize(), "f"))


def _read_frequency(written: object) -> Frequency:
    return written if isinstance(written, Frequency) else Frequency.parse(written)


def _read_month_day(written: object) -> MonthDay:
    return written if isinstance(written, MonthDay) else MonthDay.parse(written)


# What the readers accept, told to whoever reads the contract.
_AMOUNT_PATTERN = r"^(?!0(\.0{1,2})?$)(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$"
_PERCENT_PATTERN = r"^((?!0(\.0{1,6})?$)(0|[1-9][0-9]?)(\.[0-9]{1,6})?|100(\.0{1,6})?)$"
_FREQUENCY_PATTERN = (
    "^(weekly|fortnightly|monthly|quarterly"
    "|([1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-6]) days?|([1-9]|[1-5][0-9]|60) months?)$"
)
_MONTH_DAY_PATTERN = "^((0[1-9]|1[0-2])-(0[1-9]|[12][0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)$"

AmountMinor = Annotated[
    int,
    PlainValidator(_reported(_read_positive_amount)),
    PlainSerializer(format_amount, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": _AMOUNT_PATTERN},
                {"type": "integer", "minimum": 1, "maximum": 10**13},
            ],
            "examples": ["500.00"],
        }
    ),
]
Percent = Annotated[
    Decimal,
    PlainValidator(_read_percent),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": _PERCENT_PATTERN},
                {"type": "integer", "minimum": 1, "maximum": HIGHEST_PERCENT},
            ],
            "examples": ["8.5"],
        }
    ),
]
BusinessDay = Annotated[date, BeforeValidator(_reported(parse_date))]
HowOften = Annotated[
    Frequency,
    PlainValidator(_reported(_read_frequency)),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _FREQUENCY_PATTERN,
            "examples": ["monthly", "10 days"],
        }
    ),
]
DayOfYear = Annotated[
    MonthDay,
    PlainValidator(_reported(_read_month_day)),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _MONTH_DAY_PATTERN, "examples": ["04-30"]}),
]
