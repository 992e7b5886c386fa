"""The facts of a period in the book of one LSO, by the day they happened, some at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.persistence.columns import WHOLE_NUMBER, Day
from cif_engine.persistence.cutting import Asked, narrowed
from cif_engine.persistence.portfolio_reports import KEPT
from cif_engine.persistence.standings import event, within
from cif_engine.portfolio.cuts import Form

_FROM_ON: Final = sa.bindparam("from_on", type_=Day())
_TO_ON: Final = sa.bindparam("to_on", type_=Day())


class FactPlace(NamedTuple):
    """Where a fact stands in a register: its day, and its number in the book."""

    on: date
    seq: int


class RegisteredFact(NamedTuple):
    """A fact of a loan, whether it holds or not."""

    place: FactPlace
    event_id: str
    loan_id: str


def facts_registered(
    connection: sa.Connection, asked: Asked, kinds: Sequence[Kind], after: FactPlace, to_on: date, limit: int
) -> list[RegisteredFact]:
    """Return up to `limit` known facts of these kinds after a place, none later than `to_on`."""
    statement = _facts(asked.known.now, asked.form, tuple(kinds))
    bound = {
        **asked.parameters,
        "recorded_by": asked.known.at,
        "from_on": after.on,
        "after_seq": after.seq,
        "to_on": to_on,
        "limit": limit,
    }
    return [RegisteredFact(FactPlace(*row[:2]), *row[2:]) for row in connection.execute(statement, bound)]


@lru_cache(KEPT)
def _facts(known_now: bool, form: Form, kinds: tuple[Kind, ...]) -> sa.Select[Any]:  # noqa: FBT001 - cached by place
    known = (
        sa.select(event.c.lso_id, event.c.effective_on, event.c.seq, event.c.id, event.c.loan_id)
        .where(
            within("lsos", event.c.lso_id),
            event.c.kind.in_([kind.value for kind in kinds]),
            event.c.loan_id.is_not(None),
            event.c.effective_on >= _FROM_ON,
            event.c.effective_on <= _TO_ON,
            event.c.recorded_at <= sa.bindparam("recorded_by", type_=WHOLE_NUMBER),
            sa.or_(event.c.effective_on > _FROM_ON, event.c.seq > sa.bindparam("after_seq", type_=WHOLE_NUMBER)),
        )
        .subquery("registered")
    )
    rows = narrowed(known, form, known_now=known_now).subquery("wanted")
    return (
        sa.select(rows.c.effective_on, rows.c.seq, rows.c.id, rows.c.loan_id)
        .order_by(rows.c.effective_on, rows.c.seq)
        .limit(sa.bindparam("limit", type_=sa.Integer()))
    )
