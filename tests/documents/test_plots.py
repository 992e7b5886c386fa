from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cif_engine.documents.plots import axis_title, colours, plot, scale_of
from cif_engine.documents.report import ChartKind, Unit
from cif_engine.money import PKR, Currency
from tests.documents.samples import CHARTS, ageing, par_series, report


def lightness(colour: str) -> int:
    """Return how light a colour is to the eye, in thousandths, as a grey print would show it."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 299 * red + 587 * green + 114 * blue


def test_lines_are_columns_and_their_places_month_ends() -> None:
    shown = plot(report(), CHARTS[0])
    assert [series.name for series in shown.series] == ["PAR > 0", "PAR > 30", "PAR > 90"]
    assert shown.series[1].values[0] == Decimal("0.04")
    assert shown.place_names()[-1] == "Jun 2026"
    assert shown.by_day


def test_curves_are_rows_that_end_where_no_more_is_known() -> None:
    shown = plot(report(), CHARTS[3])
    assert len(shown.series) == 12
    assert shown.series[0].name == "Jul 2025"
    assert shown.series[-1].values[1:] == (None,) * 11
    assert not shown.by_day


def test_days_that_are_not_month_ends_are_named_in_full() -> None:
    shown = plot(report(), CHARTS[0])
    assert replace(shown, places=(date(2026, 6, 29), date(2026, 6, 30))).place_names() == ["29 Jun 2026", "30 Jun 2026"]


def test_amounts_are_in_whole_currency() -> None:
    assert plot(report(), CHARTS[1]).series[0].values[0] == Decimal("24000000.00")


def test_a_table_without_rows_has_nothing_to_draw() -> None:
    table = replace(par_series(), rows=())
    shown = plot(report(tables=(table,), charts=CHARTS[:1]), CHARTS[0])
    assert shown.is_empty
    assert [series.values for series in shown.series] == [(), (), ()]


@pytest.mark.parametrize(
    ("unit", "largest", "shown", "title"),
    [
        pytest.param(Unit.MONEY, "12345678.90", "12.3", "Amount (PKR million)", id="millions"),
        pytest.param(Unit.MONEY, "-12345678.90", "-12.3", "Amount (PKR million)", id="below zero"),
        pytest.param(Unit.MONEY, "9999999", "10,000", "Amount (PKR thousand)", id="thousands"),
        pytest.param(Unit.MONEY, "99999", "99,999", "Amount (PKR)", id="rupees"),
        pytest.param(Unit.COUNT, "250000", "250", "Amount (thousand)", id="many loans"),
        pytest.param(Unit.COUNT, "721", "721", "Amount", id="loans"),
        pytest.param(Unit.SHARE, "0.0432", "4.3", "Amount (%)", id="per cent"),
    ],
)
def test_the_scale_goes_with_the_largest_value(unit: Unit, largest: str, shown: str, title: str) -> None:
    scale = scale_of(unit, [Decimal(1), Decimal(largest)], PKR)
    assert scale.shown(Decimal(largest)) == shown
    assert axis_title("Amount", scale) == title


def test_the_currency_of_the_report_is_the_unit() -> None:
    whole = report(tables=(ageing(),), charts=CHARTS[1:2], currency=Currency("JPY", 0, 1))
    assert plot(whole, CHARTS[1]).scale.unit == "JPY million"


@pytest.mark.parametrize("count", [1, 2, 7, 60])
def test_later_bands_and_newer_cohorts_are_darker(count: int) -> None:
    for kind, first in ((ChartKind.STACKED_BARS, 1), (ChartKind.CURVES, 0)):
        shades = [lightness(colour) for colour in colours(kind, count)]
        assert len(shades) == count
        assert shades[first:] == sorted(set(shades[first:]), reverse=True)


def test_lines_have_colours_that_differ() -> None:
    assert len(set(colours(ChartKind.LINES, 8))) == 8
