"""The fund's own money besides the sub-grant: other money in, expenses, and money on the move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from cif_engine.bookings import book_money_in, book_money_out, book_move
from cif_engine.errors import SameAccountError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.operations.committing import warn_of_kept
from cif_engine.operations.fund_facts import fund_decision, holder, payer, record_in_fund
from cif_engine.operations.recording import Decision, Outcome, Request
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import FundFile


@dataclass(frozen=True, slots=True)
class MoneyIn:
    """Money that is no tranche and no repayment: a contribution, or profit the bank paid. `source` says from whom."""

    id: str
    fund: str
    amount_minor: int
    effective_on: date
    source: str
    held_in: str = "bank"
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MoneyOut:
    """An operating expense. `purpose` says what for."""

    id: str
    fund: str
    amount_minor: int
    effective_on: date
    purpose: str
    paid_from: str = "cash"
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that changes hands within the fund: banked, drawn, handed over by a custodian or to her."""

    id: str
    fund: str
    amount_minor: int
    effective_on: date
    paid_from: str
    held_in: str
    papers: Papers = NO_PAPERS
    note: str | None = None


def receive_contribution(databases: Databases, request: Request, contribution: MoneyIn) -> Outcome:
    """Record a contribution that is not of the sub-grant; it is capital of the fund."""
    return _receive(databases, request, contribution, Kind.CONTRIBUTION_RECEIVED, Role.CONTRIBUTIONS)


def receive_bank_profit(databases: Databases, request: Request, profit: MoneyIn) -> Outcome:
    """Record profit the bank paid on fund money; it is kept apart, because auditors ask for it."""
    return _receive(databases, request, profit, Kind.BANK_PROFIT_RECEIVED, Role.BANK_PROFIT)


def pay_expense(databases: Databases, request: Request, expense: MoneyOut) -> Outcome:
    """Record an operating expense paid out of the fund; where it takes of what the fund keeps, the answer warns."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        paid_from = payer(connection, request.lso_id, fund, expense)
        use = account_code(fund.code, Role.OPERATING_EXPENSE)
        says = {
            "amount_minor": expense.amount_minor,
            "paid_from": paid_from,
            "purpose": expense.purpose,
            "note": expense.note,
        }
        on, amount_minor = expense.effective_on, expense.amount_minor
        decision = fund_decision(
            Kind.EXPENSE_PAID, expense, fund, says, book_money_out(on, amount_minor, paid_from, use)
        )
        warning = warn_of_kept(connection, request.lso_id, fund, paid_from, on, amount_minor)
        return replace(decision, answer=lambda event: {**decision.answer(event), "warning": warning})

    return record_in_fund(databases, request, expense, decide)


def move_money(databases: Databases, request: Request, transfer: Transfer) -> Outcome:
    """Record money that changes hands within the fund."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        if transfer.paid_from == transfer.held_in:
            raise SameAccountError(f"The money is in {transfer.held_in} already.", pointer="/held_in")
        held_in = holder(connection, request.lso_id, fund, transfer.held_in)
        paid_from = payer(connection, request.lso_id, fund, transfer)
        says = {
            "amount_minor": transfer.amount_minor,
            "paid_from": paid_from,
            "held_in": held_in,
            "note": transfer.note,
        }
        postings = book_move(transfer.effective_on, transfer.amount_minor, paid_from, held_in)
        return fund_decision(Kind.MONEY_MOVED, transfer, fund, says, postings)

    return record_in_fund(databases, request, transfer, decide)


def _receive(databases: Databases, request: Request, money: MoneyIn, kind: Kind, role: Role) -> Outcome:
    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        held_in = holder(connection, request.lso_id, fund, money.held_in)
        says = {
            "amount_minor": money.amount_minor,
            "held_in": held_in,
            "source": money.source,
            "note": money.note,
        }
        source = account_code(fund.code, role)
        return fund_decision(
            kind, money, fund, says, book_money_in(money.effective_on, money.amount_minor, held_in, source)
        )

    return record_in_fund(databases, request, money, decide)
