"""What figures count, as it is told."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from api.fields import Answer
from cif_engine.operations.definitions import one_definition
from cif_engine.portfolio.defining import Section, Unit


class ExamplePartShown(Answer):
    """One amount of a worked example."""

    name: str
    value: str


class WorkedExampleShown(Answer):
    """A figure worked out, in rupees. Of a share the parts are numerator and denominator; amounts sum to the result."""

    words: str
    parts: list[ExamplePartShown]
    result: str


class DefinitionShown(Answer):
    """What a figure counts. Figures in reports name it by its `id`, in their field `definition`."""

    id: str
    section: Section
    title: str
    definition: str
    numerator: str | None = Field(description="Of shares, in words or as the id of another figure; null for others.")
    denominator: str | None = Field(description="As the numerator.")
    unit: Unit = Field(description="`amounts` are several that sum to one; `shares` are several of one amount.")
    source: str = Field(description="The practice of the field that it follows.")
    worked_example: WorkedExampleShown
    notes: list[str] = Field(description="What it is not to be confused with.")

    example: ClassVar[dict[str, Any]] = one_definition("arrears_rate")


class DefinitionsShown(Answer):
    """What every figure counts, in the order in which people read them."""

    items: list[DefinitionShown]

    example: ClassVar[dict[str, Any]] = {"items": [DefinitionShown.example]}
