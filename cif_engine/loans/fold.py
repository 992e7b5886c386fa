"""The fold: what one fact after another makes of a loan.

A fact says what was agreed or done; how much it applies to follows from the facts before it, so the order in which
they were recorded makes no difference (law 3). Every fact is taken, lawful or not: `lawful` judges the whole life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from cif_engine.kinds import Kind
from cif_engine.loans.allocation import CHARGE, FEE, PENALTY, Dues, Settlement, Waived
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.replanning import Planned, further_part, rescheduled
from cif_engine.loans.said import read_order, read_schedule
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing, Status, Step
from cif_engine.loans.terms import LoanTerms, Rebate
from cif_engine.loans.unearned import Accrual, charges_of, unearned_charge


class Fold:
    """The state of a loan while its facts are taken in order. Each kind of fact has one method."""

    def __init__(self, known: Iterable[LoanFact]) -> None:
        self.known = known
        self.standing = Standing(date.min, Status.APPLIED)
        self.schedules: list[tuple[Instalment, ...]] = []
        self.disbursed_on: date | None = None
        self.accrual = Accrual(date.min)
        self.dues = Dues()
        self.charge_waived_minor = 0
        self.planned_on = date.min
        self.due_before_minor = 0

    def step(self, fact: LoanFact) -> Step:
        """Take the next fact, and say what it made of the loan."""
        return _TAKES[fact.kind](self, fact)

    # Before the money -----------------------------------------------------------------------------------------

    def apply(self, fact: LoanFact) -> Step:
        return self._stands(fact, Status.APPLIED)

    def appraise(self, fact: LoanFact) -> Step:
        return self._stands(fact, Status.APPRAISED)

    def decide(self, fact: LoanFact) -> Step:
        if not fact.says["approved"]:
            return self._stands(fact, Status.REFUSED)
        return self._stands(fact, Status.APPROVED, fact.says["amount_minor"])

    def cancel(self, fact: LoanFact) -> Step:
        return self._stands(fact, Status.CANCELLED)

    def _stands(self, fact: LoanFact, status: Status, committed_minor: int = 0) -> Step:
        self.standing = self.standing._replace(since=fact.effective_on, status=status, committed_minor=committed_minor)
        return Step(fact, self.standing)

    # Money out ------------------------------------------------------------------------------------------------

    def disburse(self, fact: LoanFact) -> Step:
        own = read_schedule(fact.says["schedule"])
        if self.disbursed_on is None:
            self.disbursed_on = fact.effective_on
            self.accrual = Accrual(fact.effective_on)
            self.schedules.append(own)
            self.planned_on = fact.effective_on
            self.dues = Dues(own, read_order(fact.says.get("allocation")))
        else:
            part = fact.says["amount_minor"]
            self._replan(
                further_part(self._terms(), self.schedules[-1], part, own, fact.effective_on), fact.effective_on
            )
        before = self.standing
        self.standing = before._replace(
            status=Status.OPEN,
            outstanding_minor=before.outstanding_minor + fact.says["amount_minor"],
            charge_paid_minor=before.charge_paid_minor + fact.says.get("charge_up_front_minor", 0),
            committed_minor=0,
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
        if not self.schedules:
            return None
        policy, unit_minor = Rebate(fact.says["rebate"]["policy"]), fact.says["rebate"]["unit_minor"]
        rows = charges_of(self.schedules[-1], self.accrual, self._charge_met())
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
            schedule, self.accrual = rescheduled(self._terms(), self._planned(), fact.says, fact.effective_on)
            self._replan(schedule, fact.effective_on)
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
            self.disbursed_on,
            self.due_before_minor,
            before.committed_minor,
            self.schedules[-1][-1].due_on if self.schedules else None,
        )
        return Step(fact, self.standing, settled, waived)

    def _replan(self, schedule: tuple[Instalment, ...], day: date) -> None:
        # A schedule that was made on the day itself was never in force at the end of one.
        if self.planned_on < day:
            fallen_due = sum(row.principal_minor for row in self.schedules[-1] if row.due_on < day)
            self.due_before_minor = max(self.due_before_minor, fallen_due)
            self.planned_on = day
        self.schedules.append(schedule)
        self.dues.replan(schedule, self._charge_met(), self.standing.principal_paid_minor)

    def _planned(self) -> Planned:
        return Planned(self.schedules[-1], self.accrual, self.standing.principal_paid_minor, self._charge_met())

    def _charge_met(self) -> int:
        return self.standing.charge_paid_minor + self.charge_waived_minor

    def _terms(self) -> LoanTerms:
        """Return what was agreed: it is known by the application even when that is reversed, and the life unlawful."""
        application = next(fact for fact in self.known if fact.kind is Kind.LOAN_APPLIED)
        return LoanTerms.model_validate_json(application.says["terms"])


_NOTHING = Settlement(0, 0, 0)
_TAKES: dict[Kind, Callable[[Fold, LoanFact], Step]] = {
    Kind.LOAN_APPLIED: Fold.apply,
    Kind.LOAN_APPRAISED: Fold.appraise,
    Kind.LOAN_DECIDED: Fold.decide,
    Kind.LOAN_CANCELLED: Fold.cancel,
    Kind.LOAN_DISBURSED: Fold.disburse,
    Kind.FEE_CHARGED: Fold.charge_fee,
    Kind.PENALTY_CHARGED: Fold.charge_penalty,
    Kind.DUES_WAIVED: Fold.waive,
    Kind.REPAYMENT_RECEIVED: Fold.repay,
    Kind.CREDIT_USED: Fold.take_credit,
    Kind.CREDIT_REFUNDED: Fold.take_credit,
    Kind.LOAN_RESCHEDULED: Fold.reschedule,
    Kind.LOAN_WRITTEN_OFF: Fold.write_off,
}
