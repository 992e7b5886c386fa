"""Fees, penalties, and what is forgiven of dues."""

from __future__ import annotations

from starlette.responses import Response

from api.models.dues import FeeRecorded, FeeSaid, PenaltyRecorded, PenaltySaid, WaiverRecorded, WaiverSaid
from api.routes.loans import LoanInPath
from api.routing import Routes
from api.visits import RecordVisit
from cif_engine.operations import dues
from cif_engine.operations.keys import Scope

routes = Routes("dues")


@routes.post("/lsos/{lso}/loans/{loan}/fees", scope=Scope.LOANS_WRITE, answer=FeeRecorded, summary="Charge a fee")
async def charge_fee(recorder: RecordVisit, loan: LoanInPath, said: FeeSaid) -> Response:
    """Record a fee. It is income when it is paid; credit of the borrower pays it at once."""
    return await recorder.record(dues.charge_fee, said.command(loan, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/penalties", scope=Scope.LOANS_WRITE, answer=PenaltyRecorded, summary="Charge a penalty"
)
async def charge_penalty(recorder: RecordVisit, loan: LoanInPath, said: PenaltySaid) -> Response:
    """Record a penalty. It is income when it is paid; credit of the borrower pays it at once.

    Penalties are charged one by one; none arises by itself. An interest-free fund charges none.
    """
    return await recorder.record(dues.charge_fee, said.command(loan, recorder.make_id()))


@routes.post("/lsos/{lso}/loans/{loan}/waiver", scope=Scope.LOANS_DECIDE, answer=WaiverRecorded, summary="Waive dues")
async def waive_dues(recorder: RecordVisit, loan: LoanInPath, said: WaiverSaid) -> Response:
    """Record what the committee forgives of penalties, fees and service charge. Nothing is posted: it was no income.

    The key that recorded a disbursement of the loan may not record it.
    """
    return await recorder.record(dues.waive_dues, said.command(loan, recorder.make_id()))
