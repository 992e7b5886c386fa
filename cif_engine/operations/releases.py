"""The register of releases: what an RSP's own finance ledger says it paid out to its LSOs, row by row.

A wrong row is reversed and told again, never edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.errors import (
    AlreadyReversedError,
    DateInFutureError,
    DuplicateReleaseError,
    NotFoundError,
    RefusedRow,
    RowsRefusedError,
)
from cif_engine.moments import format_moment
from cif_engine.money import PKR, format_amount
from cif_engine.operations.recording import Outcome
from cif_engine.operations.reporting import moments_view
from cif_engine.operations.rsp_recording import Opened, RspRequest, Told, record_once
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.releases import (
    ListedRelease,
    ReleaseRow,
    last_moment_by,
    lsos_by_code,
    register_head,
    row_of_id,
    rows_after,
    rows_that_hold,
)


@dataclass(frozen=True, slots=True)
class Released:
    """A release as the RSP's ledger has it; `lso` and `fund` are codes, `reference` the number of the payment."""

    id: str
    reference: str
    lso: str
    fund: str
    tranche: int
    amount_minor: int
    released_on: date

    @property
    def what(self) -> tuple[str, str, str, int]:
        """What no two rows that hold may share: one payment may go to many LSOs, but once for each tranche."""
        return self.reference, self.lso, self.fund, self.tranche


@dataclass(frozen=True, slots=True)
class Releases:
    """A list of releases, at their places in it, and what could not be read of it at all."""

    rows: tuple[tuple[int, Released], ...]
    unread: tuple[RefusedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseReversal:
    """That a row of the register was wrong."""

    id: str
    release: str
    reason: str


def record_releases(databases: Databases, request: RspRequest, releases: Releases) -> Outcome:
    """Add releases to the register of an RSP, all or none.

    Raises RowsRefusedError with every row that cannot be read, is after today, names an LSO that never was under
    the RSP, or is in the register already.
    """

    def decide(connection: sa.Connection, opened: Opened) -> Told:
        lso_ids = lsos_by_code(connection, request.rsp_id, [row.lso for _, row in releases.rows])
        found = [*releases.unread, *_wrong(connection, request, releases.rows, lso_ids)]
        if found:
            raise RowsRefusedError(tuple(sorted(found, key=lambda one: (one.row, one.pointer))))
        listed = [
            ListedRelease(_row(released, lso_ids[released.lso], number, opened, request), released.lso, None)
            for number, (_, released) in enumerate(releases.rows, opened.head.number + 1)
        ]
        return Told(tuple(one.row for one in listed), _recorded_view(listed))

    return record_once(databases, request, decide)


def reverse_release(databases: Databases, request: RspRequest, reversal: ReleaseReversal) -> Outcome:
    """Take back a row of the register; raises NotFoundError and AlreadyReversedError.

    A row that takes one back is itself never taken back: the release is told again.
    """

    def decide(connection: sa.Connection, opened: Opened) -> Told:
        listed = row_of_id(connection, request.rsp_id, reversal.release)
        if listed is None or listed.row.reverses is not None:
            raise NotFoundError("The register has no such release.")
        if listed.reversed_by is not None:
            raise AlreadyReversedError(f"Row {listed.row.number} was reversed.", reversal=listed.reversed_by)
        taken_back = listed.row
        said = {name: getattr(taken_back, name) for name in _REPEATED}
        row = ReleaseRow(
            **said,
            id=reversal.id,
            number=opened.head.number + 1,
            reverses=taken_back.id,
            reason=reversal.reason,
            recorded_at=opened.at,
            actor=request.actor,
        )
        return Told((row,), _recorded_view([ListedRelease(row, listed.lso, None)]))

    return record_once(databases, request, decide)


def releases_list(
    databases: Databases, rsp_id: str, as_of: date, known_at: int | None = None, after: int = 0, limit: int = 100
) -> View:
    """Return releases by a day in the order they were recorded, as they were known; `next` has the last number."""
    with databases.reading() as connection:
        rows = rows_after(connection, rsp_id, as_of, known_at, after, limit + 1)
        at = _known(connection, rsp_id, known_at)
    return {
        **moments_view(as_of, at),
        "currency": PKR.code,
        "items": [release_view(listed) for listed in rows[:limit]],
        "next": [rows[limit - 1].row.number] if len(rows) > limit else None,
    }


def release_view(listed: ListedRelease) -> View:
    """Return a row of the register."""
    row = listed.row
    return {
        "id": row.id,
        "number": row.number,
        "reference": row.reference,
        "lso": listed.lso,
        "fund": row.fund,
        "tranche": row.tranche,
        "amount": format_amount(row.amount_minor),
        "released_on": row.released_on.isoformat(),
        "recorded_at": format_moment(row.recorded_at),
        "recorded_by": row.actor,
        "reverses": row.reverses,
        "reversed_by": listed.reversed_by,
        "reason": row.reason,
    }


_REPEATED = ("reference", "to_lso_id", "fund", "tranche", "amount_minor", "released_on")
"""What a row that takes one back repeats of it."""


def _row(released: Released, lso_id: str, number: int, opened: Opened, request: RspRequest) -> ReleaseRow:
    return ReleaseRow(
        number,
        released.id,
        released.reference,
        lso_id,
        released.fund,
        released.tranche,
        released.amount_minor,
        released.released_on,
        None,
        None,
        opened.at,
        request.actor,
    )


def _wrong(
    connection: sa.Connection,
    request: RspRequest,
    rows: Sequence[tuple[int, Released]],
    lso_ids: dict[str, str],
) -> Iterator[RefusedRow]:
    """Give what is wrong with rows that can be read."""
    codes = {lso_id: code for code, lso_id in lso_ids.items()}
    held = {
        (row.reference, codes[row.to_lso_id], row.fund, row.tranche): row.number
        for row in rows_that_hold(connection, request.rsp_id, [row.reference for _, row in rows])
        if row.to_lso_id in codes
    }
    here: dict[tuple[str, str, str, int], int] = {}
    for place, row in rows:
        if row.released_on > request.today:
            words = f"{row.released_on} is after today, {request.today}."
            yield _refused(place, "released_on", DateInFutureError.code, words)
        if row.lso not in lso_ids:
            yield _refused(place, "lso", NotFoundError.code, f"No LSO {row.lso} is or was under this RSP.")
        if row.what in held:
            words = f"Row {held[row.what]} of the register says {row.reference} for this tranche already."
            yield _refused(place, "reference", DuplicateReleaseError.code, words)
        elif row.what in here:
            words = f"Item {here[row.what]} of this list says {row.reference} for this tranche already."
            yield _refused(place, "reference", DuplicateReleaseError.code, words)
        here.setdefault(row.what, place)


def _refused(place: int, field: str, code: str, words: str) -> RefusedRow:
    return RefusedRow(place, f"/releases/{place}/{field}", code, words)


def _recorded_view(listed: Sequence[ListedRelease]) -> View:
    return {
        "currency": PKR.code,
        "total": format_amount(sum(one.row.amount_minor for one in listed)),
        "releases": [release_view(one) for one in listed],
    }


def _known(connection: sa.Connection, rsp_id: str, known_at: int | None) -> int:
    if known_at is None:
        return register_head(connection, rsp_id).at
    return last_moment_by(connection, rsp_id, known_at)
