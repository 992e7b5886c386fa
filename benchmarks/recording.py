"""Recording a repayment in process, against the floors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import cycle

from benchmarks.clerks import Clerk, work
from benchmarks.floor_postgres import PostgresFloor
from benchmarks.floor_sqlite import SqliteFloor
from benchmarks.floors import counted, floor_loans, refuse_unsound, take_sample
from benchmarks.grounds import Ground, Site
from benchmarks.measuring import BOOKS, COLLECTED, FLOOR_BOOKS, Effort, Goal, Line, Measure, Pairs, Series, in_turn

WRITE_FLOOR = "floor: the writing alone, raw"
FLOOR = "floor: reading and writing, raw"
ALONE = "in process, 1 thread"
EIGHT = "in process, 8 threads on 8 LSOs"
ONE_LSO = "in process, 8 threads on 1 LSO"

UNIT = "repayments/s"
GOALS = {"postgresql": {EIGHT: Goal(0.45)}, "sqlite": {ALONE: Goal(0.75), EIGHT: Goal(0.75)}}


def measure_recording(site: Site, effort: Effort) -> list[Line]:
    """Return the rates of the floor, and of the writing alone and the engine beside it."""
    with site.ground("recording", BOOKS + FLOOR_BOOKS, effort.loans, COLLECTED) as ground:
        own = ground.loans[:BOOKS]
        everywhere = Clerk(ground.databases, [loan for same_place in zip(*own, strict=True) for loan in same_place])
        clerks = [Clerk(ground.databases, loans, recorded=everywhere.recorded) for loans in own]
        one_after_the_other = cycle(clerks)
        with floors(ground, clerks[0]) as (write, floor):
            engine = partial(counted, ground.databases, own)
            pairs = in_turn(
                floor,
                {
                    WRITE_FLOOR: write,
                    ALONE: engine(partial(work, [everywhere])),
                    EIGHT: engine(partial(work, clerks)),
                    ONE_LSO: engine(lambda seconds: work([next(one_after_the_other)] * BOOKS, seconds)),
                },
                effort,
            )
        refuse_unsound(ground.databases, own)
    return [floor_line("recording", site, pairs.values())] + [
        Line("recording", site.kind, what, UNIT, pair.measured, pair.ratio, GOALS[site.kind].get(what))
        for what, pair in pairs.items()
    ]


def floor_line(benchmark: str, site: Site, pairs: Iterable[Pairs]) -> Line:
    """Return the line of the floor, of all its turns."""
    every = Series(tuple(value for pair in pairs for value in pair.floor.values))
    return Line(benchmark, site.kind, FLOOR, UNIT, every, every.over(every))


@contextmanager
def floors(ground: Ground, clerk: Clerk) -> Iterator[tuple[Measure, Measure]]:
    """Give the floor of writing alone, and the floor; the clerk shows what the engine writes."""
    clerk.record()
    sample = take_sample(ground.databases)
    kind = SqliteFloor if ground.databases.dialect == "sqlite" else PostgresFloor
    with closing(kind(ground, sample)) as floor:
        counting = partial(counted, ground.databases, floor_loans(ground))
        yield counting(floor.write), counting(floor.read_and_write)
