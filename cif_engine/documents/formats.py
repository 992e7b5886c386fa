"""How the cells of a workbook look: one place, so that all its sheets look alike."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from cif_engine.documents.report import Unit
from cif_engine.money import Currency

_INK = "#222222"
_FAINT = "#666666"
_HEAD = "#1F3B57"
_LINE = "#D9D9D9"


class Formats:
    """The formats of one workbook."""

    def __init__(self, book: Workbook, currency: Currency) -> None:
        numbers = _number_formats(currency)
        self.title = _add(book, bold=True, font_size=14)
        self.heading = _add(book, font_color=_FAINT)
        self.link = _add(book, font_color="#0563C1", underline=1)
        self.label = _add(book, bold=True, valign="top")
        self.prose = _add(book, text_wrap=True, valign="top")
        self.prose_quoted = _add(book, text_wrap=True, valign="top", quote_prefix=True)
        self.header_text = _header(book, align="left", indent=1)
        self.header_number = _header(book, align="right")
        self.cells = {unit: _add(book, bottom=4, bottom_color=_LINE, **look) for unit, look in numbers.items()}
        self.totals = {unit: _add(book, bold=True, top=1, bottom=6, **look) for unit, look in numbers.items()}
        self.quoted = _add(book, bottom=4, bottom_color=_LINE, quote_prefix=True, **numbers[Unit.TEXT])

    def header(self, unit: Unit) -> Format:
        return self.header_text if unit is Unit.TEXT else self.header_number


def _number_formats(currency: Currency) -> dict[Unit, dict[str, Any]]:
    decimals = f".{'0' * currency.minor_digits}" if currency.minor_digits else ""
    return {
        Unit.TEXT: {"align": "left", "indent": 1},
        Unit.COUNT: {"num_format": "#,##0"},
        Unit.MONEY: {"num_format": f"#,##0{decimals}"},
        Unit.DAY: {"num_format": "d mmm yyyy", "align": "right"},
        Unit.MOMENT: {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "right"},
        Unit.SHARE: {"num_format": "0.00%"},
    }


def _header(book: Workbook, **look: object) -> Format:
    return _add(book, bold=True, font_color="#FFFFFF", bg_color=_HEAD, text_wrap=True, valign="vcenter", **look)


def _add(book: Workbook, **look: object) -> Format:
    return book.add_format({"font_name": "Calibri", "font_size": 10, "font_color": _INK} | look)
