"""What a fund has promised: loans that were approved and are not handed out yet."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from cif_engine.persistence.columns import Day, Id
from cif_engine.persistence.tables import TABLES

loan, loan_position = TABLES["loan"], TABLES["loan_position"]


class Committed(NamedTuple):
    """How many loans a fund is committed to, and what they come to in minor units."""

    loans: int
    amount_minor: int


def committed_of_fund(connection: sa.Connection, lso_id: str, fund_id: str) -> Committed:
    """Return what a fund is committed to, of all that is recorded."""
    return _one(connection, _OF_FUND, {"of_lso": lso_id, "of_fund": fund_id})


def committed_before(connection: sa.Connection, lso_id: str, fund_id: str, decided_on: date, number: str) -> Committed:
    """Return what a fund is committed to that was decided before a loan; of one day, in the order of their numbers."""
    asked = {"of_lso": lso_id, "of_fund": fund_id, "before_day": decided_on, "before_number": number}
    return _one(connection, _BEFORE, asked)


def _one(connection: sa.Connection, statement: sa.Select[Any], asked: dict[str, Any]) -> Committed:
    loans, amount_minor = connection.execute(statement, asked).one()
    return Committed(loans, int(amount_minor))


_DAY: Final = sa.bindparam("before_day", type_=Day())
_NUMBER: Final = sa.bindparam("before_number", type_=sa.Text())
_OF_FUND: Final = (
    sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(loan_position.c.committed_minor), 0))
    .select_from(
        loan_position.join(loan, sa.and_(loan.c.lso_id == loan_position.c.lso_id, loan.c.id == loan_position.c.loan_id))
    )
    .where(
        loan_position.c.lso_id == sa.bindparam("of_lso", type_=Id()),
        loan_position.c.committed_minor > sa.literal_column("0"),  # written out, so that the index is seen to fit
        loan.c.fund_id == sa.bindparam("of_fund", type_=Id()),
    )
)
_LENGTH: Final = sa.func.length(loan.c.number)
_WANTED_LENGTH: Final = sa.func.length(_NUMBER)
_BEFORE: Final = _OF_FUND.where(
    sa.or_(
        loan.c.decided_on < _DAY,
        sa.and_(
            loan.c.decided_on == _DAY,
            # 100000 comes after 99999
            sa.or_(_LENGTH < _WANTED_LENGTH, sa.and_(_LENGTH == _WANTED_LENGTH, loan.c.number < _NUMBER)),
        ),
    )
)
