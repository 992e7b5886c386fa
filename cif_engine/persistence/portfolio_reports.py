"""Counting loans on a day: portfolios by cut, and what a fund has lent. All adding up is done by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.fund.position import Lent
from cif_engine.loans.standing import Status
from cif_engine.persistence.columns import Day
from cif_engine.persistence.standings import Known, ScopeKind, Within, loan, lso, overdue, standings
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Cut
from cif_engine.portfolio.par import PAR_DAYS, Part, Tally, add_up, due_before

Key = tuple[str, ...]
"""The codes of one row of a cut, in the order of the cuts; those within an LSO come after the LSO's code."""

_PEOPLE: Final = (sa.func.count(loan.c.member_id.distinct()), sa.func.count(loan.c.household_id.distinct()))
"""Borrowers and households; one with two loans counts once."""

_ID_OF: Final[dict[Cut, sa.ColumnElement[Any]]] = {
    Cut.RSP: lso.c.rsp_id,
    Cut.DISTRICT: lso.c.district_id,
    Cut.LSO: lso.c.id,
    Cut.VO: loan.c.vo_id,
    Cut.CO: loan.c.co_id,
    Cut.FUND: loan.c.fund_id,
    Cut.PRODUCT: loan.c.product_id,
}
"""What each loan was made under, and where its LSO lies."""

_TABLE_OF: Final[dict[Cut, sa.FromClause]] = {
    Cut.RSP: TABLES["rsp"].alias("of_rsp"),
    Cut.DISTRICT: TABLES["area"].alias("of_district"),
    Cut.LSO: TABLES["lso"].alias("of_lso"),
    Cut.VO: TABLES["institution"].alias("of_vo"),
    Cut.CO: TABLES["institution"].alias("of_co"),
    Cut.FUND: TABLES["fund"].alias("of_fund"),
    Cut.PRODUCT: TABLES["product"].alias("of_product"),
}
"""Where the code of each is."""


def key_names(by: tuple[Cut, ...]) -> tuple[str, ...]:
    """Return what each code of a key is: a cut that means something within one LSO brings the LSO along."""
    names = [cut.value for cut in by]
    if any(cut.within_lso for cut in by) and Cut.LSO not in by:
        names.insert(0, Cut.LSO.value)
    return tuple(names)


@dataclass(frozen=True, slots=True)
class CountedPortfolio:
    """A portfolio in all, and by row of a cut in the order of the codes; rows without open loans are left out."""

    total: Tally
    rows: dict[Key, Tally]


def count_portfolio(
    connection: sa.Connection, scope: Within, by: tuple[Cut, ...], as_of: date, known: Known
) -> CountedPortfolio:
    """Return a portfolio on a day; without a cut it has no rows."""
    form = (scope.kind, known.now)
    asked = {**scope.parameters, **known.parameters, "as_of": as_of}
    bounds = {f"before_{days}": due_before(as_of, days) for days in PAR_DAYS}
    width = len(key_names(by))
    found = connection.execute(_tallies(*form, by), {**asked, **bounds})
    rows = {key: _tally(numbers) for key, numbers in sorted((tuple(row[:width]), row[width:]) for row in found)}
    if not by:
        return CountedPortfolio(rows[()], {})
    # A member may have loans in several rows, unless the rows are LSOs or larger.
    shared = any(cut.within_lso for cut in by)
    people = connection.execute(_people(*form), asked).one() if shared else None
    return CountedPortfolio(add_up(rows.values(), *(people or ())), rows)


def lent_by_fund(connection: sa.Connection, lso_id: str, fund_id: str, as_of: date, known: Known) -> Lent:
    """Return what the loans of a fund come to on a day."""
    statement = _lent(known.now)
    asked = {"lso_ids": (lso_id,), **known.parameters, "as_of": as_of, "fund_id": fund_id}
    return Lent(*map(int, connection.execute(statement, asked).one()))


def _tally(numbers: Sequence[Any]) -> Tally:
    # A sum of nothing is null.
    outstanding, overdue_minor, loans, borrowers, households, *late = (int(number or 0) for number in numbers)
    parts = zip(late[::2], late[1::2], strict=True)
    return Tally(outstanding, overdue_minor, loans, borrowers, households, tuple(Part(*part) for part in parts))


@cache
def _tallies(scope: ScopeKind, known_now: bool, by: tuple[Cut, ...]) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    """Return the statement that counts by row what `Tally` holds."""
    standing = standings(scope, known_now=known_now)
    late: list[sa.ColumnElement[Any]] = []
    for days in PAR_DAYS:
        is_late = standing.c.oldest_due_on < sa.bindparam(f"before_{days}", type_=Day())
        late.append(sa.func.sum(sa.case((is_late, standing.c.outstanding_minor), else_=0)))
        late.append(sa.func.sum(sa.case((is_late, 1), else_=0)))
    sums = (
        sa.func.sum(standing.c.outstanding_minor),
        sa.func.sum(overdue(standing, known_now=known_now)),
        sa.func.count(),
    )
    return _by_row(standing, by, (*sums, *_PEOPLE, *late))


@cache
def _people(scope: ScopeKind, known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    """Return the statement that counts borrowers and households over all rows."""
    return _by_row(standings(scope, known_now=known_now), (), _PEOPLE)


def _by_row(standing: sa.CTE, by: tuple[Cut, ...], values: tuple[sa.ColumnElement[Any], ...]) -> sa.Select[Any]:
    """Return the codes and the `values` of each row of the cut, over the open loans; without a cut, one row.

    Rows are made by ids and named afterwards: sorting ids is cheap, sorting codes by a language's rules is not.
    """
    names = [Cut(name) for name in key_names(by)]
    joined = standing.join(loan, sa.and_(loan.c.lso_id == standing.c.lso_id, loan.c.id == standing.c.loan_id))
    joined = joined.join(lso, lso.c.id == standing.c.lso_id)
    ids = [_ID_OF[cut].label(f"{cut.value}_of_row") for cut in names]
    numbers = [value.label(f"number_{at}") for at, value in enumerate(values)]
    rows = sa.select(*ids, *numbers).select_from(joined).where(standing.c.status == Status.OPEN.value)
    if not names:
        return rows
    counted = rows.group_by(*(_ID_OF[cut] for cut in names)).subquery("counted")
    named: sa.FromClause = counted
    for cut in names:
        table = _TABLE_OF[cut]
        same = table.c.id == counted.c[f"{cut.value}_of_row"]
        if cut.within_lso:
            same = sa.and_(table.c.lso_id == counted.c["lso_of_row"], same)
        named = named.join(table, same)
    codes = (_TABLE_OF[cut].c.code for cut in names)
    return sa.select(*codes, *(counted.c[number.name] for number in numbers)).select_from(named)


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
