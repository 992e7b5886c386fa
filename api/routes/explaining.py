"""From any figure to its loans, from a loan to its facts and postings; and why a figure of the past is another now."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Query
from starlette.responses import Response

from api.fields import Moment
from api.files import as_file
from api.formats import Form, Format, form_of
from api.models.explaining import LoanFactList, LoansBehind, Restatement, RestatementActs
from api.paging import DEFAULT, After, Limit, read_key
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import FromDay, RuleSetCode, asked, fiscal_period
from api.routes.loans_read import LoanInPath
from api.routing import Routes
from api.times import AsOf, KnownAt, ToDay
from api.visits import BookVisit
from cif_engine.errors import FigurePartError
from cif_engine.operations.asking import COMMUNITY
from cif_engine.operations.explaining import Inquiry, loans_behind_file, loans_behind_report
from cif_engine.operations.fact_reports import FactOrder, LoanFacts, loan_facts_file, loan_facts_report
from cif_engine.operations.files import FileForm
from cif_engine.operations.keys import Scope
from cif_engine.operations.reporting import Page
from cif_engine.operations.restatement_files import restatement_file
from cif_engine.operations.restating import restatement_acts, restatement_report
from cif_engine.persistence.explaining import Side
from cif_engine.portfolio.classification import MOST_DAYS
from cif_engine.portfolio.subjects import DCB_PARTS, KINDS, Sought, is_of_period

routes = Routes("reports")
fact_routes = Routes("loans")

_LONGEST = 60

FigureName = Annotated[
    str,
    Query(
        json_schema_extra={"enum": list(KINDS)},
        description="The figure, by the id of its definition; `collected`, `written_off` and `recovered` are amounts "
        "of a period beside them. What it needs besides: `days` (par_n, par_n_renegotiated, vintage), `part` (ageing, "
        "provisioning, maturity, dcb), `cohort` (vintage), `came_from` and `went_to` (migration).",
        examples=["par_n"],
    ),
]
OverDays = Annotated[int | None, Query(ge=0, le=MOST_DAYS, description="Late over so many days.", examples=[30])]
PartName = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=_LONGEST,
        description="Which part of it. Of ageing: a band, `31-60`. Of provisioning: a class of the rule set. Of "
        "maturity: `overdue`, or a month, `2024-07`. Of vintage: `late` (left out), `renegotiated` or `written_off`. "
        f"Of dcb: {', '.join(DCB_PARTS)}.",
        examples=["31-60"],
    ),
]
CohortMonth = Annotated[
    str | None,
    Query(
        pattern="^[0-9]{4}-(0[1-9]|1[0-2])$",
        description="Of a vintage: the month of the first disbursement. `as_of` is the month-end that it is told of.",
        examples=["2021-03"],
    ),
]
CameFrom = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=_LONGEST,
        description="Of migration: the band at the start, `new`, or `all`.",
        examples=["current"],
    ),
]
WentTo = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=_LONGEST,
        description="Of migration: the band at the end, `repaid`, or `written_off`.",
        examples=["1-30"],
    ),
]
SideSaid = Annotated[Side, Query(description="The loans of the numerator, or, of a share, those of the denominator.")]
ReportedAt = Annotated[
    Moment,
    Query(description="As the figure was known at this moment. `known_at` is the other end; left out, it is now."),
]
InOrder = Annotated[FactOrder, Query(description="As the book learned of them, or as they happened.")]


class FigureSaid(NamedTuple):
    """A figure as the parameters of the address say it."""

    sought: Sought
    from_day: FromDay
    to_day: ToDay
    as_of: AsOf


# A figure ------------------------------------------------------------------------------------------------------


@portfolio_get(routes, "/loans", answer=LoansBehind, summary="The loans behind a figure of the portfolio")
async def read_loans_behind(  # noqa: PLR0913 - one argument for each parameter
    visit: PortfolioVisit,
    *,
    figure: FigureName,
    days: OverDays = None,
    part: PartName = None,
    cohort: CohortMonth = None,
    came_from: CameFrom = None,
    went_to: WentTo = None,
    side: SideSaid = Side.NUMERATOR,
    as_of: AsOf = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """Each loan with what it is of the figure and where it stood, by LSO and number; over all pages they sum to it.

    Narrow it as the figure was: by `vo`, `product`, `gender` and so on. A figure of a day takes `as_of`, one of a
    period `from` and `to`. CSV and XLSX have all loans; `limit` and `after` are of JSON.
    """
    sought = Sought(figure, days, part, cohort, came_from, went_to)
    inquiry = _inquiry(visit, FigureSaid(sought, from_day, to_day, as_of), known_at, rule_set)
    form = form_of(visit, form)
    if form is Form.JSON:
        return await visit.listed(loans_behind_report, inquiry, side, Page(limit, read_key(after)))
    return as_file(visit.desk, await visit.desk.read(loans_behind_file, inquiry, side, FileForm(form.value)))


@portfolio_get(routes, "/restatement", answer=Restatement, summary="What moved a figure of the portfolio")
async def read_restatement(  # noqa: PLR0913 - as above
    visit: PortfolioVisit,
    *,
    figure: FigureName,
    reported_at: ReportedAt,
    days: OverDays = None,
    part: PartName = None,
    cohort: CohortMonth = None,
    came_from: CameFrom = None,
    went_to: WentTo = None,
    as_of: AsOf = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
) -> Response:
    """The figure as it was known at one moment and at another, and the kinds of acts that made the difference.

    The lines sum to the difference exactly. Facts that happened after the day are news, and in neither figure. XLSX has
    the lines and the acts, CSV the lines.
    """
    sought = Sought(figure, days, part, cohort, came_from, went_to)
    inquiry = _inquiry(visit, FigureSaid(sought, from_day, to_day, as_of), known_at, rule_set)
    form = form_of(visit, form)
    if form is Form.JSON:
        return await visit.answer(restatement_report, inquiry, reported_at)
    zone = visit.app.state.engine.zone
    file = await visit.desk.read(restatement_file, inquiry, reported_at, zone, FileForm(form.value))
    return as_file(visit.desk, file)


@portfolio_get(
    routes, "/restatement/acts", answer=RestatementActs, summary="The acts that moved a figure of the portfolio"
)
async def read_restatement_acts(  # noqa: PLR0913 - as above
    visit: PortfolioVisit,
    *,
    figure: FigureName,
    reported_at: ReportedAt,
    days: OverDays = None,
    part: PartName = None,
    cohort: CohortMonth = None,
    came_from: CameFrom = None,
    went_to: WentTo = None,
    as_of: AsOf = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    rule_set: RuleSetCode = COMMUNITY,
    form: Format = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """Each act with its loan, its facts, how late it was recorded, and what it changed of the figure.

    By LSO, loan and moment. The acts of one cause sum to its line. CSV and XLSX have all acts.
    """
    sought = Sought(figure, days, part, cohort, came_from, went_to)
    inquiry = _inquiry(visit, FigureSaid(sought, from_day, to_day, as_of), known_at, rule_set)
    form, zone = form_of(visit, form), visit.app.state.engine.zone
    if form is Form.JSON:
        return await visit.listed(restatement_acts, inquiry, reported_at, zone, Page(limit, read_key(after)))
    file = await visit.desk.read(restatement_file, inquiry, reported_at, zone, FileForm(form.value), acts_alone=True)
    return as_file(visit.desk, file)


def _inquiry(visit: PortfolioVisit, said: FigureSaid, known_at: KnownAt, rule_set: str) -> Inquiry:
    """Return what is asked; raises FigureUnknownError, FigurePartError and PeriodReversedError."""
    question = asked(visit, known_at, rule_set)
    if is_of_period(said.sought.figure):
        if said.as_of is not None:
            raise FigurePartError(f"{said.sought.figure} is of a period: name from and to.", pointer="/as_of")
        period = fiscal_period(visit, said.from_day, said.to_day)
        return Inquiry(question, said.sought, period.to_on, period.from_on)
    for name, day in (("from", said.from_day), ("to", said.to_day)):
        if day is not None:
            raise FigurePartError(f"{said.sought.figure} is of a day: name as_of.", pointer=f"/{name}")
    return Inquiry(question, said.sought, said.as_of or visit.today)


# A loan --------------------------------------------------------------------------------------------------------


@fact_routes.get(
    "/lsos/{lso}/loans/{loan}/facts", scope=Scope.LOANS_READ, answer=LoanFactList, summary="The facts of a loan"
)
async def list_loan_facts(
    visit: BookVisit,
    loan: LoanInPath,
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    order: InOrder = FactOrder.RECORDED,
    form: Format = None,
    limit: Limit = DEFAULT,
    after: After = None,
) -> Response:
    """Each fact: what it said, by whom and when it was recorded, whether it holds, its postings, the loan after it.

    CSV and XLSX have all facts, a row for each posting.
    """
    wanted = LoanFacts(visit.lso_id, loan, as_of or visit.today, known_at, order)
    form = form_of(visit, form)
    if form is Form.JSON:
        return await visit.listed(loan_facts_report, wanted, Page(limit, read_key(after)))
    return as_file(visit.desk, await visit.desk.read(loan_facts_file, wanted, FileForm(form.value)))
