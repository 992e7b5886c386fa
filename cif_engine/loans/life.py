"""The life of a loan: a fold over its facts in canonical order (law 3).

`live(facts)` is the only place that decides what a loan's facts make of it. Everything else asks the `LoanLife`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact, in_order, voided
from cif_engine.loans.fold import Fold
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing, Status, Step
from cif_engine.loans.unearned import Accrual


class LoanLife(NamedTuple):
    """All that the facts of one loan say. `schedules` begins with the original, `schedule_no` counts them from 1.

    `facts` are all, in canonical order; `voided` are those that do not hold, each with the reversal that does.
    `accrual` is how the charge of the last schedule accrues.
    """

    steps: tuple[Step, ...]
    schedules: tuple[tuple[Instalment, ...], ...]
    disbursed_on: date | None
    facts: tuple[LoanFact, ...]
    voided: Mapping[str, LoanFact]
    accrual: Accrual

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
        """Return the standings that lasted to the end of a day: one per day with facts, the last of that day.

        A loan whose facts are all reversed has one, that of a cancelled loan.
        """
        return timeline(self.steps) or (self.standing,)

    @property
    def charge_met_minor(self) -> int:
        """The charge that was paid or waived; what it fills of the schedule is no longer owed."""
        return self.standing.charge_paid_minor + sum(step.waived.charge_minor for step in self.steps if step.waived)


def live(facts: Iterable[LoanFact]) -> LoanLife:
    """Return the life that these facts of one loan, in any order, add up to."""
    known = in_order(facts)
    holding, void = _holding(known)
    fold = Fold(known)
    return _life(fold, [fold.step(fact) for fact in holding], known, void)


def timeline(steps: Iterable[Step]) -> tuple[Standing, ...]:
    """Return the last standing of each day that has steps."""
    return tuple({step.fact.effective_on: step.standing for step in steps}.values())


def live_on(facts: Iterable[LoanFact], new: LoanFact) -> tuple[LoanLife, LoanLife]:
    """Return the life of a loan without and with a new fact; one that comes last only adds a step."""
    known = in_order(facts)
    if new.kind is Kind.FACT_REVERSED or (known and new.order < known[-1].order):
        return live(known), live((*known, new))
    holding, void = _holding(known)
    fold = Fold(known)
    before = _life(fold, [fold.step(fact) for fact in holding], known, void)
    return before, _life(fold, (*before.steps, fold.step(new)), (*known, new), void)


def _holding(known: list[LoanFact]) -> tuple[list[LoanFact], Mapping[str, LoanFact]]:
    """Return the facts that hold, and those that do not with the reversal that does."""
    if all(fact.kind is not Kind.FACT_REVERSED for fact in known):
        return known, _NONE_VOID
    void = voided(known)
    return [fact for fact in known if fact.kind is not Kind.FACT_REVERSED and fact.id not in void], void


_NONE_VOID: Mapping[str, LoanFact] = {}


def _life(fold: Fold, steps: Iterable[Step], facts: Iterable[LoanFact], void: Mapping[str, LoanFact]) -> LoanLife:
    return LoanLife(tuple(steps), tuple(fold.schedules), fold.disbursed_on, tuple(facts), void, fold.accrual)
