from dataclasses import replace
from datetime import date

import pytest

from cif_engine.documents.report import Chart, ChartKind, Column, Table, Unit
from cif_engine.money import PKR
from tests.documents.samples import CHARTS, par_by_lso, par_series, report


def test_the_heading_has_the_scope_and_both_dates() -> None:
    assert report().heading == "NRSP, 4 LSOs · as of 30 Jun 2026 · known at 5 Jul 2026 12:30 UTC"


def test_a_period_is_said_with_its_first_and_its_last_day() -> None:
    assert report(from_day=date(2026, 4, 1)).days == "1 Apr 2026 to 30 Jun 2026"


@pytest.mark.parametrize(
    ("column", "heading"),
    [
        pytest.param(Column("a", "Gross portfolio", Unit.MONEY), "Gross portfolio (PKR)", id="money"),
        pytest.param(Column("a", "Recorded at", Unit.MOMENT), "Recorded at (UTC)", id="moment"),
        pytest.param(Column("a", "Loans", Unit.COUNT), "Loans", id="count"),
        pytest.param(Column("a", "PAR > 30", Unit.SHARE), "PAR > 30", id="share"),
    ],
)
def test_a_heading_says_the_unit_that_the_cells_do_not(column: Column, heading: str) -> None:
    assert column.heading(PKR) == heading


def test_tables_and_charts_are_found_by_name() -> None:
    whole = report()
    assert whole.table("Roll rates").title == "From band to band"
    assert whole.chart("vintages").kind is ChartKind.CURVES


@pytest.mark.parametrize("name", ["", "a" * 32, "PAR/LSO", "PAR [30]", "LSO's", "about", "Definitions", "history"])
def test_a_table_cannot_have_a_name_that_no_sheet_can_have(name: str) -> None:
    with pytest.raises(AssertionError):
        replace(par_by_lso(), name=name)


def test_two_columns_cannot_share_a_key() -> None:
    with pytest.raises(AssertionError, match="one key"):
        Table("T", "T", (Column("a", "A"), Column("a", "B")), ())


def test_a_ratio_names_columns_of_its_table() -> None:
    with pytest.raises(AssertionError, match="no such columns"):
        Table("T", "T", (Column("a", "A", Unit.SHARE, ratio=("b", "c")),), ())


def test_only_a_share_is_a_ratio() -> None:
    with pytest.raises(AssertionError, match="only a share"):
        Column("a", "A", Unit.MONEY, ratio=("b", "c"))


def test_shares_are_not_added_up() -> None:
    with pytest.raises(AssertionError, match="only amounts"):
        Column("a", "A", Unit.SHARE, totalled=True)


def test_two_tables_cannot_share_a_name() -> None:
    with pytest.raises(AssertionError, match="one name"):
        report(tables=(par_by_lso(), par_by_lso()), charts=())


def test_a_chart_draws_columns_of_one_unit() -> None:
    mixed = Chart("c", "C", ChartKind.LINES, "PAR by LSO", "lso", ("loans", "outstanding"), "LSO", "Amount")
    with pytest.raises(AssertionError, match="mixed units"):
        report(tables=(par_by_lso(),), charts=(mixed,))


def test_rows_that_are_drawn_cannot_be_read_only_once() -> None:
    table = par_series()
    with pytest.raises(AssertionError, match="more than once"):
        report(tables=(replace(table, rows=iter(table.rows)),), charts=CHARTS[:1])
