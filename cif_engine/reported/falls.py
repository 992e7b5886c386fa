"""What is cumulative never falls; what falls by no more than its rounding did not fall for certain.

A stock may fall; a number of managing LSOs or VOs that collapses nearly always counts something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from cif_engine.reported import measures as of
from cif_engine.reported.findings import WEIGHT, Check, Finding, Severity, plain, ratio
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.measures import Measure
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.points import Point, same
from cif_engine.reported.printed import RUPEE, Unit

MANAGING: Final = (of.LSOS_MANAGING, of.VOS_MANAGING)
_FINE: Final = 100
"""One of a last digit is fine where it is no more than this part of the figure."""
_SAID: Final = {
    Severity.HIGH: "; what is cumulative cannot fall.",
    Severity.MEDIUM: "; only a figure rounded up, and one cut off after it, explain it.",
    Severity.LOW: "; its rounding may explain it.",
}


def falls(measure: Measure, points: Sequence[Point]) -> Iterator[Finding]:
    """Give every fall, each from the figure that it contradicts most since the last fall beyond rounding.

    1.2 million, then 1, then 0.5: the 1 may be 1.2 rounded, and the 0.5 is a fall from 1.2.
    """
    since: list[Point] = []
    told, highest = Severity.NOTE, 0
    for point in points:
        fall = _gravest(since, point) if point.value < highest else None
        if fall is not None:
            severity, before = fall
            if WEIGHT[severity] < WEIGHT[told] or point.value < since[-1].value:
                yield _fall(measure, before, point, severity)
                told = severity
            if severity is Severity.HIGH:
                since, told, highest = [], Severity.NOTE, 0
        since.append(point)
        highest = max(highest, point.value)


def _gravest(since: Sequence[Point], point: Point) -> tuple[Severity, Point] | None:
    """Return the figure before that one contradicts most, of equal ones the highest and last, and how gravely."""
    graded = [(severity, before) for before in reversed(since) if (severity := _grade(before, point)) is not None]
    return min(graded, key=lambda one: (WEIGHT[one[0]], -one[1].value), default=None)


def _grade(before: Point, after: Point) -> Severity | None:
    """Return how grave it is that a figure is below one before; None where it is not, or says the same.

    Both rounded to the nearest, or the later one cut off: low. The earlier rounded up besides, 90.4 for 90.36 and 90.3
    for 90.39: low where the last digit is fine, medium where it is coarse, 5 and then 4.
    """
    by, coarse = before.value - after.value, max(before.step, after.step)
    if by <= 0 or same(before, after):
        return None
    if by <= max(after.step - 1, (before.step + after.step) // 2 - bool(after.step)):
        return Severity.LOW
    if coarse <= RUPEE:
        return Severity.HIGH
    if coarse * _FINE <= before.value:
        return Severity.LOW if by <= coarse else Severity.HIGH
    shows_its_digits = Unit.PKR not in {before.printed.unit, after.printed.unit}
    return Severity.MEDIUM if shows_its_digits and by < after.step + before.step // 2 else Severity.HIGH


def _fall(measure: Measure, before: Point, after: Point, severity: Severity) -> Finding:
    by = before.value - after.value
    return Finding(
        Check.FALL,
        severity,
        f"{measure.title} fell from {before.printed} to {after.printed}, by {plain(measure.kind, by)} "
        f"({ratio(100 * by, before.value)} %){_SAID[severity]}",
        (measure.id,),
        after.on,
        before.on,
        (("fell_by", plainly(measure.kind, by)), ("percent", ratio(100 * by, before.value))),
    )


def stock_falls(measure: Measure, points: Sequence[Point], parameters: Parameters) -> Iterator[Finding]:
    """Give the falls of a number that may fall."""
    for before, after in pairwise(points):
        by = before.value - after.value
        if by <= 0:
            continue
        collapses = measure in MANAGING and before.value >= parameters.jump_history
        collapses &= by * 100 >= before.value * parameters.stock_fall_percent
        words = f"{measure.title} fell from {before.value:,} to {after.value:,} ({ratio(100 * by, before.value)} %)"
        words += "; it may be counted otherwise since." if collapses else "; that is lawful."
        severity = Severity.MEDIUM if collapses else Severity.NOTE
        numbers = (("fell_by", str(by)), ("percent", ratio(100 * by, before.value)))
        yield Finding(Check.STOCK_FALL, severity, words, (measure.id,), after.on, before.on, numbers)
