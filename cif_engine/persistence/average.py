"""The average portfolio of a period, by loan and by row of a cut: the mean of the days that `averaged_days` names."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.dates import averaged_days, is_month_end
from cif_engine.loans.standing import Status
from cif_engine.persistence.columns import WHOLE_NUMBER
from cif_engine.persistence.cutting import Asked, keyed, rows_by
from cif_engine.persistence.days import greatest, least, month_number
from cif_engine.persistence.intervals import closes, intervals, opens, period_parameters
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import ScopeKind
from cif_engine.portfolio.cuts import Form, Key
from cif_engine.portfolio.demand import AveragePortfolio

_FIRST_MONTH: Final = sa.bindparam("first_month", type_=sa.Integer())
_LAST_MONTH: Final = sa.bindparam("last_month", type_=sa.Integer())
_COUNT_LAST_DAY: Final = sa.bindparam("count_last_day", type_=sa.Integer())
_AMOUNTS: Final = ("portfolio_minor", "written_off_minor")
_ALL_DAYS: Final = sa.bindparam("all_days", type_=sa.Integer())


def count_average(connection: sa.Connection, asked: Asked, from_on: date, to_on: date) -> dict[Key, AveragePortfolio]:
    """Return the average portfolio of each row."""
    statement = _by_row(asked.scope.kind, asked.known.now, asked.form)
    found = connection.execute(statement, {**asked.parameters, **average_parameters(from_on, to_on)})
    days = len(averaged_days(from_on, to_on))
    return {key: AveragePortfolio(int(total or 0), days) for key, (total,) in keyed(asked.form, found).items()}


def average_parameters(from_on: date, to_on: date) -> dict[str, Any]:
    """Return what `average_measures` binds for its days."""
    whole_month = is_month_end(to_on)
    return {
        **period_parameters(from_on, to_on),
        "first_month": _number(from_on),
        "last_month": _number(to_on) - (not whole_month),
        "count_last_day": int(not whole_month),
        "all_days": len(averaged_days(from_on, to_on)),
    }


def _number(day: date) -> int:
    """Return what `month_number` is of a day."""
    return day.year * 12 + day.month


@cache
def average_measures(scope: ScopeKind, *, known_now: bool) -> sa.Subquery:
    """Return a row per loan: `portfolio_minor` is what it had outstanding on the days of the average, summed up.

    Beside it `written_off_minor`, what was written off of it in the period. Binds what `Within` and `Known` bind, and
    `average_parameters`.
    """
    rows = _outstanding(scope, known_now=known_now)
    sums = (sa.cast(sa.func.sum(rows.c[name]), WHOLE_NUMBER).label(name) for name in _AMOUNTS)
    return sa.select(rows.c.lso_id, rows.c.loan_id, *sums).group_by(rows.c.lso_id, rows.c.loan_id).subquery("averaged")


@lru_cache(KEPT)
def _by_row(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    rows = _outstanding(scope, known_now=known_now)
    total = sa.func.sum(rows.c.portfolio_minor).label("portfolio_minor")
    return rows_by(rows, form, [total], known_now=known_now)


def _outstanding(scope: ScopeKind, *, known_now: bool) -> sa.Subquery:
    """Return a row for each interval of open loans, and of those that were written off."""
    lasted = intervals(scope, known_now=known_now)
    lost = lasted.c.written_off_minor
    written_off = sa.case((closes(lasted), lost), else_=0) - sa.case((opens(lasted), lost), else_=0)
    outstanding = lasted.c.outstanding_minor * days_averaged(lasted)
    columns = (outstanding.label("portfolio_minor"), written_off.label("written_off_minor"))
    counts = lasted.c.status.in_((Status.OPEN.value, Status.WRITTEN_OFF.value))
    return sa.select(lasted.c.lso_id, lasted.c.loan_id, *columns).where(counts).subquery("outstanding")


def days_averaged(lasted: sa.FromClause) -> sa.ColumnElement[int]:
    """Return on how many of the days of the average an interval held; binds `average_parameters`.

    It holds at the end of each month from its first to the one before that in which it ends.
    """
    first = greatest(month_number(lasted.c.valid_from), _FIRST_MONTH)
    last = least(month_number(lasted.c.until) - 1, _LAST_MONTH)
    month_ends = greatest(last - first + 1, sa.literal(0))
    last_day = sa.case((closes(lasted), _COUNT_LAST_DAY), else_=0)
    some = sa.case((opens(lasted), 1), else_=0) + month_ends + last_day
    return sa.case((sa.and_(opens(lasted), closes(lasted)), _ALL_DAYS), else_=some)
