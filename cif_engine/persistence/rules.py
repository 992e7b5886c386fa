"""Rules that are data as they are kept: one row per version, only ever added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic

import sqlalchemy as sa

from cif_engine.rules import R, Recorded

_CODE: Final[sa.BindParameter[str]] = sa.bindparam("of_code")
_AFTER: Final[sa.BindParameter[str]] = sa.bindparam("after_code")
_MOST: Final[sa.BindParameter[int]] = sa.bindparam("most")

ALIKE: Final = ("code", "number", "name", "effective_from", "remark")
"""The columns that every table of rules has, beside `recorded_at` and `actor`."""


@dataclass(frozen=True, slots=True)
class StoredRules(Generic[R]):
    """The versions in one table. `write` gives the columns that are its own, `read` makes a rule of a row."""

    table: sa.Table
    write: Callable[[R], dict[str, Any]]
    read: Callable[[Mapping[str, Any]], R]
    _versions: sa.Select[Any] = field(init=False)
    _codes: sa.Select[Any] = field(init=False)

    def __post_init__(self) -> None:
        """Build the statements once."""
        of = self.table.c
        versions = sa.select(self.table).where(of.code == _CODE).order_by(of.number)
        codes = sa.select(of.code).where(of.code > _AFTER).distinct().order_by(of.code).limit(_MOST)
        object.__setattr__(self, "_versions", versions)
        object.__setattr__(self, "_codes", codes)

    def versions_of(self, connection: sa.Connection, code: str) -> list[Recorded[R]]:
        """Return the versions of one rule in the order of their numbers; none where there is no such rule."""
        rows = connection.execute(self._versions, {"of_code": code}).mappings()
        return [Recorded(self.read(dict(row)), row["recorded_at"], row["actor"]) for row in rows]

    def codes_after(self, connection: sa.Connection, code: str, most: int) -> list[str]:
        """Return up to `most` codes in their order, those after `code`."""
        return list(connection.execute(self._codes, {"after_code": code, "most": most}).scalars())

    def add(self, connection: sa.Connection, new: Recorded[R]) -> None:
        """Add a version; the database refuses a number that is taken."""
        alike = {name: getattr(new.rule, name) for name in ALIKE}
        row = {**alike, **self.write(new.rule), "recorded_at": new.recorded_at, "actor": new.actor}
        connection.execute(sa.insert(self.table), row)
