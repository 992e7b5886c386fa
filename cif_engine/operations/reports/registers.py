"""Registers: lists of loans or of facts, over any number of books, with rows that are read LSO by LSO.

Each LSO is read with a connection that is given back before its rows are written: a long register holds up nobody, and
what is held does not grow with it. What was known at a moment is only ever added to, so parts read at different times
are parts of one register, the same for ever (law 7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa

from cif_engine.documents.report import Cell, Column, Table
from cif_engine.errors import MalformedCursorError, ReportNotCutError
from cif_engine.money import PKR
from cif_engine.operations.asking import Question, one_lso
from cif_engine.operations.files import FileForm, ReportFile
from cif_engine.operations.reporting import Page, known_view
from cif_engine.operations.reports.setting import Whose, whose
from cif_engine.operations.reports.shown import Said, head_view, header_view, report_file, row_view, wanted_table
from cif_engine.operations.views import View
from cif_engine.persistence.cutting import Asked, refuse_unknown
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.register_loans import lsos_asked, of_one
from cif_engine.persistence.standings import Known, find_known

Place = tuple[str | int, ...]
"""Where a row stands among those of its LSO: no two stand at one place."""


class Row(NamedTuple):
    """A row of a register, without the code of its LSO, which comes first."""

    place: Place
    cells: tuple[Cell, ...]


class Rows(NamedTuple):
    """Some rows of one LSO in order, and the place after which there may be more; None: there are none."""

    rows: Sequence[Row]
    more_after: Place | None = None


Read = Callable[[sa.Connection, Asked, Place | None], Rows]
"""Reads the rows of one LSO after a place, from the first for None."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One table of a register; `places` are the kinds of the parts of a row's place."""

    name: str
    title: str
    columns: tuple[Column, ...]
    places: tuple[type[str | int], ...]
    read: Read


@dataclass(frozen=True, slots=True)
class Register:
    """A register to be read: its id, its days as the head of the report says them, the last of them, its tables."""

    name: str
    title: str
    days: View
    on: date
    listings: tuple[Listing, ...]
    defines: tuple[str, ...] = ()


class _Opened(NamedTuple):
    """A register whose LSOs and whose moment are found."""

    register: Register
    asked: Asked
    lsos: list[tuple[str, str]]
    whose: Whose


LSO = Column("lso", "LSO", width=10)


def register_page(
    databases: Databases, question: Question, register: Register, page: Page, table: str | None = None
) -> View:
    """Return a page of one table of a register, of the first where none is named.

    Raises NotFoundError, ReportNotCutError and MalformedCursorError.
    """
    opened = _open(databases, question, register)
    said = _said(opened, (_table(one, ()) for one in register.listings))
    shown = wanted_table(said, table)
    listing = next(one for one in register.listings if one.name == shown.name)
    walked = _walk(databases, opened, listing, _read_place(page, listing))
    rows = list(islice(walked, page.limit + 1))
    items = [row_view(shown, row.cells) for row in rows[: page.limit]]
    following = list(rows[page.limit - 1].place) if len(rows) > page.limit else None
    return {
        **head_view(said),
        "definitions": list(said.definitions),
        **header_view(shown),
        "items": items,
        "next": following,
    }


def register_file(
    databases: Databases, question: Question, register: Register, form: FileForm, table: str | None = None
) -> ReportFile:
    """Return a whole register as a file; raises NotFoundError, ReportNotCutError and TooManyRowsError."""
    opened = _open(databases, question, register)
    tables = (
        _table(one, (row.cells for row in _walk(databases, opened, one, None))) for one in opened.register.listings
    )
    return report_file(_said(opened, tables), form, table)


def _open(databases: Databases, question: Question, register: Register) -> _Opened:
    if question.cutting.by:
        raise ReportNotCutError("It lists row by row: narrow it, and leave out by.", pointer="/by")
    scope = question.scope
    with databases.reading(one_lso(scope)) as connection:
        known = find_known(connection, scope, question.known_at)
        # Later reads are to see no more than this one, whatever is recorded between them.
        asked = Asked(scope, question.cutting, Known(known.at, now=False), register.on)
        refuse_unknown(connection, asked)
        return _Opened(register, asked, lsos_asked(connection, asked), whose(connection, asked))


def _said(opened: _Opened, tables: Iterator[Table]) -> Said:
    register, asked = opened.register, opened.asked
    head = {
        **register.days,
        "known_at": known_view(asked.known.at),
        "currency": PKR.code,
        "only": {cut.value: list(values) for cut, values in asked.cutting.only},
    }
    return Said(register.name, register.title, *opened.whose, head, tuple(tables), defines=register.defines)


def _table(listing: Listing, rows: Iterator[tuple[Cell, ...]] | tuple[()]) -> Table:
    return Table(listing.name, listing.title, (LSO, *listing.columns), rows)


def _walk(databases: Databases, opened: _Opened, listing: Listing, after: Place | None) -> Iterator[Row]:
    """Give the rows of all LSOs after a place, whose first part is the code of the LSO."""
    first, *rest = after or ("",)
    for code, lso_id in opened.lsos:
        if code < str(first):
            continue
        at = tuple(rest) if rest and code == first else None
        asked = of_one(opened.asked, lso_id)
        while True:
            with databases.reading(lso_id) as connection:
                found = listing.read(connection, asked, at)
            for row in found.rows:
                yield Row((code, *row.place), (code, *row.cells))
            if found.more_after is None:
                break
            at = found.more_after


def _read_place(page: Page, listing: Listing) -> Place | None:
    """Return the place that a page goes on after; raises MalformedCursorError."""
    after = page.after
    if after is None:
        return None
    kinds = (str, *listing.places)
    if not isinstance(after, list) or [type(part) for part in after] != list(kinds):
        raise MalformedCursorError("Send the `next` of the page before, unchanged.", pointer="/after")
    return tuple(after)
