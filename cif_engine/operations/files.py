"""Reports as files. A file is made as a whole before the first of it is sent, in a temporary file and not in memory.

So it shows the database as it was at one moment, a refusal is an answer of its own and never a file that ends too soon,
and a reader with a slow connection keeps nobody from the database.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Final

from cif_engine.documents.csv_file import stream_csv
from cif_engine.documents.report import Report
from cif_engine.documents.workbook import stream_workbook

CHUNK_BYTES: Final = 64 * 1024
_UNSAFE: Final = re.compile("[^A-Za-z0-9-]+")
"""What the name of a file does not hold, whatever a code does."""


class FileForm(StrEnum):
    """The forms of a file."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file: its form, what to call it, and its bytes part by part, read once."""

    form: FileForm
    file_name: str
    parts: Iterator[bytes]


def make_file(report: Report, form: FileForm, name: str) -> ReportFile:
    """Return a report as a file; its rows are all read before this returns. A CSV is its first table.

    Raises TooManyRowsError for a workbook.
    """
    parts = _spooled(stream_csv(report.tables[0], report.currency)) if form is FileForm.CSV else stream_workbook(report)
    return ReportFile(form, f"{_UNSAFE.sub('-', name).strip('-')}.{form.value}", parts)


def _spooled(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Return the parts again, all of which were written to a file before."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when its last part is read, or when it is dropped
    try:
        for part in parts:
            file.write(part)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _read(file)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
