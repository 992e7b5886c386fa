"""Where each LSO was placed and whose each fund was, on a day, as known at a moment: what reports cut by (law 7).

Versions are only ever added. Of those recorded by the moment and begun by the day, the one with the latest day counts,
and of several of that day the one of the highest number. The first version counts for every day and at every moment: a
book may hold facts that were recorded before its LSO was added here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.dates import EARLIEST_DAY
from cif_engine.moments import END_OF_TIME
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.network_registers import Record
from cif_engine.persistence.tables import TABLES

PLACED_ON: Final = sa.bindparam("placed_on", type_=Day())
PLACED_BY: Final = sa.bindparam("placed_by", type_=WHOLE_NUMBER)
RSP_ID: Final[sa.BindParameter[str]] = sa.bindparam("rsp_id", type_=Id())
SINCE_EVER: Final = 0
"""The moment of first versions: what was known when nothing was recorded yet."""

book, area, rsp = TABLES["book"], TABLES["area"], TABLES["rsp"]
lso_placement, fund_version = TABLES["lso_placement"], TABLES["fund_version"]
tranche_rule = TABLES["tranche_rule"]


def placed(on: date, known_at: int | None) -> dict[str, Any]:
    """Return what `placements_on` and `fund_versions_on` bind: the day, and the moment (None: now)."""
    return {"placed_on": on, "placed_by": END_OF_TIME if known_at is None else known_at}


def placements_on(day: sa.ColumnElement[Any] = PLACED_ON) -> sa.Subquery:
    """Return a row per LSO: lso_id, rsp_id, district_id, tehsil_id, union_council_id, households_eligible."""
    return _in_force(PLACEMENTS, day).subquery("placement")


def fund_versions_on(day: sa.ColumnElement[Any] = PLACED_ON) -> sa.Subquery:
    """Return a row per fund: lso_id, fund_id, funder, programme, reserve_floor_minor."""
    return _in_force(FUND_VERSIONS, day).subquery("version_of_fund")


def placements_lasting() -> sa.Subquery:
    """Return the same for all days: each row from `valid_from` until the day before `until` (null: for good)."""
    return _lasting(PLACEMENTS).subquery("placement_lasted")


def fund_versions_lasting() -> sa.Subquery:
    """Return the same of funds."""
    return _lasting(FUND_VERSIONS).subquery("version_lasted")


def lasts_on(lasting: sa.FromClause, day: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a row of one of these holds on a day."""
    return sa.and_(lasting.c.valid_from <= day, sa.or_(lasting.c.until.is_(None), lasting.c.until > day))


def ever_under(lso_id: sa.ColumnElement[Any], rsp_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that an LSO was placed under an RSP on some day, as is known at whatever moment."""
    return lso_id.in_(sa.select(lso_placement.c.lso_id).where(lso_placement.c.rsp_id == rsp_id))


def reserve_floor_on(connection: sa.Connection, lso_id: str, fund_id: str, on: date, known_at: int | None) -> int:
    """Return the reserve of a fund on a day, as known at a moment (None: now), in minor units."""
    asked = {"of_lso": lso_id, "of_fund": fund_id, **placed(on, known_at)}
    return int(connection.execute(_RESERVE_FLOOR, asked).scalar_one())


def moments_of_versions() -> Iterator[sa.Select[Any]]:
    """Return lso_id and recorded_at of every version but first ones of placements and funds; of tranches' rules too."""
    for table in (lso_placement, fund_version):
        yield sa.select(table.c.lso_id, table.c.recorded_at).where(table.c.number > 1)
    yield sa.select(tranche_rule.c.lso_id, tranche_rule.c.recorded_at)


def last_moment() -> sa.ColumnElement[int]:
    """Return the last moment at which anything was recorded in a book or as a version of what is around it."""
    later = book.c.versions_recorded_at > book.c.head_recorded_at
    return sa.case((later, book.c.versions_recorded_at), else_=book.c.head_recorded_at)


# Adding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one kind of thing: their table, which columns say whose they are, and what they say.

    `records` are the rows with codes for what they refer to.
    """

    table: sa.Table
    owner: tuple[str, ...]
    says: tuple[str, ...]
    records: sa.Select[Any]

    def of(self, owner: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that find the versions of one owner."""
        return [self.table.c[name] == owner[name] for name in self.owner]


def versions_of(connection: sa.Connection, versions: Versions, owner: Mapping[str, Any]) -> list[Record]:
    """Return the versions of an LSO or a fund as they were recorded, with the codes of what they refer to."""
    question = versions.records.where(*versions.of(owner)).order_by(versions.table.c.number)
    return list(connection.execute(question).mappings())


def add_first_version(connection: sa.Connection, versions: Versions, row: Mapping[str, Any]) -> None:
    """Add the first version of an LSO or a fund, of whose columns `row` holds as many as there are."""
    own = {name: row.get(name) for name in (*versions.owner, *versions.says)}
    first = {"number": 1, "valid_from": EARLIEST_DAY, "recorded_at": SINCE_EVER, "actor": None}
    connection.execute(sa.insert(versions.table), {**own, **first})


def add_version(connection: sa.Connection, versions: Versions, row: Mapping[str, Any], at: int) -> None:
    """Add the next version, to be numbered by the one writer of the book of its LSO; `at` is the moment it is said.

    It is recorded later than anything in the book; a placement, which takes an LSO into and out of reports over other
    books, later than anything in any book.
    """
    of_book = book.c.lso_id == row["lso_id"]
    counted = sa.true() if versions is PLACEMENTS else of_book
    before: int = connection.execute(sa.select(sa.func.max(last_moment())).where(counted)).scalar_one()
    recorded_at = max(at, before + 1)
    connection.execute(sa.insert(versions.table), {**row, "recorded_at": recorded_at})
    connection.execute(sa.update(book).where(of_book).values(versions_recorded_at=recorded_at))


# How -----------------------------------------------------------------------------------------------------------


def _in_force(versions: Versions, day: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Return the version of each owner that counts; a look at the few versions of each is cheaper than sorting all."""
    table, other = versions.table, versions.table.alias("begun")
    last = (
        sa.select(other.c.number)
        .where(
            *(other.c[name] == table.c[name] for name in versions.owner),
            other.c.valid_from <= day,
            other.c.recorded_at <= PLACED_BY,
        )
        .order_by(other.c.valid_from.desc(), other.c.number.desc())
        .limit(1)
    )
    columns = (table.c[name] for name in (*versions.owner, *versions.says))
    return sa.select(*columns).where(table.c.number == last.scalar_subquery())


def _lasting(versions: Versions) -> sa.Select[Any]:
    """Return the known versions, each until the next begins, but those that were said again for the same day."""
    table, other = versions.table, versions.table.alias("other")
    others = (*(other.c[name] == table.c[name] for name in versions.owner), other.c.recorded_at <= PLACED_BY)
    said_again = sa.select(sa.literal(1)).where(
        *others, other.c.valid_from == table.c.valid_from, other.c.number > table.c.number
    )
    until = sa.select(sa.func.min(other.c.valid_from)).where(*others, other.c.valid_from > table.c.valid_from)
    columns = (table.c[name] for name in dict.fromkeys((*versions.owner, "valid_from", *versions.says)))
    return sa.select(*columns, until.scalar_subquery().label("until")).where(
        table.c.recorded_at <= PLACED_BY, ~said_again.exists()
    )


def _placed() -> sa.Select[Any]:
    areas = {name: area.alias(f"placed_{name}") for name in ("district", "tehsil", "union_council")}
    codes = [of.c.code.label(name) for name, of in areas.items()]
    joined = lso_placement.join(rsp, rsp.c.id == lso_placement.c.rsp_id)
    for name, of in areas.items():
        joined = joined.outerjoin(of, of.c.id == lso_placement.c[f"{name}_id"])
    return sa.select(lso_placement, rsp.c.code.label("rsp"), *codes).select_from(joined)


PLACEMENTS: Final = Versions(
    lso_placement,
    ("lso_id",),
    ("rsp_id", "district_id", "tehsil_id", "union_council_id", "households_eligible"),
    _placed(),
)
FUND_VERSIONS: Final = Versions(
    fund_version, ("lso_id", "fund_id"), ("funder", "programme", "reserve_floor_minor"), sa.select(fund_version)
)

_VERSION_OF_FUND: Final = fund_versions_on()
_RESERVE_FLOOR: Final = sa.select(_VERSION_OF_FUND.c.reserve_floor_minor).where(
    _VERSION_OF_FUND.c.lso_id == sa.bindparam("of_lso", type_=Id()),
    _VERSION_OF_FUND.c.fund_id == sa.bindparam("of_fund", type_=Id()),
)
