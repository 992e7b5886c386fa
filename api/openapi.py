"""The OpenAPI document: what the framework finds out by itself, with examples, problems and the key scheme added.

A model carries its example (`example`, a class variable); every request and answer shows that of its model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.fields import CODE_PATTERN
from api.files import TextFile
from api.formats import FORMAT, MEDIA_TYPES, Form, PageForm
from api.models.problems import Problem
from api.paging import Page, write_cursor
from api.portfolio_addresses import PortfolioVisit, portfolio_parameters
from api.problems import PROBLEM_JSON, explanation
from api.refusals import (
    BodyTooLargeError,
    IdempotencyKeyMissingError,
    IfMatchMissingError,
    InternalError,
    KeyMissingError,
    MediaTypeError,
    MethodNotAllowedError,
    QueueFullError,
    ScopeMissingError,
)
from api.routing import PREFIX, SCHEME, GuardedRoute
from api.sheets import CSV, SheetVisit
from api.visits import IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_PATTERN, PREVIEW, PREVIEWED, OnceVisit
from cif_engine.documents.charts import Picture
from cif_engine.errors import CifError, DuplicatePaperError, InvalidInputError, NotFoundError, VersionMismatchError

OPENAPI_VERSION: Final = "3.1.0"

_MEANINGS: Final[Mapping[int, tuple[str, str, type[CifError]]]] = {
    400: ("Malformed", "The body is not JSON, or a header is missing or cannot be read.", IdempotencyKeyMissingError),
    401: ("Unauthenticated", "The key is missing, unknown, expired or revoked.", KeyMissingError),
    403: ("Forbidden", "The key lacks the scope, which is named, or is bound too narrowly.", ScopeMissingError),
    404: ("NotFound", "No such thing is known here, or it belongs to another tenant.", NotFoundError),
    405: ("MethodNotAllowed", "The address does not take this method.", MethodNotAllowedError),
    409: ("Conflict", "It contradicts what is recorded; the existing record is named.", DuplicatePaperError),
    412: ("VersionMismatch", "The record was changed since it was read.", VersionMismatchError),
    413: ("BodyTooLarge", "The body has more than 1 MiB.", BodyTooLargeError),
    415: ("UnsupportedMediaType", "The body was not sent as application/json.", MediaTypeError),
    422: ("Refused", "A field was refused, or a rule of the fund or of the books forbids it.", InvalidInputError),
    428: ("IfMatchMissing", "A change needs If-Match.", IfMatchMissingError),
    500: ("Failed", "The engine failed; its log has the request id.", InternalError),
    503: ("Unavailable", "Busy, or without its database; send the same again after Retry-After.", QueueFullError),
}


def describe(app: FastAPI, description: str, tags: list[dict[str, Any]]) -> None:
    """Let `app.openapi` make the document, once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version=OPENAPI_VERSION,
                summary=app.summary,
                description=description,
                routes=app.routes,
                tags=tags,
            )
            app.openapi_schema = _completed(made, app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way the framework names for this


def _completed(made: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    components = made.setdefault("components", {})
    components["securitySchemes"] = {SCHEME: _KEY_SCHEME}
    components["responses"] = {name: _problem_response(status) for status, (name, _, _) in _MEANINGS.items()}
    components["headers"] = {"RequestId": _header("The id of this request; its log has it too.")}
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for route, operation in _operations(made, app):
        _complete(operation, route)
    return made


def _operations(made: dict[str, Any], app: FastAPI) -> Iterator[tuple[APIRoute, dict[str, Any]]]:
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                yield route, made["paths"][route.path_format][method.lower()]


def _complete(operation: dict[str, Any], route: APIRoute) -> None:
    if isinstance(route, GuardedRoute):
        told = operation.setdefault("parameters", [])
        names = {parameter["name"] for parameter in told}
        told[:0] = [parameter for parameter in _asked_by_guard(route) if parameter["name"] not in names]
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    responses = operation["responses"]
    responses.pop("422", None)
    for status in _problem_statuses(route):
        responses[str(status)] = {"$ref": f"#/components/responses/{_MEANINGS[status][0]}"}
    answer = responses[str(route.status_code or 200)]
    answer["headers"] = dict(_answer_headers(route))
    if route.response_model is not None:
        answer["content"]["application/json"]["example"] = example_of(route.response_model)
    if _records(route):
        responses[str(HTTPStatus.OK.value)] = _preview_of(answer)
    if kind := _kind_of_file(route):
        answer["content"][kind.media_type]["example"] = kind.example
    for form in _forms(route):
        answer["content"].setdefault(MEDIA_TYPES[form], _FILES[form])
    if route.body_field is not None:
        _complete_body(operation["requestBody"]["content"], route, route.body_field.field_info.annotation)
    if isinstance(route, GuardedRoute):
        needed = f"Scope: `{route.scope_needed.value}`." if route.scope_needed else "Any key may read it."
        operation["description"] = f"{operation.get('description', '')}\n\n{needed}".strip()


def _complete_body(content: dict[str, Any], route: APIRoute, model: Any) -> None:  # noqa: ANN401 - a model
    content["application/json"]["example"] = example_of(model)
    if isinstance(route, GuardedRoute) and issubclass(route.visit_type, SheetVisit):
        content[CSV] = {"schema": {"type": "string"}, "example": route.visit_type.sheet_example}
        if route.visit_type.takes_workbooks:
            content[MEDIA_TYPES[Form.XLSX]] = {"schema": _FILES[Form.XLSX]["schema"]}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that is left out, not null, where it is not wanted."""
    members = [member for member in schema.get("anyOf", ()) if member != {"type": "null"}]
    if len(members) != 1:
        return schema
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **members[0]}


def _asked_by_guard(route: GuardedRoute) -> Iterator[dict[str, Any]]:
    """Give the parameters that the guard reads itself."""
    for name, parameter in _PLACES.items():
        if name in route.param_convertors:
            yield parameter
    if issubclass(route.visit_type, PortfolioVisit):
        yield from portfolio_parameters()
    if _records(route):
        yield _PREVIEW
        yield _IDEMPOTENCY_KEY


def _records(route: APIRoute) -> bool:
    return isinstance(route, GuardedRoute) and issubclass(route.visit_type, OnceVisit)


def _preview_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to a preview: the body that recording it now would have."""
    headers = {
        "X-Request-Id": answer["headers"]["X-Request-Id"],
        PREVIEWED: _header("`true`: this is a preview, and nothing was recorded."),
    }
    words = "With `preview=true`: what would be recorded now. Nothing is recorded, and nothing remembered."
    return {"description": words, "headers": headers, "content": answer["content"]}


def _problem_statuses(route: APIRoute) -> Iterable[int]:
    yield from (500, 503)
    if not route.path.startswith(PREFIX):
        yield from (404,) if "{" in route.path else ()
        return
    yield from (400, 401, 403, 404, 422)
    if route.body_field is not None:
        yield from (409, 413, 415)
    if {"PATCH", "DELETE"} & (route.methods or set()):
        yield from (412, 428)


def _answer_headers(route: APIRoute) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "X-Request-Id", {"$ref": "#/components/headers/RequestId"}
    if _records(route):
        yield "Idempotent-Replayed", _header("`true` when this request had been answered before; this is that answer.")
    if _kind_of_file(route):
        yield "Content-Disposition", _header("The name under which the file may be kept.")
    if "version" in getattr(route.response_model, "model_fields", ()):
        yield "ETag", _header("The version of the record, for If-Match.")
        if route.status_code == HTTPStatus.CREATED:
            yield "Location", _header("The address of the record.")


def _forms(route: APIRoute) -> Iterable[str]:
    """Return the forms that the parameter `format` of an operation offers."""
    for parameter in route.dependant.query_params:
        if parameter.alias == FORMAT:
            return [form for offered in get_args(parameter.field_info.annotation) for form in _values(offered)]
    return ()


def _values(offered: Any) -> Iterable[str]:  # noqa: ANN401 - a member of a union
    return offered if isinstance(offered, type) and issubclass(offered, StrEnum) else ()


def _kind_of_file(route: APIRoute) -> type[TextFile] | None:
    """Return the kind of file that a route answers with; None when it answers with something else."""
    answer = route.response_class
    return answer if isinstance(answer, type) and issubclass(answer, TextFile) else None


def example_of(model: Any) -> Any:  # noqa: ANN401 - a model or a page of one; any JSON value
    """Return the example that a model carries; that of a page is one item."""
    if isinstance(model, type) and issubclass(model, Page):
        item = model.__pydantic_generic_metadata__["args"][0]
        return {"items": [example_of(item)], "next": write_cursor(["DAS-2021-00731"])}
    if isinstance(model, type) and issubclass(model, BaseModel):
        return model.example  # type: ignore[attr-defined]  # a model without one is our mistake, and a test finds it
    return [example_of(item) for item in get_args(model)]


def _problem_response(status: int) -> dict[str, Any]:
    _, meaning, refusal = _MEANINGS[status]
    example = {
        **explanation(refusal),
        "detail": meaning,
        "errors": [],
        "instance": "/v1/lsos/DAS/repayments",
        "request_id": "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    headers: dict[str, Any] = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    match status:
        case 401 | 403:
            headers["WWW-Authenticate"] = _header("Which scheme, and which scope, is needed.")
        case 503:
            headers["Retry-After"] = _header("Seconds to wait before sending the same request again.")
    return {
        "description": meaning,
        "headers": headers,
        "content": {PROBLEM_JSON: {"schema": schema, "example": example}},
    }


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _place(name: str, description: str, example: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": CODE_PATTERN}
    told = {"description": description, "schema": schema, "example": example}
    return {"name": name, "in": "path", "required": True, **told}


_PLACES: Final = {
    "lso": _place("lso", "The code of the LSO.", "DAS"),
    "rsp": _place("rsp", "The code of the RSP.", "SRSO"),
}
_IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": False,
    "description": "Needed but for a preview. New for each new request; the same again asks for the same answer. "
    "Kept for ever, by LSO, or by RSP where the RSP records.",
    "schema": {"type": "string", "pattern": IDEMPOTENCY_KEY_PATTERN},
    "example": "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a",
}
_FILES: Final[dict[str, dict[str, Any]]] = {
    Form.JSON: {},
    Form.CSV: {"schema": {"type": "string"}, "example": "lso,loans,gross_portfolio\r\nDAS,127,1219426.00\r\n"},
    Form.XLSX: {"schema": {"type": "string", "contentMediaType": MEDIA_TYPES[Form.XLSX]}},
    Picture.SVG: {"schema": {"type": "string"}},
    Picture.PNG: {"schema": {"type": "string", "contentMediaType": MEDIA_TYPES[Picture.PNG]}},
    PageForm.PDF: {"schema": {"type": "string", "contentMediaType": MEDIA_TYPES[PageForm.PDF]}},
}
_PREVIEW: Final[dict[str, Any]] = {
    "name": PREVIEW,
    "in": "query",
    "required": False,
    "description": "`true` asks what would be recorded now, and records nothing: the answer is 200 with the same body. "
    "An `event` in it has the number, moment and hash it would have now, and a new id unless the request brings one.",
    "schema": {"type": "boolean", "default": False},
}
_KEY_SCHEME: Final[dict[str, Any]] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "cif_...",
    "description": "An API key, made with `cif key create`. It has scopes and is bound to an LSO, an RSP or all; "
    "each operation names the scope it needs. A key that is revoked stops working within five seconds.",
}
