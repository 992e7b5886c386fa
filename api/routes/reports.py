"""The portfolio of an LSO, an RSP or the network, and the position of a fund."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from fastapi import Path, Query
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from api.documents import TableName, figure
from api.fields import EARLIEST_FACT, Code
from api.formats import Format
from api.models.portfolio import Portfolio, Series
from api.models.portfolio_tables import MaturityCalendar, Provisions, Vintages
from api.models.reports import FundPositionShown
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import CohortMonths, LateOver, RuleSetCode, asked, late_over
from api.routing import Routes
from api.times import AsOf, KnownAt
from api.visits import BookVisit, parameter_finding
from cif_engine.dates import parse_date
from cif_engine.errors import CifError
from cif_engine.operations.asking import COMMUNITY
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.keys import Scope
from cif_engine.operations.portfolio_reports import MOST_DAYS, portfolio_report, series_report
from cif_engine.operations.portfolio_tables import (
    maturity_report,
    provisioning_report,
    vintages_report,
)
from cif_engine.operations.reports import figures as tables
from cif_engine.portfolio.figures import ALL_FIGURES, OF_SERIES, Figure
from cif_engine.portfolio.vintages import month_ends

routes = Routes("reports")

USUAL_MONTHS: Final = 24


def _listed(names: frozenset[Figure]) -> str:
    one = "|".join(sorted(names))
    return f"^({one})(,({one}))*$"


FiguresSaid = Annotated[
    str | None,
    Query(
        pattern=_listed(ALL_FIGURES),
        description=f"Which of {', '.join(Figure)} to tell besides amount and loans, separated by commas. Left out: "
        "all. Fewer are answered faster.",
        examples=["par", "par,ageing"],
    ),
]
SeriesFiguresSaid = Annotated[
    str | None,
    Query(
        pattern=_listed(OF_SERIES),
        description=f"Which of {', '.join(sorted(OF_SERIES))} to tell besides amount and loans. Left out: par, ageing.",
        examples=["par"],
    ),
]
DaysSaid = Annotated[
    str | None,
    Query(
        max_length=MOST_DAYS * 11,
        description=f"Up to {MOST_DAYS} days in order, separated by commas. Left out: month-ends, as `months` says.",
        examples=["2021-06-30,2021-09-30,2021-12-31"],
    ),
]
FundCode = Annotated[Code, Path(description="The code of the fund.", examples=["CIF"])]


@portfolio_get(routes, "", answer=Portfolio, summary="The portfolio")
async def read_portfolio(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    figures: FiguresSaid = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """Portfolio at risk, ageing, arrears, recovery and risk coverage on a day.

    Amounts and loans of the rows sum to the total. Borrowers and households are counted once in the total, however many
    rows they are in.
    """
    question, wanted = asked(visit, known_at, rule_set), _figures(figures) or ALL_FIGURES
    return await figure(visit, form, table, portfolio_report, tables.portfolio, question, as_of or visit.today, wanted)


@portfolio_get(routes, "/series", answer=Series, summary="The portfolio over time,")
async def read_portfolio_series(
    visit: PortfolioVisit,
    days: DaysSaid = None,
    months: Annotated[
        int, Query(ge=1, le=MOST_DAYS, description="So many month-ends, the last one by `as_of`.", examples=[60])
    ] = 12,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    figures: SeriesFiguresSaid = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
) -> Response:
    """Portfolio at risk and ageing on many days, all as known at one moment."""
    wanted = _figures(figures) or frozenset({Figure.PAR, Figure.AGEING})
    on = _days(days) if days else month_ends(as_of or visit.today, months)
    question = asked(visit, known_at, rule_set)
    return await figure(visit, form, None, series_report, tables.series, question, on, wanted)


@portfolio_get(routes, "/vintages", answer=Vintages, summary="Vintages of the portfolio")
async def read_portfolio_vintages(
    visit: PortfolioVisit,
    months: CohortMonths = USUAL_MONTHS,
    days: LateOver = 30,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """What became of the loans first handed out in each month: late, renegotiated, written off, month after month."""
    question, day, over = asked(visit, known_at, rule_set), as_of or visit.today, late_over(days)
    return await figure(visit, form, table, vintages_report, tables.vintages, question, day, months, over)


@portfolio_get(routes, "/maturity", answer=MaturityCalendar, summary="The maturity calendar of the portfolio")
async def read_portfolio_maturity(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """What falls due of the open loans, by month, as the schedules in force say; it sums to the gross portfolio."""
    question = asked(visit, known_at, rule_set)
    return await figure(visit, form, table, maturity_report, tables.maturity, question, as_of or visit.today)


@portfolio_get(routes, "/provisioning", answer=Provisions, summary="Classes and provisions of the portfolio")
async def read_portfolio_provisioning(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """The gross portfolio by the classes of a rule set, the provision each calls for, and what was set aside.

    A rule set is a yardstick: nothing is posted because of one.
    """
    question = asked(visit, known_at, rule_set)
    return await figure(visit, form, table, provisioning_report, tables.provisioning, question, as_of or visit.today)


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


def _figures(said: str | None) -> frozenset[Figure]:
    return frozenset(map(Figure, said.split(","))) if said else frozenset()


def _days(said: str) -> list[date]:
    """Return the days of a series; raises RequestValidationError."""
    try:
        days = [parse_date(day) for day in said.split(",")]
    except CifError as unreadable:
        raise _refused("days", unreadable.code, unreadable.detail) from unreadable
    if min(days) < EARLIEST_FACT:
        raise _refused("days", "date_out_of_range", f"The first day is before {EARLIEST_FACT}.")
    return days


def _refused(name: str, code: str, words: str) -> RequestValidationError:
    return RequestValidationError([parameter_finding(code, name, words)])
