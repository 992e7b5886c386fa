"""A report before it has a form: its scope, its two dates, its tables, its charts, and what its figures mean.

Everything that writes a file reads these values; nothing here knows CSV, workbooks or pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

from cif_engine.moments import from_micros
from cif_engine.money import PKR, Currency

Cell: TypeAlias = str | int | date | Decimal | tuple[int, int] | None
"""What a row holds; which of these, the unit of the column says. None is an empty cell, never a zero."""

SHEET_NAME_LENGTH: Final = 31
"""The longest name a sheet of a workbook may have."""

SHEET_NAME_FORBIDS: Final = frozenset("[]:*?/\\'")

ABOUT_SHEET: Final = "About"
CHARTS_SHEET: Final = "Charts"
DEFINITIONS_SHEET: Final = "Definitions"

_OWN_SHEETS = {name.casefold() for name in (ABOUT_SHEET, CHARTS_SHEET, DEFINITIONS_SHEET, "History")}
"""What no table may be called; Excel keeps the last for itself."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Unit(StrEnum):
    """What a column counts in, and so which values its cells are.

    MONEY is an int of minor units; MOMENT an int of microseconds since 1970 in UTC; SHARE an exact part of one:
    a pair (numerator, denominator), a Decimal, or its text such as "0.040000". A share of nothing is None, or a
    pair whose denominator is 0.
    """

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    DAY = "day"
    MOMENT = "moment"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is its stable name for programs (the header of a CSV), `title` the one for people.

    `ratio` makes it a share worked out from two other columns of its row, by their keys: (numerator, denominator).
    The rows hold None there; its total is the ratio of the two totals. `totalled` adds the column up; `width` is in
    characters, by default what its unit needs; `definition` is the id of the figure that it tells. What
    stands `aside` is folded away in a workbook: there for who unfolds it, and not on the page that is printed.
    """

    key: str
    title: str
    unit: Unit = Unit.TEXT
    width: int | None = None
    totalled: bool = False
    ratio: tuple[str, str] | None = None
    definition: str | None = None
    aside: bool = False

    def __post_init__(self) -> None:
        assert self.ratio is None or self.unit is Unit.SHARE, f"{self.key}: only a share is a ratio"
        assert not self.totalled or self.unit in {Unit.COUNT, Unit.MONEY}, f"{self.key}: only amounts are added up"

    def heading(self, currency: Currency) -> str:
        """Return the title with the unit that its cells do not show themselves."""
        unit = {Unit.MONEY: currency.code, Unit.MOMENT: "UTC"}.get(self.unit)
        return f"{self.title} ({unit})" if unit else self.title


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. `rows` may be a generator: it is read once, row by row, and never held.

    `name` is the name of its sheet, and what charts point to; `totals` are those that are not the sum of their column,
    by key: people found in two rows count once in the total.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    totals: tuple[tuple[str, Cell], ...] = ()

    def __post_init__(self) -> None:
        assert 0 < len(self.name) <= SHEET_NAME_LENGTH, f"{self.name!r} does not fit a sheet"
        assert not SHEET_NAME_FORBIDS & set(self.name), f"{self.name!r} has a character no sheet may have"
        assert self.name.casefold() not in _OWN_SHEETS, f"{self.name!r} is the name of another sheet"
        assert not self.columns[0].aside, f"{self.name}: its title stands in its first column"
        keys = self.keys
        assert len(set(keys)) == len(keys), f"{self.name}: two columns with one key"
        named = {key for column in self.columns for key in column.ratio or ()} | {key for key, _ in self.totals}
        assert named <= set(keys), f"{self.name}: no such columns {named - set(keys)}"

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(column.key for column in self.columns)

    @property
    def has_total(self) -> bool:
        return bool(self.totals) or any(column.totalled for column in self.columns)

    def index(self, key: str) -> int:
        """Return the place of a column, from 0."""
        return self.keys.index(key)


class ChartKind(StrEnum):
    """How a table is drawn.

    LINES: rows along the axis, a line per column (PAR over month-ends). STACKED_BARS: a bar per row, a layer of it per
    column, in the order of the columns (ageing). CURVES: columns along the axis, a line per row (vintages).
    HEAT_MAP: the matrix itself; amounts are coloured by their share of their row (roll rates).
    """

    LINES = "lines"
    STACKED_BARS = "stacked_bars"
    CURVES = "curves"
    HEAT_MAP = "heat_map"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of a table: `labels` is the key of the column that names its rows, `values` those of what is drawn.

    `across` says what runs along the horizontal axis, `up` what the values (or the rows of a heat map) are; the unit is
    added to it.
    """

    key: str
    title: str
    kind: ChartKind
    table: str
    labels: str
    values: tuple[str, ...]
    across: str
    up: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure of the report counts."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report on one day, or on the days from `from_day` to `to_day`, as known at a moment (microseconds, UTC).

    `scope` says whose books it covers; `about` what else a reader has to know, as (label, text): rule set, comparator,
    filters, yardsticks. A table that is drawn has its rows as a sequence, because they are read more than once.
    """

    title: str
    scope: str
    to_day: date
    known_at: int
    tables: tuple[Table, ...]
    from_day: date | None = None
    about: tuple[tuple[str, str], ...] = ()
    charts: tuple[Chart, ...] = ()
    definitions: tuple[Definition, ...] = ()
    currency: Currency = PKR

    def __post_init__(self) -> None:
        names = [table.name.casefold() for table in self.tables]
        assert len(set(names)) == len(names), "Two tables with one name"
        for chart in self.charts:
            table = self.table(chart.table)
            assert {chart.labels, *chart.values} <= set(table.keys), f"{chart.key}: no such columns"
            assert len({table.columns[table.index(key)].unit for key in chart.values}) <= 1, f"{chart.key}: mixed units"
            assert isinstance(table.rows, Sequence), f"{chart.key}: rows that are drawn are read more than once"

    @property
    def days(self) -> str:
        """The first date of the two: the day, or the first and the last of the period."""
        if self.from_day is None:
            return f"as of {format_day(self.to_day)}"
        return f"{format_day(self.from_day)} to {format_day(self.to_day)}"

    @property
    def heading(self) -> str:
        """Scope and both dates in one line: what stands under every title. The moment is cut to its minute."""
        known_at = from_micros(self.known_at)
        return f"{self.scope} · {self.days} · known at {format_day(known_at)} {known_at:%H:%M} UTC"

    def table(self, name: str) -> Table:
        return next(table for table in self.tables if table.name == name)

    def chart(self, key: str) -> Chart:
        return next(chart for chart in self.charts if chart.key == key)


def format_day(day: date) -> str:
    """Return a day that no reader takes for another: 30 Jun 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
