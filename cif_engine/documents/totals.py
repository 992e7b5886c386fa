"""The last row of a sheet: formulas over the rows above, so that what a reader changes is counted.

Beside each formula stands its value, for the readers that show a workbook without working it out.
"""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from cif_engine.documents.cells import cell_number, ratio, share_number
from cif_engine.documents.formats import Formats
from cif_engine.documents.report import Cell, Column, Table
from cif_engine.money import Currency


def write_totals(
    sheet: Worksheet, table: Table, currency: Currency, formats: Formats, sums: dict[str, int], rows: tuple[int, int]
) -> None:
    """Write what each column comes to below its rows, from the first to the last: a sum, a ratio of sums, or as given.

    `sums` has the columns that are added up, by key, in minor units where they are money.
    """
    given = dict(table.totals)
    values: dict[str, Cell] = {**sums, **given}
    row = rows[1] + 1
    for place, column in enumerate(table.columns):
        look = formats.totals[column.unit]
        if column.key in given:
            _write(sheet, row, place, None, cell_number(given[column.key], column.unit, currency), look)
        elif column.totalled:
            value = cell_number(sums[column.key], column.unit, currency)
            _write(sheet, row, place, _sum(place, rows), value, look)
        elif column.ratio and set(column.ratio) <= values.keys():
            numerator, denominator = ratio_cells(table, column, row)
            share = share_number(ratio(*(values[key] for key in column.ratio)))
            _write(sheet, row, place, f'=IF({denominator}=0,"",{numerator}/{denominator})', share, look)
        elif place == 0:
            sheet.write_string(row, place, "Total", look)
        else:
            sheet.write_blank(row, place, None, look)


def ratio_cells(table: Table, column: Column, row: int) -> tuple[str, str]:
    """Return the cells of a row that a ratio is made of: numerator and denominator."""
    assert column.ratio is not None
    numerator, denominator = (xl_rowcol_to_cell(row, table.index(key)) for key in column.ratio)
    return numerator, denominator


def _sum(place: int, rows: tuple[int, int]) -> str:
    first, last = (xl_rowcol_to_cell(row, place) for row in rows)
    return f"=SUM({first}:{last})"


def _write(
    sheet: Worksheet, row: int, place: int, formula: str | None, value: Decimal | int | None, look: Format
) -> None:
    if formula is not None:
        sheet.write_formula(row, place, formula, look, "" if value is None else value)
    elif value is None:
        sheet.write_blank(row, place, None, look)
    else:
        sheet.write_number(row, place, value, look)
