"""The two charts of the profile page. Imported with the first page only (`profile.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cif_engine.documents.cells import amount_number
from cif_engine.documents.paper import FAINT, LEFT, PANEL, RIGHT, RULE, Paper
from cif_engine.documents.plots import scale_of
from cif_engine.documents.profile import Moneys, ProfilePage, Slice
from cif_engine.documents.report import Unit, format_day

LENT, _CAPITAL, _AREA, _AREA_LINE = "#D55E00", "#4B5963", "#BFD9E6", "#0072B2"
_TREND: Final = "Lent, outstanding and capital"
_MOST_MONTHS_NAMED = 8
_STEPS = (1, 2, 2.5, 5, 10)


def draw_trend(paper: Paper, page: ProfilePage, top: float) -> None:
    """Draw what is outstanding as an area, what was handed out to date and the capital as lines above it."""
    if not page.trend:
        paper.text(LEFT, top, _TREND, 8.6, bold=True)
        paper.text(LEFT, top + 9, "Nothing was given or lent by this day.", 8, colour=FAINT)
        return
    amounts = [[amount_number(amount, page.currency) for amount in at.amounts_minor] for at in page.trend]
    scale = scale_of(Unit.MONEY, [amount for row in amounts for amount in row], page.currency)
    paper.text(LEFT, top, f"{_TREND} ({scale.unit})", 8.6, bold=True)
    axes = paper.axes(LEFT + 9, top + 8, 104, 37)
    across = range(len(amounts))
    capital, disbursed, outstanding = ([float(row[at] / scale.divisor) for row in amounts] for at in range(3))
    axes.fill_between(across, outstanding, color=_AREA, linewidth=0)
    drawn = [
        *axes.plot(across, disbursed, color=LENT, linewidth=1.8),
        *axes.plot(across, outstanding, color=_AREA_LINE, linewidth=1.8),
        *axes.plot(across, capital, color=_CAPITAL, linewidth=1.2, linestyle=(0, (4, 2)), drawstyle="steps-mid"),
    ]
    highest = max((*capital, *disbursed, *outstanding))
    axes.set_ylim(min(0.0, *capital), highest * 1.06 if highest > 0 else 1.0)
    axes.set_xlim(-0.2, max(len(amounts) - 0.8, 0.3))
    _name_months(axes, page.trend)
    _clear(axes)
    axes.legend(
        drawn,
        ["Disbursed to date", "Outstanding", "Fund capital"],
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=3,
        fontsize=6.8,
        frameon=False,
        handlelength=1.8,
        columnspacing=1.6,
        borderaxespad=0.2,
    )


def _name_months(axes: Axes, trend: Sequence[Moneys]) -> None:
    """Name so many months as have room, the last always."""
    step = -(-len(trend) // _MOST_MONTHS_NAMED)
    named = list(range((len(trend) - 1) % step, len(trend), step))
    axes.set_xticks(named, [_month(trend[place].on) for place in named])


def _month(day: date) -> str:
    return format_day(day).partition(" ")[2]


def _clear(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=_STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelsize=6.6, length=0, pad=3)


def _tick(value: float, _place: object) -> str:
    """Return a tick of the value axis with the decimals it needs, and no more."""
    return f"{value:z,.3f}".rstrip("0").rstrip(".")


def draw_slices(paper: Paper, page: ProfilePage, top: float) -> None:
    """Draw a bar for each part, its name above and its share beside it."""
    left, across, down = 139.0, RIGHT - 139.0, 7.6
    paper.text(left, top, page.slices_title, 8.6, bold=True, width=across)
    if not page.slices:
        paper.text(left, top + 9, "Nothing was disbursed by this day.", 8, colour=FAINT)
    for place, part in enumerate(page.slices):
        _draw_slice(paper, part, left, top + 5.2 + place * down, across)


def _draw_slice(paper: Paper, part: Slice, left: float, top: float, width: float) -> None:
    share = Decimal(part.part_minor) / Decimal(part.whole_minor)
    paper.text(left, top + 2, part.name, 7, width=width - 28)
    paper.text(RIGHT, top + 2, part.told, 7, colour=FAINT, side="right")
    paper.box(left, top + 3.2, width, 1.9, PANEL)
    paper.box(left, top + 3.2, width * float(share), 1.9, LENT)
