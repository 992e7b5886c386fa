"""Counting a period: what fell due, was collected and was lost, by loan. All adding up is done by the database.

`demand_measures` has a row per loan with the amounts of `portfolio.demand`; the loans behind a number are the same
rows, listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from cif_engine.persistence.columns import WHOLE_NUMBER
from cif_engine.persistence.cutting import Asked, keyed, rows_by
from cif_engine.persistence.demand_parts import (
    CHANGES,
    ENDS,
    FELL_DUE,
    PLACES,
    fell_due,
    lasted_in_period,
    less_of,
    part,
    stood,
)
from cif_engine.persistence.intervals import DAY_AFTER, FROM_ON, period_parameters
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import ScopeKind, instalment, is_known
from cif_engine.portfolio.cuts import Form, Key
from cif_engine.portfolio.demand import PeriodTally


def count_demand(connection: sa.Connection, asked: Asked, from_on: date, to_on: date) -> dict[Key, PeriodTally]:
    """Return what was counted of each row."""
    statement = _by_row(asked.scope.kind, asked.known.now, asked.form)
    found = connection.execute(statement, {**asked.parameters, **demand_parameters(from_on, to_on)})
    # A sum of nothing is null.
    return {key: PeriodTally(*(int(number or 0) for number in row)) for key, row in keyed(asked.form, found).items()}


def demand_parameters(from_on: date, to_on: date) -> dict[str, Any]:
    """Return what `demand_measures` binds for its days."""
    return dict(period_parameters(from_on, to_on))


@lru_cache(KEPT)
def _by_row(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    measured = demand_measures(scope, known_now=known_now)
    sums = [sa.func.sum(measured.c[name]).label(name) for name in PeriodTally._fields]
    return rows_by(measured, form, sums, known_now=known_now)


@cache
def demand_measures(scope: ScopeKind, *, known_now: bool) -> sa.Subquery:
    """Return a row per loan that had a part in a period: `lso_id`, `loan_id`, the fields of `PeriodTally`.

    Binds what `Within` and `Known` bind, and `demand_parameters`.
    """
    lasted = lasted_in_period(scope, known_now=known_now)
    names = (*CHANGES, *ENDS, *FELL_DUE, *PLACES)
    parts = [stood(lasted), fell_due(lasted, scope, known_now=known_now)]
    return _shared_out(_with_overdue(_of_loans(_side_by_side(parts, names)), known_now=known_now))


def _side_by_side(parts: Sequence[sa.Select[Any]], names: Sequence[str]) -> sa.Subquery:
    """Return the rows of all parts, each with what is known of the ends of the period for its loan."""
    rows = sa.union_all(*(_with_all(of_part, names) for of_part in parts)).subquery("part")
    of_loan = (rows.c.lso_id, rows.c.loan_id)
    told = (sa.func.max(rows.c[name]).over(partition_by=of_loan).label(name) for name in ENDS)
    return sa.select(*of_loan, *(rows.c[name] for name in (*CHANGES, *FELL_DUE, *PLACES)), *told).subquery("told")


def _of_loans(told: sa.Subquery) -> sa.Subquery:
    """Return the sums of each loan, what had been paid before of what fell due, and what had fallen due at the ends.

    What fell due by the schedule in force begins where it stood when the period opened, and ends where it stands.
    """
    starts, ends = told.c.starts_minor, told.c.ends_minor
    paid_before = sa.func.coalesce(told.c.opening_paid_minor, 0)
    sums = {
        **{name: told.c[name] for name in (*CHANGES, *FELL_DUE)},
        "prepaid_minor": part(starts, ends, paid_before),
        "prepaid_first_minor": part(told.c.first_starts_minor, ends, paid_before),
    }
    greatest = {
        **{name: told.c[name] for name in ENDS},
        "opening_due_to_date_minor": sa.case((told.c.schedule_no == told.c.opening_late_schedule_no, starts)),
        "closing_due_to_date_minor": sa.case((told.c.schedule_no == told.c.closing_late_schedule_no, ends)),
    }
    return (
        sa.select(
            told.c.lso_id,
            told.c.loan_id,
            *(
                sa.cast(sa.func.coalesce(sa.func.sum(value), 0), WHOLE_NUMBER).label(name)
                for name, value in sums.items()
            ),
            *(sa.func.max(value).label(name) for name, value in greatest.items()),
        )
        .group_by(told.c.lso_id, told.c.loan_id)
        .subquery("of_loan")
    )


def _with_overdue(loans: sa.Subquery, *, known_now: bool) -> sa.CTE:
    """Return the loans with what was overdue of them at the ends of the period."""

    def overdue(end: str, after: sa.BindParameter[date]) -> sa.ColumnElement[int]:
        schedule_no = loans.c[f"{end}_late_schedule_no"]
        # Of most loans it is known already; the instalments of the others are read.
        looked_up = sa.select(sa.func.max(instalment.c.principal_due_to_date_minor)).where(
            instalment.c.lso_id == loans.c.lso_id,
            instalment.c.loan_id == loans.c.loan_id,
            instalment.c.schedule_no == schedule_no,
            instalment.c.due_on < after,
            is_known(instalment, known_now=known_now),
        )
        known = (loans.c[f"{end}_all_due_minor"], loans.c[f"{end}_due_to_date_minor"])
        return sa.case((schedule_no.is_not(None), sa.func.coalesce(*known, looked_up.scalar_subquery(), 0)), else_=0)

    columns = (
        loans.c[name] for name in ("lso_id", "loan_id", *CHANGES, *FELL_DUE, "prepaid_minor", "prepaid_first_minor")
    )
    due = {"opening": overdue("opening", FROM_ON), "closing": overdue("closing", DAY_AFTER)}
    paid = (loans.c[f"{end}_paid_minor"].label(f"{end}_paid_minor") for end in due)
    fallen = (value.label(f"{end}_fallen_due_minor") for end, value in due.items())
    return sa.select(*columns, *paid, *fallen).cte("with_overdue").prefix_with("MATERIALIZED")


def _shared_out(loans: sa.CTE) -> sa.Subquery:
    """Return what was collected shared out over what it met, and what is gone of the dues without being met."""

    def overdue(end: str) -> sa.ColumnElement[int]:
        # Charge may be overdue while the principal is paid ahead of its day.
        unpaid = loans.c[f"{end}_fallen_due_minor"] - loans.c[f"{end}_paid_minor"]
        return sa.case((unpaid > 0, unpaid), else_=0)

    opening, closing, collected = overdue("opening"), overdue("closing"), loans.c.collected_minor
    of_arrears = less_of(collected, opening)
    to_current = loans.c.demand_minor - loans.c.prepaid_minor
    of_current = less_of(collected - of_arrears, to_current)
    gone = opening + to_current - of_arrears - of_current - closing
    derived: dict[str, sa.ColumnElement[Any]] = {
        "opening_due_minor": opening,
        "of_arrears_minor": of_arrears,
        "of_current_minor": of_current,
        "in_advance_minor": collected - of_arrears - of_current,
        "written_off_due_minor": sa.case((loans.c.lost > 0, gone), else_=0),
        "rescheduled_due_minor": sa.case((loans.c.lost > 0, 0), else_=gone),
        "closing_due_minor": closing,
    }
    columns = ((derived[name] if name in derived else loans.c[name]).label(name) for name in PeriodTally._fields)
    return sa.select(loans.c.lso_id, loans.c.loan_id, *columns).subquery("measured")


def _with_all(of_part: sa.Select[Any], names: Sequence[str]) -> sa.Select[Any]:
    """Return rows with all columns of a union; amounts they lack are null."""
    rows = of_part.subquery()
    columns = (rows.c[name] if name in rows.c else sa.cast(sa.null(), WHOLE_NUMBER).label(name) for name in names)
    return sa.select(rows.c.lso_id, rows.c.loan_id, *columns)
