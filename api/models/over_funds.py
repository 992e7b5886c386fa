"""What reports over many funds share."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from api.fields import Answer
from api.models.coverage import CoverageFigures
from api.models.portfolio import KnownMoment
from api.models.recorded import RECORDED_AT
from cif_engine.portfolio.cuts import Cut


class OverFunds(Answer):
    """What was known, how funds are cut and narrowed, and on what the figures rest."""

    known_at: KnownMoment
    currency: str
    by: list[Cut]
    only: dict[str, list[str]] = Field(description="The values that the funds are narrowed to, by cut.")
    coverage: CoverageFigures | None = Field(
        description="On what the figures rest: books, reported totals, nothing; they count the books alone. Null where "
        "they are narrowed to funds."
    )


OVER_FUNDS: Final[dict[str, Any]] = {
    "known_at": RECORDED_AT,
    "currency": "PKR",
    "by": ["funder"],
    "only": {},
    "coverage": CoverageFigures.example,
}
"""The example of all of them."""
