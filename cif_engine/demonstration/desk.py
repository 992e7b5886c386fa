"""The desk of an office: what day it is, what is to be done on which day, and what was written into the book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, Final

from cif_engine.demonstration.draws import chance, draw_id
from cif_engine.demonstration.plan import Planned, moves_of
from cif_engine.demonstration.profiles import Profile
from cif_engine.demonstration.purse import Purse
from cif_engine.ledger.events import Papers
from cif_engine.moments import to_micros
from cif_engine.operations import reversing
from cif_engine.operations.reversals import Reversal

DAY: Final = timedelta(days=1)
OPENING_TIME: Final = time(4, 0, tzinfo=UTC)
"""Nine in the morning in Karachi."""

LEAST_BETWEEN_FACTS: Final = 5_000_000
MOST_BETWEEN_FACTS: Final = 60_000_000
"""How long it takes to write a fact down, in microseconds."""

ACCOUNTANT, MANAGER, RSP_FINANCE = "accountant", "manager", "finance"


class Desk:
    """One desk. Facts are recorded at increasing moments of the day on which their paper is there."""

    def __init__(self, profile: Profile, seed: int) -> None:
        self.profile = profile
        self.rng = Random(f"{profile.lso.code} office {seed}")
        self.misfortune = Random(f"{profile.lso.code} misfortune {seed}")
        """What goes wrong is drawn apart: so it changes little else."""
        self.today = min(grant.released_on for grant in profile.grants) - 5 * DAY
        self.purse = Purse()
        self.facts: list[Planned] = []
        self.tranche_amounts: dict[int, int] = {}
        self._seed = seed
        self._clock = 0
        self._agenda: dict[date, list[Callable[[], object]]] = defaultdict(list)
        self._numbers: dict[str, int] = defaultdict(int)

    @property
    def is_working(self) -> bool:
        """Whether new things still happen; afterwards only papers come in."""
        return self.today <= self.profile.to_on

    @property
    def has_work(self) -> bool:
        return self.is_working or any(day >= self.today for day in self._agenda)

    def on(self, day: date, act: Callable[..., object], *about: object) -> None:
        """Put on the agenda what is to be done on a day; what is past is done today."""
        self._agenda[max(day, self.today)].append(partial(act, *about))

    def while_working(self, day: date, act: Callable[..., object], *about: object) -> None:
        """Put it on the agenda of a day to come, unless nothing new happens any more by then."""
        if self.today < day <= self.profile.to_on:
            self.on(day, act, *about)

    def work_through_agenda(self) -> None:
        """Do all that is on today's agenda, what comes onto it meanwhile included."""
        self._clock = max(self._clock, to_micros(datetime.combine(self.today, OPENING_TIME)))
        acts = self._agenda[self.today]
        while acts:
            acts.pop(0)()
        del self._agenda[self.today]

    def record(self, operation: Callable[..., Any], command: Any, actor: str = ACCOUNTANT) -> Planned:  # noqa: ANN401 - of any operation
        """Write a fact into the plan, now, and its money into the purse; return it."""
        fact = self._write(operation, command, actor)
        for place, amount in self.moves_of(fact):
            self.purse.move(place, fact.effective_on, amount)
        return fact

    def reverse(self, fact: Planned, reason: str) -> None:
        """Write into the plan, now, that a fact was a mistake; the manager does, who did not record it."""
        papers = Papers(voucher_no=self.number("COR"))
        reversal = Reversal(draw_id(self.misfortune), fact.command.id, reason, papers=papers)
        self._write(reversing.reverse_fact, reversal, MANAGER, fact)
        for place, amount in self.moves_of(fact):
            self.purse.move(place, fact.effective_on, -amount)

    def moves_of(self, fact: Planned) -> list[tuple[str, int]]:
        """Return where a fact moves money, and how much, in minor units."""
        return moves_of(fact.command, self.tranche_amounts)

    def number(self, series: str) -> str:
        """Return the next number of a series of papers."""
        self._numbers[series] += 1
        return f"{series}-{self._numbers[series]:05}"

    def draw_paper_delay(self) -> timedelta:
        """Return how long a paper takes to the office: a day at most, or days and weeks when it is late."""
        paper = self.profile.paper
        late = chance(self.rng, paper.late)
        return DAY * (self.rng.randint(3, paper.longest_delay_days) if late else self.rng.randint(0, 1))

    def draw_field_delay(self) -> timedelta:
        """Return how long the papers of a loan made in the field take to the office."""
        return DAY * self.rng.randint(2, max(self.profile.paper.longest_delay_days, 2))

    def _write(self, operation: Callable[..., Any], command: Any, actor: str, undoes: Planned | None = None) -> Planned:  # noqa: ANN401 - of any operation
        self._clock += self.rng.randint(LEAST_BETWEEN_FACTS, MOST_BETWEEN_FACTS)
        key = f"demonstration-{self._seed}-{len(self.facts) + 1:06}"
        works_for = self.profile.rsp if actor == RSP_FINANCE else self.profile.lso
        who = f"{works_for.code} {actor}".lower()
        fact = Planned(operation, command, who, self._clock, self.today, key, undoes)
        self.facts.append(fact)
        return fact
