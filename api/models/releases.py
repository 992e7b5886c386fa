"""The register of releases of an RSP, said and shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from api.fields import AmountMinor, Answer, Code, Day, Said
from api.models.funding import TrancheNumber
from api.models.portfolio import KnownMoment
from api.models.recorded import EVENT_ID, RECORDED_AT, MoneyText, Name, PaperNo
from api.problems import finding
from cif_engine.errors import RefusedRow
from cif_engine.operations.releases import Released, ReleaseReversal, Releases

MOST_RELEASES: Final = 2000


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that cannot be read: what is wrong with it, by a pointer within the row, a code and words."""

    findings: tuple[tuple[str, str, str], ...]


def _read_or_keep(row: object, read: ValidatorFunctionWrapHandler) -> object:
    """Return the row, read; or what is wrong with it, so that it is told with what is wrong with the others."""
    try:
        return read(row)
    except ValidationError as refusal:
        found = (finding({**one, "loc": ("body", *one["loc"])}, row) for one in refusal.errors())
        return Unread(tuple((one["pointer"], one["code"], one["detail"]) for one in found))


class ReleaseSaid(Said):
    """A release as the RSP's finance ledger has it."""

    reference: PaperNo = Field(description="The number of the payment in the RSP's ledger; one may go to many LSOs.")
    lso: Code = Field(description="The code of the LSO, which is or was under the RSP.")
    fund: Code = Field(description="The code of the fund, as the RSP calls it.")
    tranche: TrancheNumber
    amount_minor: AmountMinor = Field(alias="amount")
    released_on: Day = Field(description="The day the RSP paid it out, not after today.")

    example: ClassVar[dict[str, Any]] = {
        "reference": "BPV-118",
        "lso": "DAS",
        "fund": "CIF",
        "tranche": 1,
        "amount": "4000000.00",
        "released_on": "2016-12-01",
    }

    def value(self, new_id: str) -> Released:
        """Return it."""
        return Released(new_id, self.reference, self.lso, self.fund, self.tranche, self.amount_minor, self.released_on)


class ReleasesSaid(Said):
    """Releases, recorded all or none: every row that is wrong is told at once."""

    releases: Annotated[
        list[Annotated[ReleaseSaid, WrapValidator(_read_or_keep)]], Field(min_length=1, max_length=MOST_RELEASES)
    ]

    example: ClassVar[dict[str, Any]] = {"releases": [ReleaseSaid.example]}

    def command(self, make_id: Callable[[], str]) -> Releases:
        """Return what can be read of them, and what is wrong with the rest."""
        said: Sequence[object] = self.releases
        unread = (
            RefusedRow(place, f"/releases/{place}{pointer}", code, detail)
            for place, row in enumerate(said)
            if isinstance(row, Unread)
            for pointer, code, detail in row.findings
        )
        rows = ((place, row.value(make_id())) for place, row in enumerate(said) if isinstance(row, ReleaseSaid))
        return Releases(tuple(rows), tuple(unread))


class ReleaseReversalSaid(Said):
    """That a row of the register was wrong."""

    reason: Name

    example: ClassVar[dict[str, Any]] = {"reason": "Paid to LSO Dodapur, typed for Dasori"}

    def command(self, release: str, new_id: str) -> ReleaseReversal:
        """Return it."""
        return ReleaseReversal(new_id, release, self.reason)


class ReleaseShown(Answer):
    """A row of the register of releases. It is never changed; a wrong one is reversed by another."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    number: int = Field(ge=1, description="Its number in the register of the RSP, without gaps.")
    reference: str
    lso: str
    fund: str
    tranche: int
    amount: MoneyText
    released_on: date
    recorded_at: str
    recorded_by: str
    reverses: str | None = Field(description="The id of the row that this one takes back; the rest repeats that one.")
    reversed_by: str | None = Field(description="The id of the row that takes this one back.")
    reason: str | None = Field(description="Why a row was taken back.")

    example: ClassVar[dict[str, Any]] = {
        "id": EVENT_ID,
        "number": 1,
        **ReleaseSaid.example,
        "recorded_at": RECORDED_AT,
        "recorded_by": "srso-finance",
        "reverses": None,
        "reversed_by": None,
        "reason": None,
    }


class ReleasesRecorded(Answer):
    """Rows of the register as they were recorded, at one moment."""

    currency: str
    total: MoneyText
    releases: list[ReleaseShown]

    example: ClassVar[dict[str, Any]] = {
        "currency": "PKR",
        "total": "4000000.00",
        "releases": [ReleaseShown.example],
    }


class ReleaseRegister(Answer):
    """A page of the register, in the order of its numbers. `next` goes into `after` for the page that follows."""

    as_of: date
    known_at: KnownMoment
    currency: str
    items: list[ReleaseShown]
    next: str | None

    example: ClassVar[dict[str, Any]] = {
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "items": [ReleaseShown.example],
        "next": "WzFd",
    }
