"""What the committee decides on the rest of loans: reschedules, moratoria, write-offs."""

from __future__ import annotations

from starlette.responses import Response

from api.models.restructuring import (
    MoratoriumRecorded,
    MoratoriumSaid,
    RescheduleRecorded,
    RescheduleSaid,
    WriteOffRecorded,
    WriteOffSaid,
)
from api.routes.funding import FundCode
from api.routes.loans import LoanInPath
from api.routing import Routes
from api.visits import RecordVisit
from cif_engine.operations import moratorium, restructuring
from cif_engine.operations.keys import Scope

routes = Routes("restructuring")


@routes.post(
    "/lsos/{lso}/loans/{loan}/reschedule",
    scope=Scope.LOANS_DECIDE,
    answer=RescheduleRecorded,
    summary="Reschedule a loan",
)
async def reschedule_loan(recorder: RecordVisit, loan: LoanInPath, said: RescheduleSaid) -> Response:
    """Record that the rest of a loan is repaid by another plan, or as before after a pause.

    The schedule before is kept, and the loan counts as renegotiated. The key that recorded a disbursement of the loan
    may not record it.
    """
    return await recorder.record(restructuring.reschedule_loan, said.command(loan, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/loans/{loan}/write-off",
    scope=Scope.LOANS_DECIDE,
    answer=WriteOffRecorded,
    summary="Write a loan off",
)
async def write_off_loan(recorder: RecordVisit, loan: LoanInPath, said: WriteOffSaid) -> Response:
    """Record that a loan is written off: out of the allowance, and what that cannot bear as an expense of the fund.

    It is still collected, as recoveries. The key that recorded a disbursement of the loan may not record it.
    """
    return await recorder.record(restructuring.write_off_loan, said.command(loan, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/funds/{fund}/moratorium",
    scope=Scope.LOANS_DECIDE,
    answer=MoratoriumRecorded,
    summary="Grant a moratorium",
)
async def grant_moratorium(recorder: RecordVisit, fund: FundCode, said: MoratoriumSaid) -> Response:
    """Record that all loans of a fund, or of one of its VOs or COs, are paused by one resolution: all or none.

    Preview it first: the answer lists the loans with their days before and after. Send their number as `loans`, so
    that nothing is recorded where others have come to them since.
    """
    return await recorder.record(moratorium.grant_moratorium, said.command(fund, recorder.make_id()))
