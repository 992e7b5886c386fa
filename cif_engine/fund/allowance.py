"""The loan loss allowance: what a fund set aside for loans it may lose, and what it must add when it lost more.

Loans are written off through the allowance. Where that would take it below zero the fund tops it up on the same day, so
that the loss beyond what was set aside is an expense of that day. How much is called for depends on all that moved the
allowance until then; so it is computed from the moves alone, never from the order in which they were recorded (law 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

Move = tuple[date, int]
"""A day and what moved the allowance on it, in minor units: provisions made positive, released or written off negative;
what makes it good is no move."""


def shortfalls(moves: Iterable[Move]) -> dict[date, int]:
    """Return what the fund adds on each day so that the allowance ends no day below zero.

    What was added stays in: with 100 set aside on the 1st, 150 written off on the 10th and 30 on the 20th, 50 are added
    on the 10th and 30 on the 20th.
    """
    by_day: defaultdict[date, int] = defaultdict(int)
    for on, amount in moves:
        by_day[on] += amount
    added: dict[date, int] = {}
    balance = 0
    for on in sorted(by_day):
        balance += by_day[on]
        if balance < 0:
            added[on] = -balance
            balance = 0
    return added


def shortfall_change(moves: Iterable[Move], posted: Mapping[date, int]) -> dict[date, int]:
    """Return how the shortfalls already `posted` change into those that all `moves` call for, by day.

    A negative change takes back what is no longer called for; days without change are left out.
    """
    called_for = shortfalls(moves)
    changes = {on: called_for.get(on, 0) - posted.get(on, 0) for on in sorted({*called_for, *posted})}
    return {on: change for on, change in changes.items() if change}
