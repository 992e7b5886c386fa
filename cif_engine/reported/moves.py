"""Whether amounts and counts move together from one report to the next, and whether what moves alone leaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Final

from cif_engine.reported import measures as of
from cif_engine.reported.findings import Check, Finding, Severity, each, plain, ratio, rupees
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.measures import Measure
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.points import Point, same
from cif_engine.reported.printed import Kind

PEOPLE: Final = (of.BORROWERS, of.HOUSEHOLDS)
Points = Mapping[Measure, Sequence[Point]]
_REPEATED: Final = "; the loans of the period explain it, to people who had some before"
_ROUGHLY: Final = "; the amount is printed so roughly that it may {}have moved"


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
            f"Disbursed went from {before.printed} to {after.printed}, and {self.measure.id} from "
            f"{self.counts[0].value:,} to {self.counts[1].value:,}"
        )

    def has_history(self, parameters: Parameters) -> bool:
        """Whether there was enough before to say what an amount per head was."""
        return self.counts[0].value >= parameters.jump_history and self.amounts[0].value > 0

    def finding(self, check: Check, severity: Severity, words: str, *numbers: tuple[str, str]) -> Finding:
        """Return a finding on the move."""
        before, after = self.amounts
        told = (("amount", plainly(Kind.AMOUNT, self.amount)), ("count", str(self.count)), *numbers)
        return Finding(check, severity, words, (of.DISBURSED.id, self.measure.id), after.on, before.on, told)


def moves_together(points: Points, parameters: Parameters) -> Iterator[Finding]:
    """Say where the amount disbursed, and the loans or people, do not move together."""
    explained = set[tuple[date, date]]()
    for measure in (of.LOANS, *PEOPLE):
        for move in _moves(measure, points[of.DISBURSED], points[measure]):
            told = list(_judge(move, parameters, repeated=move.days in explained))
            yield from told
            if measure is of.LOANS and move.count > 0 and not told:
                explained.add(move.days)


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
    elif move.has_history(parameters):
        yield from _per_head(move, parameters, repeated=repeated)


def _without_count(move: Move, parameters: Parameters, *, repeated: bool) -> Iterator[Finding]:
    """Repeated loans to the same people, or further parts of loans, move the amount alone."""
    if same(*move.amounts):
        return
    words = f"{move.words}: {rupees(move.amount)} more for nobody new"
    if move.amount <= move.slack:
        yield move.finding(Check.AMOUNT_WITHOUT_COUNT, Severity.NOTE, f"{words}{_ROUGHLY.format('not ')}.")
        return
    large = move.counts[1].value >= parameters.small_programme
    grew = large and move.amount * 100 >= move.amounts[0].value * parameters.growth_percent
    grave = move.measure is of.LOANS or ((grew or _beyond_everyone(move, parameters)) and not repeated)
    severity = Severity.MEDIUM if grave else Severity.LOW
    yield move.finding(Check.AMOUNT_WITHOUT_COUNT, severity, f"{words}{_REPEATED if repeated else ''}.")


def _beyond_everyone(move: Move, parameters: Parameters) -> bool:
    """Whether more moved than `jump_factor` times what everyone to date has had, had they all borrowed again.

    32.7 million after 3.27 for 310 people, of whom there are 327 now: they would have had 3.45 again.
    """
    everyone = Fraction(move.amounts[0].value * move.counts[1].value, move.counts[0].value or 1)
    least = move.amount - move.slack
    return move.has_history(parameters) and least > Fraction(parameters.jump_factor) * everyone


def _pays_for_loans(move: Move, parameters: Parameters) -> bool:
    """Whether the amount, with what its rounding may hide, is enough for a small loan to each."""
    return (move.amount + move.slack) * parameters.limit_factor >= move.count * parameters.loan_min_minor


def _without_amount(move: Move, parameters: Parameters) -> Finding:
    """A loan needs an amount; only rounding hides it."""
    hidden = _pays_for_loans(move, parameters)
    words = f"{move.words}: {move.count:,} more with {rupees(move.amount)} between them"
    words += f"{_ROUGHLY.format('')}." if hidden else "."
    return move.finding(Check.COUNT_WITHOUT_AMOUNT, Severity.NOTE if hidden else Severity.MEDIUM, words)


def _per_head(move: Move, parameters: Parameters, *, repeated: bool) -> Iterator[Finding]:
    """Say where the amount per new head is far from what it was per head before.

    582 million for 41,719 borrowers after 397.3665 for 36,650: 36,424 per new borrower, 3.4 times 10,842.
    """
    before, count_before = move.amounts[0].value, move.counts[0].value
    history, factor = Fraction(before, count_before), Fraction(parameters.jump_factor)
    per_new, was = each(move.amount, move.count), each(before, count_before)
    least, most = Fraction(move.amount - move.slack, move.count), Fraction(move.amount + move.slack, move.count)
    one = {of.LOANS: "new loan", of.HOUSEHOLDS: "new household"}.get(move.measure, "new borrower")
    numbers = (("per_new", plainly(Kind.AMOUNT, per_new)), ("per_head_before", plainly(Kind.AMOUNT, was)))
    words = f"{move.words}: {rupees(per_new)} for each {one}, against {rupees(was)} for each before"
    if least > factor * history:
        times = ratio(move.amount * count_before, move.count * before)
        large = move.counts[1].value >= parameters.small_programme or _beyond_everyone(move, parameters)
        severity = Severity.MEDIUM if large and not repeated else Severity.LOW
        words += f": {times} times as much{_REPEATED if repeated else ''}."
        yield move.finding(Check.JUMP, severity, words, *numbers, ("times", times))
    elif most * factor < history:
        too_little = most < parameters.loan_min_minor
        words += "; that is less than the smallest loan." if too_little else "."
        yield move.finding(Check.SLUMP, Severity.MEDIUM if too_little else Severity.LOW, words, *numbers)


# What moves alone ----------------------------------------------------------------------------------------------


def leaps_alone(points: Points, parameters: Parameters) -> Iterator[Finding]:
    """Say where a figure grows in one period by more than `jump_factor` times itself, and none beside it bears it out.

    Of fewer than `jump_history` people, or what as many of the largest loans come to, every beginning leaps.
    """
    counts = (of.LOANS, *PEOPLE)
    beside = {of.DISBURSED: counts, **dict.fromkeys(counts, (of.DISBURSED,))}
    for measure, others in beside.items():
        seen = [{point.on for point in points[other]} for other in others]
        for before, after in pairwise(points[measure]):
            alone = not any(before.on in days and after.on in days for days in seen)
            if alone and _leaps(before, after, parameters):
                yield _leap(measure, before, after, parameters)


def _leaps(before: Point, after: Point, parameters: Parameters) -> bool:
    least = after.value - before.value - (before.step + after.step) // 2
    of_one = parameters.loan_max_minor if before.printed.kind is Kind.AMOUNT else 1
    return before.value >= parameters.jump_history * of_one and least > Fraction(parameters.jump_factor) * before.value


def _leap(measure: Measure, before: Point, after: Point, parameters: Parameters) -> Finding:
    moved = after.value - before.value
    times = ratio(moved, before.value)
    large = measure.kind is Kind.COUNT and before.value >= parameters.small_programme
    words = f"{measure.title} went from {before.printed} to {after.printed}: by {times} times all that was before"
    numbers = (("grew_by", plainly(measure.kind, moved)), ("times", times))
    severity = Severity.MEDIUM if large else Severity.LOW
    words += f", {plain(measure.kind, moved)}, and nothing is printed beside it that bears it out."
    return Finding(Check.JUMP, severity, words, (measure.id,), after.on, before.on, numbers)


# Loans beside people -------------------------------------------------------------------------------------------


def loans_beside_people(points: Points) -> Iterator[Finding]:
    """Say where fewer loans are new than households or borrowers, each of whom had one at least."""
    loans = {point.on: point for point in points[of.LOANS]}
    for measure in PEOPLE:
        counted = [point for point in points[measure] if point.on in loans]
        for before, after in pairwise(counted):
            new_loans = loans[after.on].value - loans[before.on].value
            new = after.value - before.value
            slack = before.step + after.step + loans[before.on].step + loans[after.on].step
            if 0 <= new_loans < new - slack:
                words = f"{new_loans:,} new loans, and {new:,} more {measure.id}: each of them had one at least."
                about, numbers = (of.LOANS.id, measure.id), (("loans", str(new_loans)), (measure.id, str(new)))
                found = Check.LOANS_BELOW_PEOPLE
                yield Finding(found, Severity.MEDIUM, words, about, after.on, before.on, numbers)
