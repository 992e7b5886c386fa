"""What falls due on a loan, worked out apart from the engine, so that the two can disagree.

Amounts are whole rupees. The arithmetic is kept simple on purpose: fractions that Python rounds half to even, and
months counted one by one.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due on one day, in rupees."""

    on: date
    principal: int
    charge: int


@dataclass(frozen=True, slots=True)
class Bullet:
    """One payment, so many months after the disbursement."""

    months: int


@dataclass(frozen=True, slots=True)
class Monthly:
    """Equal payments, one a month."""

    count: int


@dataclass(frozen=True, slots=True)
class Seasonal:
    """Equal payments on the next `count` harvest days, each a (month, day) of every year."""

    harvests: tuple[tuple[int, int], ...]
    count: int


Plan = Bullet | Monthly | Seasonal


def dues_of(
    plan: Plan, principal: int, disbursed_on: date, charge_percent: int, holidays: frozenset[date]
) -> tuple[Due, ...]:
    """Return what falls due: whole rupees, the last payment takes the remainder, holidays wait for the next day."""
    days = [_working_day(day, holidays) for day in _days(plan, disbursed_on)]
    charge = round(Fraction(principal * charge_percent, 100))
    parts = zip(days, _equal_parts(principal, len(days)), _equal_parts(charge, len(days)), strict=True)
    return tuple(Due(*part) for part in parts)


def met_and_unmet(dues: tuple[Due, ...], paid: int) -> tuple[list[Due], list[Due]]:
    """Return what so much money meets, from the oldest on and the charge first, and what it leaves."""
    met: list[Due] = []
    unmet: list[Due] = []
    for due in dues:
        charge = min(due.charge, paid)
        principal = min(due.principal, paid - charge)
        paid -= charge + principal
        if charge or principal:
            met.append(Due(due.on, principal, charge))
        if charge < due.charge or principal < due.principal:
            unmet.append(Due(due.on, due.principal - principal, due.charge - charge))
    return met, unmet


def paused(dues: tuple[Due, ...], paid: int, on: date, months: int, holidays: frozenset[date]) -> tuple[Due, ...]:
    """Return what falls due when what is not paid by a day, nor late, waits so many months more."""
    met, unmet = met_and_unmet(dues, paid)
    late = [due for due in unmet if due.on < on]
    ahead = [due for due in unmet if due.on >= on]
    return (*met, *late, *(replace(due, on=_working_day(months_after(due.on, months), holidays)) for due in ahead))


def repaid_anew(
    dues: tuple[Due, ...], paid: int, on: date, instalments: int, holidays: frozenset[date]
) -> tuple[Due, ...]:
    """Return what falls due when what is not paid by a day is repaid in equal monthly parts from then on."""
    met, unmet = met_and_unmet(dues, paid)
    days = [_working_day(day, holidays) for day in _days(Monthly(instalments), on)]
    principals = _equal_parts(sum(due.principal for due in unmet), instalments)
    charges = _equal_parts(sum(due.charge for due in unmet), instalments)
    return (*met, *(Due(*part) for part in zip(days, principals, charges, strict=True)))


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _days(plan: Plan, disbursed_on: date) -> list[date]:
    match plan:
        case Bullet(months):
            return [months_after(disbursed_on, months)]
        case Monthly(count):
            return [months_after(disbursed_on, month) for month in range(1, count + 1)]
        case Seasonal(harvests, count):
            return list(islice(_harvests_after(disbursed_on, harvests), count))


def _harvests_after(day: date, harvests: tuple[tuple[int, int], ...]) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        if (day.month, day.day) in harvests:
            yield day


def _equal_parts(total: int, count: int) -> list[int]:
    part = round(Fraction(total, count))
    return [part] * (count - 1) + [total - part * (count - 1)]


def _working_day(day: date, holidays: frozenset[date]) -> date:
    while day in holidays:
        day += timedelta(days=1)
    return day
