"""Reading a book's ledger as it was known at a moment: totals by account, one account's lines, money by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.ledger.accounts import CASH_ROLES, Account, Role
from cif_engine.money import MAX_MINOR
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.tables import TABLES

book, event, posting, account = TABLES["book"], TABLES["event"], TABLES["posting"], TABLES["account"]
fund, loan, lso = TABLES["fund"], TABLES["loan"], TABLES["lso"]

_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_SEQ: Final = sa.bindparam("up_to_seq", type_=WHOLE_NUMBER)
_CODE: Final = sa.bindparam("code", type_=sa.Text())
_FUND_ID: Final = sa.bindparam("fund_id", type_=Id())
_AS_OF: Final = sa.bindparam("as_of", type_=Day())
_FROM_ON: Final = sa.bindparam("from_on", type_=Day())
_TO_ON: Final = sa.bindparam("to_on", type_=Day())

Place = tuple[date, int, int]
"""Where a posting stands among those of its account: its day, its event's seq, its line."""


@dataclass(frozen=True, slots=True)
class KnownBook:
    """A book as it was known: the last event counted and its moment, both 0 when none is."""

    lso_id: str
    lso_code: str
    seq: int
    at: int


@dataclass(frozen=True, slots=True)
class AccountSums:
    """All that was debited and credited to an account, in minor units."""

    account: Account
    debits_minor: int
    credits_minor: int


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One posting as its account sees it; `counter` is the other account."""

    place: Place
    event_id: str
    kind: str
    recorded_at: int
    receipt_no: str | None
    voucher_no: str | None
    external_id: str | None
    loan: str | None
    counter: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class DayOfMoney:
    """What came into and went out of the accounts of one role on one day."""

    on: date
    role: Role
    receipts_minor: int
    payments_minor: int


def known_book(connection: sa.Connection, lso_id: str, known_at: int | None) -> KnownBook | None:
    """Return the book as it was known at a moment (None: now); None when the LSO has no book."""
    row = connection.execute(_HEAD, {"in_lso": lso_id}).first()
    if row is None:
        return None
    code, seq, at = row
    if known_at is not None and known_at < at:
        found = connection.execute(_LAST_BY, {"in_lso": lso_id, "known_at": known_at}).first()
        seq, at = found or (0, 0)
    return KnownBook(lso_id, code, seq, at)


def chain_hash(connection: sa.Connection, book: KnownBook) -> bytes:
    """Return the hash of the last event that counts: where the book's chain ended then. Empty where none does."""
    asked = {"in_lso": book.lso_id, "up_to_seq": book.seq}
    return bytes(connection.execute(_HASH, asked).scalar() or b"")


def accounts_of(connection: sa.Connection, lso_id: str) -> list[Account]:
    """Return the chart of accounts of all funds, by code."""
    rows = connection.execute(_ACCOUNTS, {"in_lso": lso_id})
    return sorted((_account(row) for row in rows), key=lambda found: found.code)


def account_sums(
    connection: sa.Connection, known: KnownBook, as_of: date, fund_id: str | None = None
) -> list[AccountSums]:
    """Return the accounts that were posted to by a day, by code; those of one fund, or of all."""
    asked: dict[str, Any] = {"in_lso": known.lso_id, "up_to_seq": known.seq, "as_of": as_of}
    if fund_id is not None:
        asked["fund_id"] = fund_id
    sums = [
        AccountSums(_account(row), int(row.debits), int(row.credits))
        for row in connection.execute(_sums(of_fund=fund_id is not None), asked)
    ]
    return sorted(sums, key=lambda found: found.account.code)


def first_days(connection: sa.Connection, known: KnownBook) -> dict[str, date]:
    """Return the first day on which each account is posted to, by code."""
    return dict(map(tuple, connection.execute(_FIRST_DAYS, {"in_lso": known.lso_id, "up_to_seq": known.seq})))


def balance_through(connection: sa.Connection, known: KnownBook, code: str, place: Place) -> int:
    """Return what an account's postings up to and including a place sum to, debits positive."""
    asked = {"in_lso": known.lso_id, "up_to_seq": known.seq, "code": code, **_place(place)}
    return int(connection.execute(_BALANCE_THROUGH, asked).scalar_one())


def account_lines(
    connection: sa.Connection, known: KnownBook, code: str, after: Place, to_on: date, limit: int
) -> list[AccountLine]:
    """Return up to `limit` postings of an account after a place, none later than `to_on`."""
    asked = {"in_lso": known.lso_id, "up_to_seq": known.seq, "code": code, "to_on": to_on, **_place(after)}
    rows = connection.execute(_LINES, {**asked, "limit": limit})
    return [AccountLine((row[0], row[1], row[2]), *tuple(row)[3:]) for row in rows]


def before_day(day: date) -> Place:
    """Return the place that comes after all postings of earlier days and before those of this day."""
    return (day, 0, 0)


def end_of_day(day: date) -> Place:
    """Return the place that comes after all postings of this day."""
    return (day, MAX_MINOR, 0)


def money_before(connection: sa.Connection, known: KnownBook, day: date, fund_id: str | None) -> dict[Role, int]:
    """Return the balance of each kind of money account at the end of the day before."""
    asked = _money_asked(known, {"from_on": day}, fund_id)
    balances = dict.fromkeys(CASH_ROLES, 0)
    for row in connection.execute(_money_held(of_fund=fund_id is not None), asked):
        balances[Role(row.role)] = int(row.balance)
    return balances


def days_of_money(
    connection: sa.Connection, known: KnownBook, from_on: date, to_on: date, fund_id: str | None
) -> Iterator[DayOfMoney]:
    """Return what moved in the money accounts, by day and role, for days on which something did."""
    asked = _money_asked(known, {"from_on": from_on, "to_on": to_on}, fund_id)
    rows = connection.execute(_money_moved(of_fund=fund_id is not None), asked)
    for row in rows:
        yield DayOfMoney(row.effective_on, Role(row.role), int(row.debits), int(row.credits))


def _money_asked(known: KnownBook, days: dict[str, date], fund_id: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"in_lso": known.lso_id, "up_to_seq": known.seq, **days}
    return asked if fund_id is None else {**asked, "fund_id": fund_id}


def _place(place: Place) -> dict[str, Any]:
    return {"place_on": place[0], "place_seq": place[1], "place_line": place[2]}


def _account(row: Any) -> Account:  # noqa: ANN401 - rows of several statements
    return Account(row.code, row.fund_id, Role(row.role), row.name)


# Statements, built once ----------------------------------------------------------------------------------------


def _side(code: sa.ColumnElement[str], counter: sa.ColumnElement[str], sign: int) -> sa.Select[Any]:
    """Return the known postings as one of their two accounts sees them."""
    debit, credit = (posting.c.amount_minor, sa.literal(0)) if sign > 0 else (sa.literal(0), posting.c.amount_minor)
    return sa.select(
        posting.c.lso_id,
        posting.c.effective_on,
        posting.c.event_seq,
        posting.c.line,
        posting.c.loan_id,
        code.label("code"),
        counter.label("counter"),
        debit.label("debit_minor"),
        credit.label("credit_minor"),
    ).where(posting.c.lso_id == _LSO_ID, posting.c.event_seq <= _SEQ)


_DEBITS: Final = _side(posting.c.debit, posting.c.credit, 1)
_CREDITS: Final = _side(posting.c.credit, posting.c.debit, -1)


def _both_sides(debits: sa.ColumnElement[bool], credits_: sa.ColumnElement[bool]) -> sa.Subquery:
    return sa.union_all(_DEBITS.where(debits), _CREDITS.where(credits_)).subquery("side")


_HEAD: Final = (
    sa.select(lso.c.code, book.c.head_seq, book.c.head_recorded_at)
    .join(lso, lso.c.id == book.c.lso_id)
    .where(book.c.lso_id == _LSO_ID)
)
_LAST_BY: Final = (
    sa.select(event.c.seq, event.c.recorded_at)
    .where(event.c.lso_id == _LSO_ID, event.c.recorded_at <= sa.bindparam("known_at", type_=WHOLE_NUMBER))
    .order_by(event.c.seq.desc())
    .limit(1)
)
_HASH: Final = sa.select(event.c.hash).where(event.c.lso_id == _LSO_ID, event.c.seq == _SEQ)
_ACCOUNTS: Final = sa.select(account.c.code, account.c.fund_id, account.c.role, account.c.name).where(
    account.c.lso_id == _LSO_ID
)

_POSTED: Final = sa.union_all(_DEBITS, _CREDITS).subquery("side")
_FIRST_DAYS: Final = sa.select(_POSTED.c.code, sa.func.min(_POSTED.c.effective_on)).group_by(_POSTED.c.code)


@cache
def _sums(*, of_fund: bool) -> sa.Select[Any]:
    side = _both_sides(posting.c.effective_on <= _AS_OF, posting.c.effective_on <= _AS_OF)
    sums = (
        sa.select(
            side.c.lso_id,
            side.c.code,
            sa.func.sum(side.c.debit_minor).label("debits"),
            sa.func.sum(side.c.credit_minor).label("credits"),
        )
        .group_by(side.c.lso_id, side.c.code)
        .subquery("sums")
    )
    rows = sa.select(
        account.c.code, account.c.fund_id, account.c.role, account.c.name, sums.c.debits, sums.c.credits
    ).join(sums, sa.and_(sums.c.lso_id == account.c.lso_id, sums.c.code == account.c.code))
    return rows.where(account.c.fund_id == _FUND_ID) if of_fund else rows


@cache
def _money_moved(*, of_fund: bool) -> sa.Select[Any]:
    days = posting.c.effective_on.between(_FROM_ON, _TO_ON)
    side = _both_sides(days, days)
    sums = (sa.func.sum(side.c.debit_minor).label("debits"), sa.func.sum(side.c.credit_minor).label("credits"))
    rows = _in_money_accounts(sa.select(side.c.effective_on, account.c.role, *sums), side, of_fund=of_fund)
    return rows.group_by(side.c.effective_on, account.c.role).order_by(side.c.effective_on, account.c.role)


@cache
def _money_held(*, of_fund: bool) -> sa.Select[Any]:
    before = posting.c.effective_on < _FROM_ON
    side = _both_sides(before, before)
    balance = sa.func.sum(side.c.debit_minor - side.c.credit_minor).label("balance")
    return _in_money_accounts(sa.select(account.c.role, balance), side, of_fund=of_fund).group_by(account.c.role)


def _in_money_accounts(rows: sa.Select[Any], side: sa.Subquery, *, of_fund: bool) -> sa.Select[Any]:
    rows = rows.select_from(
        side.join(account, sa.and_(account.c.lso_id == side.c.lso_id, account.c.code == side.c.code))
    ).where(account.c.role.in_([role.value for role in CASH_ROLES]))
    return rows.where(account.c.fund_id == _FUND_ID) if of_fund else rows


def _stands(side: sa.Subquery) -> sa.Tuple:
    return sa.tuple_(side.c.effective_on, side.c.event_seq, side.c.line)


_OF_ACCOUNT: Final = _both_sides(posting.c.debit == _CODE, posting.c.credit == _CODE)
_PLACE: Final = sa.tuple_(
    sa.bindparam("place_on", type_=Day()),
    sa.bindparam("place_seq", type_=WHOLE_NUMBER),
    sa.bindparam("place_line", type_=WHOLE_NUMBER),
)
_BALANCE_THROUGH: Final = sa.select(
    sa.func.coalesce(sa.func.sum(_OF_ACCOUNT.c.debit_minor - _OF_ACCOUNT.c.credit_minor), 0)
).where(_stands(_OF_ACCOUNT) <= _PLACE)
_LINES: Final = (
    sa.select(
        _OF_ACCOUNT.c.effective_on,
        _OF_ACCOUNT.c.event_seq,
        _OF_ACCOUNT.c.line,
        event.c.id,
        event.c.kind,
        event.c.recorded_at,
        event.c.receipt_no,
        event.c.voucher_no,
        event.c.external_id,
        loan.c.number,
        _OF_ACCOUNT.c.counter,
        _OF_ACCOUNT.c.debit_minor,
        _OF_ACCOUNT.c.credit_minor,
    )
    .join(event, sa.and_(event.c.lso_id == _OF_ACCOUNT.c.lso_id, event.c.seq == _OF_ACCOUNT.c.event_seq))
    .outerjoin(loan, sa.and_(loan.c.lso_id == _OF_ACCOUNT.c.lso_id, loan.c.id == _OF_ACCOUNT.c.loan_id))
    .where(_stands(_OF_ACCOUNT) > _PLACE, _OF_ACCOUNT.c.effective_on <= _TO_ON)
    .order_by(_OF_ACCOUNT.c.effective_on, _OF_ACCOUNT.c.event_seq, _OF_ACCOUNT.c.line)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
