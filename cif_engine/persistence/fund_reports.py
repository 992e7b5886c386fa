"""What a fund has lent, and what the ledgers of funds hold as allowance, on a day."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from cif_engine.fund.position import Lent
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.accounts import accounts_with, posted_to
from cif_engine.persistence.cutting import Asked, keyed, rows_by
from cif_engine.persistence.portfolio_reports import KEPT, whole_sum
from cif_engine.persistence.standings import Known, ScopeKind, loan, standings
from cif_engine.portfolio.cuts import Form, Key


def lent_by_fund(connection: sa.Connection, lso_id: str, fund_id: str, as_of: date, known: Known) -> Lent:
    """Return what the loans of a fund come to on a day."""
    statement = _lent(known.now)
    asked = {"lso_ids": (lso_id,), **known.parameters, "as_of": as_of, "fund_id": fund_id}
    return Lent(*map(int, connection.execute(statement, asked).one()))


def allowances_by(connection: sa.Connection, asked: Asked, as_of: date, form: Form) -> dict[Key, int]:
    """Return what is set aside for losses in the ledgers of each row of `form`, whose cuts and filters are of funds."""
    statement = _allowances(asked.scope.kind, asked.known.now, form)
    found = keyed(form, connection.execute(statement, {**asked.parameters, "as_of": as_of}))
    return {key: int(amount or 0) for key, (amount,) in found.items()}


@cache
def _lent(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing = standings("lsos", known_now=known_now)
    sums = (
        sa.func.sum(standing.c.outstanding_minor),
        sa.func.sum(standing.c.credit_minor),
        sa.func.sum(standing.c.committed_minor),
    )
    return (
        sa.select(*(sa.func.coalesce(total, 0) for total in sums))
        .select_from(standing.join(loan, sa.and_(loan.c.lso_id == standing.c.lso_id, loan.c.id == standing.c.loan_id)))
        .where(loan.c.fund_id == sa.bindparam("fund_id"))
    )


@lru_cache(KEPT)
def _allowances(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    accounts = accounts_with(scope, (Role.LOAN_LOSS_ALLOWANCE,))
    posted = sa.union_all(*posted_to(accounts, known_now=known_now)).subquery("posted")
    values = (whole_sum(posted.c.grown_minor).label("allowance_minor"),)
    return rows_by(posted, form, values, known_now=known_now)
