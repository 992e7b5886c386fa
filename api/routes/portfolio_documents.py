"""The reports that people expect of a portfolio, each as JSON, CSV or a workbook; and its charts as pictures."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.documents import TableName, page_of, picture, register, report
from api.formats import Format, PictureFormat
from api.models.portfolio_documents import ChartPicture, RegisterShown, ReportShown
from api.paging import DEFAULT, After, Limit
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import CohortMonths, FromDay, LateOver, RuleSetCode, asked, fiscal_period, late_over
from api.routing import Routes
from api.times import AsOf, KnownAt, ToDay
from cif_engine.operations.asking import COMMUNITY
from cif_engine.operations.keys import Scope
from cif_engine.operations.portfolio_reports import MOST_DAYS
from cif_engine.operations.reports import composed, consolidation, figures
from cif_engine.operations.reports.arrears import arrears_register
from cif_engine.operations.reports.money_registers import collection_register, disbursement_register
from cif_engine.portfolio.vintages import month_ends

routes = Routes("documents")

TrendMonths = Annotated[int, Query(ge=1, le=MOST_DAYS, description="So many month-ends, the last one by `as_of`.")]


# Reports of figures --------------------------------------------------------------------------------------------


@portfolio_get(routes, "/reports/summary", answer=ReportShown, summary="The portfolio summary")
async def read_summary_report(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """Key figures, portfolio, PAR, ageing, collection and losses, and how PAR came there.

    What is of a day is of the last day. Left out, `by` is by VO in one LSO, by LSO elsewhere.
    """
    question = asked(visit, known_at, rule_set)
    return await report(visit, form, table, composed.summary, question, fiscal_period(visit, from_day, to_day))


@portfolio_get(routes, "/reports/par", answer=ReportShown, summary="The PAR report")
async def read_par_report(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """Portfolio at risk by row, with and without renegotiated loans, and at the month-ends of a year.

    Left out, `by` is by VO in one LSO, by LSO elsewhere.
    """
    question = asked(visit, known_at, rule_set)
    return await report(visit, form, table, composed.par, question, as_of or visit.today)


@portfolio_get(routes, "/reports/ageing", answer=ReportShown, summary="The ageing report")
async def read_ageing_report(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """The portfolio by days late, amounts and loans, by row. Left out, `by` is by VO in one LSO, by LSO elsewhere."""
    question = asked(visit, known_at, rule_set)
    return await report(visit, form, table, composed.ageing, question, as_of or visit.today)


@portfolio_get(routes, "/reports/dcb", answer=ReportShown, summary="The DCB register")
async def read_dcb_report(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """Demand, collection and balance by row. Left out, `by` is by VO in one LSO, by LSO elsewhere."""
    question = asked(visit, known_at, rule_set)
    return await report(visit, form, table, composed.dcb, question, fiscal_period(visit, from_day, to_day))


@portfolio_get(routes, "/reports/cycles", answer=ReportShown, summary="The cycle report")
async def read_cycles_report(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """Loans, people, amounts and PAR 30 by whether a loan was its borrower's first, second, third. It is cut so."""
    question = asked(visit, known_at, rule_set)
    return await report(visit, form, table, consolidation.cycles, question, as_of or visit.today)


@portfolio_get(routes, "/reports/districts", answer=ReportShown, summary="The district consolidation")
async def read_districts_report(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """A row for each district: who works there, what was done to date, where it stands, how the period went."""
    question = asked(visit, known_at, rule_set)
    return await report(visit, form, table, consolidation.districts, question, fiscal_period(visit, from_day, to_day))


@portfolio_get(routes, "/reports/indicators", answer=ReportShown, summary="The indicators of the network,")
async def read_indicators_report(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """The four indicators that the network publishes, and those that are missing beside them. It is not cut."""
    question = asked(visit, known_at, rule_set)
    return await report(visit, form, table, consolidation.indicators, question, fiscal_period(visit, from_day, to_day))


# Registers: they name borrowers, so a key that reads figures alone does not read them ----------------------------


@portfolio_get(
    routes, "/reports/arrears", answer=RegisterShown, summary="Who to visit this week", scope=Scope.LOANS_READ
)
async def read_arrears_report(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: Format = None,
    table: TableName = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """Loans in arrears in the order of a round: by VO, CO, settlement, member; and what falls due in seven days.

    It has the tables `Arrears` and `Falling due`. As JSON it is paged; a file has all of it.
    """
    wanted = arrears_register(as_of or visit.today)
    return await register(visit, form, table, asked(visit, known_at), wanted, page_of(limit, after))


@portfolio_get(
    routes,
    "/reports/disbursements",
    answer=RegisterShown,
    summary="The register of disbursements",
    scope=Scope.LOANS_READ,
)
async def read_disbursements_report(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    form: Format = None,
    table: TableName = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """A row for each disbursement that holds. As JSON it is paged; a file has all of it."""
    wanted = disbursement_register(fiscal_period(visit, from_day, to_day))
    return await register(visit, form, table, asked(visit, known_at), wanted, page_of(limit, after))


@portfolio_get(
    routes, "/reports/collections", answer=RegisterShown, summary="The register of collections", scope=Scope.LOANS_READ
)
async def read_collections_report(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    form: Format = None,
    table: TableName = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """A row for each repayment that holds, split into what it settled. As JSON it is paged; a file has all of it."""
    wanted = collection_register(fiscal_period(visit, from_day, to_day))
    return await register(visit, form, table, asked(visit, known_at), wanted, page_of(limit, after))


# Charts --------------------------------------------------------------------------------------------------------


@portfolio_get(routes, "/charts/par-trend", answer=ChartPicture, summary="A chart of portfolio at risk over time")
async def read_par_trend_chart(
    visit: PortfolioVisit,
    months: TrendMonths = composed.MONTHS_BACK,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: PictureFormat = None,
) -> Response:
    """PAR over 0, 30 and 90 days at month-ends. It is of the whole: narrow it rather than cut it."""
    days = month_ends(as_of or visit.today, months)
    return await picture(visit, form, figures.par_trend, asked(visit, known_at, rule_set), days)


@portfolio_get(routes, "/charts/ageing", answer=ChartPicture, summary="A chart of the ageing")
async def read_ageing_chart(
    visit: PortfolioVisit,
    months: TrendMonths = composed.MONTHS_BACK,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: PictureFormat = None,
) -> Response:
    """The portfolio by days late: at month-ends, or with `by` on one day, a bar for each row."""
    day = as_of or visit.today
    question = asked(visit, known_at, rule_set)
    return await picture(visit, form, figures.ageing_picture, question, day, months)


@portfolio_get(routes, "/charts/vintages", answer=ChartPicture, summary="A chart of the vintages")
async def read_vintages_chart(
    visit: PortfolioVisit,
    months: CohortMonths = composed.MONTHS_BACK,
    days: LateOver = 30,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: PictureFormat = None,
) -> Response:
    """What was late of the loans of each month, month after month. It is of the whole: narrow it, do not cut it."""
    question, over = asked(visit, known_at, rule_set), late_over(days)
    return await picture(visit, form, figures.vintages_picture, question, as_of or visit.today, months, over)


@portfolio_get(routes, "/charts/roll-rates", answer=ChartPicture, summary="A chart of the roll rates")
async def read_roll_rates_chart(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: PictureFormat = None,
) -> Response:
    """From which band of days late to which loans went. It is of the whole: narrow it rather than cut it."""
    question, days = asked(visit, known_at, rule_set), fiscal_period(visit, from_day, to_day)
    return await picture(visit, form, figures.roll_rates_picture, question, days)
