"""The loans of a register by what people call them: numbers, members, organisations, as they were made under.

Names are those that are known today: who corrects the spelling of one does not rewrite what was owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from cif_engine.persistence.columns import Id
from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.standings import ScopeKind, Within, loans_known, lso, within
from cif_engine.persistence.tables import TABLES

member, household, product, fund = (TABLES[name] for name in ("member", "household", "product", "fund"))
vo, co = TABLES["institution"].alias("vo"), TABLES["institution"].alias("co")


@dataclass(frozen=True, slots=True)
class CalledLoan:
    """A loan by what people call it, who has it, and where she lives."""

    number: str
    vo: str
    vo_name: str
    co: str
    co_name: str
    settlement: str | None
    household: str
    member: str
    member_name: str
    relation_name: str | None
    cnic: str | None
    fund: str
    product: str
    purpose: str
    cycle: int


def lsos_asked(connection: sa.Connection, asked: Asked) -> list[tuple[str, str]]:
    """Return the code and the id of each LSO whose loans count, by code."""
    rows = connection.execute(_lsos(asked.scope.kind), asked.parameters)
    return sorted((row.code, row.id) for row in rows)


def of_one(asked: Asked, lso_id: str) -> Asked:
    """Return the question about the loans of one of its LSOs."""
    return replace(asked, scope=Within((lso_id,)))


def called_loans(connection: sa.Connection, asked: Asked, loan_ids: Iterable[str]) -> dict[str, CalledLoan]:
    """Return these loans of one LSO by their ids, as it was known whom and under what they were made."""
    (lso_id,) = asked.scope.lso_ids or ()
    bound = {**asked.parameters, "of_lso": lso_id, "loan_ids": tuple(loan_ids)}
    return {row[0]: CalledLoan(*row[1:]) for row in connection.execute(_called(asked.known.now), bound)}


def in_parts(ids: list[str], most: int) -> Iterator[list[str]]:
    """Give the ids so many at a time: a statement takes only so many."""
    for first in range(0, len(ids), most):
        yield ids[first : first + most]


@cache
def _lsos(scope: ScopeKind) -> sa.Select[Any]:
    return sa.select(lso.c.code, lso.c.id).where(within(scope, lso.c.id))


@cache
def _called(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    loan = loans_known(known_now=known_now)
    joined = loan
    for table, named in (
        (vo, "vo_id"),
        (co, "co_id"),
        (household, "household_id"),
        (member, "member_id"),
        (fund, "fund_id"),
        (product, "product_id"),
    ):
        joined = joined.join(table, sa.and_(table.c.lso_id == loan.c.lso_id, table.c.id == loan.c[named]))
    return (
        sa.select(
            loan.c.id,
            loan.c.number,
            vo.c.code,
            vo.c.name,
            co.c.code,
            co.c.name,
            household.c.settlement,
            household.c.code,
            member.c.code,
            member.c.name,
            member.c.relation_name,
            member.c.cnic,
            fund.c.code,
            product.c.code,
            loan.c.purpose,
            loan.c.cycle,
        )
        .select_from(joined)
        .where(
            loan.c.lso_id == sa.bindparam("of_lso", type_=Id()),
            loan.c.id.in_(sa.bindparam("loan_ids", expanding=True, type_=Id())),
        )
    )
