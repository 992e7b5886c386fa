"""A table as CSV (RFC 4180, UTF-8), for programs: keys as header, amounts such as 1500.00, no total.

There is no byte order mark, which many readers take for a part of the first key; people open the workbook.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from cif_engine.documents.cells import filled, writer_of
from cif_engine.documents.report import Table
from cif_engine.money import PKR, Currency

CHUNK_CHARACTERS: Final = 64 * 1024


def stream_csv(table: Table, currency: Currency = PKR) -> Iterator[bytes]:
    """Yield the table in chunks; only one chunk is held at a time.

    A text that begins like a formula gets an apostrophe before it; numbers, also those below zero, stay numbers.
    """
    writers = [writer_of(column.unit, currency) for column in table.columns]
    buffer = io.StringIO(newline="")
    rows = csv.writer(buffer)
    rows.writerow(table.keys)
    for row in filled(table):
        rows.writerow([write(cell) for write, cell in zip(writers, row, strict=True)])
        if buffer.tell() >= CHUNK_CHARACTERS:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
