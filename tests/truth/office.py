"""What an office records, act by act: what it tells the engine, and what of it the truth knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from cif_engine.operations.recording import Outcome, Request
from cif_engine.persistence.engines import Databases
from tests.truth.facts import Borrower, Fact, Loan, SetAside, Tranche

CLERK, MANAGER, CHAIR, AUDITOR = "clerk", "manager", "chair", "auditor"
"""Who records; who decides; who finds mistakes; who finds mistakes of those."""

Operation = Callable[[Databases, Request, Any], Outcome]
MICROSECONDS = 1_000_000


@dataclass
class Act:
    """Something that is recorded on a day; `at` is the moment, given when all acts of the office are in order.

    `facts` are what the truth knows of it; their moment is that of the act.
    """

    on: date
    actor: str
    operation: Operation
    command: Any
    facts: list[Fact] = field(default_factory=list)
    at: int = 0


class Change(NamedTuple):
    """That the register of a household changed on a day: its poverty score from then on."""

    on: date
    household: str
    score: int


class Person(NamedTuple):
    """A member as she stands in the register at the beginning."""

    code: str
    household: str
    vo: str
    co: str
    gender: str


class Gift(NamedTuple):
    """That a fund was given its first money, which is there before any tranche."""

    fund: str
    on: date
    at: int


class Placement(NamedTuple):
    """Where an LSO belongs from a day on, as recorded at a moment (0: when it was founded)."""

    on: date
    at: int
    rsp: str
    district: str
    tehsil: str | None
    union_council: str | None


class Funder(NamedTuple):
    """Who is behind a fund from a day on, as recorded at a moment (0: when it was founded)."""

    on: date
    at: int
    name: str


Version = TypeVar("Version", Placement, Funder)


def in_force(versions: Iterable[Version], on: date, known_at: int) -> Version:
    """Return the version of the latest day among those that hold on a day and were known; the last of one day."""
    return max(
        (each for each in versions if each.on <= on and each.at <= known_at), key=lambda each: (each.on, each.at)
    )


@dataclass
class Office:
    """One LSO: who lives there, its funds, what it records, and what the truth knows."""

    id: str
    code: str
    placements: list[Placement]
    people: list[Person] = field(default_factory=list)
    scores: dict[str, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    funders: dict[str, list[Funder]] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    loans: dict[str, Loan] = field(default_factory=dict)
    gifts: list[Gift] = field(default_factory=list)
    tranches: list[Tranche] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)

    @property
    def facts(self) -> list[Fact]:
        """All facts of its loans, in the order of their recording."""
        return [fact for act in self.acts for fact in act.facts]

    def borrower(self, person: Person, on: date) -> Borrower:
        """Return under which names she borrows what is recorded on a day."""
        score = self.scores[person.household]
        for change in self.changes:
            if change.household == person.household and change.on <= on:
                score = change.score
        return Borrower(person.code, person.household, person.vo, person.co, score, person.gender)


def moment_of(on: date) -> int:
    """Return the moment at which an office opens on a day."""
    return int(datetime(on.year, on.month, on.day, 5, tzinfo=UTC).timestamp()) * MICROSECONDS


def day_of(at: int) -> date:
    """Return the day of a moment."""
    return datetime.fromtimestamp(at / MICROSECONDS, UTC).date()


def new_id(random: Random) -> str:
    """Return an id that follows from the seed."""
    return str(UUID(int=random.getrandbits(128), version=4))


def put_in_order(office: Office, seconds: int) -> None:
    """Give each act its moment, in the order of the days; of one day, in the order in which they were thought of."""
    office.acts.sort(key=lambda act: act.on)
    last = 0
    for act in office.acts:
        last = act.at = max(last + seconds * MICROSECONDS, moment_of(act.on))
        act.facts = [fact._replace(at=act.at) for fact in act.facts]
