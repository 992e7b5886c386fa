"""Master data that reports cut by: a change holds from a day on, and what was known before stays known (law 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from cif_engine.errors import FieldMissingError
from cif_engine.operations.network_records import Columns, RecordKind, apply_changes, known, stale
from cif_engine.operations.recording import refuse_future
from cif_engine.persistence.network_registers import Key, Record
from cif_engine.persistence.placements import Versions, add_first_version, add_version, versions_of

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Saying:
    """When (microseconds, and the day of it) and by whom a change is said, and from which day on it holds.

    Left open, it holds from today on.
    """

    at: int
    actor: str
    today: date
    effective_on: date | None = None

    @property
    def valid_from(self) -> date:
        """The first day on which the change holds."""
        return self.effective_on or self.today


@dataclass(frozen=True, slots=True)
class DatedKind(Generic[Value]):
    """A kind of master data of which the fields `names` are kept by day in `versions`; the others only as they are.

    `owner_of` is the column by which the versions know the record.
    """

    kind: RecordKind[Value]
    versions: Versions
    names: tuple[str, ...]
    owner_of: str

    def owner(self, record: Record) -> Columns:
        """Return the columns that say whose a version is."""
        return {"lso_id": record.get("lso_id"), self.owner_of: record["id"]}


def add_first(connection: sa.Connection, dated: DatedKind[Value], record: Record) -> None:
    """Keep what a new record says as its first version: for every day, since paper may come late."""
    add_first_version(connection, dated.versions, {**record, **dated.owner(record)})


def apply_dated_changes(
    connection: sa.Connection,
    dated: DatedKind[Value],
    key: Key,
    changes: Mapping[str, Any],
    version: int,
    saying: Saying,
    lso_id: str | None = None,
) -> tuple[Value, Record]:
    """Change a record, to be done by the one writer of its book; return its new value, and the record as it is kept.

    What is kept by day changes from `saying.valid_from` on, as far as no version begins on a later day; the record
    itself says what holds today. Raises what `apply_changes` does, `DateInFutureError`, and `FieldMissingError` for a
    day from which on nothing changes.
    """
    refuse_future(saying.valid_from, saying.today)
    record = known(connection, dated.kind.register, key, lso_id)
    if record["version"] != version:
        raise stale(dated.kind.register, key, record["version"])
    named = {name: changes[name] for name in dated.names if name in changes}
    if named:
        _add_version(connection, dated, record, named, saying, lso_id)
    elif saying.effective_on is not None:
        *names, last = dated.names
        raise FieldMissingError(
            f"A day goes with a change of {', '.join(names)} or {last}; all else is kept as it is.",
            pointer="/effective_on",
        )
    today = _in_force(versions_of(connection, dated.versions, dated.owner(record)), saying.today)
    others = {name: value for name, value in changes.items() if name not in dated.names}
    return apply_changes(
        connection, dated.kind, key, {**others, **{name: today[name] for name in dated.names}}, version, lso_id
    )


def _add_version(
    connection: sa.Connection,
    dated: DatedKind[Value],
    record: Record,
    named: Mapping[str, Any],
    saying: Saying,
    lso_id: str | None,
) -> None:
    """Add what holds from the day on, unless it held already."""
    owner = dated.owner(record)
    versions = versions_of(connection, dated.versions, owner)
    before = _in_force(versions, saying.valid_from)
    as_it_was = {name: before[name] for name in dated.names}
    value: Value = replace(dated.kind.value_of(record), **{**as_it_was, **named})  # type: ignore[type-var]  # all are dataclasses
    columns = dated.kind.columns(connection, lso_id, value)
    says = {name: columns[name] for name in dated.versions.says}
    if any(says[name] != before[name] for name in says):
        row = {**owner, "number": len(versions) + 1, "valid_from": saying.valid_from, "actor": saying.actor, **says}
        add_version(connection, dated.versions, row, saying.at)


def _in_force(versions: list[Record], day: date) -> Record:
    """Return the version that holds on a day, as is known now."""
    begun = (version for version in versions if version["valid_from"] <= day)
    return max(begun, key=lambda version: (version["valid_from"], version["number"]))
