"""One table as a sheet of a workbook: frozen header, filter, formats, live totals, ready to print.

Rows are written one after the other and never held, so a sheet of 100,000 loans needs no more memory than one of ten.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Final

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cif_engine.documents.cells import cell_number, day, filled, share_number, starts_a_formula, whole
from cif_engine.documents.formats import Formats
from cif_engine.documents.report import Cell, Column, Report, Table, Unit
from cif_engine.documents.totals import ratio_cells, write_totals
from cif_engine.documents.widths import widths_of
from cif_engine.errors import TooManyRowsError
from cif_engine.moments import from_micros
from cif_engine.money import Currency

HEADER_ROW: Final = 3
"""The title stands in row 0, the heading in row 1; rows are counted from 0."""

FIRST_ROW: Final = HEADER_ROW + 1

NOTHING: Final = "Nothing to report."

MAX_ROWS: Final = 1_048_576 - FIRST_ROW - 1
"""What a sheet can hold below its header, with a total."""

LONGEST_TEXT: Final = 32_767
"""What a cell can hold; a longer text ends in an ellipsis."""

_A4 = 9
_FOOTER_CHARACTERS = 100
_LINE_HEIGHT = 14
_FOLDED = {"level": 1, "hidden": True}


def write_table(sheet: Worksheet, table: Table, report: Report, formats: Formats) -> None:
    """Write title, header, rows and totals. Raises TooManyRowsError."""
    _write_head(sheet, table, report, formats)
    rows = _Rows(sheet, table, report.currency, formats)
    for row in filled(table):
        rows.write(row)
    if rows.count == 0:
        write_text(sheet, FIRST_ROW, 0, NOTHING, formats.cells[Unit.TEXT], formats.quoted)
    last_row = FIRST_ROW + max(rows.count, 1) - 1
    sheet.autofilter(HEADER_ROW, 0, last_row, len(table.columns) - 1)
    if table.has_total:
        write_totals(sheet, table, report.currency, formats, rows.sums, (FIRST_ROW, last_row))
    _set_up_print(sheet, table, report, last_row + table.has_total)


def write_text(sheet: Worksheet, row: int, place: int, text: str, plain: Format, quoted: Format) -> None:
    """Write a text as a text, whatever it looks like; one that begins like a formula also stays one when edited."""
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    if text.startswith("<r>"):
        text = f" {text}"  # XlsxWriter takes `<r>...</r>` for markup of its own and writes it out as it is
    sheet.write_string(row, place, text, quoted if starts_a_formula(text) else plain)


def _write_head(sheet: Worksheet, table: Table, report: Report, formats: Formats) -> None:
    widths = widths_of(table, report.currency)
    _set_columns(sheet, table, widths)
    write_text(sheet, 0, 0, table.title, formats.title, formats.title)
    write_text(sheet, 1, 0, report.heading, formats.heading, formats.heading)
    headings = [column.heading(report.currency) for column in table.columns]
    sheet.set_row(HEADER_ROW, _LINE_HEIGHT * max(map(_lines, widths, headings)) + 4)
    for place, (column, heading) in enumerate(zip(table.columns, headings, strict=True)):
        write_text(sheet, HEADER_ROW, place, heading, formats.header(column.unit), formats.header(column.unit))
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{MAX_ROWS}"})  # numbers of paper are names


def _set_columns(sheet: Worksheet, table: Table, widths: Sequence[int]) -> None:
    """Set widths, and fold away what stands aside; the column after a fold bears the sign that unfolds it."""
    folded = [column.aside for column in table.columns]
    for place, (width, aside) in enumerate(zip(widths, folded, strict=True)):
        unfolds = not aside and place > 0 and folded[place - 1]
        sheet.set_column(place, place, width, None, _FOLDED if aside else {"collapsed": unfolds})
    if folded[-1]:
        sheet.set_column(len(folded), len(folded), None, None, {"collapsed": True})


def _lines(width: int, heading: str) -> int:
    """Return how many lines a heading takes, which breaks between words, beside the button of the filter."""
    return len(textwrap.wrap(heading, max(width - 3, 1)))


class _Rows:
    """Writes rows, and adds up what is totalled while it passes."""

    def __init__(self, sheet: Worksheet, table: Table, currency: Currency, formats: Formats) -> None:
        self._writers = [_cell_writer(sheet, table, column, currency, formats) for column in table.columns]
        self._totalled = [place for place, column in enumerate(table.columns) if column.totalled]
        self._name = table.name
        self._columns = table.columns
        self._amounts = dict.fromkeys(self._totalled, 0)
        self.count = 0

    @property
    def sums(self) -> dict[str, int]:
        return {self._columns[place].key: amount for place, amount in self._amounts.items()}

    def write(self, row: tuple[Cell, ...]) -> None:
        if self.count == MAX_ROWS:
            raise TooManyRowsError(
                f"{self._name} has more than the {MAX_ROWS:,} rows that fit a sheet; take it as CSV."
            )
        for place, (write, cell) in enumerate(zip(self._writers, row, strict=True)):
            write(FIRST_ROW + self.count, place, cell)
        for place in self._totalled:
            cell = row[place]
            self._amounts[place] += 0 if cell is None else whole(cell)
        self.count += 1


def _cell_writer(
    sheet: Worksheet, table: Table, column: Column, currency: Currency, formats: Formats
) -> Callable[[int, int, Cell], None]:
    """Return what writes a cell of that column into a row and a place."""
    look, unit = formats.cells[column.unit], column.unit

    def write_a_text(row: int, place: int, cell: Cell) -> None:
        if cell is None:
            sheet.write_blank(row, place, None, look)
        else:
            write_text(sheet, row, place, str(cell), look, formats.quoted)

    def write_a_number(row: int, place: int, cell: Cell) -> None:
        value = cell_number(cell, unit, currency)
        if value is None:
            sheet.write_blank(row, place, None, look)
        else:
            sheet.write_number(row, place, value, look)

    def write_a_time(row: int, place: int, cell: Cell) -> None:
        if cell is None:
            sheet.write_blank(row, place, None, look)
        else:
            at = day(cell) if unit is Unit.DAY else from_micros(whole(cell)).replace(tzinfo=None)
            sheet.write_datetime(row, place, at, look)

    def write_a_ratio(row: int, place: int, cell: Cell) -> None:
        value = share_number(cell)
        if value is None:
            sheet.write_blank(row, place, None, look)
        else:
            sheet.write_formula(row, place, f"={'/'.join(ratio_cells(table, column, row))}", look, value)

    if column.ratio:
        return write_a_ratio
    return {Unit.TEXT: write_a_text, Unit.DAY: write_a_time, Unit.MOMENT: write_a_time}.get(unit, write_a_number)


def _set_up_print(sheet: Worksheet, table: Table, report: Report, last_row: int) -> None:
    """Landscape A4, one page wide, the header on every page, title and page numbers below."""
    set_up_page(sheet, f"{report.title}: {table.title}")
    sheet.set_landscape()
    sheet.repeat_rows(HEADER_ROW)
    sheet.print_area(0, 0, last_row, len(table.columns) - 1)


def set_up_page(sheet: Worksheet, title: str) -> None:
    """Set what every page of the workbook shares: A4, margins, a footer."""
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.75)
    sheet.hide_gridlines(2)
    footer = title if len(title) <= _FOOTER_CHARACTERS else title[: _FOOTER_CHARACTERS - 1] + "…"
    sheet.set_footer(f"&L{footer.replace('&', '&&')}&RPage &P of &N")
