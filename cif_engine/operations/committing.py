"""What a fund keeps for loans that it has approved, first decided first served, besides its reserve.

A loan that is handed out may take what is left of cash and bank, on its day and on every later day already recorded,
above the reserve and above what is committed to loans decided before it. Capital that goes back leaves what is
committed to any loan. An expense may take it, as a bank does not ask before it charges: the answer then warns.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from cif_engine.errors import CashCommittedError, NotEnoughCashError
from cif_engine.kinds import Kind
from cif_engine.loans.life import LoanLife
from cif_engine.money import format_amount
from cif_engine.operations.places import Moves, cash_and_bank, takes
from cif_engine.operations.views import View
from cif_engine.persistence.books import lowest_balance_from
from cif_engine.persistence.commitments import Committed, committed_before, committed_of_fund
from cif_engine.persistence.network import FundFile
from cif_engine.persistence.placements import reserve_floor_on


def refuse_committed_to_earlier(
    connection: sa.Connection, lso_id: str, fund: FundFile, number: str, life: LoanLife, moves: Moves
) -> None:
    """Refuse that a loan takes what is kept for loans decided before it; one not decided yet has no turn to keep to.

    Raises `CashCommittedError`.
    """
    decided_on = next((step.fact.effective_on for step in life.steps if step.fact.kind is Kind.LOAN_DECIDED), None)
    if decided_on is None or not takes(moves):
        return
    committed = committed_before(connection, lso_id, fund.id, decided_on, number)
    if committed.loans:
        _refuse_short(connection, lso_id, fund, committed, moves)


def refuse_kept(connection: sa.Connection, lso_id: str, fund: FundFile, account: str, on: date, amount: int) -> None:
    """Refuse a payment out of cash or bank that takes of the reserve, or of what is committed to any loan.

    Raises `NotEnoughCashError` and `CashCommittedError`.
    """
    if account in cash_and_bank(fund):
        _refuse_short(connection, lso_id, fund, committed_of_fund(connection, lso_id, fund.id), {on: -amount})


def warn_of_kept(
    connection: sa.Connection, lso_id: str, fund: FundFile, account: str, on: date, amount_minor: int
) -> str | None:
    """Return what to say of a payment that takes of the reserve, or of what is committed; None: it does not."""
    if account not in cash_and_bank(fund):
        return None
    committed = committed_of_fund(connection, lso_id, fund.id)
    left = _left(connection, lso_id, fund, committed, {on: -amount_minor})
    if left >= 0:
        return None
    return (
        f"Cash and bank of the fund {fund.code} are {format_amount(-left)} short, on {on} or later, of what is kept: "
        f"{format_amount(committed.amount_minor)} for {_loans(committed)}, and a reserve of "
        f"{format_amount(fund.reserve_floor_minor)}."
    )


def available_view(connection: sa.Connection, lso_id: str, fund: FundFile, today: date, added_minor: int) -> View:
    """Return what may be lent today once `added_minor` is committed besides, as the position of the fund says it."""
    money_minor = lowest_balance_from(connection, lso_id, cash_and_bank(fund), today)
    assert money_minor is not None, "the accounts of a fund are opened with it"
    committed_minor = committed_of_fund(connection, lso_id, fund.id).amount_minor + added_minor
    reserve_minor = reserve_floor_on(connection, lso_id, fund.id, today, None)
    return {
        "definition": "available",
        "cash_and_bank": format_amount(money_minor),
        "committed": format_amount(committed_minor),
        "reserve_floor": format_amount(reserve_minor),
        "amount": format_amount(money_minor - committed_minor - reserve_minor),
    }


def _refuse_short(connection: sa.Connection, lso_id: str, fund: FundFile, committed: Committed, moves: Moves) -> None:
    left = _left(connection, lso_id, fund, committed, moves)
    if left >= 0:
        return
    if left + committed.amount_minor < 0:
        short = format_amount(-left - committed.amount_minor)
        raise NotEnoughCashError(
            f"The reserve of the fund {fund.code} would fall {short} short on {min(moves)} or later.",
            pointer="/amount",
            short=short,
        )
    raise CashCommittedError(
        f"{format_amount(committed.amount_minor)} of cash and bank of the fund {fund.code} is kept for "
        f"{_loans(committed)}; this would leave {format_amount(-left)} too little for that on {min(moves)} or later.",
        pointer="/amount",
        committed=format_amount(committed.amount_minor),
        committed_loans=committed.loans,
        reserve_floor=format_amount(fund.reserve_floor_minor),
        short=format_amount(-left),
    )


def _left(connection: sa.Connection, lso_id: str, fund: FundFile, committed: Committed, moves: Moves) -> int:
    """Return what the lowest end of a day leaves above what is kept; below zero where it is too little."""
    lowest = lowest_balance_from(connection, lso_id, cash_and_bank(fund), min(moves), moves=moves.items())
    assert lowest is not None, "the accounts of a fund are opened with it"
    return lowest - fund.reserve_floor_minor - committed.amount_minor


def _loans(committed: Committed) -> str:
    return "1 approved loan" if committed.loans == 1 else f"{committed.loans} approved loans"
