"""The loans behind a figure: the rows that its sums are made of (`measures`), with where each loan stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from cif_engine.persistence.columns import Id
from cif_engine.persistence.cutting import Asked, narrowed, rows_by
from cif_engine.persistence.measures import measure_parameters, measured, shape_of
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import (
    Known,
    ScopeKind,
    Within,
    loan,
    loans_known,
    lso,
    overdue,
    standings,
    within,
)
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.contributions import Contribution, Measure, Subject
from cif_engine.portfolio.cuts import Form

EXPORTED_AT_ONCE: Final = 500

_TIMES_MORE: Final = 8
_AFTER_LSO: Final = sa.bindparam("after_lso", type_=sa.Text())

rsp = TABLES["rsp"]


class Side(StrEnum):
    """Which loans of a figure are listed: those of its numerator, or those of its denominator."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"


class Place(NamedTuple):
    """Where a loan stands in a list: after all of LSOs with smaller codes, by its number."""

    lso: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class LoanBehind:
    """A loan behind a figure, what it is of it, and where it stood on the day; amounts in minor units."""

    place: Place
    loan_id: str
    contribution: Contribution
    member: str
    product: str
    fund: str
    vo: str
    co: str
    status: str
    disbursed_on: date | None
    disbursed_minor: int
    outstanding_minor: int
    overdue_minor: int
    oldest_due_on: date | None
    renegotiated: bool


class Totals(NamedTuple):
    """A figure over all its loans, and how many are in its numerator."""

    whole: Contribution
    loans: int


def total_of(connection: sa.Connection, asked: Asked, subject: Subject) -> Totals:
    """Return a figure in all, whatever it is cut by."""
    whole = Form((), asked.form.narrowed)
    statement = _total(shape_of(subject.measure), asked.scope.kind, asked.known.now, whole)
    numerator, denominator, loans = connection.execute(statement, _parameters(asked, subject)).one()
    of_what = int(denominator or 0) if subject.is_share else 0
    return Totals(Contribution(int(numerator or 0), of_what), int(loans or 0))


def loans_behind(
    connection: sa.Connection, asked: Asked, subject: Subject, side: Side, after: Place, limit: int
) -> list[LoanBehind]:
    """Return up to `limit` loans behind a figure after a place, by LSO and number.

    A page of a large portfolio is seldom of more than a few of its LSOs, so these are looked at first, then more and
    more of the others at once: for a figure that few loans are behind it costs little more than one look at all.
    """
    found: list[LoanBehind] = []
    for lso_ids in _more_and_more(_lsos(connection, asked, after)):
        found += _loans_of(connection, _within(asked, lso_ids), subject, side, after, limit - len(found))
        if len(found) == limit:
            break
    return found


def every_loan_behind(connection: sa.Connection, asked: Asked, subject: Subject, side: Side) -> Iterator[LoanBehind]:
    """Give all loans behind a figure by LSO and number, read LSO by LSO: what is held does not grow with them."""
    for lso_id in _lsos(connection, asked, Place()):
        of_lso, after = _within(asked, (lso_id,)), Place()
        while found := _loans_of(connection, of_lso, subject, side, after, EXPORTED_AT_ONCE):
            yield from found
            if len(found) < EXPORTED_AT_ONCE:
                break
            after = found[-1].place


def _loans_of(
    connection: sa.Connection, asked: Asked, subject: Subject, side: Side, after: Place, limit: int
) -> list[LoanBehind]:
    statement = _behind(shape_of(subject.measure), asked.scope.kind, asked.known.now, asked.form, side)
    bound = {**_parameters(asked, subject), "after_lso": after.lso, "after_number": after.number, "limit": limit}
    found = connection.execute(statement, bound).all()
    return _with_details(connection, asked.known, subject, found)


def _lsos(connection: sa.Connection, asked: Asked, after: Place) -> Sequence[str]:
    """Return the LSOs whose loans may count, by their codes, from that of a place on."""
    of_lso = frozenset(cut for cut in asked.form.narrowed if cut.of_lso)
    bound = {**asked.parameters, "after_lso": after.lso}
    return connection.execute(_in_order(asked.scope.kind, Form((), of_lso)), bound).scalars().all()


def _within(asked: Asked, lso_ids: Sequence[str]) -> Asked:
    return replace(asked, scope=Within(tuple(lso_ids)))


def _more_and_more(lso_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    start, size = 0, 1
    while start < len(lso_ids):
        yield lso_ids[start : start + size]
        start, size = start + size, size * _TIMES_MORE


def scope_codes(connection: sa.Connection, scope: Within) -> list[str]:
    """Return the code of the RSP, or those of the LSOs, that a scope names; none for the network."""
    if scope.rsp_id is not None and scope.lso_ids is None:
        statement = sa.select(rsp.c.code).where(rsp.c.id == sa.bindparam("rsp_id", type_=Id()))
    else:
        statement = sa.select(lso.c.code).where(within(scope.kind, lso.c.id)).order_by(lso.c.code)
    return list(connection.execute(statement, scope.parameters).scalars())


def _parameters(asked: Asked, subject: Subject) -> dict[str, Any]:
    return {**asked.parameters, "as_of": subject.day, **measure_parameters(subject.measure)}


def _with_details(
    connection: sa.Connection, known: Known, subject: Subject, found: Sequence[sa.Row[Any]]
) -> list[LoanBehind]:
    """Return these loans with where each stood on the day."""
    if not found:
        return []
    bound = {
        **known.parameters,
        "as_of": subject.day,
        "lso_ids": tuple({row.lso_id for row in found}),
        "loan_ids": tuple(row.loan_id for row in found),
    }
    stood = {row.loan_id: row[1:] for row in connection.execute(_details(known.now), bound)}
    return [
        LoanBehind(
            Place(row.code, row.number),
            row.loan_id,
            Contribution(int(row.numerator_minor), int(row.denominator_minor) if subject.is_share else 0),
            *stood[row.loan_id],
        )
        for row in found
    ]


# Statements ----------------------------------------------------------------------------------------------------


@lru_cache(KEPT)
def _total(shape: Measure, scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    rows = measured(shape, scope, known_now=known_now)
    names = ("numerator_minor", "denominator_minor", "counts")
    return rows_by(rows, form, [sa.func.sum(rows.c[name]).label(name) for name in names], known_now=known_now)


@lru_cache(KEPT)
def _behind(shape: Measure, scope: ScopeKind, known_now: bool, form: Form, side: Side) -> sa.Select[Any]:  # noqa: FBT001 - as above
    rows = narrowed(measured(shape, scope, known_now=known_now), form, known_now=known_now).subquery("behind")
    after = sa.tuple_(_AFTER_LSO, sa.bindparam("after_number", type_=sa.Text()))
    joined = rows.join(lso, lso.c.id == rows.c.lso_id).join(
        loan, sa.and_(loan.c.lso_id == rows.c.lso_id, loan.c.id == rows.c.loan_id)
    )
    return (
        sa.select(lso.c.code, loan.c.number, rows)
        .select_from(joined)
        .where(
            rows.c.counts == 1 if side is Side.NUMERATOR else rows.c.denominator_minor != 0,
            lso.c.code >= _AFTER_LSO,
            sa.tuple_(lso.c.code, loan.c.number) > after,
        )
        .order_by(lso.c.code, loan.c.number)
        .limit(sa.bindparam("limit", type_=sa.Integer()))
    )


@lru_cache(KEPT)
def _in_order(scope: ScopeKind, form: Form) -> sa.Select[Any]:
    every = sa.select(lso.c.id.label("lso_id"), lso.c.code).where(within(scope, lso.c.id)).subquery("every")
    rows = narrowed(every, form, known_now=True).subquery("counts")
    return sa.select(rows.c.lso_id).where(rows.c.code >= _AFTER_LSO).order_by(rows.c.code)


@cache
def _details(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - as above
    standing, made_under = standings("lsos", known_now=known_now), loans_known(known_now=known_now)
    joined = standing.join(
        made_under,
        sa.and_(made_under.c.lso_id == standing.c.lso_id, made_under.c.id == standing.c.loan_id),
    )
    codes = []
    for name, table in (
        ("member", TABLES["member"]),
        ("product", TABLES["product"]),
        ("fund", TABLES["fund"]),
        ("vo", TABLES["institution"].alias("vo")),
        ("co", TABLES["institution"].alias("co")),
    ):
        same = sa.and_(table.c.lso_id == made_under.c.lso_id, table.c.id == made_under.c[f"{name}_id"])
        joined = joined.join(table, same)
        codes.append(table.c.code.label(name))
    handed_out = standing.c.outstanding_minor + standing.c.principal_paid_minor + standing.c.written_off_minor
    return (
        sa.select(
            standing.c.loan_id,
            *codes,
            standing.c.status,
            standing.c.disbursed_on,
            handed_out.label("disbursed_minor"),
            standing.c.outstanding_minor,
            overdue(standing, known_now=known_now).label("overdue_minor"),
            standing.c.oldest_due_on,
            standing.c.renegotiated,
        )
        .select_from(joined)
        .where(standing.c.loan_id.in_(sa.bindparam("loan_ids", expanding=True, type_=Id())))
    )
