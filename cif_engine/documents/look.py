"""The look of everything that is drawn: the same on every machine, and with all letters of Urdu and Sindhi.

The font that comes with matplotlib lacks some of their letters. Theirs is Noto Naskh Arabic, of which `fonts/` has the
letters alone: what it lacks, Latin letters and digits, is of the other.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Final

import matplotlib as mpl
from matplotlib import font_manager

FAMILY: Final = ("Noto Naskh Arabic", "DejaVu Sans")
_FONTS: Final = ("NotoNaskhArabic-Regular.ttf", "NotoNaskhArabic-Bold.ttf")


def prepare() -> None:
    """Set the look; whoever draws does so when it is imported, and it is the same as often as it is set."""
    mpl.rcdefaults()  # not the look of whoever runs the service
    mpl.rcParams["svg.hashsalt"] = "cif"  # else the ids within an SVG are random
    for name in _FONTS:
        with as_file(files("cif_engine.documents") / "fonts" / name) as font:
            font_manager.fontManager.addfont(font)
    mpl.rcParams["font.family"] = list(FAMILY)
