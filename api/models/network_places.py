"""RSPs, areas, LSOs and holidays, said and shown."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer, Day, Said
from api.models.network import EXAMPLE_ID, UNCHANGED, Code, Count, DatedChangeSaid, Name, Record, Remarks, Version
from cif_engine.network.places import Area, AreaKind, Holiday, Lso, Rsp

AreaKindSaid = Literal["province", "district", "tehsil", "union_council"]


class RspSaid(Said):
    """A Rural Support Programme."""

    code: Code
    name: Name

    example: ClassVar[dict[str, Any]] = {"code": "TRDP", "name": "Thardeep Rural Development Programme"}

    def value(self, new_id: str) -> Rsp:
        """Return it under a new id."""
        return Rsp(new_id, self.code, self.name)


class RspShown(Record):
    """A Rural Support Programme."""

    code: str
    name: str

    example: ClassVar[dict[str, Any]] = {"id": EXAMPLE_ID, **RspSaid.example, "version": 1}


class AreaSaid(Said):
    """An area of government, within the one of the kind above: province, district, tehsil, union council."""

    kind: AreaKindSaid
    code: Code = Field(description="Unique among areas of its kind.")
    name: Name
    parent: Code | None = Field(None, description="The code of the area of the kind above; a province has none.")

    example: ClassVar[dict[str, Any]] = {"kind": "tehsil", "code": "JOHI", "name": "Johi", "parent": "DADU"}

    def value(self, new_id: str) -> Area:
        """Return it under a new id."""
        return Area(new_id, AreaKind(self.kind), self.code, self.name, self.parent)


class AreaShown(Record):
    """An area of government."""

    kind: AreaKindSaid
    code: str
    name: str
    parent: str | None

    example: ClassVar[dict[str, Any]] = {"id": EXAMPLE_ID, **AreaSaid.example, "version": 1}


class LsoSaid(Said):
    """A Local Support Organisation with the facts of its profile, as stated; what is not known is left out."""

    code: Code
    name: Name
    rsp: Code
    district: Code
    tehsil: Code | None = None
    union_council: Code | None = None
    formed_on: Day | None = None
    households_total: Count | None = Field(None, description="Households of the union council.")
    households_organised: Count | None = Field(None, description="Households in its COs.")
    households_eligible: Count | None = None
    general_body_members: Count | None = None
    executive_committee_members: Count | None = None
    remarks: Remarks | None = None

    example: ClassVar[dict[str, Any]] = {
        "code": "DAS",
        "name": "LSO Dasori",
        "rsp": "TRDP",
        "district": "DADU",
        "tehsil": "JOHI",
        "union_council": "DRIGH",
        "formed_on": "2016-05-12",
        "households_total": 2100,
        "households_organised": 1640,
    }

    def value(self, new_id: str) -> Lso:
        """Return it under a new id."""
        return Lso(new_id, **self.model_dump())


class LsoChangeSaid(DatedChangeSaid):
    """Another place from a day on, or other facts of the profile.

    `effective_on` goes with the RSP, the areas and the eligible households: reports of days before it go by what held
    then.
    """

    name: Name = UNCHANGED
    rsp: Code = UNCHANGED
    district: Code = UNCHANGED
    tehsil: Code | None = UNCHANGED
    union_council: Code | None = UNCHANGED
    formed_on: Day | None = UNCHANGED
    households_total: Count | None = UNCHANGED
    households_organised: Count | None = UNCHANGED
    households_eligible: Count | None = UNCHANGED
    general_body_members: Count | None = UNCHANGED
    executive_committee_members: Count | None = UNCHANGED
    remarks: Remarks | None = UNCHANGED

    example: ClassVar[dict[str, Any]] = {
        "district": "JAMSHORO",
        "tehsil": None,
        "union_council": None,
        "effective_on": "2021-07-01",
        "remarks": "The district was divided.",
    }


class LsoShown(Record):
    """A Local Support Organisation with the facts of its profile; null is not known."""

    code: str
    name: str
    rsp: str
    district: str
    tehsil: str | None
    union_council: str | None
    formed_on: date | None
    households_total: int | None
    households_organised: int | None
    households_eligible: int | None
    general_body_members: int | None
    executive_committee_members: int | None
    remarks: str | None

    example: ClassVar[dict[str, Any]] = {
        "id": EXAMPLE_ID,
        **LsoSaid.example,
        "households_eligible": None,
        "general_body_members": None,
        "executive_committee_members": None,
        "remarks": None,
        "version": 1,
    }


class HolidaySaid(Said):
    """A day on which no instalment falls due."""

    on: Day
    name: Name

    example: ClassVar[dict[str, Any]] = {"on": "2026-03-20", "name": "Eid ul-Fitr"}

    def value(self) -> Holiday:
        """Return it; a holiday is known by its day."""
        return Holiday(self.on, self.name)


class HolidayShown(Answer):
    """A day on which no instalment falls due."""

    on: date
    name: str
    version: Version

    example: ClassVar[dict[str, Any]] = {**HolidaySaid.example, "version": 1}
