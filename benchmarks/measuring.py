"""What a measurement is: rates taken in turn with the rate of a floor, so that a noisy minute strikes both."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: rounds of each measure, seconds of each round, and the sizes of the books."""

    rounds: int = 15
    seconds: float = 1.0
    loans: int = 500
    """In each of the books that are recorded in."""

    connections: int = 64
    """Clients of the HTTP API, each on a connection that it keeps."""

    lsos_before: int = 1
    lsos_after: int = 100
    """Books, each of 10,000 events with its 833 loans, before and after the growth."""

    loans_of_lso: int = 833
    recordings_of_round: int = 50

    portfolio_loans: int | None = None
    """Of the large portfolio; None: as many as its goals speak of."""

    loans_of_portfolio_lso: int = 500

    fund_loans: int = 410
    """Of the fund whose lots are measured."""

    consolidated_loans: int = 226_000
    loans_of_consolidated_lso: int = 720
    """Of the funds that are consolidated: 314 LSOs."""


BOOKS = 8
"""Books that are recorded in at the same time."""

FLOOR_BOOKS = 3 * BOOKS
"""Books that the floors write to: more, for a floor has more turns, and their loans are to have about as many facts."""

COLLECTED = 3
"""Instalments that are collected of every loan before a measurement begins."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What was done in how many seconds, as the one who did it counts."""

    done: int
    seconds: float

    @property
    def each_second(self) -> float:
        """How many were done in a second."""
        return self.done / self.seconds


class Measure(Protocol):
    """Works for about so many seconds and tells how much it got done; raises when anything of it failed."""

    def __call__(self, seconds: float, /) -> Rate:
        """Work."""


@dataclass(frozen=True, slots=True)
class Series:
    """The values of the rounds of one measure."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value that half of the rounds did not reach."""
        return median(self.values)

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value."""
        return min(self.values), max(self.values)

    def over(self, other: Series) -> Series:
        """Return the ratios to another series, round by round."""
        return Series(tuple(own / others for own, others in zip(self.values, other.values, strict=True)))


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio has to come to: at least, or, where `at_most`, no more than."""

    ratio: float
    at_most: bool = False

    def is_met_by(self, ratio: float) -> bool:
        """Whether a ratio reaches the goal."""
        return ratio <= self.ratio if self.at_most else ratio >= self.ratio

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.ratio:.2f}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a measure, its ratio to the floor of the same round, and the goal of that ratio."""

    benchmark: str
    database: str
    what: str
    unit: str
    series: Series
    ratio: Series | None = None
    goal: Goal | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """The rates of one measure, each beside the rate of the floor that was taken just before it."""

    floor: Series
    measured: Series

    @property
    def ratio(self) -> Series:
        """What the measure reached of the floor, pair by pair."""
        return self.measured.over(self.floor)


def in_turn(floor: Measure, measures: Mapping[str, Measure], effort: Effort) -> dict[str, Pairs]:
    """Return the rates of every measure: the floor and the measure, again and again, after a turn that does not count.

    Disks and neighbours change from one second to the next, so each measure has its own floor right beside it.
    """
    for measure in (floor, *measures.values()):
        measure(effort.seconds / 4)
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in measures}
    for _ in range(effort.rounds):
        for name, measure in measures.items():
            pairs[name].append((floor(effort.seconds).each_second, measure(effort.seconds).each_second))
    return {name: Pairs(*map(Series, zip(*taken, strict=True))) for name, taken in pairs.items()}


def by_itself(measure: Measure, effort: Effort) -> Series:
    """Return the rates of a measure that has no floor."""
    measure(effort.seconds / 4)
    return Series(tuple(measure(effort.seconds).each_second for _ in range(effort.rounds)))


@contextmanager
def settled() -> Iterator[None]:
    """Let the collector pass over what is loaded by now, as it does in the service (`api.serving`)."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def called_often(function: Callable[[], object], clock: Callable[[], float], calls: int) -> float:
    """Return the microseconds that one call takes, of this many in a row."""
    began = clock()
    for _ in range(calls):
        function()
    return (clock() - began) / calls * 1e6


def timed_in_turn(
    pairs: Mapping[str, tuple[Callable[[], object], Callable[[], object]]], rounds: int, clock: Callable[[], float]
) -> dict[str, Pairs]:
    """Return the milliseconds of pairs of a floor and a measure, in turn, after a turn that does not count."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in pairs}
    for turn in range(1 + rounds):
        for name, (floor, measured) in pairs.items():
            both = (called_often(floor, clock, 1) / 1e3, called_often(measured, clock, 1) / 1e3)
            if turn:
                taken[name].append(both)
    return {name: Pairs(*map(Series, zip(*of_one, strict=True))) for name, of_one in taken.items()}


def floor_line(benchmark: str, database: str, what: str, pairs: Mapping[str, Pairs]) -> Line:
    """Return the line of a floor of which every pair had its own turn."""
    every = Series(tuple(value for pair in pairs.values() for value in pair.floor.values))
    return Line(benchmark, database, what, "ms", every, every.over(every))


def judged(line: Line, longest_ms: float) -> Line:
    """Return a line of milliseconds again, its ratio to the longest that it may take."""
    of_longest = Series(tuple(value / longest_ms for value in line.series.values))
    what = f"{line.what} (of {longest_ms:,.0f} ms)"
    return replace(line, what=what, ratio=of_longest, goal=Goal(1, at_most=True))
