"""One report in the form that was asked for: as JSON, as a file for a spreadsheet, as a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Concatenate, ParamSpec

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from api.files import as_file
from api.formats import MEDIA_TYPES, Form, Format, PictureFormat, form_of, picture_of
from api.paging import MOST, read_key
from api.visits import Visit, parameter_finding
from cif_engine.documents.charts import Picture
from cif_engine.operations.asking import Question
from cif_engine.operations.files import FileForm, ReportFile
from cif_engine.operations.reporting import Page
from cif_engine.operations.reports.registers import Register, register_file, register_page
from cif_engine.operations.reports.shown import Said, report_file, report_view
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases

P = ParamSpec("P")
Saying = Callable[Concatenate[Databases, P], Said]

TableName = Annotated[
    str | None,
    Query(
        alias="table",
        min_length=1,
        max_length=31,
        description="One table of the report, by its name. Left out: all of them, but the first alone in a CSV.",
        examples=["PAR"],
    ),
]


async def figure(
    visit: Visit,
    form: Format,
    table: str | None,
    view: Callable[Concatenate[Databases, P], View],
    says: Saying[P],
    /,
    *a: P.args,
    **k: P.kwargs,
) -> Response:
    """Answer with a figure: as JSON what it counts, in every form else the tables of it."""
    if form_of(visit, form) is not Form.JSON:
        return await _file(visit, form, table, says, *a, **k)
    if table is not None:
        words = "The JSON of a figure has no tables: ask for format=csv or format=xlsx."
        raise RequestValidationError([parameter_finding("value_unknown", "table", words)])
    return await visit.answer(view, *a, **k)


async def report(
    visit: Visit, form: Format, table: str | None, says: Saying[P], /, *a: P.args, **k: P.kwargs
) -> Response:
    """Answer with a report, or with one table of it."""
    if form_of(visit, form) is not Form.JSON:
        return await _file(visit, form, table, says, *a, **k)

    def shown(databases: Databases) -> View:
        return report_view(says(databases, *a, **k), table)

    return await visit.answer(shown)


async def register(
    visit: Visit, form: Format, table: str | None, question: Question, asked: Register, page: Page
) -> Response:
    """Answer with a page of a register, or with all of it as a file."""
    form = form_of(visit, form)
    if form is Form.JSON:
        return await visit.listed(register_page, question, asked, page, table)
    file = await visit.desk.read(register_file, question, asked, FileForm(form.value), table)
    return as_file(visit.desk, file)


async def picture(
    visit: Visit,
    form: PictureFormat,
    draw: Callable[Concatenate[Databases, Picture, P], bytes],
    /,
    *a: P.args,
    **k: P.kwargs,
) -> Response:
    """Answer with a chart."""
    wanted = picture_of(visit, form)
    drawn = await visit.desk.read(draw, wanted, *a, **k)
    return Response(drawn, media_type=MEDIA_TYPES[wanted], headers={"Vary": "Accept"})


def page_of(limit: int, after: str | None) -> Page:
    """Return which page of a register was asked for; raises MalformedCursorError."""
    return Page(min(limit, MOST), read_key(after))


async def _file(
    visit: Visit, form: Format, table: str | None, says: Saying[P], /, *a: P.args, **k: P.kwargs
) -> Response:
    wanted = FileForm(form_of(visit, form).value)

    def made(databases: Databases) -> ReportFile:
        return report_file(says(databases, *a, **k), wanted, table)

    return as_file(visit.desk, await visit.desk.read(made))
