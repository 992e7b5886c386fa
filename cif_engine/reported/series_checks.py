"""Whether figures reported period after period can be one story.

What is cumulative does not fall, and capital goes round only so often. Everything else that looks odd in a series can
be true of a small or a seasonal fund, so it never weighs more than medium.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from cif_engine.reported import measures as of
from cif_engine.reported.capital import capital_at_most, capital_stated
from cif_engine.reported.falls import MANAGING, falls, stock_falls
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Severity, judged, ratio, rupees
from cif_engine.reported.measures import MEASURES, Measure
from cif_engine.reported.moves import PEOPLE, leaps_alone, loans_beside_people, moves_together
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.points import Point, points_of, same
from cif_engine.reported.turns import is_beyond_turns, turns_allowed, turns_possible

_MONTHS = 12
_FLOWING: Final = (of.DISBURSED, of.RECOVERED, *PEOPLE, of.LOANS)
"""What goes on growing in a fund that lends; that nothing is written off for years is as it should be."""
_TEN: Final = 10


def check_series(sets: Sequence[FigureSet], parameters: Parameters) -> tuple[Finding, ...]:
    """Return what is found of sets of figures in the order of their days, besides what is found of each alone."""
    months = _months_of_a_period([figures.as_of for figures in sets])
    points = {measure: points_of(measure, sets) for measure in MEASURES.values()}
    found: list[Finding] = [*_skipped([figures.as_of for figures in sets], months)]
    for measure, printed in points.items():
        if measure.is_cumulative:
            found += falls(measure, printed)
        if measure in _FLOWING:
            found += _standstills(measure, printed, months, parameters, _size(points))
        if measure in (*MANAGING, of.CURRENT_BORROWERS):
            found += stock_falls(measure, printed, parameters)
    found += _turns(sets, parameters)
    found += moves_together(points, parameters)
    found += leaps_alone(points, parameters)
    found += loans_beside_people(points)
    return judged(found).findings


# Standstills ---------------------------------------------------------------------------------------------------


def _standstills(
    measure: Measure, points: Sequence[Point], months: int, parameters: Parameters, people: dict[date, int]
) -> Iterator[Finding]:
    """Give each stretch over which a figure stays the same, with how many periods that is."""
    for stretch in _stretches(points):
        first, last = stretch[0], stretch[-1]
        periods = max(_months_between(first.on, last.on) // months, len(stretch) - 1)
        if periods >= parameters.freeze_periods:
            yield _freeze(measure, stretch, periods, parameters, people.get(last.on))
        else:
            words = f"{measure.title}: {last.printed}, as in the period before."
            large = bool(last.value) and people.get(last.on, 0) >= parameters.small_programme
            severity = Severity.LOW if large else Severity.NOTE
            yield Finding(Check.UNCHANGED, severity, words, (measure.id,), last.on, first.on, (("periods", "1"),))


def _freeze(
    measure: Measure, stretch: Sequence[Point], periods: int, parameters: Parameters, people: int | None
) -> Finding:
    first, last = stretch[0], stretch[-1]
    words = f"{measure.title}: {last.printed} since {first.on}, for {periods} periods"
    coarse = max(point.step for point in stretch) * _TEN >= last.value > 0
    long, large = periods >= parameters.long_freeze_periods, (people or 0) >= parameters.small_programme
    if not last.value:
        severity, said = Severity.NOTE, "; nothing was done yet."
    elif coarse:
        severity, said = Severity.LOW, "; it is printed so roughly that it may have moved."
    else:
        severity, said = Severity.MEDIUM if long or large else Severity.LOW, "."
    numbers = (("periods", str(periods)),)
    return Finding(Check.FREEZE, severity, words + said, (measure.id,), last.on, first.on, numbers)


def _stretches(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    """Give the points, two or more, that follow each other and say the same."""
    begin = 0
    for place in range(1, len(points) + 1):
        if place == len(points) or not same(points[place - 1], points[place]):
            if place - begin > 1:
                yield points[begin:place]
            begin = place


# Turns ---------------------------------------------------------------------------------------------------------


def _turns(sets: Sequence[FigureSet], parameters: Parameters) -> Iterator[Finding]:
    """Say where more was disbursed in a period than the capital can have gone round in it.

    4 million, with loans of three months, goes round at most 3 times in 91 days: it does not lend 56 million. Where
    capital was added, a programme may have joined with all it had lent before.
    """
    stated = [(figures, found) for figures in sets if (found := figures.get(of.DISBURSED)) is not None]
    known = 0
    for (before, was), (after, now) in pairwise(stated):
        known = max(known, capital_at_most(before))
        if not capital_stated(after):
            continue
        days, capital = (after.as_of - before.as_of).days, max(capital_at_most(before), capital_at_most(after))
        if is_beyond_turns(now.least - was.most, capital, days, parameters.shortest_term_months):
            joined = 0 < known < capital_stated(after)
            yield _too_many_turns(before, after, now.known - was.known, parameters, joined=joined)


def _too_many_turns(
    before: FigureSet, after: FigureSet, moved: int, parameters: Parameters, *, joined: bool
) -> Finding:
    days = (after.as_of - before.as_of).days
    turns = ratio(moved, max(capital_stated(before), capital_stated(after)))
    possible = ratio(*turns_possible(days, parameters.shortest_term_months))
    words = f"{rupees(moved)} disbursed in {days:,} days is {turns} times the capital; "
    words += turns_allowed(parameters.shortest_term_months, possible)
    words += "; capital was added, and what it had lent elsewhere may have joined with it." if joined else "."
    return Finding(
        Check.TURNS,
        Severity.MEDIUM if joined else Severity.HIGH,
        words,
        (of.DISBURSED.id, of.SUB_GRANT.id),
        after.as_of,
        before.as_of,
        (("turns", turns), ("days", str(days)), ("turns_possible", possible)),
    )


# Days ----------------------------------------------------------------------------------------------------------


def _skipped(days: Sequence[date], months: int) -> Iterator[Finding]:
    for before, after in pairwise(days):
        skipped = _months_between(before, after) // months - 1
        if skipped > 0:
            periods = "a period" if skipped == 1 else f"{skipped} periods"
            words = f"Nothing is reported between {before} and {after}: {periods} without figures."
            numbers = (("periods", str(skipped)),)
            yield Finding(Check.SKIPPED, Severity.NOTE, words, (), after, before, numbers)


def _months_of_a_period(days: Sequence[date]) -> int:
    """Return how many months lie between one report and the next, taken from the two that are closest."""
    return max(min((_months_between(before, after) for before, after in pairwise(days)), default=1), 1)


def _months_between(before: date, after: date) -> int:
    return (after.year - before.year) * _MONTHS + after.month - before.month


def _size(points: dict[Measure, list[Point]]) -> dict[date, int]:
    """Return of how many people a programme is, day by day."""
    return {point.on: point.value for measure in reversed(PEOPLE) for point in points[measure]}
