"""Days of a report by their places: which of them an interval lasts over, without a row for each pair of the two.

A report over sixty month-ends would compare every interval with every day. Instead each date of an interval is looked
up among the days once, and what follows is about small numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.persistence.columns import Day


def day_at(place: int) -> sa.BindParameter[date]:
    """Return the parameter of the day at a place, from 0."""
    return sa.bindparam(f"day_{place}", type_=Day())


def day_parameters(days: Sequence[date]) -> dict[str, date]:
    """Return what `day_at` binds for these days, in their order."""
    return {f"day_{place}": day for place, day in enumerate(days)}


def first_place(day: sa.ColumnElement[Any], days: Sequence[sa.BindParameter[date]]) -> sa.ColumnElement[int]:
    """Return the place of the first of some days, in order, that is not before `day`; their number when all are.

    An interval lasts over the days from the first place of its start to the one before the first place of its end.
    """
    return _place(day, days, 0, len(days))


def _place(
    day: sa.ColumnElement[Any], days: Sequence[sa.BindParameter[date]], low: int, high: int
) -> sa.ColumnElement[int]:
    if low == high:
        return sa.literal_column(str(low), sa.Integer())
    middle = (low + high) // 2
    return sa.case((days[middle] >= day, _place(day, days, low, middle)), else_=_place(day, days, middle + 1, high))
