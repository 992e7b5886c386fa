"""What the profile of an LSO says besides its figures: where it belongs, what its registers say of it, its funds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.persistence.columns import Id
from cif_engine.persistence.placements import fund_versions_on, placed, placements_on
from cif_engine.persistence.tables import TABLES

area, fund, institution, lso, member, rsp = (
    TABLES[name] for name in ("area", "fund", "institution", "lso", "member", "rsp")
)

_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())


@dataclass(frozen=True, slots=True)
class Coded:
    """Something that has a code and a name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an LSO belonged on a day, as it was known; the names are those of today."""

    rsp: Coded
    district: Coded
    tehsil: Coded | None
    union_council: Coded | None
    households_eligible: int | None


@dataclass(frozen=True, slots=True)
class Registers:
    """What the registers of an LSO say today."""

    code: str
    name: str
    formed_on: date | None
    households_total: int | None
    households_organised: int | None
    general_body_members: int | None
    executive_committee_members: int | None
    village_organisations: int
    community_organisations: int
    members: int


@dataclass(frozen=True, slots=True)
class FundNamed:
    """A fund; funder and programme are those of the day, as they were known. `holder` is null where it is the LSO."""

    id: str
    code: str
    name: str
    funder: str
    programme: str
    holder: str | None


def place_on(connection: sa.Connection, lso_id: str, on: date, known_at: int | None) -> Place:
    """Return where an LSO belonged on a day, as known at a moment (None: now)."""
    row = connection.execute(_PLACE, {"in_lso": lso_id, **placed(on, known_at)}).one()
    rsp_coded, district, tehsil, union_council = (_coded(*row[at : at + 2]) for at in range(0, 8, 2))
    assert rsp_coded is not None, "every LSO is under an RSP"
    assert district is not None, "every LSO is in a district"
    return Place(rsp_coded, district, tehsil, union_council, row.households_eligible)


def registers_of(connection: sa.Connection, lso_id: str) -> Registers:
    """Return what the registers of an LSO say today."""
    return Registers(*tuple(connection.execute(_REGISTERS, {"in_lso": lso_id}).one()))


def funds_on(connection: sa.Connection, lso_id: str, on: date, known_at: int | None) -> list[FundNamed]:
    """Return the funds of an LSO by their codes, as they were on a day and as known at a moment (None: now)."""
    rows = connection.execute(_FUNDS, {"in_lso": lso_id, **placed(on, known_at)})
    return [FundNamed(*tuple(row)) for row in rows]


def _coded(code: str | None, name: str | None) -> Coded | None:
    return None if code is None or name is None else Coded(code, name)


# Statements, built once ----------------------------------------------------------------------------------------


def _place() -> sa.Select[Any]:
    placement = placements_on()
    areas = [area.alias(f"profile_{kind}") for kind in ("district", "tehsil", "union_council")]
    named: list[sa.FromClause] = [rsp, *areas]
    columns = [of.c[name].label(f"{name}_{at}") for at, of in enumerate(named) for name in ("code", "name")]
    joined = placement.join(rsp, rsp.c.id == placement.c.rsp_id)
    for kind, of in zip(("district", "tehsil", "union_council"), areas, strict=True):
        joined = joined.outerjoin(of, of.c.id == placement.c[f"{kind}_id"])
    return sa.select(*columns, placement.c.households_eligible).select_from(joined).where(placement.c.lso_id == _LSO_ID)


def _registers() -> sa.Select[Any]:
    def counted(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(table).where(table.c.lso_id == _LSO_ID, *where).scalar_subquery()

    said = [lso.c[name] for name in Registers.__dataclass_fields__ if name in lso.c]
    return sa.select(
        *said,
        counted(institution, institution.c.kind == "vo"),
        counted(institution, institution.c.kind == "co"),
        counted(member),
    ).where(lso.c.id == _LSO_ID)


def _funds() -> sa.Select[Any]:
    version, holder = fund_versions_on(), institution.alias("holder_of_fund")
    of_fund = sa.and_(version.c.lso_id == fund.c.lso_id, version.c.fund_id == fund.c.id)
    of_holder = sa.and_(holder.c.lso_id == fund.c.lso_id, holder.c.id == fund.c.holder_id)
    return (
        sa.select(fund.c.id, fund.c.code, fund.c.name, version.c.funder, version.c.programme, holder.c.name)
        .select_from(fund.join(version, of_fund).outerjoin(holder, of_holder))
        .where(fund.c.lso_id == _LSO_ID)
        .order_by(fund.c.code)
    )


_PLACE: Final = _place()
_REGISTERS: Final = _registers()
_FUNDS: Final = _funds()
