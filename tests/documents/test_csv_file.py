import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.documents.csv_file import CHUNK_CHARACTERS, stream_csv
from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.moments import to_micros
from tests.documents.samples import par_by_lso


def written(table: Table) -> str:
    return b"".join(stream_csv(table)).decode()


def read(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written(table), newline="")))


def one_cell(unit: Unit, cell: Cell) -> str:
    return read(Table("T", "T", (Column("a", "A", unit), Column("b", "B")), [(cell, "-")]))[1][0]


def test_a_table_is_written_with_keys_plain_amounts_and_no_total() -> None:
    assert written(par_by_lso()) == (
        "lso,name,loans,outstanding,late_over_30,par_30,last_sheet\r\n"
        "DAS,LSO Dasori,721,3000000.00,150000.00,0.050000,2026-06-28\r\n"
        "NAG,LSO Nagar Welfare,402,1500000.00,50000.00,0.033333,2026-06-30\r\n"
        "SHG,LSO Shigar,96,500000.00,0.00,0.000000,\r\n"
        "NEW,LSO Naya Daur,0,0.00,0.00,,\r\n"
    )


@pytest.mark.parametrize(
    ("unit", "cell", "text"),
    [
        pytest.param(Unit.MONEY, -150050, "-1500.50", id="an amount below zero stays a number"),
        pytest.param(Unit.COUNT, -3, "-3", id="a count below zero stays a number"),
        pytest.param(Unit.SHARE, (1, 3), "0.333333", id="a pair"),
        pytest.param(Unit.SHARE, (-2, 3), "-0.666667", id="a share below zero"),
        pytest.param(Unit.SHARE, (2, -3), "-0.666667", id="of an amount below zero"),
        pytest.param(Unit.SHARE, (-1, 10**9), "0.000000", id="nearly nothing has no sign"),
        pytest.param(Unit.SHARE, (25, 10**7), "0.000002", id="half to even"),
        pytest.param(Unit.SHARE, "0.04", "0.040000", id="a share as text"),
        pytest.param(Unit.SHARE, Decimal("1.5"), "1.500000", id="a share as a decimal"),
        pytest.param(Unit.SHARE, (5, 0), "", id="a share of nothing"),
        pytest.param(Unit.DAY, date(2026, 6, 30), "2026-06-30", id="a day"),
        pytest.param(
            Unit.MOMENT,
            to_micros(datetime(2026, 7, 5, 12, 30, 0, 250_000, tzinfo=UTC)),
            "2026-07-05T12:30:00.250000Z",
            id="a moment",
        ),
        *(pytest.param(unit, None, "", id=f"no {unit}") for unit in Unit),
    ],
)
def test_each_unit_is_written_exactly(unit: Unit, cell: Cell, text: str) -> None:
    assert one_cell(unit, cell) == text


@pytest.mark.parametrize("text", ["=1+1", "+92 300", "-", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1dx", "\uff20x"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert one_cell(Unit.TEXT, text) == f"'{text}"


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_read_back_as_it_was_save_for_the_apostrophe(text: str) -> None:
    found = one_cell(Unit.TEXT, text)
    assert found.removeprefix("'") == text.removeprefix("'")
    assert not found.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_rows_are_taken_as_they_are_sent() -> None:
    taken = 0

    def rows() -> Iterator[tuple[Cell, ...]]:
        nonlocal taken
        for _ in range(10 * CHUNK_CHARACTERS):
            taken += 1
            yield ("x" * 98,)

    chunks = stream_csv(Table("T", "T", (Column("a", "A"),), rows()))
    assert taken == 0
    assert len(next(chunks)) < CHUNK_CHARACTERS + 101
    assert taken * 100 < CHUNK_CHARACTERS + 101


def test_a_long_table_is_sent_whole() -> None:
    rows = [(f"loan {place}", "x" * 98) for place in range(2_000)]
    table = Table("T", "T", (Column("a", "A"), Column("b", "B")), rows)
    assert len(list(stream_csv(table))) > 1
    assert read(table)[1:] == [list(row) for row in rows]
