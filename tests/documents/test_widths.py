"""Columns are as wide as what they hold; what stands aside is folded away."""

import io

import openpyxl
import pytest
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet

from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.documents.widths import WIDTHS, widths_of
from cif_engine.documents.workbook import stream_workbook
from cif_engine.money import PKR
from tests.documents.samples import report

COLUMNS = (
    Column("name", "Name"),
    Column("amount", "Amount", Unit.MONEY, totalled=True),
    Column("people", "People", Unit.COUNT),
    Column("day", "Day", Unit.DAY),
    Column("said", "Said", Unit.MONEY, width=33),
)


def table(*rows: tuple[Cell, ...], totals: tuple[tuple[str, Cell], ...] = ()) -> Table:
    return Table("T", "T", COLUMNS, rows, totals)


def test_a_column_is_as_wide_as_its_longest_cell_or_its_total() -> None:
    rows = (("A village of some length", 99_999_999_00, 1, None, None), ("B", 1_00, None, None, None))
    name, amount, people, day, said = widths_of(table(*rows), PKR)
    assert name == len("A village of some length") + 3
    assert amount == len("100,000,000.00") + 3
    assert (people, day, said) == (10, WIDTHS[Unit.DAY], 33)


def test_a_total_that_is_given_counts_as_well() -> None:
    (_, _, people, *_) = widths_of(table(("A", 0, 1, None, None), totals=(("people", 1_234_567_890),)), PKR)
    assert people == len("1,234,567,890") + 3


def test_a_text_is_never_wider_than_a_page_bears() -> None:
    assert widths_of(table(("x" * 200, 0, 0, None, None)), PKR)[0] == 40


def test_rows_that_are_made_while_they_are_written_are_as_wide_as_their_units_need() -> None:
    streamed = Table("T", "T", COLUMNS, iter(()))
    assert widths_of(streamed, PKR)[:3] == (WIDTHS[Unit.TEXT], WIDTHS[Unit.MONEY], WIDTHS[Unit.COUNT])


@pytest.mark.parametrize("folded", [(1,), (1, 2), (2,), (1, 2, 3), (3,)])
def test_what_stands_aside_is_hidden_and_the_column_after_it_unfolds_it(folded: tuple[int, ...]) -> None:
    columns = tuple(Column(f"c{place}", "C", width=11, aside=place in folded) for place in range(4))
    written = b"".join(stream_workbook(report(tables=(Table("T", "T", columns, (("a", "b", "c", "d"),)),), charts=())))
    folds = _folds(openpyxl.load_workbook(io.BytesIO(written))["T"])
    assert [place for place in range(4) if folds[place].hidden] == list(folded)
    assert folds[max(folded) + 1].collapsed


def _folds(sheet: Worksheet) -> dict[int, ColumnDimension]:
    """Return how each column is folded, by its place; columns alike that follow each other are read as one."""
    folds: dict[int, ColumnDimension] = {}
    for found in sheet.column_dimensions.values():
        assert found.min
        assert found.max
        folds |= dict.fromkeys(range(found.min - 1, found.max), found)
    return folds


def test_the_first_column_bears_the_title_and_never_stands_aside() -> None:
    with pytest.raises(AssertionError, match="first column"):
        Table("T", "T", (Column("a", "A", aside=True),), ())
