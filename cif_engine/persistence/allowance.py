"""What is posted to the allowance of a fund: its moves, and what made it good out of the write-off expense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa

from cif_engine.ledger.accounts import Role, account_code
from cif_engine.persistence.columns import Id
from cif_engine.persistence.tables import TABLES

posting = TABLES["posting"]

_LSO_ID: Final = sa.bindparam("in_lso", type_=Id())
_ALLOWANCE: Final = sa.bindparam("allowance", type_=sa.Text())
_EXPENSE: Final = sa.bindparam("expense", type_=sa.Text())


@dataclass(frozen=True, slots=True)
class PostedAllowance:
    """The allowance of a fund by day, in minor units, credits positive; both may name a day."""

    moves: dict[date, int]
    """Provisions made, released and written off."""
    shortfalls: dict[date, int]
    """What the fund added out of the write-off expense."""


def posted_allowance(connection: sa.Connection, lso_id: str, fund_code: str) -> PostedAllowance:
    """Return all that is posted to the allowance of a fund."""
    allowance = account_code(fund_code, Role.LOAN_LOSS_ALLOWANCE)
    expense = account_code(fund_code, Role.WRITE_OFF_EXPENSE)
    found = PostedAllowance({}, {})
    for on, is_shortfall, amount in connection.execute(
        _BY_DAY, {"in_lso": lso_id, "allowance": allowance, "expense": expense}
    ):
        (found.shortfalls if is_shortfall else found.moves)[on] = int(amount)
    return found


# Statements, built once ----------------------------------------------------------------------------------------


def _side(side: sa.ColumnElement[str], counter: sa.ColumnElement[str], sign: int) -> sa.Select[tuple[date, bool, int]]:
    return sa.select(
        posting.c.effective_on.label("on_day"),
        (counter == _EXPENSE).label("is_shortfall"),
        (sign * posting.c.amount_minor).label("amount"),
    ).where(posting.c.lso_id == _LSO_ID, side == _ALLOWANCE)


_SIDES: Final = sa.union_all(
    _side(posting.c.credit, posting.c.debit, 1), _side(posting.c.debit, posting.c.credit, -1)
).subquery()
_BY_DAY: Final = sa.select(_SIDES.c.on_day, _SIDES.c.is_shortfall, sa.func.sum(_SIDES.c.amount)).group_by(
    _SIDES.c.on_day, _SIDES.c.is_shortfall
)
