"""Of which fund a loan is, for the many loans whose money is added up by fund."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.persistence.columns import Id
from cif_engine.persistence.standings import loan
from cif_engine.persistence.tables import TABLES

fund: Final = TABLES["fund"]


def with_funds(rows: sa.FromClause) -> tuple[sa.FromClause, sa.ColumnElement[str]]:
    """Return rows of loans (`lso_id`, `loan_id`), joined with what tells the fund of each, and that fund's id.

    In an LSO of one fund all loans are of it, and none of them is looked up: most LSOs have one, and to look up every
    loan takes as long as to add up its history. Under which fund a loan was made is never corrected.
    """
    only = only_funds()
    looked_up = sa.select(loan.c.fund_id).where(loan.c.lso_id == rows.c.lso_id, loan.c.id == rows.c.loan_id)
    fund_id = sa.func.coalesce(only.c.id, looked_up.scalar_subquery(), type_=Id())
    return rows.outerjoin(only, only.c.lso_id == rows.c.lso_id), fund_id


@cache
def only_funds() -> sa.CTE:
    """Return the funds that are the only one of their LSO: `lso_id`, `id`."""
    other = fund.alias("other_fund")
    of_same = sa.select(sa.literal(1)).where(other.c.lso_id == fund.c.lso_id, other.c.id != fund.c.id)
    return sa.select(fund.c.lso_id, fund.c.id).where(~of_same.exists()).cte("only_fund").prefix_with("MATERIALIZED")


def lsos_of_several_funds() -> sa.Select[tuple[str]]:
    """Return the LSOs that have more than one fund: `lso_id`."""
    return sa.select(fund.c.lso_id).group_by(fund.c.lso_id).having(sa.func.count() > 1)


def written_down(by_fund: sa.Select[Any] | sa.CompoundSelect[Any], name: str) -> sa.CTE:
    """Return sums by fund that are added up once, before they are cut.

    Else PostgreSQL, which takes the versions of funds in force for one row, adds up all loans again for each of them.
    """
    return by_fund.cte(name).prefix_with("MATERIALIZED")
