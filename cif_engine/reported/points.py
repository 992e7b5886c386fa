"""A measure day by day, and how exactly each figure of a series is printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from cif_engine.reported.figures import FigureSet
from cif_engine.reported.measures import Measure
from cif_engine.reported.printed import Kind, Printed, Unit

_FINER: Final = 100
"""A round amount is a rounded one where the same column elsewhere is so many times finer."""
_A_THOUSAND: Final = 1000


class Point(NamedTuple):
    """A measure as printed for a day, and to what it may be rounded."""

    on: date
    printed: Printed
    step: int

    @property
    def value(self) -> int:
        """Return the value, which is there."""
        return self.printed.known


def points_of(measure: Measure, sets: Sequence[FigureSet]) -> list[Point]:
    """Return a measure day by day where it is printed, each with the step it may be rounded to."""
    printed = [(figures.as_of, found) for figures in sets if (found := figures.get(measure)) is not None]
    finest = min((found.round_step for _, found in printed if found.known), default=1)
    return [Point(on, found, _step(found, finest)) for on, found in printed]


def same(before: Point, after: Point) -> bool:
    """Whether two figures say the same: to the last digit, or one amount as the other rounded to a thousandth."""
    differ = abs(before.value - after.value)
    if not differ or before.step == after.step or before.printed.kind is Kind.COUNT:
        return not differ
    coarse = max(before.step, after.step)
    return 2 * differ <= coarse and coarse * _A_THOUSAND <= before.value


def _step(printed: Printed, finest: int) -> int:
    """Return what a figure is rounded to; noughts say so beside finer figures, those of rupees beside far finer."""
    if printed.kind is Kind.COUNT:
        return printed.slack if printed.slack > finest else 0
    if printed.unit is not Unit.PKR:
        return printed.step
    rounded = printed.round_step
    return rounded if rounded >= _FINER * finest else finest
