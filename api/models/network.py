"""What all records of the network have in common: codes, counts, amounts, and the shape of a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import ConfigDict, Field, PlainValidator, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from api.fields import Answer, Day, OneLine, Said
from cif_engine.errors import CifError
from cif_engine.money import parse_amount
from cif_engine.network import checks


def checked(check: Callable[[str], str | None]) -> PlainValidator:
    """Read text as the engine checks it, and refuse in its words: a pattern tells an accountant nothing."""

    def read(written: object) -> str | None:
        if not isinstance(written, str):
            raise PydanticCustomError("type_mismatch", "This is text.")
        try:
            return check(written)
        except CifError as refusal:
            raise PydanticCustomError(refusal.code, "{detail}", {"detail": refusal.detail}) from refusal

    return PlainValidator(read)


Code = Annotated[
    str,
    checked(checks.check_code),
    WithJsonSchema({"type": "string", "pattern": f"^{checks.CODE_PATTERN}$"}),
]
Name = Annotated[str, OneLine(checks.LONGEST_NAME)]
Remarks = Annotated[str, StringConstraints(strict=True, max_length=checks.LONGEST_REMARKS)]
Count = Annotated[int, Field(strict=True, ge=0, le=checks.HIGHEST_COUNT)]
PovertyScore = Annotated[int, Field(strict=True, ge=0, le=checks.HIGHEST_POVERTY_SCORE)]
Cycle = Annotated[int, Field(strict=True, ge=1, le=checks.HIGHEST_COUNT)]
Version = Annotated[int, Field(ge=1, description="Also the ETag; send it as If-Match to change the record.")]

EXAMPLE_ID: Final = "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a"

UNCHANGED: Any = None
"""The default of fields that a change may leave out; only those that were sent count."""


def _read_amount(written: object) -> int:
    try:
        return parse_amount(written)
    except CifError as refusal:
        raise PydanticCustomError(refusal.code, "{detail}", {"detail": refusal.detail}) from refusal


AmountOrNothing = Annotated[
    int,
    PlainValidator(_read_amount),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$"},
                {"type": "integer", "minimum": 0, "maximum": 10**13},
            ],
            "examples": ["50000.00"],
        }
    ),
]
"""An amount that may be zero."""


def _without_defaults(schema: dict[str, Any]) -> None:
    """Tell readers of the contract that a field left out stays as it is, rather than becoming a default."""
    schema["minProperties"] = 1
    for field in schema["properties"].values():
        field.pop("default", None)


class ChangeSaid(Said):
    """Only the fields that are sent change; null makes unknown what may be unknown."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("nothing_to_change", "A change names at least one field.")
        return self

    @property
    def changes(self) -> Mapping[str, Any]:
        """The fields that were sent, by the names of the engine."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class DatedChangeSaid(ChangeSaid):
    """Some of the fields change from a day on."""

    effective_on: Day = Field(
        UNCHANGED, description="The first day on which the change holds, today or before; left out: today."
    )

    @property
    def changes(self) -> Mapping[str, Any]:
        """The fields that were sent, but the day."""
        return {name: value for name, value in super().changes.items() if name != "effective_on"}


class RenameSaid(ChangeSaid):
    """Another name."""

    name: Name = UNCHANGED

    example: ClassVar[dict[str, Any]] = {"name": "Thardeep Rural Development Programme"}


class Record(Answer):
    """What every record shows."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    version: Version
