"""The life of a loan: a fold over its facts in canonical order (law 3).

`live(facts)` is the only place that decides what a loan's facts make of it. Everything else asks the `LoanLife`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cif_engine.kinds import Kind
from cif_engine.loans.allocation import Dues, Settlement
from cif_engine.loans.facts import LoanFact, in_order
from cif_engine.loans.schedule import Instalment


class Status(StrEnum):
    """Where a loan stands."""

    APPLIED = "applied"
    APPRAISED = "appraised"
    APPROVED = "approved"
    REFUSED = "refused"
    OPEN = "open"
    REPAID = "repaid"


class Standing(NamedTuple):
    """Where a loan stands from the end of the day `since` until its next fact; amounts in minor units.

    `oldest_due_on` is the due date of the oldest instalment not fully paid, past or to come; None when all are paid.
    """

    since: date
    status: Status
    outstanding_minor: int = 0
    charge_outstanding_minor: int = 0
    principal_paid_minor: int = 0
    charge_paid_minor: int = 0
    credit_minor: int = 0
    oldest_due_on: date | None = None

    @property
    def owes(self) -> bool:
        """Whether anything is still owed, principal or charge."""
        return self.outstanding_minor > 0 or self.charge_outstanding_minor > 0

    def days_late(self, day: date) -> int:
        """Return the days since the oldest unpaid due date, if that is before `day`; else 0."""
        if self.oldest_due_on is None or self.oldest_due_on >= day:
            return 0
        return (day - self.oldest_due_on).days


class Step(NamedTuple):
    """One fact and what it made of the loan. `settled` is there for payments only."""

    fact: LoanFact
    standing: Standing
    settled: Settlement | None = None


class LoanLife(NamedTuple):
    """All that the facts of one loan say."""

    steps: tuple[Step, ...]
    schedule: tuple[Instalment, ...]
    disbursed_on: date | None

    @property
    def standing(self) -> Standing:
        """Where the loan stands after its last fact."""
        return self.steps[-1].standing

    def standing_on(self, day: date) -> Standing | None:
        """Where the loan stood at the end of `day`; None before its first fact."""
        standing = None
        for step in self.steps:
            if step.fact.effective_on > day:
                break
            standing = step.standing
        return standing

    def timeline(self) -> tuple[Standing, ...]:
        """Return the standings that lasted to the end of a day: one per day with facts, the last of that day."""
        by_day = {step.fact.effective_on: step.standing for step in self.steps}
        return tuple(by_day.values())


def live(facts: Iterable[LoanFact]) -> LoanLife:
    """Return the life that these facts of one loan, in any order, add up to."""
    fold = _Fold()
    return fold.life(tuple(fold.step(fact) for fact in in_order(facts)))


def live_on(facts: Iterable[LoanFact], new: LoanFact) -> tuple[LoanLife, LoanLife]:
    """Return the life of a loan without and with a new fact; one that comes last only adds a step."""
    known = in_order(facts)
    if known and new.order < known[-1].order:
        return live(known), live((*known, new))
    fold = _Fold()
    before = fold.life(tuple(fold.step(fact) for fact in known))
    return before, fold.life((*before.steps, fold.step(new)))


class _Fold:
    """The state of the fold while it runs."""

    def __init__(self) -> None:
        self.standing = Standing(date.min, Status.APPLIED)
        self.schedule: tuple[Instalment, ...] = ()
        self.disbursed_on: date | None = None
        self.dues = Dues(())

    def life(self, steps: tuple[Step, ...]) -> LoanLife:
        return LoanLife(steps, self.schedule, self.disbursed_on)

    def step(self, fact: LoanFact) -> Step:
        settled = None
        if fact.kind is Kind.LOAN_DISBURSED:
            self._disburse(fact)
        elif fact.kind is Kind.REPAYMENT_RECEIVED:
            settled = self._repay(fact)
        else:
            self.standing = Standing(fact.effective_on, _status_after(fact))
        return Step(fact, self.standing, settled)

    def _disburse(self, fact: LoanFact) -> None:
        self.schedule = read_schedule(fact.says["schedule"])
        self.disbursed_on = fact.effective_on
        self.dues = Dues(self.schedule)
        self.standing = Standing(
            since=fact.effective_on,
            status=Status.OPEN,
            outstanding_minor=fact.says["amount_minor"],
            charge_outstanding_minor=sum(instalment.charge_minor for instalment in self.schedule),
            oldest_due_on=self.dues.oldest_due_on,
        )

    def _repay(self, fact: LoanFact) -> Settlement:
        settled = self.dues.allocate(fact.says["amount_minor"])
        before = self.standing
        outstanding = before.outstanding_minor - settled.principal_minor
        charge_outstanding = before.charge_outstanding_minor - settled.charge_minor
        self.standing = Standing(
            since=fact.effective_on,
            status=Status.OPEN if outstanding or charge_outstanding else Status.REPAID,
            outstanding_minor=outstanding,
            charge_outstanding_minor=charge_outstanding,
            principal_paid_minor=before.principal_paid_minor + settled.principal_minor,
            charge_paid_minor=before.charge_paid_minor + settled.charge_minor,
            credit_minor=before.credit_minor + settled.credit_minor,
            oldest_due_on=self.dues.oldest_due_on,
        )
        return settled


def _status_after(fact: LoanFact) -> Status:
    if fact.kind is Kind.LOAN_DECIDED:
        return Status.APPROVED if fact.says["approved"] else Status.REFUSED
    return Status.APPRAISED if fact.kind is Kind.LOAN_APPRAISED else Status.APPLIED


def write_schedule(schedule: Iterable[Instalment]) -> list[list[str | int]]:
    """Return a schedule as a disbursement's payload carries it: `[due_on, principal_minor, charge_minor]` per row."""
    return [[row.due_on.isoformat(), row.principal_minor, row.charge_minor] for row in schedule]


def read_schedule(rows: Iterable[tuple[str, int, int]]) -> tuple[Instalment, ...]:
    """Return the schedule that a disbursement's payload carries."""
    return tuple(
        Instalment(number, date.fromisoformat(due_on), principal, charge)
        for number, (due_on, principal, charge) in enumerate(rows, 1)
    )
