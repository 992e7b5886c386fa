"""What a fund can expect: money in by month, loans that can be made of it, and when it lies idle or runs dry.

A fold over months that follow each other: nothing is drawn at random, and the same books and assumptions give the same
forecast. What falls due is the schedules' own; what comes of it is by the collection curve. Amounts are minor units. A
share of an amount is rounded half even to a minor unit once, where it is taken; what rounding leaves stays unpaid, and
is expected in later months.

Within a month: money is collected, capital comes, expenses are paid, what was committed is handed out, and then new
loans are made of what is lendable. So a loan made in a month falls due from the next month on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Final, NamedTuple

from cif_engine.dates import MONTHS_IN_YEAR, add_months, month_end_of
from cif_engine.fund.collection_curve import ALL_OF_IT, Curve
from cif_engine.money import round_ratio

USUAL_TERM_MONTHS: Final = 12
"""The term of new loans of a fund that has made none: equal monthly instalments over a year."""

Plan = tuple[tuple[int, int], ...]
"""How new loans fall due: months after the one they are made in (from 1), in order, each with its weight above 0."""


class Unpaid(NamedTuple):
    """What is unpaid of the schedules in force, of one month: all that fell due in it, or will.

    `month` is its first day. Of a month that is running, what was due before the day is apart, as `overdue`.
    """

    month: date
    overdue: bool
    principal_minor: int
    charge_minor: int


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a fund stands: `cash_minor` in hand, in the bank and in transit; `committed_minor` approved, not paid."""

    cash_minor: int
    outstanding_minor: int
    committed_minor: int
    reserve_floor_minor: int
    unpaid: tuple[Unpaid, ...]


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the forecast assumes beside the books.

    `loan_minor` None: there is no size to make loans of, and none are made. `loans_per_month` None: as many as can be.
    `capital` comes in the months of these numbers, 1 the first. `idle_above` is a share of cash in cash and loans.
    """

    months: int
    curve: Curve
    loan_minor: int | None
    loans_per_month: int | None
    plan: Plan
    monthly_expenses_minor: int
    capital: tuple[tuple[int, int], ...]
    idle_above: Fraction


class Ahead(NamedTuple):
    """A month ahead; the first one is what is left of the month that is running."""

    from_on: date
    to_on: date

    @property
    def share_of_month(self) -> Fraction:
        """Return how much of the calendar month it is."""
        return Fraction((self.to_on - self.from_on).days + 1, self.to_on.day)


class Dues(NamedTuple):
    """What became of dues in a month: overdue when it opened, falling due, collected of both, written off.

    Principal and charge together; the principal of what was collected and written off stands beside.
    """

    overdue_minor: int = 0
    falling_due_minor: int = 0
    of_overdue_minor: int = 0
    of_falling_due_minor: int = 0
    written_off_minor: int = 0
    principal_collected_minor: int = 0
    principal_written_off_minor: int = 0

    @property
    def collected_minor(self) -> int:
        """All that is collected."""
        return self.of_overdue_minor + self.of_falling_due_minor

    @property
    def unpaid_minor(self) -> int:
        """What is overdue when the month closes."""
        return self.overdue_minor + self.falling_due_minor - self.collected_minor - self.written_off_minor


class Cash(NamedTuple):
    """The money of a fund in a month."""

    opening_minor: int
    collected_minor: int
    capital_minor: int
    expenses_minor: int
    committed_minor: int
    lent_minor: int

    @property
    def closing_minor(self) -> int:
        """What is held when the month closes."""
        came = self.collected_minor + self.capital_minor
        return self.opening_minor + came - self.expenses_minor - self.committed_minor - self.lent_minor


class MonthAhead(NamedTuple):
    """What is expected of a month: of loans made by the day of the forecast (`made`) and after it (`to_come`).

    `lendable_minor` is what new loans may be made of; below zero where more is promised than there is.
    """

    ahead: Ahead
    made: Dues
    to_come: Dues
    cash: Cash
    lendable_minor: int
    loans: int
    outstanding_minor: int

    @property
    def cash_share(self) -> Fraction | None:
        """Return the share of cash in cash and loans when the month closes; None where there is neither."""
        whole = self.cash.closing_minor + self.outstanding_minor
        return Fraction(self.cash.closing_minor, whole) if whole else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The months ahead in order; `beyond_minor` falls due of loans made by now after the last of them.

    `idle` is the first month that closes with more cash than is called idle, `dry` the first in which not one loan can
    be made; None where there is no such month.
    """

    months: tuple[MonthAhead, ...]
    beyond_minor: int
    idle: MonthAhead | None
    dry: MonthAhead | None


def look_ahead(opening: Opening, assumed: Assumptions, as_of: date) -> Forecast:
    """Return what is expected after a day of a fund that stood so at its end.

    A perfect payer owes 1,000 a month and the fund holds 500. At 1,200 a loan, one can be made in the first month, of
    500 + 1,000; 300 are left. In the second, 100 of the new loan come back beside the 1,000: again one can be made.
    """
    months = months_ahead(as_of, assumed.months)
    path = _Path(opening, assumed, months)
    found = tuple(path.month(place) for place in range(len(months)))
    beyond = sum(part.principal_minor + part.charge_minor for part in opening.unpaid if part.month > months[-1].to_on)
    loan = assumed.loan_minor
    return Forecast(
        found,
        beyond,
        next((month for month in found if (month.cash_share or 0) > assumed.idle_above), None),
        next((month for month in found if loan is not None and month.lendable_minor < loan), None),
    )


def months_ahead(as_of: date, months: int) -> tuple[Ahead, ...]:
    """Return so many months after a day: the rest of its month, unless the day ends it, and those that follow."""
    from_on = as_of + timedelta(days=1)
    found = []
    for _ in range(months):
        found.append(Ahead(from_on, month_end_of(from_on)))
        from_on = add_months(from_on.replace(day=1), 1)
    return tuple(found)


def equal_instalments(months: int) -> Plan:
    """Return the plan of loans that are repaid in equal parts, one in each of so many months."""
    return tuple((month, 1) for month in range(1, months + 1))


def falling_due(amount_minor: int, plan: Plan) -> tuple[tuple[int, int], ...]:
    """Return what falls due of an amount by a plan, month by month; it sums to the amount.

    All that has fallen due by a month is rounded, so that no month is more than one minor unit off its share: 100 in
    three months of equal weight are 33, 34 and 33.
    """
    whole = sum(weight for _, weight in plan)
    by_then = [round_ratio(amount_minor * weight, whole, 1) for weight in accumulate(weight for _, weight in plan)]
    parts = [later - earlier for earlier, later in zip([0, *by_then], by_then, strict=False)]
    return tuple((month, part) for (month, _), part in zip(plan, parts, strict=True))


# Month by month ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Cohort:
    """Dues of one month while they are followed; `place` is that month's, from 0, the first ahead."""

    place: int
    overdue: bool
    made: bool
    principal_minor: int = 0
    charge_minor: int = 0

    def passes(self, place: int, curve: Curve, ahead: Ahead) -> Dues:
        """Let a month pass, not before that of the dues, and return what became of them."""
        age = max(place - self.place, int(self.overdue))
        # Arrears have had the part of the running month that is over; what falls due has all of its own.
        time = ahead.share_of_month if age else ALL_OF_IT
        expected = curve.of_age(age)
        owed = self.principal_minor + self.charge_minor
        principal, charge = (
            _shared(amount, expected.collected * time, expected.written_off * time)
            for amount in (self.principal_minor, self.charge_minor)
        )
        self.principal_minor -= sum(principal)
        self.charge_minor -= sum(charge)
        collected, lost = principal[0] + charge[0], principal[1] + charge[1]
        if age:
            return Dues(owed, 0, collected, 0, lost, *principal)
        return Dues(0, owed, 0, collected, lost, *principal)


class _Path:
    """The state of a fund while its months pass."""

    def __init__(self, opening: Opening, assumed: Assumptions, months: Sequence[Ahead]) -> None:
        self.assumed = assumed
        self.months = months
        self.reserve = opening.reserve_floor_minor
        self.cash = opening.cash_minor
        self.outstanding = opening.outstanding_minor
        self.committed = opening.committed_minor
        self.expenses = 0
        self.cohorts: dict[tuple[int, bool, bool], _Cohort] = {}
        first = _number(months[0].from_on)
        for part in opening.unpaid:
            # What falls due on the day itself, the last of its month, is expected in the first month ahead.
            place = _number(part.month) - first
            cohort = self._cohort(place if part.overdue else max(place, 0), overdue=part.overdue, made=True)
            cohort.principal_minor += part.principal_minor
            cohort.charge_minor += part.charge_minor

    def month(self, place: int) -> MonthAhead:
        """Let the month of this place pass."""
        made, to_come = self._collects(place)
        opening = self.cash
        collected = made.collected_minor + to_come.collected_minor
        capital = sum(amount for number, amount in self.assumed.capital if number == place + 1)
        held = opening + collected + capital
        # What cannot be paid waits for the next month.
        self.expenses += self.assumed.monthly_expenses_minor
        spent = min(self.expenses, max(held, 0))
        self.expenses -= spent
        promised = min(self.committed, max(held - spent - self.reserve, 0))
        self.committed -= promised
        lendable = held - spent - promised - self.committed - self.reserve
        loans, lent = self._lends(lendable)
        cash = Cash(opening, collected, capital, spent, promised, lent)
        self.cash = cash.closing_minor
        gone = sum(dues.principal_collected_minor + dues.principal_written_off_minor for dues in (made, to_come))
        self.outstanding += promised + lent - gone
        self._will_fall_due(place, promised + lent)
        return MonthAhead(self.months[place], made, to_come, cash, lendable, loans, self.outstanding)

    def _collects(self, place: int) -> tuple[Dues, Dues]:
        found: dict[bool, list[Dues]] = {True: [], False: []}
        for cohort in self.cohorts.values():
            if cohort.place <= place:
                found[cohort.made].append(cohort.passes(place, self.assumed.curve, self.months[place]))
        return _add_up(found[True]), _add_up(found[False])

    def _lends(self, lendable_minor: int) -> tuple[int, int]:
        loan = self.assumed.loan_minor
        if loan is None:
            return 0, 0
        possible = max(lendable_minor, 0) // loan
        most = self.assumed.loans_per_month
        loans = possible if most is None else min(possible, most)
        return loans, loans * loan

    def _will_fall_due(self, place: int, lent_minor: int) -> None:
        for month, part in falling_due(lent_minor, self.assumed.plan):
            self._cohort(place + month, overdue=False, made=False).principal_minor += part

    def _cohort(self, place: int, *, overdue: bool, made: bool) -> _Cohort:
        """Return the dues of a month that are followed together."""
        return self.cohorts.setdefault((place, overdue, made), _Cohort(place, overdue, made))


def _shared(amount_minor: int, collected: Fraction, written_off: Fraction) -> tuple[int, int]:
    """Return what is collected and what is written off of an amount; never more than there is."""
    came = _share(amount_minor, collected)
    return came, min(_share(amount_minor, written_off), amount_minor - came)


def _share(amount_minor: int, share: Fraction) -> int:
    return round_ratio(amount_minor * share.numerator, share.denominator, 1)


def _add_up(dues: Iterable[Dues]) -> Dues:
    return Dues(*map(sum, zip(*dues, strict=True)))


def _number(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month
