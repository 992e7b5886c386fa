"""What is wrong with a book, and where: the findings of a verification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from cif_engine.operations.views import View
from cif_engine.persistence.tables import TABLES
from cif_engine.persistence.whole_book import Row


class Law(StrEnum):
    """Which of the promises of the books is broken."""

    CHAIN = "chain"
    CHART = "chart of accounts"
    BALANCED = "law 1: balanced by construction"
    SUB_LEDGER = "law 4: sub-ledger = ledger"
    FUND_IDENTITY = "law 5: fund identity"
    FLOOR = "law 6: cash never below zero"
    REBUILD = "law 8: rebuild = stored"
    ONCE = "law 9: once"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `where` names the event, loan or account; the texts are for people."""

    lso: str
    law: Law
    where: str
    what: str
    expected: str
    found: str

    def view(self) -> View:
        """Return the finding as JSON values."""
        return {
            "lso": self.lso,
            "law": self.law.value,
            "where": self.where,
            "what": self.what,
            "expected": self.expected,
            "found": self.found,
        }

    def __str__(self) -> str:
        """Return the finding on one line."""
        return f"{self.lso} {self.where}: {self.what}: expected {self.expected}, found {self.found} ({self.law})"


def differing_rows(lso: str, table: str, where: str, expected: list[Row], found: list[Row]) -> Iterator[Finding]:
    """Give a finding per row of a projection that is missing, too many, or differs, naming the columns that do."""
    keys = [column.name for column in TABLES[table].primary_key if column.name != "lso_id"]
    called_for = {tuple(row[name] for name in keys): row for row in expected}
    stored = {tuple(row[name] for name in keys): row for row in found}
    for key in [*called_for, *(key for key in stored if key not in called_for)]:
        here = f"{where}, {table} {' '.join(map(_told, key))}"
        if key not in stored:
            yield Finding(lso, Law.REBUILD, here, "the row is missing", "a row", "none")
        elif key not in called_for:
            yield Finding(lso, Law.REBUILD, here, "no event calls for the row", "none", "a row")
        else:
            yield from _differing_columns(lso, here, called_for[key], stored[key])


def _differing_columns(lso: str, where: str, expected: Row, found: Row) -> Iterator[Finding]:
    for column, value in expected.items():
        if found[column] != value:
            yield Finding(lso, Law.REBUILD, where, column, _told(value), _told(found[column]))


def _told(value: Any) -> str:  # noqa: ANN401 - what any column holds
    return value.isoformat() if isinstance(value, date) else str(value)
