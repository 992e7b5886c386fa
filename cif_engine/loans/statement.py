"""A loan's statement: its facts line by line, corrections included, and what is paid and late of each instalment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cif_engine.kinds import Kind
from cif_engine.loans.allocation import Settlement, Waived
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing, Status, Step


class Due(StrEnum):
    """What an instalment is on a day. An instalment due on the day itself is not late yet."""

    PAID = "paid"
    LATE = "late"
    DUE_TODAY = "due_today"
    TO_COME = "to_come"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of the loan, the money it brought or took (minor units), how that was split, and the loan after it.

    A fact that was reversed stays on the statement with `reversed_by`, and has no effect; so does its reversal.
    """

    fact: LoanFact
    standing: Standing | None
    disbursed_minor: int = 0
    paid_minor: int = 0
    charged_minor: int = 0
    refunded_minor: int = 0
    written_off_minor: int = 0
    settled: Settlement | None = None
    waived: Waived | None = None
    reversed_by: LoanFact | None = None


@dataclass(frozen=True, slots=True)
class InstalmentOnDay:
    """One instalment on a day. `paid_on` is the day of the fact that completed it; a waived charge counts as paid."""

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


_MONEY_COLUMN = {
    Kind.LOAN_DISBURSED: "disbursed_minor",
    Kind.REPAYMENT_RECEIVED: "paid_minor",
    Kind.FEE_CHARGED: "charged_minor",
    Kind.PENALTY_CHARGED: "charged_minor",
    Kind.CREDIT_USED: "refunded_minor",
    Kind.CREDIT_REFUNDED: "refunded_minor",
}


def statement_lines(life: LoanLife) -> tuple[Line, ...]:
    """Return all facts of a loan in canonical order, each with what it did to the balance."""
    steps = {step.fact.id: step for step in life.steps}
    return tuple(_line(fact, steps.get(fact.id), life.voided.get(fact.id)) for fact in life.facts)


def _line(fact: LoanFact, step: Step | None, reversed_by: LoanFact | None) -> Line:
    column = _MONEY_COLUMN.get(fact.kind)
    money = {column: fact.says["amount_minor"]} if column else {}
    if step is None:
        return Line(fact, None, **money, reversed_by=reversed_by)
    return Line(
        fact,
        step.standing,
        **money,
        written_off_minor=step.written_off_minor,
        settled=step.settled,
        waived=step.waived,
    )


def schedule_on(life: LoanLife, day: date) -> tuple[InstalmentOnDay, ...]:
    """Return each instalment of the schedule in force as it is on `day`, after all facts of this life.

    The life is to hold no fact after `day`. What is met fills the instalments in order, principal and charge each, so
    what is paid of each instalment follows from what is met in all.
    """
    met = [(0, 0, life.disbursed_on or day), *_met(life)]
    principal_minor, charge_minor, _ = met[-1]
    rows: list[InstalmentOnDay] = []
    principal_due = charge_due = 0
    for instalment in life.schedule:
        principal_due += instalment.principal_minor
        charge_due += instalment.charge_minor
        paid_on = next(
            (on for principal, charge, on in met if principal >= principal_due and charge >= charge_due), None
        )
        to_principal = min(principal_minor, instalment.principal_minor)
        to_charge = min(charge_minor, instalment.charge_minor)
        principal_minor -= to_principal
        charge_minor -= to_charge
        rows.append(_on_day(instalment, to_principal, to_charge, paid_on, day, life.standing.status))
    return tuple(rows)


def _met(life: LoanLife) -> Iterator[tuple[int, int, date]]:
    """Give the principal and the charge that were met in all after each fact, and its day."""
    waived_minor = 0
    for step in life.steps:
        waived_minor += step.waived.charge_minor if step.waived else 0
        standing = step.standing
        yield standing.principal_paid_minor, standing.charge_paid_minor + waived_minor, step.fact.effective_on


def _on_day(
    instalment: Instalment, principal: int, charge: int, paid_on: date | None, day: date, status: Status
) -> InstalmentOnDay:
    due = _what_it_is(instalment.due_on, paid_on, day, status)
    days_late = (day - instalment.due_on).days if due is Due.LATE else 0
    return InstalmentOnDay(instalment, principal, charge, due, days_late, paid_on)


def _what_it_is(due_on: date, paid_on: date | None, day: date, status: Status) -> Due:
    if paid_on is not None:
        return Due.PAID
    if status is Status.WRITTEN_OFF:
        return Due.LAPSED
    if due_on == day:
        return Due.DUE_TODAY
    return Due.LATE if due_on < day else Due.TO_COME
