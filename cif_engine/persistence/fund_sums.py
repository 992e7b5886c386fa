"""What the figures of funds are made of (`fund.figures.Sums`), added up by the database for many funds at once.

The loans of a fund are added up over the intervals of their histories that reach into the twelve months up to the day,
its own money over the postings to the few accounts that it moves; nothing is read loan by loan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.fund.figures import Span, Sums
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.accounts import accounts_with, posted_to
from cif_engine.persistence.average import average_parameters, days_averaged
from cif_engine.persistence.columns import Day
from cif_engine.persistence.cutting import Asked, Columns, keyed, rows_by
from cif_engine.persistence.days import days_between, greatest, least
from cif_engine.persistence.fund_of_loans import lsos_of_several_funds, only_funds, written_down
from cif_engine.persistence.intervals import DAY_AFTER, ENDLESS, FROM_ON, TO_ON, closes, opens, parts_of_intervals
from cif_engine.persistence.placements import placements_on
from cif_engine.persistence.portfolio_reports import KEPT, whole_sum
from cif_engine.persistence.standings import (
    ScopeKind,
    loan,
    loans_known,
    lso,
    standings,
    within,
)
from cif_engine.portfolio.cuts import Form, Key

_OF_CAPITAL: Final = (Role.TRANCHE_CAPITAL, Role.CONTRIBUTIONS)
_OF_MONEY: Final = (*_OF_CAPITAL, Role.BANK_PROFIT, Role.OPERATING_EXPENSE)
"""The accounts that the fund's own money is posted against; that of its loans is in their histories."""


def sums_by(connection: sa.Connection, asked: Asked, year: Span, form: Form) -> dict[Key, Sums]:
    """Return the sums of each row of `form`, whose cuts and filters are of funds; idle cash is that of the year."""
    scope, now = asked.scope.kind, asked.known.now
    bound = {**asked.parameters, **average_parameters(*year)}
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for statement in (_of_loans(scope, now, form), _of_own_money(scope, now, form)):
        rows = connection.execute(statement, bound)
        names = list(rows.keys())[len(form.key) :]
        for key, amounts in keyed(form, rows.all()).items():
            found[key].update({name: int(amount or 0) for name, amount in zip(names, amounts, strict=True)})
    return {key: Sums(**of_row, value_in_period_minor=of_row["value_in_year_minor"]) for key, of_row in found.items()}


def served_by_row(connection: sa.Connection, asked: Asked, as_of: date, form: Form) -> dict[Key, int]:
    """Return how many households had money of the funds of each row of `form` by a day, each once in a row."""
    statement = _served(asked.scope.kind, asked.known.now, form)
    found = keyed(form, connection.execute(statement, {**asked.parameters, "as_of": as_of}))
    return {key: int(households) for key, (households,) in found.items()}


def eligible_by_lso(connection: sa.Connection, asked: Asked) -> dict[str, int | None]:
    """Return how many households are eligible in each LSO, by its code; None where nobody said."""
    return dict(map(tuple, connection.execute(_eligible(asked.scope.kind), asked.parameters)))


# Statements, built once ----------------------------------------------------------------------------------------


@lru_cache(KEPT)
def _of_loans(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    return _added_up(_loans_by_fund(scope, known_now=known_now), form, known_now=known_now)


@lru_cache(KEPT)
def _of_own_money(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - as above
    return _added_up(_money_by_fund(scope, known_now=known_now), form, known_now=known_now)


def _added_up(by_fund: sa.CTE, form: Form, *, known_now: bool) -> sa.Select[Any]:
    values = [whole_sum(by_fund.c[name]).label(name) for name in Sums._fields if name in by_fund.c]
    return rows_by(by_fund, form, values, known_now=known_now)


def _loans_by_fund(scope: ScopeKind, *, known_now: bool) -> sa.CTE:
    """Return what the loans of each fund add to its sums, in several rows for a fund.

    In an LSO of one fund all loans are of it: they are added up in the order in which the indexes give them, and none
    is looked up. Sorting the intervals of all loans would take longer than adding them up.
    """
    parts = [part.subquery("lasted") for part in parts_of_intervals(scope, known_now=known_now)]
    by_fund = [added(lasted) for lasted in parts for added in (_of_only_fund, _of_one_of_several)]
    return written_down(sa.union_all(*by_fund), "of_loans")


def _of_only_fund(lasted: sa.Subquery) -> sa.Select[Any]:
    only = only_funds()
    of_lso = (
        sa.select(lasted.c.lso_id, *_sums_of_loans(lasted))
        .where(lasted.c.lso_id.in_(sa.select(only.c.lso_id)))
        .group_by(lasted.c.lso_id)
        .subquery("of_lso")
    )
    sums = (column for column in of_lso.c if column.name != "lso_id")
    joined = of_lso.join(only, only.c.lso_id == of_lso.c.lso_id)
    return sa.select(of_lso.c.lso_id, only.c.id.label("fund_id"), *sums).select_from(joined)


def _of_one_of_several(lasted: sa.Subquery) -> sa.Select[Any]:
    of_loan = sa.and_(loan.c.lso_id == lasted.c.lso_id, loan.c.id == lasted.c.loan_id)
    return (
        sa.select(lasted.c.lso_id, loan.c.fund_id, *_sums_of_loans(lasted))
        .select_from(lasted.join(loan, of_loan))
        .where(lasted.c.lso_id.in_(lsos_of_several_funds()))
        .group_by(lasted.c.lso_id, loan.c.fund_id)
    )


def _sums_of_loans(lasted: sa.Subquery) -> Columns:
    """Return what intervals of loans add to the sums of their fund."""
    of = lasted.c
    earned = of.charge_paid_minor + of.fee_paid_minor + of.penalty_paid_minor + of.recovered_minor
    disbursed = of.outstanding_minor + of.principal_paid_minor + of.written_off_minor
    cash = earned + of.credit_minor - of.outstanding_minor - of.written_off_minor
    kept = earned - of.written_off_minor
    last = {
        "cash_minor": cash,
        "outstanding_minor": of.outstanding_minor,
        "credits_minor": of.credit_minor,
        "disbursed_minor": disbursed,
    }
    values = {
        **{name: sa.case((closes(lasted), amount), else_=0) for name, amount in last.items()},
        "disbursed_in_year_minor": sa.case((closes(lasted), disbursed), else_=0)
        - sa.case((opens(lasted), disbursed), else_=0),
        "value_in_year_minor": sa.case((kept == 0, 0), else_=kept * days_averaged(lasted)),
        "cash_in_period_minor": cash * _days_held(lasted),
    }
    return [whole_sum(value).label(name) for name, value in values.items()]


def _money_by_fund(scope: ScopeKind, *, known_now: bool) -> sa.CTE:
    """Return what its own money, and what it set aside for losses, adds to the sums of each fund."""
    accounts = accounts_with(scope, (*_OF_MONEY, Role.LOAN_LOSS_ALLOWANCE))
    moved = sa.union_all(*posted_to(accounts, known_now=known_now, day=TO_ON)).subquery("moved")
    # Each amount lasts from its day on. All but expenses grow by credit; what those take makes the money less.
    lasting = (moved.c.effective_on.label("valid_from"), sa.literal(ENDLESS, Day()).label("until"))
    posted = sa.select(moved, *lasting).subquery("posted")
    grown = posted.c.grown_minor
    capital, cash = (
        sa.case((posted.c.role.in_([role.value for role in roles]), grown), else_=0)
        for roles in (_OF_CAPITAL, _OF_MONEY)
    )
    allowance = sa.case((posted.c.role == Role.LOAN_LOSS_ALLOWANCE.value, grown), else_=0)
    values = {
        "capital_minor": capital,
        "cash_minor": cash,
        "allowance_minor": allowance,
        "value_in_year_minor": (cash - allowance) * days_averaged(posted),
        "cash_in_period_minor": cash * _days_held(posted),
    }
    by = (posted.c.lso_id, posted.c.fund_id)
    columns = (whole_sum(value).label(name) for name, value in values.items())
    return written_down(sa.select(*by, *columns).group_by(*by), "of_own_money")


def _days_held(lasted: sa.FromClause) -> sa.ColumnElement[int]:
    """Return over how many days of the period an interval lasted."""
    ended, began = least(lasted.c.until, DAY_AFTER), greatest(lasted.c.valid_from, FROM_ON)
    whole = sa.and_(opens(lasted), closes(lasted))
    return sa.case((whole, days_between(DAY_AFTER, FROM_ON)), else_=days_between(ended, began))


@lru_cache(KEPT)
def _served(scope: ScopeKind, known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    standing = standings(scope, known_now=known_now)
    handed_out = standing.c.outstanding_minor + standing.c.principal_paid_minor + standing.c.written_off_minor
    made = loans_known(known_now=known_now)
    of_loan = sa.and_(made.c.lso_id == standing.c.lso_id, made.c.id == standing.c.loan_id)
    lent = (
        sa.select(standing.c.lso_id, made.c.fund_id, made.c.household_id)
        .select_from(standing.join(made, of_loan))
        .where(handed_out > 0)
        .subquery("lent")
    )
    households = sa.func.count(lent.c.household_id.distinct()).label("households")
    return rows_by(lent, form, [households], known_now=known_now)


@cache
def _eligible(scope: ScopeKind) -> sa.Select[Any]:
    placement = placements_on()
    return (
        sa.select(lso.c.code, placement.c.households_eligible)
        .select_from(lso.join(placement, placement.c.lso_id == lso.c.id))
        .where(within(scope, lso.c.id))
    )
