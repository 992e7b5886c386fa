"""Figures that were reported together: of one programme, LSO or settlement, as of one day, from one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cif_engine.reported.measures import Measure
from cif_engine.reported.printed import Printed


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure."""

    measure: Measure
    printed: Printed


@dataclass(frozen=True, slots=True)
class FigureSet:
    """Figures as of one day; `formed_on` is the day the holder of the fund was formed, where that is known."""

    as_of: date
    figures: tuple[Figure, ...]
    formed_on: date | None = None

    def __post_init__(self) -> None:
        names = [figure.measure.id for figure in self.figures]
        assert len(set(names)) == len(names), "each measure once"

    @property
    def days_since_formation(self) -> int | None:
        """The days from formation to the day of the figures; None where that is not known."""
        if self.formed_on is None or self.formed_on > self.as_of:
            return None
        return (self.as_of - self.formed_on).days

    def get(self, measure: Measure) -> Printed | None:
        """Return a figure, none where it is not stated or its place is empty."""
        for figure in self.figures:
            if figure.measure == measure and not figure.printed.is_missing:
                return figure.printed
        return None

    def first(self, measures: Iterable[Measure]) -> tuple[Measure, Printed] | None:
        """Return the first of some measures that is stated."""
        return next(((measure, found) for measure in measures if (found := self.get(measure)) is not None), None)
