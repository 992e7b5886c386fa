"""What fell due in a period, what was collected of it and of older dues, what was lost: demand, collection, balance.

All amounts are principal; charge, fees and penalties are in the registers of collections. A loan's dues are walked day
by day here, the definition as it reads; the database counts the same from its rows, and tests compare the two. The
figures cannot tell which of the two counted.

Here an amount is overdue at the end of a day when it fell due on that day or before and was not paid by its end. So
the closing overdue of a day is the arrears (`arrears_rate`) of that day and what fell due on the day itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from cif_engine.loans.life import LoanLife
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing, Status
from cif_engine.money import round_ratio
from cif_engine.portfolio.par import Rate

ONE_DAY: Final = timedelta(days=1)


class PeriodTally(NamedTuple):
    """A period, counted, from the day it opens to the day it closes; amounts in minor units.

    `first_minor` is the part of the demand that falls due for the first time, the rest falls due again after a
    reschedule. `on_time_minor` is what of the demand was paid by its due day, of which `prepaid_minor` before the
    period; both are told apart for the first-time part. What was collected in the period settled `of_arrears_minor`,
    what was overdue when it opened; `of_current_minor`, what fell due in it; and the rest `in_advance_minor`.
    `written_off_due_minor` is what was overdue of loans that were written off in the period; `rescheduled_due_minor`
    what is no longer overdue because a new schedule says so, below zero where it brought dues forward.
    """

    opening_due_minor: int = 0
    demand_minor: int = 0
    first_minor: int = 0
    on_time_minor: int = 0
    on_time_first_minor: int = 0
    prepaid_minor: int = 0
    prepaid_first_minor: int = 0
    of_arrears_minor: int = 0
    of_current_minor: int = 0
    in_advance_minor: int = 0
    written_off_due_minor: int = 0
    rescheduled_due_minor: int = 0
    closing_due_minor: int = 0
    disbursed_minor: int = 0
    written_off_minor: int = 0
    recovered_minor: int = 0

    @property
    def collected_minor(self) -> int:
        """The principal collected in the period, whatever it settled; recoveries of written-off loans are beside it."""
        return self.of_arrears_minor + self.of_current_minor + self.in_advance_minor

    @property
    def again_minor(self) -> int:
        """The demand that had fallen due before under an earlier schedule."""
        return self.demand_minor - self.first_minor


class AveragePortfolio(NamedTuple):
    """The gross portfolio at the ends of so many days, summed up."""

    sum_minor: int = 0
    days: int = 1

    @property
    def mean_minor(self) -> int:
        """The mean, rounded half even to a minor unit; ratios are taken of the exact one."""
        return round_ratio(self.sum_minor, self.days, 1)


class CountedPeriod(NamedTuple):
    """A tally, with the average portfolio that its losses are judged by."""

    tally: PeriodTally
    average: AveragePortfolio


# Of one loan ---------------------------------------------------------------------------------------------------


def tally_of(life: LoanLife, from_on: date, to_on: date) -> PeriodTally:
    """Return what the period from one day to another, both included, was for a loan.

    12,000 in twelve instalments from 1 February, 500 paid on 1 February and 1,500 on 15 March. For March: opening
    overdue 500, demand 1,000, of which nothing on time; 1,500 collected, 500 of it of arrears, 1,000 of current;
    nothing is overdue at its close.
    """
    before, after = _stood(life, from_on - ONE_DAY), _stood(life, to_on)
    fell = _FellDue()
    for row in _falling_due(life, to_on):
        if row.on >= from_on:
            fell.add(row, before.principal_paid_minor)
    opening, closing = _overdue(life, from_on - ONE_DAY), _overdue(life, to_on)
    collected = after.principal_paid_minor - before.principal_paid_minor
    of_arrears = min(collected, opening)
    of_current = min(collected - of_arrears, fell.demand - fell.prepaid)
    gone = opening + fell.demand - fell.prepaid - of_arrears - of_current - closing
    lost = after.status is Status.WRITTEN_OFF is not before.status
    return PeriodTally(
        opening_due_minor=opening,
        demand_minor=fell.demand,
        first_minor=fell.first,
        on_time_minor=fell.on_time,
        on_time_first_minor=fell.on_time_first,
        prepaid_minor=fell.prepaid,
        prepaid_first_minor=fell.prepaid_first,
        of_arrears_minor=of_arrears,
        of_current_minor=of_current,
        in_advance_minor=collected - of_arrears - of_current,
        written_off_due_minor=gone if lost else 0,
        rescheduled_due_minor=0 if lost else gone,
        closing_due_minor=closing,
        disbursed_minor=after.disbursed_minor - before.disbursed_minor,
        written_off_minor=after.written_off_minor - before.written_off_minor,
        recovered_minor=after.recovered_minor - before.recovered_minor,
    )


class _Falling(NamedTuple):
    """An instalment on the day it falls due: which part of the loan's principal, counted from the first rupee.

    It reaches from `starts` up to `ends`; what lies below `seen` had fallen due on an earlier day; `paid` is what was
    paid of the loan by the end of the day.
    """

    on: date
    starts: int
    ends: int
    seen: int
    paid: int

    def part(self, low: int, high: int) -> int:
        """Return how much of it lies between two places."""
        return max(min(self.ends, high) - max(self.starts, low), 0)


class _FellDue:
    """What fell due in a period, while it is added up."""

    def __init__(self) -> None:
        self.demand = self.first = self.on_time = self.on_time_first = self.prepaid = self.prepaid_first = 0

    def add(self, row: _Falling, paid_before: int) -> None:
        """Count an instalment; `paid_before` is what was paid of the loan before the period."""
        self.demand += row.ends - row.starts
        self.first += row.part(row.seen, row.ends)
        self.on_time += row.part(0, row.paid)
        self.on_time_first += row.part(row.seen, row.paid)
        self.prepaid += row.part(0, paid_before)
        self.prepaid_first += row.part(row.seen, paid_before)


def _falling_due(life: LoanLife, to_on: date) -> Iterator[_Falling]:
    """Give the instalments that fell due up to a day, each by the schedule in force at the end of its day."""
    seen = 0
    for day in _days_that_matter(life, to_on):
        standing = _stood(life, day)
        if not standing.was_disbursed or standing.status is Status.WRITTEN_OFF:
            continue
        fallen = 0
        for row in sorted(_schedule(life, standing), key=_by_due_day):
            if row.due_on == day:
                starts = fallen
                yield _Falling(day, starts, starts + row.principal_minor, seen, standing.principal_paid_minor)
            if row.due_on <= day:
                fallen += row.principal_minor
        seen = max(seen, fallen)


def _days_that_matter(life: LoanLife, to_on: date) -> list[date]:
    """Return the days up to a day on which something fell due, or a schedule was made, in order."""
    due = {row.due_on for schedule in life.schedules for row in schedule}
    changed = {step.fact.effective_on for step in life.steps}
    return sorted(day for day in due | changed if day <= to_on)


def _overdue(life: LoanLife, day: date) -> int:
    """Return what had fallen due of an open loan by the end of a day, that day's own included, and was not paid."""
    standing = _stood(life, day)
    if standing.status is not Status.OPEN:
        return 0
    due = sum(row.principal_minor for row in _schedule(life, standing) if row.due_on <= day)
    return max(due - standing.principal_paid_minor, 0)


def _stood(life: LoanLife, day: date) -> Standing:
    """Return where a loan stood at the end of a day; before its first fact, where nothing was lent yet."""
    return life.standing_on(day) or _NOT_YET


def _schedule(life: LoanLife, standing: Standing) -> tuple[Instalment, ...]:
    return life.schedules[standing.schedule_no - 1]


def _by_due_day(row: Instalment) -> tuple[date, int]:
    return row.due_on, row.number


_NOT_YET: Final = Standing(date.min, Status.APPLIED)


# Of many -------------------------------------------------------------------------------------------------------


def add_up(tallies: Iterable[PeriodTally]) -> PeriodTally:
    """Return several tallies of one period as one."""
    columns = zip(*tallies, strict=True)
    return PeriodTally(*map(sum, columns))


def on_time_rate(tally: PeriodTally) -> Rate:
    """Return what of the amounts falling due for the first time was paid by their day, of all of them."""
    return Rate("on_time_rate", tally.on_time_first_minor, tally.first_minor)


def cleanup(tally: PeriodTally) -> Rate:
    """Return what was collected on dues of earlier periods, beside the opening arrears."""
    return Rate("cleanup", tally.of_arrears_minor, tally.opening_due_minor)


def write_off_ratio(tally: PeriodTally, average: AveragePortfolio) -> str | None:
    """Return the principal written off, of the exact average gross portfolio, in decimals; None where that is nothing.

    60,000 written off of (900,000 + 1,000,000 + 1,100,000) / 3 is `0.060000`.
    """
    return Rate("write_off_ratio", tally.written_off_minor * average.days, average.sum_minor).in_decimals()
