"""A report as a workbook (XLSX) that can be sent on: what it covers, its tables, its charts, what its figures mean.

It goes through temporary files, so memory does not grow with its rows; the same report gives the same bytes (law 7).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from cif_engine.documents.formats import Formats
from cif_engine.documents.native_charts import colour_heat_maps, has_charts, write_charts
from cif_engine.documents.report import ABOUT_SHEET, CHARTS_SHEET, DEFINITIONS_SHEET, Report
from cif_engine.documents.sheet import FIRST_ROW, HEADER_ROW, set_up_page, write_table, write_text
from cif_engine.moments import format_moment, from_micros

CHUNK_BYTES: Final = 64 * 1024

PROGRAM: Final = "CIF engine"

_PROSE_CHARACTERS = 90
_LINE_HEIGHT = 13.5


def stream_workbook(report: Report) -> Iterator[bytes]:
    """Return the workbook in chunks. All of it is made before this returns, so a refusal comes before the first.

    Raises TooManyRowsError.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when its last chunk is read, or when it is dropped
    try:
        write_workbook(report, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _read(file)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def write_workbook(report: Report, file: IO[bytes] | Path) -> None:
    """Write the workbook to a path, or to a file open for writing. Raises TooManyRowsError."""
    with tempfile.TemporaryDirectory() as folder:
        book = Workbook(str(file) if isinstance(file, Path) else file, {"constant_memory": True, "tmpdir": folder})
        try:
            _fill(book, report)
            book.close()
        except BaseException:
            _abandon(book)
            raise


def _abandon(book: Workbook) -> None:
    """Close what a workbook that is not finished holds open, without writing it."""
    for sheet in book.worksheets():
        sheet.row_data_fh.close()


def _fill(book: Workbook, report: Report) -> None:
    """Add the sheets in the order they are read, then what stands on them."""
    formats = Formats(book, report.currency)
    _set_properties(book, report)
    about = book.add_worksheet(ABOUT_SHEET)
    charts = book.add_worksheet(CHARTS_SHEET) if has_charts(report) else None
    sheets = [(book.add_worksheet(table.name), table) for table in report.tables]
    _write_about(about, report, formats, charts=charts is not None)
    if charts is not None:
        write_charts(book, charts, report, formats)
    for sheet, table in sheets:
        write_table(sheet, table, report, formats)
        colour_heat_maps(sheet, table, report)
    if report.definitions:
        _write_definitions(book.add_worksheet(DEFINITIONS_SHEET), report, formats)


def _set_properties(book: Workbook, report: Report) -> None:
    """Date the file with the moment the report is known at: the clock would make every copy differ."""
    book.set_properties(
        {
            "title": report.title,
            "subject": report.heading,
            "author": PROGRAM,
            "created": from_micros(report.known_at).replace(tzinfo=None, microsecond=0),
        }
    )


def _write_about(sheet: Worksheet, report: Report, formats: Formats, *, charts: bool) -> None:
    """Write title, scope, both dates and units, and where to find what."""
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, _PROSE_CHARACTERS)
    write_text(sheet, 0, 0, report.title, formats.title, formats.title)
    row = 2
    for label, text in _about(report):
        _write_prose(sheet, row, label, text, formats)
        row += 1
    row += 1
    contents = {table.name: table.title for table in report.tables}
    if charts:
        contents = {CHARTS_SHEET: "Charts of the tables"} | contents
    if report.definitions:
        contents[DEFINITIONS_SHEET] = "What each figure counts"
    for name, title in contents.items():
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats.link, name)
        write_text(sheet, row, 1, title, formats.prose, formats.prose_quoted)
        row += 1
    set_up_page(sheet, report.title)
    sheet.set_landscape()
    sheet.print_area(0, 0, row - 1, 1)


def _about(report: Report) -> list[tuple[str, str]]:
    code = report.currency.code
    days = report.days
    return [
        ("Scope", report.scope),
        ("As of" if report.from_day is None else "Period", days.removeprefix("as of ")),
        ("Known at", f"{format_moment(report.known_at)} (what was recorded until then counts)"),
        *report.about,
        ("Units", f"Amounts in {code}, with all decimals; shares in per cent of what their definition says."),
        ("Empty cells", "A share of nothing has no value: it is neither 0 nor 100 per cent."),
        ("Totals", "Formulas: they count the rows as they stand in this file."),
    ]


def _write_definitions(sheet: Worksheet, report: Report, formats: Formats) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, 2, _PROSE_CHARACTERS)
    write_text(sheet, 0, 0, DEFINITIONS_SHEET, formats.title, formats.title)
    write_text(sheet, 1, 0, report.heading, formats.heading, formats.heading)
    for place, name in enumerate(("Id", "Figure", "What it counts")):
        sheet.write_string(HEADER_ROW, place, name, formats.header_text)
    for row, definition in enumerate(report.definitions, FIRST_ROW):
        sheet.set_row(row, _prose_height(definition.text))
        for place, text in enumerate((definition.id, definition.title, definition.text)):
            write_text(sheet, row, place, text, formats.prose, formats.prose_quoted)
    sheet.freeze_panes(FIRST_ROW, 0)
    set_up_page(sheet, f"{report.title}: {DEFINITIONS_SHEET}")
    sheet.set_landscape()
    sheet.repeat_rows(HEADER_ROW)


def _write_prose(sheet: Worksheet, row: int, label: str, text: str, formats: Formats) -> None:
    sheet.set_row(row, _prose_height(text))
    write_text(sheet, row, 0, label, formats.label, formats.label)
    write_text(sheet, row, 1, text, formats.prose, formats.prose_quoted)


def _prose_height(text: str) -> float:
    """Return the height of wrapped text, which no program works out before the file is opened."""
    return _LINE_HEIGHT * max(1, -(-len(text) // _PROSE_CHARACTERS)) + 2
