"""Which LSOs there are within a scope, by row of a cut, and what the books of those that keep them come to."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from cif_engine.ledger.accounts import Role
from cif_engine.persistence.accounts import accounts_with, posted_to
from cif_engine.persistence.cutting import Asked, keyed, rows_by
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import ScopeKind, lso, standings, within
from cif_engine.portfolio.cuts import Form, Key


class InBooks(NamedTuple):
    """What the books of one LSO come to, to date: loans handed out, principal disbursed and outstanding."""

    loans: int
    disbursed_minor: int
    outstanding_minor: int


def lsos_by_row(connection: sa.Connection, asked: Asked, form: Form) -> dict[Key, int]:
    """Return the rows of a cut by LSO, each with how many it has: one. The register of LSOs is that of today."""
    found = keyed(form, connection.execute(_lsos(asked.scope.kind, form), asked.parameters))
    return {key: int(count) for key, (count,) in found.items()}


def in_books(connection: sa.Connection, asked: Asked, as_of: date, form: Form) -> dict[Key, InBooks]:
    """Return what the books come to, by row of a cut; rows without loans are left out."""
    bound = {**asked.parameters, "as_of": as_of}
    found = keyed(form, connection.execute(_in_books(asked.scope.kind, asked.known.now, form), bound))
    return {key: InBooks(*(int(value or 0) for value in values)) for key, values in found.items()}


def with_capital(connection: sa.Connection, asked: Asked, as_of: date, form: Form) -> frozenset[Key]:
    """Return the rows of a cut whose books have capital to lend, or have had, whether or not a loan was made of it."""
    bound = {**asked.parameters, "as_of": as_of}
    return frozenset(keyed(form, connection.execute(_with_capital(asked.scope.kind, asked.known.now, form), bound)))


@lru_cache(KEPT)
def _lsos(scope: ScopeKind, form: Form) -> sa.Select[Any]:
    listed = sa.select(lso.c.id.label("lso_id")).where(within(scope, lso.c.id)).subquery("listed")
    return rows_by(listed, form, (sa.func.count().label("lsos"),), known_now=True)


@lru_cache(KEPT)
def _in_books(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing = standings(scope, known_now=known_now)
    handed_out = standing.c.outstanding_minor + standing.c.principal_paid_minor + standing.c.written_off_minor
    values = (
        sa.func.count().label("loans"),
        sa.func.sum(handed_out).label("disbursed_minor"),
        sa.func.sum(standing.c.outstanding_minor).label("outstanding_minor"),
    )
    return rows_by(standing, form, values, known_now=known_now, where=(standing.c.schedule_no > 0,))


@lru_cache(KEPT)
def _with_capital(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    accounts = accounts_with(scope, (Role.TRANCHE_CAPITAL, Role.CONTRIBUTIONS))
    posted = sa.union_all(*posted_to(accounts, known_now=known_now)).subquery("posted")
    listed = sa.select(posted.c.lso_id).distinct().subquery("listed")
    return rows_by(listed, form, (sa.func.count().label("lsos"),), known_now=known_now)
