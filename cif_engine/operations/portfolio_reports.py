"""The portfolio on a day, and on many, as it was known at any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from cif_engine.errors import DaysNotInOrderError
from cif_engine.operations.asking import Opened, Question, asked_view, key_view, loans_behind, opened
from cif_engine.operations.portfolio_counts import Counted, Figures, count_portfolio
from cif_engine.operations.portfolio_views import portfolio_view
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.series import count_series
from cif_engine.portfolio.cuts import Key, in_order
from cif_engine.portfolio.figures import ALL_FIGURES, OF_SERIES, Figure
from cif_engine.portfolio.par import Tally, add_up, levels

MOST_DAYS: Final = 120
"""How many days a series may have: the month-ends of ten years."""


def portfolio_report(databases: Databases, question: Question, as_of: date, figures: Figures = ALL_FIGURES) -> View:
    """Return figures of a portfolio in all, and of each row of a cut; raises NotFoundError.

    Over several books the `known_at` of the report is the last moment of any of them.
    """
    with opened(databases, question, as_of) as asked:
        counted = count_portfolio(asked, as_of, figures)
    return {
        "as_of": as_of.isoformat(),
        **asked_view(asked),
        "total": _view(asked, as_of, figures, counted.total),
        "rows": [
            {"key": key_view(asked.form, key), **_view(asked, as_of, figures, row, key)}
            for key, row in counted.rows.items()
        ],
    }


def series_report(databases: Databases, question: Question, days: Sequence[date], figures: Figures = OF_SERIES) -> View:
    """Return figures of a portfolio on many days, in all and of each row of a cut.

    Raises NotFoundError and DaysNotInOrderError. The rule set is the version in force on the last day.
    """
    if not 0 < len(days) <= MOST_DAYS or any(after <= day for day, after in pairwise(days)):
        raise DaysNotInOrderError(f"Name 1 to {MOST_DAYS} days, each after the one before.", pointer="/days")
    with opened(databases, question, days[-1]) as asked:
        reached = levels(asked.comparator)
        with_overdue = Figure.ARREARS in figures
        found = count_series(asked.connection, asked.asked, days, reached, with_overdue=with_overdue)
    total = {day: add_up((points[day] for points in found.values() if day in points), reached) for day in days}
    nothing = dict.fromkeys(days, add_up((), reached))
    rows = sorted(found, key=in_order) if asked.form.by else []
    return {
        "from": days[0].isoformat(),
        "to": days[-1].isoformat(),
        **asked_view(asked),
        "total": _points_view(asked, figures, total),
        "rows": [
            {"key": key_view(asked.form, key), **_points_view(asked, figures, nothing | found[key], key)}
            for key in rows
        ],
    }


def _points_view(asked: Opened, figures: Figures, points: Mapping[date, Tally], key: Key = ()) -> View:
    return {
        "points": [
            {"as_of": day.isoformat(), **_view(asked, day, figures, Counted(tally), key)}
            for day, tally in points.items()
        ]
    }


def _view(asked: Opened, as_of: date, figures: Figures, counted: Counted, key: Key = ()) -> View:
    return portfolio_view(counted, figures, asked.comparator, loans_behind(asked, as_of, key))
