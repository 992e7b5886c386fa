"""The rules of tranches, and how they were kept to."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from api.documents import TableName, figure
from api.fields import Code
from api.formats import Format
from api.models.compliance import ComplianceReport
from api.models.tranche_rules import TrancheRules, TrancheRuleSaid, TrancheRuleShown
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import asked
from api.routing import Routes
from api.times import AsOf, KnownAt
from api.visits import BookVisit
from cif_engine.fund.eligibility import HIGHEST_TRANCHE
from cif_engine.operations.compliance import compliance_report
from cif_engine.operations.keys import Scope
from cif_engine.operations.reports import compliance as tables
from cif_engine.operations.tranche_rules import RulesAsked, get_tranche_rule, list_tranche_rules, record_tranche_rule

routes = Routes("funding")

FundCode = Annotated[Code, Path(description="The code of the fund.", examples=["CIF"])]
TrancheInPath = Annotated[int, Path(ge=1, le=HIGHEST_TRANCHE, description="The number of the tranche.", examples=[2])]


@routes.post(
    "/lsos/{lso}/funds/{fund}/tranches/{tranche}/rules",
    scope=Scope.FUNDING_WRITE,
    answer=TrancheRuleShown,
    summary="Record a version of the rule of a tranche",
)
async def create_tranche_rule(
    book: BookVisit, fund: FundCode, tranche: TrancheInPath, said: TrancheRuleSaid
) -> Response:
    """Record which loans a tranche may pay for from a day on, as its funder wants it. Versions are never changed.

    From then on a disbursement says which tranches pay for it, and is refused where it breaks their rules. A number is
    recorded once: the same request sent again is refused, and names the version that is there. Loans that were made
    stay as they are; the compliance report judges each by the version that held on its day.
    """
    rule = said.value(tranche)
    return await book.made(record_tranche_rule, book.lso_id, fund, rule, book.key.name, book.at, book.today)


@routes.get(
    "/lsos/{lso}/funds/{fund}/tranches/{tranche}/rules",
    scope=Scope.BOOKS_READ,
    answer=TrancheRuleShown,
    summary="Read the rule of a tranche",
)
async def read_tranche_rule(
    book: BookVisit, fund: FundCode, tranche: TrancheInPath, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Read the rule of a tranche with the versions recorded by a moment, and the one that holds on a day."""
    wanted = RulesAsked(book.lso_id, fund, as_of or book.today, known_at)
    return await book.answer(get_tranche_rule, wanted, tranche)


@routes.get(
    "/lsos/{lso}/funds/{fund}/tranche-rules",
    scope=Scope.BOOKS_READ,
    answer=TrancheRules,
    summary="List the rules of a fund's tranches",
)
async def read_tranche_rules(book: BookVisit, fund: FundCode, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """List the rules of all tranches that have one, by their numbers, received or not."""
    return await book.answer(list_tranche_rules, RulesAsked(book.lso_id, fund, as_of or book.today, known_at))


@portfolio_get(
    routes, "/compliance", answer=ComplianceReport, summary="Whether tranches were lent as their funders want it,"
)
async def read_compliance(
    visit: PortfolioVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """Of each tranche that has a rule, what was lent by it, criterion by criterion, as the lots say; by funder.

    Beside it stands the evidence kept with each disbursement, and where the lots of today say something else. Narrow it
    by `funder`, `fund`, `lso`, `rsp` or an area; it is not cut.
    """
    question, day = asked(visit, known_at), as_of or visit.today
    return await figure(visit, form, table, compliance_report, tables.compliance, question, day)
