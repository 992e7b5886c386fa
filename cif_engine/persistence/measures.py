"""What of a loan counts for a figure, as the database counts it: one row per loan, the same rows that reports sum up.

Figures of a period are the rows of `demand_measures` and `migration_measures`, those of a day the standings of the day.
`portfolio.contributions` says the same of a loan's life.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.dates import month_end_of
from cif_engine.loans.standing import Status
from cif_engine.persistence.average import average_measures, average_parameters
from cif_engine.persistence.columns import WHOLE_NUMBER, Day
from cif_engine.persistence.demand import demand_measures, demand_parameters
from cif_engine.persistence.portfolio_reports import recovered_measures
from cif_engine.persistence.roll_rates import migration_measures, migration_parameters
from cif_engine.persistence.standings import AS_OF, ScopeKind, instalments_known, overdue, standings
from cif_engine.portfolio.contributions import (
    OUTSTANDING_ON_AVERAGED_DAYS,
    Balance,
    Maturing,
    Measure,
    Overdue,
    OverPeriod,
    Recovery,
    Rolled,
    Vintage,
)
from cif_engine.portfolio.par import due_before
from cif_engine.portfolio.roll_rates import BANDS, REPAID

_LATE_FROM: Final = sa.bindparam("late_from", type_=Day())
_LATE_TO: Final = sa.bindparam("late_to", type_=Day())
_MONTH_FROM: Final = sa.bindparam("month_from", type_=Day())
_MONTH_TO: Final = sa.bindparam("month_to", type_=Day())
_CAME_FROM: Final = sa.bindparam("row_of_cell", type_=sa.Integer())
_WENT_TO: Final = sa.bindparam("column_of_cell", type_=sa.Integer())
_ANY_DAY: Final = date.min


def measured(measure: Measure, scope: ScopeKind, *, known_now: bool) -> sa.Subquery:
    """Return a row per loan of a figure: `lso_id`, `loan_id`, `numerator_minor`, `denominator_minor`, `counts`.

    `counts` is 1 for the loans of the numerator. Binds what `Within` and `Known` bind, `as_of`, and
    `measure_parameters`.
    """
    rows: sa.Select[Any]
    match measure:
        case Balance():
            rows = _balances(measure, scope, known_now=known_now)
        case Overdue():
            rows = _overdues(scope, known_now=known_now)
        case Maturing():
            rows = _maturing(measure, scope, known_now=known_now)
        case Recovery():
            due = recovered_measures(scope, known_now=known_now)
            rows = _rows(due, due.c.collected_minor, due.c.fallen_due_minor)
        case Vintage():
            rows = _vintage(measure, scope, known_now=known_now)
        case Rolled():
            rows = _rolled(measure, scope, known_now=known_now)
        case OverPeriod():
            rows = _tallied(measure, scope, known_now=known_now)
    return rows.subquery("of_figure")


def measure_parameters(measure: Measure) -> dict[str, Any]:
    """Return what `measured` binds for its days and bounds."""
    match measure:
        case Balance(day, least, most):
            bound: dict[str, Any] = {"late_from": due_before(day, least - 1)} if least else {}
            return bound if most is None else {**bound, "late_to": due_before(day, most)}
        case Maturing(_, month) if month is not None:
            return {"month_from": month, "month_to": month_end_of(month)}
        case Vintage(day, first, last, _, least):
            return {"month_from": first, "month_to": last, "late_from": due_before(day, least - 1)}
        case OverPeriod(first, last, _, denominator):
            of_average = denominator == OUTSTANDING_ON_AVERAGED_DAYS
            return average_parameters(first, last) if of_average else demand_parameters(first, last)
        case Rolled(first, last, came_from, went_to):
            bound = migration_parameters(first, last)
            bound |= {} if came_from is None else {"row_of_cell": came_from}
            return bound | ({"column_of_cell": went_to} if went_to < len(BANDS) else {})
    return {}


def shape_of(measure: Measure) -> Measure:
    """Return what statements differ by: the measure without its days and bounds, which are bound."""
    match measure:
        case Balance(_, least, most, or_renegotiated):
            return Balance(_ANY_DAY, min(least, 1), None if most is None else 0, or_renegotiated)
        case Maturing(_, month):
            return Maturing(_ANY_DAY, None if month is None else _ANY_DAY)
        case Vintage(part=part):
            return Vintage(_ANY_DAY, _ANY_DAY, _ANY_DAY, part, 0)
        case Rolled(_, _, came_from, went_to):
            return Rolled(_ANY_DAY, _ANY_DAY, None if came_from is None else 0, max(went_to, len(BANDS) - 1))
        case OverPeriod():
            return replace(measure, from_on=_ANY_DAY, to_on=_ANY_DAY)
        case Overdue() | Recovery():
            return replace(measure, day=_ANY_DAY)


_ZERO: Final = sa.literal_column("0", WHOLE_NUMBER)


def _rows(
    source: sa.FromClause,
    numerator: sa.ColumnElement[int],
    denominator: sa.ColumnElement[int],
    counts: sa.ColumnElement[bool] | None = None,
) -> sa.Select[Any]:
    """Return the rows of `measured`; without `counts`, whose numerator is not 0 counts."""
    return sa.select(
        source.c.lso_id,
        source.c.loan_id,
        numerator.label("numerator_minor"),
        denominator.label("denominator_minor"),
        sa.case((numerator != 0 if counts is None else counts, 1), else_=0).label("counts"),
    )


def _balances(measure: Balance, scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    standing = standings(scope, known_now=known_now)
    oldest = standing.c.oldest_due_on
    bounds: list[sa.ColumnElement[bool]] = [sa.true()]
    if measure.least_days_late:
        bounds.append(oldest < _LATE_FROM)
    if measure.most_days_late is not None:
        bounds.append(sa.or_(oldest.is_(None), oldest >= _LATE_TO))
    # Null where nothing is due any more: not late.
    counts: sa.ColumnElement[bool] = sa.func.coalesce(sa.and_(*bounds), sa.false())
    if measure.or_renegotiated:
        counts = sa.or_(counts, standing.c.renegotiated == sa.true())
    outstanding = standing.c.outstanding_minor
    rows = _rows(standing, sa.case((counts, outstanding), else_=0), outstanding, counts)
    return rows.where(standing.c.status == Status.OPEN.value)


def _overdues(scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    standing = standings(scope, known_now=known_now)
    rows = (
        sa.select(
            standing.c.lso_id,
            standing.c.loan_id,
            overdue(standing, known_now=known_now).label("overdue_minor"),
            standing.c.outstanding_minor,
        )
        .where(standing.c.status == Status.OPEN.value)
        .subquery("owed")
    )
    return _rows(rows, rows.c.overdue_minor, rows.c.outstanding_minor)


def _maturing(measure: Maturing, scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    standing, due = standings(scope, known_now=known_now), instalments_known(known_now=known_now)
    in_force = sa.and_(
        due.c.lso_id == standing.c.lso_id,
        due.c.loan_id == standing.c.loan_id,
        due.c.schedule_no == standing.c.schedule_no,
    )
    beyond = due.c.principal_due_to_date_minor - standing.c.principal_paid_minor
    unpaid = sa.case((beyond < due.c.principal_minor, beyond), else_=due.c.principal_minor)
    falls_due = [due.c.due_on < AS_OF]
    if measure.month is not None:
        falls_due = [due.c.due_on >= AS_OF, due.c.due_on >= _MONTH_FROM, due.c.due_on <= _MONTH_TO]
    rows = (
        sa.select(
            standing.c.lso_id,
            standing.c.loan_id,
            sa.cast(sa.func.sum(unpaid), WHOLE_NUMBER).label("unpaid_minor"),
            sa.func.max(standing.c.outstanding_minor).label("outstanding_minor"),
        )
        .select_from(standing.join(due, in_force))
        .where(standing.c.status == Status.OPEN.value, beyond > 0, *falls_due)
        .group_by(standing.c.lso_id, standing.c.loan_id)
        .subquery("falls_due")
    )
    return _rows(rows, rows.c.unpaid_minor, rows.c.outstanding_minor)


def _vintage(measure: Vintage, scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    standing = standings(scope, known_now=known_now)
    handed_out = standing.c.outstanding_minor + standing.c.principal_paid_minor + standing.c.written_off_minor
    numerator: sa.ColumnElement[int] = standing.c.written_off_minor
    if measure.part != "written_off":
        is_late = standing.c.oldest_due_on < _LATE_FROM
        counts = is_late if measure.part == "late" else standing.c.renegotiated == sa.true()
        is_open = standing.c.status == Status.OPEN.value
        numerator = sa.case((sa.and_(is_open, counts), standing.c.outstanding_minor), else_=0)
    rows = _rows(standing, numerator, handed_out)
    return rows.where(standing.c.disbursed_on >= _MONTH_FROM, standing.c.disbursed_on <= _MONTH_TO)


def _rolled(measure: Rolled, scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    went = migration_measures(scope, known_now=known_now)
    if measure.went_to < len(BANDS):
        counts = went.c.went_to == _WENT_TO
        rows = _rows(went, sa.case((counts, went.c.closing_minor), else_=0), went.c.opening_minor, counts)
    else:
        gone = went.c.repaid_minor if measure.went_to == REPAID else went.c.written_off_minor
        rows = _rows(went, gone, went.c.opening_minor)
    return rows if measure.came_from is None else rows.where(went.c.came_from == _CAME_FROM)


def _tallied(measure: OverPeriod, scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    of_average = measure.denominator == OUTSTANDING_ON_AVERAGED_DAYS
    tallied = (average_measures if of_average else demand_measures)(scope, known_now=known_now)
    below = _ZERO if measure.denominator is None else _amount(tallied, measure.denominator)
    return _rows(tallied, _amount(tallied, measure.numerator), below)


def _amount(tallied: sa.Subquery, name: str) -> sa.ColumnElement[int]:
    """Return an amount as `PeriodTally` names it, those that it works out too."""
    match name:
        case "again_minor":
            return tallied.c.demand_minor - tallied.c.first_minor
        case "collected_minor":
            return tallied.c.of_arrears_minor + tallied.c.of_current_minor + tallied.c.in_advance_minor
        case _:
            found: sa.ColumnElement[int] = tallied.c[name]
            return found
