"""The sub-grant: agreements with the RSP, and each tranche from its release to its receipt and its return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.bookings import book_money_in, book_money_out
from cif_engine.errors import (
    DuplicateCodeError,
    NotFoundError,
    OverAgreementError,
    OverCapitalError,
    TrancheStepError,
)
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code, part_account
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.money import PKR, format_amount
from cif_engine.operations.committing import refuse_kept
from cif_engine.operations.fund_facts import fund_decision, holder, payer, record_in_fund
from cif_engine.operations.recording import Decision, Outcome, Request
from cif_engine.operations.reporting import open_book, open_fund
from cif_engine.operations.views import View
from cif_engine.persistence.books import account_rows, lowest_balance_from
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.funding import (
    AgreementFile,
    TrancheFile,
    agreement_file,
    agreement_files,
    agreement_row,
    received_row,
    tranche_files,
    tranche_row,
)
from cif_engine.persistence.network import FundFile


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


def sign_agreement(databases: Databases, request: Request, agreement: Agreement) -> Outcome:
    """Record an agreement; nothing is posted until money arrives."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        refuse_same_agreement(connection, request.lso_id, fund, agreement.number)
        says = {"agreement": agreement.number, "amount_minor": agreement.amount_minor, "note": agreement.note}
        row = agreement_row(request.lso_id, fund.id, agreement.id, agreement.effective_on, says)
        return fund_decision(Kind.AGREEMENT_SIGNED, agreement, fund, says, rows=(row,))

    return record_in_fund(databases, request, agreement, decide)


def release_tranche(databases: Databases, request: Request, release: TrancheRelease) -> Outcome:
    """Record that the RSP released a tranche, and open its capital account; it is capital once it is received."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        agreement = agreement_file(connection, request.lso_id, fund.id, release.agreement)
        if agreement is None:
            raise NotFoundError(f"The fund {fund.code} has no agreement {release.agreement}.", pointer="/agreement")
        number, amount_minor, on = release.number, release.amount_minor, release.effective_on
        refuse_release(connection, request.lso_id, fund, agreement, number, amount_minor, on)
        capital = part_account(fund.id, fund.code, Role.TRANCHE_CAPITAL, release.number, str(release.number))
        says = {
            "agreement_id": agreement.id,
            "number": release.number,
            "amount_minor": release.amount_minor,
            "note": release.note,
        }
        row = tranche_row(request.lso_id, fund.id, release.id, release.effective_on, says)
        rows = (row, *account_rows(request.lso_id, (capital,)))
        return fund_decision(Kind.TRANCHE_RELEASED, release, fund, says, rows=rows)

    return record_in_fund(databases, request, release, decide)


def receive_tranche(databases: Databases, request: Request, receipt: TrancheReceipt) -> Outcome:
    """Record that the LSO received a tranche: its money is held, its capital stands."""

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        tranche = _tranche(connection, request.lso_id, fund, receipt.number)
        refuse_receipt(tranche, receipt.effective_on)
        held_in = holder(connection, request.lso_id, fund, receipt.held_in)
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
        return fund_decision(Kind.TRANCHE_RECEIVED, receipt, fund, says, postings, rows=(row,))

    return record_in_fund(databases, request, receipt, decide)


def return_capital(databases: Databases, request: Request, returned: CapitalReturn) -> Outcome:
    """Record capital of a tranche that goes back to the RSP; never more than is left of it, nor what the fund keeps.

    Raises `NotEnoughCashError` and `CashCommittedError`.
    """

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        tranche = _tranche(connection, request.lso_id, fund, returned.tranche)
        capital = account_code(fund.code, Role.TRANCHE_CAPITAL, tranche.number)
        refuse_over_capital(connection, request.lso_id, capital, returned.effective_on, returned.amount_minor)
        paid_from = payer(connection, request.lso_id, fund, returned)
        refuse_kept(connection, request.lso_id, fund, paid_from, returned.effective_on, returned.amount_minor)
        says = {
            "amount_minor": returned.amount_minor,
            "paid_from": paid_from,
            "tranche_id": tranche.id,
            "number": tranche.number,
            "note": returned.note,
        }
        postings = book_money_out(returned.effective_on, returned.amount_minor, paid_from, capital)
        return fund_decision(Kind.CAPITAL_RETURNED, returned, fund, says, postings)

    return record_in_fund(databases, request, returned, decide)


def agreements_list(databases: Databases, lso_id: str, fund: str) -> View:
    """Return the agreements of a fund, each with its tranches; raises NotFoundError."""
    with databases.reading(lso_id) as connection:
        open_book(connection, lso_id, None)
        fund_id = open_fund(connection, lso_id, fund).id
        agreements = agreement_files(connection, lso_id, fund_id)
        tranches = tranche_files(connection, lso_id, fund_id)
    items = [_agreement_view(file, [t for t in tranches if t.agreement_id == file.id]) for file in agreements]
    return {"fund": fund, "currency": PKR.code, "items": items}


def refuse_same_agreement(connection: sa.Connection, lso_id: str, fund: FundFile, number: str) -> None:
    """Refuse a second agreement of this number in a fund."""
    if agreement_file(connection, lso_id, fund.id, number):
        raise DuplicateCodeError(f"Agreement {number} is already recorded.", pointer="/number")


def refuse_release(
    connection: sa.Connection,
    lso_id: str,
    fund: FundFile,
    agreement: AgreementFile,
    number: int,
    amount_minor: int,
    on: date,
) -> None:
    """Refuse a tranche released before its agreement, beyond it, or of a number used before."""
    if on < agreement.signed_on:
        raise TrancheStepError(
            f"Agreement {agreement.number} was signed on {agreement.signed_on}.", pointer="/effective_on"
        )
    left = agreement.amount_minor - agreement.released_minor
    if amount_minor > left:
        raise OverAgreementError(
            f"Agreement {agreement.number} has {format_amount(left)} left to release.",
            pointer="/amount",
            left=format_amount(left),
        )
    if any(tranche.number == number for tranche in tranche_files(connection, lso_id, fund.id)):
        raise DuplicateCodeError(f"Tranche {number} of the fund {fund.code} is already recorded.", pointer="/number")


def refuse_receipt(tranche: TrancheFile, on: date) -> None:
    """Refuse to receive a tranche twice, or before its release."""
    if tranche.received_on is not None:
        raise TrancheStepError(f"Tranche {tranche.number} was received on {tranche.received_on}.", pointer="/number")
    if on < tranche.released_on:
        raise TrancheStepError(
            f"Tranche {tranche.number} was released on {tranche.released_on}.", pointer="/effective_on"
        )


def refuse_over_capital(connection: sa.Connection, lso_id: str, capital: str, day: date, amount_minor: int) -> None:
    """Refuse to return more of a tranche than is left of it on `day` or on any later day already recorded."""
    # Capital stands on the credit side: its balance is negative, and what is left is its lowest absolute value.
    lowest = lowest_balance_from(connection, lso_id, (capital,), day, sign=-1)
    left = max(lowest or 0, 0)
    if amount_minor > left:
        raise OverCapitalError(
            f"{format_amount(left)} of this tranche is left to return.", pointer="/amount", left=format_amount(left)
        )


def _tranche(connection: sa.Connection, lso_id: str, fund: FundFile, number: int) -> TrancheFile:
    for tranche in tranche_files(connection, lso_id, fund.id):
        if tranche.number == number:
            return tranche
    raise NotFoundError(f"The fund {fund.code} has no tranche {number}.")


def _agreement_view(agreement: AgreementFile, tranches: list[TrancheFile]) -> View:
    received = sum(tranche.amount_minor for tranche in tranches if tranche.received_on)
    return {
        "number": agreement.number,
        "signed_on": agreement.signed_on.isoformat(),
        "amount": format_amount(agreement.amount_minor),
        "released": format_amount(agreement.released_minor),
        "received": format_amount(received),
        "tranches": [_tranche_view(tranche) for tranche in tranches],
    }


def _tranche_view(tranche: TrancheFile) -> View:
    return {
        "number": tranche.number,
        "released_on": tranche.released_on.isoformat(),
        "received_on": tranche.received_on.isoformat() if tranche.received_on else None,
        "amount": format_amount(tranche.amount_minor),
    }
