"""The history of a loan by both times: where it stood on which day, and from when to when that was how it was known.

A fact that comes last ends the interval before it; a late one replaces what it changes. Nothing that was known is
forgotten, so a report for (`as_of`, `known_at`) is a choice of rows and never a calculation of its own (law 7): a row
counts when `valid_from <= as_of`, `known_from <= known_at`, it was not replaced by then (`known_to`), and it either
lasts beyond `as_of` or was not known to have ended (`closed_at`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby, pairwise, zip_longest
from typing import NamedTuple

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact, in_order
from cif_engine.loans.fold import Fold
from cif_engine.loans.life import LoanLife, live, timeline
from cif_engine.loans.origin import Origin, origin
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing, Step

ENDLESS = date.max
"""The end of an interval that was replaced before it was known to end."""

Moment = int
Schedule = tuple[Instalment, ...]


class Interval(NamedTuple):
    """Where a loan stood from `standing.since` until the day before `valid_to`, and when that was known.

    `valid_to` and `closed_at` are None while nothing is known that ended it, `known_to` until a late fact replaces it.
    """

    standing: Standing
    known_from: Moment
    valid_to: date | None = None
    closed_at: Moment | None = None
    known_to: Moment | None = None


class Revised(NamedTuple):
    """The intervals that hold after a fact, by day, the last without an end; and those that it replaced."""

    holding: tuple[Interval, ...]
    replaced: tuple[Interval, ...]


def revise(holding: Iterable[Interval], timeline: Iterable[Standing], at: Moment) -> Revised:
    """Return the intervals after the standings of a loan became these; what did not change keeps its moments.

    What became known and was replaced at one moment was never known to anybody, and is dropped.
    """
    before = {interval.standing.since: interval for interval in holding}
    standings = list(timeline)
    after = []
    for standing, following in zip_longest(standings, standings[1:]):
        known = before.get(standing.since)
        ends = following.since if following else None
        if known is not None and known.standing == standing and (known.valid_to in (None, ends)):
            del before[standing.since]
            closed_at = at if known.valid_to is None and ends is not None else known.closed_at
            after.append(known._replace(valid_to=ends, closed_at=closed_at))
        else:
            after.append(Interval(standing, at, ends, None if ends is None else at))
    replaced = (_ended(interval, at) for interval in before.values() if interval.known_from < at)
    return Revised(tuple(after), tuple(replaced))


def known_before(rows: Iterable[Interval], at: Moment) -> tuple[Interval, ...]:
    """Return the intervals that held just before a moment, of those that hold at it or were replaced at it.

    So an act of several facts changes what was known before the act, and not what its first fact made of it.
    """
    return tuple(_not_ended(interval, at) for interval in rows if interval.known_from < at)


def _not_ended(interval: Interval, at: Moment) -> Interval:
    if interval.closed_at == at:
        return interval._replace(valid_to=None, closed_at=None, known_to=None)
    return interval._replace(known_to=None)


def _ended(interval: Interval, at: Moment) -> Interval:
    if interval.valid_to is None:
        return interval._replace(valid_to=ENDLESS, closed_at=at, known_to=at)
    return interval._replace(known_to=at)


Place = tuple[int, int]
"""The number of a schedule, and that of a row in it."""


class Due(NamedTuple):
    """A row of one of a loan's schedules, with what is due up to and including it."""

    schedule_no: int
    instalment: Instalment
    principal_to_date_minor: int
    charge_to_date_minor: int

    @property
    def place(self) -> Place:
        """Where it stands among all rows of a loan."""
        return self.schedule_no, self.instalment.number


class KnownDue(NamedTuple):
    """A row of a schedule, and when it was known to be so."""

    due: Due
    known_from: Moment
    known_to: Moment | None = None


class RevisedDues(NamedTuple):
    """The rows of schedules that hold after a fact, in order; and those that it replaced."""

    holding: tuple[KnownDue, ...]
    replaced: tuple[KnownDue, ...]


def dues(schedules: Iterable[Schedule]) -> tuple[Due, ...]:
    """Return all rows of a loan's schedules, the first schedule being number 1."""
    rows: list[Due] = []
    for schedule_no, schedule in enumerate(schedules, 1):
        principal = charge = 0
        for instalment in schedule:
            principal += instalment.principal_minor
            charge += instalment.charge_minor
            rows.append(Due(schedule_no, instalment, principal, charge))
    return tuple(rows)


def revise_dues(holding: Iterable[KnownDue], now: Iterable[Due], at: Moment) -> RevisedDues:
    """Return the rows of schedules after they became these; what did not change keeps its moment."""
    before = {known.due.place: known for known in holding}
    after = []
    for due in now:
        known = before.get(due.place)
        if known is not None and known.due == due:
            after.append(before.pop(due.place))
        else:
            after.append(KnownDue(due, at))
    replaced = (known._replace(known_to=at) for known in before.values() if known.known_from < at)
    return RevisedDues(tuple(after), tuple(replaced))


def dues_before(rows: Iterable[KnownDue], at: Moment) -> tuple[KnownDue, ...]:
    """Return the rows that held just before a moment, of those that hold at it or were replaced at it."""
    return tuple(known._replace(known_to=None) for known in rows if known.known_from < at)


class KnownOrigin(NamedTuple):
    """What a loan was made under, as it was known before `known_to`, when its disbursement was corrected."""

    origin: Origin
    known_from: Moment
    known_to: Moment


class History(NamedTuple):
    """All that was ever known of a loan. The last of `holding` has no end: it is the loan's position."""

    holding: tuple[Interval, ...]
    replaced: tuple[Interval, ...]
    dues: tuple[KnownDue, ...]
    replaced_dues: tuple[KnownDue, ...]
    origins: tuple[KnownOrigin, ...]

    @property
    def position(self) -> Interval:
        """Where the loan stands since its last fact."""
        return self.holding[-1]

    @property
    def ended(self) -> list[Interval]:
        """All intervals but the position, by day and by when they became known."""
        return sorted((*self.replaced, *self.holding[:-1]), key=lambda one: (one.standing.since, one.known_from))

    @property
    def every_due(self) -> list[KnownDue]:
        """All rows of schedules, by place and by when they became known."""
        return sorted((*self.replaced_dues, *self.dues), key=lambda one: (one.due.place, one.known_from))


def replaced_origin(before: LoanLife, after: LoanLife) -> Origin | None:
    """Return what a loan was made under, where money was handed out under it and a fact changed it."""
    was, now = _handed_out(before), _handed_out(after)
    return None if was is None or was == now else origin(before.facts, before.voided)


def _handed_out(life: LoanLife) -> LoanFact | None:
    """Return the first part of a loan that holds."""
    return next((step.fact for step in life.steps if step.fact.kind is Kind.LOAN_DISBURSED), None)


def history(recorded: Iterable[tuple[Moment, LoanFact]]) -> History:
    """Return all that was ever known of a loan, from its facts in the order in which they were recorded.

    Facts of one moment are one act, and change what is known once.
    """
    told = _Told()
    for at, together in groupby(recorded, key=lambda moment_and_fact: moment_and_fact[0]):
        told.hear(at, [fact for _, fact in together])
    return told.history


class _Told:
    """A loan while its facts are heard in the order of recording, each folded only as far as it has to be."""

    def __init__(self) -> None:
        self.facts: list[LoanFact] = []
        self.fold: Fold | None = Fold(self.facts)
        self.steps: list[Step] = []
        self.history = History((), (), (), (), ())

    def hear(self, at: Moment, facts: list[LoanFact]) -> None:
        if self.fold is not None and self._come_last(facts):
            for fact in facts:
                self.facts.append(fact)
                self.steps.append(self.fold.step(fact))
            self._become(timeline(self.steps), self.fold.schedules, at, None)
        else:
            self.fold = None
            before = live(self.facts) if self.facts else None
            self.facts = in_order([*self.facts, *facts])
            after = live(self.facts)
            self._become(after.timeline(), after.schedules, at, before and replaced_origin(before, after))

    def _come_last(self, facts: list[LoanFact]) -> bool:
        following = [*self.facts[-1:], *facts]
        in_turn = all(one.order < other.order for one, other in pairwise(following))
        return in_turn and all(fact.kind is not Kind.FACT_REVERSED for fact in facts)

    def _become(
        self, timeline: Iterable[Standing], schedules: Iterable[Schedule], at: Moment, replaced: Origin | None
    ) -> None:
        was = self.history
        revised = revise(was.holding, timeline, at)
        revised_dues = revise_dues(was.dues, dues(schedules), at)
        origins = was.origins
        if replaced is not None:
            origins = (*origins, KnownOrigin(replaced, origins[-1].known_to if origins else 0, at))
        self.history = History(
            revised.holding,
            was.replaced + revised.replaced,
            revised_dues.holding,
            was.replaced_dues + revised_dues.replaced,
            origins,
        )


def interval_at(versions: Iterable[Interval], day: date, known_at: Moment) -> Interval | None:
    """Return the interval that says where the loan stood on a day, as it was known at a moment; None before both."""
    return next((version for version in versions if _counts(version, day, known_at)), None)


def _counts(version: Interval, day: date, known_at: Moment) -> bool:
    known = version.known_from <= known_at and (version.known_to is None or version.known_to > known_at)
    if not known or version.standing.since > day:
        return False
    return version.valid_to is None or version.valid_to > day or (version.closed_at or 0) > known_at
