"""What all master data has in common: added once by its code, read, listed in pages, changed at a known version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from typing import Any, Final, Generic, TypeVar

import orjson
import sqlalchemy as sa

from cif_engine.errors import DuplicateCodeError, NotFoundError, VersionMismatchError
from cif_engine.loans.terms import LoanTerms
from cif_engine.money import format_amount
from cif_engine.operations.views import View
from cif_engine.persistence import network_registers as registers
from cif_engine.persistence.database_errors import is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import Key, Record, Register

Value = TypeVar("Value")
Columns = dict[str, Any]
_MINOR: Final = "_minor"


@dataclass(frozen=True, slots=True)
class RecordKind(Generic[Value]):
    """One kind of master data: its register, its value, and how the one becomes the other.

    `columns` finds what the value refers to, and raises `NotFoundError` with the pointer of an unknown reference.
    `readers` make the values of columns that are not kept as the value has them.
    """

    register: Register
    value: type[Value]
    columns: Callable[[sa.Connection, str | None, Value], Columns]
    readers: Mapping[str, Callable[[Any], Any]]

    def value_of(self, record: Record) -> Value:
        """Return the value of a record."""
        own = {name: record[name] for name in _names(self.value)}
        for name, read in self.readers.items():
            own[name] = read(own[name])
        return self.value(**own)

    def key_of(self, value: Value) -> Key:
        """Return what the value is known by."""
        return tuple(_kept(getattr(value, name)) for name in self.register.key)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records of a list, and the key to ask for the next ones after; None at the end of the list."""

    items: list[View]
    next_after: tuple[str | int, ...] | None


# Reading -------------------------------------------------------------------------------------------------------


def get_record(databases: Databases, register: Register, key: Key, lso_id: str | None = None) -> View:
    """Return one record; raises `NotFoundError`."""
    with databases.reading(lso_id) as connection:
        return record_view(known(connection, register, key, lso_id))


def list_records(
    databases: Databases,
    register: Register,
    lso_id: str | None = None,
    *,
    filters: Mapping[str, Any] | None = None,
    after: Key | None = None,
    limit: int = 100,
) -> RecordPage:
    """Return the records whose columns have the values of `filters`, in the order of their keys."""
    with databases.reading(lso_id) as connection:
        rows = registers.page(connection, register, lso_id, filters or {}, after, limit + 1)
    shown = [record_view(row) for row in rows[:limit]]
    return RecordPage(shown, tuple(shown[-1][name] for name in register.key) if len(rows) > limit else None)


def record_view(record: Record | Columns) -> View:
    """Return a record as plain JSON values: references by their codes, never by the ids they are kept as."""
    return dict(_shown(name, value) for name, value in record.items() if name == "id" or not name.endswith("_id"))


def known(
    connection: sa.Connection, register: Register, key: Key, lso_id: str | None = None, pointer: str = ""
) -> Record:
    """Return the record of this key; raises `NotFoundError`, at `pointer` where it is what a value refers to."""
    record = registers.find(connection, register, key, lso_id)
    if record is None:
        raise NotFoundError(f"{register.noun} {_written(key)} is not known here.", pointer=pointer)
    return record


# Adding and changing -------------------------------------------------------------------------------------------


@contextmanager
def adding(databases: Databases, kind: RecordKind[Value], value: Value, lso_id: str | None) -> Iterator[sa.Connection]:
    """Give a connection to add on; raises `DuplicateCodeError` when the code turns out to be taken."""
    try:
        with databases.writing(lso_id) as connection:
            yield connection
    except sa.exc.IntegrityError as error:
        if is_unique_violation(error):
            written = _written(kind.key_of(value))
            raise DuplicateCodeError(f"{kind.register.noun} {written} exists already.", existing=written) from error
        raise


def create_record(databases: Databases, kind: RecordKind[Value], value: Value, lso_id: str | None = None) -> View:
    """Add a record and return it; raises `DuplicateCodeError`, and `NotFoundError` for an unknown reference."""
    with adding(databases, kind, value, lso_id) as connection:
        return record_view(add_record(connection, kind, value, lso_id))


def add_record(connection: sa.Connection, kind: RecordKind[Value], value: Value, lso_id: str | None) -> Record:
    """Add a record and return it as it is kept."""
    columns = kind.columns(connection, lso_id, value)
    if lso_id is not None:
        columns["lso_id"] = lso_id
    registers.add(connection, kind.register, [columns])
    return known(connection, kind.register, kind.key_of(value), lso_id)


def change_record(
    databases: Databases,
    kind: RecordKind[Value],
    key: Key,
    changes: Mapping[str, Any],
    version: int,
    lso_id: str | None = None,
) -> View:
    """Change the fields of a record that `changes` names, and return it.

    Raises `NotFoundError`, `VersionMismatchError`, and whatever the value itself refuses.
    """
    with databases.writing(lso_id) as connection:
        return record_view(apply_changes(connection, kind, key, changes, version, lso_id)[1])


def apply_changes(
    connection: sa.Connection,
    kind: RecordKind[Value],
    key: Key,
    changes: Mapping[str, Any],
    version: int,
    lso_id: str | None = None,
) -> tuple[Value, Record]:
    """Change a record; return its new value, and the record as it is kept."""
    record = known(connection, kind.register, key, lso_id)
    if record["version"] != version:
        raise stale(kind.register, key, record["version"])
    value: Value = replace(kind.value_of(record), **changes)  # type: ignore[type-var]  # all are dataclasses
    columns = kind.columns(connection, lso_id, value)
    if not registers.change(connection, kind.register, key, lso_id, columns, version):
        raise stale(kind.register, key, version + 1)
    return value, known(connection, kind.register, key, lso_id)


def stale(register: Register, key: Key, version: int) -> VersionMismatchError:
    """Return the refusal to change a record that is at another version by now."""
    return VersionMismatchError(f"{register.noun} {_written(key)} is at version {version} by now.", version=version)


def own_columns(value: object, *references: str) -> Columns:
    """Return the fields of a value as columns, but those that refer to something else."""
    return {name: _kept(getattr(value, name)) for name in _names(type(value)) if name not in references}


def id_of(connection: sa.Connection, register: Register, key: Key, lso_id: str | None, pointer: str) -> str:
    """Return the id of what a value refers to; raises `NotFoundError` at the pointer."""
    return str(known(connection, register, key, lso_id, pointer)["id"])


def _names(value_type: Any) -> tuple[str, ...]:  # noqa: ANN401 - any of the dataclasses of the network
    return tuple(field.name for field in fields(value_type))


def _kept(value: Any) -> Any:  # noqa: ANN401 - what any column holds
    match value:
        case Enum():
            return value.value
        case LoanTerms():
            return value.model_dump_json()
        case tuple():
            return " ".join(value)
        case _:
            return value


def _shown(name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - as above
    if name.endswith(_MINOR):
        return name.removesuffix(_MINOR), None if value is None else format_amount(value)
    if isinstance(value, date):
        return name, value.isoformat()
    if name == "terms":
        return name, orjson.loads(value)
    if name == "rest_days":
        return name, value.split()
    return name, value


def _written(key: Key) -> str:
    return " ".join(str(part) for part in key)
