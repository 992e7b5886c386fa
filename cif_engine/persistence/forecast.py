"""What a forecast is made from: what is unpaid of a fund's schedules, how its dues were paid, and what it lends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from cif_engine.dates import MONTHS_IN_YEAR
from cif_engine.fund.collection_curve import Due, History, Stood
from cif_engine.fund.forecast import Plan, Unpaid
from cif_engine.loans.standing import Status
from cif_engine.persistence.days import month_number
from cif_engine.persistence.intervals import EVE, FROM_ON, TO_ON, intervals, opens, period_parameters
from cif_engine.persistence.portfolio_reports import whole_sum
from cif_engine.persistence.standings import AS_OF, Known, instalments_known, loan, standings

_FUND: Final[sa.BindParameter[str]] = sa.bindparam("of_fund")
_FIRST_SCHEDULE: Final = 1


@dataclass(frozen=True, slots=True)
class OfFund:
    """Whose loans are asked about, and what was known."""

    lso_id: str
    fund_id: str
    known: Known

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement here binds."""
        return {"lso_ids": (self.lso_id,), "of_fund": self.fund_id, **self.known.parameters}


class Lending(NamedTuple):
    """The loans first handed out in a period: how many, of how much principal in all, and when it falls due."""

    loans: int
    principal_minor: int
    plan: Plan


def unpaid_by_month(connection: sa.Connection, asked: OfFund, as_of: date) -> tuple[Unpaid, ...]:
    """Return what is unpaid of the schedules in force at the end of a day, by the month in which it fell or falls due.

    What was due before the day is apart from what is due in the same month on the day or later.
    """
    found = connection.execute(_unpaid(asked.known.now), {**asked.parameters, "as_of": as_of})
    unpaid = [Unpaid(_month(row.month), bool(row.overdue), int(row.principal), int(row.charge)) for row in found]
    return tuple(sorted(unpaid))


def collection_history(connection: sa.Connection, asked: OfFund, from_on: date, to_on: date) -> History:
    """Return how dues were paid from one day to another, which begin and end months."""
    days = {**asked.parameters, **period_parameters(from_on, to_on)}
    dues = connection.execute(_dues(asked.known.now), days)
    stood = connection.execute(_stood(asked.known.now), days)
    lost = Status.WRITTEN_OFF.value
    return History(
        [Due(*row) for row in dues],
        [
            Stood(loan_id, since, schedule_no, paid, status == lost)
            for loan_id, since, schedule_no, paid, status in stood
        ],
    )


def lending_between(connection: sa.Connection, asked: OfFund, from_on: date, as_of: date) -> Lending:
    """Return the loans that were first handed out from one day to another, as they stand at the end of the latter.

    Their plan is that of their first schedules. What falls due in the month of the disbursement counts with the next.
    """
    days = {**asked.parameters, "from_on": from_on, "as_of": as_of}
    loans, principal = connection.execute(_lent(asked.known.now), days).one()
    weights = {int(months): int(weight) for months, weight in connection.execute(_plan(asked.known.now), days)}
    return Lending(int(loans), int(principal), _whole(weights))


def _whole(weights: Mapping[int, int]) -> Plan:
    soon = weights.get(0, 0)
    later = {months: weight for months, weight in weights.items() if months}
    if soon:
        later[1] = later.get(1, 0) + soon
    return tuple(sorted(later.items()))


def _month(number: int) -> date:
    year, month = divmod(number - 1, MONTHS_IN_YEAR)
    return date(year, month + 1, 1)


def _of_fund(rows: sa.FromClause) -> sa.ColumnElement[bool]:
    """Return the condition that a row is of a loan of the fund."""
    loans = sa.select(loan.c.id).where(
        loan.c.lso_id == rows.c.lso_id, loan.c.id == rows.c.loan_id, loan.c.fund_id == _FUND
    )
    return loans.exists()


@cache
def _unpaid(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing, due = standings("lsos", known_now=known_now), instalments_known(known_now=known_now)
    in_force = sa.and_(
        due.c.lso_id == standing.c.lso_id,
        due.c.loan_id == standing.c.loan_id,
        due.c.schedule_no == standing.c.schedule_no,
    )
    all_charge = sa.func.max(due.c.charge_due_to_date_minor).over(partition_by=(due.c.lso_id, due.c.loan_id))
    # What of the charge is paid or waived is known by what of it is still owed.
    charge_met = all_charge - standing.c.charge_outstanding_minor
    rows = (
        sa.select(
            month_number(due.c.due_on).label("month"),
            sa.case((due.c.due_on < AS_OF, 1), else_=0).label("overdue"),
            _beyond(due.c.principal_due_to_date_minor, due.c.principal_minor, standing.c.principal_paid_minor),
            _beyond(due.c.charge_due_to_date_minor, due.c.charge_minor, charge_met),
        )
        .select_from(standing.join(due, in_force))
        .where(standing.c.status == Status.OPEN.value, _of_fund(standing))
        .subquery("unpaid")
    )
    place = (rows.c.month, rows.c.overdue)
    sums = (
        whole_sum(rows.c.principal_minor).label("principal"),
        whole_sum(rows.c.charge_minor).label("charge"),
    )
    return sa.select(*place, *sums).where(rows.c.principal_minor + rows.c.charge_minor > 0).group_by(*place)


def _beyond(
    to_date: sa.ColumnElement[int], amount: sa.ColumnElement[int], met: sa.ColumnElement[int]
) -> sa.ColumnElement[int]:
    """Return what of an instalment's amount is not met, where so much is met of all up to and including it."""
    beyond = to_date - met
    return sa.case((beyond <= 0, 0), (beyond < amount, beyond), else_=amount).label(amount.name)


@cache
def _dues(known_now: bool) -> sa.CompoundSelect[Any]:  # noqa: FBT001 - cached by place
    lasted, due = _lasted(known_now=known_now), instalments_known(known_now=known_now)
    by_schedule = sa.and_(
        due.c.lso_id == lasted.c.lso_id,
        due.c.loan_id == lasted.c.loan_id,
        due.c.schedule_no == lasted.c.schedule_no,
        due.c.principal_minor > 0,
    )
    ends = due.c.principal_due_to_date_minor
    rows = sa.select(
        due.c.loan_id, due.c.schedule_no, due.c.due_on, (ends - due.c.principal_minor).label("starts"), ends
    ).select_from(due.join(lasted, by_schedule))
    fell_due = rows.where(
        due.c.due_on >= FROM_ON,
        due.c.due_on <= TO_ON,
        lasted.c.valid_from <= due.c.due_on,
        lasted.c.until > due.c.due_on,
        lasted.c.status != Status.WRITTEN_OFF.value,
    )
    overdue = rows.where(
        due.c.due_on <= EVE,
        opens(lasted),
        lasted.c.status == Status.OPEN.value,
        ends > lasted.c.principal_paid_minor,
    )
    return sa.union_all(fell_due, overdue)


@cache
def _stood(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    lasted = _lasted(known_now=known_now)
    names = ("loan_id", "valid_from", "schedule_no", "principal_paid_minor", "status")
    return sa.select(*(lasted.c[name] for name in names)).order_by(lasted.c.loan_id, lasted.c.valid_from)


def _lasted(*, known_now: bool) -> sa.CTE:
    """Return where the loans of the fund stood in a period, since they were handed out."""
    rows = intervals("lsos", known_now=known_now)
    names = ("lso_id", "loan_id", "valid_from", "until", "status", "schedule_no", "principal_paid_minor")
    of_fund = sa.select(*(rows.c[name] for name in names)).where(rows.c.schedule_no > 0, _of_fund(rows))
    return of_fund.cte("of_fund").prefix_with("MATERIALIZED")


@cache
def _lent(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    lent = _handed_out(known_now=known_now)
    handed_out = lent.c.outstanding_minor + lent.c.principal_paid_minor + lent.c.written_off_minor
    return sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(handed_out), 0)).select_from(lent)


@cache
def _plan(known_now: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    lent, due = _handed_out(known_now=known_now), instalments_known(known_now=known_now)
    first = sa.and_(
        due.c.lso_id == lent.c.lso_id,
        due.c.loan_id == lent.c.loan_id,
        due.c.schedule_no == _FIRST_SCHEDULE,
        due.c.principal_minor > 0,
    )
    months = month_number(due.c.due_on) - month_number(lent.c.disbursed_on)
    rows = sa.select(months.label("months"), due.c.principal_minor).select_from(lent.join(due, first)).subquery("rows")
    return sa.select(rows.c.months, whole_sum(rows.c.principal_minor)).group_by(rows.c.months)


def _handed_out(*, known_now: bool) -> sa.Subquery:
    """Return where the loans of the fund stand that were first handed out since `FROM_ON`."""
    standing = standings("lsos", known_now=known_now)
    return sa.select(standing).where(standing.c.disbursed_on >= FROM_ON, _of_fund(standing)).subquery("lent")
