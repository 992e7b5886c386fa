"""What the lots of a fund say: where the rupees of each source are, and what each of their turns did.

Of one source and turn: what was disbursed is in loans, repaid or written off. What was repaid is cash of the next turn.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from cif_engine.fund.lots import Ending, Lots, Stay
from cif_engine.fund.pieces import Source, SourceKind


@dataclass(slots=True)
class Turn:
    """What one turn of one source, or of all, did until a day; amounts in minor units.

    `waited_minor` is the cash that waited to go out on this turn, lent by now or not, and `minor_days` each amount
    times the days it waited; by those two it lay idle so many days. Its loans and households are each counted once.
    """

    disbursed_minor: int = 0
    repaid_minor: int = 0
    written_off_minor: int = 0
    in_loans_minor: int = 0
    in_cash_minor: int = 0
    spent_minor: int = 0
    returned_minor: int = 0
    waited_minor: int = 0
    minor_days: int = 0
    loans: set[str] = field(default_factory=set)

    def households(self, of_loans: Mapping[str, str]) -> set[str]:
        """Return the households that the loans of this turn went to."""
        return {of_loans[loan_id] for loan_id in self.loans}

    def count(self, stay: Stay, as_of: date) -> None:
        """Count a stay of this turn, as it is on a day."""
        amount_minor = stay.end - stay.start
        if stay.loan_id is None:
            self.waited_minor += amount_minor
            self.minor_days += amount_minor * ((stay.until or as_of) - stay.since).days
            if stay.ending is None:
                self.in_cash_minor += amount_minor
            elif stay.ending is Ending.SPENT:
                self.spent_minor += amount_minor
            elif stay.ending is Ending.RETURNED:
                self.returned_minor += amount_minor
        elif stay.ending is not Ending.TAKEN_OVER:
            self._count_lent(stay.loan_id, stay.ending, amount_minor)
        if stay.ending is Ending.TAKEN_OVER:
            self.waited_minor -= amount_minor  # it goes back as cash of this turn, for which it waited before

    def _count_lent(self, loan_id: str, ending: Ending | None, amount_minor: int) -> None:
        self.loans.add(loan_id)
        self.disbursed_minor += amount_minor
        if ending is None:
            self.in_loans_minor += amount_minor
        elif ending is Ending.REPAID:
            self.repaid_minor += amount_minor
        else:
            self.written_off_minor += amount_minor

    def add(self, other: Turn) -> None:
        """Count what another source did on this turn as well."""
        for amount in _AMOUNTS:
            setattr(self, amount, getattr(self, amount) + getattr(other, amount))
        self.loans |= other.loans


@dataclass(frozen=True, slots=True)
class SourceTurns:
    """Where the rupees of one source are, by turn: what entered is in cash, in loans, lost or returned."""

    source: Source
    entered_minor: int
    turns: Mapping[int, Turn]

    @property
    def in_cash_minor(self) -> int:
        return sum(turn.in_cash_minor for turn in self.turns.values())

    @property
    def in_loans_minor(self) -> int:
        return sum(turn.in_loans_minor for turn in self.turns.values())

    @property
    def written_off_minor(self) -> int:
        return sum(turn.written_off_minor for turn in self.turns.values())

    @property
    def spent_minor(self) -> int:
        """What expenses took of it."""
        return sum(turn.spent_minor for turn in self.turns.values())

    @property
    def lost_minor(self) -> int:
        """What was written off, and what expenses took."""
        return self.written_off_minor + self.spent_minor

    @property
    def returned_minor(self) -> int:
        """What went back to where it came from: to the RSP, to borrowers."""
        return sum(turn.returned_minor for turn in self.turns.values())

    @property
    def disbursed_minor(self) -> int:
        return sum(turn.disbursed_minor for turn in self.turns.values())


def by_source(lots: Lots) -> list[SourceTurns]:
    """Return where the rupees of each source are: tranches by their numbers, then the others."""
    turns: defaultdict[Source, defaultdict[int, Turn]] = defaultdict(lambda: defaultdict(Turn))
    for stay in lots.stays:
        turns[stay.source][stay.turn].count(stay, lots.as_of)
    order = sorted(turns, key=lambda source: (_KINDS.index(source.kind), source.number))
    return [SourceTurns(source, lots.entered.get(source, 0), dict(sorted(turns[source].items()))) for source in order]


def by_kind(sources: Iterable[SourceTurns]) -> list[SourceTurns]:
    """Return the sources of many funds as one for each kind, without a number, each turn with the same of the others.

    Loans are told apart by their ids, so funds that share none add up.
    """
    entered: defaultdict[SourceKind, int] = defaultdict(int)
    turns: defaultdict[SourceKind, defaultdict[int, Turn]] = defaultdict(lambda: defaultdict(Turn))
    for source in sources:
        kind = source.source.kind
        entered[kind] += source.entered_minor
        for number, turn in source.turns.items():
            turns[kind][number].add(turn)
    return [
        SourceTurns(Source(kind, 0), entered[kind], dict(sorted(turns[kind].items())))
        for kind in _KINDS
        if kind in entered
    ]


def by_turn(sources: Iterable[SourceTurns]) -> dict[int, Turn]:
    """Return what each turn did, of all sources together."""
    whole: defaultdict[int, Turn] = defaultdict(Turn)
    for source in sources:
        for number, turn in source.turns.items():
            whole[number].add(turn)
    return dict(sorted(whole.items()))


def draws_of(lots: Lots, loan_id: str) -> list[Stay]:
    """Return the money of one loan: what it drew, in that order, what of it is back, lost or was taken over."""
    stays = [stay for stay in lots.stays if stay.loan_id == loan_id]
    return sorted(stays, key=lambda stay: stay.since)


class Path(NamedTuple):
    """Rupees of a source that went the same way, from `start` up to but not including `end`, and their stays.

    A stay here is theirs alone, so it does not say again which rupees it is about.
    """

    start: int
    end: int
    stays: tuple[Stay, ...]


def paths(lots: Lots, source: Source, start: int, end: int) -> Iterator[Path]:
    """Give the ways of the rupees of a source from one up to another; neighbours with the same way come together."""
    found = [stay for stay in lots.stays if stay.source == source and stay.start < end and stay.end > start]
    coming = deque(sorted(found, key=attrgetter("start")))
    cuts = sorted({start, end, *(cut for stay in found for cut in stay[1:3] if start < cut < end)})
    there: list[Stay] = []
    path = Path(start, start, ())
    for low, high in pairwise(cuts):
        there = [stay for stay in there if stay.end > low]
        while coming and coming[0].start <= low:
            there.append(coming.popleft())
        stays = tuple(sorted((stay._replace(start=0, end=0) for stay in there), key=_in_time))
        if stays != path.stays and path.stays:
            yield path
        path = Path(path.start if stays == path.stays else low, high, stays)
    if path.stays:
        yield path


# How -----------------------------------------------------------------------------------------------------------


def _in_time(stay: Stay) -> tuple[object, ...]:
    """Order the stays of the same rupees: each begins when the one before it ended, its last one without end."""
    return (stay.turn, stay.since, stay.loan_id is not None, stay.until is None)


_KINDS = tuple(SourceKind)
_AMOUNTS = tuple(part.name for part in fields(Turn) if part.name != "loans")
