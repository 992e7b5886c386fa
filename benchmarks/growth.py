"""Growth: what a repayment costs in a database of 10,000 events, and in one of 1,000,000.

Both hold books of one make, each the size of an LSO's after some years: one book, and a hundred. Every repayment that
is measured is the first of its loan since, so that the facts to be read are as many in both.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from random import Random
from statistics import median

from benchmarks.books import OpenLoan, day_after
from benchmarks.clerks import Clerk
from benchmarks.floors import events_of, refuse_unsound
from benchmarks.grounds import Ground, Site
from benchmarks.measuring import Effort, Goal, Line, Series

COLLECTED_BEFORE = 9
"""Instalments collected of every loan: with the three facts of lending, twelve events each."""

GOAL = Goal(1.2, at_most=True)


def measure_growth(site: Site, effort: Effort) -> list[Line]:
    """Return the time of a repayment in either database, durable and without the wait for the disk, and their ratios.

    The disk takes as long in both, and hides what grows; so the goal has to be met without it as well.
    """
    sizes = {"before": effort.lsos_before, "after": effort.lsos_after}
    with ExitStack() as opened:
        before, after = (
            opened.enter_context(site.ground(name, lsos, effort.loans_of_lso, COLLECTED_BEFORE))
            for name, lsos in sizes.items()
        )
        grounds, names = (before, after), (_size(before), _size(after))
        clerks = [Clerk(of.databases, list(_one_of_each_place(of)), day_after(COLLECTED_BEFORE)) for of in grounds]
        rounds = min(effort.rounds, effort.loans_of_lso // (2 * effort.recordings_of_round) - 1)
        assert rounds > 0, "each loan is repaid once"
        lines = _lines(site, names, _costs(clerks, rounds, effort.recordings_of_round))
        for ground in grounds:
            site.stop_waiting(ground)
        lines += _lines(
            site,
            [f"{name}, not waiting for the disk" for name in names],
            _costs(clerks, rounds, effort.recordings_of_round),
        )
        for ground in grounds:
            refuse_unsound(ground.databases, ground.loans)
    return lines


def _lines(site: Site, names: Sequence[str], costs: tuple[Series, Series]) -> list[Line]:
    before, after = costs
    unit = "us/repayment"
    return [
        Line("growth", site.kind, names[0], unit, before),
        Line("growth", site.kind, names[1], unit, after, after.over(before), GOAL),
    ]


def _size(ground: Ground) -> str:
    lsos = "1 LSO" if len(ground.loans) == 1 else f"{len(ground.loans)} LSOs"
    return f"{events_of(ground.databases, ground.loans):,} events of {lsos}"


def _costs(clerks: Sequence[Clerk], turns: int, recordings: int) -> tuple[Series, Series]:
    """Return the median microseconds of each round; one repayment here, one there, so that noise strikes both."""
    rounds: list[list[float]] = [[], []]
    for _ in range(1 + turns):
        took: list[list[float]] = [[], []]
        for _ in range(recordings):
            for clerk, times in zip(clerks, took, strict=True):
                times.append(_microseconds(clerk))
        for medians, times in zip(rounds, took, strict=True):
            medians.append(median(times))
    here, there = (Series(tuple(medians[1:])) for medians in rounds)
    return here, there


def _one_of_each_place(ground: Ground) -> Iterator[OpenLoan]:
    """Return, for each place in a book, the loan at that place in some book."""
    random = Random(1)
    for same_place in zip(*ground.loans, strict=True):
        yield random.choice(same_place)


def _microseconds(clerk: Clerk) -> float:
    began = time.perf_counter()
    clerk.record()
    return (time.perf_counter() - began) * 1e6
