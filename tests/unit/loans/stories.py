"""The facts of one small loan, a word each: `paid("p", 550, MAY)`.

A loan of 1,000 with a charge of 100, lent on 1 April and repaid on 1 May and 1 June, in the smallest units.
"""

from datetime import date
from typing import Any

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.replanning import numbered
from cif_engine.loans.said import write_schedule
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.terms import LoanTerms

MARCH, APRIL, MAY, JUNE, JULY, AUGUST, SEPTEMBER = (date(2024, month, 1) for month in range(3, 10))

TWO_MONTHS = {"kind": "equal_instalments", "count": 2}
TEN_PERCENT = {"kind": "flat_percent", "percent": "10"}
SCHEDULE = numbered([(MAY, 500, 50), (JUNE, 500, 50)])
RESOLVED = {"resolution_no": "R-7", "reason": "the flood"}


def terms_of(charge: dict[str, Any] | None = None, plan: dict[str, Any] | None = None, **more: object) -> LoanTerms:
    """Return terms that round to the smallest unit and know no holidays, unless told otherwise."""
    told = {"repayment": plan or TWO_MONTHS, "charge": charge or TEN_PERCENT, "rounding_unit": "0.01", **more}
    return LoanTerms.model_validate({"holiday_rule": "none", **told})


def applied(terms: LoanTerms | None = None, on: date = APRIL) -> LoanFact:
    return LoanFact("1", Kind.LOAN_APPLIED, on, {"terms": (terms or terms_of()).model_dump_json()})


def appraised(on: date = APRIL) -> LoanFact:
    return LoanFact("2", Kind.LOAN_APPRAISED, on, {})


def decided(*, approved: bool = True, amount: int = 1_000, on: date = APRIL) -> LoanFact:
    return LoanFact("3", Kind.LOAN_DECIDED, on, {"approved": approved, "amount_minor": amount})


def cancelled(on: date = APRIL) -> LoanFact:
    return LoanFact("4", Kind.LOAN_CANCELLED, on, {"reason": "she moved away"})


def disbursed(
    amount: int = 1_000,
    on: date = APRIL,
    schedule: tuple[Instalment, ...] = SCHEDULE,
    fact_id: str = "5",
    **more: object,
) -> LoanFact:
    says = {"amount_minor": amount, "paid_from": "CIF.1020", "schedule": write_schedule(schedule), **more}
    return LoanFact(fact_id, Kind.LOAN_DISBURSED, on, says)


LENT = (applied(), appraised(), decided(), disbursed())


def paid(fact_id: str, amount: int, on: date, held_in: str = "CIF.1010", **more: object) -> LoanFact:
    says = {"amount_minor": amount, "held_in": held_in, **more}
    return LoanFact(fact_id, Kind.REPAYMENT_RECEIVED, on, says)


def settling(fact_id: str, amount: int, on: date, policy: str = "not_yet_due", unit: int = 1) -> LoanFact:
    return paid(fact_id, amount, on, rebate={"policy": policy, "unit_minor": unit})


def fee(fact_id: str, amount: int, on: date, due_on: date | None = None) -> LoanFact:
    return _charged(Kind.FEE_CHARGED, fact_id, amount, on, due_on)


def penalty(fact_id: str, amount: int, on: date, due_on: date | None = None) -> LoanFact:
    return _charged(Kind.PENALTY_CHARGED, fact_id, amount, on, due_on)


def _charged(kind: Kind, fact_id: str, amount: int, on: date, due_on: date | None) -> LoanFact:
    return LoanFact(fact_id, kind, on, {"amount_minor": amount, "name": "form", "due_on": (due_on or on).isoformat()})


def waived(fact_id: str, on: date, penalty: int = 0, fee: int = 0, charge: int = 0) -> LoanFact:
    caps = {"penalty_minor": penalty, "fee_minor": fee, "charge_minor": charge}
    return LoanFact(fact_id, Kind.DUES_WAIVED, on, {**caps, **RESOLVED})


def credit_used(fact_id: str, amount: int, on: date) -> LoanFact:
    return LoanFact(fact_id, Kind.CREDIT_USED, on, {"amount_minor": amount, "for_loan": "another"})


def refunded(fact_id: str, amount: int, on: date) -> LoanFact:
    says = {"amount_minor": amount, "channel": "cash", "paid_from": "CIF.1010"}
    return LoanFact(fact_id, Kind.CREDIT_REFUNDED, on, says)


def paused(fact_id: str, months: int, on: date, arrears: str = "kept", **more: object) -> LoanFact:
    says = {"pause": {"months": months, "arrears": arrears}, **RESOLVED, **more}
    return LoanFact(fact_id, Kind.LOAN_RESCHEDULED, on, says)


def replanned(fact_id: str, plan: dict[str, Any], on: date) -> LoanFact:
    return LoanFact(fact_id, Kind.LOAN_RESCHEDULED, on, {"plan": plan, **RESOLVED})


def written_off(fact_id: str, on: date) -> LoanFact:
    return LoanFact(fact_id, Kind.LOAN_WRITTEN_OFF, on, RESOLVED)


def reversal(fact_id: str, of: LoanFact) -> LoanFact:
    says = {"reverses": of.id, "kind": of.kind.value, "reason": "a mistake"}
    return LoanFact(fact_id, Kind.FACT_REVERSED, of.effective_on, says)
