"""Loans: from the application to the disbursement, or to the cancellation."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from api.fields import Code
from api.models.loans import (
    ApplicationRecorded,
    ApplicationSaid,
    AppraisalRecorded,
    AppraisalSaid,
    CancellationRecorded,
    CancellationSaid,
    DecisionRecorded,
    DecisionSaid,
    DisbursementRecorded,
    DisbursementSaid,
)
from api.routing import Routes
from api.visits import RecordVisit
from cif_engine.operations import disbursing, lending
from cif_engine.operations.keys import Scope

routes = Routes("loans")

LoanInPath = Annotated[Code, Path(description="The number of the loan, or its id.", examples=["DAS-2021-00731"])]


@routes.post("/lsos/{lso}/loans", scope=Scope.LOANS_WRITE, answer=ApplicationRecorded, summary="Record an application")
async def apply_for_loan(recorder: RecordVisit, said: ApplicationSaid) -> Response:
    """Record a member's application; the loan gets its number.

    Refused where the household is not eligible, or the amount or the cycle is over the limit of the fund or product.
    """
    return await recorder.record(lending.apply_for_loan, said.command(recorder.make_id(), recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/appraisal",
    scope=Scope.LOANS_WRITE,
    answer=AppraisalRecorded,
    summary="Record an appraisal",
)
async def appraise_loan(recorder: RecordVisit, loan: LoanInPath, said: AppraisalSaid) -> Response:
    """Record what the appraisal of an application recommends."""
    return await recorder.record(lending.appraise_loan, said.command(loan, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/decision",
    scope=Scope.LOANS_DECIDE,
    answer=DecisionRecorded,
    summary="Record the committee's decision",
)
async def decide_on_loan(recorder: RecordVisit, loan: LoanInPath, said: DecisionSaid) -> Response:
    """Record what the committee resolved. The key that recorded the application may not record the decision."""
    return await recorder.record(lending.decide_on_loan, said.command(loan, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/cancellation",
    scope=Scope.LOANS_DECIDE,
    answer=CancellationRecorded,
    summary="Cancel a loan that was not handed out",
)
async def cancel_loan(recorder: RecordVisit, loan: LoanInPath, said: CancellationSaid) -> Response:
    """Record that a loan will not be handed out after all: what was approved is no longer committed."""
    return await recorder.record(lending.cancel_loan, said.command(loan, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/disbursement",
    scope=Scope.LOANS_WRITE,
    answer=DisbursementRecorded,
    summary="Record a disbursement",
)
async def disburse_loan(recorder: RecordVisit, loan: LoanInPath, said: DisbursementSaid) -> Response:
    """Record money handed to the borrower; the answer holds the schedule she is given.

    A loan may be handed out in parts: the first begins its schedule, each later one makes the rest of it anew. A
    top-up (`settles`) pays off another loan of hers; both facts are recorded or neither. Refused where the fund does
    not hold enough on that day or on a later day already recorded.
    """
    return await recorder.record(disbursing.disburse_loan, said.command(loan, recorder.make_id()))
