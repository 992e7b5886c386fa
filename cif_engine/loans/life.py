"""The life of a loan: a fold over its facts in canonical order (law 3).

`live(facts)` is the only place that decides what a loan's facts make of it. Everything else asks the `LoanLife`.
A fact says what was agreed or done; how much it applies to follows from the facts before it, so the order in which
they were recorded makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from cif_engine.kinds import Kind
from cif_engine.loans.allocation import (
    CHARGE,
    FEE,
    KINDS_OF_DUES,
    PENALTY,
    USUAL,
    Dues,
    Order,
    Settlement,
    Waived,
)
from cif_engine.loans.facts import LoanFact, in_order, voided
from cif_engine.loans.replanning import Planned, further_part, rescheduled
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.terms import Across, AllocationOrder, LoanTerms, Rebate
from cif_engine.loans.unearned import charges_of, unearned_charge


class Status(StrEnum):
    """Where a loan stands."""

    APPLIED = "applied"
    APPRAISED = "appraised"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    OPEN = "open"
    REPAID = "repaid"
    WRITTEN_OFF = "written_off"


class Standing(NamedTuple):
    """Where a loan stands from the end of the day `since` until its next fact; amounts in minor units.

    `oldest_due_on` is the due date of the oldest instalment not fully paid, past or to come; None when all are. Fees
    and penalties are not instalments. `schedule_no` counts its schedules from 1; 0 is before the disbursement.
    """

    since: date
    status: Status
    outstanding_minor: int = 0
    charge_outstanding_minor: int = 0
    principal_paid_minor: int = 0
    charge_paid_minor: int = 0
    credit_minor: int = 0
    oldest_due_on: date | None = None
    fee_outstanding_minor: int = 0
    penalty_outstanding_minor: int = 0
    fee_paid_minor: int = 0
    penalty_paid_minor: int = 0
    written_off_minor: int = 0
    recovered_minor: int = 0
    renegotiated: bool = False
    schedule_no: int = 0

    @property
    def owed_minor(self) -> int:
        """All that is still owed, due by now or to come."""
        dues = self.charge_outstanding_minor + self.fee_outstanding_minor + self.penalty_outstanding_minor
        return self.outstanding_minor + dues

    @property
    def owes(self) -> bool:
        """Whether anything is still owed."""
        return self.owed_minor > 0

    @property
    def was_disbursed(self) -> bool:
        """Whether the borrower had money of it."""
        return self.schedule_no > 0

    def days_late(self, day: date) -> int:
        """Return the days since the oldest unpaid due date, if that is before `day`; else 0."""
        if self.oldest_due_on is None or self.oldest_due_on >= day:
            return 0
        return (day - self.oldest_due_on).days


class Step(NamedTuple):
    """One fact that holds, and what it made of the loan.

    `settled` is there for payments, and where credit met new dues; `waived` where dues were forgiven.
    """

    fact: LoanFact
    standing: Standing
    settled: Settlement | None = None
    waived: Waived | None = None
    written_off_minor: int = 0


class LoanLife(NamedTuple):
    """All that the facts of one loan say. `schedules` begins with the original, `schedule_no` counts them from 1.

    `facts` are all, in canonical order; `voided` are those that do not hold, each with the reversal that does.
    """

    steps: tuple[Step, ...]
    schedules: tuple[tuple[Instalment, ...], ...]
    disbursed_on: date | None
    facts: tuple[LoanFact, ...]
    voided: Mapping[str, LoanFact]

    @property
    def schedule(self) -> tuple[Instalment, ...]:
        """The schedule by which the loan is repaid after its last fact."""
        return self.schedules[-1] if self.schedules else ()

    @property
    def standing(self) -> Standing:
        """Where the loan stands after its last fact; one whose facts are all reversed is cancelled."""
        return self.steps[-1].standing if self.steps else Standing(self.facts[0].effective_on, Status.CANCELLED)

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

    @property
    def charge_met_minor(self) -> int:
        """The charge that was paid or waived; what it fills of the schedule is no longer owed."""
        return self.standing.charge_paid_minor + sum(step.waived.charge_minor for step in self.steps if step.waived)


def live(facts: Iterable[LoanFact]) -> LoanLife:
    """Return the life that these facts of one loan, in any order, add up to."""
    known = in_order(facts)
    return _life(known, _void(known))


def live_on(facts: Iterable[LoanFact], new: LoanFact) -> tuple[LoanLife, LoanLife]:
    """Return the life of a loan without and with a new fact; one that comes last only adds a step."""
    known = in_order(facts)
    void = _void(known)
    if new.kind is Kind.FACT_REVERSED or (known and new.order < known[-1].order):
        return _life(known, void), live((*known, new))
    fold = _Fold(known)
    before = fold.life(tuple([fold.step(fact) for fact in known if fact.id not in void and _counts(fact)]), known, void)
    return before, fold.life((*before.steps, fold.step(new)), [*known, new], void)


def _life(known: list[LoanFact], void: Mapping[str, LoanFact]) -> LoanLife:
    fold = _Fold(known)
    return fold.life(tuple([fold.step(fact) for fact in known if fact.id not in void and _counts(fact)]), known, void)


def _void(known: list[LoanFact]) -> Mapping[str, LoanFact]:
    return voided(known) if any(fact.kind is Kind.FACT_REVERSED for fact in known) else _NONE_VOID


def _counts(fact: LoanFact) -> bool:
    return fact.kind is not Kind.FACT_REVERSED


_NONE_VOID: Mapping[str, LoanFact] = {}


class _Fold:
    """The state of the fold while it runs. Each kind of fact has one method, which moves the standing."""

    def __init__(self, known: Iterable[LoanFact]) -> None:
        self.known = known
        self.standing = Standing(date.min, Status.APPLIED)
        self.schedules: list[tuple[Instalment, ...]] = []
        self.disbursed_on: date | None = None
        self.dues = Dues()
        self.charge_waived_minor = 0

    def life(self, steps: tuple[Step, ...], facts: list[LoanFact], void: Mapping[str, LoanFact]) -> LoanLife:
        return LoanLife(steps, tuple(self.schedules), self.disbursed_on, tuple(facts), void)

    def step(self, fact: LoanFact) -> Step:
        return _TAKES[fact.kind](self, fact)

    # Before the money -----------------------------------------------------------------------------------------

    def apply(self, fact: LoanFact) -> Step:
        return self._stands(fact, Status.APPLIED)

    def appraise(self, fact: LoanFact) -> Step:
        return self._stands(fact, Status.APPRAISED)

    def decide(self, fact: LoanFact) -> Step:
        return self._stands(fact, Status.APPROVED if fact.says["approved"] else Status.REFUSED)

    def cancel(self, fact: LoanFact) -> Step:
        return self._stands(fact, Status.CANCELLED)

    def _stands(self, fact: LoanFact, status: Status) -> Step:
        self.standing = self.standing._replace(since=fact.effective_on, status=status)
        return Step(fact, self.standing)

    # Money out ------------------------------------------------------------------------------------------------

    def disburse(self, fact: LoanFact) -> Step:
        own = read_schedule(fact.says["schedule"])
        if self.disbursed_on is None:
            self.disbursed_on = fact.effective_on
            self.schedules.append(own)
            self.dues = Dues(own, read_order(fact.says.get("allocation")))
        else:
            part = fact.says["amount_minor"]
            self._replan(further_part(self._terms(), self._planned(), part, own, fact.effective_on))
        before = self.standing
        self.standing = before._replace(
            status=Status.OPEN,
            outstanding_minor=before.outstanding_minor + fact.says["amount_minor"],
            charge_paid_minor=before.charge_paid_minor + fact.says.get("charge_up_front_minor", 0),
        )
        return self._met_by_credit(fact)

    # Dues -----------------------------------------------------------------------------------------------------

    def charge_fee(self, fact: LoanFact) -> Step:
        return self._owe(fact, FEE)

    def charge_penalty(self, fact: LoanFact) -> Step:
        return self._owe(fact, PENALTY)

    def _owe(self, fact: LoanFact, kind: int) -> Step:
        self.dues.add(date.fromisoformat(fact.says["due_on"]), kind, fact.says["amount_minor"])
        return self._met_by_credit(fact)

    def waive(self, fact: LoanFact) -> Step:
        says, waive = fact.says, self.dues.waive
        penalty, fee = waive(PENALTY, says["penalty_minor"]), waive(FEE, says["fee_minor"])
        waived = Waived(penalty, fee, waive(CHARGE, says["charge_minor"]))
        self.charge_waived_minor += waived.charge_minor
        return self._moves(fact, None, waived)

    def _met_by_credit(self, fact: LoanFact) -> Step:
        """Settle new dues with the credit there is."""
        credit = self.standing.credit_minor
        if credit <= 0:
            return self._moves(fact, None)
        settled = self.dues.allocate(credit, fact.effective_on)
        return self._moves(fact, settled._replace(credit_minor=settled.credit_minor - credit))

    # Payments -------------------------------------------------------------------------------------------------

    def repay(self, fact: LoanFact) -> Step:
        amount_minor = fact.says["amount_minor"]
        if self.standing.status is Status.WRITTEN_OFF:
            still_lost = self.standing.written_off_minor - self.standing.recovered_minor
            recovered = min(amount_minor, still_lost)
            return self._moves(fact, Settlement(0, 0, amount_minor - recovered, recovered_minor=recovered))
        waived = self._forgive(fact) if "rebate" in fact.says else None
        return self._moves(fact, self.dues.allocate(amount_minor, fact.effective_on), waived)

    def _forgive(self, fact: LoanFact) -> Waived | None:
        """Forgive the unearned charge when the payment covers all that is owed besides."""
        if self.disbursed_on is None:
            return None
        policy, unit_minor = Rebate(fact.says["rebate"]["policy"]), fact.says["rebate"]["unit_minor"]
        rows = charges_of(self.schedules[-1], self.disbursed_on, self._charge_met())
        rebate = unearned_charge(rows, fact.effective_on, policy, unit_minor)
        if not rebate or fact.says["amount_minor"] < self.standing.owed_minor - rebate:
            return None
        self.dues.waive(CHARGE, rebate)
        self.charge_waived_minor += rebate
        return Waived(0, 0, rebate)

    def take_credit(self, fact: LoanFact) -> Step:
        before = self.standing
        credit = before.credit_minor - fact.says["amount_minor"]
        self.standing = before._replace(since=fact.effective_on, credit_minor=credit)
        return Step(fact, self.standing)

    # What is decided on the rest of a loan --------------------------------------------------------------------

    def reschedule(self, fact: LoanFact) -> Step:
        if self.standing.outstanding_minor or self.standing.charge_outstanding_minor:
            self._replan(rescheduled(self._terms(), self._planned(), fact.says, fact.effective_on))
            renegotiated = self.standing.renegotiated or self.standing.outstanding_minor > 0
            self.standing = self.standing._replace(renegotiated=renegotiated)
        return self._moves(fact, None)

    def write_off(self, fact: LoanFact) -> Step:
        before = self.standing
        lost = before.outstanding_minor
        if not lost:
            self.standing = before._replace(since=fact.effective_on)
            return Step(fact, self.standing)
        self.dues.lapse()
        self.standing = before._replace(
            since=fact.effective_on,
            status=Status.WRITTEN_OFF,
            outstanding_minor=0,
            charge_outstanding_minor=0,
            fee_outstanding_minor=0,
            penalty_outstanding_minor=0,
            oldest_due_on=None,
            written_off_minor=before.written_off_minor + lost,
        )
        return Step(fact, self.standing, written_off_minor=lost)

    # How ------------------------------------------------------------------------------------------------------

    def _moves(self, fact: LoanFact, settled: Settlement | None, waived: Waived | None = None) -> Step:
        """Stand where the dues now stand, after what was settled and waived."""
        before, dues = self.standing, self.dues
        paid = settled or _NOTHING
        outstanding = before.outstanding_minor - paid.principal_minor
        penalty, fee, charge, _ = dues.owed
        status = before.status
        if status is Status.OPEN or status is Status.REPAID:
            status = Status.OPEN if outstanding or charge or fee or penalty else Status.REPAID
        self.standing = Standing(
            fact.effective_on,
            status,
            outstanding,
            charge,
            before.principal_paid_minor + paid.principal_minor,
            before.charge_paid_minor + paid.charge_minor,
            before.credit_minor + paid.credit_minor,
            dues.oldest_due_on,
            fee,
            penalty,
            before.fee_paid_minor + paid.fee_minor,
            before.penalty_paid_minor + paid.penalty_minor,
            before.written_off_minor,
            before.recovered_minor + paid.recovered_minor,
            before.renegotiated,
            len(self.schedules),
        )
        return Step(fact, self.standing, settled, waived)

    def _replan(self, schedule: tuple[Instalment, ...]) -> None:
        self.schedules.append(schedule)
        self.dues.replan(schedule, self._charge_met(), self.standing.principal_paid_minor)

    def _planned(self) -> Planned:
        assert self.disbursed_on is not None, "what was not disbursed has no schedule to make anew"
        paid = self.standing.principal_paid_minor
        return Planned(self.schedules[-1], self.disbursed_on, paid, self._charge_met())

    def _charge_met(self) -> int:
        return self.standing.charge_paid_minor + self.charge_waived_minor

    def _terms(self) -> LoanTerms:
        """Return what was agreed: it is known by the application even when that is reversed, and the life unlawful."""
        application = next(fact for fact in self.known if fact.kind is Kind.LOAN_APPLIED)
        return LoanTerms.model_validate_json(application.says["terms"])


_NOTHING = Settlement(0, 0, 0)
_TAKES: dict[Kind, Callable[[_Fold, LoanFact], Step]] = {
    Kind.LOAN_APPLIED: _Fold.apply,
    Kind.LOAN_APPRAISED: _Fold.appraise,
    Kind.LOAN_DECIDED: _Fold.decide,
    Kind.LOAN_CANCELLED: _Fold.cancel,
    Kind.LOAN_DISBURSED: _Fold.disburse,
    Kind.FEE_CHARGED: _Fold.charge_fee,
    Kind.PENALTY_CHARGED: _Fold.charge_penalty,
    Kind.DUES_WAIVED: _Fold.waive,
    Kind.REPAYMENT_RECEIVED: _Fold.repay,
    Kind.CREDIT_USED: _Fold.take_credit,
    Kind.CREDIT_REFUNDED: _Fold.take_credit,
    Kind.LOAN_RESCHEDULED: _Fold.reschedule,
    Kind.LOAN_WRITTEN_OFF: _Fold.write_off,
}


def write_schedule(schedule: Iterable[Instalment]) -> list[list[str | int]]:
    """Return a schedule as a disbursement's payload carries it: `[due_on, principal_minor, charge_minor]` per row."""
    return [[row.due_on.isoformat(), row.principal_minor, row.charge_minor] for row in schedule]


def read_schedule(rows: Iterable[tuple[str, int, int]]) -> tuple[Instalment, ...]:
    """Return the schedule that a disbursement's payload carries."""
    return tuple(
        Instalment(number, date.fromisoformat(due_on), principal, charge)
        for number, (due_on, principal, charge) in enumerate(rows, 1)
    )


def write_order(order: AllocationOrder) -> dict[str, Any] | None:
    """Return the order of allocation as a disbursement's payload carries it; None when it is the usual one."""
    said = order.model_dump(mode="json")
    return None if order == AllocationOrder() else said


def read_order(said: Mapping[str, Any] | None) -> Order:
    """Return the order of allocation that a disbursement's payload carries."""
    if said is None:
        return USUAL
    due = tuple(KINDS_OF_DUES.index(kind) for kind in said["order"])
    ahead = said.get("in_advance")
    in_advance = tuple(KINDS_OF_DUES.index(kind) for kind in ahead) if ahead else due
    return Order(due, in_advance, said.get("across") == Across.KINDS)
