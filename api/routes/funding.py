"""The fund's own money: the sub-grant, other money in, money out, money on the move, and its loan loss allowance."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from api.fields import Code
from api.models.funding import (
    AgreementList,
    AgreementSaid,
    AllowanceSaid,
    CapitalReturnSaid,
    ExpenseRecorded,
    ExpenseSaid,
    FundingRecorded,
    MoneyInSaid,
    TrancheReceiptSaid,
    TrancheReleaseSaid,
    TransferSaid,
)
from api.routing import Routes
from api.visits import BookVisit, RecordVisit
from cif_engine.operations import allowance, funding, sub_grant
from cif_engine.operations.keys import Scope

routes = Routes("funding")

FundCode = Annotated[Code, Path(description="The code of the fund.", examples=["CIF"])]
TrancheInPath = Annotated[int, Path(ge=1, le=9999, description="The number of the tranche.", examples=[1])]


@routes.post(
    "/lsos/{lso}/funds/{fund}/agreements",
    scope=Scope.FUNDING_WRITE,
    answer=FundingRecorded,
    summary="Record a sub-grant agreement",
)
async def sign_agreement(recorder: RecordVisit, fund: FundCode, said: AgreementSaid) -> Response:
    """Record an agreement with the RSP. Nothing is posted until money arrives."""
    return await recorder.record(sub_grant.sign_agreement, said.command(fund, recorder.make_id()))


@routes.get(
    "/lsos/{lso}/funds/{fund}/agreements",
    scope=Scope.BOOKS_READ,
    answer=AgreementList,
    summary="List agreements with their tranches",
)
async def list_agreements(visit: BookVisit, fund: FundCode) -> Response:
    """Agreements of a fund: what was agreed, released by the RSP, and received, tranche by tranche."""
    return await visit.answer(sub_grant.agreements_list, visit.lso_id, fund)


@routes.post(
    "/lsos/{lso}/funds/{fund}/tranches",
    scope=Scope.FUNDING_WRITE,
    answer=FundingRecorded,
    summary="Release a tranche",
)
async def release_tranche(recorder: RecordVisit, fund: FundCode, said: TrancheReleaseSaid) -> Response:
    """Record that the RSP released a tranche under an agreement. It is capital once it is received."""
    return await recorder.record(sub_grant.release_tranche, said.command(fund, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/funds/{fund}/tranches/{number}/receipt",
    scope=Scope.BOOKS_WRITE,
    answer=FundingRecorded,
    summary="Record the receipt of a tranche",
)
async def receive_tranche(
    recorder: RecordVisit, fund: FundCode, number: TrancheInPath, said: TrancheReceiptSaid
) -> Response:
    """Record the day a released tranche arrived, whole, and where it is held."""
    return await recorder.record(sub_grant.receive_tranche, said.command(fund, number, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/funds/{fund}/returns",
    scope=Scope.BOOKS_WRITE,
    answer=FundingRecorded,
    summary="Return capital to the RSP",
)
async def return_capital(recorder: RecordVisit, fund: FundCode, said: CapitalReturnSaid) -> Response:
    """Record capital of a tranche that goes back: never more than is left of it, nor than there is money.

    What the fund keeps in cash and bank, its reserve and what is committed to approved loans, stays.
    """
    return await recorder.record(sub_grant.return_capital, said.command(fund, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/funds/{fund}/contributions",
    scope=Scope.BOOKS_WRITE,
    answer=FundingRecorded,
    summary="Record a contribution",
)
async def receive_contribution(recorder: RecordVisit, fund: FundCode, said: MoneyInSaid) -> Response:
    """Record capital of the fund that is not of the sub-grant."""
    return await recorder.record(funding.receive_contribution, said.command(fund, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/funds/{fund}/bank-profits",
    scope=Scope.BOOKS_WRITE,
    answer=FundingRecorded,
    summary="Record bank profit",
)
async def receive_bank_profit(recorder: RecordVisit, fund: FundCode, said: MoneyInSaid) -> Response:
    """Record profit that the bank paid on fund money. It is kept apart, because auditors ask for it."""
    return await recorder.record(funding.receive_bank_profit, said.command(fund, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/funds/{fund}/expenses",
    scope=Scope.BOOKS_WRITE,
    answer=ExpenseRecorded,
    summary="Record an expense",
)
async def pay_expense(recorder: RecordVisit, fund: FundCode, said: ExpenseSaid) -> Response:
    """Record an operating expense paid out of the fund.

    It may take of the reserve, and of what is committed to approved loans; `warning` then says how much is short.
    """
    return await recorder.record(funding.pay_expense, said.command(fund, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/funds/{fund}/allowance",
    scope=Scope.FUNDING_WRITE,
    answer=FundingRecorded,
    summary="Make or release a provision",
)
async def change_allowance(recorder: RecordVisit, fund: FundCode, said: AllowanceSaid) -> Response:
    """Set money aside for loans that may be lost, or release what is no longer needed, by resolution.

    Loans are written off out of the allowance. Where it does not suffice the fund adds the rest on the same day.
    """
    return await recorder.record(allowance.change_allowance, said.command(fund, recorder.make_id()))


@routes.post(
    "/lsos/{lso}/funds/{fund}/transfers",
    scope=Scope.BOOKS_WRITE,
    answer=FundingRecorded,
    summary="Move money",
)
async def move_money(recorder: RecordVisit, fund: FundCode, said: TransferSaid) -> Response:
    """Record money that changes hands within the fund: banked, drawn, handed over by a custodian or to her."""
    return await recorder.record(funding.move_money, said.command(fund, recorder.make_id()))
