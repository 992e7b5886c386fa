"""An RSP and its LSOs seen together: its register of releases, what matches, and the capital statement of funders."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from starlette.responses import Response

from api.documents import TableName, figure
from api.fields import Id
from api.formats import Format
from api.models.capital import CapitalStatement
from api.models.federation import FederationShown, StatusShown
from api.models.releases import (
    ReleaseRegister,
    ReleaseReversalSaid,
    ReleaseSaid,
    ReleasesRecorded,
    ReleasesSaid,
)
from api.paging import DEFAULT, After, Limit, read_cursor
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import FromDay, asked, fiscal_period
from api.routing import Routes
from api.sheets import SheetVisit
from api.times import AsOf, KnownAt, ToDay
from api.visits import RspRecordVisit, RspVisit
from cif_engine.fund.federation import Status
from cif_engine.operations.capital import capital_statement
from cif_engine.operations.federation import EVERY_STATUS, federation_report
from cif_engine.operations.keys import Scope
from cif_engine.operations.releases import record_releases as add_releases
from cif_engine.operations.releases import releases_list
from cif_engine.operations.releases import reverse_release as take_release_back
from cif_engine.operations.reports import capital as tables

routes = Routes("revolving fund")

ReleaseInPath = Annotated[Id, Path(description="The id of the row.")]
StatusAsked = Annotated[
    Literal[StatusShown, "unmatched"] | None,
    Query(description="List tranches of this status; `unmatched`: of every other than `matched`. Left out: all."),
]


class ReleasesVisit(RspRecordVisit, SheetVisit):
    """A visit that records releases, told as JSON or as a CSV of the same fields."""

    rows_called = "releases"
    columns = tuple(ReleaseSaid.example)
    numbered = frozenset({"tranche"})
    sheet_example = (
        "reference,lso,fund,tranche,amount,released_on\r\n"
        "BPV-118,DAS,CIF,1,4000000.00,2016-12-01\r\n"
        "BPV-118,DOD,CIF,1,3500000.00,2016-12-01\r\n"
    )


@routes.post("/rsps/{rsp}/releases", scope=Scope.FUNDING_WRITE, answer=ReleasesRecorded, summary="Record releases")
async def record_releases(recorder: ReleasesVisit, said: ReleasesSaid) -> Response:
    """Record what the RSP's own finance ledger says it paid out to its LSOs, as JSON or as a CSV.

    All rows are recorded or none; where one is refused, the answer tells what is wrong with every row. A payment is
    recorded once for each tranche. The books of the LSOs do not change. The key is bound to the RSP or to everything.
    """
    return await recorder.record(add_releases, said.command(recorder.make_id))


@routes.post(
    "/rsps/{rsp}/releases/{release}/reversal",
    scope=Scope.CORRECTIONS_WRITE,
    answer=ReleasesRecorded,
    summary="Reverse a release",
)
async def reverse_release(recorder: RspRecordVisit, release: ReleaseInPath, said: ReleaseReversalSaid) -> Response:
    """Take back a row of the register that was wrong; it is told again as it should have been. Nothing is edited."""
    return await recorder.record(take_release_back, said.command(release, recorder.make_id()))


@routes.get("/rsps/{rsp}/releases", scope=Scope.BOOKS_READ, answer=ReleaseRegister, summary="List releases")
async def list_releases(
    visit: RspVisit, as_of: AsOf = None, known_at: KnownAt = None, after: After = None, limit: Limit = DEFAULT
) -> Response:
    """List the releases of the RSP's register by a day, in the order in which they were recorded, as it was known."""
    key = read_cursor(after, int)
    return await visit.listed(releases_list, visit.rsp_id, as_of or visit.today, known_at, key[0] if key else 0, limit)


@routes.get(
    "/rsps/{rsp}/federation",
    scope=Scope.PORTFOLIO_READ,
    answer=FederationShown,
    summary="Releases against receipts",
)
async def read_federation(
    visit: RspVisit, as_of: AsOf = None, known_at: KnownAt = None, status: StatusAsked = None
) -> Response:
    """Show every tranche as the RSP's ledger and the book of its LSO have it, and what of both sides cancels.

    A tranche is of the RSP under which its LSO was on the day of the release. What does not match is listed, with what
    it may have been meant for; nothing is corrected.
    """
    statuses = EVERY_STATUS if status is None else EVERY_STATUS - {Status.MATCHED}
    if status not in (None, "unmatched"):
        statuses = frozenset({Status(status)})
    return await visit.answer(federation_report, visit.rsp_id, as_of or visit.today, known_at, statuses)


@portfolio_get(routes, "/capital", answer=CapitalStatement, summary="The capital statement")
async def read_capital_statement(
    visit: PortfolioVisit,
    from_day: FromDay = None,
    to_day: ToDay = None,
    known_at: KnownAt = None,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """What funders gave, what was earned, spent and lost of it in a period, and where it is: cash, loans.

    Left out, `by` is by funder; it is cut by what funds are told apart by: RSP, areas, LSO, fund, funder.
    """
    question, days = asked(visit, known_at), fiscal_period(visit, from_day, to_day)
    return await figure(visit, form, table, capital_statement, tables.capital, question, days)
