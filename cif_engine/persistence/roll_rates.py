"""Counting which way loans went in a period, from band to band; `portfolio.roll_rates` makes a table of it."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from cif_engine.loans.standing import Status
from cif_engine.persistence.columns import WHOLE_NUMBER, Day
from cif_engine.persistence.cutting import Asked, rows_by
from cif_engine.persistence.intervals import closes, intervals, opens, period_parameters
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import ScopeKind
from cif_engine.portfolio.cuts import Form, Key
from cif_engine.portfolio.par import AGEING_DAYS, due_before
from cif_engine.portfolio.roll_rates import NEW, REPAID, WRITTEN_OFF, Flow, Flows, Way


def count_migration(connection: sa.Connection, asked: Asked, from_on: date, to_on: date) -> dict[Key, Flows]:
    """Return the flows of each row; rows of which no loan went any way are left out."""
    statement = _by_row(asked.scope.kind, asked.known.now, asked.form)
    found = connection.execute(statement, {**asked.parameters, **migration_parameters(from_on, to_on)})
    width = len(asked.form.key)
    flows: dict[Key, dict[Way, Flow]] = {}
    for row in found:
        came_from, went_to, *numbers = row[width:]
        flows.setdefault(tuple(row[:width]), {})[came_from, went_to] = Flow(*map(int, numbers))
    return dict(flows)


@lru_cache(KEPT)
def _by_row(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    went = migration_measures(scope, known_now=known_now)
    ways = [went.c[name].label(name) for name in ("came_from", "went_to")]
    sums = [sa.func.sum(went.c[name]).label(name) for name in Flow._fields]
    return rows_by(went, form, sums, known_now=known_now, also=ways)


def migration_parameters(from_on: date, to_on: date) -> dict[str, Any]:
    """Return what `migration_measures` binds for its days."""
    days = period_parameters(from_on, to_on)
    bounds = {
        f"{end}_{days_late}": due_before(days[end], days_late) for end in ("eve", "to_on") for days_late in AGEING_DAYS
    }
    return {**days, **bounds}


@cache
def migration_measures(scope: ScopeKind, *, known_now: bool) -> sa.Subquery:
    """Return a row per loan that went some way: `lso_id`, `loan_id`, `came_from`, `went_to`, the fields of `Flow`.

    Binds what `Within` and `Known` bind, and `migration_parameters`.
    """
    stood = intervals(scope, known_now=known_now)
    opening, closing = opens(stood), closes(stood)
    is_open = stood.c.status == Status.OPEN.value
    handed_out = stood.c.outstanding_minor + stood.c.principal_paid_minor + stood.c.written_off_minor

    def at(end: sa.ColumnElement[bool], amount: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
        return sa.case((end, amount), else_=0)

    def change(amount: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
        return at(closing, amount) - at(opening, amount)

    sums = {
        "opening_minor": at(opening, stood.c.outstanding_minor),
        "disbursed_minor": change(handed_out),
        "repaid_minor": change(stood.c.principal_paid_minor),
        "written_off_minor": change(stood.c.written_off_minor),
        "closing_minor": at(closing, stood.c.outstanding_minor),
    }
    is_lost = sa.and_(closing, stood.c.status == Status.WRITTEN_OFF.value)
    loans = (
        sa.select(
            stood.c.lso_id,
            stood.c.loan_id,
            sa.func.max(sa.case((sa.and_(opening, is_open), _band(stood, "eve")))).label("came_from"),
            sa.func.max(sa.case((sa.and_(closing, is_open), _band(stood, "to_on")))).label("went_to"),
            sa.func.max(sa.case((is_lost, WRITTEN_OFF), else_=REPAID)).label("gone_to"),
            *(sa.cast(sa.func.sum(value), WHOLE_NUMBER).label(name) for name, value in sums.items()),
        )
        # What was over before the period and stayed so went no way in it.
        .where(sa.or_(opening, closing), ~sa.and_(opening, closing, ~is_open))
        .group_by(stood.c.lso_id, stood.c.loan_id)
        .subquery("of_loan")
    )
    took_part = sa.or_(loans.c.came_from.is_not(None), loans.c.went_to.is_not(None), loans.c.disbursed_minor > 0)
    one = sa.literal(1, WHOLE_NUMBER).label("loans")
    return (
        sa.select(
            loans.c.lso_id,
            loans.c.loan_id,
            sa.func.coalesce(loans.c.came_from, NEW).label("came_from"),
            sa.func.coalesce(loans.c.went_to, loans.c.gone_to).label("went_to"),
            *(one if name == "loans" else loans.c[name] for name in Flow._fields),
        )
        .where(took_part)
        .subquery("went")
    )


def _band(stood: sa.FromClause, end: str) -> sa.ColumnElement[int]:
    """Return the place of the band in which a loan that stood so is on the day named; a null due day is current."""
    later = reversed(list(enumerate(AGEING_DAYS, start=1)))
    return sa.case(
        *((stood.c.oldest_due_on < sa.bindparam(f"{end}_{days}", type_=Day()), place) for place, days in later), else_=0
    )
