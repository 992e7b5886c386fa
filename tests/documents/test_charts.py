import gc
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape

import pytest
from matplotlib.figure import Figure

from cif_engine.documents.charts import Picture, draw
from cif_engine.documents.report import Chart, ChartKind, Table
from tests.documents.samples import CHARTS, ageing, ageing_by_lso, par_series, report, roll_rates, vintages

KEYS = [chart.key for chart in CHARTS]


def texts(svg: bytes) -> list[str]:
    """Return what is written in a picture: each text stands as a comment beside its outlines."""
    return [unescape(line.strip()[5:-4]) for line in svg.decode().splitlines() if line.strip().startswith("<!-- ")]


def drawn(key: str, *tables: Table) -> list[str]:
    """Return the texts of that chart, drawn from other tables of the same names."""
    chart = report().chart(key)
    whole = report(tables=tables, charts=(chart,)) if tables else report()
    return texts(draw(whole, key, Picture.SVG))


@pytest.mark.parametrize("key", KEYS)
def test_a_chart_says_its_title_its_scope_and_both_dates(key: str) -> None:
    title, heading = drawn(key)[-2:]
    assert title.lstrip("\u200e") == report().chart(key).title
    assert heading.lstrip("\u200e") == report().heading


@pytest.mark.parametrize("key", KEYS)
def test_the_same_report_gives_the_same_picture(key: str) -> None:
    assert draw(report(), key, Picture.PNG) == draw(report(), key, Picture.PNG)


def test_pictures_drawn_at_the_same_time_do_not_mix() -> None:
    alone = [draw(report(), key, Picture.SVG) for key in KEYS]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda key: draw(report(), key, Picture.SVG), KEYS * 2))
    assert together == alone * 2


def test_a_png_is_wide_enough_for_a_page() -> None:
    picture = draw(report(), "par", Picture.PNG)
    assert picture.startswith(b"\x89PNG")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (1500, 840)


@pytest.mark.parametrize(
    ("key", "written"),
    [
        pytest.param("par", ["Share of the gross portfolio (%)", "Month-end", "PAR > 30", "Jun 2026"], id="lines"),
        pytest.param("ageing", ["Outstanding principal (PKR million)", "> 365", "Current", "Jun 2026"], id="bars"),
        pytest.param("ageing_by_lso", ["Outstanding principal (PKR million)", "LSO number 11"], id="lying bars"),
        pytest.param("vintages", ["Share of what was disbursed (%)", "Jul 2025", "11"], id="curves"),
        pytest.param("roll_rates", ["Band at the start", "1,286", "61.6 %", "> 365"], id="heat map"),
    ],
)
def test_axes_and_series_are_named_with_their_units(key: str, written: list[str]) -> None:
    assert set(written) <= set(drawn(key))


@pytest.mark.parametrize("key", KEYS)
def test_a_chart_without_data_says_so(key: str) -> None:
    table = replace(report().table(report().chart(key).table), rows=())
    assert drawn(key, table)[0] == "There is nothing to draw for this scope and these dates."


def test_a_portfolio_of_zeros_is_drawn_on_an_axis_from_zero() -> None:
    zero = replace(par_series(), rows=tuple((row[0], (0, 1), (0, 1), (0, 1)) for row in par_series().rows))
    assert "0" in drawn("par", zero)
    flat = replace(ageing_by_lso(), rows=(("LSO", *(0,) * 7),))
    assert "Outstanding principal (PKR)" in drawn("ageing_by_lso", flat)


def test_a_value_below_zero_is_drawn_below_zero() -> None:
    below = replace(ageing(), rows=tuple((row[0], -500_000_000, *row[2:]) for row in ageing().rows))
    assert "-5,000" in drawn("ageing", below)


def test_a_single_month_is_drawn() -> None:
    assert drawn("par", par_series(1)).count("Jun 2026") == 1


def test_of_many_places_as_many_are_named_as_can_be_read_the_last_among_them() -> None:
    named = [text for text in drawn("par", par_series(61)) if text[-4:].isdigit() and text != "2026"]
    months = [text for text in named if len(text) == 8]
    assert months[-1] == "Jun 2026"
    assert 6 <= len(months) <= 10


def test_of_many_cohorts_some_are_named_the_first_and_the_last_among_them() -> None:
    table = vintages(60)
    chart = replace(report().chart("vintages"), values=table.keys[2:])
    written = texts(draw(report(tables=(table,), charts=(chart,)), "vintages", Picture.SVG))
    assert {"Jul 2021", "Jun 2026", "14 of 60 named"} <= set(written)
    assert "Aug 2021" not in written


@pytest.mark.parametrize("kind", [ChartKind.STACKED_BARS, ChartKind.HEAT_MAP])
def test_more_rows_than_can_be_read_are_cut_and_it_is_said(kind: ChartKind) -> None:
    table = ageing_by_lso(80)
    chart = replace(report().chart("ageing_by_lso"), kind=kind)
    written = texts(draw(report(tables=(table,), charts=(chart,)), chart.key, Picture.SVG))
    assert written[-1].endswith("· the first 60 of 80")
    assert "LSO number 59" in written
    assert "LSO number 60" not in written


def test_a_heat_map_of_shares_shows_the_shares() -> None:
    chart = Chart("h", "H", ChartKind.HEAT_MAP, "Vintages", "cohort", ("after_1", "after_2"), "Months", "Cohort")
    written = texts(draw(report(tables=(vintages(),), charts=(chart,)), "h", Picture.SVG))
    assert {"Months (%)", "0.2", "0.4"} <= set(written)


def test_nothing_at_all_in_a_matrix_is_a_point() -> None:
    assert drawn("roll_rates", roll_rates()).count("·") == 10


@pytest.mark.parametrize("name", ["$x$ & <b>", "_hidden", "=1+1", "تحصیل ٹنگوانی"])
def test_names_are_shown_as_they_are(name: str) -> None:
    table = replace(vintages(), rows=tuple((name, *row[1:]) for row in vintages().rows))
    assert name in drawn("vintages", table)


def test_a_long_title_and_a_long_scope_are_cut_and_folded() -> None:
    chart = replace(report().chart("par"), title="Portfolio at risk " * 10)
    written = texts(draw(report(charts=(chart,), scope="NRSP " * 40), "par", Picture.SVG))
    heading = [text for text in written if "NRSP" in text or "known at" in text]
    assert any(text.endswith("…") for text in written)
    assert max(map(len, heading)) <= 126


def test_no_figure_is_kept() -> None:
    draw(report(), "par", Picture.PNG)
    gc.collect()
    assert not [thing for thing in gc.get_objects() if isinstance(thing, Figure)]


def test_the_drawing_library_is_loaded_with_the_first_chart_only() -> None:
    program = "import sys, cif_engine.documents.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
