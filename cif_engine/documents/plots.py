"""What a chart shows, before it is drawn: series of exact numbers along an axis, their scale, their colours.

The workbook's own charts and the pictures are both made from it, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from cif_engine.documents.cells import cell_number, filled
from cif_engine.documents.report import Cell, Chart, ChartKind, Report, Unit, format_day
from cif_engine.money import Currency

DISTINCT: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5C00", "#000000")
"""Okabe and Ito's colours, which colour-blind readers tell apart too; dark ochre for their yellow, too pale a line."""

CURRENT: Final = "#9DB8CC"
"""What is not late stands apart from the warm colours of what is."""

_LATE = ("#FEE08B", "#FDAE3C", "#EC7014", "#B83A04", "#6B1D04", "#2B0A02")
"""Later is darker: an order that survives a grey print, for every kind of sight."""

_AGE = ("#FDB32F", "#ED7953", "#CC4678", "#9C179E", "#5C01A6", "#0D0887")
"""Older is lighter, newer darker; even steps of lightness."""

_MILLIONS_FROM = 10_000_000
_THOUSANDS_FROM = 100_000


@dataclass(frozen=True, slots=True)
class Series:
    """A named line, layer or row of a matrix: a number in whole units per place of the axis, or None."""

    name: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """How numbers are shown on an axis: divided, with some decimals, in a unit such as `PKR million`."""

    divisor: Decimal
    decimals: int
    unit: str
    number_format: str

    def shown(self, value: Decimal) -> str:
        return f"{value / self.divisor:,.{self.decimals}f}"


@dataclass(frozen=True, slots=True)
class Plot:
    """The series of a chart along `places`, which are days or texts."""

    places: tuple[Cell, ...]
    series: tuple[Series, ...]
    scale: Scale

    @property
    def numbers(self) -> list[Decimal]:
        return [value for series in self.series for value in series.values if value is not None]

    @property
    def is_empty(self) -> bool:
        return not self.numbers

    @property
    def by_day(self) -> bool:
        return bool(self.places) and all(isinstance(place, date) for place in self.places)

    def place_names(self) -> list[str]:
        """Return the places as text; month-ends by their month."""
        days = [place for place in self.places if isinstance(place, date)]
        if len(days) < len(self.places):
            return [str(place) for place in self.places]
        return [_month_of(day) if all(map(_ends_a_month, days)) else format_day(day) for day in days]


def plot(report: Report, chart: Chart) -> Plot:
    """Return what a chart of the report shows."""
    table = report.table(chart.table)
    labels, places = table.index(chart.labels), [table.index(key) for key in chart.values]
    columns = [table.columns[place] for place in places]
    rows = list(filled(table))
    names = tuple(column.title for column in columns)
    unit = columns[0].unit if columns else Unit.COUNT
    matrix = [tuple(_number(row[place], unit, report.currency) for place in places) for row in rows]
    scale = scale_of(unit, [value for cells in matrix for value in cells if value is not None], report.currency)
    if chart.kind in {ChartKind.CURVES, ChartKind.HEAT_MAP}:
        series = tuple(Series(_name(row[labels]), cells) for row, cells in zip(rows, matrix, strict=True))
        return Plot(names, series, scale)
    layers = zip(*matrix, strict=True) if matrix else ((),) * len(names)
    series = tuple(Series(name, tuple(cells)) for name, cells in zip(names, layers, strict=True))
    return Plot(tuple(row[labels] for row in rows), series, scale)


def _number(cell: Cell, unit: Unit, currency: Currency) -> Decimal | None:
    value = cell_number(cell, unit, currency)
    return None if value is None else Decimal(value)


def _name(cell: Cell) -> str:
    if isinstance(cell, date):
        return _month_of(cell) if _ends_a_month(cell) else format_day(cell)
    return "" if cell is None else str(cell)


def _ends_a_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def _month_of(day: date) -> str:
    return format_day(day).partition(" ")[2]


def scale_of(unit: Unit, values: Sequence[Decimal], currency: Currency) -> Scale:
    """Return a scale on which the largest of the values has few digits."""
    if unit is Unit.SHARE:
        return Scale(Decimal("0.01"), 1, "%", "0.0%")
    code = currency.code if unit is Unit.MONEY else ""
    largest = max(map(abs, values), default=Decimal(0))
    if largest >= _MILLIONS_FROM:
        return Scale(Decimal(1_000_000), 1, f"{code} million".strip(), "#,##0.0,,")
    if largest >= _THOUSANDS_FROM:
        return Scale(Decimal(1_000), 0, f"{code} thousand".strip(), "#,##0,")
    return Scale(Decimal(1), 0, code, "#,##0")


def axis_title(text: str, scale: Scale) -> str:
    """Return the title of a value axis with its unit."""
    return f"{text} ({scale.unit})" if scale.unit else text


def colours(kind: ChartKind, count: int) -> list[str]:
    """Return one colour per series: an order where the series have one, else colours that differ."""
    if kind is ChartKind.LINES:
        return [DISTINCT[place % len(DISTINCT)] for place in range(count)]
    if kind is ChartKind.CURVES:
        return _spread(_AGE, count)
    return [CURRENT, *_spread(_LATE, count - 1)][:count]


def _spread(stops: tuple[str, ...], count: int) -> list[str]:
    """Return `count` colours at even steps along the stops, both ends included."""
    if count <= 1:
        return [stops[-1]] * count
    steps = [divmod(place * (len(stops) - 1), count - 1) for place in range(count)]
    between = [*pairwise(stops), (stops[-1], stops[-1])]
    return [_mix(*between[stop], rest, count - 1) for stop, rest in steps]


def _mix(first: str, second: str, part: int, whole_part: int) -> str:
    """Return the colour `part / whole_part` of the way from the first to the second."""
    pairs = [(int(first[place : place + 2], 16), int(second[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{low + (high - low) * part // whole_part:02X}" for low, high in pairs)
