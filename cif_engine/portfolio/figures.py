"""The figures of a portfolio on a day that may be asked for one by one: some cost more to count than others."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Figure(StrEnum):
    """What is told of a portfolio besides its amount and its number of loans, which always are."""

    PAR = "par"
    AGEING = "ageing"
    ARREARS = "arrears"
    PEOPLE = "people"
    RECOVERY = "recovery"
    COVERAGE = "coverage"


ALL_FIGURES: Final = frozenset(Figure)

OF_SERIES: Final = frozenset({Figure.PAR, Figure.AGEING, Figure.ARREARS})
"""Those that are told of many days at once."""
