"""The registers of releases that RSPs keep, as they were known, and what was answered to those who told them.

The row of the RSP is what its one writer locks: its rows have numbers without gaps and moments that grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.placements import last_moment, lso_placement
from cif_engine.persistence.tables import TABLES

rsp, lso, book = TABLES["rsp"], TABLES["lso"], TABLES["book"]
rsp_release, rsp_answer = TABLES["rsp_release"], TABLES["rsp_answer"]

_RSP_ID: Final = sa.bindparam("of_rsp", type_=Id())
_KNOWN_AT: Final = sa.bindparam("released_by", type_=WHOLE_NUMBER)
_AS_OF: Final = sa.bindparam("as_of", type_=Day())


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A row of the register; one with `reverses` takes that row back, and repeats what it says."""

    number: int
    id: str
    reference: str
    to_lso_id: str
    fund: str
    tranche: int
    amount_minor: int
    released_on: date
    reverses: str | None
    reason: str | None
    recorded_at: int
    actor: str


@dataclass(frozen=True, slots=True)
class ListedRelease:
    """A row with the code of its LSO, and the row that was known to reverse it."""

    row: ReleaseRow
    lso: str
    reversed_by: str | None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a key before."""

    fingerprint: bytes
    accepted: bool
    body: str


@dataclass(frozen=True, slots=True)
class RegisterHead:
    """The last row of a register: its number and its moment; both 0 when it is empty."""

    number: int = 0
    at: int = 0


def lock_register(connection: sa.Connection, rsp_id: str) -> None:
    """Let nobody else add to the register of an RSP until the transaction ends."""
    connection.execute(_LOCK, {"of_rsp": rsp_id}).all()


def register_head(connection: sa.Connection, rsp_id: str) -> RegisterHead:
    """Return where the register of an RSP ends."""
    row = connection.execute(_HEAD, {"of_rsp": rsp_id}).first()
    return RegisterHead(*row) if row else RegisterHead()


def next_moment(connection: sa.Connection, head: RegisterHead, at: int) -> int:
    """Return the moment at which what is told at `at` is recorded: later than all that a report over books counts."""
    last: int = connection.execute(_LAST_OF_BOOKS).scalar() or 0
    return max(at, head.at + 1, last + 1)


def lsos_by_code(connection: sa.Connection, rsp_id: str, codes: Iterable[str]) -> dict[str, str]:
    """Return the ids of LSOs that are or were under an RSP, by their codes."""
    return dict(map(tuple, connection.execute(_LSOS, {"of_rsp": rsp_id, "codes": sorted(set(codes))})))


def rows_that_hold(connection: sa.Connection, rsp_id: str, references: Iterable[str]) -> list[ReleaseRow]:
    """Return the rows of these references that nothing reverses, in the order of their numbers."""
    asked = {"of_rsp": rsp_id, "references": sorted(set(references))}
    return [_row(row) for row in connection.execute(_OF_REFERENCES, asked)]


def row_of_id(connection: sa.Connection, rsp_id: str, release_id: str) -> ListedRelease | None:
    """Return the row of an id in the register of an RSP, as all that is recorded has it."""
    row = connection.execute(
        _listed(known_now=True).where(rsp_release.c.id == _ID), {"of_rsp": rsp_id, "id": release_id}
    )
    found = row.first()
    return _listed_row(found) if found else None


def rows_after(
    connection: sa.Connection, rsp_id: str, as_of: date, known_at: int | None, after: int, limit: int
) -> list[ListedRelease]:
    """Return up to `limit` rows after a number, of releases by a day, as they were known."""
    known_now = known_at is None
    wanted = (rsp_release.c.number > _AFTER, rsp_release.c.released_on <= _AS_OF)
    statement = _listed(known_now=known_now).where(*wanted).order_by(rsp_release.c.number)
    asked = {"of_rsp": rsp_id, "as_of": as_of, "after": after, "limit": limit}
    asked |= {} if known_now else {"released_by": known_at}
    return [_listed_row(row) for row in connection.execute(statement.limit(_LIMIT), asked)]


def last_moment_by(connection: sa.Connection, rsp_id: str, known_at: int) -> int:
    """Return the moment of the last row of a register that was recorded by a moment; 0 when none was."""
    return connection.execute(_LAST_BY, {"of_rsp": rsp_id, "released_by": known_at}).scalar() or 0


def releases_by(connection: sa.Connection, rsp_id: str, as_of: date, known_at: int) -> list[ListedRelease]:
    """Return the releases by a day that held at a moment."""
    asked = {"of_rsp": rsp_id, "as_of": as_of, "released_by": known_at}
    return [_listed_row(row) for row in connection.execute(_HOLDING, asked)]


def add_rows(connection: sa.Connection, rsp_id: str, rows: Sequence[ReleaseRow]) -> None:
    """Add rows to a register."""
    values = [{"rsp_id": rsp_id, **{name: getattr(row, name) for name in _COLUMNS}} for row in rows]
    connection.execute(sa.insert(rsp_release), values)


def kept_answer(connection: sa.Connection, rsp_id: str, key: str) -> KeptAnswer | None:
    """Return what was answered to an idempotency key."""
    row = connection.execute(_ANSWER, {"of_rsp": rsp_id, "key": key}).first()
    return KeptAnswer(bytes(row.fingerprint), row.outcome == "accepted", row.body) if row else None


def keep_answer(connection: sa.Connection, rsp_id: str, key: str, answer: KeptAnswer) -> None:
    """Keep what is answered to an idempotency key."""
    values = {"rsp_id": rsp_id, "idempotency_key": key, "fingerprint": answer.fingerprint, "body": answer.body}
    outcome = "accepted" if answer.accepted else "refused"
    connection.execute(sa.insert(rsp_answer).values(**values, outcome=outcome))


# Statements, built once ----------------------------------------------------------------------------------------

_COLUMNS: Final = tuple(ReleaseRow.__dataclass_fields__)
_ID: Final = sa.bindparam("id", type_=Id())
_AFTER: Final = sa.bindparam("after", type_=WHOLE_NUMBER)
_LIMIT: Final = sa.bindparam("limit", type_=sa.Integer())

_reversal: Final = rsp_release.alias("reversal")
_REVERSES_IT: Final = (_reversal.c.rsp_id == _RSP_ID, _reversal.c.reverses == rsp_release.c.id)

_OF_RSP: Final = rsp_release.c.rsp_id == _RSP_ID
_ROWS: Final = sa.select(*(rsp_release.c[name] for name in _COLUMNS)).where(_OF_RSP)
# `FOR NO KEY UPDATE`: with `FOR UPDATE` those who check foreign keys to the RSP would wait.
_LOCK: Final = sa.select(rsp.c.id).where(rsp.c.id == _RSP_ID).with_for_update(key_share=True)
_HEAD: Final = (
    sa.select(rsp_release.c.number, rsp_release.c.recorded_at)
    .where(_OF_RSP)
    .order_by(rsp_release.c.number.desc())
    .limit(1)
)
_LAST_OF_BOOKS: Final = sa.select(sa.func.max(last_moment())).select_from(book)
_LAST_BY: Final = sa.select(sa.func.max(rsp_release.c.recorded_at)).where(
    _OF_RSP, rsp_release.c.recorded_at <= _KNOWN_AT
)
_LSOS: Final = sa.select(lso.c.code, lso.c.id).where(
    lso.c.code.in_(sa.bindparam("codes", expanding=True, type_=sa.Text())),
    lso.c.id.in_(sa.select(lso_placement.c.lso_id).where(lso_placement.c.rsp_id == _RSP_ID)),
)
_OF_REFERENCES: Final = _ROWS.where(
    rsp_release.c.reference.in_(sa.bindparam("references", expanding=True, type_=sa.Text())),
    rsp_release.c.reverses.is_(None),
    ~sa.select(sa.literal(1)).select_from(_reversal).where(*_REVERSES_IT).exists(),
).order_by(rsp_release.c.number)
_ANSWER: Final = sa.select(rsp_answer.c.fingerprint, rsp_answer.c.outcome, rsp_answer.c.body).where(
    rsp_answer.c.rsp_id == _RSP_ID, rsp_answer.c.idempotency_key == sa.bindparam("key", type_=sa.Text())
)


@cache
def _listed(*, known_now: bool) -> sa.Select[Any]:
    """Return the rows of a register with the codes of LSOs and what reverses them, as they were known."""
    known = () if known_now else (_reversal.c.recorded_at <= _KNOWN_AT,)
    reversed_by = sa.select(_reversal.c.id).where(*_REVERSES_IT, *known).scalar_subquery()
    rows = (
        sa.select(*(rsp_release.c[name] for name in _COLUMNS), lso.c.code, reversed_by.label("reversed_by"))
        .select_from(rsp_release.join(lso, lso.c.id == rsp_release.c.to_lso_id))
        .where(_OF_RSP)
    )
    return rows if known_now else rows.where(rsp_release.c.recorded_at <= _KNOWN_AT)


_HOLDING: Final = _listed(known_now=False).where(
    rsp_release.c.released_on <= _AS_OF,
    rsp_release.c.reverses.is_(None),
    ~sa.select(sa.literal(1))
    .select_from(_reversal)
    .where(*_REVERSES_IT, _reversal.c.recorded_at <= _KNOWN_AT)
    .exists(),
)


def _row(row: sa.Row[Any]) -> ReleaseRow:
    return ReleaseRow(*row[: len(_COLUMNS)])


def _listed_row(row: sa.Row[Any]) -> ListedRelease:
    return ListedRelease(_row(row), row.code, row.reversed_by)
