"""Loading a plan: through the operations, each fact at its own moment, as the people of the office would.

Every fact has an idempotency key, so a load that was cut short goes on where it stopped, and one that was done before
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

from cif_engine.demonstration.dasori import DASORI, NOTE
from cif_engine.demonstration.office import plan_of
from cif_engine.demonstration.plan import Plan, Planned
from cif_engine.demonstration.tally import Tally
from cif_engine.demonstration.truths import LoanTruth, When
from cif_engine.errors import DuplicateCodeError, NotFoundError
from cif_engine.money import format_amount
from cif_engine.operations.keys import find_lso
from cif_engine.operations.network_funds import create_custodian, create_fund, create_product
from cif_engine.operations.network_people import create_people
from cif_engine.operations.network_places import create_area, create_holiday, create_lso, create_rsp
from cif_engine.operations.network_records import get_record
from cif_engine.operations.recording import Request
from cif_engine.persistence.books import book_sql
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import CUSTODIANS

SEED: Final = 2017
"""The seed of the demonstration: everybody sees the same Dasori."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was loaded, and what of it is worth a look. `already_there` when there was nothing left to load."""

    lso: str
    name: str
    fund: str
    as_of: date
    households: int
    loans: int
    facts: int
    already_there: bool
    loan: str
    """The number of an open loan that is late."""

    repayment: str
    """What would bring that loan's oldest instalment up to date, as an amount of the API."""

    note: str


def load_demonstration(databases: Databases, seed: int = SEED) -> Demonstration:
    """Load LSO Dasori into a migrated database, unless it is there.

    Raises `DuplicateCodeError` when another LSO goes by its code.
    """
    plan = plan_of(DASORI, seed)
    already_there = not load(databases, plan)
    tally = Tally(plan)
    shown = _worth_showing(tally.loans(When(DASORI.to_on)))
    return Demonstration(
        lso=plan.lso.code,
        name=plan.lso.name,
        fund=plan.fund.code,
        as_of=DASORI.to_on,
        households=tally.households_served(),
        loans=tally.loans_made(),
        facts=len(plan.facts),
        already_there=already_there,
        loan=_number_of(databases, plan.lso.id, shown.loan_id),
        repayment=format_amount(shown.overdue),
        note=NOTE,
    )


def load(databases: Databases, plan: Plan) -> bool:
    """Load a plan into a migrated database; False when all of it was there.

    Raises `DuplicateCodeError` when another LSO goes by its code, and whatever an operation refuses.
    """
    if _is_recorded(databases, plan, plan.facts[-1]):
        return False
    _found(databases, plan)
    for fact in plan.facts:
        fact.operation(databases, _request(plan, fact), fact.command)
    return True


def _request(plan: Plan, fact: Planned) -> Request:
    fingerprint = sha256(f"{fact.key} {fact.command}".encode()).digest()
    return Request(plan.lso.id, fact.actor, fact.recorded_at, fact.today, fact.key, fingerprint)


def _is_recorded(databases: Databases, plan: Plan, fact: Planned) -> bool:
    with databases.reading(plan.lso.id) as connection:
        opened = book_sql(databases.dialect).open(connection, plan.lso.id, fact.key, None, "")
    return opened is not None and opened.answered is not None


def _number_of(databases: Databases, lso_id: str, loan_id: str) -> str:
    with databases.reading(lso_id) as connection:
        opened = book_sql(databases.dialect).open(connection, lso_id, None, loan_id, "")
    assert opened is not None, "the book was begun"
    assert opened.loan is not None, "every loan of the plan is recorded"
    return opened.loan.number


def _worth_showing(loans: list[LoanTruth]) -> LoanTruth:
    """Return a late loan: one with instalments still to come and little late, where there is such a one."""
    late = [loan for loan in loans if loan.is_open and loan.overdue]
    return max(late, key=lambda loan: (loan.overdue < loan.principal, loan.days_late <= _A_LITTLE_LATE, loan.loan_id))


_A_LITTLE_LATE: Final = 90


# Before the first fact -----------------------------------------------------------------------------------------


def _found(databases: Databases, plan: Plan) -> None:
    """Add the network, the LSO, its people and its fund, as far as they are not there."""
    _unless_known(create_rsp, databases, plan.places.rsp)
    for area in plan.places.areas:
        _unless_known(create_area, databases, area)
    for holiday in plan.places.holidays:
        _unless_known(create_holiday, databases, holiday)
    _unless_known(create_lso, databases, plan.lso)
    _refuse_another_lso(databases, plan)
    _add_people(databases, plan)
    _unless_known(create_fund, databases, plan.lso.id, plan.fund)
    for product in plan.products:
        _unless_known(create_product, databases, plan.lso.id, product)
    _add_custodians(databases, plan)


def _unless_known(create: Callable[..., Any], *about: object) -> None:
    try:
        create(*about)
    except DuplicateCodeError:
        return


def _refuse_another_lso(databases: Databases, plan: Plan) -> None:
    found = find_lso(databases, plan.lso.code)
    if found is None or found.id != plan.lso.id:
        raise DuplicateCodeError(f"Another LSO goes by the code {plan.lso.code}.", existing=plan.lso.code)


def _add_people(databases: Databases, plan: Plan) -> None:
    people = plan.people
    try:
        with databases.writing(plan.lso.id) as connection:
            create_people(connection, plan.lso.id, people.institutions, people.households, people.members)
    except DuplicateCodeError:
        return  # all of them, because they are added in one transaction


def _add_custodians(databases: Databases, plan: Plan) -> None:
    """Add those who are not there; their numbers are given in the order in which they are added."""
    for number, (custodian_id, name) in enumerate(plan.custodians, 1):
        try:
            get_record(databases, CUSTODIANS, (number,), plan.lso.id)
        except NotFoundError:
            create_custodian(databases, plan.lso.id, custodian_id, name)
