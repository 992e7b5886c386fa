"""The money of a fund, note by note: where each lies on each day, told by hand from the facts and nothing else.

Every note is an object of its own, with the source it came from, its number there, its turn, and all loans it was in.
A note stands for so many rupees as the amounts of a story are multiples of. What a loan did on a day is taken from a
replay of its facts (`tests.oracle`); nothing here knows of the engine's flows, lots or statements.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from cif_engine.kinds import Kind
from tests.oracle.fund import replay, standing
from tests.oracle.loan import Picture, Told

CONTRIBUTIONS, SURPLUS, CREDIT = "contributions", "surplus", "credit"
CASH, LOAN, WRITTEN_OFF, SPENT, RETURNED = "cash", "loan", "written_off", "spent", "returned"
ENTERED, LENT, REPAID = "entered", "lent", "repaid"
INCOME: Final = ("4010", "4020", "4030", "4040", "4050")
NEVER_LENT: Final = Picture("")


def tranche(number: int) -> str:
    """Return the source that a tranche is."""
    return f"tranche {number}"


# What happened on a day ----------------------------------------------------------------------------------------


@dataclass
class Day:
    """What came in and went out on one day, in minor units; of loans by their ids."""

    on: date
    tranches: Counter[int] = field(default_factory=Counter)
    contributions: int = 0
    income: int = 0
    repaid: Counter[str] = field(default_factory=Counter)
    lent: Counter[str] = field(default_factory=Counter)
    written_off: Counter[str] = field(default_factory=Counter)
    credit: Counter[str] = field(default_factory=Counter)
    expenses: int = 0
    returned: Counter[int] = field(default_factory=Counter)


def days_of(fund: str, facts: Iterable[Told]) -> list[Day]:
    """Return the days on which money came or went, in their order."""
    holding = standing(facts)
    days = {fact.on: Day(fact.on) for fact in holding}
    for fact in holding:
        _write_of_fund(days[fact.on], fact)
    if holding:
        _write_of_loans(fund, holding, days)
    return [days[on] for on in sorted(days)]


def _write_of_fund(day: Day, fact: Told) -> None:
    amount, number = fact.says.get("amount_minor", 0), fact.says.get("number", 0)
    match fact.kind:
        case Kind.TRANCHE_RECEIVED:
            day.tranches[number] += amount
        case Kind.CONTRIBUTION_RECEIVED:
            day.contributions += amount
        case Kind.EXPENSE_PAID:
            day.expenses += amount
        case Kind.CAPITAL_RETURNED:
            day.returned[number] += amount


def _write_of_loans(fund: str, holding: list[Told], days: dict[date, Day]) -> None:
    before: dict[str, Picture] = {}
    earned_before = 0
    for evening in replay(fund, holding):
        if not evening.changed:
            continue
        day = days[evening.day]
        for loan, now in evening.loans.items():
            was = before.get(loan, NEVER_LENT)
            day.lent[loan] = _lent(now) - _lent(was)
            day.repaid[loan] = now.principal_paid - was.principal_paid
            day.written_off[loan] = now.written_off - was.written_off
            day.credit[loan] = now.credit - was.credit
        earned = -sum(evening.accounts.get(f"{fund}.{account}", 0) for account in INCOME)
        day.income = earned - earned_before
        before, earned_before = evening.loans, earned


def _lent(stands: Picture) -> int:
    return stands.outstanding + stands.principal_paid + stands.written_off


# Note by note --------------------------------------------------------------------------------------------------


class Visit(NamedTuple):
    """That a note was in a loan: in which turn, from which day to which; `to` None while it is there."""

    loan: str
    turn: int
    since: date
    to: date | None = None
    left: str = ""


class Wait(NamedTuple):
    """That a note lay in cash to go out in a turn, for so many days."""

    turn: int
    days: int


@dataclass(eq=False)
class Note:
    """One note: where it came from, and where it lies since when. `moves` counts all moves of the fund up to its own.

    `where` is CASH, RETURNED, SPENT, or LOAN and WRITTEN_OFF with the loan that it is in or was lost with.
    """

    source: str
    number: int
    since: date
    moves: int
    where: str = CASH
    loan: str = ""
    turn: int = 1
    visits: list[Visit] = field(default_factory=list)
    taken_over: list[Visit] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)


class ShortInTheDayError(Exception):
    """A loan was paid out of money that only came back from a loan of the same day; the tally does not tell of that."""


@dataclass
class Step:
    """Something that moves so many notes, one by one; `move` is false while there is none to move."""

    what: str
    of: str
    left: int
    move: Callable[[], bool]

    def go(self) -> None:
        """Move as many as can be moved now."""
        while self.left and self.move():
            self.left -= 1


@dataclass
class Fund:
    """All notes that ever came into a fund, and those in cash in the order in which they came."""

    note_minor: int
    notes: dict[str, list[Note]] = field(default_factory=dict)
    cash: list[Note] = field(default_factory=list)
    today: date = date.min
    moves: int = 0

    def live(self, day: Day) -> None:
        """Move what moved on a day: in, repaid, lent, lost, out.

        A loan that is paid back on the day it is paid out is paid back right after that. Raises ShortInTheDayError.
        """
        self.today = day.on
        entering, lending, leaving = self._entering(day), self._lending(day), self._leaving(day)
        for step in (*entering, *lending):
            step.go()
        if any(step.left for step in lending if step.what == LENT):
            raise ShortInTheDayError(day.on)
        for step in (*lending, *leaving):
            step.go()
            assert not step.left, f"{step} on {day.on}"

    def all_notes(self) -> Iterator[Note]:
        """Give every note of every source."""
        for notes in self.notes.values():
            yield from notes

    def _entering(self, day: Day) -> list[Step]:
        entering = [(tranche(number), amount) for number, amount in sorted(day.tranches.items())]
        entering += [(CONTRIBUTIONS, day.contributions), (SURPLUS, day.income)]
        entering += [(CREDIT, sum(amount for amount in day.credit.values() if amount > 0))]
        return [self._step(ENTERED, source, amount, self._enter) for source, amount in entering]

    def _lending(self, day: Day) -> list[Step]:
        repaid = [self._step(REPAID, loan, amount, self._repay) for loan, amount in sorted(day.repaid.items())]
        lent = [self._step(LENT, loan, amount, self._lend) for loan, amount in sorted(day.lent.items())]
        return repaid + lent

    def _leaving(self, day: Day) -> list[Step]:
        lost = [self._step(WRITTEN_OFF, loan, amount, self._lose) for loan, amount in sorted(day.written_off.items())]
        used = -sum(amount for amount in day.credit.values() if amount < 0)
        returned = [
            self._step(RETURNED, tranche(number), amount, self._give_back)
            for number, amount in sorted(day.returned.items())
        ]
        return [
            *lost,
            self._step(RETURNED, CREDIT, used, self._give_back),
            self._step(SPENT, "", day.expenses, self._spend),
            *returned,
        ]

    def _step(self, what: str, of: str, amount_minor: int, move: Callable[[str], bool]) -> Step:
        notes, rest = divmod(amount_minor, self.note_minor)
        assert not rest, f"{amount_minor} of {of} is not in whole notes"
        assert notes >= 0, f"{amount_minor} of {of} goes backwards"
        return Step(what, of, notes, lambda: move(of))

    # In and out -----------------------------------------------------------------------------------------------

    def _enter(self, source: str) -> bool:
        notes = self.notes.setdefault(source, [])
        notes.append(Note(source, len(notes), self.today, self._count()))
        self.cash.append(notes[-1])
        return True

    def _lend(self, loan: str) -> bool:
        note = self._front()
        if note is None:
            return False
        self._draw(note)
        self._put(note, LOAN, loan)
        note.visits.append(Visit(loan, note.turn, self.today))
        return True

    def _repay(self, loan: str) -> bool:
        note = self._first_in(loan)
        if note is None:
            return False
        self._leaves(note, REPAID)
        note.turn += 1
        self._put(note, CASH)
        self.cash.append(note)
        return True

    def _lose(self, loan: str) -> bool:
        note = self._first_in(loan)
        if note is None:
            return False
        self._leaves(note, WRITTEN_OFF)
        self._put(note, WRITTEN_OFF, loan)
        return True

    def _spend(self, _: str) -> bool:
        note = self._first_of(SURPLUS) or self._front()
        if note is None:
            return False
        self._draw(note)
        self._put(note, SPENT)
        return True

    def _give_back(self, source: str) -> bool:
        """Give back a source's own cash; else what is at the front, in exchange for a note of the source elsewhere."""
        own = self._first_of(source)
        note = own or self._front()
        if note is None:
            return False
        self._draw(note)
        self._put(own or self._exchanged(source, note), RETURNED)
        return True

    def _exchanged(self, source: str, other: Note) -> Note:
        """Let a note that was in cash take the place of the oldest note of a source that is not; return that one."""
        places = (LOAN, WRITTEN_OFF, SPENT)
        elsewhere = [note for note in self.notes[source] if note.where in places]
        own = min(elsewhere, key=lambda note: (places.index(note.where), note.since, note.loan, note.moves))
        self._put(other, own.where, own.loan)
        if own.loan:
            visit = own.visits.pop()
            own.taken_over.append(visit)
            other.visits.append(Visit(own.loan, other.turn, self.today, self.today if visit.to else None, visit.left))
            own.loan = ""
        return own

    # How ------------------------------------------------------------------------------------------------------

    def _front(self) -> Note | None:
        """Return what is drawn next: what came in first; what belongs to borrowers when there is nothing else."""
        return next((note for note in self.cash if note.source != CREDIT), self.cash[0] if self.cash else None)

    def _first_of(self, source: str) -> Note | None:
        return next((note for note in self.cash if note.source == source), None)

    def _first_in(self, loan: str) -> Note | None:
        inside = [note for note in self.all_notes() if (note.where, note.loan) == (LOAN, loan)]
        return min(inside, key=lambda note: note.moves, default=None)

    def _draw(self, note: Note) -> None:
        """Take a note from the cash."""
        self.cash.remove(note)
        note.waits.append(Wait(note.turn, (self.today - note.since).days))

    def _put(self, note: Note, where: str, loan: str = "") -> None:
        note.where, note.loan, note.since, note.moves = where, loan, self.today, self._count()

    def _leaves(self, note: Note, how: str) -> None:
        note.visits[-1] = note.visits[-1]._replace(to=self.today, left=how)

    def _count(self) -> int:
        self.moves += 1
        return self.moves


def tallies(fund: str, facts: Iterable[Told], note_minor: int) -> Iterator[tuple[date, Fund]]:
    """Give each day on which anything happened, with the notes as they lie at its end: one fund, day after day.

    Every amount must be a multiple of a note. Raises ShortInTheDayError.
    """
    notes = Fund(note_minor)
    for day in days_of(fund, facts):
        notes.live(day)
        yield day.on, notes


# What it comes to ----------------------------------------------------------------------------------------------


@dataclass
class Turn:
    """What became of a source's notes in one turn, in notes; those that waited for it, and how many days in all."""

    cash: int = 0
    disbursed: int = 0
    loan: int = 0
    repaid: int = 0
    written_off: int = 0
    spent: int = 0
    returned: int = 0
    waited: int = 0
    days: int = 0
    loans: set[str] = field(default_factory=set)


def by_turn(fund: Fund) -> dict[tuple[str, int], Turn]:
    """Return what became of each source's notes by turn; a note is in every turn it ever had."""
    turns: defaultdict[tuple[str, int], Turn] = defaultdict(Turn)
    for note in fund.all_notes():
        match note.where:
            case "cash":
                turns[note.source, note.turn].cash += 1
            case "spent":
                turns[note.source, note.turn].spent += 1
            case "returned":
                turns[note.source, note.turn].returned += 1
        for visit in note.visits:
            _count_lent(turns[note.source, visit.turn], visit)
        waiting = [Wait(note.turn, (fund.today - note.since).days)] if note.where == CASH else []
        for wait in (*note.waits, *waiting):
            turns[note.source, wait.turn].waited += 1
            turns[note.source, wait.turn].days += wait.days
    return dict(turns)


def _count_lent(turn: Turn, visit: Visit) -> None:
    turn.disbursed += 1
    turn.loans.add(visit.loan)
    turn.loan += visit.left == ""
    turn.repaid += visit.left == REPAID
    turn.written_off += visit.left == WRITTEN_OFF
