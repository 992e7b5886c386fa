"""The figures of a portfolio on one day: portfolio at risk, ageing, arrears. `docs/definitions.md` gives each its id.

A portfolio is tallied first, here from positions or by the database from its rows, and judged afterwards; the figures
cannot tell which of the two counted. Whether "late over n days" takes a loan late by exactly n days is a setting of the
rule set (`Comparator`): a tally counts loans by the fewest days late, and each figure asks for the count it needs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from cif_engine.money import round_ratio
from cif_engine.portfolio.classification import Comparator

PAR_DAYS: Final = (0, 1, 30, 60, 90, 180, 365)
"""The n of every `par_n` reported."""

AGEING_DAYS: Final = (0, 30, 60, 90, 180, 365)
"""Each ageing band ends at one of these, both the day itself and its band included; the last band has no end."""

COVERED_DAYS: Final = 30
"""The n of the risk that an allowance is to cover."""

RATE_DECIMALS: Final = 6


def levels(comparator: Comparator) -> tuple[int, ...]:
    """Return the fewest days late of every part that the figures of a day need, in order."""
    at_risk = {comparator.least_days_late(days) for days in PAR_DAYS}
    return tuple(sorted(at_risk | {days + 1 for days in AGEING_DAYS}))


ALL_LEVELS: Final = tuple(sorted({level for comparator in Comparator for level in levels(comparator)}))


@dataclass(frozen=True, slots=True)
class Position:
    """An open loan on a day. `overdue_minor` is the principal that fell due before that day and was not paid by it."""

    member_id: str
    household_id: str
    outstanding_minor: int
    overdue_minor: int
    days_late: int
    renegotiated: bool = False


class Part(NamedTuple):
    """A part of a portfolio: its loans and their whole outstanding principal."""

    outstanding_minor: int = 0
    loans: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """A portfolio, counted.

    `late` has the loans by the fewest days late, `at_risk` those and the renegotiated ones. `overdue_minor`,
    `borrowers` and `households` are None where they were not counted.
    """

    outstanding_minor: int
    loans: int
    late: Mapping[int, Part]
    at_risk: Mapping[int, Part]
    overdue_minor: int | None = None
    borrowers: int | None = None
    households: int | None = None

    def late_over(self, days: int, comparator: Comparator = Comparator.MORE_THAN) -> Part:
        """Return the loans late over `days`, which is one of PAR_DAYS."""
        return self.late[comparator.least_days_late(days)]

    def at_risk_over(self, days: int, comparator: Comparator = Comparator.MORE_THAN) -> Part:
        """Return the loans late over `days` or renegotiated, each once."""
        return self.at_risk[comparator.least_days_late(days)]


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
    renegotiated = [position for position in held if position.renegotiated]
    late = {level: [position for position in held if position.days_late >= level] for level in ALL_LEVELS}
    return Tally(
        outstanding_minor=sum(position.outstanding_minor for position in held),
        loans=len(held),
        late={level: _part(of_level) for level, of_level in late.items()},
        at_risk={
            level: _part([*of_level, *(position for position in renegotiated if position.days_late < level)])
            for level, of_level in late.items()
        },
        overdue_minor=sum(position.overdue_minor for position in held),
        borrowers=len({position.member_id for position in held}),
        households=len({position.household_id for position in held}),
    )


def _part(positions: Collection[Position]) -> Part:
    return Part(sum(position.outstanding_minor for position in positions), len(positions))


def add_up(tallies: Iterable[Tally], of_levels: Collection[int] = ALL_LEVELS) -> Tally:
    """Return several portfolios as one, of none too; people may be in several of them, so they are not counted."""
    parts = list(tallies)
    return Tally(
        outstanding_minor=sum(part.outstanding_minor for part in parts),
        loans=sum(part.loans for part in parts),
        late={level: _add_up_parts(part.late[level] for part in parts) for level in of_levels},
        at_risk={level: _add_up_parts(part.at_risk[level] for part in parts) for level in of_levels},
        overdue_minor=sum(part.overdue_minor or 0 for part in parts),
    )


def _add_up_parts(parts: Iterable[Part]) -> Part:
    held = list(parts)
    return Part(sum(part.outstanding_minor for part in held), sum(part.loans for part in held))


def due_before(day: date, days: int) -> date:
    """Return the day before which the oldest unpaid instalment of a loan late by more than `days` on `day` was due."""
    return day - timedelta(days=days)


def portfolio_at_risk(portfolio: Tally, days: int, comparator: Comparator = Comparator.MORE_THAN) -> Rate:
    """Return `par_n`: the whole balance of loans late over `days`, of the gross portfolio."""
    return Rate("par_n", portfolio.late_over(days, comparator).outstanding_minor, portfolio.outstanding_minor)


def at_risk_with_renegotiated(portfolio: Tally, days: int, comparator: Comparator = Comparator.MORE_THAN) -> Rate:
    """Return `par_n_renegotiated`: the same with the renegotiated loans that are not late over `days`."""
    numerator = portfolio.at_risk_over(days, comparator).outstanding_minor
    return Rate("par_n_renegotiated", numerator, portfolio.outstanding_minor)


def arrears_rate(portfolio: Tally) -> Rate:
    """Return the overdue principal, of the gross portfolio; it is not portfolio at risk, and never larger."""
    assert portfolio.overdue_minor is not None, "the overdue principal was counted"
    return Rate("arrears_rate", portfolio.overdue_minor, portfolio.outstanding_minor)


def risk_coverage(portfolio: Tally, allowance_minor: int, comparator: Comparator = Comparator.MORE_THAN) -> Rate:
    """Return the allowance, of the loans late over 30 days or renegotiated."""
    return Rate("risk_coverage", allowance_minor, portfolio.at_risk_over(COVERED_DAYS, comparator).outstanding_minor)


def ageing(portfolio: Tally) -> tuple[Band, ...]:
    """Return the gross portfolio by how late its loans are; the bands sum to it, and are the same in every rule set."""
    reached = [Part(portfolio.outstanding_minor, portfolio.loans), *(portfolio.late_over(end) for end in AGEING_DAYS)]
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
