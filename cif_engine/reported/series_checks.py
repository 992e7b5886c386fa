"""Whether figures reported period after period can be one story.

What is cumulative never falls, and what falls by no more than its rounding did not fall for certain. Everything else
that looks odd in a series can be true of a small or a seasonal fund, so it never weighs more than medium.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from cif_engine.reported import measures as of
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Severity, each, judged, plain, ratio, rupees
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.measures import MEASURES, Measure
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.printed import Kind, Printed, Unit
from cif_engine.reported.set_checks import capital_at_most, capital_stated, turns_possible

_MONTHS = 12
_FINER: Final = 100
"""A round amount is a rounded one where the same column elsewhere is so many times finer."""
_PEOPLE: Final = (of.BORROWERS, of.HOUSEHOLDS)
_FLOWING: Final = (of.DISBURSED, of.RECOVERED, *_PEOPLE, of.LOANS)
"""What goes on growing in a fund that lends; that nothing is written off for years is as it should be."""
_MANAGING: Final = (of.LSOS_MANAGING, of.VOS_MANAGING)
_TEN: Final = 10
_RUPEE: Final = 100
_FINE: Final = 100
"""One of a last digit is fine where it is no more than this part of the figure."""
_REPEATED: Final = "; the loans of the period explain it, to people who had some before"


class Point(NamedTuple):
    """A measure as printed for a day, and to what it may be rounded."""

    on: date
    printed: Printed
    step: int

    @property
    def value(self) -> int:
        """Return the value, which is there."""
        return self.printed.known


@dataclass(frozen=True, slots=True)
class Move:
    """An amount and a count from one day to the next for which both are printed."""

    measure: Measure
    amounts: tuple[Point, Point]
    counts: tuple[Point, Point]

    @property
    def amount(self) -> int:
        """By how much the amount moved."""
        return self.amounts[1].value - self.amounts[0].value

    @property
    def count(self) -> int:
        """By how much the count moved."""
        return self.counts[1].value - self.counts[0].value

    @property
    def slack(self) -> int:
        """By how much the amount may have moved more, or less, than printed."""
        return (self.amounts[0].step + self.amounts[1].step) // 2

    @property
    def days(self) -> tuple[date, date]:
        """From which day to which."""
        return self.amounts[0].on, self.amounts[1].on

    @property
    def words(self) -> str:
        """What moved, in words."""
        before, after = self.amounts
        return (
            f"disbursed went from {before.printed} to {after.printed}, and {self.measure.id} from "
            f"{self.counts[0].value:,} to {self.counts[1].value:,}"
        )

    def finding(self, check: Check, severity: Severity, words: str, *numbers: tuple[str, str]) -> Finding:
        """Return a finding on the move."""
        before, after = self.amounts
        told = (("amount", _signed(Kind.AMOUNT, self.amount)), ("count", str(self.count)), *numbers)
        return Finding(check, severity, words, (of.DISBURSED.id, self.measure.id), after.on, before.on, told)


def check_series(sets: Sequence[FigureSet], parameters: Parameters) -> tuple[Finding, ...]:
    """Return what is found of sets of figures in the order of their days, besides what is found of each alone."""
    months = _months_of_a_period([figures.as_of for figures in sets])
    points = {measure: _points(measure, sets) for measure in MEASURES.values()}
    found: list[Finding] = [*_skipped([figures.as_of for figures in sets], months)]
    for measure, printed in points.items():
        if measure.is_cumulative:
            found += _falls(measure, printed)
        if measure in _FLOWING:
            found += _standstills(measure, printed, months, parameters, _size(points))
        if measure in (*_MANAGING, of.CURRENT_BORROWERS):
            found += _stock_falls(measure, printed, parameters)
    found += _turns(sets, parameters)
    explained = set[tuple[date, date]]()
    for measure in (of.LOANS, *_PEOPLE):
        for move in _moves(measure, points[of.DISBURSED], points[measure]):
            told = list(_judge(move, parameters, repeated=move.days in explained))
            found += told
            if measure is of.LOANS and move.count > 0 and not told:
                explained.add(move.days)
    return judged(found).findings


def _points(measure: Measure, sets: Sequence[FigureSet]) -> list[Point]:
    """Return a measure day by day where it is printed, each with the step it may be rounded to."""
    printed = [(figures.as_of, found) for figures in sets if (found := figures.get(measure)) is not None]
    finest = min((found.round_step for _, found in printed if found.known), default=1)
    return [Point(on, found, _step(found, finest)) for on, found in printed]


def _step(printed: Printed, finest: int) -> int:
    """Return what an amount is rounded to: of one in whole rupees its noughts say so only beside far finer ones."""
    if printed.kind is Kind.COUNT:
        return 0
    if printed.unit is not Unit.PKR:
        return printed.step
    rounded = printed.round_step
    return rounded if rounded >= _FINER * finest else finest


# One measure ---------------------------------------------------------------------------------------------------


def _falls(measure: Measure, points: Sequence[Point]) -> Iterator[Finding]:
    """Give every fall; one beyond its rounding is from the highest figure since the fall before.

    1.2 million, then 1, then 0.5: the 1 may be 1.2 rounded, and the 0.5 is a fall from 1.2.
    """
    since: list[Point] = []
    for point in points:
        highest = reversed(since)  # of equal ones the last
        beyond = max(highest, key=lambda before: before.value - _rounding(before, point), default=None)
        if beyond is not None and beyond.value - point.value > _rounding(beyond, point):
            yield _fall(measure, beyond, point, Severity.HIGH, "; what is cumulative cannot fall.")
            since = []
        elif since and point.value < since[-1].value and not _same(since[-1], point):
            said = "; its rounding may explain it."
            yield _fall(measure, since[-1], point, Severity.LOW, said)
        since.append(point)


def _rounding(before: Point, after: Point) -> int:
    """Return the largest fall that rounding explains: both rounded to the nearest, or the later cut off.

    Where the last digit is fine, the earlier may have been rounded up besides: 90.4 is 90.36, then 90.3 is 90.39.
    """
    coarse = max(before.step, after.step)
    if coarse > _RUPEE and coarse * _FINE <= before.value:
        return coarse
    return max(after.step - 1, (before.step + after.step) // 2 - 1, 0)


def _fall(measure: Measure, before: Point, after: Point, severity: Severity, said: str) -> Finding:
    by = before.value - after.value
    return Finding(
        Check.FALL,
        severity,
        f"{measure.title} fell from {before.printed} to {after.printed}, by {plain(measure.kind, by)} "
        f"({ratio(100 * by, before.value)} %){said}",
        (measure.id,),
        after.on,
        before.on,
        (("fell_by", plainly(measure.kind, by)), ("percent", ratio(100 * by, before.value))),
    )


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
        if place == len(points) or not _same(points[place - 1], points[place]):
            if place - begin > 1:
                yield points[begin:place]
            begin = place


def _same(before: Point, after: Point) -> bool:
    """Whether two figures say the same: to the last digit, or one as the other rounded to a thousandth or finer."""
    coarse = max(before.step, after.step)
    differ = abs(before.value - after.value)
    return not differ or (before.step != after.step and 2 * differ <= coarse and coarse * 1000 <= before.value)


def _turns(sets: Sequence[FigureSet], parameters: Parameters) -> Iterator[Finding]:
    """Say where more was disbursed in a period than the capital can have gone round in it.

    4 million, with loans of three months, goes round at most 3 times in 91 days: it does not lend 56 million.
    """
    stated = [figures for figures in sets if figures.get(of.DISBURSED) is not None]
    for before, after in pairwise(stated):
        was, now = before.get(of.DISBURSED), after.get(of.DISBURSED)
        capital = capital_at_most(after) and max(capital_at_most(before), capital_at_most(after))
        if was is None or now is None or not capital:
            continue
        days = (after.as_of - before.as_of).days
        parts, whole = turns_possible(days, parameters.shortest_term_months)
        if (now.least - was.most) * whole <= capital * parts:
            continue
        moved = now.known - was.known
        turns = ratio(moved, max(capital_stated(before), capital_stated(after)))
        possible = ratio(parts, whole)
        yield Finding(
            Check.TURNS,
            Severity.HIGH,
            f"{rupees(moved)} disbursed in {days:,} days is {turns} times the capital; loans of "
            f"{parameters.shortest_term_months} months, of which half is back after half the term, allow {possible}.",
            (of.DISBURSED.id, of.SUB_GRANT.id),
            after.as_of,
            before.as_of,
            (("turns", turns), ("days", str(days)), ("turns_possible", possible)),
        )


def _stock_falls(measure: Measure, points: Sequence[Point], parameters: Parameters) -> Iterator[Finding]:
    for before, after in pairwise(points):
        by = before.value - after.value
        if by <= 0:
            continue
        collapses = measure in _MANAGING and before.value >= parameters.jump_history
        collapses &= by * 100 >= before.value * parameters.stock_fall_percent
        words = f"{measure.title} fell from {before.value:,} to {after.value:,} ({ratio(100 * by, before.value)} %)"
        words += "; it may be counted otherwise since." if collapses else "; that is lawful."
        severity = Severity.MEDIUM if collapses else Severity.NOTE
        numbers = (("fell_by", str(by)), ("percent", ratio(100 * by, before.value)))
        yield Finding(Check.STOCK_FALL, severity, words, (measure.id,), after.on, before.on, numbers)


# An amount beside a count --------------------------------------------------------------------------------------


def _moves(measure: Measure, amounts: Sequence[Point], counts: Sequence[Point]) -> Iterator[Move]:
    counted = {point.on: point for point in counts}
    both = [(amount, counted[amount.on]) for amount in amounts if amount.on in counted]
    for before, after in pairwise(both):
        yield Move(measure, (before[0], after[0]), (before[1], after[1]))


def _judge(move: Move, parameters: Parameters, *, repeated: bool) -> Iterator[Finding]:
    """Say where amount and count do not move together; where one of them fell, that is said already.

    `repeated`: the loans of the same days go with the amount, so that it went to those who had loans before.
    """
    if move.count < 0 or move.amount < 0:
        return
    if not move.count:
        yield from _without_count(move, parameters, repeated=repeated)
    elif not move.amount or not _pays_for_loans(move, parameters):
        yield _without_amount(move, parameters)
    else:
        yield from _per_head(move, parameters, repeated=repeated)


def _without_count(move: Move, parameters: Parameters, *, repeated: bool) -> Iterator[Finding]:
    """Repeated loans to the same people, or further parts of loans, move the amount alone."""
    if move.amount <= move.slack:
        return
    large = move.counts[1].value >= parameters.small_programme
    grew = move.amount * 100 >= move.amounts[0].value * parameters.growth_percent
    grave = move.measure is of.LOANS or (large and grew and not repeated)
    severity = Severity.MEDIUM if grave else Severity.LOW
    words = f"{_capital(move.words)}: {rupees(move.amount)} more for nobody new{_REPEATED if repeated else ''}."
    yield move.finding(Check.AMOUNT_WITHOUT_COUNT, severity, words)


def _pays_for_loans(move: Move, parameters: Parameters) -> bool:
    """Whether the amount, with what its rounding may hide, is enough for a small loan to each."""
    return (move.amount + move.slack) * parameters.limit_factor >= move.count * parameters.loan_min * 100


def _without_amount(move: Move, parameters: Parameters) -> Finding:
    """A loan needs an amount; only rounding hides it."""
    hidden = _pays_for_loans(move, parameters)
    words = f"{_capital(move.words)}: {move.count:,} more with {rupees(move.amount)} between them"
    words += "; the amount is printed so roughly that it may have moved." if hidden else "."
    return move.finding(Check.COUNT_WITHOUT_AMOUNT, Severity.NOTE if hidden else Severity.MEDIUM, words)


def _per_head(move: Move, parameters: Parameters, *, repeated: bool) -> Iterator[Finding]:
    """Say where the amount per new head is far from what it was per head before.

    582 million for 41,719 borrowers after 397.3665 for 36,650: 36,424 per new borrower, 3.4 times 10,842.
    """
    before, count_before = move.amounts[0], move.counts[0].value
    if count_before < parameters.jump_history or not before.value:
        return
    history = Fraction(before.value, count_before)
    per_new = each(move.amount, move.count)
    least, most = Fraction(move.amount - move.slack, move.count), Fraction(move.amount + move.slack, move.count)
    one = {of.LOANS: "new loan", of.HOUSEHOLDS: "new household"}.get(move.measure, "new borrower")
    factor = Fraction(parameters.jump_factor)
    was = each(before.value, count_before)
    numbers = (("per_new", plainly(Kind.AMOUNT, per_new)), ("per_head_before", plainly(Kind.AMOUNT, was)))
    words = f"{_capital(move.words)}: {rupees(per_new)} for each {one}, against {rupees(was)} for each before"
    if least > factor * history:
        times = ratio(per_new, was)
        large = move.counts[1].value >= parameters.small_programme
        severity = Severity.MEDIUM if large and not repeated else Severity.LOW
        words += f": {times} times as much{_REPEATED if repeated else ''}."
        yield move.finding(Check.JUMP, severity, words, *numbers, ("times", times))
    elif most * factor < history:
        yield move.finding(Check.SLUMP, Severity.LOW, f"{words}.", *numbers)


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
    return {point.on: point.value for measure in reversed(_PEOPLE) for point in points[measure]}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _signed(kind: Kind, value: int) -> str:
    return ("-" if value < 0 else "") + plainly(kind, abs(value))
