"""Where loans stood during a period, as it was known: every interval of their histories that reaches into it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.persistence.columns import Day
from cif_engine.persistence.projections import STANDING_COLUMNS
from cif_engine.persistence.standings import KNOWN_AT, ScopeKind, loan_position, loan_state, states_after, within

EVE: Final = sa.bindparam("eve", type_=Day())
"""The day before the period: how it opens is how that day closed."""

FROM_ON: Final = sa.bindparam("from_on", type_=Day())
TO_ON: Final = sa.bindparam("to_on", type_=Day())
DAY_AFTER: Final = sa.bindparam("day_after", type_=Day())
"""The day after the period."""

ENDLESS: Final = date.max


def period_parameters(from_on: date, to_on: date) -> dict[str, date]:
    """Return what statements about a period bind for its days."""
    day = date.resolution
    return {"eve": from_on - day, "from_on": from_on, "to_on": to_on, "day_after": to_on + day}


def intervals(scope: ScopeKind, *, known_now: bool, name: str = "lasted") -> sa.CTE:
    """Return where loans stood on some day from the eve of a period to its last, as far as it was known.

    The columns are those of a standing, and `until`: an interval lasts from `valid_from` to the day before it. Binds
    what `Within` and `Known` bind, and `period_parameters`.
    """
    return sa.union_all(*parts_of_intervals(scope, known_now=known_now)).cte(name)


def parts_of_intervals(scope: ScopeKind, *, known_now: bool) -> list[sa.Select[Any]]:
    """Return what `intervals` is the union of; each is found by an index, LSO by LSO."""
    return [*_ended(scope, known_now=known_now), _lasting(scope, known_now=known_now)]


def opens(interval: sa.FromClause) -> sa.ColumnElement[bool]:
    """Return the condition that an interval is where the loan stood when the period opened."""
    return sa.and_(interval.c.valid_from <= EVE, interval.c.until > EVE)


def closes(interval: sa.FromClause) -> sa.ColumnElement[bool]:
    """Return the condition that an interval is where the loan stood when the period closed."""
    return interval.c.until > TO_ON


def _ended(scope: ScopeKind, *, known_now: bool) -> list[sa.Select[Any]]:
    """Return the intervals that end after the eve; of one whose end was not known yet, none was."""
    until: sa.ColumnElement[Any] = loan_state.c.valid_to
    if not known_now:
        until = sa.case((loan_state.c.closed_at > KNOWN_AT, _endless()), else_=until)
    return states_after(_of(loan_state, scope, until), EVE, TO_ON, known_now=known_now)


def _lasting(scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    rows = _of(loan_position, scope, _endless())
    return rows if known_now else rows.where(loan_position.c.known_from <= KNOWN_AT)


def _of(table: sa.Table, scope: ScopeKind, until: sa.ColumnElement[Any]) -> sa.Select[Any]:
    columns = (table.c[name] for name in ("lso_id", "loan_id", *STANDING_COLUMNS))
    rows = sa.select(*columns, until.label("until"))
    return rows.where(within(scope, table.c.lso_id), table.c.valid_from <= TO_ON)


def _endless() -> sa.ColumnElement[Any]:
    return sa.literal(ENDLESS, Day())
