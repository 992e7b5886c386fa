"""How operations are declared: each with its scope, its answer and its problems, or not at all.

`Routes` collects the operations of one part; `mount` puts them under `/v1` behind a guard that asks for the declared
scope before it reads a byte of the body.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import cache
from inspect import signature
from typing import Any, Final, TypeVar, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api.files import TextFile
from api.visits import Visit, parameter_finding
from cif_engine.operations.keys import Scope

PREFIX: Final = "/v1"
SCHEME: Final = "apiKey"
ANY_KEY: Final = None
"""The scope of what every key may read."""
_DONE: Final = {"GET": "Found", "POST": "Recorded", "PATCH": "Changed", "DELETE": "Removed"}

Endpoint = Callable[..., Coroutine[Any, Any, Response]]
E = TypeVar("E", bound=Endpoint)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as it was declared."""

    method: str
    path: str
    endpoint: Endpoint
    scope: Scope | None
    answer: Any
    status: int
    summary: str
    tag: str


@dataclass(frozen=True, slots=True)
class Routes:
    """The operations of one part of the API."""

    tag: str
    operations: list[Operation] = field(default_factory=list)

    def get(self, path: str, *, scope: Scope | None, answer: Any, summary: str) -> Callable[[E], E]:  # noqa: ANN401 - a model
        """Declare an operation that reads."""
        return self._declare("GET", path, scope, answer, 200, summary)

    def post(self, path: str, *, scope: Scope, answer: Any, summary: str) -> Callable[[E], E]:  # noqa: ANN401 - a model
        """Declare an operation that makes something, or records a fact."""
        return self._declare("POST", path, scope, answer, 201, summary)

    def patch(self, path: str, *, scope: Scope, answer: Any, summary: str) -> Callable[[E], E]:  # noqa: ANN401 - a model
        """Declare an operation that changes a record."""
        return self._declare("PATCH", path, scope, answer, 200, summary)

    def delete(self, path: str, *, scope: Scope, summary: str) -> Callable[[E], E]:
        """Declare an operation that removes a record."""
        return self._declare("DELETE", path, scope, None, 204, summary)

    def _declare(
        self,
        method: str,
        path: str,
        scope: Scope | None,
        answer: Any,  # noqa: ANN401 - a model
        status: int,
        summary: str,
    ) -> Callable[[E], E]:
        def keep(endpoint: E) -> E:
            self.operations.append(Operation(method, path, endpoint, scope, answer, status, summary, self.tag))
            return endpoint

        return keep


def mount(app: FastAPI, parts: Iterable[Routes]) -> None:
    """Serve the operations of all parts under the prefix."""
    app.router.routes.extend(_route(operation) for part in parts for operation in part.operations)


@cache
def _route(operation: Operation) -> GuardedRoute:
    """Return the route of an operation, the same for every application; making one is slow."""
    return GuardedRoute(
        PREFIX + operation.path,
        operation.endpoint,
        methods={operation.method},
        **_answered_as(operation.answer),
        status_code=operation.status,
        summary=operation.summary,
        response_description=_DONE[operation.method],
        tags=[operation.tag],
        operation_id=operation.endpoint.__name__,
        openapi_extra={"security": [{SCHEME: [operation.scope.value] if operation.scope else []}]},
    )


def _answered_as(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - a model, or a kind of file
    if isinstance(answer, type) and issubclass(answer, TextFile):
        return {"response_class": answer, "response_model": None}
    return {"response_model": answer}


def refuse_unguarded(app: FastAPI) -> None:
    """Raise where a route under the prefix declares no scope; called when the application is made."""
    for route in app.routes:
        if getattr(route, "path", "").startswith(PREFIX) and not isinstance(route, GuardedRoute):
            raise TypeError(f"{route} declares no scope")


class GuardedRoute(APIRoute):
    """A route that lets nobody in without a live key of the scope it declares."""

    @property
    def scope_needed(self) -> Scope | None:
        """The scope as the OpenAPI document shows it, so that document and guard cannot differ; None: any key's."""
        assert self.openapi_extra is not None, "a guarded route declares its scope"
        declared = self.openapi_extra["security"][0][SCHEME]
        return Scope(declared[0]) if declared else ANY_KEY

    @property
    def visit_type(self) -> type[Visit]:
        """Which visit the route function takes as its first argument."""
        first = next(iter(signature(self.endpoint, eval_str=True).parameters.values()))
        assert issubclass(first.annotation, Visit), f"{self.name} takes a visit first"
        return cast("type[Visit]", first.annotation)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the guard."""
        handle = super().get_route_handler()
        visit_type, needed = self.visit_type, self.scope_needed
        takes_body = self.body_field is not None
        parameters = visit_type.parameters.union(_query_names(self.dependant))

        async def guarded(request: Request) -> Response:
            visit = await visit_type.enter(request, needed)
            if request.scope["query_string"]:
                _refuse_unknown_parameters(request, parameters)
            visit.read_manner()
            if takes_body:
                await visit.json()
            return await handle(visit)

        return guarded


def _query_names(dependant: Any) -> Iterable[str]:  # noqa: ANN401 - the framework's own
    for parameter in dependant.query_params:
        yield parameter.alias
    for further in dependant.dependencies:
        yield from _query_names(further)


def _refuse_unknown_parameters(request: Request, known: frozenset[str]) -> None:
    """Refuse what the operation does not know: a misspelt `as_of` would otherwise answer for another day."""
    names = [name for name, _ in request.query_params.multi_items()]
    unknown = [name for name in names if name not in known]
    repeated = {name for name in names if names.count(name) > 1}
    found = [
        *(parameter_finding("parameter_unknown", name, "This operation knows no such parameter.") for name in unknown),
        *(parameter_finding("parameter_repeated", name, "A parameter is sent once.") for name in sorted(repeated)),
    ]
    if found:
        raise RequestValidationError(found)
