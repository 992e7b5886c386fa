"""The figures of a portfolio on one day: portfolio at risk, ageing, arrears. `docs/definitions.md` gives each its id.

A portfolio is tallied first, here from positions or by the database from its rows, and judged afterwards; the figures
cannot tell which of the two counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from cif_engine.money import round_ratio

PAR_DAYS: Final = (0, 1, 30, 60, 90, 180, 365)
"""The n of every `par_n` reported."""

AGEING_DAYS: Final = (0, 30, 60, 90, 180, 365)
"""Each ageing band ends at one of these, both the day itself and its band included; the last band has no end."""

COMPARATOR: Final = ">"
"""A loan is at risk over n days when it is late by more than n; printed with the figure, because others use `>=`."""

RATE_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Position:
    """An open loan on a day. `overdue_minor` is the principal that fell due before that day and was not paid by it."""

    member_id: str
    household_id: str
    outstanding_minor: int
    overdue_minor: int
    days_late: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a portfolio: its loans and their whole outstanding principal."""

    outstanding_minor: int = 0
    loans: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """A portfolio, counted. `late` has one part per n of PAR_DAYS: the loans late by more than n days."""

    outstanding_minor: int
    overdue_minor: int
    loans: int
    borrowers: int
    households: int
    late: tuple[Part, ...]

    def late_over(self, days: int) -> Part:
        """Return the loans late by more than `days`, which is one of PAR_DAYS."""
        return self.late[PAR_DAYS.index(days)]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of one amount in another, exact; it has no value when there is nothing to be a share of."""

    definition: str
    numerator_minor: int
    denominator_minor: int

    def in_decimals(self) -> str | None:
        """Return the rate rounded half even to six decimals: 200,000 of 5,000,000 is `0.040000`."""
        if self.denominator_minor == 0:
            return None
        millionths = round_ratio(self.numerator_minor * 10**RATE_DECIMALS, self.denominator_minor, 1)
        whole, decimals = divmod(millionths, 10**RATE_DECIMALS)
        return f"{whole}.{decimals:0{RATE_DECIMALS}d}"


@dataclass(frozen=True, slots=True)
class Band:
    """The loans late from `days_from` to `days_to` days, both included; `days_to` None: or longer."""

    name: str
    days_from: int
    days_to: int | None
    part: Part


def tally(positions: Iterable[Position]) -> Tally:
    """Count a portfolio. A member with two loans is one borrower, and two borrowers may share a household."""
    held = list(positions)
    return Tally(
        outstanding_minor=sum(position.outstanding_minor for position in held),
        overdue_minor=sum(position.overdue_minor for position in held),
        loans=len(held),
        borrowers=len({position.member_id for position in held}),
        households=len({position.household_id for position in held}),
        late=tuple(_late_over(days, held) for days in PAR_DAYS),
    )


def _late_over(days: int, positions: list[Position]) -> Part:
    late = [position.outstanding_minor for position in positions if position.days_late > days]
    return Part(sum(late), len(late))


def add_up(tallies: Iterable[Tally], borrowers: int | None = None, households: int | None = None) -> Tally:
    """Return several portfolios as one. Where they share people, these are given, counted over all of them."""
    parts = list(tallies)
    return Tally(
        outstanding_minor=sum(part.outstanding_minor for part in parts),
        overdue_minor=sum(part.overdue_minor for part in parts),
        loans=sum(part.loans for part in parts),
        borrowers=sum(part.borrowers for part in parts) if borrowers is None else borrowers,
        households=sum(part.households for part in parts) if households is None else households,
        late=tuple(_add_up_late([part.late_over(days) for part in parts]) for days in PAR_DAYS),
    )


def _add_up_late(parts: list[Part]) -> Part:
    return Part(sum(part.outstanding_minor for part in parts), sum(part.loans for part in parts))


def due_before(day: date, days: int) -> date:
    """Return the day before which the oldest unpaid instalment of a loan late by more than `days` on `day` was due."""
    return day - timedelta(days=days)


def portfolio_at_risk(portfolio: Tally, days: int) -> Rate:
    """Return `par_n`: the whole balance of loans late by more than `days`, of the gross portfolio."""
    return Rate("par_n", portfolio.late_over(days).outstanding_minor, portfolio.outstanding_minor)


def arrears_rate(portfolio: Tally) -> Rate:
    """Return the overdue principal, of the gross portfolio; it is not portfolio at risk, and never larger."""
    return Rate("arrears_rate", portfolio.overdue_minor, portfolio.outstanding_minor)


def ageing(portfolio: Tally) -> tuple[Band, ...]:
    """Return the gross portfolio by how late its loans are; the bands sum to it."""
    reached = [Part(portfolio.outstanding_minor, portfolio.loans), *map(portfolio.late_over, AGEING_DAYS)]
    ends = (-1, *AGEING_DAYS)
    closed = [
        Band(_band_name(before + 1, end), before + 1, end, _less(here, beyond))
        for (before, end), (here, beyond) in zip(pairwise(ends), pairwise(reached), strict=True)
    ]
    last = AGEING_DAYS[-1]
    return (*closed, Band(f"> {last}", last + 1, None, reached[-1]))


def _band_name(days_from: int, days_to: int) -> str:
    return f"{days_from}-{days_to}" if days_to else "current"


def _less(whole: Part, part: Part) -> Part:
    return Part(whole.outstanding_minor - part.outstanding_minor, whole.loans - part.loans)
