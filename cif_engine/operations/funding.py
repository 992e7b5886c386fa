"""The fund's own money: the sub-grant in tranches, other money in, money out, and money on the move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.bookings import book_money_in, book_money_out, book_move
from cif_engine.errors import (
    DuplicateCodeError,
    NotFoundError,
    OverAgreementError,
    OverCapitalError,
    SameAccountError,
    TrancheStepError,
)
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code, part_account
from cif_engine.ledger.events import NO_PAPERS, Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting
from cif_engine.money import format_amount
from cif_engine.operations.places import place_account, refuse_overdraft, refuse_unknown_place
from cif_engine.operations.recording import Decision, Outcome, Request, record, refuse_future
from cif_engine.operations.views import View, event_view, posting_views
from cif_engine.persistence.books import account_rows, lowest_balance_from
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.funding import TrancheFile, agreement_file, tranche_files
from cif_engine.persistence.network import FundFile, fund_file
from cif_engine.persistence.recording import OpenedBook, Row


@dataclass(frozen=True, slots=True)
class Agreement:
    """A sub-grant agreement signed with the RSP."""

    id: str
    fund: str
    number: str
    amount_minor: int
    effective_on: date
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TrancheRelease:
    """A tranche that the RSP released under an agreement; `number` counts the fund's tranches from 1."""

    id: str
    fund: str
    agreement: str
    number: int
    amount_minor: int
    effective_on: date
    papers: Papers = NO_PAPERS
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TrancheReceipt:
    """The day the LSO received a tranche, whole, and where it holds it."""

    id: str
    fund: str
    number: int
    effective_on: date
    held_in: str = "bank"
    papers: Papers = NO_PAPERS
    note: str | None = None


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
class CapitalReturn:
    """Capital of a tranche that goes back to the RSP."""

    id: str
    fund: str
    tranche: int
    amount_minor: int
    effective_on: date
    paid_from: str = "bank"
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


def sign_agreement(databases: Databases, request: Request, agreement: Agreement) -> Outcome:
    """Record an agreement; nothing is posted until money arrives."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        if agreement_file(connection, request.lso_id, fund.id, agreement.number):
            raise DuplicateCodeError(f"Agreement {agreement.number} is already recorded.", pointer="/number")
        says = {"agreement": agreement.number, "amount_minor": agreement.amount_minor, "note": agreement.note}
        row = agreement_row(request.lso_id, fund.id, agreement.id, agreement.effective_on, says)
        return _decision(Kind.AGREEMENT_SIGNED, agreement, fund, says, rows=(row,))

    return _record(databases, request, agreement.fund, agreement.effective_on, decide)


def release_tranche(databases: Databases, request: Request, release: TrancheRelease) -> Outcome:
    """Record that the RSP released a tranche, and open its capital account; it is capital once it is received."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        agreement = agreement_file(connection, request.lso_id, fund.id, release.agreement)
        if agreement is None:
            raise NotFoundError(f"The fund {fund.code} has no agreement {release.agreement}.", pointer="/agreement")
        if release.effective_on < agreement.signed_on:
            raise TrancheStepError(
                f"Agreement {agreement.number} was signed on {agreement.signed_on}.", pointer="/effective_on"
            )
        left = agreement.amount_minor - agreement.released_minor
        if release.amount_minor > left:
            raise OverAgreementError(
                f"Agreement {agreement.number} has {format_amount(left)} left to release.",
                pointer="/amount",
                left=format_amount(left),
            )
        if any(tranche.number == release.number for tranche in tranche_files(connection, request.lso_id, fund.id)):
            raise DuplicateCodeError(
                f"Tranche {release.number} of the fund {fund.code} is already recorded.", pointer="/number"
            )
        capital = part_account(fund.id, fund.code, Role.TRANCHE_CAPITAL, release.number, str(release.number))
        says = {
            "agreement_id": agreement.id,
            "number": release.number,
            "amount_minor": release.amount_minor,
            "note": release.note,
        }
        row = tranche_row(request.lso_id, fund.id, release.id, release.effective_on, says)
        rows = (row, *account_rows(request.lso_id, (capital,)))
        return _decision(Kind.TRANCHE_RELEASED, release, fund, says, rows=rows)

    return _record(databases, request, release.fund, release.effective_on, decide)


def receive_tranche(databases: Databases, request: Request, receipt: TrancheReceipt) -> Outcome:
    """Record that the LSO received a tranche: its money is held, its capital stands."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        tranche = _tranche(connection, request.lso_id, fund, receipt.number)
        if tranche.received_on is not None:
            raise TrancheStepError(
                f"Tranche {tranche.number} was received on {tranche.received_on}.", pointer="/number"
            )
        if receipt.effective_on < tranche.released_on:
            raise TrancheStepError(
                f"Tranche {tranche.number} was released on {tranche.released_on}.", pointer="/effective_on"
            )
        held_in = _place(connection, request.lso_id, fund, receipt.held_in, "/held_in")
        says = {
            "tranche_id": tranche.id,
            "number": tranche.number,
            "amount_minor": tranche.amount_minor,
            "held_in": held_in,
            "note": receipt.note,
        }
        capital = account_code(fund.code, Role.TRANCHE_CAPITAL, tranche.number)
        postings = book_money_in(receipt.effective_on, tranche.amount_minor, held_in, capital)
        row = received_row(request.lso_id, fund.id, tranche, receipt.effective_on)
        return _decision(Kind.TRANCHE_RECEIVED, receipt, fund, says, postings, rows=(row,))

    return _record(databases, request, receipt.fund, receipt.effective_on, decide)


def receive_contribution(databases: Databases, request: Request, contribution: MoneyIn) -> Outcome:
    """Record a contribution that is not of the sub-grant; it is capital of the fund."""
    return _receive(databases, request, contribution, Kind.CONTRIBUTION_RECEIVED, Role.CONTRIBUTIONS)


def receive_bank_profit(databases: Databases, request: Request, profit: MoneyIn) -> Outcome:
    """Record profit the bank paid on fund money; it is kept apart, because auditors ask for it."""
    return _receive(databases, request, profit, Kind.BANK_PROFIT_RECEIVED, Role.BANK_PROFIT)


def pay_expense(databases: Databases, request: Request, expense: MoneyOut) -> Outcome:
    """Record an operating expense paid out of the fund."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        paid_from = _payer(connection, request.lso_id, fund, expense.paid_from, expense)
        use = account_code(fund.code, Role.OPERATING_EXPENSE)
        says = {
            "amount_minor": expense.amount_minor,
            "paid_from": paid_from,
            "purpose": expense.purpose,
            "note": expense.note,
        }
        postings = book_money_out(expense.effective_on, expense.amount_minor, paid_from, use)
        return _decision(Kind.EXPENSE_PAID, expense, fund, says, postings)

    return _record(databases, request, expense.fund, expense.effective_on, decide)


def return_capital(databases: Databases, request: Request, returned: CapitalReturn) -> Outcome:
    """Record capital of a tranche that goes back to the RSP; never more than is left of it."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        tranche = _tranche(connection, request.lso_id, fund, returned.tranche)
        capital = account_code(fund.code, Role.TRANCHE_CAPITAL, tranche.number)
        refuse_over_capital(connection, request.lso_id, capital, returned.effective_on, returned.amount_minor)
        paid_from = _payer(connection, request.lso_id, fund, returned.paid_from, returned)
        says = {
            "amount_minor": returned.amount_minor,
            "paid_from": paid_from,
            "tranche_id": tranche.id,
            "number": tranche.number,
            "note": returned.note,
        }
        postings = book_money_out(returned.effective_on, returned.amount_minor, paid_from, capital)
        return _decision(Kind.CAPITAL_RETURNED, returned, fund, says, postings)

    return _record(databases, request, returned.fund, returned.effective_on, decide)


def move_money(databases: Databases, request: Request, transfer: Transfer) -> Outcome:
    """Record money that changes hands within the fund."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        if transfer.paid_from == transfer.held_in:
            raise SameAccountError(f"The money is in {transfer.held_in} already.", pointer="/held_in")
        held_in = _place(connection, request.lso_id, fund, transfer.held_in, "/held_in")
        paid_from = _payer(connection, request.lso_id, fund, transfer.paid_from, transfer)
        says = {
            "amount_minor": transfer.amount_minor,
            "paid_from": paid_from,
            "held_in": held_in,
            "note": transfer.note,
        }
        postings = book_move(transfer.effective_on, transfer.amount_minor, paid_from, held_in)
        return _decision(Kind.MONEY_MOVED, transfer, fund, says, postings)

    return _record(databases, request, transfer.fund, transfer.effective_on, decide)


def agreement_row(lso_id: str, fund_id: str, event_id: str, signed_on: date, says: dict[str, Any]) -> Row:
    """Return an agreement's row, from its event."""
    values = {"fund_id": fund_id, "number": says["agreement"], "signed_on": signed_on}
    return Row("agreement", {"lso_id": lso_id, "id": event_id, **values, "amount_minor": says["amount_minor"]})


def tranche_row(lso_id: str, fund_id: str, event_id: str, released_on: date, says: dict[str, Any]) -> Row:
    """Return a tranche's row as its release makes it, from that event."""
    values = {key: says[key] for key in ("agreement_id", "number", "amount_minor")}
    row = {"lso_id": lso_id, "id": event_id, "fund_id": fund_id, "released_on": released_on, **values}
    return Row("tranche", {**row, "received_on": None})


def received_row(lso_id: str, fund_id: str, tranche: TrancheFile, received_on: date) -> Row:
    """Return a tranche's row once it is received."""
    values = {"agreement_id": tranche.agreement_id, "number": tranche.number, "amount_minor": tranche.amount_minor}
    released = tranche_row(lso_id, fund_id, tranche.id, tranche.released_on, values)
    return Row("tranche", {**released.values, "received_on": received_on})


def refuse_over_capital(connection: sa.Connection, lso_id: str, capital: str, day: date, amount_minor: int) -> None:
    """Refuse to return more of a tranche than is left of it on `day` or on any later day already recorded."""
    # Capital stands on the credit side: its balance is negative, and what is left is its lowest absolute value.
    lowest = lowest_balance_from(connection, lso_id, (capital,), day, sign=-1)
    left = max(lowest or 0, 0)
    if amount_minor > left:
        raise OverCapitalError(
            f"{format_amount(left)} of this tranche is left to return.", pointer="/amount", left=format_amount(left)
        )


Command = Agreement | TrancheRelease | TrancheReceipt | MoneyIn | MoneyOut | CapitalReturn | Transfer


def _record(
    databases: Databases,
    request: Request,
    fund_code: str,
    effective_on: date,
    decide: Callable[[sa.Connection, FundFile], Decision],
) -> Outcome:
    def decide_in_fund(connection: sa.Connection, _: OpenedBook) -> Decision:
        refuse_future(effective_on, request.today)
        fund = fund_file(connection, request.lso_id, fund_code)
        if fund is None:
            raise NotFoundError(f"No fund {fund_code} in this book.")
        return decide(connection, fund)

    return record(databases, request, decide_in_fund)


def _receive(databases: Databases, request: Request, money: MoneyIn, kind: Kind, role: Role) -> Outcome:
    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        held_in = _place(connection, request.lso_id, fund, money.held_in, "/held_in")
        says = {
            "amount_minor": money.amount_minor,
            "held_in": held_in,
            "source": money.source,
            "note": money.note,
        }
        source = account_code(fund.code, role)
        return _decision(
            kind, money, fund, says, book_money_in(money.effective_on, money.amount_minor, held_in, source)
        )

    return _record(databases, request, money.fund, money.effective_on, decide)


def _decision(
    kind: Kind,
    command: Command,
    fund: FundFile,
    says: dict[str, Any],
    postings: tuple[Posting, ...] = (),
    rows: tuple[Row, ...] = (),
) -> Decision:
    fact = Fact(command.id, kind, command.effective_on, write_payload(says), fund.id, papers=command.papers)

    def answer(event: Event) -> View:
        return {
            "event": event_view(event),
            "fund": fund.code,
            "amount": format_amount(says["amount_minor"]),
            "postings": posting_views(postings),
        }

    return Decision(fact, postings, answer, rows=rows)


def _tranche(connection: sa.Connection, lso_id: str, fund: FundFile, number: int) -> TrancheFile:
    for tranche in tranche_files(connection, lso_id, fund.id):
        if tranche.number == number:
            return tranche
    raise NotFoundError(f"The fund {fund.code} has no tranche {number}.")


def _place(connection: sa.Connection, lso_id: str, fund: FundFile, place: str, pointer: str) -> str:
    account = place_account(fund.code, place, pointer)
    refuse_unknown_place(connection, lso_id, account, pointer)
    return account


def _payer(
    connection: sa.Connection,
    lso_id: str,
    fund: FundFile,
    place: str,
    payment: MoneyOut | CapitalReturn | Transfer,
) -> str:
    account = place_account(fund.code, place, "/paid_from")
    refuse_overdraft(connection, lso_id, (account,), payment.effective_on, payment.amount_minor)
    return account
