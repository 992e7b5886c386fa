"""What one loan is of a figure: the part of its numerator and of its denominator that the loan accounts for.

Every figure here adds up: it is the sum of what its loans contribute. So the loans behind it can be listed, and what
moved it can be told loan by loan and act by act. The definitions are those of the reports (`par`, `demand`,
`roll_rates`, `vintages`, `maturity`, `recovery`); the database counts the same from its rows, and tests compare them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, NamedTuple

from cif_engine.dates import averaged_days
from cif_engine.loans.life import LoanLife
from cif_engine.loans.standing import Standing, Status
from cif_engine.portfolio.demand import tally_of
from cif_engine.portfolio.maturity import Month, maturing
from cif_engine.portfolio.par import Rate
from cif_engine.portfolio.recovery import recovered_of
from cif_engine.portfolio.roll_rates import BANDS, REPAID, way_of

OUTSTANDING_ON_AVERAGED_DAYS: Final = "portfolio_minor"
"""The outstanding principal on the days whose mean is the average of a period, summed up: no field of its tally."""


class Contribution(NamedTuple):
    """What one loan, or several, are of a figure; in minor units. The denominator of an amount is 0."""

    numerator_minor: int = 0
    denominator_minor: int = 0

    def plus(self, other: Contribution) -> Contribution:
        return Contribution(
            self.numerator_minor + other.numerator_minor, self.denominator_minor + other.denominator_minor
        )

    def less(self, other: Contribution) -> Contribution:
        return Contribution(
            self.numerator_minor - other.numerator_minor, self.denominator_minor - other.denominator_minor
        )


NOTHING: Final = Contribution()


def add_up_contributions(parts: Iterable[Contribution]) -> Contribution:
    """Return what several are together."""
    total = NOTHING
    for part in parts:
        total = total.plus(part)
    return total


# What of a loan counts -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """Outstanding principal of open loans late by so many days, both bounds included, of that of all open loans.

    `most_days_late` None: or longer; `or_renegotiated`: renegotiated loans too, however late.
    """

    day: date
    least_days_late: int = 0
    most_days_late: int | None = None
    or_renegotiated: bool = False

    def of(self, life: LoanLife) -> Contribution:
        standing = _open_on(life, self.day)
        if standing is None:
            return NOTHING
        counts = self._takes(standing.days_late(self.day)) or (self.or_renegotiated and standing.renegotiated)
        return Contribution(standing.outstanding_minor if counts else 0, standing.outstanding_minor)

    def _takes(self, days_late: int) -> bool:
        return self.least_days_late <= days_late and (self.most_days_late is None or days_late <= self.most_days_late)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Principal that fell due before the day and was not paid by its end, of what is outstanding."""

    day: date

    def of(self, life: LoanLife) -> Contribution:
        standing = _open_on(life, self.day)
        if standing is None:
            return NOTHING
        # Charge may be overdue while the principal is paid ahead of its day.
        late = standing.days_late(self.day) > 0
        return Contribution(maturing(life, self.day).get(None, 0) if late else 0, standing.outstanding_minor)


@dataclass(frozen=True, slots=True)
class Maturing:
    """What falls due of open loans in a month, or is overdue already (None), of what is outstanding."""

    day: date
    month: Month

    def of(self, life: LoanLife) -> Contribution:
        standing = _open_on(life, self.day)
        if standing is None:
            return NOTHING
        return Contribution(maturing(life, self.day).get(self.month, 0), standing.outstanding_minor)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Principal collected on amounts that have fallen due by the day, of those."""

    day: date

    def of(self, life: LoanLife) -> Contribution:
        recovered = recovered_of(life, self.day)
        return Contribution(recovered.collected_minor, recovered.fallen_due_minor)


VintagePart = Literal["late", "renegotiated", "written_off"]


@dataclass(frozen=True, slots=True)
class Vintage:
    """Of the loans first handed out from one day to another: what is late on the day (or `part`), of what was lent."""

    day: date
    from_on: date
    to_on: date
    part: VintagePart
    least_days_late: int

    def of(self, life: LoanLife) -> Contribution:
        standing = life.standing_on(self.day)
        if standing is None or standing.disbursed_on is None or not self.from_on <= standing.disbursed_on <= self.to_on:
            return NOTHING
        return Contribution(self._numerator(standing), standing.disbursed_minor)

    def _numerator(self, standing: Standing) -> int:
        if self.part == "written_off":
            return standing.written_off_minor
        is_late = standing.days_late(self.day) >= self.least_days_late
        counts = is_late if self.part == "late" else standing.renegotiated
        return standing.outstanding_minor if counts and standing.status is Status.OPEN else 0


@dataclass(frozen=True, slots=True)
class OverPeriod:
    """An amount of the tally of a period, of another (None: of nothing).

    Both are named as `PeriodTally` names them; the denominator may be OUTSTANDING_ON_AVERAGED_DAYS.
    """

    from_on: date
    to_on: date
    numerator: str
    denominator: str | None = None

    @property
    def day(self) -> date:
        """The last day: that of the standings shown beside."""
        return self.to_on

    def of(self, life: LoanLife) -> Contribution:
        tally = tally_of(life, self.from_on, self.to_on)
        numerator: int = getattr(tally, self.numerator)
        if self.denominator is None:
            return Contribution(numerator)
        if self.denominator != OUTSTANDING_ON_AVERAGED_DAYS:
            return Contribution(numerator, getattr(tally, self.denominator))
        stood = (_open_on(life, day) for day in averaged_days(self.from_on, self.to_on))
        return Contribution(numerator, sum(standing.outstanding_minor for standing in stood if standing))


@dataclass(frozen=True, slots=True)
class Rolled:
    """A cell of the roll rates: what went from a band to another, of what the band owed when the period opened.

    `came_from` None: from anywhere. `went_to` REPAID and WRITTEN_OFF are what was repaid and lost of all loans of the
    row, also of those that are still open.
    """

    from_on: date
    to_on: date
    came_from: int | None
    went_to: int

    @property
    def day(self) -> date:
        """The last day: that of the standings shown beside."""
        return self.to_on

    def of(self, life: LoanLife) -> Contribution:
        went = way_of(life, self.from_on, self.to_on)
        if went is None:
            return NOTHING
        (came_from, went_to), flow = went
        if self.came_from not in (None, came_from):
            return NOTHING
        if self.went_to < len(BANDS):
            return Contribution(flow.closing_minor if went_to == self.went_to else 0, flow.opening_minor)
        gone = flow.repaid_minor if self.went_to == REPAID else flow.written_off_minor
        return Contribution(gone, flow.opening_minor)


Measure = Balance | Overdue | Maturing | Recovery | Vintage | OverPeriod | Rolled


def _open_on(life: LoanLife, day: date) -> Standing | None:
    """Return where an open loan stood at the end of a day; None where it was not open."""
    standing = life.standing_on(day)
    return standing if standing and standing.status is Status.OPEN else None


# A figure ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """A figure, or a part of one, that is asked about: its definition, and what of a loan counts.

    Where the denominator is an average, loans contribute to the sum over `averaged_over` days. An amount is no share of
    anything: its denominator is left out.
    """

    definition: str
    measure: Measure
    is_share: bool
    averaged_over: int = 1

    @property
    def day(self) -> date:
        """The day, or the last of the period."""
        return self.measure.day

    @property
    def from_on(self) -> date | None:
        """The first day of the period, where it is of one."""
        return self.measure.from_on if isinstance(self.measure, OverPeriod | Rolled) else None

    def rate(self, whole: Contribution) -> str | None:
        """Return the figure as a share, in decimals; None where it is an amount, or a share of nothing."""
        if not self.is_share:
            return None
        numerator = whole.numerator_minor * self.averaged_over
        return Rate(self.definition, numerator, whole.denominator_minor).in_decimals()


def contribution(life: LoanLife, subject: Subject) -> Contribution:
    """Return what a loan is of a figure.

    A loan of 12,000 that is late by 40 days with 9,000 outstanding is (9,000, 9,000) of PAR 30, (0, 9,000) of PAR 60.
    """
    found = subject.measure.of(life)
    return found if subject.is_share else found._replace(denominator_minor=0)
