"""The desk of an office: what day it is, what is to be done on which day, and what was written into the book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, Final

from cif_engine.demonstration.draws import chance
from cif_engine.demonstration.plan import Planned, moves_of
from cif_engine.demonstration.profiles import Profile
from cif_engine.demonstration.purse import Purse
from cif_engine.moments import to_micros

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
        self.today = min(grant.released_on for grant in profile.grants) - 5 * DAY
        self.purse = Purse()
        self.facts: list[Planned] = []
        self.tranche_amounts: dict[int, int] = {}
        self._seed = seed
        self._clock = 0
        self._agenda: dict[date, list[Callable[[], None]]] = defaultdict(list)
        self._numbers: dict[str, int] = defaultdict(int)

    @property
    def is_working(self) -> bool:
        """Whether new things still happen; afterwards only papers come in."""
        return self.today <= self.profile.to_on

    @property
    def has_work(self) -> bool:
        return self.is_working or any(day >= self.today for day in self._agenda)

    def on(self, day: date, act: Callable[..., None], *about: object) -> None:
        """Put on the agenda what is to be done on a day; what is past is done today."""
        self._agenda[max(day, self.today)].append(partial(act, *about))

    def work_through_agenda(self) -> None:
        """Do all that is on today's agenda, what comes onto it meanwhile included."""
        self._clock = max(self._clock, to_micros(datetime.combine(self.today, OPENING_TIME)))
        acts = self._agenda[self.today]
        while acts:
            acts.pop(0)()
        del self._agenda[self.today]

    def record(self, operation: Callable[..., Any], command: Any, actor: str = ACCOUNTANT) -> None:  # noqa: ANN401 - of any operation
        """Write a fact into the plan, now, and its money into the purse."""
        self._clock += self.rng.randint(LEAST_BETWEEN_FACTS, MOST_BETWEEN_FACTS)
        key = f"demonstration-{self._seed}-{len(self.facts) + 1:06}"
        works_for = self.profile.rsp if actor == RSP_FINANCE else self.profile.lso
        self.facts.append(
            Planned(operation, command, f"{works_for.code} {actor}".lower(), self._clock, self.today, key)
        )
        for place, amount in moves_of(command, self.tranche_amounts):
            self.purse.move(place, command.effective_on, amount)

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
