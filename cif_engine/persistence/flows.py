"""What a fund took in and gave out, day by day, read from the history of its loans and from its ledger.

Loans are not folded again: their history says where each stood at the end of every day, as known at any moment, and
what happened on a day is the difference to the day before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import groupby, starmap
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.fund.flows import Entry, Flows, FundDay, LoanDay, loan_days
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.columns import Id
from cif_engine.persistence.standings import (
    AS_OF,
    KNOWN_AT,
    Known,
    event,
    is_known,
    loan,
    loan_position,
    loan_state,
    loans_known,
)
from cif_engine.persistence.tables import TABLES

_account, _posting = TABLES["account"], TABLES["posting"]
_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_FUND_ID: Final = sa.bindparam("fund_id", type_=Id())

_ENTRIES: Final = {
    Kind.TRANCHE_RECEIVED.value: Entry.TRANCHE,
    Kind.CONTRIBUTION_RECEIVED.value: Entry.CONTRIBUTION,
    Kind.BANK_PROFIT_RECEIVED.value: Entry.INCOME,
    Kind.EXPENSE_PAID.value: Entry.EXPENSE,
    Kind.CAPITAL_RETURNED.value: Entry.RETURN,
}
_OUT: Final = frozenset({Entry.EXPENSE, Entry.RETURN})
_NUMBERED: Final = frozenset({Entry.TRANCHE, Entry.RETURN})
_OWN_ROLES: Final = (Role.TRANCHE_CAPITAL, Role.CONTRIBUTIONS, Role.BANK_PROFIT, Role.OPERATING_EXPENSE)
_OF_FUND: Final = {"tranches": _OWN_ROLES, "allowance": (Role.LOAN_LOSS_ALLOWANCE,)}


def flows_of_fund(connection: sa.Connection, lso_id: str, fund_id: str, as_of: date, known: Known) -> Flows:
    """Return what happened to a fund on every day up to one, as it was known."""
    asked = {"in_lso": lso_id, "fund_id": fund_id, "as_of": as_of, **known.parameters}
    stood = connection.execute(_standings(known.now), asked)
    set_aside = connection.execute(_set_aside(known.now), asked)
    money = money_of_fund(connection, lso_id, fund_id, as_of, known)
    fund_days = [*money, *_days_of_allowance(set_aside)]
    return Flows(tuple(sorted(fund_days, key=itemgetter(0))), tuple(sorted(_days_of_loans(stood))))


def money_of_fund(connection: sa.Connection, lso_id: str, fund_id: str, as_of: date, known: Known) -> list[FundDay]:
    """Return what happened to a fund's own money alone: no loans, no allowance."""
    asked = {"in_lso": lso_id, "fund_id": fund_id, "as_of": as_of, **known.parameters}
    return list(_days_of_money(connection.execute(_posted_by_facts(known.now), asked)))


def households_of_loans(connection: sa.Connection, lso_id: str, fund_id: str, known: Known) -> dict[str, str]:
    """Return the household of each loan of a fund, as it was known: that under which the loan was made."""
    asked = {"in_lso": lso_id, "fund_id": fund_id, **known.parameters}
    return dict(map(tuple, connection.execute(_households(known.now), asked)))


# From rows to days ---------------------------------------------------------------------------------------------


def _days_of_loans(stood: Iterable[Sequence[Any]]) -> Iterator[LoanDay]:
    """Give the days of all loans; what they come to is told by loan and day."""
    for loan_id, rows in groupby(stood, key=itemgetter(0)):
        yield from loan_days(loan_id, ((row[1], row[2:]) for row in rows))


def _days_of_money(posted: sa.CursorResult[Any]) -> Iterator[FundDay]:
    """Give the fund's own money by day; what a reversal takes back is of the entry that it reverses."""
    rows = list(posted)
    reversed_by = {row.id: row.reverses for row in rows if row.reverses is not None}
    kinds = {row.id: row.kind for row in rows}
    amounts: defaultdict[tuple[date, Entry, int | None], int] = defaultdict(int)
    for row in rows:
        told_by = row.id
        while told_by in reversed_by:
            told_by = reversed_by[told_by]
        entry = _ENTRIES[kinds[told_by]]
        tranche = int(row.code.rpartition(".")[2]) if entry in _NUMBERED else None
        amounts[row.effective_on, entry, tranche] += -row.grown_minor if entry in _OUT else row.grown_minor
    return starmap(FundDay, ((*key, amount) for key, amount in amounts.items() if amount))


def _days_of_allowance(set_aside: sa.CursorResult[Any]) -> Iterator[FundDay]:
    return (FundDay(on, Entry.ALLOWANCE, None, int(grown)) for on, grown in map(tuple, set_aside) if grown)


# Statements, built once ----------------------------------------------------------------------------------------


@cache
def _standings(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    """Return loan, day, and what was disbursed, repaid, written off and earned to date, and the credit there is."""
    rows = sa.union_all(*(_sums(table, known_now=known_now) for table in (loan_state, loan_position))).subquery()
    return sa.select(rows).order_by(rows.c.loan_id, rows.c.valid_from)


def _sums(table: sa.Table, *, known_now: bool) -> sa.Select[Any]:
    of = table.c
    # Each is joined to the loans by itself. Of the two put together PostgreSQL, where it plans for any fund alike,
    # would read the history of the whole book again for each loan.
    of_loan = sa.and_(loan.c.lso_id == of.lso_id, loan.c.id == of.loan_id)
    rows = (
        sa.select(
            of.loan_id,
            of.valid_from,
            (of.outstanding_minor + of.principal_paid_minor + of.written_off_minor).label("disbursed"),
            of.principal_paid_minor,
            of.written_off_minor,
            (of.charge_paid_minor + of.fee_paid_minor + of.penalty_paid_minor + of.recovered_minor).label("income"),
            of.credit_minor,
        )
        .select_from(loan.join(table, of_loan))
        .where(loan.c.lso_id == _LSO_ID, loan.c.fund_id == _FUND_ID, of.valid_from <= AS_OF)
    )
    if table is loan_state:
        return rows.where(is_known(table, known_now=known_now))
    return rows if known_now else rows.where(of.known_from <= KNOWN_AT)


@cache
def _posted_by_facts(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - as above
    """Return the postings to the accounts of the fund's own money, with the facts that they are of."""
    return _posted(_OF_FUND["tranches"], known_now=known_now)


@cache
def _set_aside(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - as above
    """Return by how much the allowance grew on each day."""
    posted = _posted(_OF_FUND["allowance"], known_now=known_now).subquery()
    return sa.select(posted.c.effective_on, sa.func.sum(posted.c.grown_minor)).group_by(posted.c.effective_on)


def _posted(roles: tuple[Role, ...], *, known_now: bool) -> sa.Select[Any]:
    """Return the postings to both sides of these accounts; all but expenses grow by credit."""
    sides = [_side(side, roles, known_now=known_now) for side in ("credit", "debit")]
    return sa.select(sa.union_all(*sides).subquery())


def _side(side: str, roles: tuple[Role, ...], *, known_now: bool) -> sa.Select[Any]:
    amount = _posting.c.amount_minor if side == "credit" else -_posting.c.amount_minor
    of_event = sa.and_(event.c.lso_id == _posting.c.lso_id, event.c.seq == _posting.c.event_seq)
    # The accounts are looked up within: joined, SQLite would read every posting of the book.
    codes = sa.select(_account.c.code).where(
        _account.c.lso_id == _LSO_ID,
        _account.c.fund_id == _FUND_ID,
        _account.c.role.in_([role.value for role in roles]),
    )
    code = _posting.c[side]
    rows = (
        sa.select(
            event.c.id,
            event.c.kind,
            event.c.reverses,
            code.label("code"),
            _posting.c.effective_on,
            amount.label("grown_minor"),
        )
        .select_from(_posting.join(event, of_event))
        .where(_posting.c.lso_id == _LSO_ID, code.in_(codes), _posting.c.effective_on <= AS_OF)
    )
    return rows if known_now else rows.where(event.c.recorded_at <= KNOWN_AT)


@cache
def _households(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - as above
    made = loans_known(known_now=known_now)
    return sa.select(made.c.id, made.c.household_id).where(made.c.lso_id == _LSO_ID, made.c.fund_id == _FUND_ID)
