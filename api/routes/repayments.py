"""Repayments, settlements before their time, and the credit of borrowers."""

from __future__ import annotations

from starlette.responses import Response

from api.models.credits import CreditUseRecorded, CreditUseSaid, RefundRecorded, RefundSaid
from api.models.repayments import RepaymentRecorded, RepaymentSaid, SettlementRecorded, SettlementSaid
from api.routes.loans import LoanInPath
from api.routing import Routes
from api.visits import RecordVisit
from cif_engine.operations import credits as borrower_credits
from cif_engine.operations.collecting import record_repayment as record_repayment_fact
from cif_engine.operations.keys import Scope

routes = Routes("repayments")


@routes.post(
    "/lsos/{lso}/repayments",
    scope=Scope.REPAYMENTS_WRITE,
    answer=RepaymentRecorded,
    summary="Record a repayment",
)
async def record_repayment(recorder: RecordVisit, said: RepaymentSaid) -> Response:
    """Record money that a borrower paid, on the day she paid it, however late its paper comes.

    The answer says what it settled: by the order of the loan's terms, and what is beyond everything owed is credit. A
    repayment dated before others that are recorded re-splits those. Of a loan written off it is a recovery.
    """
    return await recorder.record(record_repayment_fact, said.command(recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/settlement",
    scope=Scope.REPAYMENTS_WRITE,
    answer=SettlementRecorded,
    summary="Record an early settlement",
)
async def settle_loan(recorder: RecordVisit, loan: LoanInPath, said: SettlementSaid) -> Response:
    """Record money that pays a loan off before its time, with the rebate of its terms.

    Refused where it is less than the settlement quote of the day (`settlement_short`, which names what is needed).
    """
    return await recorder.record(record_repayment_fact, said.command(loan, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/refund",
    scope=Scope.REPAYMENTS_WRITE,
    answer=RefundRecorded,
    summary="Refund credit",
)
async def refund_credit(recorder: RecordVisit, loan: LoanInPath, said: RefundSaid) -> Response:
    """Record credit given back to the borrower: never more than she has, on that day or a later one."""
    return await recorder.record(borrower_credits.refund_credit, said.command(loan, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/credit-use",
    scope=Scope.REPAYMENTS_WRITE,
    answer=CreditUseRecorded,
    summary="Pay another loan with credit",
)
async def use_credit(recorder: RecordVisit, loan: LoanInPath, said: CreditUseSaid) -> Response:
    """Record that credit of this loan pays another of the same borrower; both facts are recorded or neither."""
    return await recorder.record(borrower_credits.use_credit, said.command(loan, recorder.make_id()))
