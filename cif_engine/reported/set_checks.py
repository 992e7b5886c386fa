"""Whether figures that were reported together can be true together: the checks that are made of them, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cif_engine.reported.bounds import check_above_its_whole
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Judged, Said, Severity, judged
from cif_engine.reported.loans_and_people import (
    check_amount_without_people,
    check_average_loan,
    check_loans_below_people,
    check_more_than_there_are,
)
from cif_engine.reported.means import check_beyond_means
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.recovery import (
    check_no_recovery_rate,
    check_perfect_recovery,
    check_rate_differs,
    check_ties_out,
)
from cif_engine.reported.turns import check_turns


def check_set(figures: FigureSet, parameters: Parameters) -> Judged:
    """Return what is found of figures that were reported together, and what could not be checked for want of others."""
    return judged(said for check in _CHECKS for said in check(figures, parameters))


def _check_missing(figures: FigureSet, _: Parameters) -> Said:
    for figure in figures.figures:
        if figure.printed.is_missing:
            typed = f'"{figure.printed.text}" stands' if figure.printed.text else "Nothing stands"
            words = f'{typed} where "{figure.measure.title}" should; it is taken as not stated, not as nought.'
            yield Finding(Check.MISSING, Severity.NOTE, words, (figure.measure.id,), figures.as_of)


_CHECKS: Final[tuple[Callable[[FigureSet, Parameters], Said], ...]] = (
    check_average_loan,
    check_loans_below_people,
    check_turns,
    check_beyond_means,
    check_ties_out,
    check_no_recovery_rate,
    check_perfect_recovery,
    check_rate_differs,
    check_more_than_there_are,
    check_above_its_whole,
    check_amount_without_people,
    _check_missing,
)
"""Each is named for what it looks for (`Check`)."""
