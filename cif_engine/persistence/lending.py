"""What lending reads of a book, and the row of a loan as its facts make it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact, in_order
from cif_engine.loans.life import Status
from cif_engine.persistence.recording import Row
from cif_engine.persistence.tables import TABLES

loan = TABLES["loan"]
loan_position = TABLES["loan_position"]
lso = TABLES["lso"]

MADE_UNDER = ("household_id", "co_id", "vo_id", "poverty_score", "gender")
"""What a loan was made under: as it was at the application, and again as it was at the disbursement."""


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
            loan_position.c.status != Status.REFUSED.value,
        )
    ).scalar_one()


def loan_row(lso_id: str, loan_id: str, fund_id: str, facts: Iterable[LoanFact]) -> Row:
    """Return the row of a loan: what it was made under and what was agreed, from its facts alone."""
    values: dict[str, Any] = {
        "lso_id": lso_id,
        "id": loan_id,
        "fund_id": fund_id,
        **dict.fromkeys(("approved_minor", "resolution_no", "decided_on", "decided_by")),
        **dict.fromkeys(("disbursed_minor", "channel", "disbursed_on")),
    }
    for fact in in_order(facts):
        values.update(_values_of(fact))
    return Row("loan", values)


def _values_of(fact: LoanFact) -> dict[str, Any]:
    says, on = fact.says, fact.effective_on
    names: tuple[str, ...]
    if fact.kind is Kind.LOAN_APPLIED:
        names = ("number", "member_id", "product_id", "purpose", "mip_no", "cycle", "terms", "applied_by", *MADE_UNDER)
        return {**{name: says[name] for name in names}, "requested_minor": says["amount_minor"], "applied_on": on}
    if fact.kind is Kind.LOAN_DECIDED:
        names = ("resolution_no", "decided_by")
        approved = says["amount_minor"] if says["approved"] else None
        return {**{name: says[name] for name in names}, "approved_minor": approved, "decided_on": on}
    if fact.kind is Kind.LOAN_DISBURSED:
        names = ("channel", *MADE_UNDER)
        return {**{name: says[name] for name in names}, "disbursed_minor": says["amount_minor"], "disbursed_on": on}
    return {}
