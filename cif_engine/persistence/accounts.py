"""The accounts of funds by what they are for, and what was posted to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.ledger.accounts import Role
from cif_engine.persistence.columns import Id
from cif_engine.persistence.standings import AS_OF, KNOWN_AT, ScopeKind, event, within
from cif_engine.persistence.tables import TABLES

_account, _posting = TABLES["account"], TABLES["posting"]
_COLUMNS: Final = tuple(_account.c[name] for name in ("lso_id", "fund_id", "role", "code"))


def accounts_with(scope: ScopeKind, roles: Iterable[Role]) -> sa.CTE:
    """Return the accounts of these roles of the LSOs that count: lso_id, fund_id, role, code.

    They are written down first: without that, SQLite would begin with all postings of the LSOs.
    """
    wanted = (within(scope, _account.c.lso_id), _account.c.role.in_([role.value for role in roles]))
    return _written_down(sa.select(*_COLUMNS).where(*wanted))


def accounts_of_fund(roles: Iterable[Role]) -> sa.CTE:
    """Return the same of one fund; binds `in_lso` and `fund_id`."""
    lso_id, fund_id = sa.bindparam("in_lso", type_=Id()), sa.bindparam("fund_id", type_=Id())
    own = sa.and_(_account.c.lso_id == lso_id, _account.c.fund_id == fund_id)
    return _written_down(sa.select(*_COLUMNS).where(own, _account.c.role.in_([role.value for role in roles])))


def posted_to(
    accounts: sa.CTE, *, known_now: bool, day: sa.ColumnElement[Any] = AS_OF
) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Return what was credited to accounts and what was debited up to a day, as known; to be put together by UNION ALL.

    Columns: lso_id, fund_id, role, effective_on, grown_minor; credits count above zero, debits below.
    """
    return (
        _side(accounts, "credit", _posting.c.amount_minor, day, known_now=known_now),
        _side(accounts, "debit", -_posting.c.amount_minor, day, known_now=known_now),
    )


def _side(
    accounts: sa.CTE, side: str, grown: sa.ColumnElement[int], day: sa.ColumnElement[Any], *, known_now: bool
) -> sa.Select[Any]:
    of_account = sa.and_(_posting.c.lso_id == accounts.c.lso_id, _posting.c[side] == accounts.c.code)
    rows = (
        sa.select(
            accounts.c.lso_id,
            accounts.c.fund_id,
            accounts.c.role,
            _posting.c.effective_on,
            grown.label("grown_minor"),
        )
        .select_from(accounts.join(_posting, of_account))
        .where(_posting.c.effective_on <= day)
    )
    if known_now:
        return rows
    recorded = sa.select(event.c.recorded_at).where(
        event.c.lso_id == _posting.c.lso_id, event.c.seq == _posting.c.event_seq
    )
    return rows.where(recorded.scalar_subquery() <= KNOWN_AT)


def _written_down(accounts: sa.Select[Any]) -> sa.CTE:
    return accounts.cte("account_with").prefix_with("MATERIALIZED")
