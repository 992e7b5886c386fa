"""What a fund took in and gave out, day by day: all that its figures and its lots are made of. Amounts in minor units.

Flows are net of what was reversed: a fact that was reversed is in none of them. So they are the same in whatever order
the facts were recorded (law 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import sub
from typing import NamedTuple


class Entry(StrEnum):
    """What happened to the fund's own money, what comes in first; ALLOWANCE moves none, it is what was set aside."""

    TRANCHE = "tranche"
    CONTRIBUTION = "contribution"
    INCOME = "income"
    EXPENSE = "expense"
    RETURN = "return"
    ALLOWANCE = "allowance"


class FundDay(NamedTuple):
    """All of one entry on one day; `tranche` is the number of it where one was received or returned.

    Of ALLOWANCE it is the growth, below zero where loans were written off or provisions released.
    """

    on: date
    entry: Entry
    tranche: int | None
    amount_minor: int


class LoanDay(NamedTuple):
    """What one loan did on one day. Only the last may be below zero: credit that was used or refunded.

    `income_minor` is charge, fees and penalties that were paid, and what was recovered after a write-off.
    """

    on: date
    loan_id: str
    disbursed_minor: int
    repaid_minor: int
    written_off_minor: int
    income_minor: int
    credit_minor: int

    @property
    def cash_minor(self) -> int:
        """What the fund's money grew by; what a loan settles of another comes in and goes out again."""
        return self.repaid_minor + self.income_minor + self.credit_minor - self.disbursed_minor


def loan_days(loan_id: str, to_date: Iterable[tuple[date, Sequence[int]]]) -> Iterator[LoanDay]:
    """Give what each day of a loan changed, from what there was at the end of each day on which it did.

    That is, to date: what was disbursed, repaid, written off, earned, and the credit there was.
    """
    before: Sequence[int] = (0, 0, 0, 0, 0)
    for on, sums in to_date:
        disbursed, repaid, written_off, income, credit = map(sub, sums, before)
        before = sums
        day = LoanDay(on, loan_id, disbursed, repaid, written_off, income, credit)
        if any(day[2:]):
            yield day


class Flows(NamedTuple):
    """The days of a fund, of its own money and of its loans, each in the order of the days."""

    funds: tuple[FundDay, ...]
    loans: tuple[LoanDay, ...]

    def by_day(self) -> Iterator[tuple[date, list[FundDay], list[LoanDay]]]:
        """Give each day on which anything happened, with what did: entries in their order, loans by their ids."""
        funds = {on: sorted(days, key=_place) for on, days in groupby(self.funds, key=_day)}
        loans = {on: sorted(days) for on, days in groupby(self.loans, key=_day)}
        for on in sorted({*funds, *loans}):
            yield on, funds.get(on, []), loans.get(on, [])


def _day(one: FundDay | LoanDay) -> date:
    return one.on


def _place(day: FundDay) -> tuple[int, int]:
    return _ORDER[day.entry], day.tranche or 0


_ORDER = {entry: place for place, entry in enumerate(Entry)}
