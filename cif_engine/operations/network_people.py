"""The institutions, households and members of one LSO."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from cif_engine.errors import DuplicateCodeError, NotFoundError
from cif_engine.network.people import (
    Gender,
    Household,
    Institution,
    InstitutionKind,
    Member,
    Neighbour,
    warnings_about,
)
from cif_engine.operations.network_records import (
    Columns,
    RecordKind,
    add_record,
    adding,
    apply_changes,
    change_record,
    create_record,
    id_of,
    own_columns,
    record_view,
)
from cif_engine.operations.views import View
from cif_engine.persistence import network_registers as registers
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import HOUSEHOLDS, INSTITUTIONS, MEMBERS, Key, Record

Organised = TypeVar("Organised", Institution, Household, Member)


def create_institution(databases: Databases, lso_id: str, institution: Institution) -> View:
    """Add a VO, or a CO within one; raises `DuplicateCodeError` and `NotFoundError` (`/vo`)."""
    return create_record(databases, _INSTITUTION, institution, lso_id)


def change_institution(
    databases: Databases, lso_id: str, kind: InstitutionKind, code: str, changes: Mapping[str, Any], version: int
) -> View:
    """Change an institution; raises `NotFoundError` and `VersionMismatchError`."""
    return change_record(databases, _INSTITUTION, (kind.value, code), changes, version, lso_id)


def create_household(databases: Databases, lso_id: str, household: Household) -> View:
    """Add a household; raises `DuplicateCodeError`."""
    return create_record(databases, _HOUSEHOLD, household, lso_id)


def change_household(databases: Databases, lso_id: str, code: str, changes: Mapping[str, Any], version: int) -> View:
    """Change a household; loans keep the score they were made under.

    Raises `NotFoundError` and `VersionMismatchError`.
    """
    return change_record(databases, _HOUSEHOLD, (code,), changes, version, lso_id)


def create_member(databases: Databases, lso_id: str, member: Member) -> View:
    """Add a member and return her with `warnings`: what deserves a second look is recorded all the same.

    Raises `DuplicateCodeError` and `NotFoundError` (`/household`, `/co`).
    """
    with adding(databases, _MEMBER, member, lso_id) as connection:
        record = add_record(connection, _MEMBER, member, lso_id)
        return _with_warnings(connection, lso_id, member, record)


def change_member(databases: Databases, lso_id: str, code: str, changes: Mapping[str, Any], version: int) -> View:
    """Change a member and return her with `warnings`; loans keep the CO they were made under.

    Raises `NotFoundError` and `VersionMismatchError`.
    """
    with databases.writing(lso_id) as connection:
        member, record = apply_changes(connection, _MEMBER, (code,), changes, version, lso_id)
        return _with_warnings(connection, lso_id, member, record)


def create_people(
    connection: sa.Connection,
    lso_id: str,
    institutions: Iterable[Institution],
    households: Iterable[Household],
    members: Iterable[Member],
) -> None:
    """Add many people at once, and what they are organised in; they may refer to each other and to who is known.

    Raises `DuplicateCodeError` and `NotFoundError`, and gives no warnings.
    """
    organised = sorted(institutions, key=lambda institution: institution.kind is InstitutionKind.CO)
    institution_ids = _ids_with(connection, lso_id, _INSTITUTION, organised)
    registers.add(
        connection,
        INSTITUTIONS,
        [
            {
                **_own(lso_id, institution, "vo"),
                "vo_id": institution.vo and _known_id(institution_ids, "vo", institution.vo),
            }
            for institution in organised
        ],
    )
    housed = list(households)
    household_ids = _ids_with(connection, lso_id, _HOUSEHOLD, housed)
    registers.add(connection, HOUSEHOLDS, [_own(lso_id, household) for household in housed])
    people = list(members)
    _ids_with(connection, lso_id, _MEMBER, people)
    registers.add(
        connection,
        MEMBERS,
        [
            {
                **_own(lso_id, member, "household", "co"),
                "household_id": _known_id(household_ids, member.household),
                "co_id": _known_id(institution_ids, "co", member.co),
            }
            for member in people
        ],
    )


def _ids_with(
    connection: sa.Connection, lso_id: str, kind: RecordKind[Organised], new: Sequence[Organised]
) -> dict[Key, str]:
    """Return the ids of those known by now and of the new ones; raises `DuplicateCodeError`."""
    ids = registers.ids_by_key(connection, kind.register, lso_id)
    for value in new:
        key = kind.key_of(value)
        if key in ids:
            written = " ".join(key)
            raise DuplicateCodeError(f"{kind.register.noun} {written} exists already.", existing=written)
        ids[key] = value.id
    return ids


def _known_id(ids: Mapping[Key, str], *key: str) -> str:
    if key not in ids:
        raise NotFoundError(f"{' '.join(key)} is not known here.")
    return ids[key]


def _own(lso_id: str, value: object, *references: str) -> Columns:
    return {"lso_id": lso_id, **own_columns(value, *references)}


def _with_warnings(connection: sa.Connection, lso_id: str, member: Member, record: Record) -> View:
    neighbours = [
        Neighbour(row["code"], row["household"], row["co"], row["name"], row["cnic"])
        for row in registers.alike(connection, lso_id, member.cnic, member.household, member.co)
    ]
    return {**record_view(record), "warnings": [warning.as_view() for warning in warnings_about(member, neighbours)]}


# What they refer to --------------------------------------------------------------------------------------------


def _institution_columns(connection: sa.Connection, lso_id: str | None, institution: Institution) -> Columns:
    columns = own_columns(institution, "vo")
    if institution.vo is None:
        return {**columns, "vo_id": None}
    vo = (InstitutionKind.VO.value, institution.vo)
    return {**columns, "vo_id": id_of(connection, INSTITUTIONS, vo, lso_id, "/vo")}


def _member_columns(connection: sa.Connection, lso_id: str | None, member: Member) -> Columns:
    co = (InstitutionKind.CO.value, member.co)
    return {
        **own_columns(member, "household", "co"),
        "household_id": id_of(connection, HOUSEHOLDS, (member.household,), lso_id, "/household"),
        "co_id": id_of(connection, INSTITUTIONS, co, lso_id, "/co"),
    }


_INSTITUTION: Final = RecordKind(INSTITUTIONS, Institution, _institution_columns, {"kind": InstitutionKind})
_HOUSEHOLD: Final = RecordKind(
    HOUSEHOLDS, Household, lambda _connection, _lso_id, household: own_columns(household), {}
)
_MEMBER: Final = RecordKind(MEMBERS, Member, _member_columns, {"gender": Gender})
