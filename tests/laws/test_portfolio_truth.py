"""Every figure of a portfolio equals an independent tally of the facts, on any day, as known at any moment.

Fifty offices record some hundred loans that live nasty lives (`tests.truth`). What they recorded is also counted by
plain arithmetic, loan by loan and day by day, without the engine. Then both are asked for figures, of many days and
moments, the whole and cut and narrowed in every way, and have to agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Final

import pytest

from cif_engine.persistence.engines import Databases
from tests.truth import comparing, tracing
from tests.truth.case import Asked, Case
from tests.truth.comparing import Compare
from tests.truth.facts import DAY
from tests.truth.knowledge import CUTS, Knowledge
from tests.truth.lives import FIRST_DAY, LAST_DAY
from tests.truth.office import day_of
from tests.truth.recording import record_world
from tests.truth.told import RULE_SETS
from tests.truth.world import World, make_world

SEED: Final = 4
PAIRS: Final = 200
OTHERS: Final[Sequence[Compare]] = (
    comparing.in_a_period,
    comparing.by_cohort,
    comparing.on_many_days,
    comparing.by_where_they_went,
    comparing.by_when_it_falls_due,
    comparing.by_class,
    comparing.by_district,
    comparing.by_cycle,
    tracing.loan_by_loan,
    tracing.act_by_act,
)
"""What takes turns where not everything is asked; the figures of the day are asked for every pair of times."""

# What is asked -------------------------------------------------------------------------------------------------


def _asked(random: Random, world: World, turn: int) -> Asked:
    """Return what is asked in a turn: every cut in turn, every fifth time the whole and every fourth time two cuts."""
    cuts: tuple[str, ...] = (CUTS[turn % len(CUTS)],)
    if turn % 4 == 1:
        cuts = tuple(random.sample(CUTS, 2))
    elif turn % 7 == 0:
        cuts = ()
    known_at = None if turn % 5 == 0 else _moment(random, world, cuts) + random.choice((-1, 0, 0, 1))
    as_of = _day(random, world, known_at)
    office = random.choice(world.offices)
    whose = random.choices(("network", "rsp", "lso"), (60, 20, 20))[0]
    return Asked(
        as_of,
        known_at,
        random.choice(sorted(world.rsps)) if whose == "rsp" else None,
        office.code if whose == "lso" else None,
        cuts,
        (),
        random.choice(sorted(RULE_SETS)),
    )


def _moment(random: Random, world: World, cuts: tuple[str, ...]) -> int:
    """Return a moment at which something was recorded; one that has to do with what is cut by, where that is seldom."""
    if "tranche" in cuts:
        tranches = [tranche for office in world.offices for tranche in office.tranches]
        return random.choice([at for tranche in tranches for at in (tranche.at, tranche.undone_at) if at])
    if {"rsp", "district", "tehsil", "union_council", "funder"} & set(cuts) and random.random() < 0.3:
        return random.choice(world.moves).version.at
    return random.choice(world.moments)


def _day(random: Random, world: World, known_at: int | None) -> date:
    """Return a day: mostly one of which the last paper was new at that moment, or one that is remembered much later."""
    if known_at is None or random.random() < 0.3:
        return FIRST_DAY + timedelta(days=random.randint(30, (LAST_DAY - FIRST_DAY).days + 120))
    if random.random() < 0.5:
        facts = [fact for office in world.offices for fact in office.facts if abs(fact.at - known_at) <= 1]
        if facts:
            return random.choice(facts).on + random.choice((-1, 0, 0, 1, 20)) * DAY
    return day_of(known_at) - timedelta(days=random.randint(-30, 200))


def _narrowed(random: Random, case: Case) -> Case:
    """Return the case narrowed to some codes of a cut, which loans have."""
    cut = random.choice(CUTS)
    codes = sorted({case.code(known, cut) for known in case.loans}, key=str)
    if not codes:
        return case
    some = tuple(random.sample(codes, random.randint(1, min(3, len(codes)))))
    return replace(case, asked=case.asked._replace(only=((cut, some),)))


def _compare_all(databases: Databases, seed: int, others: int) -> None:
    """Record the world of a seed and ask about it; raise with what differs.

    For each pair of times the figures of the day are asked, and so many others in turn.
    """
    print(f"the world of seed {seed}")  # noqa: T201 - pytest shows it where it fails
    world = make_world(seed)
    record_world(databases, world)
    knowledge, random = Knowledge(world), Random(seed)
    wrong: list[str] = []
    for turn in range(PAIRS):
        case = Case(databases, world, knowledge, _asked(random, world, turn))
        if turn % 3 == 0:
            case = _narrowed(random, case)
        in_turn = (OTHERS[(turn + count) % len(OTHERS)] for count in range(others))
        for compare in (comparing.on_a_day, *in_turn):
            found = compare(case, random)
            wrong += [f"seed {seed}, {compare.__name__}, {case.asked}: {line}" for line in found]
    assert not wrong, "\n".join([f"{len(wrong)} figures differ", *wrong[:40]])


def test_every_figure_is_what_the_facts_say(shared_databases: Databases) -> None:
    """Two hundred pairs of a day and a moment over fifty offices; cuts and most figures take turns."""
    _compare_all(shared_databases, SEED, others=1)


@pytest.mark.deep
@pytest.mark.parametrize("seed", [11, 12, 13, 14])
def test_every_figure_of_many_worlds_is_what_the_facts_say(databases: Databases, seed: int) -> None:
    """All figures of every pair of a day and a moment, in several worlds."""
    _compare_all(databases, seed, others=len(OTHERS))
