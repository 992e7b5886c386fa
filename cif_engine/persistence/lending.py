"""What lending reads of a book, and the row of a loan as its facts make it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact, in_order, voided
from cif_engine.loans.origin import origin
from cif_engine.loans.standing import Status
from cif_engine.persistence.recording import Row
from cif_engine.persistence.tables import TABLES

event, loan = TABLES["event"], TABLES["loan"]
loan_position, loan_state, institution = TABLES["loan_position"], TABLES["loan_state"], TABLES["institution"]
lso = TABLES["lso"]


def next_loan_number(connection: sa.Connection, lso_id: str, year: int) -> str:
    """Return the next number of a book's year: `DAS-2021-00731`."""
    stem = f"{connection.execute(sa.select(lso.c.code).where(lso.c.id == lso_id)).scalar_one()}-{year}-"
    last = connection.execute(
        sa.select(loan.c.number)
        .where(loan.c.lso_id == lso_id, loan.c.number.startswith(stem, autoescape=True))
        .order_by(sa.func.length(loan.c.number).desc(), loan.c.number.desc())  # 100000 comes after 99999
        .limit(1)
    ).scalar()
    return f"{stem}{int(last.removeprefix(stem)) + 1 if last else 1:05}"


def loans_of_member(connection: sa.Connection, lso_id: str, fund_id: str, member_id: str) -> int:
    """Return how many loans of a fund a member has applied for, those refused left out."""
    return connection.execute(
        sa.select(sa.func.count())
        .select_from(loan)
        .join(loan_position, sa.and_(loan_position.c.lso_id == loan.c.lso_id, loan_position.c.loan_id == loan.c.id))
        .where(
            loan.c.lso_id == lso_id,
            loan.c.fund_id == fund_id,
            loan.c.member_id == member_id,
            loan_position.c.status.not_in((Status.REFUSED.value, Status.CANCELLED.value)),
        )
    ).scalar_one()


def owing_loans(
    connection: sa.Connection, lso_id: str, fund_id: str, area: Mapping[str, str], day: date, limit: int
) -> list[str]:
    """Return the ids of up to `limit` loans of a fund, by number, that owed principal at the end of a day.

    `area` may name a `vo` and a `co` by code.
    """
    stood = sa.union_all(
        sa.select(loan_position.c.loan_id).where(
            loan_position.c.lso_id == lso_id, loan_position.c.valid_from <= day, loan_position.c.outstanding_minor > 0
        ),
        sa.select(loan_state.c.loan_id).where(
            loan_state.c.lso_id == lso_id,
            loan_state.c.valid_from <= day,
            loan_state.c.valid_to > day,
            loan_state.c.known_to.is_(None),
            loan_state.c.outstanding_minor > 0,
        ),
    )
    rows = sa.select(loan.c.id).where(loan.c.lso_id == lso_id, loan.c.fund_id == fund_id, loan.c.id.in_(stood))
    for kind, code in area.items():
        of_area = sa.select(institution.c.id).where(
            institution.c.lso_id == lso_id, institution.c.kind == kind, institution.c.code == code
        )
        rows = rows.where(loan.c[f"{kind}_id"].in_(of_area))
    return list(connection.execute(rows.order_by(loan.c.number).limit(limit)).scalars())


def institution_exists(connection: sa.Connection, lso_id: str, kind: str, code: str) -> bool:
    """Whether the LSO has a VO or CO of this code."""
    wanted = (institution.c.lso_id == lso_id, institution.c.kind == kind, institution.c.code == code)
    return connection.execute(sa.select(sa.exists().where(*wanted))).scalar_one()


def recorders_of(connection: sa.Connection, lso_id: str, loan_id: str, kind: Kind) -> frozenset[str]:
    """Return who recorded the facts of one kind of a loan, whether they hold or not."""
    wanted = (event.c.lso_id == lso_id, event.c.loan_id == loan_id, event.c.kind == kind.value)
    return frozenset(connection.execute(sa.select(event.c.actor).where(*wanted)).scalars())


def loan_row(lso_id: str, loan_id: str, fund_id: str, facts: Iterable[LoanFact]) -> Row:
    """Return the row of a loan: what it was made under and what was agreed, from its facts alone.

    Decisions and disbursements count as long as they hold; the application stays even when it was reversed.
    """
    known = in_order(facts)
    void = voided(known)
    values: dict[str, Any] = {
        "lso_id": lso_id,
        "id": loan_id,
        "fund_id": fund_id,
        **origin(known, void)._asdict(),
        **dict.fromkeys(("approved_minor", "resolution_no", "decided_on", "decided_by")),
    }
    for fact in (fact for fact in known if fact.kind is Kind.LOAN_APPLIED):
        values |= _applied(fact)
    holding = [fact for fact in known if fact.id not in void]
    for fact in (fact for fact in holding if fact.kind is Kind.LOAN_DECIDED):
        values |= _decided(fact)
    parts = [fact.says["amount_minor"] for fact in holding if fact.kind is Kind.LOAN_DISBURSED]
    return Row("loan", {**values, "disbursed_minor": sum(parts) if parts else None})


def _applied(fact: LoanFact) -> dict[str, Any]:
    told = {name: fact.says[name] for name in ("number", "mip_no", "terms", "applied_by")}
    return {**told, "requested_minor": fact.says["amount_minor"], "applied_on": fact.effective_on}


def _decided(fact: LoanFact) -> dict[str, Any]:
    says = fact.says
    told = {name: says[name] for name in ("resolution_no", "decided_by")}
    approved = says["amount_minor"] if says["approved"] else None
    return {**told, "approved_minor": approved, "decided_on": fact.effective_on}
