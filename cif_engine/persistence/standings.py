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
from cif_engine.persistence import placements
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Flag, Id
from cif_engine.persistence.days import days_later
from cif_engine.persistence.projections import LONG_DAYS, STANDING_COLUMNS
from cif_engine.persistence.tables import TABLES

book, event, lso = TABLES["book"], TABLES["event"], TABLES["lso"]
loan, instalment, loan_before = TABLES["loan"], TABLES["instalment"], TABLES["loan_before"]
loan_position, loan_state = TABLES["loan_position"], TABLES["loan_state"]

AS_OF: Final = sa.bindparam("as_of", type_=Day())
KNOWN_AT: Final = sa.bindparam("known_at", type_=WHOLE_NUMBER)

_RSP_ID: Final = placements.RSP_ID
_COLUMNS: Final = ("lso_id", "loan_id", *STANDING_COLUMNS)

ScopeKind = Literal["network", "rsp", "lsos"]


@dataclass(frozen=True, slots=True)
class Within:
    """The LSOs whose loans count: those named, those placed under an RSP on the day, or (neither given) all."""

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

    An RSP's are those that were placed under it on the day of the report, as it was known (`placements.placed`). All
    LSOs are named as well, because every index of a tenant's rows begins with whose they are.
    """
    if kind == "lsos":
        return lso_id.in_(sa.bindparam("lso_ids", expanding=True, type_=Id()))
    if kind == "network":
        return lso_id.in_(sa.select(lso.c.id))
    placement = placements.placements_on()
    return lso_id.in_(sa.select(placement.c.lso_id).where(placement.c.rsp_id == _RSP_ID))


@dataclass(frozen=True, slots=True)
class Known:
    """What was known: all that is recorded (`now`), or all that was recorded by the moment `at`.

    Of all that is recorded, `at` is the moment of the last event, or of the last change of what reports cut by; 0 when
    there is neither.
    """

    at: int
    now: bool = True

    @property
    def parameters(self) -> dict[str, Any]:
        """What statements about the past of what is known bind."""
        return {} if self.now else {"known_at": self.at}


def find_known(connection: sa.Connection, scope: Within, known_at: int | None) -> Known:
    """Return what was known of these LSOs at a moment (None: now).

    Of one book, its moment is that of the last event, or of the last change of what reports cut by, that counts.
    Several books are not ordered among each other: where a moment is asked of them, it is the one asked. Either way the
    same report can be asked for again by it.
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
    ended = states_after(_of(loan_state, scope, day), day, day, known_now=known_now)
    return sa.union_all(*ended, _position(scope, day, known_now=known_now)).cte(name)


def states_after(
    states: sa.Select[Any], day: sa.BindParameter[date], last: sa.BindParameter[date], *, known_now: bool
) -> list[sa.Select[Any]]:
    """Return the `states` that end after a day, or were not known to end by it; each part is found by an index.

    `states` are rows of `loan_state` that begin no later than the day `last`. Few of them are long; the others end
    soon after it.
    """
    began, ends = loan_state.c.known_from <= KNOWN_AT, loan_state.c.valid_to
    holding = states.where(loan_state.c.known_to.is_(None), *(() if known_now else (began,)))
    lasted_long = loan_state.c.lasted_long
    found = [
        holding.where(lasted_long == sa.literal(False, Flag()), ends > day, ends <= days_later(last, LONG_DAYS)),  # noqa: FBT003 - a value of the column
        holding.where(lasted_long == sa.literal(True, Flag()), ends > day),  # noqa: FBT003 - as above
    ]
    if known_now:
        return found
    unclosed = loan_state.c.closed_at > KNOWN_AT
    return [
        *found,
        holding.where(ends <= day, unclosed),
        states.where(loan_state.c.known_to > KNOWN_AT, began, sa.or_(ends > day, unclosed)),
    ]


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
    return sa.select(instalment).where(is_known(instalment, known_now=known_now)).subquery("due")


def overdue(standing: sa.FromClause, *, known_now: bool, day: sa.ColumnElement[Any] = AS_OF) -> sa.ColumnElement[int]:
    """Return the principal that fell due before the day and was not paid by it; instalments of late loans are read."""
    # Charge may be overdue while the principal is paid ahead of its day. Compared within, so that rows are read once.
    unpaid = sa.func.max(instalment.c.principal_due_to_date_minor) - standing.c.principal_paid_minor
    rows = sa.select(sa.case((unpaid > 0, unpaid), else_=0))
    looked_up = _of_schedule(rows, standing, instalment.c.due_on < day, known_now=known_now)
    return sa.case((standing.c.oldest_due_on < day, looked_up), else_=0)


def fallen_due_by(standing: sa.FromClause, by: sa.ColumnElement[bool], *, known_now: bool) -> sa.ScalarSelect[Any]:
    """Return the principal of the schedule in force up to the last row that falls due `by` a day; 0 before the first.

    `by` is a condition on `instalment.c.due_on`.
    """
    due = sa.select(sa.func.coalesce(sa.func.max(instalment.c.principal_due_to_date_minor), 0))
    return _of_schedule(due, standing, by, known_now=known_now)


def _of_schedule(
    rows: sa.Select[Any], standing: sa.FromClause, by: sa.ColumnElement[bool], *, known_now: bool
) -> sa.ScalarSelect[Any]:
    """Return what `rows` says of the instalments of the schedule in force."""
    return rows.where(
        instalment.c.lso_id == standing.c.lso_id,
        instalment.c.loan_id == standing.c.loan_id,
        instalment.c.schedule_no == standing.c.schedule_no,
        by,
        is_known(instalment, known_now=known_now),
    ).scalar_subquery()


def is_known(table: sa.FromClause, *, known_now: bool) -> sa.ColumnElement[bool]:
    """Return the condition that a row held, of all that is recorded or at the moment asked for."""
    if known_now:
        return table.c.known_to.is_(None)
    return sa.and_(table.c.known_from <= KNOWN_AT, sa.or_(table.c.known_to.is_(None), table.c.known_to > KNOWN_AT))


def _position(scope: ScopeKind, day: sa.BindParameter[date], *, known_now: bool) -> sa.Select[Any]:
    rows = _of(loan_position, scope, day)
    return rows if known_now else rows.where(loan_position.c.known_from <= KNOWN_AT)


def _of(table: sa.Table, scope: ScopeKind, day: sa.BindParameter[date]) -> sa.Select[Any]:
    rows = sa.select(*(table.c[name] for name in _COLUMNS))
    return rows.where(within(scope, table.c.lso_id), table.c.valid_from <= day)


@cache
def _last_moment(scope: ScopeKind) -> sa.Select[Any]:
    """Return the statement that finds the last moment of any book; an RSP's are all that ever were placed under it."""
    last = sa.select(sa.func.max(placements.last_moment()))
    if scope != "rsp":
        return last.where(within(scope, book.c.lso_id))
    placement = placements.lso_placement
    return last.where(book.c.lso_id.in_(sa.select(placement.c.lso_id).where(placement.c.rsp_id == _RSP_ID)))


_RECORDED: Final = sa.union_all(
    sa.select(event.c.lso_id, event.c.recorded_at), *placements.moments_of_versions()
).subquery("recorded")
_LAST_MOMENT_BY: Final = sa.select(sa.func.max(_RECORDED.c.recorded_at)).where(
    within("lsos", _RECORDED.c.lso_id), _RECORDED.c.recorded_at <= KNOWN_AT
)
