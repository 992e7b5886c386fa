"""Every figure of a portfolio, counted loan by loan with plain arithmetic, from where each loan stood on each day.

Each function takes the loans of which the figure is, as they were known; whoever asks has filtered or divided them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, NamedTuple

from tests.truth.card import History, Stood
from tests.truth.facts import DAY, Borrower, Loan, SetAside, month_end, months_after

PAR_DAYS: Final = (0, 1, 30, 60, 90, 180, 365)
AGES: Final = (("current", 0), ("1-30", 30), ("31-60", 60), ("61-90", 90), ("91-180", 180), ("181-365", 365))
OLDEST: Final = "> 365"
NEW: Final = "new"


class Known(NamedTuple):
    """A loan as it was known at a moment."""

    loan: Loan
    history: History

    def on(self, day: date) -> Stood:
        """Return where it stood at the end of a day."""
        return self.history.on(day)


Loans = Sequence[Known]
Comparison = str


def late_over(days: int, days_late: int, comparator: Comparison = ">") -> bool:
    """Whether a loan is late over so many days; over none is always late at all."""
    if comparator == ">" or days == 0:
        return days_late > days
    return days_late >= days


def age(days_late: int) -> str:
    """Return the band of the ageing."""
    return next((name for name, upto in AGES if days_late <= upto), OLDEST)


# On a day ------------------------------------------------------------------------------------------------------


class Part(NamedTuple):
    """Loans with what is outstanding of them."""

    minor: int = 0
    loans: int = 0


@dataclass(frozen=True)
class OnDay:
    """The figures of a day."""

    gross: int
    loans: int
    borrowers: int
    households: int
    late: dict[int, Part]
    late_or_renegotiated: dict[int, Part]
    overdue: int
    ages: dict[str, Part]
    renegotiated: Part
    fell_due: int
    paid_of_it: int
    loans_to_date: int
    borrowers_to_date: int
    households_to_date: int
    lent_to_date: int


def on_day(loans: Loans, day: date, comparator: Comparison = ">") -> OnDay:
    """Return the figures of a day."""
    lent = [(known, known.on(day)) for known in loans]
    opened = [(known, stood, stood.days_late(day)) for known, stood in lent if stood.open]

    def part(counts: Callable[[Stood, int], bool]) -> Part:
        amounts = [stood.outstanding for _, stood, late in opened if counts(stood, late)]
        return Part(sum(amounts), len(amounts))

    return OnDay(
        gross=sum(stood.outstanding for _, stood, _ in opened),
        loans=len(opened),
        borrowers=len({(known.loan.lso, _borrower(known).member) for known, _, _ in opened}),
        households=len({(known.loan.lso, _borrower(known).household) for known, _, _ in opened}),
        late={days: part(lambda _, late, n=days: late_over(n, late, comparator)) for days in PAR_DAYS},  # type: ignore[misc]
        late_or_renegotiated={
            days: part(lambda stood, late, n=days: stood.renegotiated or late_over(n, late, comparator))  # type: ignore[misc]
            for days in PAR_DAYS
        },
        overdue=sum(stood.overdue(day) for _, stood, _ in opened),
        ages={
            name: part(lambda _, late, name=name: age(late) == name)  # type: ignore[misc]
            for name in [*(name for name, _ in AGES), OLDEST]
        },
        renegotiated=part(lambda stood, _: stood.renegotiated),
        fell_due=sum(stood.fallen_due(day) for _, stood in lent),
        paid_of_it=sum(min(stood.paid, stood.fallen_due(day)) for _, stood in lent),
        loans_to_date=sum(stood.lent > 0 for _, stood in lent),
        borrowers_to_date=len({(known.loan.lso, _borrower(known).member) for known, stood in lent if stood.lent}),
        households_to_date=len({(known.loan.lso, _borrower(known).household) for known, stood in lent if stood.lent}),
        lent_to_date=sum(stood.lent for _, stood in lent),
    )


def _borrower(known: Known) -> Borrower:
    assert known.history.borrower is not None
    return known.history.borrower


def maturity(loans: Loans, day: date) -> dict[str, int]:
    """Return what is unpaid by when it falls due: `overdue` before the day, then by month (`2024-07`)."""
    found: Counter[str] = Counter()
    for known in loans:
        stood = known.on(day)
        if not stood.open:
            continue
        upto = 0
        for row in stood.rows:
            upto += row.minor
            unpaid = max(min(row.minor, upto - stood.paid), 0)
            found["overdue" if row.on < day else f"{row.on:%Y-%m}"] += unpaid
    return {when: minor for when, minor in found.items() if minor}


class Class(NamedTuple):
    """A class of a rule set: days late from, and the rate of its provision, where it has one."""

    name: str
    days_from: int
    rate: Fraction | None


def classified(loans: Loans, day: date, classes: Sequence[Class]) -> dict[str, tuple[Part, int | None]]:
    """Return the loans of each class, and the provision that it calls for, rounded half to even."""
    found: defaultdict[str, Part] = defaultdict(Part)
    for known in loans:
        stood = known.on(day)
        if stood.open:
            late = stood.days_late(day)
            name = max((each.days_from, each.name) for each in classes if late >= each.days_from)[1]
            found[name] = Part(found[name].minor + stood.outstanding, found[name].loans + 1)
    return {each.name: (found[each.name], _required(found[each.name].minor, each.rate)) for each in classes}


def _required(minor: int, rate: Fraction | None) -> int | None:
    return None if rate is None else round(minor * rate)


def allowances(loans: Loans, set_aside: Iterable[SetAside], day: date) -> dict[tuple[str, str], int]:
    """Return what is left of what was set aside, by LSO and fund.

    Losses take of it, and what it lacks at the end of a day the fund makes good.
    """
    moves: defaultdict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for each in set_aside:
        moves[each.lso, each.fund][each.on] += each.minor
    for known in loans:
        if loss := known.history.loss:
            moves[known.loan.lso, known.loan.fund][loss[0]] -= loss[1]
    left = {}
    for fund, by_day in moves.items():
        held = 0
        for moved_on in sorted(moved_on for moved_on in by_day if moved_on <= day):
            held = max(held + by_day[moved_on], 0)
        left[fund] = held
    return left


# In a period, first and last day included ----------------------------------------------------------------------


@dataclass(frozen=True)
class Collected:
    """What fell due and what came in during a period, principal only."""

    opening: int = 0
    demand: int = 0
    demand_first: int = 0
    on_time: int = 0
    on_time_first: int = 0
    prepaid: int = 0
    prepaid_first: int = 0
    collected: int = 0
    of_arrears: int = 0
    of_current: int = 0
    in_advance: int = 0
    written_off_due: int = 0
    rescheduled_due: int = 0
    closing: int = 0
    lent: int = 0
    lost: int = 0
    recovered: int = 0

    def __add__(self, other: Collected) -> Collected:
        """Return both together."""
        return Collected(*(mine + others for mine, others in zip(_values(self), _values(other), strict=True)))


def collected(loans: Loans, from_on: date, to_on: date) -> Collected:
    """Return what fell due and what came in from a day to a day."""
    return sum((_collected(known, from_on, to_on) for known in loans), Collected())


def _values(of: Collected) -> list[int]:
    return [getattr(of, name) for name in Collected.__dataclass_fields__]


def _collected(known: Known, from_on: date, to_on: date) -> Collected:
    before, after = known.on(from_on - DAY), known.on(to_on)
    demand = demand_first = on_time = on_time_first = prepaid = prepaid_first = 0
    for day in _due_days(known, from_on, to_on):
        stood = known.on(day)
        if stood.given_up:
            continue
        upto = 0
        for row in stood.rows:
            begins, upto = upto, upto + row.minor
            if row.on != day:
                continue
            first_begins = max(begins, min(stood.fell_before, upto))
            demand += row.minor
            demand_first += upto - first_begins
            on_time += _within(stood.paid, begins, upto)
            on_time_first += _within(stood.paid, first_begins, upto)
            prepaid += _within(before.paid, begins, upto)
            prepaid_first += _within(before.paid, first_begins, upto)
    came = after.paid - before.paid
    opening, closing = before.unpaid_due(from_on - DAY), after.unpaid_due(to_on)
    of_arrears = min(came, opening)
    of_current = min(came - of_arrears, demand - prepaid)
    rest = opening + demand - prepaid - of_arrears - of_current - closing
    lost_now = after.given_up and not before.given_up
    return Collected(
        opening=opening,
        demand=demand,
        demand_first=demand_first,
        on_time=on_time,
        on_time_first=on_time_first,
        prepaid=prepaid,
        prepaid_first=prepaid_first,
        collected=came,
        of_arrears=of_arrears,
        of_current=of_current,
        in_advance=came - of_arrears - of_current,
        written_off_due=rest if lost_now else 0,
        rescheduled_due=0 if lost_now else rest,
        closing=closing,
        lent=after.lent - before.lent,
        lost=after.lost - before.lost,
        recovered=after.recovered - before.recovered,
    )


def _within(paid: int, begins: int, ends: int) -> int:
    """Return how much of what was paid, oldest first, meets the principal between two marks."""
    return min(max(paid - begins, 0), ends - begins)


def _due_days(known: Known, from_on: date, to_on: date) -> list[date]:
    """Return the days of the period on which any of the loan's schedules had something due."""
    days = {row.on for stood in known.history.stands for row in stood.rows}
    return sorted(day for day in days if from_on <= day <= to_on)


def month_ends(from_on: date, to_on: date) -> list[date]:
    """Return the days whose mean is the average over a period: the eve of it, the month ends within, its last day."""
    days = {from_on - DAY, to_on}
    end = month_end(from_on)
    while end < to_on:
        days.add(end)
        end = month_end(end + DAY)
    return sorted(days)


def average_gross(loans: Loans, from_on: date, to_on: date) -> Fraction:
    """Return the mean of the gross portfolio over a period."""
    days = month_ends(from_on, to_on)
    gross = [known.on(day).outstanding for known in loans for day in days if known.on(day).open]
    return Fraction(sum(gross), len(days))


# From one day to another ---------------------------------------------------------------------------------------


@dataclass
class Became:
    """What became of the loans of a band."""

    loans: int = 0
    opening: int = 0
    lent: int = 0
    repaid: int = 0
    repaid_loans: int = 0
    lost: int = 0
    lost_loans: int = 0


def migration(loans: Loans, start: date, end: date) -> tuple[dict[str, Became], dict[tuple[str, str], Part]]:
    """Return what became of the loans of each band at the end of one day by the end of another."""
    rows: defaultdict[str, Became] = defaultdict(Became)
    cells: defaultdict[tuple[str, str], Part] = defaultdict(Part)
    for known in loans:
        before, after = known.on(start), known.on(end)
        if not after.lent or not (before.open or after.open or after.lent > before.lent):
            continue
        band = age(before.days_late(start)) if before.open else NEW
        row = rows[band]
        row.loans += 1
        row.opening += before.outstanding
        row.lent += after.lent - before.lent
        row.repaid += after.paid - before.paid
        row.lost += after.lost - before.lost
        row.repaid_loans += after.repaid
        row.lost_loans += after.given_up
        if after.open:
            cell = cells[band, age(after.days_late(end))]
            cells[band, age(after.days_late(end))] = Part(cell.minor + after.outstanding, cell.loans + 1)
    return dict(rows), dict(cells)


class Vintage(NamedTuple):
    """Of the loans of a month, so many months later: what was lent, what is late over n days, what is lost."""

    lent: int
    late: dict[int, int]
    renegotiated: int
    lost: int


def vintages(
    loans: Loans, as_of: date, days: Sequence[int] = PAR_DAYS, comparator: Comparison = ">"
) -> dict[tuple[str, int], Vintage]:
    """Return each cohort (`2024-07`) at the end of each month after it, as far as those have ended by the day."""
    cohorts: defaultdict[date, list[Known]] = defaultdict(list)
    for known in loans:
        lent_on = known.history.lent_on
        if lent_on and lent_on <= as_of:
            cohorts[lent_on.replace(day=1)].append(known)
    found: dict[tuple[str, int], Vintage] = {}
    for month, members in cohorts.items():
        ages = 0
        while (end := month_end(months_after(month, ages))) <= as_of:
            stands = [(known.on(end), known.on(end).days_late(end)) for known in members]
            late = {
                n: sum(s.outstanding for s, over in stands if s.open and late_over(n, over, comparator)) for n in days
            }
            found[f"{month:%Y-%m}", ages] = Vintage(
                lent=sum(stood.lent for stood, _ in stands),
                late=late,
                renegotiated=sum(stood.outstanding for stood, _ in stands if stood.open and stood.renegotiated),
                lost=sum(stood.lost for stood, _ in stands),
            )
            ages += 1
    return found
