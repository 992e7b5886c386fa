"""Where each loan stood on a day, as the facts known at a moment tell it: the rows that every portfolio counts.

The stored rows are the history by value date as it is known now. For a moment in the past they are still right, except
for the loans that have facts recorded after that moment with an earlier effective date: those are read again from
their facts, and handed to the database as rows beside the stored ones, so that all counting is done in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any, Final, Literal

import orjson
import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.projections import STANDING_COLUMNS, standing_parameters
from cif_engine.persistence.tables import TABLES

book, event, lso = TABLES["book"], TABLES["event"], TABLES["lso"]
loan, instalment = TABLES["loan"], TABLES["instalment"]
loan_position, loan_state = TABLES["loan_position"], TABLES["loan_state"]

AS_OF: Final = sa.bindparam("as_of", type_=Day())
KNOWN_AT: Final = sa.bindparam("known_at", type_=WHOLE_NUMBER)

_OF_STANDING: Final = STANDING_COLUMNS[1:]
_COLUMNS: Final[tuple[tuple[str, sa.types.TypeEngine[Any]], ...]] = (
    *((name, loan_position.c[name].type) for name in ("lso_id", "loan_id", *_OF_STANDING)),
    ("overdue_minor", WHOLE_NUMBER),
)
"""The last is known of loans that were read again; `overdue` looks it up for the others, where it is wanted."""

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
    """What was known at the moment asked for: the moment itself, and the loans that must be read again for it.

    `again` is None when everything recorded counts, so that the stored rows are right as they are.
    """

    at: int
    again: str | None

    @property
    def parameters(self) -> dict[str, Any]:
        """What `standings` binds besides the day and the LSOs."""
        return {} if self.again is None else {"known_at": self.at, "again": self.again}


def find_known(connection: sa.Connection, scope: Within, as_of: date, known_at: int | None) -> Known:
    """Return what was known of these LSOs at a moment (None: now) about the days up to `as_of`.

    Its moment is that of the last event counted, 0 when none is: the same report can be asked for again by it. Over
    several books that holds once each of them has passed the moment; books are not ordered among each other.
    """
    last = connection.execute(_last_moment(scope.kind), scope.parameters).scalar() or 0
    if known_at is None or known_at >= last:
        return Known(last, None)
    asked = {**scope.parameters, "known_at": known_at}
    counted = connection.execute(_last_moment_by(scope.kind), asked).scalar() or 0
    facts = connection.execute(_facts_of_changed(scope.kind), {**asked, "as_of": as_of})
    rows = [_read_again(*key, facts_of, as_of) for key, facts_of in groupby(facts, lambda row: (row[0], row[1]))]
    # The statements compare with the moment counted: no event lies between it and the moment asked for.
    return Known(counted, orjson.dumps(rows).decode())


def standings(scope: ScopeKind, dialect: str, *, known_now: bool) -> sa.CTE:
    """Return a row per loan that existed on the day: where it stood at the end of it."""
    branches = [_stored(loan_state, scope, known_now=known_now), _stored(loan_position, scope, known_now=known_now)]
    if not known_now:
        branches.append(_given(dialect))
    return sa.union_all(*branches).cte("standing")


def overdue(standing: sa.CTE) -> sa.ColumnElement[int]:
    """Return the principal that fell due before the day and was not paid by it; instalments of late loans are read."""
    due = sa.func.max(instalment.c.principal_due_to_date_minor)
    # Charge may be overdue while the principal is paid ahead of its day.
    unpaid = sa.case((due > standing.c.principal_paid_minor, due - standing.c.principal_paid_minor), else_=0)
    looked_up = sa.select(unpaid).where(
        instalment.c.lso_id == standing.c.lso_id,
        instalment.c.loan_id == standing.c.loan_id,
        instalment.c.schedule_no == standing.c.schedule_no,
        instalment.c.due_on < AS_OF,
    )
    return sa.case(
        (standing.c.overdue_minor.is_not(None), standing.c.overdue_minor),
        (standing.c.oldest_due_on < AS_OF, looked_up.scalar_subquery()),
        else_=0,
    )


def _stored(table: sa.Table, scope: ScopeKind, *, known_now: bool) -> sa.Select[Any]:
    unknown = sa.cast(sa.null(), WHOLE_NUMBER).label("overdue_minor")
    rows = sa.select(*(table.c[name] for name, _ in _COLUMNS[:-1]), unknown)
    rows = rows.where(within(scope, table.c.lso_id), table.c.valid_from <= AS_OF)
    if table is loan_state:
        rows = rows.where(table.c.valid_to > AS_OF)
    return rows if known_now else rows.where(~_changed_since(table.c.lso_id, table.c.loan_id))


def _changed_since(lso_id: sa.ColumnElement[Any], loan_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a loan has facts of the days up to `as_of` recorded after the moment."""
    late = event.alias("late")
    return (
        sa.select(sa.literal(1))
        .select_from(late)
        .where(
            late.c.lso_id == lso_id,
            late.c.loan_id == loan_id,
            late.c.recorded_at > KNOWN_AT,
            late.c.effective_on <= AS_OF,
        )
        .exists()
    )


def _given(dialect: str) -> sa.Select[Any]:
    """Return the rows that the parameter `again` holds as one JSON list of lists."""
    values: list[sa.ColumnElement[Any]]
    if dialect == "postgresql":
        given = sa.func.json_array_elements(sa.cast(sa.bindparam("again"), sa.JSON)).table_valued("value")
        values = [given.c.value.op("->>")(sa.cast(at, sa.Integer)) for at in range(len(_COLUMNS))]
    else:
        given = sa.func.json_each(sa.bindparam("again")).table_valued("value")
        values = [sa.func.json_extract(given.c.value, f"$[{at}]") for at in range(len(_COLUMNS))]
    return sa.select(
        *(sa.cast(value, column_type).label(name) for (name, column_type), value in zip(_COLUMNS, values, strict=True))
    ).select_from(given)


def _read_again(lso_id: str, loan_id: str, facts: Iterator[sa.Row[Any]], as_of: date) -> list[Any]:
    life = live(LoanFact(row.id, Kind(row.kind), row.effective_on, read_payload(row.payload)) for row in facts)
    standing = life.standing
    due_minor = sum(row.principal_minor for row in life.schedule if row.due_on < as_of)
    late = standing.oldest_due_on is not None and standing.oldest_due_on < as_of
    overdue_minor = max(due_minor - standing.principal_paid_minor, 0) if late else 0
    return [lso_id, loan_id, *standing_parameters(standing)[1:], overdue_minor]


@cache
def _last_moment(scope: ScopeKind) -> sa.Select[Any]:
    return sa.select(sa.func.max(book.c.head_recorded_at)).where(within(scope, book.c.lso_id))


@cache
def _last_moment_by(scope: ScopeKind) -> sa.Select[Any]:
    return sa.select(sa.func.max(event.c.recorded_at)).where(
        within(scope, event.c.lso_id), event.c.recorded_at <= KNOWN_AT
    )


@cache
def _facts_of_changed(scope: ScopeKind) -> sa.Select[Any]:
    """Return the statement that reads, loan by loan, the known facts of the loans that must be read again."""
    return (
        sa.select(event.c.lso_id, event.c.loan_id, event.c.id, event.c.kind, event.c.effective_on, event.c.payload)
        .where(
            within(scope, event.c.lso_id),
            event.c.loan_id.is_not(None),
            event.c.recorded_at <= KNOWN_AT,
            event.c.effective_on <= AS_OF,
            _changed_since(event.c.lso_id, event.c.loan_id),
        )
        .order_by(event.c.lso_id, event.c.loan_id)
    )
