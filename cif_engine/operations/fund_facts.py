"""What all facts about a fund's own money have in common: how each is recorded, and where its money is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

import sqlalchemy as sa

from cif_engine.errors import NotFoundError
from cif_engine.kinds import Kind
from cif_engine.ledger.events import Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting
from cif_engine.money import format_amount
from cif_engine.operations.places import place_account, refuse_overdraft, refuse_unknown_place
from cif_engine.operations.recording import Decision, Outcome, Request, record, refuse_future
from cif_engine.operations.views import View, event_view, posting_views
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import FundFile, fund_file
from cif_engine.persistence.recording import OpenedBook, Row


class FundCommand(Protocol):
    """What every command about a fund says; `fund` is its code."""

    @property
    def id(self) -> str:
        """The id of the fact."""

    @property
    def fund(self) -> str:
        """The code of the fund."""

    @property
    def effective_on(self) -> date:
        """The day it happened."""

    @property
    def papers(self) -> Papers:
        """The numbers on its paper."""


class Payment(Protocol):
    """What every payment out of a place says."""

    @property
    def paid_from(self) -> str:
        """The place: `cash`, `bank`, or `custodian:` and her number."""

    @property
    def effective_on(self) -> date:
        """The day it was paid."""

    @property
    def amount_minor(self) -> int:
        """How much."""


def record_in_fund(
    databases: Databases,
    request: Request,
    command: FundCommand,
    decide: Callable[[sa.Connection, FundFile], Decision],
) -> Outcome:
    """Record what `decide` makes of a command in its fund; raises NotFoundError and DateInFutureError besides."""

    def decide_in_fund(connection: sa.Connection, _: OpenedBook) -> Decision:
        refuse_future(command.effective_on, request.today)
        fund = fund_file(connection, request.lso_id, command.fund)
        if fund is None:
            raise NotFoundError(f"No fund {command.fund} in this book.")
        return decide(connection, fund)

    return record(databases, request, decide_in_fund)


def fund_decision(
    kind: Kind,
    command: FundCommand,
    fund: FundFile,
    says: dict[str, Any],
    postings: tuple[Posting, ...] = (),
    rows: tuple[Row, ...] = (),
) -> Decision:
    """Return the decision to record a fact of a fund, and how it is answered; `says` has an `amount_minor`."""
    fact = Fact(command.id, kind, command.effective_on, write_payload(says), fund.id, papers=command.papers)

    def answer(event: Event) -> View:
        return {
            "event": event_view(event),
            "fund": fund.code,
            "amount": format_amount(says["amount_minor"]),
            "postings": posting_views(postings),
        }

    return Decision(fact, postings, answer, rows=rows)


def holder(connection: sa.Connection, lso_id: str, fund: FundFile, place: str) -> str:
    """Return the account of the place where money comes to; raises PlaceUnknownError and NotFoundError."""
    account = place_account(fund.code, place, "/held_in")
    refuse_unknown_place(connection, lso_id, account, "/held_in")
    return account


def payer(connection: sa.Connection, lso_id: str, fund: FundFile, payment: Payment) -> str:
    """Return the account that a payment is made from, and that can bear it; raises NotEnoughCashError besides."""
    account = place_account(fund.code, payment.paid_from, "/paid_from")
    refuse_overdraft(connection, lso_id, (account,), payment.effective_on, payment.amount_minor)
    return account
