"""What the facts of one loan say on a day: its dues as agreed by then, and the money poured over them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from cif_engine.demonstration.dues import Due, met_and_unmet, paused, repaid_anew
from cif_engine.demonstration.plan import RUPEE, Planned
from cif_engine.demonstration.truths import LoanTruth, Struck, When, holding
from cif_engine.loans.terms import EqualInstalments
from cif_engine.operations.collecting import Repayment
from cif_engine.operations.credits import Refund
from cif_engine.operations.disbursing import Disbursement
from cif_engine.operations.lending import Application
from cif_engine.operations.moratorium import Moratorium
from cif_engine.operations.restructuring import Reschedule, WriteOff


@dataclass(slots=True)
class LoanFacts:
    """The facts of one loan, in the order of recording."""

    application: Planned
    cuts: dict[str, str]
    household: str
    struck: Struck
    holidays: frozenset[date]
    facts: dict[type, list[Planned]] = field(default_factory=lambda: defaultdict(list))
    """By the type of their commands."""

    dues: tuple[Due, ...] = ()
    """As the disbursement said."""

    def truth(self, when: When) -> LoanTruth | None:
        """Return what is true of the loan; None before it was disbursed."""
        if not self.has(Disbursement, when):
            return None
        given_up = next(self.holding(WriteOff, when), None)
        if given_up is None:
            return self._with_credit(self._poured(when), when, 0)
        owed = self._poured(When(given_up.effective_on, when.known_at))
        if not owed.principal:
            return self._with_credit(self._poured(when), when, 0)
        later = self._paid(when) - self._paid(When(given_up.effective_on, when.known_at))
        recovered = min(later, owed.principal)
        lost = replace(
            owed,
            principal=0,
            charge=0,
            overdue=0,
            days_late=0,
            written_off=owed.principal,
            written_off_on=given_up.effective_on,
            recovered=recovered,
        )
        return self._with_credit(lost, when, later - recovered)

    def has(self, command: type, when: When) -> bool:
        """Whether a fact of this command holds."""
        return any(self.holding(command, when))

    def holding(self, command: type, when: When) -> Iterator[Planned]:
        """Return the facts of this command that hold."""
        return holding(self.facts[command], when, self.struck)

    def _poured(self, when: When) -> LoanTruth:
        """Return what the money leaves of the dues, and what is left of the money."""
        dues, paid = self._dues(when), self._paid(when)
        _, unmet = met_and_unmet(dues, paid // RUPEE)
        late = [due for due in unmet if due.on < when.as_of]
        application: Application = self.application.command
        return LoanTruth(
            loan_id=application.loan_id,
            member=application.member,
            household=self.household,
            cuts=self.cuts,
            principal=RUPEE * sum(due.principal for due in unmet),
            charge=RUPEE * sum(due.charge for due in unmet),
            overdue=RUPEE * sum(due.principal for due in late),
            days_late=(when.as_of - late[0].on).days if late else 0,
            credit=max(paid - RUPEE * sum(due.principal + due.charge for due in dues), 0),
        )

    def _dues(self, when: When) -> tuple[Due, ...]:
        """Return what falls due as agreed by then: each time anew for what was not paid by that day."""
        dues, agreed = self.dues, (*self.holding(Moratorium, when), *self.holding(Reschedule, when))
        for fact in sorted(agreed, key=lambda fact: fact.effective_on):
            paid = self._paid(When(fact.effective_on, when.known_at)) // RUPEE
            match fact.command:
                case Moratorium(effective_on=on, pause=pause):
                    dues = paused(dues, paid, on, pause.months, self.holidays)
                case Reschedule(effective_on=on, plan=EqualInstalments(count=count)):
                    dues = repaid_anew(dues, paid, on, count, self.holidays)
        return dues

    def _with_credit(self, truth: LoanTruth, when: When, more: int) -> LoanTruth:
        refunded = sum(fact.command.amount_minor for fact in self.holding(Refund, when))
        return replace(truth, credit=truth.credit + more - refunded)

    def _paid(self, when: When) -> int:
        return sum(fact.command.amount_minor for fact in self.holding(Repayment, when))
