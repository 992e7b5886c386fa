"""What the truth knows of a loan: who borrowed it, and its facts, each with its day and the moment it was recorded.

Amounts are minor units. Nothing here comes from the engine: the truth is plain arithmetic over these values.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

RUPEE = 100
DAY = timedelta(days=1)


class What(IntEnum):
    """What happened. The numbers are the order of the facts of one day."""

    LENT = 1
    FEE = 2
    PAID = 3
    CREDIT_TAKEN = 4
    """Credit that went back to the borrower, or to another loan of hers."""
    PAUSED = 5
    PLANNED_ANEW = 6
    GIVEN_UP = 7
    UNDONE = 8
    """That another fact was a mistake."""


class Row(NamedTuple):
    """What falls due on a day."""

    on: date
    minor: int
    charge: int = 0


@dataclass(frozen=True)
class Equal:
    """So many equal monthly instalments in whole rupees, the last takes the rest; `percent` is a flat charge on all."""

    count: int
    percent: int = 0

    def rows(self, minor: int, start: date) -> tuple[Row, ...]:
        """Return the rows of a principal; the first is due a month after the start."""
        whole = round(Fraction(minor, self.count * RUPEE)) * RUPEE
        charge = minor * self.percent // 100 // self.count
        days = [months_after(start, number) for number in range(1, self.count + 1)]
        amounts = [whole] * (self.count - 1) + [minor - whole * (self.count - 1)]
        assert amounts[-1] > 0
        return tuple(Row(day, amount, charge) for day, amount in zip(days, amounts, strict=True))


@dataclass(frozen=True)
class Bullet:
    """All at once, so many months after the start."""

    months: int

    def rows(self, minor: int, start: date) -> tuple[Row, ...]:
        """Return the one row."""
        return (Row(months_after(start, self.months), minor),)


@dataclass(frozen=True)
class Agreed:
    """Payments agreed one by one."""

    payments: tuple[Row, ...]

    def rows(self, minor: int, _: date) -> tuple[Row, ...]:
        """Return the rows, which are of this principal."""
        assert sum(row.minor for row in self.payments) == minor
        return self.payments


Plan = Equal | Bullet | Agreed


class Borrower(NamedTuple):
    """Under which names a loan is made: of the register as it was when the money was handed out."""

    member: str
    household: str
    vo: str
    co: str
    score: int | None
    gender: str


class Fact(NamedTuple):
    """A fact of a loan: what happened `on` a day, and `at` which moment it was recorded (microseconds)."""

    id: str
    loan: str
    what: What
    on: date
    at: int
    minor: int = 0
    plan: Plan | None = None
    months: int = 0
    arrears_moved: bool = False
    undoes: str = ""
    channel: str = ""
    borrower: Borrower | None = None


class Loan(NamedTuple):
    """What does not change of a loan, whatever is found out about it."""

    id: str
    lso: str
    fund: str
    product: str
    purpose: str
    cycle: int


class Tranche(NamedTuple):
    """That a tranche of a fund was received on a day; known `at` a moment, until it turned out wrong."""

    lso: str
    fund: str
    number: int
    on: date
    at: int
    undone_at: int | None = None


class SetAside(NamedTuple):
    """That so much was set aside for losses of a fund."""

    lso: str
    fund: str
    on: date
    at: int
    minor: int


def months_after(start: date, months: int) -> date:
    """Return the same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return date(day.year, day.month, monthrange(day.year, day.month)[1])


def holding(facts: Iterable[Fact], known_at: int) -> list[Fact]:
    """Return the facts known at a moment that nobody had found to be wrong, in the order in which they count."""
    known = [fact for fact in facts if fact.at <= known_at]

    def holds(fact: Fact) -> bool:
        return not any(other.undoes == fact.id and holds(other) for other in known)

    live = [fact for fact in known if fact.what is not What.UNDONE and holds(fact)]
    return sorted(live, key=lambda fact: (fact.on, fact.what, fact.id))
