"""Where the rupees of a fund are, and the way they went."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from api.documents import TableName, figure
from api.formats import Format
from api.models.lots import FundLots, LoanLineage, RupeesShown
from api.models.turns import TurnsReport
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import asked as asked_of
from api.routes.funding import FundCode, TrancheInPath
from api.routes.loans_read import LoanInPath
from api.routing import Routes
from api.times import AsOf, KnownAt
from api.visits import BookVisit, parameter_finding
from cif_engine.errors import CifError, LimitsReversedError
from cif_engine.money import parse_amount
from cif_engine.operations.keys import Scope
from cif_engine.operations.lots import LotsAsked, RupeesAsked, lineage_report, lots_report, rupees_report
from cif_engine.operations.reports import turns as tables
from cif_engine.operations.turns import turns_report

routes = Routes("revolving fund")

RupeesFrom = Annotated[
    str,
    Query(
        alias="rupees_from",
        pattern=r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$",
        description="Rupees of the tranche after so many, counted as it was received.",
        examples=["0.00"],
    ),
]
RupeesTo = Annotated[
    str | None,
    Query(
        alias="rupees_to",
        pattern=r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$",
        description="Up to so many. Left out: to the last.",
        examples=["1000.00"],
    ),
]


@routes.get(
    "/lsos/{lso}/funds/{fund}/lots",
    scope=Scope.PORTFOLIO_READ,
    answer=FundLots,
    summary="Where the rupees of each tranche are, by turn",
)
async def read_lots(visit: BookVisit, fund: FundCode, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """Each tranche's rupees, first in, first out: in cash, in loans, lost, returned; and what each of their turns did.

    A tranche enters as cash of turn 1. Principal that is repaid comes back as cash of the next turn.
    """
    return await visit.answer(lots_report, LotsAsked(visit.lso_id, as_of or visit.today, known_at), fund)


@routes.get(
    "/lsos/{lso}/funds/{fund}/tranches/{tranche}/rupees",
    scope=Scope.PORTFOLIO_READ,
    answer=RupeesShown,
    summary="The way that rupees of a tranche went",
)
async def read_rupees(
    visit: BookVisit,
    fund: FundCode,
    tranche: TrancheInPath,
    start: RupeesFrom = "0",
    end: RupeesTo = None,
    limit: Annotated[int, Query(ge=1, le=500, description="At most so many ways.")] = 100,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """Cash and loans in turn, from the day the tranche was received; rupees that went the same way together."""
    first, last = _amount("rupees_from", start), None if end is None else _amount("rupees_to", end)
    if last is not None and last < first:
        words = f"{end} comes before {start}."
        raise RequestValidationError([parameter_finding(LimitsReversedError.code, "rupees_to", words)])
    rupees = RupeesAsked(tranche, first, last, limit)
    asked = LotsAsked(visit.lso_id, as_of or visit.today, known_at)
    return await visit.answer(rupees_report, asked, fund, rupees)


@routes.get(
    "/lsos/{lso}/loans/{loan}/lineage",
    scope=Scope.PORTFOLIO_READ,
    answer=LoanLineage,
    summary="Which tranche and turn a loan was made of",
)
async def read_lineage(visit: BookVisit, loan: LoanInPath, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """The rupees that a loan drew, of which tranche and for the how-manieth time, and what became of each."""
    return await visit.answer(lineage_report, LotsAsked(visit.lso_id, as_of or visit.today, known_at), loan)


@portfolio_get(routes, "/lots", answer=TurnsReport, summary="The turns of the money")
async def read_turns(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """How often the money of all funds went out and came back, whom each turn reached, what was lost, what lies idle.

    Left out, `by` is by funder; it is cut by what funds are told apart by: RSP, areas, LSO, fund, funder. Tranches
    count together, and so do contributions and surplus. A fund takes about a tenth of a second, until it was asked for
    once.
    """
    question, day = asked_of(visit, known_at), as_of or visit.today
    return await figure(visit, form, table, turns_report, tables.turns, question, day)


def _amount(name: str, written: str) -> int:
    try:
        return parse_amount(written)
    except CifError as refusal:
        raise RequestValidationError([parameter_finding(refusal.code, name, refusal.detail)]) from refusal
