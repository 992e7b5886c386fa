"""Lists that come as a spreadsheet's text file: the rows of a CSV, and a visit that takes one where it takes JSON."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from io import StringIO
from typing import Any, ClassVar, Final

from starlette.datastructures import MutableHeaders

from api.refusals import MalformedCsvError
from api.visits import Visit

CSV: Final = "text/csv"
_WHOLE: Final = re.compile("[0-9]{1,9}")

Row = dict[str, Any]


class SheetVisit(Visit):
    """A visit whose body is a list in JSON, under the name `rows_called`, or a CSV of its rows.

    `columns` are the names of the fields of a row, `numbered` those of them that are whole numbers.
    """

    rows_called: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    numbered: ClassVar[frozenset[str]] = frozenset()
    sheet_example: ClassVar[str]
    reads: ClassVar[str] = f"application/json or {CSV}"
    takes_workbooks: ClassVar[bool] = False

    async def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the parsed body, a CSV as the JSON that says the same; raises MalformedCsvError besides."""
        if not hasattr(self, "_json") and self._media_type == CSV:
            rows = [self._numbered_row(row) for row in rows_of_csv(await self.body(), self.columns)]
            self._json = {self.rows_called: rows}
            # The framework asks for parsed JSON only where the headers say that the body is.
            self._headers = MutableHeaders(raw=list(self.headers.raw))
            self._headers["content-type"] = "application/json"
        return await super().json()

    @property
    def _media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def _numbered_row(self, row: Row) -> Row:
        """Return the row with whole numbers for text that is one; other text is refused later, with its row."""
        return {
            name: int(cell) if name in self.numbered and _WHOLE.fullmatch(cell) else cell for name, cell in row.items()
        }


def rows_of_csv(body: bytes, columns: Collection[str]) -> list[Row]:
    """Return the rows under the header, by its names; empty cells and empty rows are left out.

    Raises MalformedCsvError for what is not UTF-8, a header with other columns than these, and a row with too many
    cells.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as unreadable:
        raise MalformedCsvError(f"The file is not UTF-8 at byte {unreadable.start}.") from unreadable
    try:
        lines = list(csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error as unreadable:
        raise MalformedCsvError(f"The file cannot be read as CSV: {unreadable}.") from unreadable
    if not lines:
        raise MalformedCsvError("The file is empty; its first row names the columns.")
    header = [name.strip().lower() for name in lines[0]]
    _refuse_header(header, columns)
    return list(_rows(header, lines[1:]))


def _refuse_header(header: list[str], columns: Collection[str]) -> None:
    others = [name for name in header if name not in columns]
    if others or len(set(header)) < len(header):
        raise MalformedCsvError(f"The columns are {', '.join(columns)}, each once.", columns=", ".join(header)[:200])


def _rows(header: list[str], lines: list[list[str]]) -> Iterator[Row]:
    for number, cells in enumerate(lines, 2):
        if len(cells) > len(header):
            raise MalformedCsvError(f"Row {number} has {len(cells)} cells under {len(header)} columns.")
        if any(cell.strip() for cell in cells):
            yield {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
