"""One loan as it stood at the end of each day, written on a card in the order of the days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import NamedTuple

from tests.truth.facts import DAY, Borrower, Fact, Row, What, months_after

FEE, CHARGE, PRINCIPAL = range(3)
"""What a payment settles first of the dues of one day."""


@dataclass
class Due:
    """An amount that falls due on a day, and how much of it is paid."""

    on: date
    kind: int
    minor: int
    paid: int = 0

    @property
    def unpaid(self) -> int:
        """What is left to pay of it."""
        return self.minor - self.paid


class Stood(NamedTuple):
    """Where a loan stood from the end of a day on; amounts are principal.

    `rows` is the schedule in force. `fell_before` is the most that had fallen due under earlier schedules before the
    day on which this one was made.
    """

    lent: int = 0
    paid: int = 0
    lost: int = 0
    recovered: int = 0
    given_up: bool = False
    owes: bool = False
    renegotiated: bool = False
    rows: tuple[Row, ...] = ()
    fell_before: int = 0

    @property
    def outstanding(self) -> int:
        """Principal lent, not paid back and not given up."""
        return self.lent - self.paid - self.lost

    @property
    def open(self) -> bool:
        """Whether it was lent, still owes something, and was not given up."""
        return self.lent > 0 and self.owes and not self.given_up

    @property
    def repaid(self) -> bool:
        """Whether it was lent, and owes nothing any more."""
        return self.lent > 0 and not self.owes and not self.given_up

    def due_by(self, day: date) -> int:
        """Return the principal of the rows due on a day or before it."""
        return sum(row.minor for row in self.rows if row.on <= day)

    def fallen_due(self, day: date) -> int:
        """Return the principal that ever fell due by the end of a day, under this schedule or an earlier one."""
        return max(self.fell_before, self.due_by(day)) if self.lent else 0

    def overdue(self, day: date) -> int:
        """Return what fell due before a day and was unpaid at its end: what is due on the day itself is not late."""
        return max(self.due_by(day - DAY) - self.paid, 0) if self.open else 0

    def unpaid_due(self, day: date) -> int:
        """Return what fell due by the end of a day, that day included, and was unpaid then."""
        return max(self.due_by(day) - self.paid, 0) if self.open else 0

    def days_late(self, day: date) -> int:
        """Return the days since the oldest row that is not fully paid."""
        if not self.open:
            return 0
        upto = 0
        for row in self.rows:
            upto += row.minor
            if row.minor and upto > self.paid:
                return max((day - row.on).days, 0)
        return 0


NOTHING = Stood()


@dataclass
class Card:
    """The card of one loan; facts are written on it in the order in which they count."""

    dues: list[Due] = field(default_factory=list)
    credit: int = 0
    now: Stood = NOTHING

    def write(self, fact: Fact) -> None:
        """Write one fact on the card."""
        match fact.what:
            case What.LENT:
                self._lend(fact)
            case What.FEE:
                self.dues.append(Due(fact.on, FEE, fact.minor))
                self._meet_credit()
            case What.PAID:
                self._pay(fact.minor)
            case What.CREDIT_TAKEN:
                assert fact.minor <= self.credit
                self.credit -= fact.minor
            case What.PAUSED | What.PLANNED_ANEW:
                self._renegotiate(fact)
            case What.GIVEN_UP:
                if self.now.outstanding:
                    self.now = self.now._replace(given_up=True, lost=self.now.outstanding)
            case _:
                raise AssertionError(fact)

    def stood(self) -> Stood:
        """Return where the loan stands now."""
        principal = [due for due in self._in_order() if due.kind == PRINCIPAL]
        rows = tuple(Row(due.on, due.minor) for due in principal)
        return self.now._replace(rows=rows, owes=any(due.unpaid for due in self.dues))

    def _in_order(self) -> list[Due]:
        return sorted(self.dues, key=lambda due: (due.on, due.kind))

    def _lend(self, fact: Fact) -> None:
        assert fact.plan is not None
        assert not self.now.given_up
        if self.now.lent:
            self._lend_more(fact)
        else:
            for row in fact.plan.rows(fact.minor, fact.on):
                self.dues += [Due(row.on, CHARGE, row.charge), Due(row.on, PRINCIPAL, row.minor)]
        self.now = self.now._replace(lent=self.now.lent + fact.minor)
        self._meet_credit()

    def _lend_more(self, fact: Fact) -> None:
        """Add a further part in equal shares to what falls due after its day."""
        self._leave_schedule(fact.on)
        ahead = [due for due in self._in_order() if due.kind == PRINCIPAL and due.on > fact.on]
        share, rest = divmod(fact.minor, len(ahead))
        assert not rest
        for due in ahead:
            due.minor += share
        paid = sum(due.paid for due in ahead)
        for due in ahead:
            due.paid = min(paid, due.minor)
            paid -= due.paid

    def _meet_credit(self) -> None:
        held, self.credit = self.credit, 0
        self._pay(held)

    def _pay(self, minor: int) -> None:
        if self.now.given_up:
            recovered = min(minor, self.now.lost - self.now.recovered)
            self.now = self.now._replace(recovered=self.now.recovered + recovered)
            self.credit += minor - recovered
            return
        for due in self._in_order():
            part = min(minor, due.unpaid)
            due.paid += part
            minor -= part
            if due.kind == PRINCIPAL:
                self.now = self.now._replace(paid=self.now.paid + part)
        self.credit += minor

    def _renegotiate(self, fact: Fact) -> None:
        """Set what is paid apart, due no later than the day; then move the rest, or plan it anew."""
        if not self.now.outstanding:
            return
        self._leave_schedule(fact.on)
        self.now = self.now._replace(renegotiated=True)
        done = [replace(due, on=min(due.on, fact.on), minor=due.paid) for due in self._in_order() if due.paid]
        rest = [replace(due, minor=due.unpaid, paid=0) for due in self._in_order() if due.unpaid]
        fees = [due for due in self.dues if due.kind == FEE]
        done, rest = ([due for due in dues if due.kind != FEE] for dues in (done, rest))
        if fact.what is What.PAUSED:
            moved = [self._moved(due, fact) for due in rest]
        else:
            assert fact.plan is not None
            assert all(due.kind == PRINCIPAL for due in rest)
            moved = [Due(row.on, PRINCIPAL, row.minor) for row in fact.plan.rows(self.now.outstanding, fact.on)]
        self.dues = fees + done + moved

    @staticmethod
    def _moved(due: Due, pause: Fact) -> Due:
        """Return a due after a pause: what is late already keeps its day, unless it was resolved that it moves too."""
        if due.on < pause.on and not pause.arrears_moved:
            return due
        return replace(due, on=months_after(max(due.on, pause.on), pause.months))

    def _leave_schedule(self, day: date) -> None:
        fallen = sum(due.minor for due in self.dues if due.kind == PRINCIPAL and due.on < day)
        self.now = self.now._replace(fell_before=max(self.now.fell_before, fallen))


@dataclass(frozen=True)
class History:
    """Where a loan stood from which day on, as it was known at one moment; and under which names it was lent."""

    days: tuple[date, ...] = ()
    stands: tuple[Stood, ...] = ()
    lent_on: date | None = None
    borrower: Borrower | None = None
    channel: str = ""

    @property
    def loss(self) -> tuple[date, int] | None:
        """The day on which the loan was given up, and what was lost."""
        return next(((day, stood.lost) for day, stood in zip(self.days, self.stands, strict=True) if stood.lost), None)

    def on(self, day: date) -> Stood:
        """Return where the loan stood at the end of a day."""
        place = bisect_right(self.days, day)
        return self.stands[place - 1] if place else NOTHING


def history(facts: Iterable[Fact]) -> History:
    """Return the history that facts make, which hold and are in order."""
    ordered = list(facts)
    lent = [fact for fact in ordered if fact.what is What.LENT]
    if not lent:
        return History()
    card, days, stands = Card(), list[date](), list[Stood]()
    for day, of_day in groupby(ordered, key=lambda fact: fact.on):
        for fact in of_day:
            card.write(fact)
        days.append(day)
        stands.append(card.stood())
    first = lent[0]
    return History(tuple(days), tuple(stands), first.on, first.borrower, first.channel)
