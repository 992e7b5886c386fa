"""The figures that a plan must come out with, as values. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from cif_engine.demonstration.plan import Planned

PAR_DAYS: Final = (0, 1, 30, 60, 90, 180, 365)
BANDS: Final = (
    ("current", 0, 0),
    ("1-30", 1, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("91-180", 91, 180),
    ("181-365", 181, 365),
    ("> 365", 366, 10**6),
)
"""Each ageing band with the first and the last number of days late that belong to it."""

CUTS: Final = ("vo", "co", "product", "fund")


@dataclass(frozen=True, slots=True)
class When:
    """A day, and the moment up to which what was recorded counts; None: all of it."""

    as_of: date
    known_at: int | None = None

    def sees(self, fact: Planned) -> bool:
        return fact.effective_on <= self.as_of and self.knows(fact.recorded_at)

    def knows(self, moment: int) -> bool:
        return self.known_at is None or moment <= self.known_at


Struck = Mapping[str, int]
"""The ids of facts that were reversed, each with the moment of it."""


def holding(facts: Iterable[Planned], when: When, struck: Struck) -> Iterator[Planned]:
    """Return the facts that are seen and were not reversed by then."""
    for fact in facts:
        reversed_at = struck.get(fact.command.id)
        if when.sees(fact) and (reversed_at is None or not when.knows(reversed_at)):
            yield fact


@dataclass(frozen=True, slots=True)
class LoanTruth:
    """What is true of a disbursed loan on a day."""

    loan_id: str
    member: str
    household: str
    cuts: dict[str, str]
    principal: int
    charge: int
    """Principal and charge not paid."""

    overdue: int
    """Principal that fell due before the day and is not paid."""

    days_late: int
    credit: int
    written_off: int = 0
    written_off_on: date | None = None
    recovered: int = 0

    @property
    def is_open(self) -> bool:
        return self.principal + self.charge > 0

    @property
    def status(self) -> str:
        if self.written_off:
            return "written_off"
        return "open" if self.is_open else "repaid"


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The figures of some open loans."""

    gross: int
    overdue: int
    loans: int
    borrowers: int
    households: int
    par: dict[int, tuple[int, int]]
    """By n of PAR > n: the amount at risk and the number of loans."""

    ageing: dict[str, tuple[int, int]]

    def par_rate(self, days: int) -> Fraction | None:
        return Fraction(self.par[days][0], self.gross) if self.gross else None

    @property
    def arrears_rate(self) -> Fraction | None:
        return Fraction(self.overdue, self.gross) if self.gross else None


@dataclass(frozen=True, slots=True)
class Money:
    """Where the fund's money is and what became of it. `committed` is approved and not disbursed.

    `losses` are what was set aside for loans that may be lost, and what was lost beyond; `allowance` is left of it.
    """

    cash: int
    bank: int
    in_transit: int
    capital: int
    bank_profit: int
    charge_income: int
    recovered: int
    expenses: int
    losses: int
    allowance: int
    committed: int
    disbursed: int
    repaid: int
    outstanding: int
    credits: int


def portfolio_of(loans: list[LoanTruth]) -> Portfolio:
    """Return the figures of open loans."""

    def part(first: int, last: int) -> tuple[int, int]:
        inside = [loan.principal for loan in loans if first <= loan.days_late <= last]
        return sum(inside), len(inside)

    return Portfolio(
        gross=sum(loan.principal for loan in loans),
        overdue=sum(loan.overdue for loan in loans),
        loans=len(loans),
        borrowers=len({loan.member for loan in loans}),
        households=len({loan.household for loan in loans}),
        par={days: part(days + 1, 10**6) for days in PAR_DAYS},
        ageing={name: part(first, last) for name, first, last in BANDS},
    )
