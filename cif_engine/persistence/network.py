"""What others need to know of the network: who borrows, under which rules, and on which days no one works.

Statements are built once; every read of a tenant's rows says whose they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import SQLModel

from cif_engine.persistence import tables as _tables  # noqa: F401 - declares the tables read below

_table = SQLModel.metadata.tables
rsp, area, lso, holiday = _table["rsp"], _table["area"], _table["lso"], _table["holiday"]
fund, product, custodian = _table["fund"], _table["product"], _table["custodian"]
household, member = _table["household"], _table["member"]
account = _table["account"]
vo, co = _table["institution"].alias("vo"), _table["institution"].alias("co")
district = area.alias("district")


@dataclass(frozen=True, slots=True)
class LsoFile:
    """An LSO, and where in the network it stands."""

    id: str
    code: str
    name: str
    rsp_id: str
    rsp_code: str
    district_id: str
    district_code: str


@dataclass(frozen=True, slots=True)
class BorrowerFile:
    """A member as a lender sees her: of which household, CO and VO, how poor, and whether eligible."""

    member_id: str
    code: str
    name: str
    gender: str
    household_id: str
    household_code: str
    poverty_score: int | None
    eligible: bool
    co_id: str
    co_code: str
    vo_id: str
    vo_code: str


@dataclass(frozen=True, slots=True)
class FundFile:
    """A fund with the rules of its programme. `holder_id` None: the LSO itself holds it."""

    id: str
    code: str
    name: str
    holder_id: str | None
    lender_of_record: str
    poverty_score_from: int
    poverty_score_to: int
    amount_min_minor: int
    amount_max_minor: int | None
    cycle_max: int | None
    charge_policy: str
    reserve_floor_minor: int


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A product with its fund; `terms` is the JSON text of `LoanTerms`."""

    id: str
    code: str
    name: str
    terms: str
    amount_min_minor: int
    amount_max_minor: int | None
    cycle_max: int | None
    fund: FundFile


_FUND_COLUMNS: Final = tuple(fund.c[name] for name in FundFile.__dataclass_fields__)
_PRODUCT_COLUMNS: Final = tuple(product.c[name] for name in ProductFile.__dataclass_fields__ if name != "fund")
_LSO_ID: Final[sa.BindParameter[str]] = sa.bindparam("in_lso")
_WANTED: Final[sa.BindParameter[str]] = sa.bindparam("wanted")

_LSO: Final = (
    sa.select(lso.c.id, lso.c.code, lso.c.name, lso.c.rsp_id, rsp.c.code, lso.c.district_id, district.c.code)
    .join(rsp, rsp.c.id == lso.c.rsp_id)
    .join(district, district.c.id == lso.c.district_id)
    .where(lso.c.code == _WANTED)
)
_BORROWER: Final = (
    sa.select(
        member.c.id,
        member.c.code,
        member.c.name,
        member.c.gender,
        household.c.id,
        household.c.code,
        household.c.poverty_score,
        household.c.eligible,
        co.c.id,
        co.c.code,
        vo.c.id,
        vo.c.code,
    )
    .join(household, sa.and_(household.c.lso_id == member.c.lso_id, household.c.id == member.c.household_id))
    .join(co, sa.and_(co.c.lso_id == member.c.lso_id, co.c.id == member.c.co_id))
    .join(vo, sa.and_(vo.c.lso_id == co.c.lso_id, vo.c.id == co.c.vo_id))
    .where(member.c.lso_id == _LSO_ID)
)
_BORROWER_BY: Final = {name: _BORROWER.where(member.c[name] == _WANTED) for name in ("id", "code")}
_FUND: Final = sa.select(*_FUND_COLUMNS).where(fund.c.lso_id == _LSO_ID, fund.c.code == _WANTED)
_PRODUCT: Final = (
    sa.select(*_PRODUCT_COLUMNS, *_FUND_COLUMNS)
    .join(fund, sa.and_(fund.c.lso_id == product.c.lso_id, fund.c.id == product.c.fund_id))
    .where(product.c.lso_id == _LSO_ID)
)
_PRODUCT_BY: Final = {name: _PRODUCT.where(product.c[name] == _WANTED) for name in ("id", "code")}
_HOLIDAYS: Final = sa.select(holiday.c.on).where(holiday.c.on.between(sa.bindparam("first"), sa.bindparam("last")))

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def lso_by_code(connection: sa.Connection, code: str) -> LsoFile | None:
    """Return the LSO of this code, None where there is none."""
    row = connection.execute(_LSO, {"wanted": code}).first()
    return LsoFile(*tuple(row)) if row else None


def borrower_file(connection: sa.Connection, lso_id: str, member_code_or_id: str) -> BorrowerFile | None:
    """Return the member of this code or id with her household, CO and VO; None where the LSO has no such member."""
    by = "id" if _UUID.fullmatch(member_code_or_id) else "code"
    row = _one(connection, _BORROWER_BY[by], lso_id, member_code_or_id)
    return BorrowerFile(*tuple(row)) if row else None


def fund_file(connection: sa.Connection, lso_id: str, code: str) -> FundFile | None:
    """Return the fund of this code; None where the LSO has no such fund."""
    row = _one(connection, _FUND, lso_id, code)
    return FundFile(*tuple(row)) if row else None


def product_file(connection: sa.Connection, lso_id: str, product_code_or_id: str) -> ProductFile | None:
    """Return the product of this code or id with its fund; None where the LSO has no such product."""
    by = "id" if _UUID.fullmatch(product_code_or_id) else "code"
    row = _one(connection, _PRODUCT_BY[by], lso_id, product_code_or_id)
    if row is None:
        return None
    own, of_fund = row[: len(_PRODUCT_COLUMNS)], row[len(_PRODUCT_COLUMNS) :]
    values = (*own, FundFile(*of_fund))
    return ProductFile(*values)


def holidays_between(connection: sa.Connection, first: date, last: date) -> frozenset[date]:
    """Return the holidays from `first` to `last`, both included."""
    return frozenset(connection.execute(_HOLIDAYS, {"first": first, "last": last}).scalars())


def _one(connection: sa.Connection, statement: sa.Select[Any], lso_id: str, wanted: str) -> sa.Row[Any] | None:
    return connection.execute(statement, {"in_lso": lso_id, "wanted": wanted}).first()
