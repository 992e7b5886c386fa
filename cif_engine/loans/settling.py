"""What settles a loan on a day: everything owed, less the charge that the terms forgive."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cif_engine.kinds import Kind
from cif_engine.loans.life import LoanLife
from cif_engine.loans.terms import LoanTerms, Rebate
from cif_engine.loans.unearned import charges_of, unearned_charge


class Quote(NamedTuple):
    """What settles a loan on a day, in minor units. `charge_minor` is before the rebate, which is taken off it."""

    penalty_minor: int
    fee_minor: int
    charge_minor: int
    rebate_minor: int
    principal_minor: int

    @property
    def total_minor(self) -> int:
        """The money that settles the loan."""
        return self.penalty_minor + self.fee_minor + self.charge_minor - self.rebate_minor + self.principal_minor


def settlement_quote(life: LoanLife, day: date, policy: Rebate, unit_minor: int) -> Quote:
    """Return what settles a loan on a day. The life holds no fact after it."""
    standing = life.standing
    rebate = 0
    if standing.charge_outstanding_minor:
        rows = charges_of(life.schedule, life.accrual, life.charge_met_minor)
        rebate = unearned_charge(rows, day, policy, unit_minor)
    return Quote(
        standing.penalty_outstanding_minor,
        standing.fee_outstanding_minor,
        standing.charge_outstanding_minor,
        rebate,
        standing.outstanding_minor,
    )


def agreed_terms(life: LoanLife) -> LoanTerms:
    """Return the terms that the loan was applied for with; known even when the application is reversed."""
    application = next(fact for fact in life.facts if fact.kind is Kind.LOAN_APPLIED)
    return LoanTerms.model_validate_json(application.says["terms"])
