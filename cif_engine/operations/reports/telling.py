"""From the answer of a figure to a table of it: one row per row of the cut, the same numbers, under a header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.money import read_back
from cif_engine.operations.views import View
from cif_engine.portfolio.cuts import Code, Cut, Form

Names = Mapping[Cut, Mapping[tuple[Code, ...], str]]
"""What rows are called, by cut, by their codes (after that of the LSO where they mean something within it)."""

NO_NAMES: Final[Names] = {}

WHOLE: Final = "Whole portfolio"

TITLES: Final = {
    Cut.RSP: "RSP",
    Cut.DISTRICT: "District",
    Cut.TEHSIL: "Tehsil",
    Cut.UNION_COUNCIL: "Union council",
    Cut.LSO: "LSO",
    Cut.VO: "VO",
    Cut.CO: "CO",
    Cut.FUND: "Fund",
    Cut.FUNDER: "Funder",
    Cut.TRANCHE: "Tranche",
    Cut.PRODUCT: "Product",
    Cut.PURPOSE: "Purpose",
    Cut.CYCLE: "Cycle",
    Cut.POVERTY_BAND: "Poverty band",
    Cut.GENDER: "Gender",
    Cut.CHANNEL: "Channel",
}

_NUMBERED = (Cut.TRANCHE, Cut.CYCLE)


@dataclass(frozen=True, slots=True)
class Told:
    """A column, and how its cell is read from the figures of a row.

    A column that is `given` has the total of the whole: what is counted once there, or is no sum.
    """

    column: Column
    of: Callable[[View], Cell]
    given: bool = False


def table_of(name: str, title: str, view: View, told: Sequence[Told], names: Names = NO_NAMES) -> Table:
    """Return the rows of an answer as a table; one that is not cut is one row."""
    columns = tuple(one.column for one in told)
    if not view["by"]:
        whole = tuple(replace(column, totalled=False) for column in columns)
        return Table(name, title, (Column("portfolio", "Portfolio"), *whole), ((WHOLE, *_cells(told, view["total"])),))
    labels = Labels(view, names)
    rows = tuple((*labels.cells(row["key"]), *_cells(told, row)) for row in view["rows"])
    totals = tuple((one.column.key, one.of(view["total"])) for one in told if one.given)
    return Table(name, title, (*labels.columns, *columns), rows, totals)


class Labels:
    """The first columns of a table: the codes of its rows, and what they are called."""

    def __init__(self, view: View, names: Names = NO_NAMES) -> None:
        asked = tuple(Cut(name) for name in view["by"])
        self._cuts = Form(asked).key
        self._names = {cut: names[cut] for cut in asked if cut in names}

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns."""
        return tuple(column for cut in self._cuts for column in self._columns(cut))

    def cells(self, key: Mapping[str, str | None]) -> tuple[Cell, ...]:
        """Return the labels of a row."""
        return tuple(cell for cut in self._cuts for cell in self._cells(cut, key))

    def _columns(self, cut: Cut) -> Iterable[Column]:
        unit = Unit.COUNT if cut in _NUMBERED else Unit.TEXT
        yield Column(cut.value, TITLES[cut], unit)
        if cut in self._names:
            yield Column(f"{cut.value}_name", f"Name of {TITLES[cut]}")

    def _cells(self, cut: Cut, key: Mapping[str, str | None]) -> Iterable[Cell]:
        code = key[cut.value]
        yield int(code) if cut in _NUMBERED and code is not None else code
        if cut in self._names:
            yield self._names[cut].get(tuple(key[part.value] for part in (*cut.within, cut)))


def _cells(told: Iterable[Told], figures: View) -> Iterable[Cell]:
    return (one.of(figures) for one in told)


# Reading figures -----------------------------------------------------------------------------------------------


def minor(amount: str | None) -> int | None:
    """Return an amount of an answer in minor units."""
    return None if amount is None else read_back(amount)


def found(figures: Any, *path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what stands at the end of a path; nothing where the path ends before."""
    for name in path:
        if figures is None:
            return None
        figures = figures[name]
    return figures


def amount(
    key: str, title: str, *path: str, definition: str | None = None, given: bool = False, aside: bool = False
) -> Told:
    """Tell an amount, which adds up unless its total is given."""
    column = Column(key, title, Unit.MONEY, totalled=not given, definition=definition, aside=aside)
    return Told(column, lambda figures: minor(found(figures, *path)), given)


def count(key: str, title: str, *path: str, definition: str | None = None, given: bool = False) -> Told:
    """Tell a count, which adds up unless its total is given."""
    column = Column(key, title, Unit.COUNT, totalled=not given, definition=definition)

    def read(figures: View) -> Cell:
        value: int | None = found(figures, *path)
        return value

    return Told(column, read, given)


def share(key: str, title: str, numerator: str, denominator: str, definition: str | None = None) -> Told:
    """Tell a share of two other columns."""
    return Told(Column(key, title, Unit.SHARE, ratio=(numerator, denominator), definition=definition), _nothing)


def decimal(text: str | None) -> Decimal | None:
    """Return a share of an answer."""
    return None if text is None else Decimal(text)


def _nothing(_figures: View) -> None:
    return None
