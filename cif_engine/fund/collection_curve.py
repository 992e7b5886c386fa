"""How a fund's borrowers pay: what share of an amount comes in the month it falls due, and in each month after.

Measured as a life table is: of all principal that was due and unpaid when a month opened, by how many months before it
had fallen due, what was collected in the month and what was written off. What falls due in the month counts with the
months of age 0; what of it was paid before the month is in neither part. So every month that is over teaches something
about dues of all ages, and an amount paid late counts as late, never as lost.

Each share is exact until it is applied to an amount. All amounts are principal, in minor units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from cif_engine.dates import MONTHS_IN_YEAR, add_months, month_end_of

NONE_OF_IT: Final = Fraction(0)
ALL_OF_IT: Final = Fraction(1)

ENOUGH_MONTHS: Final = 3
"""In fewer months with dues than these, what was collected says little about how borrowers pay."""


class Ages(NamedTuple):
    """Dues that fell due so many months ago, from one number to another; None: or more."""

    months_from: int
    months_to: int | None


BANDS: Final = (Ages(0, 0), Ages(1, 1), Ages(2, 2), Ages(3, 3), Ages(4, 6), Ages(7, 12), Ages(13, None))
"""Ages that are measured together: the older, the fewer amounts there are to measure."""


class Due(NamedTuple):
    """The principal of one instalment: the loan's, from its rupee `starts_minor` to `ends_minor`, as it is repaid."""

    loan_id: str
    schedule_no: int
    due_on: date
    starts_minor: int
    ends_minor: int

    def unpaid_minor(self, principal_paid_minor: int) -> int:
        """Return what of it is unpaid when so much of the loan's principal is paid."""
        return self.ends_minor - max(self.starts_minor, min(self.ends_minor, principal_paid_minor))


class Stood(NamedTuple):
    """Where a loan stood from the end of a day on; `is_lost`: written off."""

    loan_id: str
    since: date
    schedule_no: int
    principal_paid_minor: int
    is_lost: bool


class History(NamedTuple):
    """What a measurement is made of.

    `dues` are the instalments that fell due in the months measured, each by the schedule in force at the end of its
    day, and those that were overdue when the months began. `stood` are the standings that lasted into these months, of
    each loan in their order.
    """

    dues: Sequence[Due]
    stood: Sequence[Stood]


class Measured(NamedTuple):
    """Of dues of some ages: unpaid when a month opened, collected in it, written off in it; months added up."""

    unpaid_minor: int = 0
    collected_minor: int = 0
    written_off_minor: int = 0


class Measurement(NamedTuple):
    """What a history says of each of `BANDS`, and in how many of its months anything fell due."""

    bands: tuple[Measured, ...]
    months_with_dues: int


def months_over(as_of: date, months: int) -> tuple[date, ...]:
    """Return the ends of the last so many months that were over by the end of a day, in order."""
    last = as_of if as_of == month_end_of(as_of) else as_of.replace(day=1) - timedelta(days=1)
    return tuple(month_end_of(add_months(last, -back)) for back in reversed(range(months)))


def measure(history: History, months: Sequence[date]) -> Measurement:
    """Return what was collected and lost in the months that end on these days, which follow each other.

    1,000 fell due in March and 400 of it came that month, 300 in April, nothing in May: of age 0, 400 of 1,000; of
    age 1, 300 of 600; of age 2, 0 of 300.
    """
    at_ends = _at_month_ends(history.stood, months)
    first = _number(months[0])
    sums = [[0, 0, 0] for _ in BANDS]
    with_dues = set()
    for due in history.dues:
        fell = _number(due.due_on) - first
        if fell >= 0:
            with_dues.add(fell)
        for place, met in _months_of(due, fell, at_ends[due.loan_id]):
            counted = sums[_band(place - fell)]
            for part, amount in enumerate(met):
                counted[part] += amount
    return Measurement(tuple(Measured(*counted) for counted in sums), len(with_dues))


def _months_of(due: Due, fell: int, standings: Sequence[Stood]) -> Iterator[tuple[int, Measured]]:
    """Give each month, by its place, in which the amount was due and unpaid, with what became of it.

    It is followed while the schedule that it fell due by is in force and the loan is not written off.
    """
    for place in range(max(fell, 0), len(standings) - 1):
        before, after = standings[place], standings[place + 1]
        if place > fell and (before.is_lost or before.schedule_no != due.schedule_no):
            return
        unpaid, still = due.unpaid_minor(before.principal_paid_minor), due.unpaid_minor(after.principal_paid_minor)
        if not unpaid:
            return
        yield place, Measured(unpaid, unpaid - still, still if after.is_lost else 0)


def _at_month_ends(stood: Iterable[Stood], months: Sequence[date]) -> Mapping[str, list[Stood]]:
    """Return where each loan stood when the months began, and at the end of each."""
    first = _number(months[0])
    found: defaultdict[str, list[Stood]] = defaultdict(lambda: [_NOT_YET] * (len(months) + 1))
    for standing in stood:
        place = max(_number(standing.since) - first + 1, 0)
        found[standing.loan_id][place:] = [standing] * (len(months) + 1 - place)
    return found


_NOT_YET: Final = Stood("", date.min, 0, 0, is_lost=False)
"""Where a loan stood before it was handed out."""


def _number(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month


def _band(age: int) -> int:
    return next(place for place, ages in enumerate(BANDS) if ages.months_to is None or age <= ages.months_to)


# What to expect ------------------------------------------------------------------------------------------------


class Basis(StrEnum):
    """What the shares of a band rest on, where its own amounts say nothing."""

    GIVEN = "given"
    MEASURED = "measured"
    NEAREST_AGES = "nearest_ages"
    SCHEDULE = "schedule"
    NOTHING = "nothing"


class InAMonth(NamedTuple):
    """The shares of what is unpaid when a month opens that are collected and written off in it."""

    collected: Fraction
    written_off: Fraction


@dataclass(frozen=True, slots=True)
class Curve:
    """What is expected of each of `BANDS`, on what basis, and what was measured."""

    measured: Measurement
    expected: tuple[InAMonth, ...]
    basis: tuple[Basis, ...]

    def of_age(self, months: int) -> InAMonth:
        """Return what is expected of amounts that fell due so many months before."""
        return self.expected[_band(months)]

    @property
    def is_well_founded(self) -> bool:
        """Whether dues of enough months were measured."""
        return self.measured.months_with_dues >= ENOUGH_MONTHS

    def collected_after(self, months: int) -> Fraction:
        """Return the share of an amount that comes by the end of so many months after the one it falls due in."""
        unpaid, collected = ALL_OF_IT, NONE_OF_IT
        for age in range(months + 1):
            rates = self.of_age(age)
            collected += unpaid * rates.collected
            unpaid *= ALL_OF_IT - rates.collected - rates.written_off
        return collected


def curve_of(measured: Measurement, collection_rate: Fraction | None, cleanup_rate: Fraction | None) -> Curve:
    """Return what a measurement, and rates that are given in place of it, let expect.

    A `collection_rate` stands for what is collected in the month of falling due, a `cleanup_rate` for what is collected
    of arrears in a month. Where nothing fell due the schedule is taken as it stands; where there were no arrears of an
    age, the next younger that there were say what to expect, else the next older, for older dues are no easier to
    collect. Where there were no arrears at all nothing is expected of them.
    """
    found = [_found(measured.bands, place) for place in range(len(BANDS))]
    given = [collection_rate, *[cleanup_rate] * (len(BANDS) - 1)]
    resolved = [
        (rates, basis) if rate is None else (_with_rate(rates, rate), Basis.GIVEN)
        for (rates, basis), rate in zip(found, given, strict=True)
    ]
    return Curve(measured, tuple(rates for rates, _ in resolved), tuple(basis for _, basis in resolved))


def _found(bands: Sequence[Measured], place: int) -> tuple[InAMonth, Basis]:
    if bands[place].unpaid_minor:
        return _shares(bands[place]), Basis.MEASURED
    if place == 0:
        return InAMonth(ALL_OF_IT, NONE_OF_IT), Basis.SCHEDULE
    nearest = next((other for other in (*reversed(bands[1:place]), *bands[place:]) if other.unpaid_minor), None)
    if nearest is None:
        return InAMonth(NONE_OF_IT, NONE_OF_IT), Basis.NOTHING
    return _shares(nearest), Basis.NEAREST_AGES


def _shares(counted: Measured) -> InAMonth:
    unpaid = counted.unpaid_minor
    return InAMonth(Fraction(counted.collected_minor, unpaid), Fraction(counted.written_off_minor, unpaid))


def _with_rate(measured: InAMonth, rate: Fraction) -> InAMonth:
    return InAMonth(rate, min(measured.written_off, ALL_OF_IT - rate))
