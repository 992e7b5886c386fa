"""How a report is given out: its tables as JSON, one table as CSV, all of it as a workbook, a chart as a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from cif_engine.documents.cells import day, filled, ratio, share_text, whole
from cif_engine.documents.report import Cell, Chart, Column, Definition, Report, Table, Unit
from cif_engine.errors import NotFoundError
from cif_engine.moments import format_moment, to_micros
from cif_engine.money import format_amount
from cif_engine.operations.files import FileForm, ReportFile, make_file
from cif_engine.operations.views import View
from cif_engine.portfolio.definitions import DEFINITIONS


@dataclass(frozen=True, slots=True)
class Said:
    """A report: its id, whose loans it is about (in words, and by code for the name of a file), and its tables.

    The main table is the first. `head` is that of a figure's answer: its days, what was known, the rule set if it goes
    by one, how it is cut and narrowed. `defines` are the figures that it tells besides those its columns are.
    """

    name: str
    title: str
    scope: str
    code: str
    head: View
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = ()
    defines: tuple[str, ...] = ()

    @property
    def definitions(self) -> tuple[str, ...]:
        """The ids of the figures that it tells, in the order in which they are told."""
        told = (column.definition for table in self.tables for column in table.columns if column.definition)
        return tuple(dict.fromkeys((*self.defines, *told)))


def report_view(said: Said, table: str | None = None) -> View:
    """Return a report with all its tables, or with the one named; raises NotFoundError."""
    shown = said.tables if table is None else (wanted_table(said, table),)
    return {
        **head_view(said),
        "definitions": list(said.definitions),
        "tables": [table_view(one) for one in shown],
    }


def head_view(said: Said) -> View:
    """Return what stands at the head of a report."""
    return {"report": said.name, "title": said.title, "scope": said.scope, **said.head}


def table_view(table: Table) -> View:
    """Return a table with what its columns come to; the rows are read."""
    rows = list(table.rows)
    return {
        **header_view(table),
        "rows": [row_view(table, row) for row in filled(replace(table, rows=rows))],
        "total": _total_view(table, rows) if table.has_total else None,
    }


def header_view(table: Table) -> View:
    """Return what a table is called, and its columns."""
    return {"table": table.name, "title": table.title, "columns": [_column_view(column) for column in table.columns]}


def row_view(table: Table, row: tuple[Cell, ...]) -> View:
    """Return a row by the keys of its columns."""
    return {column.key: _cell_view(cell, column.unit) for column, cell in zip(table.columns, row, strict=True)}


def as_document(said: Said) -> Report:
    """Return a report as what files are made of."""
    head = said.head
    days = (head["from"], head["to"]) if "from" in head else (None, head["as_of"])
    return Report(
        said.title,
        said.scope,
        date.fromisoformat(days[1]),
        _moment(head["known_at"]),
        said.tables,
        date.fromisoformat(days[0]) if days[0] else None,
        tuple(_about(head)),
        said.charts,
        tuple(map(_definition, said.definitions)),
    )


def report_file(said: Said, form: FileForm, table: str | None = None) -> ReportFile:
    """Return a report as a file; of a CSV the table that was asked for, else the main one.

    Raises NotFoundError for a table that the report does not have, and TooManyRowsError.
    """
    report = as_document(said)
    if table is not None:
        report = replace(report, tables=(wanted_table(said, table),), charts=())
    days = "-".join(filter(None, (said.head.get("from"), said.head.get("to") or said.head.get("as_of"))))
    return make_file(report, form, f"{said.name}-{said.code}-{days}")


def wanted_table(said: Said, name: str | None) -> Table:
    """Return a table of a report by its name in any case; the main one where none is named. Raises NotFoundError."""
    if name is None:
        return said.tables[0]
    for table in said.tables:
        if table.name.casefold() == name.casefold():
            return table
    listed = ", ".join(table.name for table in said.tables)
    raise NotFoundError(f"This report has the tables {listed}.", pointer="/table")


# Parts ---------------------------------------------------------------------------------------------------------


def _about(head: View) -> Iterator[tuple[str, str]]:
    if rule_set := head.get("rule_set"):
        yield "Rule set", f"{rule_set['name']}, version {rule_set['number']}"
        yield "Late over n days", f"days late {head['comparator']} n"
    narrowed = "; ".join(f"{cut} {', '.join(values)}" for cut, values in head["only"].items())
    yield "Only", narrowed or "all loans of the scope"


def _definition(figure: str) -> Definition:
    defined = DEFINITIONS[figure]
    parts = [defined.words]
    if defined.numerator and defined.denominator:
        parts.append(f"Numerator: {defined.numerator} Denominator: {defined.denominator}")
    return Definition(defined.id, defined.title, " ".join([*parts, *defined.notes]))


def _moment(known_at: str | None) -> int:
    """Return the moment in microseconds; 0 where nothing is recorded yet."""
    return to_micros(datetime.fromisoformat(known_at)) if known_at else 0


def _column_view(column: Column) -> View:
    numerator, denominator = column.ratio or (None, None)
    return {
        "key": column.key,
        "title": column.title,
        "unit": column.unit.value,
        "definition": column.definition,
        "numerator": numerator,
        "denominator": denominator,
    }


def _total_view(table: Table, rows: list[tuple[Cell, ...]]) -> View:
    sums: dict[str, Cell] = {
        column.key: sum(whole(row[place]) for row in rows if row[place] is not None)
        for place, column in enumerate(table.columns)
        if column.totalled
    }
    values: Mapping[str, Cell] = {**sums, **dict(table.totals)}
    total: View = {}
    for column in table.columns:
        if column.key in values:
            total[column.key] = _cell_view(values[column.key], column.unit)
        elif column.ratio and set(column.ratio) <= values.keys():
            total[column.key] = _cell_view(ratio(*(values[key] for key in column.ratio)), column.unit)
    return total


def _cell_view(cell: Cell, unit: Unit) -> str | int | None:
    return None if cell is None else _SHOWN[unit](cell)


_SHOWN: Final[Mapping[Unit, Callable[[Cell], str | int | None]]] = {
    Unit.TEXT: str,
    Unit.COUNT: whole,
    Unit.MONEY: lambda cell: format_amount(whole(cell)),
    Unit.DAY: lambda cell: day(cell).isoformat(),
    Unit.MOMENT: lambda cell: format_moment(whole(cell)),
    Unit.SHARE: lambda cell: share_text(cell) or None,
}
