"""A sheet of paper to draw on, for pages that are printed. Imported with the first page only (`profile.py`).

Floats appear on paper alone: a place on a page is no amount.
"""

from __future__ import annotations

import io
import unicodedata
from bisect import bisect_right
from typing import Any, Final, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal
from matplotlib.text import Text

from cif_engine.documents.look import prepare

prepare()

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT = 15.0, 195.0
"""Between these it is written on."""
INCH: Final = 25.4
POINT: Final = INCH / 72

INK, FAINT, RULE, PANEL = "#1F2933", "#66717C", "#C9D1D8", "#F3F6F8"

_SMALLEST = 0.72
"""Text that is too long for its place is set smaller, down to this part of its size, and then cut."""
_FITS = 1.0001
"""What fits exactly when it is set smaller is not cut for an error of rounding."""
_MEASURED = 20.0
"""The size in points at which texts are measured."""
_LEFT_TO_RIGHT = "\u200e"

Side = Literal["left", "center", "right"]


class Paper:
    """A sheet of A4 on which texts and boxes are put; places are in millimetres from its top left corner."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(WIDTH / INCH, HEIGHT / INCH))
        self._renderer = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]  # says no types
        self._widths: dict[tuple[str, bool], float] = {}
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, WIDTH)
        self._axes.set_ylim(HEIGHT, 0)
        self._axes.set_axis_off()

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes whose frame is the box."""
        bottom = HEIGHT - top - height
        return self.figure.add_axes((left / WIDTH, bottom / HEIGHT, width / WIDTH, height / HEIGHT))

    def box(self, left: float, top: float, width: float, height: float, colour: str) -> None:
        """Fill a box."""
        self._axes.add_patch(Rectangle((left, top), width, height, facecolor=colour, linewidth=0))

    def rule(self, top: float, colour: str = RULE, points: float = 0.6) -> None:
        """Draw a line across the sheet."""
        self._axes.plot((LEFT, RIGHT), (top, top), color=colour, linewidth=points, solid_capstyle="butt")

    def text(
        self,
        left: float,
        base: float,
        words: str,
        size: float,
        *,
        colour: str = INK,
        bold: bool = False,
        side: Side = "left",
        width: float | None = None,
    ) -> None:
        """Write one line that stands on `base`; where it has a width it is set smaller, then cut, until it fits."""
        shown, points = (words, size) if width is None else self._fitted(words, size, width, bold=bold)
        self._axes.text(
            left, base, _in_order(shown), size=points, color=colour, ha=side, va="baseline", **_look(shown, bold=bold)
        )

    def width_of(self, words: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a line in millimetres; it grows with the size, so each text is measured once."""
        if (words, bold) not in self._widths:
            measured = Text(0, 0, _in_order(words), size=_MEASURED, figure=self.figure, **_look(words, bold=bold))
            pixels = float(measured.get_window_extent(self._renderer).width)
            self._widths[words, bold] = pixels / self.figure.dpi * INCH / _MEASURED
        return self._widths[words, bold] * size

    def lines(self, told: str, size: float, room: float, indent: float = 0.0) -> list[str]:
        """Return a text in lines of a width, the first of them shorter by the indent."""
        space = self.width_of("n n", size) - self.width_of("nn", size)
        lines: list[str] = []
        words: list[str] = []
        used = indent
        for word in told.split():
            wide = self.width_of(word, size)
            if words and used + wide > room:
                lines.append(" ".join(words))
                words, used = [], 0.0
            words.append(word)
            used += wide + space
        return [*lines, " ".join(words)]

    def print(self, title: str) -> bytes:
        """Return the sheet as a PDF, without who made it and when."""
        printed = io.BytesIO()
        metadata = {"Title": title, "Creator": None, "Producer": None, "CreationDate": None}
        with mpl.rc_context({"pdf.fonttype": 42, "pdf.compression": 6}):
            self.figure.savefig(printed, format="pdf", metadata=metadata)
        return printed.getvalue()

    def _fitted(self, words: str, size: float, width: float, *, bold: bool) -> tuple[str, float]:
        needed = self.width_of(words, size, bold=bold)
        points = size * max(min(width / needed, 1.0), _SMALLEST) if needed else size
        if needed * points / size <= width * _FITS:
            return words, points
        kept = bisect_right(
            range(len(words)), width, key=lambda end: self.width_of(_cut(words, end), points, bold=bold)
        )
        return _cut(words, max(kept - 1, 1)), points


def _cut(words: str, end: int) -> str:
    return f"{words[:end].rstrip()}…"


def _look(words: str, *, bold: bool) -> dict[str, Any]:
    """Return how a text is set; what is written from right to left is drawn as outlines.

    In a PDF the letters of Arabic script would be put at wrong distances. Ligatures of Latin letters would leave gaps.
    """
    look: dict[str, Any] = {"weight": "bold" if bold else "normal", "parse_math": False, "fontfeatures": ("-liga",)}
    return {**look, "path_effects": [Normal()]} if any(map(_runs_left, words)) else look


def _in_order(words: str) -> str:
    """Return the line, marked where it mixes scripts: else one that begins in Urdu is set from the right."""
    mixed = any(map(_runs_left, words)) and any(unicodedata.bidirectional(letter) == "L" for letter in words)
    return _LEFT_TO_RIGHT + words if mixed else words


def _runs_left(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in ("R", "AL")
