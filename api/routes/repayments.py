"""Repayments."""

from __future__ import annotations

from starlette.responses import Response

from api.models.repayments import RepaymentRecorded, RepaymentSaid
from api.routing import Routes
from api.visits import RecordVisit
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

    The answer says what it settled. A repayment dated before others that are recorded re-splits those.
    """
    return await recorder.record(record_repayment_fact, said.command(recorder.make_id()))
