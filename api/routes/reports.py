"""The portfolio of an LSO, an RSP or the network, and the position of a fund."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from api.fields import Code
from api.models.reports import FundPositionShown, Portfolio
from api.routing import Routes
from api.times import AsOf, KnownAt
from api.visits import BookVisit, RspVisit, Visit
from cif_engine.operations.keys import Key, Scope
from cif_engine.operations.portfolio_reports import fund_position_report, portfolio_report
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut

routes = Routes("reports")

By = Annotated[
    str | None,
    Query(
        pattern=f"^({'|'.join(Cut)})(,({'|'.join(Cut)}))?$",
        description=f"Cut by one or two of {', '.join(Cut)}, separated by a comma.",
        examples=["vo", "lso,product"],
    ),
]
FundCode = Annotated[Code, Path(description="The code of the fund.", examples=["CIF"])]


@routes.get("/portfolio", scope=Scope.PORTFOLIO_READ, answer=Portfolio, summary="The portfolio of all")
async def read_portfolio(visit: Visit, by: By = None, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """Portfolio at risk, ageing and arrears of everything that the key is bound to."""
    return await _portfolio(visit, _reach(visit.key), by, as_of, known_at)


@routes.get("/rsps/{rsp}/portfolio", scope=Scope.PORTFOLIO_READ, answer=Portfolio, summary="The portfolio of an RSP")
async def read_rsp_portfolio(visit: RspVisit, by: By = None, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """Portfolio at risk, ageing and arrears of all LSOs of an RSP."""
    return await _portfolio(visit, Within(rsp_id=visit.rsp_id), by, as_of, known_at)


@routes.get("/lsos/{lso}/portfolio", scope=Scope.PORTFOLIO_READ, answer=Portfolio, summary="The portfolio of an LSO")
async def read_lso_portfolio(visit: BookVisit, by: By = None, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """Portfolio at risk, ageing and arrears of an LSO."""
    return await _portfolio(visit, Within((visit.lso_id,)), by, as_of, known_at)


@routes.get(
    "/lsos/{lso}/funds/{fund}/position",
    scope=Scope.PORTFOLIO_READ,
    answer=FundPositionShown,
    summary="The position of a fund",
)
async def read_fund_position(
    visit: BookVisit, fund: FundCode, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Capital, money, loans, what may be lent, and the fund identity."""
    return await visit.answer(fund_position_report, visit.lso_id, fund, as_of or visit.today, known_at)


async def _portfolio(visit: Visit, within: Within, by: str | None, as_of: AsOf, known_at: KnownAt) -> Response:
    cuts = tuple(Cut(name) for name in by.split(",")) if by else ()
    return await visit.answer(portfolio_report, within, cuts, as_of or visit.today, known_at)


def _reach(key: Key) -> Within:
    """Return the LSOs that a key is bound to."""
    if key.lso_id is not None:
        return Within((key.lso_id,))
    return Within(rsp_id=key.rsp_id)
