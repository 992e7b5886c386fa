"""The turns of many funds as a table: a row for each turn of each kind of source, in each row of the cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.operations.asking import Question
from cif_engine.operations.over_funds import by_funder
from cif_engine.operations.reports.setting import set_on
from cif_engine.operations.reports.shown import Said
from cif_engine.operations.reports.telling import Labels, minor
from cif_engine.operations.turns import turns_report
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases

TURNS: Final = "Turns"

_AMOUNTS: Final = {
    "disbursed": "Disbursed",
    "repaid": "Came back",
    "written_off": "Written off",
    "in_loans": "In loans",
    "in_cash": "Waits in cash",
    "spent": "Spent",
    "returned": "Went back",
}
_COLUMNS: Final = (
    Column("source", "Source", width=16),
    Column("turn", "Turn", Unit.COUNT),
    *(
        Column(name, title, Unit.MONEY, totalled=True, definition="lots" if name == "disbursed" else None)
        for name, title in _AMOUNTS.items()
    ),
    Column("idle_days", "Days idle", definition="idle_days"),
    Column("loans", "Loans", Unit.COUNT),
    Column("households", "Households", Unit.COUNT),
)


def turns(databases: Databases, question: Question, as_of: date) -> Said:
    """Return the turns of the funds; raises NotFoundError and ReportNotCutError."""
    setting = set_on(databases, by_funder(question), as_of)
    view = turns_report(databases, setting.question, as_of)
    labels = Labels(view, setting.names)
    table = Table(TURNS, "Turns of the money", (*labels.columns, *_COLUMNS), tuple(_rows(view, labels)))
    return setting.says("turns", "Turns", (table,), defines=("lots", "idle_days"))


def _rows(view: View, labels: Labels) -> Iterator[tuple[Cell, ...]]:
    for row in view["rows"]:
        for source in row["sources"]:
            for turn in source["turns"]:
                amounts = (minor(turn[name]) for name in _AMOUNTS)
                counts = (turn["idle"]["days"], turn["loans"], turn["households"])
                yield (*labels.cells(row["key"]), source["source"], turn["turn"], *amounts, *counts)
