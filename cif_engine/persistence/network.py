"""What lending and funding need to know of the network: who borrows, under which rules, when no one works.

Statements are built once; every read of a tenant's rows says whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.dates import Calendar, Weekday
from cif_engine.persistence.book_sql import is_id
from cif_engine.persistence.tables import TABLES

holiday, fund, product, product_terms = (TABLES[name] for name in ("holiday", "fund", "product", "product_terms"))
household, member, co = TABLES["household"], TABLES["member"], TABLES["institution"].alias("co")


@dataclass(frozen=True, slots=True)
class BorrowerFile:
    """A member as a lender sees her: of which household, CO and VO, how poor, and whether eligible."""

    member_id: str
    gender: str
    household_id: str
    poverty_score: int | None
    eligible: bool
    co_id: str
    vo_id: str


@dataclass(frozen=True, slots=True)
class FundFile:
    """A fund with the rules that its loans keep to; `rest_days` are names of days of the week with spaces between."""

    id: str
    code: str
    poverty_score_from: int
    poverty_score_to: int
    amount_min_minor: int
    amount_max_minor: int | None
    cycle_max: int | None
    reserve_floor_minor: int
    charge_policy: str
    rest_days: str


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A product with its fund, as it is offered on a day; `terms` is the JSON text of `LoanTerms`."""

    id: str
    code: str
    terms: str
    amount_min_minor: int
    amount_max_minor: int | None
    cycle_min: int
    cycle_max: int | None
    term_min_months: int | None
    term_max_months: int | None
    fund: FundFile


_FUND_COLUMNS: Final = tuple(fund.c[name] for name in FundFile.__dataclass_fields__)
_PRODUCT_COLUMNS: Final = tuple(
    product.c[name] if name in product.c else product_terms.c[name]
    for name in ProductFile.__dataclass_fields__
    if name != "fund"
)
_LSO_ID: Final[sa.BindParameter[str]] = sa.bindparam("in_lso")
_WANTED: Final[sa.BindParameter[str]] = sa.bindparam("wanted")

_BORROWER: Final = (
    sa.select(
        member.c.id,
        member.c.gender,
        household.c.id,
        household.c.poverty_score,
        household.c.eligible,
        co.c.id,
        co.c.vo_id,
    )
    .join(household, sa.and_(household.c.lso_id == member.c.lso_id, household.c.id == member.c.household_id))
    .join(co, sa.and_(co.c.lso_id == member.c.lso_id, co.c.id == member.c.co_id))
    .where(member.c.lso_id == _LSO_ID)
)
_BORROWER_BY: Final = {name: _BORROWER.where(member.c[name] == _WANTED) for name in ("id", "code")}
_FUND: Final = sa.select(*_FUND_COLUMNS).where(fund.c.lso_id == _LSO_ID, fund.c.code == _WANTED)
_FUND_OF_ID: Final = sa.select(*_FUND_COLUMNS).where(fund.c.lso_id == _LSO_ID, fund.c.id == _WANTED)
_PRODUCT: Final = (
    sa.select(*_PRODUCT_COLUMNS, *_FUND_COLUMNS)
    .join(fund, sa.and_(fund.c.lso_id == product.c.lso_id, fund.c.id == product.c.fund_id))
    .join(
        product_terms, sa.and_(product_terms.c.lso_id == product.c.lso_id, product_terms.c.product_id == product.c.id)
    )
    .where(product.c.lso_id == _LSO_ID, product_terms.c.valid_from <= sa.bindparam("on"))
    .order_by(product_terms.c.valid_from.desc(), product_terms.c.number.desc())
    .limit(1)
)
_PRODUCT_BY: Final = {name: _PRODUCT.where(product.c[name] == _WANTED) for name in ("id", "code")}
_HOLIDAYS: Final = sa.select(holiday.c.on).where(holiday.c.on.between(sa.bindparam("first"), sa.bindparam("last")))


def borrower_file(connection: sa.Connection, lso_id: str, member_code_or_id: str) -> BorrowerFile | None:
    """Return the member of this code or id with her household, CO and VO; None where the LSO has no such member."""
    by = "id" if is_id(member_code_or_id) else "code"
    row = _one(connection, _BORROWER_BY[by], in_lso=lso_id, wanted=member_code_or_id)
    return BorrowerFile(*tuple(row)) if row else None


def fund_file(connection: sa.Connection, lso_id: str, code: str) -> FundFile | None:
    """Return the fund of this code; None where the LSO has no such fund."""
    row = _one(connection, _FUND, in_lso=lso_id, wanted=code)
    return FundFile(*tuple(row)) if row else None


def fund_of_id(connection: sa.Connection, lso_id: str, fund_id: str) -> FundFile:
    """Return the fund of this id, which the LSO has."""
    return FundFile(*tuple(connection.execute(_FUND_OF_ID, {"in_lso": lso_id, "wanted": fund_id}).one()))


def product_file(connection: sa.Connection, lso_id: str, product_code_or_id: str, on: date) -> ProductFile | None:
    """Return the product of this code or id, as offered on a day, with its fund; None where the LSO has none such."""
    by = "id" if is_id(product_code_or_id) else "code"
    row = _one(connection, _PRODUCT_BY[by], in_lso=lso_id, wanted=product_code_or_id, on=on)
    if row is None:
        return None
    own, of_fund = row[: len(_PRODUCT_COLUMNS)], row[len(_PRODUCT_COLUMNS) :]
    values = (*own, FundFile(*of_fund))
    return ProductFile(*values)


def holidays_between(connection: sa.Connection, first: date, last: date) -> frozenset[date]:
    """Return the holidays from `first` to `last`, both included."""
    return frozenset(connection.execute(_HOLIDAYS, {"first": first, "last": last}).scalars())


def calendar_of(connection: sa.Connection, fund: FundFile, first: date, last: date) -> Calendar:
    """Return the days on which nobody collects for a fund: holidays from `first` to `last`, its rest days always."""
    return Calendar.of_week(holidays_between(connection, first, last), map(Weekday, fund.rest_days.split()))


def _one(connection: sa.Connection, statement: sa.Select[Any], **wanted: str | date) -> sa.Row[Any] | None:
    return connection.execute(statement, wanted).first()
