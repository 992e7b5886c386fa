"""How a borrower pays: by the day, late, or not any more; whole rupees."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from cif_engine.demonstration.draws import chance
from cif_engine.demonstration.dues import Due
from cif_engine.demonstration.profiles import Payers

Payment = tuple[date, int]

_LATE_INSTALMENTS: Final = 60
"""Of a hundred instalments of someone who pays late, how many she pays late."""

_EARLIEST_DAYS: Final = 6
_LONGEST_LATE_DAYS: Final = 150
_HIGHEST_TOO_MUCH: Final = 200
_LEAST_TO_SPLIT: Final = 100


def draw_payments(dues: tuple[Due, ...], disbursed_on: date, payers: Payers, rng: Random) -> list[Payment]:
    """Return what a borrower will pay and when, in order of days; never more than is due, but for one who overpays.

    An overpayment comes last and is smaller than any other payment, so that the loan is open until it is made.
    """
    draw = rng.randrange(100)
    defaulting, late = draw < payers.defaulting, draw < payers.defaulting + payers.late
    paid_dues = dues[: rng.randrange(len(dues))] if defaulting else dues
    payments: list[Payment] = []
    for due in paid_dues:
        day = _day_of(due, disbursed_on, rng, late=late)
        payments += _in_parts(day, due.principal + due.charge, payers, rng)
    if defaulting and chance(rng, 50):
        payments += _a_part(dues[len(paid_dues)], rng)
    payments.sort()
    if not defaulting and chance(rng, payers.overpaying):
        day, amount = payments[-1]
        least = min(amount for _, amount in payments)
        payments[-1] = (day, amount + rng.randrange(min(least, _HIGHEST_TOO_MUCH)))
    return payments


def _day_of(due: Due, disbursed_on: date, rng: Random, *, late: bool) -> date:
    if late and chance(rng, _LATE_INSTALMENTS):
        # The smaller of two draws: a few days late is usual, months late is rare.
        days = min(rng.randint(1, _LONGEST_LATE_DAYS), rng.randint(1, _LONGEST_LATE_DAYS))
        return due.on + timedelta(days=days)
    early = due.on - timedelta(days=rng.randint(0, _EARLIEST_DAYS))
    return max(early, disbursed_on + timedelta(days=1))


def _in_parts(day: date, amount: int, payers: Payers, rng: Random) -> list[Payment]:
    if amount < _LEAST_TO_SPLIT or not chance(rng, payers.splitting):
        return [(day, amount)]
    first = amount * rng.randint(30, 70) // 100
    return [(day, first), (day + timedelta(days=rng.randint(4, 20)), amount - first)]


def _a_part(due: Due, rng: Random) -> list[Payment]:
    amount = (due.principal + due.charge) * rng.randint(20, 70) // 100
    return [(due.on + timedelta(days=rng.randint(10, 90)), amount)] if amount else []
