"""What a fund and a product allow: pure rules, each with a stated reason for its refusal.

A refusal by a limit names it: `limit_name` is the field of the fund or the product, `limit` its value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cif_engine.dates import MonthEnd, add_months
from cif_engine.errors import NotEligibleError, OverLimitError
from cif_engine.loans.due_dates import planned_dates
from cif_engine.loans.terms import EqualInstalments, LoanTerms
from cif_engine.money import format_amount


@dataclass(frozen=True, slots=True)
class Limits:
    """What one loan may be: amounts in minor units, the cycle counted from 1; None is no limit."""

    amount_min_minor: int
    amount_max_minor: int | None
    cycle_max: int | None
    cycle_min: int = 1
    term_min_months: int | None = None
    term_max_months: int | None = None


@dataclass(frozen=True, slots=True)
class PovertyBand:
    """The poverty scores, both included, whose households a fund lends to."""

    score_from: int
    score_to: int

    @property
    def admits_all(self) -> bool:
        """Whether every score is within the band, so that a household needs none."""
        return (self.score_from, self.score_to) == (0, 100)


def refuse_ineligible(poverty_score: int | None, band: PovertyBand, *, listed_eligible: bool) -> None:
    """Refuse a household that the programme does not list as eligible, or whose score is outside the fund's band."""
    if not listed_eligible:
        raise NotEligibleError("The household is not listed as eligible.", pointer="/member")
    if band.admits_all:
        return
    if poverty_score is None:
        raise NotEligibleError(
            f"The fund lends to scores {band.score_from} to {band.score_to}; the household has no score.",
            pointer="/member",
        )
    if not band.score_from <= poverty_score <= band.score_to:
        raise NotEligibleError(
            f"The fund lends to scores {band.score_from} to {band.score_to}; the household has {poverty_score}.",
            pointer="/member",
            poverty_score=poverty_score,
        )


def refuse_over_limit(amount_minor: int, cycle: int, limits: Limits, whose: str) -> None:
    """Refuse an amount or a cycle outside the limits of `whose` (`fund CIF`, `product GOAT`)."""
    most = limits.amount_max_minor
    if amount_minor < limits.amount_min_minor:
        raise OverLimitError(
            f"The least that {whose} lends is {format_amount(limits.amount_min_minor)}.",
            pointer="/amount",
            limit_name="amount_min",
            limit=format_amount(limits.amount_min_minor),
        )
    if most is not None and amount_minor > most:
        raise OverLimitError(
            f"The most that {whose} lends is {format_amount(most)}.",
            pointer="/amount",
            limit_name="amount_max",
            limit=format_amount(most),
        )
    _refuse_cycle(cycle, limits, whose)


def refuse_over_term(terms: LoanTerms, starts_on: date, limits: Limits, whose: str) -> None:
    """Refuse a plan whose last day lies too few or too many months after the start of the loan.

    That day is taken as the plan names it, before it is moved off a holiday. Raises OverLimitError, and what
    `planned_dates` raises.
    """
    least, most = limits.term_min_months, limits.term_max_months
    if least is None and most is None:
        return
    plan = terms.repayment
    month_end = plan.month_end if isinstance(plan, EqualInstalments) else MonthEnd.ANCHOR_DAY
    ends_on = planned_dates(terms, starts_on)[-1]
    if least is not None and ends_on < add_months(starts_on, least, month_end):
        raise OverLimitError(
            f"The shortest loan of {whose} takes {least} months; this one would end on {ends_on}.",
            pointer="/repayment",
            limit_name="term_min_months",
            limit=least,
        )
    if most is not None and ends_on > add_months(starts_on, most, month_end):
        raise OverLimitError(
            f"The longest loan of {whose} takes {most} months; this one would end on {ends_on}.",
            pointer="/repayment",
            limit_name="term_max_months",
            limit=most,
        )


def _refuse_cycle(cycle: int, limits: Limits, whose: str) -> None:
    if cycle < limits.cycle_min:
        raise OverLimitError(
            f"This would be the member's loan {cycle}; {whose} lends from loan {limits.cycle_min} on.",
            pointer="/member",
            limit_name="cycle_min",
            limit=limits.cycle_min,
        )
    if limits.cycle_max is not None and cycle > limits.cycle_max:
        raise OverLimitError(
            f"This would be the member's loan {cycle}; {whose} lends {limits.cycle_max} times.",
            pointer="/member",
            limit_name="cycle_max",
            limit=limits.cycle_max,
        )
