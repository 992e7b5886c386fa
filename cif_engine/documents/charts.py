"""Charts of a report as SVG or PNG bytes, the same bytes for the same report.

The drawing library takes seconds and a hundred megabytes, so it is loaded with the first chart, not with the
service; and it is not made for threads, so one chart is drawn at a time.
"""

from __future__ import annotations

from enum import StrEnum
from threading import Lock
from typing import Final

from cif_engine.documents.plots import plot
from cif_engine.documents.report import Report

one_drawing: Final = Lock()
"""Whoever draws holds it."""


class Picture(StrEnum):
    """The forms a chart may take."""

    SVG = "svg"
    PNG = "png"


def draw(report: Report, key: str, picture: Picture) -> bytes:
    """Return the chart of the report with that key. A chart without data says so."""
    chart = report.chart(key)
    shown = plot(report, chart)
    with one_drawing:
        from cif_engine.documents import drawing  # noqa: PLC0415 - loaded with the first chart, as said above

        return drawing.draw(chart, shown, report.heading, picture.value)
