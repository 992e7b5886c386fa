"""Reading reports in tests: registers page by page, files, tables by the keys of their columns."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from cif_engine.operations.asking import Question
from cif_engine.operations.files import FileForm, ReportFile
from cif_engine.operations.reporting import Page
from cif_engine.operations.reports.registers import Register, register_file, register_page
from cif_engine.persistence.engines import Databases

Row = dict[str, Any]


def pages(
    databases: Databases, question: Question, register: Register, table: str | None = None, limit: int = 100
) -> Iterator[Row]:
    """Give the rows of a register, asked for page by page."""
    page = Page(limit)
    while True:
        view = register_page(databases, question, register, page, table)
        assert len(view["items"]) <= limit
        yield from view["items"]
        if view["next"] is None:
            return
        page = Page(limit, view["next"])


def csv_rows(databases: Databases, question: Question, register: Register, table: str | None = None) -> list[Row]:
    """Return the rows of the CSV of a register."""
    return read_csv(content(register_file(databases, question, register, FileForm.CSV, table)))


def read_csv(file: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(file.decode(), newline="")))


def content(file: ReportFile) -> bytes:
    return b"".join(file.parts)


def sheets(workbook: bytes) -> list[str]:
    """Return the names of the sheets of a workbook."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        tree = ET.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - our own file
    return [element.attrib["name"] for element in tree.iter() if element.tag.endswith("}sheet")]
