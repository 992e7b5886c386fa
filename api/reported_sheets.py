"""Reported figures as a sheet: a row for each set, a column for each measure; from a CSV or from a workbook.

A number of a workbook is read as the sheet shows it: 85.8 in a cell of two decimals is "85.80", as it would be printed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

import openpyxl

from api.refusals import MalformedCsvError, MalformedWorkbookError
from cif_engine.errors import CifError
from cif_engine.operations.reported_figures import MOST_SETS
from cif_engine.reported.measures import find_measure

FIXED: Final = ("subject", "name", "lso", "place", "as_of", "formed_on", "source", "page", "printed_on", "remark")
"""Columns that are no measures."""

LARGEST_UNPACKED: Final = 20 * 2**20
MOST_COLUMNS: Final = 100
MOST_ROWS: Final = 5_000
_DECIMALS: Final = re.compile(r"[#,]*0(?:\.(0+))?(%?)")

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row under the header: its number in the file, from 1 for the header, and its cells by column."""

    number: int
    cells: Mapping[str, str]

    def as_set(self) -> dict[str, Any]:
        """Return what it says as JSON would; columns that are empty are not stated."""
        said: dict[str, Any] = {name: self.cells[name] for name in FIXED if name in self.cells}
        said["figures"] = [{"measure": name, "printed": self.cells[name]} for name in self.measures]
        return said

    @property
    def measures(self) -> list[str]:
        """The columns of the figures, in the order of the file."""
        return [name for name in self.cells if name not in FIXED]

    def pointer(self, path: Sequence[str | int] = ()) -> str:
        """Return where something of `as_set` stands: `/rows/5/borrowers`."""
        match path:
            case ["figures", int(place), *_]:
                column = self.measures[place]
            case [str(name), *_] if name in FIXED:
                column = name
            case _:
                return f"/rows/{self.number}"
        return f"/rows/{self.number}/{column}"


def read_csv(body: bytes) -> list[SheetRow]:
    """Return the rows of a CSV in UTF-8; raises MalformedCsvError."""
    try:
        text = body.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as unreadable:
        raise MalformedCsvError(f"The file is not UTF-8 at byte {unreadable.start}.") from unreadable
    except csv.Error as unreadable:
        raise MalformedCsvError(f"The file cannot be read as CSV: {unreadable}.") from unreadable
    try:
        return list(_rows(lines))
    except ValueError as wrong:
        raise MalformedCsvError(str(wrong)) from wrong


def read_workbook(body: bytes) -> list[SheetRow]:
    """Return the rows of the first sheet of a workbook; raises MalformedWorkbookError."""
    try:
        return list(_rows(_lines(body)))
    except CifError:
        raise
    except ValueError as wrong:
        raise MalformedWorkbookError(str(wrong)) from wrong
    except Exception as broken:  # whatever a broken file makes its reader raise
        raise MalformedWorkbookError("The file cannot be read as a workbook.") from broken


READERS: Final = MappingProxyType(
    {
        "text/csv": read_csv,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": read_workbook,
    }
)
"""What reads a body of each kind of file."""


def _rows(lines: Iterable[Cells]) -> Iterator[SheetRow]:
    """Give the rows that hold something; raises ValueError for a header or a length that cannot be."""
    numbered = enumerate(lines, 1)
    header = [cell.strip().lower() for cell in next(numbered, (0, ()))[1]]
    while header and not header[-1]:
        header.pop()
    _check_header(header)
    yield from islice(_filled(header, numbered), MOST_SETS + 1)


def _filled(header: Sequence[str], numbered: Iterable[tuple[int, Cells]]) -> Iterator[SheetRow]:
    for number, cells in numbered:
        said = [cell.strip() for cell in cells]
        if any(said[len(header) :]):
            raise ValueError(f"Row {number} has more cells than the header has columns.")
        if any(said):
            yield SheetRow(number, {name: cell for name, cell in zip(header, said, strict=False) if cell})


def _check_header(header: Sequence[str]) -> None:
    if not header:
        raise ValueError("The file is empty; its first row names the columns.")
    if len(header) > MOST_COLUMNS:
        raise ValueError(f"The file has more than {MOST_COLUMNS} columns.")
    unknown = [name or "(empty)" for name in header if name not in FIXED and find_measure(name) is None]
    if unknown:
        raise ValueError(f"Unknown columns: {', '.join(unknown)[:200]}. Besides measures there are {', '.join(FIXED)}.")
    if len(set(header)) < len(header):
        raise ValueError("Each column is named once.")


def _lines(body: bytes) -> list[list[str]]:
    """Return the rows of the first sheet as it shows them; more than `MOST_ROWS`, empty ones too, are refused."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > LARGEST_UNPACKED:
        raise MalformedWorkbookError(f"Unpacked it has more than {LARGEST_UNPACKED} bytes.")
    shown, written = _cells(body, data_only=True), _cells(body, data_only=False)
    lines = [[_shown_of(*cells) for cells in zip(*rows, strict=True)] for rows in zip(shown, written, strict=True)]
    if len(lines) > MOST_ROWS:
        raise MalformedWorkbookError(f"The first sheet goes beyond row {MOST_ROWS}.")
    return lines


def _cells(body: bytes, *, data_only: bool) -> list[tuple[Any, ...]]:
    """Return the cells of the first sheet: of formulas the values last computed, or the formulas."""
    workbook = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=data_only)
    try:
        return list(workbook.worksheets[0].iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1))
    finally:
        workbook.close()


def _shown_of(cell: Any, written: Any) -> str:  # noqa: ANN401 - cells of two readings of a sheet
    """Return a cell as the sheet shows it; a formula that no program has computed shows nothing, and is refused."""
    if cell.value is None and written.value is not None:
        raise MalformedWorkbookError(
            f"The cell {written.coordinate} holds a formula without a value: save the workbook in a spreadsheet "
            "program first, or write the figure."
        )
    return _shown(cell.value, getattr(cell, "number_format", "General"))


def _shown(value: Any, number_format: str) -> str:  # noqa: ANN401 - whatever a cell holds
    """Return a cell as the sheet shows it."""
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case int() | float() if not isinstance(value, bool):
            return _figure_shown(Decimal(repr(value)), number_format)
        case _:
            return str(value)


def _figure_shown(value: Decimal, number_format: str) -> str:
    found = _DECIMALS.fullmatch(number_format.partition(";")[0])
    if found is None:
        return format(value.normalize() if value == value.to_integral_value() else value, "f")
    decimals, per_cent = found[1] or "", found[2]
    places = Decimal(1).scaleb(-len(decimals))
    return format((value * 100 if per_cent else value).quantize(places, ROUND_HALF_UP), "f") + per_cent
