"""The schedule of a loan: what falls due, and when, if all is paid as agreed."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cif_engine.dates import Calendar
from cif_engine.loans.charges import after_grace, flat_charge_parts
from cif_engine.loans.declining import declining_parts
from cif_engine.loans.due_dates import due_dates
from cif_engine.loans.principal import beside_charge, principal_parts
from cif_engine.loans.terms import (
    AgreedPayments,
    DecliningBalance,
    FlatAmount,
    FlatPercent,
    Instalments,
    LoanTerms,
    NoCharge,
    Whole,
    check_terms,
)


class Instalment(NamedTuple):
    """What falls due on one day; numbers count from 1."""

    number: int
    due_on: date
    principal_minor: int
    charge_minor: int


def make_schedule(
    terms: LoanTerms, principal_minor: int, starts_on: date, calendar: Calendar
) -> tuple[Instalment, ...]:
    """Return the instalments of a loan that starts (is disbursed) on a day.

    Every instalment has an amount due; all but the last are whole multiples of the rounding unit, the last takes the
    remainder of principal and of charge. 10,000 rupees in 12 months: eleven times 833, then 837.
    Raises what `check_terms` and `due_dates` raise.
    """
    check_terms(terms, principal_minor)
    return schedule_over(terms, principal_minor, starts_on, due_dates(terms, starts_on, calendar))


def schedule_over(
    terms: LoanTerms, principal_minor: int, starts_on: date, days: tuple[date, ...], first_number: int = 1
) -> tuple[Instalment, ...]:
    """Return the instalments over given due dates, each in place of one that the plan would have.

    The plan says how the principal is shared. `first_number` is the place of the first of these dates in it: the
    instalments before have used up that much of the grace. With fewer dates than the plan has, at least the last
    repays principal. Agreed amounts are fitted to the principal (`fit_agreed`). Where no principal is left to repay,
    nothing falls due.
    """
    if principal_minor == 0:
        return ()
    if first_number > 1:
        terms = _with_grace_left(terms, first_number - 1)
    if isinstance(terms.charge, NoCharge):
        principals = principal_parts(terms, principal_minor, len(days))
        charges: tuple[int, ...] = (0,) * len(principals)
    else:
        principals, charges = _charged_parts(terms, terms.charge, principal_minor, starts_on, days)
    rows = [row for row in zip(days, principals, charges, strict=False) if row[1] or row[2]]
    return tuple([Instalment(number, *row) for number, row in enumerate(rows, start=first_number)])


def _with_grace_left(terms: LoanTerms, passed: int) -> LoanTerms:
    """Return the terms after so many instalments of the plan."""
    plan = terms.repayment
    if not isinstance(plan, Instalments):
        return terms
    graces = {
        "grace_on_principal": max(plan.grace_on_principal - passed, 0),
        "grace_on_charge": max(plan.grace_on_charge - passed, 0),
    }
    return terms.model_copy(update={"repayment": plan.model_copy(update=graces)})


def _charged_parts(
    terms: LoanTerms,
    charge: FlatPercent | FlatAmount | DecliningBalance,
    principal_minor: int,
    starts_on: date,
    days: tuple[date, ...],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the principal and the charge of each instalment of a loan that is charged for."""
    if isinstance(charge, DecliningBalance):
        principals, charges = declining_parts(terms, charge, principal_minor, starts_on, days)
    else:
        principals, charges = _flat_parts(terms, charge, principal_minor, len(days))
    if isinstance(terms.repayment, Instalments) and terms.repayment.grace_on_charge:
        charges = after_grace(charges, terms.repayment.grace_on_charge)
    return principals, charges


def _flat_parts(
    terms: LoanTerms, charge: FlatPercent | FlatAmount, principal_minor: int, count: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    unit_minor = terms.rounding_unit_minor
    principals = principal_parts(terms, principal_minor, count)
    if terms.whole is Whole.PRINCIPAL_AND_CHARGE or isinstance(terms.repayment, AgreedPayments):
        return principals, flat_charge_parts(charge, principal_minor, len(principals), unit_minor)
    charges = flat_charge_parts(charge, principal_minor, len(principals), 1)
    left_minor = principal_minor
    whole = []
    for part_minor, charge_minor in zip(principals[:-1], charges, strict=False):
        whole.append(min(beside_charge(part_minor, charge_minor, unit_minor), left_minor))
        left_minor -= whole[-1]
    return (*whole, left_minor), charges
