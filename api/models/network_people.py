"""VOs and COs, households and members, said and shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from api.fields import Answer, Day, Said
from api.models.network import EXAMPLE_ID, UNCHANGED, ChangeSaid, Code, Name, PovertyScore, Record, checked
from cif_engine.network.checks import CNIC_PATTERN, check_cnic
from cif_engine.network.people import Gender, Household, Institution, InstitutionKind, Member

InstitutionKindSaid = Literal["vo", "co"]
GenderSaid = Literal["female", "male"]
Cnic = Annotated[str, checked(check_cnic), WithJsonSchema({"type": "string", "pattern": f"^{CNIC_PATTERN}$"})]


class InstitutionSaid(Said):
    """A Village Organisation, or a Community Organisation within one."""

    kind: InstitutionKindSaid
    code: Code = Field(description="Unique among institutions of its kind in the LSO.")
    name: Name
    vo: Code | None = Field(None, description="The code of the VO that a CO lies within; a VO has none.")
    formed_on: Day | None = None

    example: ClassVar[dict[str, Any]] = {
        "kind": "co",
        "code": "CO-014",
        "name": "CO Goth Dasori",
        "vo": "VO-03",
        "formed_on": "2016-08-02",
    }

    def value(self, new_id: str) -> Institution:
        """Return it under a new id."""
        return Institution(new_id, InstitutionKind(self.kind), self.code, self.name, self.vo, self.formed_on)


class InstitutionChangeSaid(ChangeSaid):
    """Other facts. A CO may move to another VO; loans keep the one they were made under."""

    name: Name = UNCHANGED
    vo: Code | None = UNCHANGED
    formed_on: Day | None = UNCHANGED

    example: ClassVar[dict[str, Any]] = {"vo": "VO-04"}


class InstitutionShown(Record):
    """A Village Organisation, or a Community Organisation within one."""

    kind: InstitutionKindSaid
    code: str
    name: str
    vo: str | None
    formed_on: date | None

    example: ClassVar[dict[str, Any]] = {"id": EXAMPLE_ID, **InstitutionSaid.example, "version": 1}


class HouseholdSaid(Said):
    """A household with its poverty score, 0 (poorest) to 100; left out when it was not scored."""

    code: Code
    head_name: Name
    settlement: Name | None = None
    poverty_score: PovertyScore | None = None
    eligible: bool = True

    example: ClassVar[dict[str, Any]] = {
        "code": "HH-0327",
        "head_name": "Allah Dino",
        "settlement": "Goth Dasori",
        "poverty_score": 11,
        "eligible": True,
    }

    def value(self, new_id: str) -> Household:
        """Return it under a new id."""
        return Household(new_id, **self.model_dump())


class HouseholdChangeSaid(ChangeSaid):
    """Other facts. Loans keep the poverty score they were made under."""

    head_name: Name = UNCHANGED
    settlement: Name | None = UNCHANGED
    poverty_score: PovertyScore | None = UNCHANGED
    eligible: bool = UNCHANGED

    example: ClassVar[dict[str, Any]] = {"poverty_score": 19}


class HouseholdShown(Record):
    """A household."""

    code: str
    head_name: str
    settlement: str | None
    poverty_score: int | None
    eligible: bool

    example: ClassVar[dict[str, Any]] = {"id": EXAMPLE_ID, **HouseholdSaid.example, "version": 1}


class MemberSaid(Said):
    """A woman or man of a household who belongs to a CO."""

    code: Code
    household: Code
    co: Code
    name: Name = Field(description="In any script.")
    gender: GenderSaid
    relation_name: Name | None = Field(None, description="Of her husband or father.")
    cnic: Cnic | None = Field(None, description="Many members have none.")
    joined_on: Day | None = None

    example: ClassVar[dict[str, Any]] = {
        "code": "M-0412",
        "household": "HH-0327",
        "co": "CO-014",
        "name": "زينب",
        "gender": "female",
        "relation_name": "Allah Dino",
        "cnic": "41201-1234567-8",
        "joined_on": "2016-08-02",
    }

    def value(self, new_id: str) -> Member:
        """Return her under a new id."""
        return Member(new_id, **{**self.model_dump(), "gender": Gender(self.gender)})


class MemberChangeSaid(ChangeSaid):
    """Other facts. A member may move to another household or CO; loans keep those they were made under."""

    household: Code = UNCHANGED
    co: Code = UNCHANGED
    name: Name = UNCHANGED
    gender: GenderSaid = UNCHANGED
    relation_name: Name | None = UNCHANGED
    cnic: Cnic | None = UNCHANGED
    joined_on: Day | None = UNCHANGED

    example: ClassVar[dict[str, Any]] = {"cnic": "41201-1234567-8"}

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were sent, by the names and types of the engine."""
        changes = dict(super().changes)
        if "gender" in changes:
            changes["gender"] = Gender(self.gender)
        return changes


class MemberShown(Record):
    """A member; `vo` is that of her CO."""

    code: str
    household: str
    co: str
    vo: str
    name: str
    gender: GenderSaid
    relation_name: str | None
    cnic: str | None
    joined_on: date | None

    example: ClassVar[dict[str, Any]] = {"id": EXAMPLE_ID, **MemberSaid.example, "vo": "VO-03", "version": 1}


class MemberWarningShown(Answer):
    """Something that was recorded as stated, and deserves a second look."""

    code: Literal["cnic_parity", "cnic_duplicate", "name_duplicate_in_household", "name_duplicate_in_co"]
    pointer: str = Field(description="JSON pointer (RFC 6901) to the field.")
    detail: str
    members: list[str] = Field(description="The codes of the members who are alike.")


class MemberRecorded(MemberShown):
    """A member as recorded, and what about her deserves a second look; a warning blocks nothing."""

    warnings: list[MemberWarningShown]

    example: ClassVar[dict[str, Any]] = {
        **MemberShown.example,
        "warnings": [
            {
                "code": "cnic_duplicate",
                "pointer": "/cnic",
                "detail": "Other members have the same CNIC.",
                "members": ["M-0093"],
            }
        ],
    }
