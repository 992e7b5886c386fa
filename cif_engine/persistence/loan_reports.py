"""Reading loans and their events, as they were known at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.events import Papers
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.persistence.book_sql import is_id
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Flag, Id
from cif_engine.persistence.ledger_reports import KnownBook
from cif_engine.persistence.standings import Known, event, loan, overdue, standings
from cif_engine.persistence.tables import TABLES

fund, product, member, household = TABLES["fund"], TABLES["product"], TABLES["member"], TABLES["household"]
vo, co = TABLES["institution"].alias("vo"), TABLES["institution"].alias("co")

_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_SEQ: Final = sa.bindparam("up_to_seq", type_=WHOLE_NUMBER)
_LIMIT: Final = sa.bindparam("limit", type_=sa.Integer())


@dataclass(frozen=True, slots=True)
class LoanCodes:
    """A loan by what people call it and the things it belongs to."""

    id: str
    number: str
    fund_id: str
    member: str
    fund: str
    product: str


@dataclass(frozen=True, slots=True)
class LoanEvent:
    """An event of a loan: the fact, and where and when it was recorded."""

    loan_id: str
    fund_id: str
    seq: int
    recorded_at: int
    actor: str
    papers: Papers
    fact: LoanFact


@dataclass(frozen=True, slots=True)
class ListedLoan:
    """A loan in a list, as it stood on the day; amounts in minor units."""

    codes: LoanCodes
    status: str
    outstanding_minor: int
    charge_outstanding_minor: int
    overdue_minor: int
    fee_outstanding_minor: int
    penalty_outstanding_minor: int
    credit_minor: int
    written_off_minor: int
    recovered_minor: int
    renegotiated: bool
    oldest_due_on: date | None


def loan_codes(connection: sa.Connection, lso_id: str, number_or_id: str) -> LoanCodes | None:
    """Return the loan of this number or id; None where the book has no such loan."""
    by = "id" if is_id(number_or_id) else "number"
    row = connection.execute(_CODES_BY[by], {"in_lso": lso_id, "wanted": number_or_id}).first()
    return LoanCodes(*row) if row else None


def codes_by_id(connection: sa.Connection, lso_id: str, ids: Iterable[str]) -> dict[str, str]:
    """Return the codes of the households, VOs and COs of these ids."""
    asked = {"in_lso": lso_id, "ids": tuple(ids)}
    return {row.id: row.code for row in connection.execute(_CODES_OF_PEOPLE, asked)}


def loan_events(connection: sa.Connection, known: KnownBook, loan_ids: Iterable[str], as_of: date) -> list[LoanEvent]:
    """Return the known events of these loans up to a day, as they were recorded."""
    asked = {"in_lso": known.lso_id, "up_to_seq": known.seq, "loan_ids": tuple(loan_ids), "as_of": as_of}
    return [_loan_event(row) for row in connection.execute(_LOAN_EVENTS, asked)]


def repayment_events(
    connection: sa.Connection,
    known: KnownBook,
    wanted: dict[str, str],
    after: tuple[date, int],
    to_on: date,
    limit: int,
) -> list[LoanEvent]:
    """Return up to `limit` known repayments after a place (day, seq), none later than `to_on`.

    `wanted` may hold `loan_id` and `receipt_no`.
    """
    asked: dict[str, Any] = {"in_lso": known.lso_id, "up_to_seq": known.seq, "to_on": to_on, "limit": limit, **wanted}
    asked |= {"place_on": after[0], "place_seq": after[1]}
    return [_loan_event(row) for row in connection.execute(_repayments(frozenset(wanted)), asked)]


def listed_loans(
    connection: sa.Connection,
    lso_id: str,
    wanted: dict[str, Any],
    as_of: date,
    known: Known,
    after: str,
    limit: int,
) -> list[ListedLoan]:
    """Return up to `limit` loans by number, from the first after `after`, as they stood on a day.

    `wanted` may hold `status`, `member`, `vo`, `co`, `fund`, `product`, `number`, and `late_before` (`par.due_before`).
    """
    statement = _listed(known.now, frozenset(wanted))
    asked = {"lso_ids": (lso_id,), **known.parameters, "as_of": as_of, **wanted, "after": after, "limit": limit}
    return [ListedLoan(LoanCodes(*row[:_CODES]), *row[_CODES:]) for row in connection.execute(statement, asked)]


def loan_numbers(connection: sa.Connection, lso_id: str, loan_ids: Iterable[str]) -> dict[str, str]:
    """Return the numbers of these loans."""
    asked = {"in_lso": lso_id, "loan_ids": tuple(loan_ids)}
    return {row.id: row.number for row in connection.execute(_NUMBERS, asked)}


def _loan_event(row: Any) -> LoanEvent:  # noqa: ANN401 - rows of several statements
    papers = Papers(row.receipt_no, row.voucher_no, row.external_id)
    fact = LoanFact(row.id, Kind(row.kind), row.effective_on, read_payload(row.payload))
    return LoanEvent(row.loan_id, row.fund_id, row.seq, row.recorded_at, row.actor, papers, fact)


# Statements, built once ----------------------------------------------------------------------------------------

_CODE_COLUMNS: Final = (loan.c.id, loan.c.number, loan.c.fund_id, member.c.code, fund.c.code, product.c.code)
_CODES: Final = len(_CODE_COLUMNS)


def _with_codes(loans: sa.FromClause) -> sa.FromClause:
    for table, belongs_to in ((member, loan.c.member_id), (fund, loan.c.fund_id), (product, loan.c.product_id)):
        loans = loans.join(table, sa.and_(table.c.lso_id == loan.c.lso_id, table.c.id == belongs_to))
    return loans


_OF_LOAN: Final = sa.select(*_CODE_COLUMNS).select_from(_with_codes(loan)).where(loan.c.lso_id == _LSO_ID)
_CODES_BY: Final = {
    by: _OF_LOAN.where(loan.c[by] == sa.bindparam("wanted", type_=loan.c[by].type)) for by in ("id", "number")
}
_IDS: Final = sa.bindparam("ids", expanding=True, type_=Id())
_CODES_OF_PEOPLE: Final = sa.union_all(
    *(
        sa.select(table.c.id, table.c.code).where(table.c.lso_id == _LSO_ID, table.c.id.in_(_IDS))
        for table in (household, vo)
    )
)
_LOAN_IDS: Final = sa.bindparam("loan_ids", expanding=True, type_=Id())
_NUMBERS: Final = sa.select(loan.c.id, loan.c.number).where(loan.c.lso_id == _LSO_ID, loan.c.id.in_(_LOAN_IDS))
_KNOWN_EVENTS: Final = sa.select(
    event.c.loan_id,
    event.c.fund_id,
    event.c.seq,
    event.c.recorded_at,
    event.c.actor,
    event.c.receipt_no,
    event.c.voucher_no,
    event.c.external_id,
    event.c.id,
    event.c.kind,
    event.c.effective_on,
    event.c.payload,
).where(event.c.lso_id == _LSO_ID, event.c.seq <= _SEQ)
_LOAN_EVENTS: Final = _KNOWN_EVENTS.where(
    event.c.loan_id.in_(_LOAN_IDS), event.c.effective_on <= sa.bindparam("as_of", type_=Day())
).order_by(event.c.seq)


@cache
def _repayments(wanted: frozenset[str]) -> sa.Select[Any]:
    place = sa.tuple_(sa.bindparam("place_on", type_=Day()), sa.bindparam("place_seq", type_=WHOLE_NUMBER))
    rows = (
        _KNOWN_EVENTS.where(
            event.c.kind == Kind.REPAYMENT_RECEIVED.value,
            sa.tuple_(event.c.effective_on, event.c.seq) > place,
            event.c.effective_on <= sa.bindparam("to_on", type_=Day()),
        )
        .order_by(event.c.effective_on, event.c.seq)
        .limit(_LIMIT)
    )
    is_wanted = {
        "loan_id": event.c.loan_id == sa.bindparam("loan_id", type_=Id()),
        "receipt_no": event.c.receipt_no == sa.bindparam("receipt_no", type_=sa.Text()),
    }
    return rows.where(*(is_wanted[name] for name in sorted(wanted)))


@cache
def _listed(known_now: bool, wanted: frozenset[str]) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing = standings("lsos", known_now=known_now)
    is_wanted: dict[str, sa.ColumnElement[bool]] = {
        "status": standing.c.status == sa.bindparam("status", type_=sa.Text()),
        "member": member.c.code == sa.bindparam("member", type_=sa.Text()),
        "vo": vo.c.code == sa.bindparam("vo", type_=sa.Text()),
        "co": co.c.code == sa.bindparam("co", type_=sa.Text()),
        "fund": fund.c.code == sa.bindparam("fund", type_=sa.Text()),
        "product": product.c.code == sa.bindparam("product", type_=sa.Text()),
        "number": loan.c.number == sa.bindparam("number", type_=sa.Text()),
        "late_before": standing.c.oldest_due_on < sa.bindparam("late_before", type_=Day()),
        "renegotiated": standing.c.renegotiated == sa.bindparam("renegotiated", type_=Flag()),
    }
    stood = standing.join(loan, sa.and_(loan.c.lso_id == standing.c.lso_id, loan.c.id == standing.c.loan_id))
    joined = _with_codes(stood)
    for name, table, made_under in (("vo", vo, loan.c.vo_id), ("co", co, loan.c.co_id)):
        if name in wanted:
            joined = joined.join(table, sa.and_(table.c.lso_id == loan.c.lso_id, table.c.id == made_under))
    columns = [
        overdue(standing, known_now=known_now) if name == "overdue_minor" else standing.c[name]
        for name in ListedLoan.__dataclass_fields__
        if name != "codes"
    ]
    return (
        sa.select(*_CODE_COLUMNS, *columns)
        .select_from(joined)
        .where(loan.c.number > sa.bindparam("after", type_=sa.Text()), *(is_wanted[name] for name in sorted(wanted)))
        .order_by(loan.c.number)
        .limit(_LIMIT)
    )
