"""Whether the facts of a loan can all be true together, each where it stands in canonical order.

What is asked of the whole life, not of the newest fact, so that the same facts are refused in whatever order they come.
"""

from __future__ import annotations

from cif_engine.errors import CreditTooSmallError, LoanNotOpenError, LoanStepError, OverLimitError
from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife
from cif_engine.loans.standing import Standing, Status, Step
from cif_engine.money import format_amount

_UNDECIDED = (Status.APPLIED, Status.APPRAISED)
_STEPS: dict[Kind, tuple[Status, ...]] = {
    Kind.LOAN_APPRAISED: _UNDECIDED,
    Kind.LOAN_DECIDED: _UNDECIDED,
    Kind.LOAN_CANCELLED: (*_UNDECIDED, Status.APPROVED),
    Kind.LOAN_DISBURSED: (Status.APPROVED, Status.OPEN, Status.REPAID),
}
"""What a loan must be for a step on its way to the money."""

_ENDED_BY_WRITE_OFF = frozenset(
    (Kind.FEE_CHARGED, Kind.PENALTY_CHARGED, Kind.DUES_WAIVED, Kind.LOAN_RESCHEDULED, Kind.LOAN_WRITTEN_OFF)
)


def refuse_unlawful(life: LoanLife, number: str) -> None:
    """Refuse a life in which a fact stands where it cannot.

    Raises `LoanStepError`, `LoanNotOpenError`, `CreditTooSmallError`, `OverLimitError`, each naming the `event`.
    """
    before: Standing | None = None
    approved_minor = handed_out_minor = 0
    for step in life.steps:
        fact = step.fact
        if before is not None:
            _refuse_out_of_turn(step, before, number)
        elif fact.kind in _STEPS:
            raise LoanStepError(
                f"Loan {number} was not applied for by {fact.effective_on}.", loan=number, event=fact.id
            )
        elif fact.kind is not Kind.LOAN_APPLIED:
            raise _not_disbursed(fact, number)
        if fact.kind is Kind.LOAN_DECIDED:
            approved_minor = fact.says["amount_minor"]
        elif fact.kind is Kind.LOAN_DISBURSED:
            handed_out_minor += fact.says["amount_minor"]
            _refuse_above_approved(fact, handed_out_minor, approved_minor, number)
        before = step.standing


def _refuse_out_of_turn(step: Step, before: Standing, number: str) -> None:
    fact, on = step.fact, step.fact.effective_on
    if fact.kind in _STEPS or fact.kind is Kind.LOAN_APPLIED:
        if before.status not in _STEPS.get(fact.kind, ()):
            raise _out_of_turn(fact, before, number)
        return
    if not before.was_disbursed:
        raise _not_disbursed(fact, number)
    if before.status is Status.WRITTEN_OFF and fact.kind in _ENDED_BY_WRITE_OFF:
        raise LoanNotOpenError(
            f"Loan {number} was written off by {on}; only money that is recovered can be recorded.",
            pointer="/loan",
            loan=number,
            event=fact.id,
        )
    if step.standing.credit_minor < 0:
        short = format_amount(-step.standing.credit_minor)
        raise CreditTooSmallError(
            f"The borrower's credit of loan {number} would be {short} below zero on {on}: "
            "more of it is given back or used than there is.",
            pointer="/amount",
            loan=number,
            short=short,
            event=fact.id,
        )


def _not_disbursed(fact: LoanFact, number: str) -> LoanNotOpenError:
    return LoanNotOpenError(
        f"Loan {number} was not disbursed by {fact.effective_on}.", pointer="/loan", loan=number, event=fact.id
    )


def _out_of_turn(fact: LoanFact, before: Standing, number: str) -> LoanStepError:
    follows = " or ".join(status.value for status in _STEPS.get(fact.kind, ()))
    return LoanStepError(
        f"Loan {number} is {before.status.value} since {before.since}; {fact.kind.value} of {fact.effective_on} "
        f"follows {follows or 'nothing'}.",
        pointer="/effective_on",
        loan=number,
        status=before.status.value,
        event=fact.id,
    )


def _refuse_above_approved(fact: LoanFact, handed_out_minor: int, approved_minor: int, number: str) -> None:
    if handed_out_minor > approved_minor:
        raise OverLimitError(
            f"Loan {number} would be handed out to {format_amount(handed_out_minor)}, "
            f"more than the {format_amount(approved_minor)} that was approved.",
            pointer="/amount",
            limit=format_amount(approved_minor),
            event=fact.id,
        )
