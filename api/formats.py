"""The forms an answer may take: JSON, a file for a spreadsheet, a picture; by `?format=`, else by the Accept header.

An operation that answers in several declares a `Format` or a `PictureFormat` parameter; the OpenAPI document then tells
each of their media types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Final, TypeVar

from fastapi import Query
from starlette.requests import Request

from cif_engine.documents.charts import Picture

FORMAT: Final = "format"
"""The parameter of the address."""


class Form(StrEnum):
    """The forms of a report."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class PageForm(StrEnum):
    """The forms of what is printed on one page."""

    JSON = "json"
    PDF = "pdf"


MEDIA_TYPES: Final[dict[str, str]] = {
    Form.JSON: "application/json",
    Form.CSV: "text/csv",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Picture.SVG: "image/svg+xml",
    Picture.PNG: "image/png",
    PageForm.PDF: "application/pdf",
}

Format = Annotated[
    Form | None,
    Query(
        alias=FORMAT,
        description="`csv` is a table for programs, `xlsx` a workbook to send on. Left out: as the Accept header says, "
        "else JSON.",
    ),
]
PictureFormat = Annotated[
    Picture | None,
    Query(alias=FORMAT, description="Left out: as the Accept header says, else SVG."),
]

PageFormat = Annotated[
    PageForm | None,
    Query(
        alias=FORMAT,
        description="`pdf` is a page of A4 to print. Left out: as the Accept header says, else JSON.",
    ),
]

F = TypeVar("F", Form, Picture, PageForm)


def form_of(request: Request, said: Form | None) -> Form:
    """Return the form of the answer: the one said, else the one the Accept header likes best, else JSON."""
    return said or _liked_best(request.headers.get("accept", ""), Form) or Form.JSON


def picture_of(request: Request, said: Picture | None) -> Picture:
    """Return the form of a picture: the one said, else the one the Accept header likes best, else SVG."""
    return said or _liked_best(request.headers.get("accept", ""), Picture) or Picture.SVG


def page_form_of(request: Request, said: PageForm | None) -> PageForm:
    """Return the form of a page: the one said, else the one the Accept header likes best, else JSON."""
    return said or _liked_best(request.headers.get("accept", ""), PageForm) or PageForm.JSON


def _liked_best(accept: str, offered: Iterable[F]) -> F | None:
    """Return the first of the forms offered that the header names with the highest weight.

    Ranges such as `*/*` name none: a browser that takes anything gets what an operation gives by default.
    """
    weights = dict(_read(accept))
    named = [(weights[MEDIA_TYPES[form]], form) for form in offered if weights.get(MEDIA_TYPES[form], 0.0) > 0]
    return max(named, key=lambda pair: pair[0])[1] if named else None


def _read(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
        try:
            yield media_type, float(weight)
        except ValueError:
            yield media_type, 0.0
