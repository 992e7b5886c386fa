"""The accounts of funds by what they are for, to join postings to."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from cif_engine.ledger.accounts import Role
from cif_engine.persistence.standings import ScopeKind, within
from cif_engine.persistence.tables import TABLES

_account = TABLES["account"]


def accounts_with(scope: ScopeKind, roles: Iterable[Role]) -> sa.CTE:
    """Return the accounts of these roles of the LSOs that count: lso_id, fund_id, role, code.

    They are written down first: without that, SQLite would begin with all postings of the LSOs.
    """
    wanted = (within(scope, _account.c.lso_id), _account.c.role.in_([role.value for role in roles]))
    columns = (_account.c[name] for name in ("lso_id", "fund_id", "role", "code"))
    return sa.select(*columns).where(*wanted).cte("account_with").prefix_with("MATERIALIZED")
