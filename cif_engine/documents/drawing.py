"""Plots drawn with matplotlib's figures. Imported with the first chart only (`charts.py`).

Floats appear here alone: a place on a page is no amount. What is written as a number is written from the exact value.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cif_engine.documents.look import prepare
from cif_engine.documents.plots import Plot, Series, axis_title, colours
from cif_engine.documents.report import Chart, ChartKind

prepare()

NOTHING: Final = "There is nothing to draw for this scope and these dates."

_WIDTH = 10.0
_HEIGHT = 5.6
_DOTS_PER_INCH = 150
_HEAD = 0.85
"""Inches above the axes for the title and one line of the heading."""
_HEADING_LINE = 0.2
_HEADING_CHARACTERS = 125
_TITLE_CHARACTERS = 80

_INK = "#222222"
_FAINT = "#666666"
_GRID = "#DDDDDD"
_DARK_FROM = Decimal("0.7")
"""A colour of at least this share bears white figures better than black ones."""
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_STEPS = (1, 2, 2.5, 5, 10)
_MOST_NAMED = 14
_MOST_BARS = 60
_MOST_MARKED = 24
_AXIS_CHARACTERS = 95
"""So many characters stand side by side below the axis; what goes beyond is left out evenly."""

_LEFT_TO_RIGHT = "\u200e"
"""Begins a line that mixes scripts: else a line that begins in Urdu is set from the right as a whole."""


def draw(chart: Chart, plot: Plot, heading: str, form: str) -> bytes:
    """Return the picture in that form, `svg` or `png`."""
    shown = _cut(chart, plot)
    figure = _page(chart.title, _heading(heading, plot, shown), _height(chart, shown))
    axes = figure.add_subplot()
    if plot.is_empty:
        _say_nothing(axes)
    else:
        _DRAW[chart.kind](axes, chart, shown)
    return _save(figure, form)


def _save(figure: Figure, form: str) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format=form, metadata={"Date": None} if form == "svg" else {"Software": None})
    return picture.getvalue()


def _cut(chart: Chart, plot: Plot) -> Plot:
    """Return the plot with no more bars, or rows of a matrix, than can be read."""
    if chart.kind is ChartKind.HEAT_MAP:
        return Plot(plot.places, plot.series[:_MOST_BARS], plot.scale)
    if chart.kind is ChartKind.STACKED_BARS and not plot.by_day:
        cut = tuple(Series(series.name, series.values[:_MOST_BARS]) for series in plot.series)
        return Plot(plot.places[:_MOST_BARS], cut, plot.scale)
    return plot


def _heading(heading: str, plot: Plot, shown: Plot) -> str:
    """Return the heading; what was cut is said."""
    for all_of, drawn in ((plot.places, shown.places), (plot.series, shown.series)):
        if len(drawn) < len(all_of):
            return f"{heading} · the first {len(drawn)} of {len(all_of):,}"
    return heading


def _height(chart: Chart, plot: Plot) -> float:
    """Return inches: more where the rows are listed one below the other."""
    if chart.kind is ChartKind.HEAT_MAP:
        return max(_HEIGHT, _HEAD + 1.0 + 0.5 * len(plot.series))
    if chart.kind is ChartKind.STACKED_BARS and not plot.by_day:
        return max(_HEIGHT, _HEAD + 1.0 + 0.27 * len(plot.places))
    return _HEIGHT


def _page(title: str, heading: str, height: float) -> Figure:
    """Return a figure with title and heading, and the place below them for the axes."""
    lines = textwrap.wrap(heading, _HEADING_CHARACTERS)
    head = _HEAD + _HEADING_LINE * (len(lines) - 1)
    layout = ConstrainedLayoutEngine(rect=(0.01, 0.01, 0.98, 1 - head / height - 0.01))
    figure = Figure(figsize=(_WIDTH, height), dpi=_DOTS_PER_INCH, layout=layout)
    look: dict[str, Any] = {"va": "top", "parse_math": False}
    short = textwrap.shorten(title, _TITLE_CHARACTERS, placeholder="…")
    figure.text(0.02, 1 - 0.18 / height, _LEFT_TO_RIGHT + short, size=14, weight="bold", color=_INK, **look)
    figure.text(
        0.02,
        1 - 0.48 / height,
        "\n".join(_LEFT_TO_RIGHT + line for line in lines),
        size=9,
        color=_FAINT,
        linespacing=1.35,
        **look,
    )
    return figure


def _say_nothing(axes: Axes) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, NOTHING, ha="center", va="center", size=12, color=_FAINT, transform=axes.transAxes)


def _draw_lines(axes: Axes, chart: Chart, plot: Plot) -> None:
    """Draw a line per series; a place without a value is a gap in it."""
    marked = len(plot.places) <= _MOST_MARKED
    lines = []
    for place, (series, colour) in enumerate(zip(plot.series, colours(chart.kind, len(plot.series)), strict=True)):
        marker = (_MARKERS[place % len(_MARKERS)] if chart.kind is ChartKind.LINES else "o") if marked else ""
        lines += axes.plot(
            range(len(plot.places)), _heights(plot, series), color=colour, marker=marker, markersize=4, linewidth=1.8
        )
    _frame(axes, chart, plot)
    _name_places(axes, plot)
    axes.set_xlim(-0.3, max(len(plot.places) - 0.7, 0.3))
    _name_series(axes, lines, plot)


def _draw_bars(axes: Axes, chart: Chart, plot: Plot) -> None:
    """Draw a bar per place, upright along days, lying for names; parts below zero hang from the line."""
    upright = plot.by_day
    above, below = ([0.0] * len(plot.places) for _ in range(2))
    bars: list[Any] = []
    for series, colour in zip(plot.series, colours(chart.kind, len(plot.series)), strict=True):
        sizes = [height or 0.0 for height in _heights(plot, series)]
        starts = [up if size >= 0 else down for size, up, down in zip(sizes, above, below, strict=True)]
        above = [up + max(size, 0.0) for size, up in zip(sizes, above, strict=True)]
        below = [down + min(size, 0.0) for size, down in zip(sizes, below, strict=True)]
        bars.append(_draw_layer(axes, starts, sizes, colour, upright=upright))
    if upright:
        _frame(axes, chart, plot)
        _name_places(axes, plot)
        axes.set_xlim(-0.7, len(plot.places) - 0.3)
    else:
        _frame_lying(axes, chart, plot)
    _name_series(axes, bars, plot, upward=upright)


def _draw_layer(axes: Axes, starts: list[float], sizes: list[float], colour: str, *, upright: bool) -> object:
    look: dict[str, Any] = {"color": colour, "linewidth": 0}
    if upright:
        return axes.bar(range(len(sizes)), sizes, 0.8, starts, **look)
    return axes.barh(range(len(sizes)), sizes, 0.8, starts, **look)


def _draw_matrix(axes: Axes, chart: Chart, plot: Plot) -> None:
    """Draw the matrix with its numbers; amounts are coloured, and followed, by their share of their row."""
    shares = [_shares_of_row(plot, series) for series in plot.series]
    axes.pcolormesh(
        [[float(share or 0) for share in row] for row in shares],
        cmap="Blues",
        vmin=0,
        vmax=1,
        edgecolors="white",
        linewidth=1.5,
    )
    for down, (series, row) in enumerate(zip(plot.series, shares, strict=True)):
        for across, (value, share) in enumerate(zip(series.values, row, strict=True)):
            if value is not None:
                dark = share is not None and share >= _DARK_FROM
                axes.text(
                    across + 0.5,
                    down + 0.5,
                    _in_cell(plot, value, share),
                    ha="center",
                    va="center",
                    size=8,
                    color="white" if dark else _INK,
                )
    _frame_matrix(axes, chart, plot)


def _shares_of_row(plot: Plot, series: Series) -> list[Decimal | None]:
    if plot.scale.unit == "%":
        return list(series.values)
    total = sum((value for value in series.values if value is not None), Decimal(0))
    return [None if value is None or total <= 0 else value / total for value in series.values]


def _in_cell(plot: Plot, value: Decimal, share: Decimal | None) -> str:
    """Return the number, and below it its share of the row; nothing at all is a point, so that the rest is seen."""
    if value == 0:
        return "·"
    number = plot.scale.shown(value)
    return number if plot.scale.unit == "%" or share is None else f"{number}\n{100 * share:.1f} %"


def _frame_matrix(axes: Axes, chart: Chart, plot: Plot) -> None:
    axes.invert_yaxis()
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xticks([place + 0.5 for place in range(len(plot.places))], _short(plot.place_names(), 16), size=9)
    axes.set_yticks([place + 0.5 for place in range(len(plot.series))], _short(_names(plot), 28), size=9)
    share = "" if plot.scale.unit == "%" else "; colour and per cent: share of the row"
    axes.set_xlabel(f"{chart.across} ({(plot.scale.unit or 'number') + share})", color=_INK, labelpad=8)
    axes.set_ylabel(chart.up, color=_INK)
    axes.tick_params(length=0, colors=_INK)
    _plain([*axes.get_xticklabels(), *axes.get_yticklabels()])
    axes.spines[:].set_visible(False)


def _frame(axes: Axes, chart: Chart, plot: Plot) -> None:
    """Draw the axes of an upright chart: values start at zero, whatever the smallest is."""
    axes.set_xlabel(chart.across, color=_INK)
    axes.set_ylabel(axis_title(chart.up, plot.scale), color=_INK)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0.0) if min(plot.numbers) < 0 else 0.0, high if max(plot.numbers) > 0 else 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=_STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    _clear_frame(axes)


def _frame_lying(axes: Axes, chart: Chart, plot: Plot) -> None:
    axes.set_xlabel(axis_title(chart.up, plot.scale), color=_INK)
    axes.set_ylabel(chart.across, color=_INK)
    axes.set_yticks(range(len(plot.places)), _short(plot.place_names(), 32), size=9)
    _plain(axes.get_yticklabels())
    axes.set_ylim(len(plot.places) - 0.4, -0.6)
    if max(plot.numbers) <= 0 <= min(plot.numbers):
        axes.set_xlim(0.0, 1.0)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=_STEPS))
    axes.xaxis.set_major_formatter(FuncFormatter(_tick))
    axes.grid(axis="x", color=_GRID, linewidth=0.8)
    _clear_frame(axes)


def _clear_frame(axes: Axes) -> None:
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_FAINT)
    axes.tick_params(colors=_INK, labelsize=9)


def _tick(value: float, _place: object) -> str:
    """Return a tick of the value axis with the decimals it needs, and no more."""
    return f"{value:z,.3f}".rstrip("0").rstrip(".")


def _name_places(axes: Axes, plot: Plot) -> None:
    """Name as many places as can be read: of days the last one always, else the first."""
    names = _short(plot.place_names(), 24)
    room = max(2, _AXIS_CHARACTERS // (max(map(len, names)) + 2))
    step = -(-len(names) // room)
    named = range((len(names) - 1) % step if plot.by_day else 0, len(names), step)
    axes.set_xticks(list(named), [names[place] for place in named])
    _plain(axes.get_xticklabels())


def _name_series(axes: Axes, drawn: list[Any], plot: Plot, *, upward: bool = False) -> None:
    """Name the series beside the axes; of very many only some, evenly, the first and the last among them."""
    count = len(plot.series)
    named = list(range(count))
    if count > _MOST_NAMED:
        named = [place * (count - 1) // (_MOST_NAMED - 1) for place in range(_MOST_NAMED)]
    names = _short(_names(plot), 26)
    legend = axes.legend(
        [drawn[place] for place in named],
        [names[place] for place in named],
        title=f"{len(named)} of {count} named" if len(named) < count else None,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        alignment="left",
        borderaxespad=0,
        fontsize=9,
        title_fontsize=9,
        frameon=False,
        reverse=upward,
    )
    _plain(legend.get_texts())


def _names(plot: Plot) -> list[str]:
    return [series.name for series in plot.series]


def _short(names: list[str], width: int) -> list[str]:
    return [name if len(name) <= width else name[: width - 1] + "…" for name in names]


def _plain(texts: Iterable[Any]) -> None:
    """Show texts as they are: a dollar sign in a name starts no formula."""
    for text in texts:
        text.set_parse_math(False)


def _heights(plot: Plot, series: Series) -> list[float]:
    return [float("nan") if value is None else float(value / plot.scale.divisor) for value in series.values]


_DRAW: Final = {
    ChartKind.LINES: _draw_lines,
    ChartKind.CURVES: _draw_lines,
    ChartKind.STACKED_BARS: _draw_bars,
    ChartKind.HEAT_MAP: _draw_matrix,
}
