import io
import re
import tempfile
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell import Cell as SheetCell
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from cif_engine.documents import native_charts, sheet
from cif_engine.documents.report import Cell, Chart, ChartKind, Column, Report, Table, Unit
from cif_engine.documents.workbook import stream_workbook, write_workbook
from cif_engine.errors import TooManyRowsError
from tests.documents.samples import (
    CHARTS,
    KNOWN_AT,
    ageing_by_lso,
    par_by_lso,
    par_series,
    report,
    roll_rates,
    vintages,
)

MEGABYTE = 2**20


def written(whole: Report) -> bytes:
    return b"".join(stream_workbook(whole))


def opened(whole: Report, *, values: bool = False) -> Workbook:
    """Open the workbook with its formulas, or with the values that are written beside them."""
    return openpyxl.load_workbook(io.BytesIO(written(whole)), data_only=values)


def only(table: Table, *, values: bool = False) -> Worksheet:
    found = opened(report(tables=(table,), charts=()), values=values)[table.name]
    assert isinstance(found, Worksheet)
    return found


def one_cell(text: str) -> SheetCell:
    found = only(Table("T", "T", (Column("a", "A"), Column("b", "B")), [(text, "-")]))["A5"]
    assert isinstance(found, SheetCell)
    return found


def parts(whole: Report, folder: str) -> list[str]:
    with ZipFile(io.BytesIO(written(whole))) as book:
        return [book.read(name).decode() for name in book.namelist() if name.startswith(folder)]


def row_of(found: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in found[row]]


# What is in it -------------------------------------------------------------------------------------------------------


def test_the_sheets_are_what_it_covers_the_charts_the_tables_and_the_definitions() -> None:
    names = ["PAR by LSO", "PAR over time", "Ageing", "Ageing by LSO", "Vintages", "Roll rates"]
    assert opened(report()).sheetnames == ["About", "Charts", *names, "Definitions"]


def test_the_first_sheet_says_scope_both_dates_units_and_rules() -> None:
    about = opened(report())["About"]
    said = {label.value: text.value for label, text in about["A1:B30"] if label.value}
    assert about["A1"].value == "Portfolio summary"
    assert said["Scope"] == "NRSP, 4 LSOs"
    assert said["As of"] == "30 Jun 2026"
    assert str(said["Known at"]).startswith("2026-07-05T12:30:00.250000Z")
    assert str(said["Units"]).startswith("Amounts in PKR")
    assert said["Comparator"] == "late by more than n days"
    assert said["PAR by LSO"] == "Portfolio at risk by LSO"


def test_the_definitions_are_told() -> None:
    found = opened(report())["Definitions"]
    assert row_of(found, 4) == ["Id", "Figure", "What it counts"]
    assert row_of(found, 6)[:2] == ["gross_portfolio", "Gross loan portfolio"]


def test_a_report_without_definitions_and_charts_has_no_sheets_for_them() -> None:
    assert opened(report(tables=(par_by_lso(),), charts=(), definitions=())).sheetnames == ["About", "PAR by LSO"]


# A table -------------------------------------------------------------------------------------------------------------


def test_a_table_stands_under_its_title_its_heading_and_its_units() -> None:
    found = only(par_by_lso())
    assert found["A1"].value == "Portfolio at risk by LSO"
    assert found["A2"].value == "NRSP, 4 LSOs · as of 30 Jun 2026 · known at 5 Jul 2026 12:30 UTC"
    assert row_of(found, 4) == [
        "LSO",
        "Name",
        "Loans",
        "Gross portfolio (PKR)",
        "Late over 30 days (PKR)",
        "PAR > 30",
        "Last sheet",
    ]
    assert row_of(found, 5) == ["DAS", "LSO Dasori", 721, 3_000_000, 150_000, "=E5/D5", datetime(2026, 6, 28)]  # noqa: DTZ001 - a sheet knows no zones


def test_totals_are_formulas_with_their_values_beside_them() -> None:
    assert row_of(only(par_by_lso()), 9) == [
        "Total",
        None,
        "=SUM(C5:C8)",
        "=SUM(D5:D8)",
        "=SUM(E5:E8)",
        '=IF(D9=0,"",E9/D9)',
        None,
    ]
    assert row_of(only(par_by_lso(), values=True), 9) == ["Total", None, 1219, 5_000_000, 200_000, 0.04, None]


def test_a_share_of_nothing_is_an_empty_cell() -> None:
    assert row_of(only(par_by_lso(), values=True), 8) == ["NEW", "LSO Naya Daur", 0, 0, 0, None, None]


def test_the_total_share_of_nothing_is_empty_too() -> None:
    nothing: tuple[tuple[Cell, ...], ...] = (("NEW", "LSO Naya Daur", 0, 0, 0, None, None),)
    assert only(par_by_lso(nothing), values=True)["F6"].value is None


def test_a_total_that_is_no_sum_is_written_as_given() -> None:
    table = replace(par_by_lso(), totals=(("loans", 1200), ("late_over_30", None), ("par_30", (1, 20))))
    assert row_of(only(table, values=True), 9) == ["Total", None, 1200, 5_000_000, None, 0.05, None]
    assert only(table)["C9"].value == 1200


def test_a_table_without_totals_ends_with_its_last_row() -> None:
    assert only(par_series()).max_row == 4 + 24


def test_a_table_without_rows_says_so_and_sums_to_nothing() -> None:
    found = only(par_by_lso(()))
    assert row_of(found, 5)[0] == "Nothing to report."
    assert found["D6"].value == "=SUM(D5:D5)"
    assert only(par_by_lso(()), values=True)["D6"].value == 0


@pytest.mark.parametrize("amount_minor", [1, -1, 10, 150_050, 99_999_999_999_999, -(10**15) + 1])
def test_amounts_are_written_to_the_last_paisa(amount_minor: int) -> None:
    table = Table("T", "T", (Column("a", "A", Unit.MONEY, totalled=True),), [(amount_minor,)])
    for row in ("A5", "A6"):
        value = only(table, values=True)[row].value
        assert Decimal(str(value)) * 100 == amount_minor


def test_moments_days_and_shares_are_numbers_with_formats() -> None:
    columns = (Column("m", "M", Unit.MOMENT), Column("s", "S", Unit.SHARE), Column("a", "A", Unit.MONEY))
    moment, share, amount = only(Table("T", "T", columns, [(KNOWN_AT, (1, 8), 150_050), (None, None, None)]))[5]
    assert (moment.value, moment.number_format) == (datetime(2026, 7, 5, 12, 30, 0, 250_000), "yyyy-mm-dd hh:mm:ss")  # noqa: DTZ001 - as above
    assert (share.value, share.number_format) == (0.125, "0.00%")
    assert (amount.value, amount.number_format) == (1500.5, "#,##0.00")


def test_the_header_stays_in_sight_and_filters() -> None:
    found = only(par_by_lso())
    assert found.freeze_panes == "B5"
    assert found.auto_filter.ref == "A4:G8"


def test_a_sheet_is_ready_to_print() -> None:
    found = only(par_by_lso())
    assert (found.page_setup.orientation, str(found.page_setup.paperSize)) == ("landscape", "9")
    assert (found.page_setup.fitToWidth, found.page_setup.fitToHeight) == (None, 0)
    assert found.sheet_properties.pageSetUpPr is not None
    assert found.sheet_properties.pageSetUpPr.fitToPage
    assert found.print_title_rows == "$4:$4"
    assert found.print_area == "'PAR by LSO'!$A$1:$G$9"
    assert found.oddFooter is not None
    assert found.oddFooter.left.text == "Portfolio summary: Portfolio at risk by LSO"
    assert found.oddFooter.right.text == "Page &P of &N"


def test_a_long_title_with_an_ampersand_fits_the_footer() -> None:
    table = replace(par_by_lso(), title="Shigar & Nagar, " * 20)
    assert "Shigar && Nagar" in parts(report(tables=(table,), charts=()), "xl/worksheets/sheet2")[0].replace(
        "&amp;", "&"
    )


def test_a_missing_text_is_an_empty_cell() -> None:
    assert row_of(only(Table("T", "T", (Column("a", "A"), Column("b", "B")), [("x", None)])), 5) == ["x", None]


# Texts from the data -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+92", "-", "@SUM(A1)", '=HYPERLINK("http://x")', "{=1}"])
def test_a_text_is_never_a_formula(text: str) -> None:
    cell = one_cell(text)
    assert (cell.data_type, cell.value) == ("s" if not text.startswith("=") else cell.data_type, text)
    assert cell.quotePrefix is (text[0] in "=+-@")
    with_formula = parts(report(tables=(Table("T", "T", (Column("a", "A"),), [(text,)]),), charts=()), "xl/worksheets/")
    assert not any("<f>" in part for part in with_formula)


@pytest.mark.parametrize(
    "text",
    [
        "<r><t>bold</t></r>",
        "<r>",
        "a & b < c",
        " leading and trailing ",
        "\x00\x01",
        "_x0041_",
        "ٹنگوانی",
        "http://example.org",
        "line\nline",
        "0045",
    ],
)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    cell = one_cell(text)
    assert cell.data_type == "s"
    assert unescape(str(cell.value)).strip() == text.strip()


def test_a_text_too_long_for_a_cell_ends_in_an_ellipsis() -> None:
    value = one_cell("x" * 40_000).value
    assert isinstance(value, str)
    assert (len(value), value[-1]) == (32_767, "…")


# Charts --------------------------------------------------------------------------------------------------------------


def test_the_charts_are_drawn_from_the_cells_of_the_tables() -> None:
    lines, bars, lying, curves = parts(report(), "xl/charts/chart")
    assert "<c:lineChart>" in lines
    assert "'PAR over time'!$C$5:$C$28" in lines
    assert "'PAR over time'!$A$5:$A$28" in lines
    assert '<c:barDir val="col"/>' in bars
    assert '<c:grouping val="stacked"/>' in bars
    assert '<c:barDir val="bar"/>' in lying
    assert "Vintages!$C$5:$N$5" in curves
    assert "Vintages!$C$4:$N$4" in curves


def test_a_chart_is_titled_with_scope_and_dates_and_its_axes_have_units() -> None:
    lines, bars, *_ = parts(report(), "xl/charts/chart")
    assert "Portfolio at risk · NRSP, 4 LSOs · as of 30 Jun 2026 · known at 5 Jul 2026 12:30 UTC" in lines
    assert "Share of the gross portfolio (%)" in lines
    assert "Outstanding principal (PKR million)" in bars


def test_a_chart_carries_its_values_for_readers_that_do_not_count() -> None:
    lines = parts(report(), "xl/charts/chart")[0]
    assert '<c:pt idx="0"><c:v>0.04</c:v></c:pt>' in lines
    assert "<c:v>46203</c:v>" in lines  # 30 June 2026


def test_a_name_in_a_chart_is_no_formula() -> None:
    rows = (("=cmd|' /C calc'!A0", *(1,) * 7),)
    table = replace(ageing_by_lso(), rows=rows)
    curves = Chart("c", "=1+1", ChartKind.CURVES, table.name, "lso", ("band_0", "band_1"), "Band", "Outstanding")
    drawn = parts(report(tables=(table,), charts=(curves,)), "xl/charts/chart")[0]
    assert "<c:v>=cmd|' /C calc'!\u2060A0</c:v>" in drawn
    assert not re.search("<c:f>[^<]*cmd", drawn)


def test_of_more_cohorts_than_a_chart_can_hold_the_last_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_charts, "MOST_SERIES", 3)
    drawn = parts(report(tables=(vintages(),), charts=(CHARTS[3],)), "xl/charts/chart")[0]
    assert drawn.count("<c:ser>") == 3
    assert "Vintages!$C$16:$N$16" in drawn


def test_a_chart_without_data_says_so() -> None:
    whole = report(tables=(replace(par_series(), rows=()),), charts=CHARTS[:1])
    assert parts(whole, "xl/charts/chart") == []
    assert str(opened(whole)["Charts"]["A4"].value).endswith("There is nothing to draw for this scope and these dates.")


def test_a_heat_map_is_its_table_coloured_row_by_row() -> None:
    whole = report(tables=(roll_rates(),), charts=CHARTS[4:])
    book = opened(whole)
    assert "Charts" not in book.sheetnames
    found = book["Roll rates"]
    assert isinstance(found, Worksheet)
    ranges = [str(each.sqref) for each in found.conditional_formatting]
    assert ranges == [f"B{row}:H{row}" for row in range(5, 12)]


def test_a_heat_map_of_shares_is_coloured_as_a_whole() -> None:
    chart = replace(CHARTS[3], kind=ChartKind.HEAT_MAP)
    found = opened(report(tables=(vintages(),), charts=(chart,)))["Vintages"]
    assert isinstance(found, Worksheet)
    assert [str(each.sqref) for each in found.conditional_formatting] == ["C5:N16"]


# The file ------------------------------------------------------------------------------------------------------------


def test_the_same_report_gives_the_same_bytes() -> None:
    first = written(report())
    assert first == written(report())
    with ZipFile(io.BytesIO(first)) as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}
        assert b"2026-07-05T12:30:00Z" in book.read("docProps/core.xml")


def test_a_workbook_can_be_written_to_a_path(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_workbook(report(), path)
    assert path.read_bytes() == written(report())


def test_more_rows_than_a_sheet_holds_are_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sheet, "MAX_ROWS", 3)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(TooManyRowsError, match="PAR by LSO has more than the 3 rows"):
        stream_workbook(report())
    assert list(tmp_path.iterdir()) == []


def test_rows_that_break_off_leave_no_files_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows() -> Iterator[tuple[Cell, ...]]:
        yield ("first",)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        stream_workbook(report(tables=(Table("T", "T", (Column("a", "A"),), rows()),), charts=()))
    assert list(tmp_path.iterdir()) == []


def test_ten_times_the_rows_need_no_more_memory() -> None:
    assert peak_of(5_000) < peak_of(500) + MEGABYTE / 2


def peak_of(count: int) -> int:
    """Return the most bytes held while a workbook of so many rows is made and sent."""
    rows = ((f"loan {place}", f"member {place}", place, place * 100) for place in range(count))
    columns = (Column("loan", "Loan"), Column("who", "Who"), Column("n", "N", Unit.COUNT), Column("m", "M", Unit.MONEY))
    whole = report(tables=(Table("Loans", "Loans", columns, rows),), charts=())
    tracemalloc.start()
    try:
        assert sum(map(len, islice(stream_workbook(whole), None))) > 10_000
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
