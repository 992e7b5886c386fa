"""Figures that RSPs publish: recorded as printed, shown with what is found of them; and on what figures here rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Final

from fastapi import Path, Query
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from api.documents import TableName, picture
from api.fields import Id
from api.files import as_file
from api.formats import Form, Format, PictureFormat, form_of
from api.models.coverage import CoverageReport
from api.models.portfolio_documents import ChartPicture
from api.models.reported_figures import (
    FigureSetSaid,
    FigureSetShown,
    FiguresListed,
    FiguresRecorded,
    FiguresSaid,
    Subject,
)
from api.models.reported_series import SeriesShown
from api.paging import DEFAULT, After, Limit, read_cursor
from api.portfolio_addresses import PortfolioVisit, portfolio_get
from api.portfolio_parameters import asked
from api.problems import finding
from api.reported_sheets import READERS, SheetRow
from api.routing import Routes
from api.sheets import SheetVisit
from api.times import AsOf, KnownAt
from api.visits import BookVisit, RspVisit, Visit, parameter_finding
from cif_engine.errors import RefusedRow
from cif_engine.network.checks import name_key
from cif_engine.operations.coverage import coverage_report
from cif_engine.operations.files import FileForm
from cif_engine.operations.keys import Key, Scope
from cif_engine.operations.reported_figures import (
    Recorder,
    SaidRow,
    SaidRows,
    record_reported_figures,
    reported_figures,
    reported_set,
)
from cif_engine.operations.reported_series import series_file, series_picture, series_view
from cif_engine.persistence.reported import Reach, Reported, Wanted
from cif_engine.reported.parameters import USUAL

routes = Routes("reported figures")
coverage_routes = Routes("reported figures")

SetId = Annotated[Id, Path(description="The id of the set.", examples=["0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a"])]
SubjectAsked = Annotated[Subject | None, Query(description="Only figures of these.")]
NameAsked = Annotated[
    str | None, Query(min_length=1, max_length=200, description="Only of this name, in any case.", examples=["Dasori"])
]
ParametersSaid = Annotated[
    str | None,
    Query(
        max_length=500,
        pattern="^[a-z_]+:[0-9.]+(,[a-z_]+:[0-9.]+)*$",
        description="Judge by other parameters than usual: "
        + ", ".join(f"{name}:{value}" for name, value in USUAL.view().items())
        + ".",
        examples=["jump_factor:2.5,loan_max:60000"],
    ),
]
_ONE_SET: Final[TypeAdapter[FigureSetSaid]] = TypeAdapter(FigureSetSaid)
_NO_SOURCE: Final = "Name the source here, or for the whole request."


class FiguresVisit(SheetVisit, RspVisit):
    """A visit that brings figures as JSON, as a CSV or as a workbook; `sheet` has the rows of a file."""

    reads: ClassVar[str] = f"application/json, {', '.join(READERS)}"
    takes_workbooks: ClassVar[bool] = True
    sheet_example: ClassVar[str] = (
        "subject,name,as_of,source,page,lsos_managing_cif,cif_borrowers,cif_disbursed_pkr_million\r\n"
        "rsp,NRSP,2011-12-31,Outreach report,7,147,6943,85.81\r\n"
    )
    sheet: list[SheetRow] | None = None

    async def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the parsed body, a file as the JSON that says the same.

        Raises MalformedCsvError and MalformedWorkbookError besides.
        """
        if not hasattr(self, "_json") and (read := READERS.get(self._media_type)):
            body = await self.body()
            self.sheet = await self.desk.read(lambda _: read(body))
            self._json = {"sets": [row.as_set() for row in self.sheet]}
            # The framework asks for parsed JSON only where the headers say that the body is.
            self._headers = MutableHeaders(raw=list(self.headers.raw))
            self._headers["content-type"] = "application/json"
        return await super().json()


@routes.post(
    "/rsps/{rsp}/reported-figures",
    scope=Scope.FIGURES_WRITE,
    answer=FiguresRecorded,
    summary="Record figures as they were printed",
)
async def record_figures(visit: FiguresVisit, said: FiguresSaid) -> Response:
    """Record figures that an RSP publishes of itself, of LSOs or of settlements, as printed, with source and page.

    As JSON, or as a CSV or XLSX with a row for each set: the columns `subject`, `name`, `lso`, `place`, `as_of`,
    `formed_on`, `source`, `page`, `printed_on`, `remark`, and one for each measure. Every row that is wrong is told at
    once, and then none is recorded. Figures are never changed: what is printed again is recorded again, and counts from
    then on. The same figures from the same place are refused the second time.
    """
    by = Recorder(visit.key.name, visit.at, visit.today, visit.make_id)
    rows = _read(said, await visit.json(), visit.sheet)
    return await visit.made(record_reported_figures, visit.rsp_id, rows, by)


# Reading -------------------------------------------------------------------------------------------------------


@routes.get(
    "/reported-figures", scope=Scope.PORTFOLIO_READ, answer=FiguresListed, summary="List figures that are reported"
)
async def list_figures(
    visit: Visit,
    subject: SubjectAsked = None,
    name: NameAsked = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    parameters: ParametersSaid = None,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """List the sets that a key reaches, as printed, each with what is found of it."""
    wanted = _wanted(visit, subject, name, as_of, known_at)
    return await _listed(visit, _reach(visit.key), wanted, parameters, after, limit)


@routes.get(
    "/rsps/{rsp}/reported-figures",
    scope=Scope.PORTFOLIO_READ,
    answer=FiguresListed,
    summary="List figures that an RSP reports",
)
async def list_rsp_figures(
    visit: RspVisit,
    subject: SubjectAsked = None,
    name: NameAsked = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    parameters: ParametersSaid = None,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """List the sets of an RSP, as printed, each with what is found of it."""
    wanted = _wanted(visit, subject, name, as_of, known_at)
    return await _listed(visit, Reach(rsp_id=visit.rsp_id), wanted, parameters, after, limit)


@routes.get(
    "/lsos/{lso}/reported-figures",
    scope=Scope.PORTFOLIO_READ,
    answer=FiguresListed,
    summary="List figures that are reported of an LSO",
)
async def list_lso_figures(
    visit: BookVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    parameters: ParametersSaid = None,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """List the sets of an LSO, as printed, each with what is found of it."""
    wanted = _wanted(visit, None, None, as_of, known_at)
    return await _listed(visit, Reach(lso_id=visit.lso_id), wanted, parameters, after, limit)


@routes.get(
    "/reported-figures/{figures}", scope=Scope.PORTFOLIO_READ, answer=FigureSetShown, summary="Read one set of figures"
)
async def read_figures(visit: Visit, figures: SetId, parameters: ParametersSaid = None) -> Response:
    """Read one set as printed, with what is found of it."""
    return await visit.answer(reported_set, figures, lambda found: _reaches(visit.key, found), _changes(parameters))


@routes.get(
    "/rsps/{rsp}/reported-figures/series",
    scope=Scope.PORTFOLIO_READ,
    answer=SeriesShown,
    summary="What an RSP reported, period after period",
)
async def read_rsp_series(
    visit: RspVisit,
    subject: Annotated[Subject, Query(description="Of whom. With lso or settlement goes a name.")] = "rsp",
    name: NameAsked = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    parameters: ParametersSaid = None,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """The figures of one subject day after day, with falls, freezes, jumps and all else that is found marked.

    Left out, `subject` and `name` are of the RSP itself. As a file it has the tables `Series`, `Findings` and
    `As printed`.
    """
    wanted = _wanted(visit, subject, name, as_of, known_at)
    return await _series(visit, Reach(rsp_id=visit.rsp_id), wanted, parameters, form, table)


@routes.get(
    "/lsos/{lso}/reported-figures/series",
    scope=Scope.PORTFOLIO_READ,
    answer=SeriesShown,
    summary="What was reported of an LSO, period after period",
)
async def read_lso_series(
    visit: BookVisit,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    parameters: ParametersSaid = None,
    form: Format = None,
    table: TableName = None,
) -> Response:
    """The figures of an LSO day after day, with what is found marked."""
    wanted = _wanted(visit, None, None, as_of, known_at)
    return await _series(visit, Reach(lso_id=visit.lso_id), wanted, parameters, form, table)


@routes.get(
    "/rsps/{rsp}/reported-figures/chart",
    scope=Scope.PORTFOLIO_READ,
    answer=ChartPicture,
    summary="A chart of what an RSP reported as disbursed",
)
async def read_rsp_series_chart(
    visit: RspVisit,
    subject: Annotated[Subject, Query(description="Of whom. With lso or settlement goes a name.")] = "rsp",
    name: NameAsked = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: PictureFormat = None,
) -> Response:
    """The amount disbursed to date as it was reported: what is sound only rises."""
    wanted = _wanted(visit, subject, name, as_of, known_at)
    return await picture(visit, form, series_picture, Reach(rsp_id=visit.rsp_id), wanted, {})


@portfolio_get(coverage_routes, "/coverage", answer=CoverageReport, summary="On what the portfolio's figures rest,")
async def read_coverage(visit: PortfolioVisit, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """How many LSOs have books with every loan, of how many totals alone are reported, of how many nothing is known.

    Reported totals are added to no figure. It is cut and narrowed by RSP, district, tehsil, union council and LSO. The
    register of LSOs is that of today.
    """
    return await visit.answer(coverage_report, asked(visit, known_at), as_of or visit.today)


# Parts ---------------------------------------------------------------------------------------------------------


async def _listed(
    visit: Visit, reach: Reach, wanted: Wanted, parameters: str | None, after: str | None, limit: int
) -> Response:
    key = read_cursor(after, str, int)
    return await visit.listed(reported_figures, reach, wanted, _changes(parameters), key, limit)


async def _series(
    visit: Visit, reach: Reach, wanted: Wanted, parameters: str | None, form: Format, table: str | None
) -> Response:
    changes, shown = _changes(parameters), form_of(visit, form)
    if shown is not Form.JSON:
        file = await visit.desk.read(series_file, reach, wanted, changes, FileForm(shown.value), table)
        return as_file(visit.desk, file)
    if table is not None:
        words = "The JSON of a series has no tables: ask for format=csv or format=xlsx."
        raise RequestValidationError([parameter_finding("value_unknown", "table", words)])
    return await visit.answer(series_view, reach, wanted, changes)


def _wanted(visit: Visit, subject: str | None, name: str | None, as_of: AsOf, known_at: KnownAt) -> Wanted:
    return Wanted(as_of or visit.today, subject, name_key(name) if name else None, known_at)


def _reach(key: Key) -> Reach:
    return Reach(rsp_id=key.rsp_id if key.bound_to == "rsp" else None, lso_id=key.lso_id)


def _reaches(key: Key, found: Reported) -> bool:
    """Whether a key may see a set: its RSP's, or its own LSO's."""
    return key.reaches_rsp(found.row.rsp_id) or (key.lso_id is not None and key.lso_id == found.row.of_lso_id)


def _changes(said: str | None) -> Mapping[str, str]:
    return dict(part.split(":", 1) for part in said.split(",")) if said else {}


def _read(request: FiguresSaid, body: Mapping[str, Any], sheet: list[SheetRow] | None) -> SaidRows:
    """Return the sets of a request, and all that is wrong with those that cannot be read."""
    rows, unread = [], []
    for place, raw in enumerate(request.sets):
        row = sheet[place] if sheet is not None else None
        try:
            said = _ONE_SET.validate_python(raw)
        except ValidationError as refused:
            unread += list(_refused(place, row, refused, body))
            continue
        if said.source is None and request.source is None:
            unread.append(RefusedRow(place, _pointer(place, row, "source"), "field_missing", _NO_SOURCE))
            continue
        rows.append(SaidRow(place, said.value(request), partial(_pointer, place, row)))
    return SaidRows(tuple(rows), tuple(unread))


def _refused(
    place: int, row: SheetRow | None, refused: ValidationError, body: Mapping[str, Any]
) -> Iterator[RefusedRow]:
    for found in refused.errors():
        path = found["loc"]
        told = finding({**found, "loc": ("body", "sets", place, *path)}, body)
        where = told["pointer"] if row is None else row.pointer(path)
        yield RefusedRow(place, where, told["code"], told["detail"])


def _pointer(place: int, row: SheetRow | None, field: str) -> str:
    return f"/sets/{place}/{field}" if row is None else row.pointer((field,))
