"""Where the network works: programmes, areas, the organisations of a union council, days without work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cif_engine.errors import FieldMissingError, WrongKindError
from cif_engine.network.checks import check_code, check_count, check_name, check_remarks


class AreaKind(StrEnum):
    """The four levels of government that the network follows."""

    PROVINCE = "province"
    DISTRICT = "district"
    TEHSIL = "tehsil"
    UNION_COUNCIL = "union_council"

    @property
    def within(self) -> AreaKind | None:
        """The kind that it is a part of; a province is a part of none."""
        return {"district": AreaKind.PROVINCE, "tehsil": AreaKind.DISTRICT, "union_council": AreaKind.TEHSIL}.get(self)


@dataclass(frozen=True, slots=True)
class Rsp:
    """A Rural Support Programme."""

    id: str
    code: str
    name: str

    def __post_init__(self) -> None:
        check_code(self.code)
        object.__setattr__(self, "name", check_name(self.name))


@dataclass(frozen=True, slots=True)
class Area:
    """A province, or an area within the one of the kind above whose code is `parent`."""

    id: str
    kind: AreaKind
    code: str
    name: str
    parent: str | None = None

    def __post_init__(self) -> None:
        check_code(self.code)
        object.__setattr__(self, "name", check_name(self.name))
        above = self.kind.within
        if above is None and self.parent is not None:
            raise WrongKindError("A province lies within no other area.", pointer="/parent")
        if above is not None and self.parent is None:
            raise FieldMissingError(f"A {self.kind} lies within a {above}.", pointer="/parent")


@dataclass(frozen=True, slots=True)
class Lso:
    """A Local Support Organisation with the facts of its profile, as stated; areas and the RSP by their codes."""

    id: str
    code: str
    name: str
    rsp: str
    district: str
    tehsil: str | None = None
    union_council: str | None = None
    formed_on: date | None = None
    households_total: int | None = None
    households_organised: int | None = None
    households_eligible: int | None = None
    general_body_members: int | None = None
    executive_committee_members: int | None = None
    remarks: str | None = None

    def __post_init__(self) -> None:
        check_code(self.code)
        object.__setattr__(self, "name", check_name(self.name))
        check_remarks(self.remarks)
        if self.union_council is not None and self.tehsil is None:
            raise FieldMissingError("A union council lies within a tehsil.", pointer="/tehsil")
        for field in (
            "households_total",
            "households_organised",
            "households_eligible",
            "general_body_members",
            "executive_committee_members",
        ):
            check_count(getattr(self, field), f"/{field}")


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which no instalment falls due."""

    on: date
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_name(self.name))
