"""The two times and the days of a report, as parameters of the address."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.fields import EARLIEST_FACT, Day, Moment
from api.visits import Visit
from cif_engine.operations.reporting import Period

AsOf = Annotated[Day | None, Query(description="Facts that happened by this day count. Left out: today.")]
KnownAt = Annotated[
    Moment | None,
    Query(description="Facts recorded by this moment count. Left out: all of them. Write the + of an offset as %2B."),
]
FromDay = Annotated[Day | None, Query(alias="from", description="The first day. Left out: as far as the book goes.")]
ToDay = Annotated[Day | None, Query(alias="to", description="The last day. Left out: today.")]


def period(visit: Visit, from_day: FromDay, to_day: ToDay) -> Period:
    """Return the days that a report covers; raises PeriodReversedError."""
    return Period(from_day or EARLIEST_FACT, to_day or visit.today)
