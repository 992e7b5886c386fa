"""What a fund was given, as reported, and what was disbursed from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cif_engine.reported import measures as of
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.printed import Printed

WITHOUT_LENDING: Final = "It takes the amount disbursed, and the sub-grant or other capital."
"""Why a check could not be made of figures without `lending`."""


@dataclass(frozen=True, slots=True)
class Lending:
    """What was disbursed, and from which capital: as far as it is stated, and the most that it may be."""

    disbursed: Printed
    capital: int
    capital_at_most: int


def lending(figures: FigureSet) -> Lending | None:
    """Return what was disbursed from which capital; None where either is not stated."""
    disbursed, capital = figures.get(of.DISBURSED), capital_stated(figures)
    return Lending(disbursed, capital, capital_at_most(figures)) if disbursed is not None and capital else None


def capital_stated(figures: FigureSet) -> int:
    """Return what the fund was given, as far as it is stated; 0 where nothing is."""
    return sum(amount.known for amount in _given(figures))


def capital_at_most(figures: FigureSet) -> int:
    """Return the most that may have been given: 5 million, rounded to the million, may be 6."""
    return sum(amount.most for amount in _given(figures))


def _given(figures: FigureSet) -> list[Printed]:
    return [amount for measure in (of.SUB_GRANT, of.CONTRIBUTIONS) if (amount := figures.get(measure)) is not None]
