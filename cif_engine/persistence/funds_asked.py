"""Which funds a question is about, one by one, with the row of the cut that each is in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from cif_engine.persistence.cutting import Asked, rows_by
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import ScopeKind, within
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Form, Key

_fund = TABLES["fund"]


class FundAsked(NamedTuple):
    """A fund, and the row that it is in on the day of the question."""

    key: Key
    lso_id: str
    fund_id: str


def funds_asked(connection: sa.Connection, asked: Asked) -> list[FundAsked]:
    """Return all funds that a question is about; they are cut by what funds are told apart by."""
    width = len(asked.form.key)
    rows = connection.execute(_funds(asked.scope.kind, asked.known.now, asked.form), asked.parameters)
    return sorted((FundAsked(tuple(row[:width]), row[width], row[width + 1]) for row in rows), key=lambda one: one[1:])


@lru_cache(KEPT)
def _funds(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    listed = (
        sa.select(_fund.c.lso_id, _fund.c.id.label("fund_id")).where(within(scope, _fund.c.lso_id)).subquery("listed")
    )
    which = (listed.c.lso_id.label("whose"), listed.c.fund_id.label("which"))
    return rows_by(listed, form, (sa.func.count().label("funds"),), known_now=known_now, also=which)
