"""What the rows of a cut are called, as of today, by their codes."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.standings import ScopeKind, lso, within
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Code, Cut

rsp, area, institution, fund, product = (TABLES[name] for name in ("rsp", "area", "institution", "fund", "product"))

NAMED: Final = (
    Cut.RSP,
    Cut.DISTRICT,
    Cut.TEHSIL,
    Cut.UNION_COUNCIL,
    Cut.LSO,
    Cut.VO,
    Cut.CO,
    Cut.FUND,
    Cut.PRODUCT,
)
"""Cuts whose rows have names."""


def row_names(connection: sa.Connection, asked: Asked, cut: Cut) -> dict[tuple[Code, ...], str]:
    """Return the names of what a cut cuts by, by code; after the code of its LSO where it is of one."""
    rows = connection.execute(_names(asked.scope.kind, cut), asked.parameters)
    return {tuple(row[:-1]): row[-1] for row in rows}


@cache
def _names(scope: ScopeKind, cut: Cut) -> sa.Select[Any]:
    match cut:
        case Cut.RSP:
            return sa.select(rsp.c.code, rsp.c.name)
        case Cut.LSO:
            return sa.select(lso.c.code, lso.c.name).where(within(scope, lso.c.id))
        case Cut.DISTRICT | Cut.TEHSIL | Cut.UNION_COUNCIL:
            return sa.select(area.c.code, area.c.name).where(area.c.kind == cut.value)
        case Cut.VO | Cut.CO:
            return _of_book(scope, institution).where(institution.c.kind == cut.value)
        case Cut.FUND:
            return _of_book(scope, fund)
        case Cut.PRODUCT:
            return _of_book(scope, product)
    raise AssertionError(f"{cut} has no names")


def _of_book(scope: ScopeKind, table: sa.Table) -> sa.Select[Any]:
    joined = table.join(lso, lso.c.id == table.c.lso_id)
    return sa.select(lso.c.code, table.c.code, table.c.name).select_from(joined).where(within(scope, table.c.lso_id))
