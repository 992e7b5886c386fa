"""Cells as exact numbers and as text: what a CSV, a workbook and a chart all need to know about a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Context, Decimal
from typing import Final

from cif_engine.documents.report import Cell, Table, Unit
from cif_engine.moments import format_moment
from cif_engine.money import Currency, format_amount, round_ratio

SHARE_DECIMALS: Final = 6

_QUOTIENT = Context(prec=17)
"""As many digits as a spreadsheet's number can hold; a context of our own, because the ambient one may be changed."""

_EXACT = Context(prec=40)
"""More digits than any sum of amounts has."""

_STARTS_A_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""A text that begins so may be run as a formula by the program that opens it; some take the full-width signs too."""


def starts_a_formula(text: str) -> bool:
    return text[:1] in _STARTS_A_FORMULA if text else False


def filled(table: Table) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows with their ratios in place, as exact pairs."""
    ratios = {
        place: (table.index(column.ratio[0]), table.index(column.ratio[1]))
        for place, column in enumerate(table.columns)
        if column.ratio
    }
    if not ratios:
        yield from table.rows
        return
    for row in table.rows:
        cells = list(row)
        for place, (numerator, denominator) in ratios.items():
            cells[place] = ratio(row[numerator], row[denominator])
        yield tuple(cells)


def ratio(numerator: Cell, denominator: Cell) -> Cell:
    """Return one amount of another as a pair; None where either is missing."""
    return (numerator, denominator) if isinstance(numerator, int) and isinstance(denominator, int) else None


def exact_share(cell: Cell) -> tuple[int, int] | None:
    """Return a share as a pair of whole numbers with a denominator above 0; a share of nothing is None."""
    match cell:
        case None | (_, 0):
            return None
        case (int(numerator), int(denominator)):
            return (numerator, denominator) if denominator > 0 else (-numerator, -denominator)
        case str() | Decimal():
            return Decimal(cell).as_integer_ratio()
    raise AssertionError(f"{cell!r} is no share")


def share_number(cell: Cell) -> Decimal | None:
    """Return a share as a number to 17 digits: 1 of 3 is 0.33333333333333333."""
    share = exact_share(cell)
    return _QUOTIENT.divide(Decimal(share[0]), Decimal(share[1])) if share else None


def share_text(cell: Cell) -> str:
    """Return a share rounded half even to six decimals: 200,000 of 5,000,000 is `0.040000`; of nothing, no text."""
    share = exact_share(cell)
    if share is None:
        return ""
    millionths = round_ratio(share[0] * 10**SHARE_DECIMALS, share[1], 1)
    whole, decimals = divmod(abs(millionths), 10**SHARE_DECIMALS)
    return f"{'-' if millionths < 0 else ''}{whole}.{decimals:0{SHARE_DECIMALS}d}"


def amount_number(amount_minor: int, currency: Currency) -> Decimal:
    """Return an amount in whole currency, exact: 150050 paisa is 1500.50."""
    return _EXACT.scaleb(Decimal(amount_minor), -currency.minor_digits)


def cell_number(cell: Cell, unit: Unit, currency: Currency) -> Decimal | int | None:
    """Return the number of a count, an amount (in whole currency, exact) or a share; an empty cell has none."""
    if cell is None or unit is Unit.SHARE:
        return share_number(cell)
    return amount_number(whole(cell), currency) if unit is Unit.MONEY else whole(cell)


def writer_of(unit: Unit, currency: Currency) -> Callable[[Cell], str]:
    """Return what writes a cell of that unit as plain text; an empty cell is no text."""
    writers: dict[Unit, Callable[[Cell], str]] = {
        Unit.TEXT: _write_text,
        Unit.COUNT: _write_count,
        Unit.MONEY: lambda cell: "" if cell is None else format_amount(whole(cell), currency),
        Unit.DAY: lambda cell: "" if cell is None else day(cell).isoformat(),
        Unit.MOMENT: lambda cell: "" if cell is None else format_moment(whole(cell)),
        Unit.SHARE: share_text,
    }
    return writers[unit]


def _write_text(cell: Cell) -> str:
    """Return the text; with an apostrophe before it where a spreadsheet would run it."""
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if starts_a_formula(text) else text


def _write_count(cell: Cell) -> str:
    return "" if cell is None else str(whole(cell))


def whole(cell: Cell) -> int:
    assert type(cell) is int, f"{cell!r} is no whole number"
    return cell


def day(cell: Cell) -> date:
    assert isinstance(cell, date), f"{cell!r} is no day"
    return cell
