"""The figures of a revolving fund: what it is worth, how much of it is out, how often it goes round, what lies idle.

All are made of sums that add up over funds (`Sums`), so one fund and a whole network are judged by the same formulas;
`sums` makes them of the flows of a fund, and the database makes the same of many. Cash is in hand, in the bank and in
transit in every figure but `available`. An average is the mean of the days that `averaged_days` names.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, NamedTuple

from cif_engine.dates import MonthEnd, add_months, averaged_days
from cif_engine.fund.flows import Entry, Flows, FundDay, LoanDay
from cif_engine.money import round_ratio

RATIO_DECIMALS: Final = 6
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ratio:
    """An exact ratio of two amounts in minor units, or of two counts; no value where the second is nothing."""

    definition: str
    numerator: Fraction
    denominator: Fraction

    @property
    def value(self) -> Fraction | None:
        """The ratio itself."""
        return self.numerator / self.denominator if self.denominator else None

    def in_decimals(self) -> str | None:
        """Return the ratio rounded half even to six decimals: 5,500,000 of 4,000,000 is `1.375000`."""
        return None if self.value is None else decimals_of(self.value, RATIO_DECIMALS)


def decimals_of(value: Fraction, places: int) -> str:
    """Return a value with so many decimals, rounded half even."""
    scaled = round_ratio(value.numerator * 10**places, value.denominator, 1)
    whole, decimals = divmod(abs(scaled), 10**places)
    return f"{'-' if scaled < 0 else ''}{whole}.{decimals:0{places}d}"


class Span(NamedTuple):
    """The days of a period, both ends included."""

    from_on: date
    to_on: date

    @property
    def averaged(self) -> tuple[date, ...]:
        """The days whose mean is the average of the period."""
        return averaged_days(self.from_on, self.to_on)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.to_on - self.from_on).days + 1


def year_to(as_of: date) -> Span:
    """Return the twelve months that end with a day: 1 July 2020 to 30 June 2021, 16 March 2020 to 15 March 2021."""
    return Span(add_months(as_of, -12, MonthEnd.LAST_DAY) + _DAY, as_of)


# What a fund did, added up by day ------------------------------------------------------------------------------


class Growth(NamedTuple):
    """What a fund grew by on one day, in minor units; `disbursed` and `written_off` are of that day."""

    on: date
    capital_minor: int
    cash_minor: int
    outstanding_minor: int
    allowance_minor: int
    credits_minor: int
    disbursed_minor: int
    written_off_minor: int

    @property
    def value_minor(self) -> int:
        """What its value grew by."""
        return self.cash_minor + self.outstanding_minor - self.allowance_minor - self.credits_minor


def growths(flows: Flows) -> tuple[Growth, ...]:
    """Return what a fund grew by on each day on which anything happened, in order."""
    return tuple(_growth(on, of_fund, of_loans) for on, of_fund, of_loans in flows.by_day())


def _growth(on: date, of_fund: Iterable[FundDay], of_loans: Sequence[LoanDay]) -> Growth:
    entries = dict.fromkeys(Entry, 0)
    for day in of_fund:
        entries[day.entry] += day.amount_minor
    capital = entries[Entry.TRANCHE] + entries[Entry.CONTRIBUTION] - entries[Entry.RETURN]
    return Growth(
        on,
        capital_minor=capital,
        cash_minor=capital + entries[Entry.INCOME] - entries[Entry.EXPENSE] + sum(day.cash_minor for day in of_loans),
        outstanding_minor=sum(day.disbursed_minor - day.repaid_minor - day.written_off_minor for day in of_loans),
        allowance_minor=entries[Entry.ALLOWANCE],
        credits_minor=sum(day.credit_minor for day in of_loans),
        disbursed_minor=sum(day.disbursed_minor for day in of_loans),
        written_off_minor=sum(day.written_off_minor for day in of_loans),
    )


def served_since(flows: Flows, households: Mapping[str, str]) -> tuple[date, ...]:
    """Return the day on which each household first had money of the fund, in order; `households` are by loan."""
    first: dict[str, date] = {}
    for day in flows.loans:
        if day.disbursed_minor > 0:
            first.setdefault(households[day.loan_id], day.on)
    return tuple(sorted(first.values()))


def served_by(since: Sequence[date], as_of: date) -> int:
    """Return how many households had money by a day; `since` is what `served_since` gives."""
    return bisect_right(since, as_of)


# What is judged ------------------------------------------------------------------------------------------------


class Sums(NamedTuple):
    """What is added up of a fund, or of many, for the figures of a day; all in minor units.

    The `year` is the twelve months up to the day. Of a period, `value` is the fund value summed over its averaged days,
    `cash` what lay in cash at the end of each of its days, summed over all of them.
    """

    capital_minor: int = 0
    cash_minor: int = 0
    outstanding_minor: int = 0
    allowance_minor: int = 0
    credits_minor: int = 0
    disbursed_minor: int = 0
    disbursed_in_year_minor: int = 0
    value_in_year_minor: int = 0
    value_in_period_minor: int = 0
    cash_in_period_minor: int = 0


def sums(grown: Iterable[Growth], year: Span, period: Span) -> Sums:
    """Return the sums of one fund on the day that the year ends; the period, of idle cash alone, ends on it too."""
    as_of = year.to_on
    days_of_year, days_of_period = year.averaged, period.averaged
    total = [0] * len(Sums._fields)
    for day in grown:
        if day.on > as_of:
            break
        of_day = Sums(
            day.capital_minor,
            day.cash_minor,
            day.outstanding_minor,
            day.allowance_minor,
            day.credits_minor,
            day.disbursed_minor,
            day.disbursed_minor if day.on >= year.from_on else 0,
            day.value_minor * _not_before(days_of_year, day.on),
            day.value_minor * _not_before(days_of_period, day.on),
            day.cash_minor * ((as_of - max(day.on, period.from_on)).days + 1),
        )
        total = [so_far + amount for so_far, amount in zip(total, of_day, strict=True)]
    return Sums(*total)


def add_up(parts: Iterable[Sums]) -> Sums:
    """Return the sums of several funds as those of one, of none too."""
    return Sums(*(sum(column) for column in zip(Sums(), *parts, strict=True)))


def _not_before(days: Sequence[date], day: date) -> int:
    return len(days) - bisect_left(days, day)


@dataclass(frozen=True, slots=True)
class FundFigures:
    """The figures of a fund, or of many as one, on a day.

    `served` are households that had money of it by the day, `eligible` those that could have; None: nobody said.
    """

    sums: Sums
    year: Span
    period: Span
    served: int
    eligible: int | None

    @property
    def fund_value_minor(self) -> int:
        """Cash and outstanding principal, less the allowance and what borrowers have standing to their credit."""
        of = self.sums
        return of.cash_minor + of.outstanding_minor - of.allowance_minor - of.credits_minor

    @property
    def capital_index(self) -> Ratio:
        """Fund value of capital: 3,900,000 of 4,000,000 is 0.975."""
        return _ratio("capital_index", self.fund_value_minor, self.sums.capital_minor)

    @property
    def utilisation(self) -> Ratio:
        """Outstanding principal of it and cash together."""
        out = self.sums.outstanding_minor
        return _ratio("utilisation", out, out + self.sums.cash_minor)

    @property
    def cash_share(self) -> Ratio:
        """Cash of it and outstanding principal together: what utilisation leaves."""
        cash = self.sums.cash_minor
        return _ratio("cash_share", cash, cash + self.sums.outstanding_minor)

    @property
    def turns(self) -> Ratio:
        """Principal disbursed to date of capital."""
        return _ratio("turns", self.sums.disbursed_minor, self.sums.capital_minor)

    @property
    def velocity(self) -> Ratio:
        """Principal disbursed in the year of its average fund value."""
        average = Fraction(self.sums.value_in_year_minor, len(self.year.averaged))
        return Ratio("velocity", Fraction(self.sums.disbursed_in_year_minor), average)

    @property
    def idle(self) -> Ratio:
        """Average cash of all days of the period of its average fund value."""
        cash = Fraction(self.sums.cash_in_period_minor, self.period.days)
        return Ratio("idle", cash, Fraction(self.sums.value_in_period_minor, len(self.period.averaged)))

    @property
    def reach(self) -> Ratio | None:
        """Households served of those eligible; None where nobody said how many are."""
        return None if self.eligible is None else _ratio("reach", self.served, self.eligible)


def _ratio(definition: str, numerator: int, denominator: int) -> Ratio:
    return Ratio(definition, Fraction(numerator), Fraction(denominator))


# What may be lent ----------------------------------------------------------------------------------------------


class SetApart(NamedTuple):
    """By how much grew, on one day, what lies in cash and may not be lent; in minor units."""

    on: date
    in_transit_minor: int = 0
    committed_minor: int = 0
    reserve_minor: int = 0


@dataclass(frozen=True, slots=True)
class Available:
    """What may be lent on a day, and what is kept; below zero, more is promised than there is."""

    cash_and_bank_minor: int
    committed_minor: int
    reserve_minor: int

    @property
    def amount_minor(self) -> int:
        """What may be lent."""
        return self.cash_and_bank_minor - self.committed_minor - self.reserve_minor


def available(cash_minor: int, apart: Iterable[SetApart], as_of: date) -> Available:
    """Return what may be lent on a day, out of the cash there is then; money in transit cannot be."""
    known = [day for day in apart if day.on <= as_of]
    return Available(
        cash_minor - sum(day.in_transit_minor for day in known),
        sum(day.committed_minor for day in known),
        sum(day.reserve_minor for day in known),
    )


def dormant_days(grown: Iterable[Growth], as_of: date, kept_minor: int) -> int | None:
    """Return for how many days up to one nothing was handed out while more than `kept_minor` lay in cash.

    0 where no more lies there on the day; None where the fund has never had anything.
    """
    since: date | None = None
    lent_on: date | None = None
    cash, began = 0, False
    for day in grown:
        if day.on > as_of:
            break
        began = True
        cash += day.cash_minor
        since = (since or day.on) if cash > kept_minor else None
        lent_on = day.on if day.disbursed_minor else lent_on
    if since is None:
        return 0 if began else None
    return (as_of - max(since, lent_on or since)).days
