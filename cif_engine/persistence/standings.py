"""Where each loan stood on a day, as it was known at a moment: the rows that every portfolio counts.

The history of a loan is kept by both times (`loans.history`), so the past of any past is a choice of rows: no loan is
read again from its facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, Literal

import sqlalchemy as sa

from cif_engine.loans.origin import Origin
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.projections import STANDING_COLUMNS
from cif_engine.persistence.tables import TABLES

book, event, lso = TABLES["book"], TABLES["event"], TABLES["lso"]
loan, instalment, loan_before = TABLES["loan"], TABLES["instalment"], TABLES["loan_before"]
loan_position, loan_state = TABLES["loan_position"], TABLES["loan_state"]

AS_OF: Final = sa.bindparam("as_of", type_=Day())
KNOWN_AT: Final = sa.bindparam("known_at", type_=WHOLE_NUMBER)

_COLUMNS: Final = ("lso_id", "loan_id", *STANDING_COLUMNS)
_FOR_EVER: Final = 2**63 - 1

ScopeKind = Literal["network", "rsp", "lsos"]


@dataclass(frozen=True, slots=True)
class Within:
    """The LSOs whose loans count: those named, those of an RSP, or (neither given) all."""

    lso_ids: tuple[str, ...] | None = None
    rsp_id: str | None = None

    @property
    def kind(self) -> ScopeKind:
        """Which of the three it is; statements differ by it."""
        if self.lso_ids is not None:
            return "lsos"
        return "network" if self.rsp_id is None else "rsp"

    @property
    def is_one_book(self) -> bool:
        """Whether it is a single LSO."""
        return self.lso_ids is not None and len(self.lso_ids) == 1

    @property
    def parameters(self) -> dict[str, Any]:
        """What `within` binds."""
        if self.lso_ids is not None:
            return {"lso_ids": self.lso_ids}
        return {} if self.rsp_id is None else {"rsp_id": self.rsp_id}


def within(kind: ScopeKind, lso_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a row belongs to one of the LSOs that count.

    All LSOs are named as well, because every index of a tenant's rows begins with whose they are.
    """
    if kind == "lsos":
        return lso_id.in_(sa.bindparam("lso_ids", expanding=True, type_=Id()))
    every = sa.select(lso.c.id)
    return lso_id.in_(every if kind == "network" else every.where(lso.c.rsp_id == sa.bindparam("rsp_id", type_=Id())))


@dataclass(frozen=True, slots=True)
class Known:
    """What was known: all that is recorded (`now`), or all that was recorded by the moment `at`.

    Of all that is recorded, `at` is the moment of the last event, 0 when there is none.
    """

    at: int
    now: bool = True

    @property
    def parameters(self) -> dict[str, Any]:
        """What statements about the past of what is known bind."""
        return {} if self.now else {"known_at": self.at}


def find_known(connection: sa.Connection, scope: Within, known_at: int | None) -> Known:
    """Return what was known of these LSOs at a moment (None: now).

    Of one book, its moment is that of the last event counted. Several books are not ordered among each other: where a
    moment is asked of them, it is the one asked. Either way the same report can be asked for again by it.
    """
    last = connection.execute(_last_moment(scope.kind), scope.parameters).scalar() or 0
    if known_at is None:
        return Known(last)
    if not scope.is_one_book:
        return Known(known_at, now=known_at >= last)
    if known_at >= last:
        return Known(last)
    asked = {**scope.parameters, "known_at": known_at}
    return Known(connection.execute(_LAST_MOMENT_BY, asked).scalar() or 0, now=False)


def standings(
    scope: ScopeKind, *, known_now: bool, day: sa.BindParameter[date] = AS_OF, name: str = "standing"
) -> sa.CTE:
    """Return a row per loan that existed on the day: where it stood at the end of it, as it was known.

    Binds what `Within` and `Known` bind, and the day. Conditions on the columns may be added from outside: the
    branches take them in.
    """
    branches = [_ended(scope, day, known_now=known_now), _position(scope, day, known_now=known_now)]
    if not known_now:
        branches.append(_ended_since(scope, day))
    return sa.union_all(*branches).cte(name)


def loans_known(*, known_now: bool) -> sa.FromClause:
    """Return the loans with what they were made under, as it was known: `Origin`, and the loan's fund and number."""
    if known_now:
        return loan
    fixed = (loan.c.lso_id, loan.c.id, loan.c.number, loan.c.fund_id)
    was = (
        loan_before.c.lso_id == loan.c.lso_id,
        loan_before.c.loan_id == loan.c.id,
        loan_before.c.known_from <= KNOWN_AT,
        loan_before.c.known_to > KNOWN_AT,
    )
    still = sa.select(*fixed, *(loan.c[column] for column in Origin._fields)).where(
        ~sa.select(sa.literal(1)).select_from(loan_before).where(*was).exists()
    )
    before = sa.select(*fixed, *(loan_before.c[column] for column in Origin._fields)).where(*was)
    return sa.union_all(still, before).subquery("loan_known")


def instalments_known(*, known_now: bool) -> sa.FromClause:
    """Return the rows of all schedules, as they were known: the columns of `instalment`."""
    if known_now:
        rows = sa.select(instalment).where(instalment.c.known_to.is_(None))
    else:
        rows = sa.select(instalment).where(_known(instalment))
    return rows.subquery("due")


def overdue(standing: sa.FromClause, *, known_now: bool, day: sa.BindParameter[date] = AS_OF) -> sa.ColumnElement[int]:
    """Return the principal that fell due before the day and was not paid by it; instalments of late loans are read."""
    fallen_due = fallen_due_by(standing, instalment.c.due_on < day, known_now=known_now)
    # Charge may be overdue while the principal is paid ahead of its day.
    unpaid = fallen_due - standing.c.principal_paid_minor
    return sa.case((standing.c.oldest_due_on < day, sa.case((unpaid > 0, unpaid), else_=0)), else_=0)


def fallen_due_by(standing: sa.FromClause, by: sa.ColumnElement[bool], *, known_now: bool) -> sa.ScalarSelect[Any]:
    """Return the principal of the schedule in force up to the last row that falls due `by` a day; 0 before the first.

    `by` is a condition on `instalment.c.due_on`.
    """
    due = sa.select(sa.func.coalesce(sa.func.max(instalment.c.principal_due_to_date_minor), 0))
    return due.where(
        instalment.c.lso_id == standing.c.lso_id,
        instalment.c.loan_id == standing.c.loan_id,
        instalment.c.schedule_no == standing.c.schedule_no,
        by,
        instalment.c.known_to.is_(None) if known_now else _known(instalment),
    ).scalar_subquery()


def _position(scope: ScopeKind, day: sa.BindParameter[date], *, known_now: bool) -> sa.Select[Any]:
    rows = _of(loan_position, scope, day)
    return rows if known_now else rows.where(loan_position.c.known_from <= KNOWN_AT)


def _ended(scope: ScopeKind, day: sa.BindParameter[date], *, known_now: bool) -> sa.Select[Any]:
    """Return the intervals that end after the day."""
    rows = _of(loan_state, scope, day).where(loan_state.c.valid_to > day)
    return rows.where(loan_state.c.known_to.is_(None) if known_now else _known(loan_state))


def _ended_since(scope: ScopeKind, day: sa.BindParameter[date]) -> sa.Select[Any]:
    """Return the intervals that end by the day, which was not known yet: then they had no end."""
    ends_known_later = loan_state.c.closed_at > KNOWN_AT
    return _of(loan_state, scope, day).where(loan_state.c.valid_to <= day, ends_known_later, _known(loan_state))


def _of(table: sa.Table, scope: ScopeKind, day: sa.BindParameter[date]) -> sa.Select[Any]:
    rows = sa.select(*(table.c[name] for name in _COLUMNS))
    return rows.where(within(scope, table.c.lso_id), table.c.valid_from <= day)


def _known(table: sa.FromClause) -> sa.ColumnElement[bool]:
    replaced_later = sa.func.coalesce(table.c.known_to, sa.literal(_FOR_EVER, WHOLE_NUMBER)) > KNOWN_AT
    return sa.and_(table.c.known_from <= KNOWN_AT, replaced_later)


@cache
def _last_moment(scope: ScopeKind) -> sa.Select[Any]:
    return sa.select(sa.func.max(book.c.head_recorded_at)).where(within(scope, book.c.lso_id))


_LAST_MOMENT_BY: Final = sa.select(sa.func.max(event.c.recorded_at)).where(
    within("lsos", event.c.lso_id), event.c.recorded_at <= KNOWN_AT
)
