"""What was done to date: loans ever handed out, to how many people, and who manages funds; by row of a cut."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.accounts import accounts_with
from cif_engine.persistence.columns import WHOLE_NUMBER
from cif_engine.persistence.cutting import Asked, keyed, people_by, rows_by
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import AS_OF, ScopeKind, event, standings
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.cuts import Form, Key

posting, fund = TABLES["posting"], TABLES["fund"]

_OF_CAPITAL = (Role.TRANCHE_CAPITAL, Role.CONTRIBUTIONS)


class ToDate(NamedTuple):
    """What was handed out by a day; three counts that are never mixed, and principal in minor units."""

    loans: int = 0
    disbursed_minor: int = 0
    borrowers: int = 0
    households: int = 0


class Managers(NamedTuple):
    """Funds that received capital, and who holds them."""

    funds: int = 0
    lsos: int = 0
    vos: int = 0


def handed_out_by(connection: sa.Connection, asked: Asked, as_of: date, form: Form) -> dict[Key, ToDate]:
    """Return what was handed out to date by row of `form`; a person in two rows is counted in both."""
    scope, now = asked.scope.kind, asked.known.now
    bound = {**asked.parameters, "as_of": as_of}
    amounts = keyed(form, connection.execute(_handed_out(scope, now, form), bound))
    people = keyed(form, connection.execute(_borrowers(scope, now, form), bound))
    return {
        key: ToDate(int(loans), int(disbursed or 0), *map(int, people[key]))
        for key, (loans, disbursed) in amounts.items()
    }


def managers_by(connection: sa.Connection, asked: Asked, as_of: date, form: Form) -> dict[Key, Managers]:
    """Return the funds that received capital by a day, by row of `form`, whose cuts and filters are of funds."""
    bound = {**asked.parameters, "recorded_by": asked.known.at, "as_of": as_of}
    found = keyed(form, connection.execute(_managers(asked.scope.kind, form), bound))
    return {key: Managers(*map(int, counts)) for key, counts in found.items()}


@lru_cache(KEPT)
def _handed_out(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing = standings(scope, known_now=known_now)
    handed_out = standing.c.outstanding_minor + standing.c.principal_paid_minor + standing.c.written_off_minor
    values = (sa.func.count().label("loans"), sa.func.sum(handed_out).label("disbursed_minor"))
    return rows_by(standing, form, values, known_now=known_now, where=(standing.c.schedule_no > 0,))


@lru_cache(KEPT)
def _borrowers(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - as above
    standing = standings(scope, known_now=known_now)
    return people_by(standing, form, known_now=known_now, where=(standing.c.schedule_no > 0,))


@lru_cache(KEPT)
def _managers(scope: ScopeKind, form: Form) -> sa.Select[Any]:
    """Return the statement; what was given back had been received, so only what undid a receipt counts against it."""
    accounts = accounts_with(scope, _OF_CAPITAL)
    sides = [_posted(accounts, side) for side in ("credit", "debit")]
    posted = sa.union_all(*sides).subquery("posted")
    received = (
        sa.select(posted.c.lso_id, posted.c.fund_id)
        .group_by(posted.c.lso_id, posted.c.fund_id)
        .having(sa.func.sum(posted.c.amount_minor) > 0)
        .subquery("received")
    )
    same = sa.and_(fund.c.lso_id == received.c.lso_id, fund.c.id == received.c.fund_id)
    held = (
        sa.select(received.c.lso_id, received.c.fund_id, fund.c.holder_id)
        .select_from(received.join(fund, same))
        .subquery("held")
    )
    of_lso = sa.case((held.c.holder_id.is_(None), held.c.lso_id))
    values = (
        sa.func.count().label("funds"),
        sa.func.count(of_lso.distinct()).label("lsos"),
        sa.func.count(held.c.holder_id.distinct()).label("vos"),
    )
    return rows_by(held, form, values, known_now=False)


def _posted(accounts: sa.CTE, side: str) -> sa.Select[Any]:
    """Return what was posted to one side of the accounts of capital, but for what was given back."""
    amount = posting.c.amount_minor if side == "credit" else -posting.c.amount_minor
    of_account = sa.and_(posting.c.lso_id == accounts.c.lso_id, posting.c[side] == accounts.c.code)
    of_event = sa.and_(posting.c.lso_id == event.c.lso_id, posting.c.event_seq == event.c.seq)
    return (
        sa.select(accounts.c.lso_id, accounts.c.fund_id, amount.label("amount_minor"))
        .select_from(accounts.join(posting, of_account).join(event, of_event))
        .where(
            posting.c.effective_on <= AS_OF,
            event.c.kind != Kind.CAPITAL_RETURNED.value,
            event.c.recorded_at <= sa.bindparam("recorded_by", type_=WHOLE_NUMBER),
        )
    )
