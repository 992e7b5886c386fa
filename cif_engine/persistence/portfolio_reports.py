"""Counting loans on a day: portfolios by cut, and what a fund has lent. All adding up is done by the database."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.fund.position import Lent
from cif_engine.loans.life import Status
from cif_engine.persistence.columns import Day
from cif_engine.persistence.standings import Known, ScopeKind, Within, loan, lso, standings
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Cut
from cif_engine.portfolio.par import PAR_DAYS, Part, Tally, due_before

rsp, area = TABLES["rsp"], TABLES["area"]
fund, product, institution = TABLES["fund"], TABLES["product"], TABLES["institution"]

Key = tuple[str, ...]
"""The codes of one row of a cut, in the order of the cuts; those within an LSO come after the LSO's code."""

_AMOUNTS: Final = 3
"""How many columns of the amounts come before the parts of late loans."""

_MADE_UNDER: Final = {
    Cut.FUND: (fund, loan.c.fund_id),
    Cut.PRODUCT: (product, loan.c.product_id),
    Cut.VO: (institution.alias("vo"), loan.c.vo_id),
    Cut.CO: (institution.alias("co"), loan.c.co_id),
}


def key_names(by: tuple[Cut, ...]) -> tuple[str, ...]:
    """Return what each code of a key is: a cut that means something within one LSO brings the LSO along."""
    names = [cut.value for cut in by]
    if any(cut.within_lso for cut in by) and Cut.LSO not in by:
        names.insert(0, Cut.LSO.value)
    return tuple(names)


def tally_portfolio(
    connection: sa.Connection, scope: Within, by: tuple[Cut, ...], as_of: date, known: Known
) -> dict[Key, Tally]:
    """Return the portfolio of each row of a cut, in the order of the codes; a row without open loans is left out.

    Without a cut the one key is empty, and it too is left out where no loan is open.
    """
    form = (scope.kind, by, connection.dialect.name, known.again is None)
    asked = {**scope.parameters, **known.parameters, "as_of": as_of}
    bounds = {f"before_{days}": due_before(as_of, days) for days in PAR_DAYS}
    width = len(key_names(by))
    people = {tuple(row[:width]): row[width:] for row in connection.execute(_people(*form), asked)}
    amounts = connection.execute(_amounts(*form), {**asked, **bounds})
    tallies = {tuple(row[:width]): row[width:] for row in amounts}
    return {key: _tally(tallies[key], *people[key]) for key in sorted(tallies)}


def lent_by_fund(connection: sa.Connection, lso_id: str, fund_id: str, as_of: date, known: Known) -> Lent:
    """Return what the loans of a fund come to on a day."""
    statement = _lent(connection.dialect.name, known.again is None)
    asked = {"lso_ids": (lso_id,), **known.parameters, "as_of": as_of, "fund_id": fund_id}
    return Lent(*map(int, connection.execute(statement, asked).one()))


def _tally(amounts: tuple[Any, ...], borrowers: int, households: int) -> Tally:
    outstanding, overdue, loans = map(int, amounts[:_AMOUNTS])
    late = amounts[_AMOUNTS:]
    parts = zip(late[::2], late[1::2], strict=True)
    return Tally(
        outstanding, overdue, loans, borrowers, households, tuple(Part(int(sums), int(count)) for sums, count in parts)
    )


@cache
def _amounts(scope: ScopeKind, by: tuple[Cut, ...], dialect: str, known_now: bool) -> sa.Select[Any]:  # noqa: FBT001
    """Return the statement that sums the balances by row, each in all and as far as it is late."""
    standing = standings(scope, dialect, known_now=known_now)
    late: list[sa.ColumnElement[Any]] = []
    for days in PAR_DAYS:
        is_late = standing.c.oldest_due_on < sa.bindparam(f"before_{days}", type_=Day())
        late.append(sa.func.coalesce(sa.func.sum(sa.case((is_late, standing.c.outstanding_minor), else_=0)), 0))
        late.append(sa.func.sum(sa.case((is_late, 1), else_=0)))
    sums = (
        sa.func.sum(standing.c.outstanding_minor),
        sa.func.sum(standing.c.overdue_minor),
        sa.func.count(),
    )
    return _by_row(standing, by, (*sums, *late), joins_loan=any(cut in _MADE_UNDER for cut in by))


@cache
def _people(scope: ScopeKind, by: tuple[Cut, ...], dialect: str, known_now: bool) -> sa.Select[Any]:  # noqa: FBT001
    """Return the statement that counts borrowers and households by row; one with two loans counts once."""
    standing = standings(scope, dialect, known_now=known_now)
    counts = (sa.func.count(loan.c.member_id.distinct()), sa.func.count(loan.c.household_id.distinct()))
    return _by_row(standing, by, counts, joins_loan=True)


def _by_row(
    standing: sa.CTE, by: tuple[Cut, ...], values: tuple[sa.ColumnElement[Any], ...], *, joins_loan: bool
) -> sa.Select[Any]:
    """Return `values` per row of the cut, over the open loans; tables are joined as far as the cut needs them."""
    names = [Cut(name) for name in key_names(by)]
    joined: sa.FromClause = standing
    if joins_loan:
        joined = joined.join(loan, sa.and_(loan.c.lso_id == standing.c.lso_id, loan.c.id == standing.c.loan_id))
    if any(not cut.within_lso for cut in names):
        joined = joined.join(lso, lso.c.id == standing.c.lso_id)
    keys: list[sa.ColumnElement[Any]] = []
    for cut in names:
        joined, code = _join(joined, cut)
        keys.append(code)
    rows = sa.select(*keys, *values).select_from(joined).where(standing.c.status == Status.OPEN.value)
    # Without keys an aggregate gives one row even of nothing; a row exists only where a loan is open.
    return rows.group_by(*keys) if keys else rows.having(sa.func.count() > 0)


def _join(joined: sa.FromClause, cut: Cut) -> tuple[sa.FromClause, sa.ColumnElement[Any]]:
    if cut is Cut.LSO:
        return joined, lso.c.code
    if cut is Cut.RSP:
        return joined.join(rsp, rsp.c.id == lso.c.rsp_id), rsp.c.code
    if cut is Cut.DISTRICT:
        return joined.join(area, area.c.id == lso.c.district_id), area.c.code
    table, made_under = _MADE_UNDER[cut]
    return joined.join(table, sa.and_(table.c.lso_id == loan.c.lso_id, table.c.id == made_under)), table.c.code


@cache
def _lent(dialect: str, known_now: bool) -> sa.Select[Any]:  # noqa: FBT001
    standing = standings("lsos", dialect, known_now=known_now)
    approved = standing.c.status == Status.APPROVED.value
    sums = (
        sa.func.sum(standing.c.outstanding_minor),
        sa.func.sum(standing.c.credit_minor),
        sa.func.sum(sa.case((approved, loan.c.approved_minor), else_=0)),
    )
    return (
        sa.select(*(sa.func.coalesce(total, 0) for total in sums))
        .select_from(standing.join(loan, sa.and_(loan.c.lso_id == standing.c.lso_id, loan.c.id == standing.c.loan_id)))
        .where(loan.c.fund_id == sa.bindparam("fund_id"))
    )
