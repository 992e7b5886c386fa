"""Who is to be visited: the open loans of one LSO that are late on a day or fall due soon, and what they are to pay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact, voided
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Status
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.cutting import Asked, narrowed
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.register_loans import in_parts
from cif_engine.persistence.standings import event, instalments_known, standings
from cif_engine.portfolio.cuts import Form

AT_ONCE: Final = 500

_HORIZON: Final = sa.bindparam("horizon", type_=Day())
_LOAN_IDS: Final = sa.bindparam("loan_ids", expanding=True, type_=Id())
_OF_LSO: Final = sa.bindparam("of_lso", type_=Id())


@dataclass(frozen=True, slots=True)
class OwingLoan:
    """An open loan that is late, or falls due by the horizon; amounts in minor units."""

    loan_id: str
    schedule_no: int
    oldest_due_on: date
    disbursed_on: date
    disbursed_minor: int
    outstanding_minor: int
    principal_paid_minor: int
    charge_outstanding_minor: int
    fee_outstanding_minor: int
    penalty_outstanding_minor: int
    renegotiated: bool


@dataclass(frozen=True, slots=True)
class LastPayment:
    """The last repayment of a loan that holds."""

    on: date
    amount_minor: int


def owing_loans_of(connection: sa.Connection, asked: Asked, as_of: date, horizon: date) -> list[OwingLoan]:
    """Return the open loans of one LSO whose oldest unpaid instalment is due by the horizon."""
    statement = _owing(asked.known.now, asked.form)
    bound = {**asked.parameters, "as_of": as_of, "horizon": horizon}
    return [OwingLoan(*row) for row in connection.execute(statement, bound)]


def schedules_in_force(
    connection: sa.Connection, asked: Asked, loans: Iterable[OwingLoan]
) -> dict[str, tuple[Instalment, ...]]:
    """Return the schedule by which each of these loans of one LSO is repaid, by the loan's id."""
    wanted = {loan.loan_id: loan.schedule_no for loan in loans}
    rows: defaultdict[str, list[Instalment]] = defaultdict(list)
    for ids in in_parts(list(wanted), AT_ONCE):
        for row in connection.execute(_instalments(asked.known.now), {**_bound(asked), "loan_ids": tuple(ids)}):
            if row.schedule_no == wanted[row.loan_id]:
                rows[row.loan_id].append(Instalment(row.number, row.due_on, row.principal_minor, row.charge_minor))
    return {loan_id: tuple(schedule) for loan_id, schedule in rows.items()}


def last_payments(
    connection: sa.Connection, asked: Asked, loan_ids: Iterable[str], as_of: date
) -> dict[str, LastPayment]:
    """Return the last repayment by a day of those of these loans of one LSO that have one that holds."""
    facts: list[LoanFact] = []
    paid: dict[str, tuple[str, LoanFact]] = {}
    for ids in in_parts(list(loan_ids), AT_ONCE):
        bound = {**_bound(asked), "recorded_by": asked.known.at, "loan_ids": tuple(ids), "as_of": as_of}
        for row in connection.execute(_PAYMENTS, bound):
            fact = LoanFact(row.id, Kind(row.kind), row.effective_on, read_payload(row.payload))
            facts.append(fact)
            if fact.kind is Kind.REPAYMENT_RECEIVED:
                paid[fact.id] = (row.loan_id, fact)
    void = voided(facts)
    holding = sorted((fact.order, loan_id, fact) for loan_id, fact in paid.values() if fact.id not in void)
    return {loan_id: LastPayment(fact.effective_on, fact.says["amount_minor"]) for _, loan_id, fact in holding}


def _bound(asked: Asked) -> dict[str, Any]:
    (lso_id,) = asked.scope.lso_ids or ()
    return {**asked.known.parameters, "of_lso": lso_id}


@lru_cache(KEPT)
def _owing(known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing = standings("lsos", known_now=known_now)
    handed_out = standing.c.outstanding_minor + standing.c.principal_paid_minor + standing.c.written_off_minor
    owing = (
        sa.select(
            standing.c.lso_id,
            standing.c.loan_id,
            standing.c.schedule_no,
            standing.c.oldest_due_on,
            standing.c.disbursed_on,
            handed_out.label("disbursed_minor"),
            standing.c.outstanding_minor,
            standing.c.principal_paid_minor,
            standing.c.charge_outstanding_minor,
            standing.c.fee_outstanding_minor,
            standing.c.penalty_outstanding_minor,
            standing.c.renegotiated,
        )
        .where(standing.c.status == Status.OPEN.value, standing.c.oldest_due_on <= _HORIZON)
        .subquery("owing")
    )
    wanted = narrowed(owing, form, known_now=known_now).subquery("wanted")
    return sa.select(*(wanted.c[name] for name in OwingLoan.__dataclass_fields__))


@lru_cache(KEPT)
def _instalments(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - as above
    due = instalments_known(known_now=known_now)
    return (
        sa.select(
            due.c.loan_id, due.c.schedule_no, due.c.number, due.c.due_on, due.c.principal_minor, due.c.charge_minor
        )
        .where(due.c.lso_id == _OF_LSO, due.c.loan_id.in_(_LOAN_IDS))
        .order_by(due.c.loan_id, due.c.number)
    )


_PAYMENTS: Final = sa.select(event.c.loan_id, event.c.id, event.c.kind, event.c.effective_on, event.c.payload).where(
    event.c.lso_id == _OF_LSO,
    event.c.loan_id.in_(_LOAN_IDS),
    event.c.kind.in_((Kind.REPAYMENT_RECEIVED.value, Kind.FACT_REVERSED.value)),
    event.c.effective_on <= sa.bindparam("as_of", type_=Day()),
    event.c.recorded_at <= sa.bindparam("recorded_by", type_=WHOLE_NUMBER),
)
