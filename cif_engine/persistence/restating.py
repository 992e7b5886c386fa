"""Which loans have facts that were recorded between two moments, and what their books say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.cutting import Asked, narrowed
from cif_engine.persistence.explaining import Place
from cif_engine.persistence.placements import placed
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import Known, ScopeKind, book, event, loan, lso, within
from cif_engine.portfolio.cuts import Form
from cif_engine.portfolio.restating import Heard

READ_AT_ONCE: Final = 500
"""Loans whose facts are held at one time."""

_SINCE: Final = sa.bindparam("since", type_=WHOLE_NUMBER)
_UNTIL: Final = sa.bindparam("until", type_=WHOLE_NUMBER)
_DAY: Final = sa.bindparam("day", type_=Day())
_LSO_IDS: Final = sa.bindparam("of_lsos", expanding=True, type_=Id())
_LOAN_IDS: Final = sa.bindparam("loan_ids", expanding=True, type_=Id())


class ChangedLoan(NamedTuple):
    """A loan of which facts were recorded between two moments."""

    place: Place
    lso_id: str
    loan_id: str


@dataclass(frozen=True, slots=True)
class AskedApart(Asked):
    """A question about what was known at one moment, cut by what of LSOs, funds and tranches was known at another."""

    cut_by: Known

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement about it binds, besides its days."""
        at = None if self.cut_by.now else self.cut_by.at
        return {**Asked.parameters.__get__(self), **placed(self.on, at)}


def changed_loans(
    connection: sa.Connection, asked: Asked, since: int, until: int, after: Place
) -> Iterator[Sequence[ChangedLoan]]:
    """Give the loans of which a fact of the day or before was recorded after `since` and by `until`, some at a time.

    They come by LSO and number, from the one at `after` on. What is held does not grow with them.
    """
    bound = {
        **asked.parameters,
        "since": since,
        "until": until,
        "day": asked.on,
        "after_lso": after.lso,
        "after_number": after.number,
    }
    statement = _changed(asked.scope.kind).execution_options(yield_per=READ_AT_ONCE)
    with connection.execute(statement, bound) as found:
        for rows in found.partitions():
            yield [ChangedLoan(Place(code, number), lso_id, loan_id) for code, number, lso_id, loan_id in rows]


def heard_of(connection: sa.Connection, loans: Sequence[ChangedLoan], until: int) -> dict[str, list[Heard]]:
    """Return what was recorded of these loans by a moment, in that order, by their ids."""
    heard: defaultdict[str, list[Heard]] = defaultdict(list)
    for row in connection.execute(_HEARD, {**_named(loans), "until": until}):
        fact = LoanFact(row.id, Kind(row.kind), row.effective_on, read_payload(row.payload))
        heard[row.loan_id].append(Heard(row.recorded_at, row.seq, fact))
    return heard


def belonging(connection: sa.Connection, asked: Asked, loans: Sequence[ChangedLoan]) -> frozenset[str]:
    """Return which of these loans are among those that the question is narrowed to, by their ids."""
    statement = _belonging(asked.known.now, Form((), asked.form.narrowed))
    return frozenset(connection.execute(statement, {**asked.parameters, **_named(loans)}).scalars())


def _named(loans: Sequence[ChangedLoan]) -> dict[str, Any]:
    return {"of_lsos": tuple({loan.lso_id for loan in loans}), "loan_ids": tuple(loan.loan_id for loan in loans)}


# Statements ----------------------------------------------------------------------------------------------------

_HEARD: Final = (
    sa.select(
        event.c.loan_id,
        event.c.recorded_at,
        event.c.seq,
        event.c.id,
        event.c.kind,
        event.c.effective_on,
        event.c.payload,
    )
    .where(event.c.lso_id.in_(_LSO_IDS), event.c.loan_id.in_(_LOAN_IDS), event.c.recorded_at <= _UNTIL)
    .order_by(event.c.lso_id, event.c.seq)
)


@cache
def _changed(scope: ScopeKind) -> sa.Select[Any]:
    first, last = _last_seq(scope, _SINCE, "known_since"), _last_seq(scope, _UNTIL, "known_until")
    place = sa.tuple_(sa.bindparam("after_lso", type_=sa.Text()), sa.bindparam("after_number", type_=sa.Text()))
    between = sa.and_(event.c.lso_id == first.c.lso_id, event.c.seq > first.c.low, event.c.seq <= last.c.low)
    return (
        sa.select(lso.c.code, loan.c.number, loan.c.lso_id, loan.c.id)
        .select_from(
            first.join(last, sa.and_(last.c.lso_id == first.c.lso_id, last.c.low == last.c.high))
            .join(event, between)
            .join(loan, sa.and_(loan.c.lso_id == event.c.lso_id, loan.c.id == event.c.loan_id))
            .join(lso, lso.c.id == loan.c.lso_id)
        )
        .where(first.c.low == first.c.high, first.c.low < last.c.low, event.c.effective_on <= _DAY)
        .where(sa.tuple_(lso.c.code, loan.c.number) >= place)
        .distinct()
        .order_by(lso.c.code, loan.c.number)
    )


def _last_seq(scope: ScopeKind, moment: sa.BindParameter[int], name: str) -> sa.CTE:
    """Return the number of the last event by a moment of each book: the rows where `low` is `high`.

    Moments grow with the numbers, so it is found by halving: a few looks into each book, however long it is.
    """
    ends = (sa.cast(0, WHOLE_NUMBER).label("low"), book.c.head_seq.label("high"))
    whole = sa.select(book.c.lso_id, *ends).where(within(scope, book.c.lso_id)).cte(name, recursive=True)
    middle = event.alias(f"middle_of_{name}")
    half = (whole.c.low + whole.c.high + 1) // 2
    is_known = middle.c.recorded_at <= moment
    halves = (
        sa.select(
            whole.c.lso_id,
            sa.case((is_known, middle.c.seq), else_=whole.c.low),
            sa.case((is_known, whole.c.high), else_=middle.c.seq - 1),
        )
        .select_from(whole.join(middle, sa.and_(middle.c.lso_id == whole.c.lso_id, middle.c.seq == half)))
        .where(whole.c.low < whole.c.high)
    )
    return whole.union_all(halves)


@lru_cache(KEPT)
def _belonging(known_now: bool, form: Form) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    named = sa.select(loan.c.lso_id, loan.c.id.label("loan_id")).where(
        loan.c.lso_id.in_(_LSO_IDS), loan.c.id.in_(_LOAN_IDS)
    )
    rows = narrowed(named.subquery("named"), form, known_now=known_now).subquery("belonging")
    return sa.select(rows.c.loan_id)
