"""The registers of master data: one per kind of thing, all read, added to and changed in the same way.

A record is a row of the register's table, together with the codes of what it refers to: `district`, `vo`, `household`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.money import PKR
from cif_engine.persistence.tables import TABLES

Record = sa.RowMapping
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """One kind of master data: what people call one of them, and the columns by which they know it."""

    noun: str
    table: sa.Table
    key: tuple[str, ...]
    records: sa.Select[Any]

    @property
    def of_one_lso(self) -> bool:
        """Whether every LSO has a register of its own."""
        return "lso_id" in self.table.c

    def within(self, lso_id: str | None) -> sa.ColumnElement[bool]:
        """Return the condition that keeps a statement within the LSO whose register it is."""
        return self.table.c.lso_id == lso_id if self.of_one_lso else sa.true()

    def known_by(self, key: Key) -> sa.ColumnElement[bool]:
        """Return the condition that finds the one of this key."""
        return sa.and_(*(self.table.c[name] == value for name, value in zip(self.key, key, strict=True)))


# Reading -------------------------------------------------------------------------------------------------------


def find(connection: sa.Connection, register: Register, key: Key, lso_id: str | None = None) -> Record | None:
    """Return the record of this key, None where there is none."""
    statement = register.records.where(register.within(lso_id), register.known_by(key))
    return connection.execute(statement).mappings().first()


def every(
    connection: sa.Connection, register: Register, lso_id: str | None, filters: Mapping[str, Any] | None = None
) -> Sequence[Record]:
    """Return all records that `page` would return page by page."""
    return page(connection, register, lso_id, filters or {}, None, None)


def page(
    connection: sa.Connection,
    register: Register,
    lso_id: str | None,
    filters: Mapping[str, Any],
    after: Key | None,
    limit: int | None,
) -> Sequence[Record]:
    """Return up to `limit` records in the order of their keys, from the first key after `after`.

    `filters` name columns of the record; codes of what it refers to are among them.
    """
    keys = [register.table.c[name] for name in register.key]
    column = register.records.selected_columns
    statement = register.records.where(
        register.within(lso_id), *(column[name] == value for name, value in filters.items())
    )
    if after is not None:
        statement = statement.where(sa.tuple_(*keys) > sa.tuple_(*after, types=[key.type for key in keys]))
    return connection.execute(statement.order_by(*keys).limit(limit)).mappings().all()


def ids_by_key(connection: sa.Connection, register: Register, lso_id: str) -> dict[Key, str]:
    """Return the ids of all records of an LSO by their keys."""
    table = register.table
    rows = connection.execute(
        sa.select(table.c.id, *(table.c[name] for name in register.key)).where(register.within(lso_id))
    )
    return {tuple(key): record_id for record_id, *key in rows}


def next_number(connection: sa.Connection, lso_id: str) -> int:
    """Return the number of the next custodian of an LSO, to be asked by the one writer of its book."""
    highest = sa.select(sa.func.max(custodian.c.number)).where(custodian.c.lso_id == lso_id)
    return int(connection.execute(highest).scalar() or 0) + 1


def alike(connection: sa.Connection, lso_id: str, cnic: str | None, household: str, co: str) -> Sequence[Record]:
    """Return the members who share this CNIC, or the household or CO of this code."""
    column = MEMBERS.records.selected_columns
    same = [column["household"] == household, column["co"] == co]
    if cnic is not None:
        same.append(column["cnic"] == cnic)
    return connection.execute(MEMBERS.records.where(MEMBERS.within(lso_id), sa.or_(*same))).mappings().all()


# Adding and changing -------------------------------------------------------------------------------------------


def add(connection: sa.Connection, register: Register, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add records, each at its first version."""
    first = [{**row, "version": 1} for row in rows]
    if first:
        connection.execute(sa.insert(register.table), first)


def change(
    connection: sa.Connection,
    register: Register,
    key: Key,
    lso_id: str | None,
    values: Mapping[str, Any],
    version: int,
) -> bool:
    """Change the record of this key and raise its version; False when it is not at `version` any more."""
    table = register.table
    this = (register.within(lso_id), register.known_by(key), table.c.version == version)
    new = {name: value for name, value in values.items() if name != "id" and name not in register.key}
    changed = connection.execute(sa.update(table).where(*this).values(**new, version=version + 1))
    return changed.rowcount == 1


def remove(connection: sa.Connection, register: Register, key: Key, version: int) -> bool:
    """Remove the record of this key; False when it is not at `version` any more."""
    this = (register.known_by(key), register.table.c.version == version)
    return connection.execute(sa.delete(register.table).where(*this)).rowcount == 1


def rename_accounts(connection: sa.Connection, lso_id: str, names: Mapping[str, str]) -> None:
    """Give accounts, by their codes, other names."""
    account = TABLES["account"]
    for code, name in names.items():
        connection.execute(
            sa.update(account).where(account.c.lso_id == lso_id, account.c.code == code).values(name=name)
        )


def terms_of_products(connection: sa.Connection, lso_id: str, product_ids: Iterable[str]) -> dict[str, list[Record]]:
    """Return the versions of these products, by product and in the order in which they were recorded."""
    versions: dict[str, list[Record]] = {product_id: [] for product_id in product_ids}
    statement = (
        sa.select(product_terms)
        .where(product_terms.c.lso_id == lso_id, product_terms.c.product_id.in_(versions))
        .order_by(product_terms.c.number)
    )
    for row in connection.execute(statement).mappings():
        versions[row["product_id"]].append(row)
    return versions


def add_product_terms(
    connection: sa.Connection, lso_id: str, product_id: str, number: int, version: Mapping[str, Any]
) -> None:
    """Add the next version of a product, to be numbered by the one writer of its book."""
    row = {"lso_id": lso_id, "product_id": product_id, "number": number, **version}
    connection.execute(sa.insert(product_terms), row)


# The registers -------------------------------------------------------------------------------------------------

rsp, area, lso, holiday, institution, household, member, custodian, fund, product, product_terms = (
    TABLES[name]
    for name in (
        "rsp",
        "area",
        "lso",
        "holiday",
        "institution",
        "household",
        "member",
        "custodian",
        "fund",
        "product",
        "product_terms",
    )
)
_parent, _district, _tehsil, _union_council = (
    area.alias(name) for name in ("parent", "district", "tehsil", "union_council")
)
_vo, _co, _holder = (institution.alias(name) for name in ("its_vo", "its_co", "its_holder"))


def _of_same_lso(table: sa.FromClause, other: sa.FromClause, column: str) -> sa.ColumnElement[bool]:
    return sa.and_(other.c.lso_id == table.c.lso_id, other.c.id == table.c[column])


RSPS: Final = Register("RSP", rsp, ("code",), sa.select(rsp))
AREAS: Final = Register(
    "Area",
    area,
    ("kind", "code"),
    sa.select(area, _parent.c.code.label("parent")).outerjoin(_parent, _parent.c.id == area.c.parent_id),
)
LSOS: Final = Register(
    "LSO",
    lso,
    ("code",),
    sa.select(
        lso,
        rsp.c.code.label("rsp"),
        _district.c.code.label("district"),
        _tehsil.c.code.label("tehsil"),
        _union_council.c.code.label("union_council"),
    )
    .join(rsp, rsp.c.id == lso.c.rsp_id)
    .join(_district, _district.c.id == lso.c.district_id)
    .outerjoin(_tehsil, _tehsil.c.id == lso.c.tehsil_id)
    .outerjoin(_union_council, _union_council.c.id == lso.c.union_council_id),
)
HOLIDAYS: Final = Register("Holiday", holiday, ("on",), sa.select(holiday))
INSTITUTIONS: Final = Register(
    "Institution",
    institution,
    ("kind", "code"),
    sa.select(institution, _vo.c.code.label("vo")).outerjoin(_vo, _of_same_lso(institution, _vo, "vo_id")),
)
HOUSEHOLDS: Final = Register("Household", household, ("code",), sa.select(household))
MEMBERS: Final = Register(
    "Member",
    member,
    ("code",),
    sa.select(member, household.c.code.label("household"), _co.c.code.label("co"), _vo.c.code.label("vo"))
    .join(household, _of_same_lso(member, household, "household_id"))
    .join(_co, _of_same_lso(member, _co, "co_id"))
    .join(_vo, _of_same_lso(_co, _vo, "vo_id")),
)
CUSTODIANS: Final = Register("Custodian", custodian, ("number",), sa.select(custodian))
FUNDS: Final = Register(
    "Fund",
    fund,
    ("code",),
    sa.select(fund, _holder.c.code.label("holder"), sa.literal(PKR.code).label("currency")).outerjoin(
        _holder, _of_same_lso(fund, _holder, "holder_id")
    ),
)
PRODUCTS: Final = Register(
    "Product",
    product,
    ("code",),
    sa.select(product, fund.c.code.label("fund")).join(fund, _of_same_lso(product, fund, "fund_id")),
)
