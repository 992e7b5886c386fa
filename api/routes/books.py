"""The books of an LSO: its events, accounts, trial balance, statements and cash book."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from api.fields import Code
from api.models.books import (
    AccountsShown,
    AccountStatement,
    BeancountFile,
    CashBook,
    EventFeed,
    TrialBalance,
    Verification,
)
from api.paging import DEFAULT, MOST, After, Limit, read_key
from api.routing import Routes
from api.times import AsOf, FromDay, KnownAt, ToDay, period
from api.visits import BookVisit, as_json
from cif_engine.operations import ledger_reports
from cif_engine.operations.exporting import export_beancount
from cif_engine.operations.keys import Scope
from cif_engine.operations.reporting import Page
from cif_engine.operations.verifying import verify

routes = Routes("books")

OfFund = Annotated[Code | None, Query(description="The code of a fund. Left out: all funds.")]
AccountInPath = Annotated[Code, Path(description="The code of the account.", examples=["CIF.1010"])]
AfterSeq = Annotated[int, Query(ge=0, le=2**53, description="The `next` of the answer before; 0 begins.")]
FeedLimit = Annotated[int, Query(ge=1, le=MOST, description="How many events to answer at most.")]


@routes.get("/lsos/{lso}/events", scope=Scope.BOOKS_READ, answer=EventFeed, summary="Follow the events of a book")
async def list_events(visit: BookVisit, after: AfterSeq = 0, limit: FeedLimit = DEFAULT) -> Response:
    """Events after a place in the book, with their postings and all that their hashes cover.

    Ask again with `next` as `after`, as long as you like: the feed has no end, and leaves nothing out.
    """
    return await visit.answer(ledger_reports.events_list, visit.lso_id, after, limit)


@routes.get("/lsos/{lso}/accounts", scope=Scope.BOOKS_READ, answer=AccountsShown, summary="The chart of accounts")
async def list_accounts(visit: BookVisit) -> Response:
    """All accounts of all funds of the LSO."""
    return await visit.answer(ledger_reports.accounts_list, visit.lso_id)


@routes.get(
    "/lsos/{lso}/accounts/{code}/statement",
    scope=Scope.BOOKS_READ,
    answer=AccountStatement,
    summary="The statement of an account",
)
async def read_account_statement(
    visit: BookVisit,
    code: AccountInPath,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """Every posting of an account in a period, with the balance after it."""
    days, page = period(visit, from_day, to_day), Page(limit, read_key(after))
    return await visit.listed(ledger_reports.account_statement_report, visit.lso_id, code, days, known_at, page)


@routes.get("/lsos/{lso}/verification", scope=Scope.AUDIT_READ, answer=Verification, summary="Verify a book")
async def verify_book(visit: BookVisit) -> Response:
    """Read the book from its first event: the hash chain, that everything balances, and that what is stored follows.

    It takes the longer the longer the book is. A tail cut off only a head kept elsewhere can show.
    """
    findings = await visit.desk.read(verify, visit.lso_id)
    return as_json({"sound": not findings, "findings": [finding.view() for finding in findings]})


@routes.get("/lsos/{lso}/trial-balance", scope=Scope.BOOKS_READ, answer=TrialBalance, summary="The trial balance")
async def read_trial_balance(
    visit: BookVisit, as_of: AsOf = None, known_at: KnownAt = None, fund: OfFund = None
) -> Response:
    """What each account comes to on a day, as it was known at a moment."""
    report = ledger_reports.trial_balance_report
    return await visit.answer(report, visit.lso_id, as_of or visit.today, known_at, fund)


@routes.get("/lsos/{lso}/cash-book", scope=Scope.BOOKS_READ, answer=CashBook, summary="The cash book")
async def read_cash_book(
    visit: BookVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    fund: OfFund = None,
) -> Response:
    """Receipts, payments and balances of cash in hand, bank and money in transit, by day.

    Days on which no money moved are left out. Money that only changes hands is a payment here and a receipt there.
    """
    days = period(visit, from_day, to_day)
    return await visit.answer(ledger_reports.cash_book_report, visit.lso_id, days, known_at, fund)


@routes.get("/lsos/{lso}/export", scope=Scope.BOOKS_READ, answer=BeancountFile, summary="The book as a text file")
async def export_book(visit: BookVisit, as_of: AsOf = None, known_at: KnownAt = None, fund: OfFund = None) -> Response:
    """All that is posted by a day, as it was known at a moment, as a plain-text accounting file of beancount.

    `bean-check` proves it: the file ends with the balance of every account. The same day and moment give the same
    file, byte for byte, for ever; its title names the moment.
    """
    export = await visit.desk.read(export_beancount, visit.lso_id, as_of or visit.today, known_at, fund)
    return BeancountFile.of(visit.desk, export)
