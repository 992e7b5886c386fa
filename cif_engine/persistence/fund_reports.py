"""What a fund has lent, and what the ledgers of funds hold as allowance, on a day."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from cif_engine.fund.position import Lent
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.accounts import accounts_with
from cif_engine.persistence.cutting import Asked, keyed, rows_by
from cif_engine.persistence.portfolio_reports import KEPT, whole_sum
from cif_engine.persistence.standings import AS_OF, KNOWN_AT, Known, ScopeKind, event, loan, standings
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Form, Key

posting = TABLES["posting"]


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
    sides = [_posted(accounts, side, known_now=known_now) for side in ("credit", "debit")]
    posted = sa.union_all(*sides).subquery("posted")
    values = (whole_sum(posted.c.amount_minor).label("allowance_minor"),)
    return rows_by(posted, form, values, known_now=known_now)


def _posted(accounts: sa.CTE, side: str, *, known_now: bool) -> sa.Select[Any]:
    """Return what was posted to one side of the accounts of the allowance; it grows by credit."""
    amount = posting.c.amount_minor if side == "credit" else -posting.c.amount_minor
    of_account = sa.and_(posting.c.lso_id == accounts.c.lso_id, posting.c[side] == accounts.c.code)
    rows = (
        sa.select(accounts.c.lso_id, accounts.c.fund_id, amount.label("amount_minor"))
        .select_from(accounts.join(posting, of_account))
        .where(posting.c.effective_on <= AS_OF)
    )
    if known_now:
        return rows
    recorded = sa.select(event.c.recorded_at).where(
        event.c.lso_id == posting.c.lso_id, event.c.seq == posting.c.event_seq
    )
    return rows.where(recorded.scalar_subquery() <= KNOWN_AT)
