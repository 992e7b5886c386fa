"""Programmes, areas, LSOs and holidays: what all of the network shares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.errors import WrongKindError
from cif_engine.network.places import Area, AreaKind, Holiday, Lso, Rsp
from cif_engine.operations.dated import DatedKind, Saying, add_first, apply_dated_changes
from cif_engine.operations.network_records import (
    Columns,
    RecordKind,
    add_record,
    adding,
    change_record,
    create_record,
    id_of,
    known,
    own_columns,
    record_view,
    stale,
)
from cif_engine.operations.views import View
from cif_engine.persistence import network_registers as registers
from cif_engine.persistence.books import begin_book, book_sql
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import AREAS, HOLIDAYS, LSOS, RSPS, Record
from cif_engine.persistence.placements import PLACEMENTS


def create_rsp(databases: Databases, rsp: Rsp) -> View:
    """Add an RSP; raises `DuplicateCodeError`."""
    return create_record(databases, _RSP, rsp)


def change_rsp(databases: Databases, code: str, changes: Mapping[str, Any], version: int) -> View:
    """Change the name of an RSP; raises `NotFoundError` and `VersionMismatchError`."""
    return change_record(databases, _RSP, (code,), changes, version)


def create_area(databases: Databases, area: Area) -> View:
    """Add an area within the one of the kind above; raises `DuplicateCodeError` and `NotFoundError` (`/parent`)."""
    return create_record(databases, _AREA, area)


def change_area(databases: Databases, kind: AreaKind, code: str, changes: Mapping[str, Any], version: int) -> View:
    """Change the name of an area; raises `NotFoundError` and `VersionMismatchError`."""
    return change_record(databases, _AREA, (kind.value, code), changes, version)


def create_lso(databases: Databases, lso: Lso) -> View:
    """Add an LSO and begin its book.

    Raises `DuplicateCodeError`, `NotFoundError` (`/rsp`, `/district`, `/tehsil`, `/union_council`), and
    `WrongKindError` for a tehsil of another district or a union council of another tehsil.
    """
    with adding(databases, _LSO, lso, None) as connection:
        record = add_record(connection, _LSO, lso, None)
        add_first(connection, _PLACED_LSO, record)
        begin_book(connection, lso.id)
        return record_view(record)


def change_lso(databases: Databases, code: str, changes: Mapping[str, Any], version: int, saying: Saying) -> View:
    """Change the RSP, the areas or the eligible households of an LSO from a day on, or its name and its profile.

    Raises as `create_lso`, `VersionMismatchError`, `DateInFutureError`, and `FieldMissingError` for a day without any
    of those.
    """
    with databases.writing() as connection:
        book_sql(databases.dialect).lock(connection, known(connection, LSOS, (code,))["id"])
        return record_view(apply_dated_changes(connection, _PLACED_LSO, (code,), changes, version, saying)[1])


def create_holiday(databases: Databases, holiday: Holiday) -> View:
    """Add a holiday, for schedules made from now on; raises `DuplicateCodeError` for a day that is one already."""
    return create_record(databases, _HOLIDAY, holiday)


def change_holiday(databases: Databases, on: date, changes: Mapping[str, Any], version: int) -> View:
    """Change the name of a holiday; raises `NotFoundError` and `VersionMismatchError`."""
    return change_record(databases, _HOLIDAY, (on,), changes, version)


def remove_holiday(databases: Databases, on: date, version: int) -> None:
    """Remove a holiday that was announced for another day after all; schedules already made keep their days.

    Raises `NotFoundError` and `VersionMismatchError`.
    """
    with databases.writing() as connection:
        record = known(connection, HOLIDAYS, (on,))
        if not registers.remove(connection, HOLIDAYS, (on,), version):
            raise stale(HOLIDAYS, (on,), record["version"])


# What they refer to --------------------------------------------------------------------------------------------


def _area_columns(connection: sa.Connection, _: str | None, area: Area) -> Columns:
    columns = own_columns(area, "parent")
    above = area.kind.within
    if above is None:
        return {**columns, "parent_id": None}
    return {**columns, "parent_id": id_of(connection, AREAS, (above.value, area.parent), None, "/parent")}


def _lso_columns(connection: sa.Connection, _: str | None, lso: Lso) -> Columns:
    district = known(connection, AREAS, (AreaKind.DISTRICT.value, lso.district), None, "/district")
    tehsil = _area_within(connection, AreaKind.TEHSIL, lso.tehsil, district)
    union_council = _area_within(connection, AreaKind.UNION_COUNCIL, lso.union_council, tehsil)
    return {
        **own_columns(lso, "rsp", "district", "tehsil", "union_council"),
        "rsp_id": id_of(connection, RSPS, (lso.rsp,), None, "/rsp"),
        "district_id": district["id"],
        "tehsil_id": tehsil and tehsil["id"],
        "union_council_id": union_council and union_council["id"],
    }


def _area_within(connection: sa.Connection, kind: AreaKind, code: str | None, around: Record | None) -> Record | None:
    if code is None or around is None:
        return None
    area = known(connection, AREAS, (kind.value, code), None, f"/{kind.value}")
    if area["parent_id"] != around["id"]:
        raise WrongKindError(f"{code} lies within {area['parent']}, not {around['code']}.", pointer=f"/{kind.value}")
    return area


_RSP: Final = RecordKind(RSPS, Rsp, lambda _connection, _lso_id, rsp: own_columns(rsp), {})
_AREA: Final = RecordKind(AREAS, Area, _area_columns, {"kind": AreaKind})
_LSO: Final = RecordKind(LSOS, Lso, _lso_columns, {})
_PLACED_LSO: Final = DatedKind(
    _LSO, PLACEMENTS, ("rsp", "district", "tehsil", "union_council", "households_eligible"), "lso_id"
)
_HOLIDAY: Final = RecordKind(HOLIDAYS, Holiday, lambda _connection, _lso_id, holiday: own_columns(holiday), {})
