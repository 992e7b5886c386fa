"""Vintages: the loans first handed out in one month, followed month after month for as long as there are months.

A growing portfolio hides its bad months in its good ones; a vintage cannot, because what it is a share of stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from cif_engine.dates import add_months, month_end_of
from cif_engine.loans.life import LoanLife
from cif_engine.loans.standing import Status
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.par import Rate


class Cell(NamedTuple):
    """A cohort after so many months; amounts in minor units.

    `late_minor` is the outstanding principal of loans late over n days, `renegotiated_minor` that of renegotiated ones,
    late or not; `written_off_minor` was written off by then, and `disbursed_minor` handed out by then.
    """

    disbursed_minor: int = 0
    late_minor: int = 0
    renegotiated_minor: int = 0
    written_off_minor: int = 0

    @property
    def late_rate(self) -> Rate:
        """The share of what was handed out that is outstanding of late loans: 24,000 of 600,000 is 4 %."""
        return Rate("vintage", self.late_minor, self.disbursed_minor)

    @property
    def written_off_rate(self) -> Rate:
        """The share of what was handed out that was written off."""
        return Rate("vintage", self.written_off_minor, self.disbursed_minor)

    @property
    def renegotiated_rate(self) -> Rate:
        """The share of what was handed out that is outstanding of renegotiated loans."""
        return Rate("vintage", self.renegotiated_minor, self.disbursed_minor)


Place = tuple[int, int]
"""A cohort by its place among the months, and the months after it: (0, 2) is the first one, two months on."""


class Lasting(NamedTuple):
    """Standings of a cohort that lasted over the same month-ends: from place `first` to the one before `until`.

    They are late from place `late_from` on. All places count the months of the report from 0.
    """

    cohort: int
    first: int
    until: int
    late_from: int
    disbursed_minor: int
    outstanding_minor: int
    renegotiated_minor: int
    written_off_minor: int


def month_ends(as_of: date, months: int) -> tuple[date, ...]:
    """Return the ends of the last months that were over by the end of a day: up to so many, in order.

    On 15 March 2024, two months are those of January and February; on 31 March, February and March.
    """
    last = month_end_of(as_of)
    if last > as_of:
        last = as_of.replace(day=1) - timedelta(days=1)
    return tuple(month_end_of(add_months(last, -back)) for back in reversed(range(months)))


def cells(standings: Iterable[Lasting]) -> dict[Place, Cell]:
    """Return the cohorts at every month-end over which their standings lasted."""
    found: defaultdict[Place, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for held in standings:
        for place in range(max(held.first, held.cohort), held.until):
            cell = found[held.cohort, place - held.cohort]
            cell[0] += held.disbursed_minor
            cell[1] += held.outstanding_minor if place >= held.late_from else 0
            cell[2] += held.renegotiated_minor
            cell[3] += held.written_off_minor
    return {place: Cell(*amounts) for place, amounts in found.items()}


def cells_of(life: LoanLife, ends: Sequence[date], days: int, comparator: Comparator) -> Mapping[Place, Cell]:
    """Return what a loan is of its cohort at each of the month-ends `ends`; none where its month is not among them."""
    found: dict[Place, Cell] = {}
    for place, end in enumerate(ends):
        standing = life.standing_on(end)
        if standing is None or standing.disbursed_on is None:
            continue
        cohort = next((at for at, month in enumerate(ends) if month_end_of(standing.disbursed_on) == month), None)
        if cohort is None:
            continue
        owed = standing.outstanding_minor if standing.status is Status.OPEN else 0
        late = comparator.is_late_over(standing.days_late(end), days)
        found[cohort, place - cohort] = Cell(
            standing.disbursed_minor,
            owed if late else 0,
            owed if standing.renegotiated else 0,
            standing.written_off_minor,
        )
    return found


def add_up_cells(parts: Iterable[Mapping[Place, Cell]]) -> dict[Place, Cell]:
    """Return the cells of several loans, or of several portfolios, as one."""
    found: defaultdict[Place, Cell] = defaultdict(Cell)
    for part in parts:
        for place, cell in part.items():
            found[place] = Cell(*(one + other for one, other in zip(found[place], cell, strict=True)))
    return dict(found)
