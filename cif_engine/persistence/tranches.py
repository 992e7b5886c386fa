"""Which tranche of its fund each loan was made under: the last one received by the day it was handed out."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import LINE_OF, Role
from cif_engine.persistence.columns import Day
from cif_engine.persistence.placements import PLACED_BY
from cif_engine.persistence.tables import TABLES

event, posting = TABLES["event"], TABLES["posting"]


def tranches_lasting() -> sa.FromClause:
    """Return from which day until before which (null: none) each tranche is the last one that its fund received.

    A loan counts under the one that was the last when it was disbursed. The number of a tranche is read off its capital
    account, `<fund>.3010.<number>`: what was recorded stays, also where its release was reversed since.
    """
    received, fund = event.alias("received"), TABLES["fund"].alias("fund_received")
    posted = sa.and_(posting.c.lso_id == received.c.lso_id, posting.c.event_seq == received.c.seq)
    of_fund = sa.and_(fund.c.lso_id == received.c.lso_id, fund.c.id == received.c.fund_id)
    number = sa.cast(sa.func.substr(posting.c.credit, sa.func.length(fund.c.code) + _BEFORE_NUMBER), sa.Integer())
    following = sa.func.lead(received.c.effective_on, type_=Day()).over(
        partition_by=(received.c.lso_id, received.c.fund_id), order_by=(received.c.effective_on, number)
    )
    return (
        sa.select(
            received.c.lso_id,
            received.c.fund_id,
            number.label("number"),
            received.c.effective_on.label("received_on"),
            following.label("until"),
        )
        .select_from(received.join(posting, posted).join(fund, of_fund))
        .where(received.c.kind == Kind.TRANCHE_RECEIVED.value, received.c.loan_id.is_(None), *holds(received))
        .subquery("drawn_under")
    )


_BEFORE_NUMBER: Final = len(f".{LINE_OF[Role.TRANCHE_CAPITAL].number}.") + 1
"""Where the number of a tranche begins in the code of its capital account, after the code of the fund."""

_REVERSALS: Final = 8
"""How many times a receipt may have been reversed back and forth."""


def holds(fact: sa.FromClause, reversals: int = _REVERSALS) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a fact was recorded, and that no reversal names it that holds itself.

    They bind what `placements.placed` gives.
    """
    recorded = fact.c.recorded_at <= PLACED_BY
    if not reversals:
        return (recorded,)
    reversal = event.alias(f"reversal_{reversals}")
    names_it = (reversal.c.lso_id == fact.c.lso_id, reversal.c.reverses == fact.c.id)
    undone = sa.select(sa.literal(1)).select_from(reversal).where(*names_it, *holds(reversal, reversals - 1))
    return recorded, ~undone.exists()
