"""What the figures of a fund need beside its flows: money it may not lend, day by day, and whom it could serve."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from cif_engine.fund.figures import SetApart
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.accounts import accounts_of_fund, posted_to
from cif_engine.persistence.columns import Id
from cif_engine.persistence.intervals import ENDLESS
from cif_engine.persistence.placements import fund_versions_lasting, placed, placements_lasting
from cif_engine.persistence.standings import (
    AS_OF,
    KNOWN_AT,
    Known,
    is_known,
    loan,
    loan_position,
    loan_state,
)

_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_FUND_ID: Final = sa.bindparam("fund_id", type_=Id())


class Eligible(NamedTuple):
    """How many households are eligible in an LSO, from a day until the one before another (None: for good)."""

    valid_from: date
    until: date | None
    households: int | None


def set_apart_in_fund(
    connection: sa.Connection, lso_id: str, fund_id: str, as_of: date, known: Known
) -> tuple[SetApart, ...]:
    """Return what lay in a fund's cash and could not be lent, day by day up to one, as it was known."""
    asked = {
        "in_lso": lso_id,
        "fund_id": fund_id,
        "as_of": as_of,
        **known.parameters,
        **placed(as_of, None if known.now else known.at),
    }
    grown: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, statement in enumerate((_in_transit, _committed)):
        for on, amount in connection.execute(statement(known.now), asked):
            grown[on][place] += int(amount)
    for valid_from, until, reserve in connection.execute(_reserves(), asked):
        grown[valid_from][2] += reserve
        if until is not None:
            grown[until][2] -= reserve
    return tuple(SetApart(on, *grown[on]) for on in sorted(grown))


def eligible_in_lso(connection: sa.Connection, lso_id: str, known: Known) -> tuple[Eligible, ...]:
    """Return how many households of an LSO were eligible when, as it was known."""
    asked = {"in_lso": lso_id, **placed(ENDLESS, None if known.now else known.at)}
    return tuple(Eligible(*row) for row in connection.execute(_eligible(), asked))


def eligible_on(lasting: tuple[Eligible, ...], day: date) -> int | None:
    """Return how many were eligible on a day; None where nobody said."""
    return next(
        (one.households for one in lasting if one.valid_from <= day and (one.until is None or one.until > day)), None
    )


# Statements, built once ----------------------------------------------------------------------------------------


@cache
def _in_transit(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    """Return by how much the money with custodians grew on each day."""
    accounts = accounts_of_fund((Role.IN_TRANSIT,))
    moved = sa.union_all(*posted_to(accounts, known_now=known_now)).subquery("moved")
    # An asset grows by debit.
    return sa.select(moved.c.effective_on, sa.func.sum(-moved.c.grown_minor)).group_by(moved.c.effective_on)


@cache
def _committed(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - as above
    """Return what was promised anew on each day, and what was handed out or taken back of it."""
    began = [_promised(table, table.c.valid_from, 1, known_now=known_now) for table in (loan_state, loan_position)]
    over = _promised(loan_state, loan_state.c.valid_to, -1, known_now=known_now)
    changes = sa.union_all(*began, over if known_now else over.where(loan_state.c.closed_at <= KNOWN_AT)).subquery()
    return sa.select(changes.c.on_day, sa.func.sum(changes.c.amount)).group_by(changes.c.on_day)


def _promised(table: sa.Table, on: sa.ColumnElement[Any], sign: int, *, known_now: bool) -> sa.Select[Any]:
    of_fund = sa.and_(loan.c.lso_id == table.c.lso_id, loan.c.id == table.c.loan_id)
    rows = (
        sa.select(on.label("on_day"), (sign * table.c.committed_minor).label("amount"))
        .select_from(table.join(loan, of_fund))
        .where(table.c.lso_id == _LSO_ID, loan.c.fund_id == _FUND_ID, table.c.committed_minor != 0, on <= AS_OF)
    )
    if table is loan_state:
        return rows.where(is_known(table, known_now=known_now))
    return rows if known_now else rows.where(table.c.known_from <= KNOWN_AT)


@cache
def _reserves() -> sa.Select[Any]:
    lasting = fund_versions_lasting()
    return sa.select(lasting.c.valid_from, lasting.c.until, lasting.c.reserve_floor_minor).where(
        lasting.c.lso_id == _LSO_ID, lasting.c.fund_id == _FUND_ID
    )


@cache
def _eligible() -> sa.Select[Any]:
    lasting = placements_lasting()
    return sa.select(lasting.c.valid_from, lasting.c.until, lasting.c.households_eligible).where(
        lasting.c.lso_id == _LSO_ID
    )
