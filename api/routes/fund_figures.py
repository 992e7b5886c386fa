"""The figures of a fund, its health, and the figures of all funds."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path, Query
from starlette.responses import Response

from api.access import require_everything
from api.documents import TableName, figure
from api.fields import Day
from api.formats import Format
from api.models.fund_figures import FundFiguresShown, FundSeries, PortfolioFunds
from api.models.health import HealthRuleCode, HealthRuleSaid, HealthRuleShown, HealthShown
from api.paging import DEFAULT, After, Limit, Page, read_cursor
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import asked
from api.routes.funding import FundCode
from api.routing import Routes
from api.times import AsOf, KnownAt, ToDay
from api.visits import BookVisit, Visit
from cif_engine.fund.figures import year_to
from cif_engine.operations.fund_figures import fund_figures_report, fund_health_report, fund_series_report
from cif_engine.operations.health_rules import HEALTH_RULES
from cif_engine.operations.keys import Scope
from cif_engine.operations.portfolio_funds import portfolio_funds_report
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports import funds as tables
from cif_engine.rules import CODE_PATTERN

routes = Routes("revolving fund")

USUAL_RULE: Final = "community"

IdleFrom = Annotated[
    Day | None,
    Query(alias="from", description="Idle cash is that since this day. Left out: of the twelve months up to `as_of`."),
]
SeriesFrom = Annotated[
    Day | None, Query(alias="from", description="The first day. Left out: twelve months before `to`.")
]
RuleAsked = Annotated[
    str,
    Query(
        pattern=f"^{CODE_PATTERN}$",
        description="The health rule to go by: the version in force on the day.",
        examples=["community"],
    ),
]
RuleInPath = Annotated[HealthRuleCode, Path(description="The code of the health rule.", examples=["community"])]


@routes.get(
    "/lsos/{lso}/funds/{fund}/figures",
    scope=Scope.PORTFOLIO_READ,
    answer=FundFiguresShown,
    summary="The figures of a fund",
)
async def read_fund_figures(
    visit: BookVisit, fund: FundCode, as_of: AsOf = None, known_at: KnownAt = None, from_day: IdleFrom = None
) -> Response:
    """Capital, fund value, what may be lent, utilisation, turns, velocity, idle cash and reach on a day."""
    return await visit.answer(fund_figures_report, visit.lso_id, fund, as_of or visit.today, known_at, from_day)


@routes.get(
    "/lsos/{lso}/funds/{fund}/figures/series",
    scope=Scope.PORTFOLIO_READ,
    answer=FundSeries,
    summary="The figures of a fund over time",
)
async def read_fund_series(
    visit: BookVisit, fund: FundCode, from_day: SeriesFrom = None, to_day: ToDay = None, known_at: KnownAt = None
) -> Response:
    """The figures at each month-end and on the last day, all as known at one moment. Idle cash is of twelve months."""
    to_on = to_day or visit.today
    period = Period(from_day or year_to(to_on).from_on, to_on)
    return await visit.answer(fund_series_report, visit.lso_id, fund, period, known_at)


@routes.get(
    "/lsos/{lso}/funds/{fund}/health",
    scope=Scope.PORTFOLIO_READ,
    answer=HealthShown,
    summary="The health of a fund",
)
async def read_fund_health(
    visit: BookVisit, fund: FundCode, rule: RuleAsked = USUAL_RULE, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Capital base, default rate, cash share and dormancy, each judged by the limits of a rule and weighed into one.

    The formula is shown with its numbers. What has no value is left out, and its weight with it.
    """
    return await visit.answer(fund_health_report, visit.lso_id, fund, as_of or visit.today, rule, known_at)


@portfolio_get(routes, "/funds", answer=PortfolioFunds, summary="The figures of the funds")
async def read_portfolio_funds(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """All funds as one, and by row of a cut of funds: RSP, district, tehsil, union council, LSO, fund or funder.

    Velocity and idle cash are of the twelve months up to the day.
    """
    question, day = asked(visit, known_at), as_of or visit.today
    return await figure(visit, form, table, portfolio_funds_report, tables.funds, question, day)


# Rules of health -----------------------------------------------------------------------------------------------


@routes.post(
    "/health-rules", scope=Scope.NETWORK_WRITE, answer=HealthRuleShown, summary="Record a version of a health rule"
)
async def create_health_rule(visit: Visit, said: HealthRuleSaid) -> Response:
    """Record a new health rule, or the next version of one, by which ratings go from a day on. Versions never change.

    A number is recorded once: the same request sent again is refused, and names the version that is there. Ratings of
    earlier moments stay as they are. The key is bound to everything.
    """
    require_everything(visit.key)
    return await visit.made(HEALTH_RULES.record, said.value(), visit.key.name, visit.at, visit.today)


@routes.get("/health-rules", scope=Scope.NETWORK_READ, answer=Page[HealthRuleShown], summary="List health rules")
async def list_health_rules_by_code(
    visit: Visit, as_of: AsOf = None, after: After = None, limit: Limit = DEFAULT
) -> Response:
    """List health rules by their codes, with their versions, and the one in force on a day."""
    key = read_cursor(after, str)
    return await visit.listed(HEALTH_RULES.listed, as_of or visit.today, key[0] if key else None, limit)


@routes.get("/health-rules/{code}", scope=Scope.NETWORK_READ, answer=HealthRuleShown, summary="Read a health rule")
async def read_health_rule(visit: Visit, code: RuleInPath, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """Read a health rule with the versions recorded by a moment, and the one in force on a day as known then."""
    return await visit.answer(HEALTH_RULES.get, code, as_of or visit.today, known_at)
