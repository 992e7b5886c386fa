"""How wide the columns of a sheet are: as what they hold needs, where that is known before it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cif_engine.documents.cells import amount_number, whole
from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.money import Currency

WIDTHS: Final = {
    Unit.TEXT: 24,
    Unit.COUNT: 12,
    Unit.MONEY: 18,
    Unit.DAY: 13,
    Unit.MOMENT: 20,
    Unit.SHARE: 11,
}
"""Characters a column needs for the largest value of its unit that is ever met."""

_FITTED: Final = (Unit.TEXT, Unit.COUNT, Unit.MONEY)
_LEAST: Final = 10
_MOST: Final = 40
_BESIDE: Final = 3
"""What a cell has beside its text."""


def widths_of(table: Table, currency: Currency) -> tuple[int, ...]:
    """Return the width of each column in characters: as it says, as its cells need, or else as its unit does.

    Rows that are written while they are made have cells that are not known before.
    """
    return tuple(column.width or _fitting(table, place, column, currency) for place, column in enumerate(table.columns))


def _fitting(table: Table, place: int, column: Column, currency: Currency) -> int:
    if column.unit not in _FITTED or not isinstance(table.rows, Sequence):
        return WIDTHS[column.unit]
    cells = [row[place] for row in table.rows if row[place] is not None]
    longest = max(
        (len(_shown(cell, column.unit, currency)) for cell in (*cells, *_total(table, column, cells))), default=0
    )
    return min(max(longest + _BESIDE, _LEAST), _MOST)


def _total(table: Table, column: Column, cells: list[Cell]) -> Iterator[Cell]:
    given = dict(table.totals)
    if given.get(column.key) is not None:
        yield given[column.key]
    elif column.totalled:
        yield sum(map(whole, cells))


def _shown(cell: Cell, unit: Unit, currency: Currency) -> str:
    if unit is Unit.TEXT:
        return str(cell)
    return f"{amount_number(whole(cell), currency) if unit is Unit.MONEY else whole(cell):,}"
