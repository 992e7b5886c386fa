"""The definitions of all figures, as they are told."""

from __future__ import annotations

from cif_engine.operations.views import View
from cif_engine.portfolio.defining import Definition
from cif_engine.portfolio.definitions import DEFINITIONS, definition


def every_definition() -> View:
    """Return all definitions, in the order in which people read them."""
    return {"items": [definition_view(defined) for defined in DEFINITIONS.values()]}


def one_definition(figure: str) -> View:
    """Return the definition of the figure of this id; raises NotFoundError."""
    return definition_view(definition(figure))


def definition_view(defined: Definition) -> View:
    """Return a definition with its worked example."""
    return {
        "id": defined.id,
        "section": defined.section.value,
        "title": defined.title,
        "definition": defined.words,
        "numerator": defined.numerator,
        "denominator": defined.denominator,
        "unit": defined.unit.value,
        "source": defined.source,
        "worked_example": {
            "words": defined.example.words,
            "parts": [{"name": name, "value": value} for name, value in defined.example.parts],
            "result": defined.example.result,
        },
        "notes": list(defined.notes),
    }
