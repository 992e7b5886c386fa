"""The people of one LSO and what they are organised in, and what about a member deserves a second look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from cif_engine.errors import FieldMissingError, WrongKindError
from cif_engine.network.checks import (
    HIGHEST_POVERTY_SCORE,
    check_cnic,
    check_code,
    check_count,
    check_name,
    name_key,
)


class InstitutionKind(StrEnum):
    """Village Organisations federate Community Organisations."""

    VO = "vo"
    CO = "co"


class Gender(StrEnum):
    """As recorded in the register of the CO."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class Institution:
    """A Village Organisation, or a Community Organisation within the one whose code is `vo`."""

    id: str
    kind: InstitutionKind
    code: str
    name: str
    vo: str | None = None
    formed_on: date | None = None

    def __post_init__(self) -> None:
        check_code(self.code)
        object.__setattr__(self, "name", check_name(self.name))
        if self.kind is InstitutionKind.VO and self.vo is not None:
            raise WrongKindError("A Village Organisation lies within no other one.", pointer="/vo")
        if self.kind is InstitutionKind.CO and self.vo is None:
            raise FieldMissingError("A Community Organisation lies within a Village Organisation.", pointer="/vo")


@dataclass(frozen=True, slots=True)
class Household:
    """A household with its poverty score, 0 (poorest) to 100; None: it was not scored."""

    id: str
    code: str
    head_name: str
    settlement: str | None = None
    poverty_score: int | None = None
    eligible: bool = True

    def __post_init__(self) -> None:
        check_code(self.code)
        object.__setattr__(self, "head_name", check_name(self.head_name, "/head_name"))
        if self.settlement is not None:
            object.__setattr__(self, "settlement", check_name(self.settlement, "/settlement"))
        check_count(self.poverty_score, "/poverty_score", most=HIGHEST_POVERTY_SCORE)


@dataclass(frozen=True, slots=True)
class Member:
    """A woman or man of a household who belongs to a CO, both by their codes. Many have no identity number."""

    id: str
    code: str
    household: str
    co: str
    name: str
    gender: Gender
    relation_name: str | None = None
    cnic: str | None = None
    joined_on: date | None = None

    def __post_init__(self) -> None:
        check_code(self.code)
        check_cnic(self.cnic)
        object.__setattr__(self, "name", check_name(self.name))
        if self.relation_name is not None:
            object.__setattr__(self, "relation_name", check_name(self.relation_name, "/relation_name"))


# What deserves a second look -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another member of the LSO who may be the same person."""

    code: str
    household: str
    co: str
    name: str
    cnic: str | None


@dataclass(frozen=True, slots=True)
class MemberWarning:
    """Something that is recorded as stated, and deserves a second look. `members` are the codes of those alike."""

    code: str
    pointer: str
    detail: str
    members: tuple[str, ...] = ()

    def as_view(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"code": self.code, "pointer": self.pointer, "detail": self.detail, "members": list(self.members)}


_CNIC_SAYS: Final = {1: Gender.MALE, 0: Gender.FEMALE}


def warnings_about(member: Member, neighbours: Iterable[Neighbour]) -> tuple[MemberWarning, ...]:
    """Return what about a member deserves a second look, given those who share her CNIC, household or CO."""
    others = sorted((other for other in neighbours if other.code != member.code), key=lambda other: other.code)
    return tuple(_cnic_warnings(member, others)) + tuple(_name_warnings(member, others))


def _cnic_warnings(member: Member, others: list[Neighbour]) -> Iterator[MemberWarning]:
    if member.cnic is None:
        return
    said = _CNIC_SAYS[int(member.cnic[-1]) % 2]
    if said is not member.gender:
        yield MemberWarning(
            "cnic_parity", "/cnic", f"The last digit of the CNIC is usual for {said}, not {member.gender}."
        )
    if same := tuple(other.code for other in others if other.cnic == member.cnic):
        yield MemberWarning("cnic_duplicate", "/cnic", "Other members have the same CNIC.", same)


def _name_warnings(member: Member, others: list[Neighbour]) -> Iterator[MemberWarning]:
    key = name_key(member.name)
    alike = [other for other in others if name_key(other.name) == key]
    if same := tuple(other.code for other in alike if other.household == member.household):
        yield MemberWarning("name_duplicate_in_household", "/name", "Others of the household have the same name.", same)
    if same := tuple(other.code for other in alike if other.co == member.co):
        yield MemberWarning("name_duplicate_in_co", "/name", "Other members of the CO have the same name.", same)
