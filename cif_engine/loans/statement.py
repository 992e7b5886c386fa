"""A loan's statement: its facts line by line, and what is paid, due and late of each instalment on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cif_engine.kinds import Kind
from cif_engine.loans.allocation import Settlement
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, Standing, Step
from cif_engine.loans.schedule import Instalment


class Due(StrEnum):
    """What an instalment is on a day. An instalment due on the day itself is not late yet."""

    PAID = "paid"
    LATE = "late"
    DUE_TODAY = "due_today"
    TO_COME = "to_come"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of the loan, the money it brought or took (minor units), how that was split, and the loan after it."""

    fact: LoanFact
    disbursed_minor: int
    paid_minor: int
    settled: Settlement | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class InstalmentOnDay:
    """One instalment on a day. `paid_on` is the day of the payment that completed it."""

    instalment: Instalment
    principal_paid_minor: int
    charge_paid_minor: int
    due: Due
    days_late: int
    paid_on: date | None

    @property
    def unpaid_minor(self) -> int:
        """Principal and charge still to be paid."""
        owed_minor = self.instalment.principal_minor + self.instalment.charge_minor
        return owed_minor - self.principal_paid_minor - self.charge_paid_minor


def statement_lines(life: LoanLife) -> tuple[Line, ...]:
    """Return the facts of a loan in canonical order, each with what it did to the balance."""
    return tuple(_line(step) for step in life.steps)


def _line(step: Step) -> Line:
    disbursed = step.fact.kind is Kind.LOAN_DISBURSED
    return Line(
        step.fact,
        disbursed_minor=step.fact.says["amount_minor"] if disbursed else 0,
        paid_minor=step.fact.says["amount_minor"] if step.settled else 0,
        settled=step.settled,
        standing=step.standing,
    )


def schedule_on(life: LoanLife, day: date) -> tuple[InstalmentOnDay, ...]:
    """Return each instalment as it is on `day`, after all payments of this life.

    The life is to hold no fact after `day`. Payments fill the instalments in order, so what is paid of each follows
    from what is paid in all.
    """
    principal_minor = life.standing.principal_paid_minor
    charge_minor = life.standing.charge_paid_minor
    rows: list[InstalmentOnDay] = []
    for instalment, paid_on in zip(life.schedule, _completed_on(life), strict=True):
        to_principal = min(principal_minor, instalment.principal_minor)
        to_charge = min(charge_minor, instalment.charge_minor)
        principal_minor -= to_principal
        charge_minor -= to_charge
        rows.append(_on_day(instalment, to_principal, to_charge, paid_on, day))
    return tuple(rows)


def _on_day(instalment: Instalment, principal: int, charge: int, paid_on: date | None, day: date) -> InstalmentOnDay:
    late = paid_on is None and instalment.due_on < day
    return InstalmentOnDay(
        instalment,
        principal,
        charge,
        due=_what_it_is(instalment.due_on, paid_on, day),
        days_late=(day - instalment.due_on).days if late else 0,
        paid_on=paid_on,
    )


def _what_it_is(due_on: date, paid_on: date | None, day: date) -> Due:
    if paid_on is not None:
        return Due.PAID
    if due_on == day:
        return Due.DUE_TODAY
    return Due.LATE if due_on < day else Due.TO_COME


def _completed_on(life: LoanLife) -> list[date | None]:
    """Return for each instalment the day of the payment that completed it."""
    completed: list[date | None] = []
    principal = charge = 0
    for instalment in life.schedule:
        principal += instalment.principal_minor
        charge += instalment.charge_minor
        completed.append(_reached_on(life, principal, charge))
    return completed


def _reached_on(life: LoanLife, principal_minor: int, charge_minor: int) -> date | None:
    return next(
        (
            step.fact.effective_on
            for step in life.steps
            if step.settled
            and step.standing.principal_paid_minor >= principal_minor
            and step.standing.charge_paid_minor >= charge_minor
        ),
        None,
    )
