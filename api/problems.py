"""Problems: every refusal as RFC 9457 `application/problem+json`, of one shape.

The family of a refusal decides the status, its class the code, the class's docstring the title. The engine's refusals
that were remembered with an idempotency key are told again from the same parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic_core.core_schema import ErrorType
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope as AsgiScope

from api.refusals import (
    MalformedRequestError,
    MethodNotAllowedError,
    PathUnknownError,
)
from cif_engine.errors import CifError, InvalidInputError, NotFoundError, RefusedBeforeError

PROBLEM_JSON: Final = "application/problem+json"
REPLAYED: Final = "Idempotent-Replayed"
RETRY_AFTER_SECONDS: Final = "1"

STATUS_OF_FAMILY: Final[Mapping[str, int]] = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "method": 405,
    "conflict": 409,
    "version": 412,
    "too_large": 413,
    "media_type": 415,
    "invalid": 422,
    "rule": 422,
    "precondition": 428,
    "unavailable": 503,
}
INTERNAL: Final = 500

_MOST_ERRORS: Final = 50
_LONGEST_NAME: Final = 200


def problem(answer: Mapping[str, Any], scope: AsgiScope, *, replayed: bool = False) -> Response:
    """Return the response that tells a refusal (`CifError.as_answer`), with the headers its status calls for."""
    status = STATUS_OF_FAMILY.get(answer["family"], INTERNAL)
    headers = _headers(status, answer)
    if replayed:
        headers[REPLAYED] = "true"
    return Response(orjson.dumps(_document(status, answer, scope)), status, headers, PROBLEM_JSON)


def add_problem_handlers(app: FastAPI) -> None:
    """Let every refusal, of the engine and of the framework, be answered as a problem."""
    app.add_exception_handler(CifError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)


def catalogue() -> dict[str, type[CifError]]:
    """Return every code that a problem may carry, with the class whose docstring explains it."""
    return {refusal.code: refusal for refusal in sorted(_descendants(CifError), key=lambda refusal: refusal.code)}


def explanation(refusal: type[CifError]) -> dict[str, Any]:
    """Return what the address of a problem's type tells about it."""
    return {
        "type": f"/problems/{refusal.code}",
        "code": refusal.code,
        "title": (refusal.__doc__ or "").strip().partition("\n")[0],
        "status": STATUS_OF_FAMILY.get(refusal.family, INTERNAL),
    }


# From exceptions -----------------------------------------------------------------------------------------------


async def _on_refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, CifError)
    if isinstance(refusal, RefusedBeforeError):
        return problem(orjson.loads(refusal.answer), request.scope, replayed=True)
    return problem(refusal.as_answer(), request.scope)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refusal: CifError
    match error.status_code:
        case 404:
            refusal = PathUnknownError("See /openapi.json for the addresses there are.")
        case 405:
            allow = ", ".join(sorted(_methods_at(request.app, request.scope["path"])))
            refusal = MethodNotAllowedError(f"It takes {allow}.", allow=allow)
        case _:
            refusal = MalformedRequestError("The request cannot be read.")
    return problem(refusal.as_answer(), request.scope)


def _methods_at(app: FastAPI, path: str) -> Iterator[str]:
    """Give the methods of all routes at an address; the framework knows those of the first."""
    for route in app.routes:
        if isinstance(route, Route) and route.path_regex.match(path):
            yield from route.methods or ()


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    findings = error.errors()
    told = [finding(found, error.body) for found in findings[:_MOST_ERRORS]]
    answer = _refusal_of(findings).as_answer()
    return problem({**answer, "errors": told}, request.scope)


def _refusal_of(findings: Sequence[Mapping[str, Any]]) -> CifError:
    """Return the refusal that the findings amount to; what is wrong with the address comes first."""
    if any(finding["loc"][0] == "path" for finding in findings):
        return NotFoundError("There is nothing of this name here.")
    count = len(findings)
    return InvalidInputError("One field was refused." if count == 1 else f"{count} fields were refused.")


_OUR_NAMES: Final[Mapping[str, str]] = {
    "missing": "field_missing",
    "union_tag_not_found": "field_missing",
    "extra_forbidden": "field_unknown",
    "literal_error": "value_unknown",
    "enum": "value_unknown",
    "union_tag_invalid": "value_unknown",
    "string_too_long": "text_too_long",
    "string_too_short": "text_too_short",
    "string_pattern_mismatch": "text_malformed",
    "string_type": "type_mismatch",
    "int_type": "type_mismatch",
    "int_from_float": "type_mismatch",
    "int_parsing": "type_mismatch",
    "bool_type": "type_mismatch",
    "list_type": "type_mismatch",
    "tuple_type": "type_mismatch",
    "dict_type": "type_mismatch",
    "model_type": "type_mismatch",
    "model_attributes_type": "type_mismatch",
    "greater_than": "number_out_of_range",
    "greater_than_equal": "number_out_of_range",
    "less_than": "number_out_of_range",
    "less_than_equal": "number_out_of_range",
    "int_parsing_size": "number_out_of_range",
    "too_short": "list_too_short",
    "too_long": "list_too_long",
}
"""Our codes for what pydantic found; codes of our own checks are told as they are."""

_PYDANTIC_CODES: Final = frozenset(get_args(ErrorType))


def finding(found: Mapping[str, Any], body: object) -> dict[str, str]:
    """Return one entry of `errors`: where, a stable code, and words. What was sent is not repeated."""
    kind = found["type"]
    code = _OUR_NAMES.get(kind, "field_invalid" if kind in _PYDANTIC_CODES else kind)
    return {**_place(found, body), "code": code, "detail": found["msg"]}


def _place(found: Mapping[str, Any], body: object) -> dict[str, str]:
    where, *path = found["loc"]
    if where == "body":
        return {"pointer": _pointer(path, body, missing=found["type"] == "missing")}
    name = str(path[0])[:_LONGEST_NAME] if path else ""
    return {"parameter": name}


def _pointer(path: Sequence[str | int], body: object, *, missing: bool) -> str:
    """Return the JSON pointer into what was sent; pydantic's names of union members are not part of it."""
    parts: list[str] = []
    here = body
    for place, part in enumerate(path):
        within, here = _step(here, part)
        if within or (missing and place == len(path) - 1):
            parts.append(str(part)[:_LONGEST_NAME].replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in parts)


def _step(here: object, part: str | int) -> tuple[bool, object]:
    """Return whether there is such a part, and what it is; where there is none, where we were."""
    if isinstance(here, dict) and part in here:
        return True, here[part]
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return True, here[part]
    return False, here


# To the wire ---------------------------------------------------------------------------------------------------

_TOLD_ELSEWHERE: Final = frozenset({"family", "pointer"})


def _document(status: int, answer: Mapping[str, Any], scope: AsgiScope) -> dict[str, Any]:
    facts = {name: value for name, value in answer.items() if name not in _TOLD_ELSEWHERE}
    return {
        "errors": list(_pointed(answer, scope)),
        **facts,
        "type": f"/problems/{answer['code']}",
        "status": status,
        "instance": scope["path"],
        "request_id": scope["state"]["request_id"],
    }


def _pointed(answer: Mapping[str, Any], scope: AsgiScope) -> Iterator[dict[str, str]]:
    """Give the one finding of a refusal by the engine; what the address says is a parameter of it."""
    if pointer := answer.get("pointer"):
        name = pointer.removeprefix("/")
        in_address = scope["method"] == "GET" or name in scope.get("path_params", ())
        place = {"parameter": name} if in_address else {"pointer": pointer}
        yield {**place, "code": answer["code"], "detail": answer["detail"]}


def _headers(status: int, answer: Mapping[str, Any]) -> dict[str, str]:
    match status:
        case 401:
            error = "" if answer["code"] == "key_missing" else ', error="invalid_token"'
            return {"WWW-Authenticate": f'Bearer realm="CIF engine"{error}'}
        case 403:
            scope = f', scope="{answer["scope"]}"' if "scope" in answer else ""
            return {"WWW-Authenticate": f'Bearer realm="CIF engine", error="insufficient_scope"{scope}'}
        case 405:
            return {"Allow": answer["allow"]}
        case 413:
            return {"Connection": "close"}
        case 503:
            return {"Retry-After": RETRY_AFTER_SECONDS}
    return {}


def _descendants(refusal: type[CifError]) -> Iterable[type[CifError]]:
    for child in refusal.__subclasses__():
        yield child
        yield from _descendants(child)
