"""What fell due, was collected and was lost of a portfolio in a period, and how its loans rolled from band to band."""

from __future__ import annotations

from starlette.responses import Response

from api.documents import TableName, figure
from api.formats import Format
from api.models.collections import Collections, RollRates
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import FromDay, RuleSetCode, asked, fiscal_period
from api.routing import Routes
from api.times import KnownAt, ToDay
from cif_engine.operations.asking import COMMUNITY
from cif_engine.operations.collection_reports import collections_report, roll_rates_report
from cif_engine.operations.reports import figures as tables

routes = Routes("reports")


@portfolio_get(routes, "/collections", answer=Collections, summary="Demand, collection and balance")
async def read_portfolio_collections(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """What fell due in a period, what was collected of it on time, of arrears and in advance, and what was lost.

    All amounts are principal. All amounts of the rows sum to the total.
    """
    question, days = asked(visit, known_at, rule_set), fiscal_period(visit, from_day, to_day)
    return await figure(visit, form, table, collections_report, tables.collections, question, days)


@portfolio_get(routes, "/roll-rates", answer=RollRates, summary="Roll rates")
async def read_portfolio_roll_rates(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """From which band of lateness to which the loans went in a period, with what was repaid and written off."""
    question, days = asked(visit, known_at, rule_set), fiscal_period(visit, from_day, to_day)
    return await figure(visit, form, table, roll_rates_report, tables.roll_rates, question, days)
