"""Loans and repayments on any day, as they were known at any moment."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from api.fields import Code, Day
from api.models.loans_read import (
    LoanList,
    LoanSchedule,
    LoanShown,
    LoanStatement,
    RepaymentList,
    SettlementQuote,
)
from api.models.recorded import PaperNo
from api.paging import DEFAULT, After, Limit, read_key
from api.routing import Routes
from api.times import AsOf, FromDay, KnownAt, ToDay, period
from api.visits import BookVisit
from cif_engine.loans.standing import Status
from cif_engine.operations import loan_reports
from cif_engine.operations.keys import Scope
from cif_engine.operations.loan_reports import LoanFilter
from cif_engine.operations.reporting import Page

routes = Routes("loans")
repayment_routes = Routes("repayments")

LoanInPath = Annotated[Code, Path(description="The number of the loan, or its id.", examples=["DAS-2021-00731"])]
OfLoan = Annotated[Code | None, Query(description="The number of a loan, or its id.")]
OfMember = Annotated[Code | None, Query(description="The code of a member.")]
OfVo = Annotated[Code | None, Query(description="The code of the VO that the loans were made under.")]
OfCo = Annotated[Code | None, Query(description="The code of the CO that the loans were made under.")]
OfFund = Annotated[Code | None, Query(description="The code of a fund.")]
OfProduct = Annotated[Code | None, Query(description="The code of a product.")]
WithStatus = Annotated[Status | None, Query(description="Only loans that stood so on the day.")]
WithReceipt = Annotated[PaperNo | None, Query(description="The number of a receipt.")]
Renegotiated = Annotated[bool | None, Query(description="Only loans that were rescheduled; `false`: the others.")]
OnDay = Annotated[Day | None, Query(alias="on", description="The day it would be paid off. Left out: today.")]
LateOver = Annotated[int | None, Query(ge=0, le=36_500, description="Only loans late by more than so many days.")]


@routes.get("/lsos/{lso}/loans", scope=Scope.LOANS_READ, answer=LoanList, summary="List loans")
async def list_loans(  # noqa: PLR0913 - one argument for each parameter
    visit: BookVisit,
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    status: WithStatus = None,
    member: OfMember = None,
    vo: OfVo = None,
    co: OfCo = None,
    fund: OfFund = None,
    product: OfProduct = None,
    days_late_over: LateOver = None,
    renegotiated: Renegotiated = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """Loans by number, as they stood on a day; `status=written_off` is the register of what was given up.

    The `loans_query` of a portfolio's figure leads here.
    """
    wanted = LoanFilter(status, member, vo, co, fund, product, days_late_over=days_late_over, renegotiated=renegotiated)
    page = Page(limit, read_key(after))
    report = loan_reports.loans_list
    return await visit.listed(report, visit.lso_id, wanted, as_of or visit.today, known_at, page)


@routes.get("/lsos/{lso}/loans/{loan}", scope=Scope.LOANS_READ, answer=LoanShown, summary="Read a loan")
async def read_loan(visit: BookVisit, loan: LoanInPath, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """What a loan was made under, what was agreed, and where it stood."""
    return await visit.answer(loan_reports.loan_report, visit.lso_id, loan, as_of or visit.today, known_at)


@routes.get(
    "/lsos/{lso}/loans/{loan}/schedule", scope=Scope.LOANS_READ, answer=LoanSchedule, summary="The schedule of a loan"
)
async def read_loan_schedule(
    visit: BookVisit, loan: LoanInPath, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Every instalment with what is paid, due and late; and the schedules that were in force before."""
    return await visit.answer(loan_reports.loan_schedule_report, visit.lso_id, loan, as_of or visit.today, known_at)


@routes.get(
    "/lsos/{lso}/loans/{loan}/statement",
    scope=Scope.LOANS_READ,
    answer=LoanStatement,
    summary="The statement of a loan",
)
async def read_loan_statement(
    visit: BookVisit, loan: LoanInPath, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Every fact of a loan in the order in which they happened, how each payment was split, and the schedule.

    Corrections show: what was reversed stays on it and names its reversal. With an earlier `known_at` it is as it was.
    """
    return await visit.answer(loan_reports.loan_statement_report, visit.lso_id, loan, as_of or visit.today, known_at)


@routes.get(
    "/lsos/{lso}/loans/{loan}/settlement-quote",
    scope=Scope.LOANS_READ,
    answer=SettlementQuote,
    summary="What pays a loan off",
)
async def quote_settlement(visit: BookVisit, loan: LoanInPath, on: OnDay = None, known_at: KnownAt = None) -> Response:
    """What pays a loan off on a day: all that is owed, less the charge that its terms forgive."""
    return await visit.answer(loan_reports.settlement_quote_report, visit.lso_id, loan, on or visit.today, known_at)


@repayment_routes.get("/lsos/{lso}/repayments", scope=Scope.LOANS_READ, answer=RepaymentList, summary="List repayments")
async def list_repayments(
    visit: BookVisit,
    *,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    loan: OfLoan = None,
    receipt_no: WithReceipt = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """Repayments of a period by day, with what each settled."""
    days, page = period(visit, from_day, to_day), Page(limit, read_key(after))
    return await visit.listed(loan_reports.repayments_list, visit.lso_id, days, known_at, loan, receipt_no, page)
