"""The charts of a workbook, made by the program that opens it, from the cells of the tables.

A heat map is a table already: its own cells are coloured.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from cif_engine.documents.formats import Formats
from cif_engine.documents.plots import Plot, axis_title, colours, plot
from cif_engine.documents.report import CHARTS_SHEET, Cell, Chart, ChartKind, Report, Table
from cif_engine.documents.sheet import FIRST_ROW, HEADER_ROW, set_up_page, write_text

NOTHING: Final = "There is nothing to draw for this scope and these dates."

MOST_SERIES: Final = 255
"""A chart of a workbook holds no more; of more cohorts the last are drawn."""

_WIDTH = 960
_HEIGHT = 560
_ROWS_EACH = 30
_EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet's calendar, for days since March 1900."""


def write_charts(book: Workbook, sheet: Worksheet, report: Report, formats: Formats) -> None:
    """Write the charts one below the other, each on a page when printed."""
    write_text(sheet, 0, 0, report.title, formats.title, formats.title)
    write_text(sheet, 1, 0, report.heading, formats.heading, formats.heading)
    row = HEADER_ROW
    for chart in _drawn(report):
        shown = plot(report, chart)
        if shown.is_empty:
            write_text(sheet, row, 0, f"{chart.title}: {NOTHING}", formats.label, formats.label)
        else:
            sheet.insert_chart(row, 0, _native_chart(book, report, chart, shown), {"description": chart.title})
        row += _ROWS_EACH
    _set_up_print(sheet, report, row)


def has_charts(report: Report) -> bool:
    """Say whether the report has charts that are not a coloured table."""
    return bool(_drawn(report))


def colour_heat_maps(sheet: Worksheet, table: Table, report: Report) -> None:
    """Colour the matrix of each heat map: amounts row by row, because rows differ in size; shares all alike."""
    for chart in report.charts:
        if chart.kind is ChartKind.HEAT_MAP and chart.table == table.name:
            places = [table.index(key) for key in chart.values]
            last_row = FIRST_ROW + len(list(table.rows)) - 1
            by_row = plot(report, chart).scale.unit != "%"
            rows = [(row, row) for row in range(FIRST_ROW, last_row + 1)] if by_row else [(FIRST_ROW, last_row)]
            for first, last in rows:
                scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#7DB8DA"}
                sheet.conditional_format(first, min(places), last, max(places), scale)


def _drawn(report: Report) -> list[Chart]:
    return [chart for chart in report.charts if chart.kind is not ChartKind.HEAT_MAP]


def _native_chart(book: Workbook, report: Report, chart: Chart, shown: Plot) -> Any:  # noqa: ANN401 - untyped library
    native = book.add_chart(_native_kind(chart, shown))
    for series in _series(report.table(chart.table), chart, shown):
        native.add_series(series)
    native.set_title(
        {
            "name": _literal(f"{chart.title} · {report.heading}"),
            "name_font": {"size": 11, "bold": True},
            "overlay": False,
        }
    )
    _set_axes(native, chart, shown)
    native.set_legend({"position": "right", "font": {"size": 9}})
    native.set_size({"width": _WIDTH, "height": _HEIGHT})
    native.show_blanks_as("gap")
    return native


def _native_kind(chart: Chart, shown: Plot) -> dict[str, str]:
    if chart.kind is ChartKind.STACKED_BARS:
        return {"type": "column" if shown.by_day else "bar", "subtype": "stacked"}
    return {"type": "line"}


def _series(table: Table, chart: Chart, shown: Plot) -> Iterator[dict[str, Any]]:
    """Yield the series: columns of the table, or, for curves, its rows.

    The library keeps no cells while it writes row by row, so what they hold is given beside them, for readers that do
    not count.
    """
    labels, places = table.index(chart.labels), [table.index(key) for key in chart.values]
    last_row = FIRST_ROW + len(list(table.rows)) - 1
    for order, (series, colour) in enumerate(zip(shown.series, colours(chart.kind, len(shown.series)), strict=True)):
        if chart.kind is ChartKind.CURVES:
            along = (HEADER_ROW, places[0], HEADER_ROW, places[-1])
            cells = (FIRST_ROW + order, places[0], FIRST_ROW + order, places[-1])
        else:
            along = (FIRST_ROW, labels, last_row, labels)
            cells = (FIRST_ROW, places[order], last_row, places[order])
        if len(shown.series) - order <= MOST_SERIES:
            yield {
                "name": _literal(series.name),
                "categories": [table.name, *along],
                "categories_data": [_held(place) for place in shown.places],
                "values": [table.name, *cells],
                "values_data": list(series.values),
                **_look(chart, colour),
            }


def _look(chart: Chart, colour: str) -> dict[str, Any]:
    if chart.kind is ChartKind.STACKED_BARS:
        return {"fill": {"color": colour}, "gap": 25}
    return {"line": {"color": colour, "width": 2}}


def _literal(name: str) -> str:
    """Return a name that the library takes as it is: what looks like a cell of a sheet it would make a formula.

    A word joiner after each exclamation mark breaks that look, and is not seen.
    """
    return name.replace("!", "!\u2060")


def _held(place: Cell) -> object:
    """Return what a cell of the axis holds: a day is the number of its day."""
    return (place - _EPOCH).days if isinstance(place, date) else str(place)


def _set_axes(native: Any, chart: Chart, shown: Plot) -> None:  # noqa: ANN401 - untyped library
    font = {"size": 9}
    along: dict[str, Any] = {"name": chart.across, "num_font": font, "name_font": font}
    if shown.by_day:
        along |= {"num_format": "mmm yyyy", "text_axis": True}
    up = {
        "name": axis_title(chart.up, shown.scale),
        "num_format": shown.scale.number_format,
        "num_font": font,
        "name_font": font,
        "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}},
        "min": None if min(shown.numbers) < 0 else 0,
    }
    if chart.kind is ChartKind.STACKED_BARS and not shown.by_day:
        along["reverse"] = True  # the first row above, as in the table
        up["label_position"] = "high"
        along, up = up, along  # the library names axes by where they lie
    native.set_x_axis(along)
    native.set_y_axis(up)


def _set_up_print(sheet: Worksheet, report: Report, last_row: int) -> None:
    set_up_page(sheet, f"{report.title}: {CHARTS_SHEET}")
    sheet.set_landscape()
    sheet.set_h_pagebreaks(list(range(HEADER_ROW + _ROWS_EACH - 1, last_row - 1, _ROWS_EACH)))
