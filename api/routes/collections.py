"""What fell due, was collected and was lost of a portfolio in a period, and how its loans rolled from band to band."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.documents import TableName, figure
from api.fields import Day
from api.formats import Format
from api.models.collections import Collections, RollRates
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.routes.reports import RuleSetCode, asked
from api.routing import Routes
from api.times import KnownAt, ToDay
from cif_engine.dates import FiscalYear
from cif_engine.operations.asking import COMMUNITY
from cif_engine.operations.collection_reports import collections_report, roll_rates_report
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports import figures as tables

routes = Routes("reports")

FromDay = Annotated[
    Day | None,
    Query(alias="from", description="The first day. Left out: 1 July of the fiscal year that the last day lies in."),
]


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


def fiscal_period(visit: PortfolioVisit, from_day: FromDay, to_day: ToDay) -> Period:
    """Return the days that a report covers; raises PeriodReversedError."""
    to_on = to_day or visit.today
    return Period(from_day or FiscalYear.of(to_on).first_day, to_on)
