"""What a route is handed of a request: who asks, which book, at what moment, and how to have it done.

A visit is the request itself, let in: the guard of a route puts it together before anything of the body is read, and
the framework hands it over as it is, without a chain of dependencies that would cost more than half a repayment does.
A route function says by its first argument which visit it serves: `Visit`, `BookVisit` where the path names an LSO,
`RspVisit` where it names an RSP; `RecordVisit` and `RspRecordVisit` where something is recorded there, once for each
idempotency key, or previewed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Concatenate, Final, ParamSpec, Self, TypeVar

import orjson
from fastapi import Path
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from api.desk import Desk
from api.engine import Engine
from api.paging import write_cursor
from api.problems import REPLAYED
from api.refusals import (
    IdempotencyKeyMalformedError,
    IdempotencyKeyMissingError,
    MalformedJsonError,
    MediaTypeError,
)
from api.versions import etag
from cif_engine.operations.keys import Key, Scope
from cif_engine.operations.recording import Outcome, Request
from cif_engine.operations.rsp_recording import RspRequest
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases

P = ParamSpec("P")
C = TypeVar("C")

LsoCode = Annotated[str, Path(description="The code of the LSO.", examples=["DAS"])]
RspCode = Annotated[str, Path(description="The code of the RSP.", examples=["SRSO"])]

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
IDEMPOTENCY_KEY_PATTERN: Final = "^[!-~]{1,200}$"
PREVIEW: Final = "preview"
"""The parameter of the address that asks for a preview."""
PREVIEWED: Final = "Preview"
"""The header that tells one."""
_KEY: Final = re.compile(IDEMPOTENCY_KEY_PATTERN)


class Visit(HttpRequest):
    """One request that was let in. `at` is microseconds, `today` the business date.

    `answer`, `listed`, `made`, `changed` and `removed` have an operation done, called with the databases and the
    arguments, and answer with what it returns.
    """

    parameters: ClassVar[frozenset[str]] = frozenset()
    """What the visit itself, and not the route function, reads of the address behind its `?`."""
    reads: ClassVar[str] = "application/json"
    """The media types of the bodies that it reads."""

    key: Key
    desk: Desk
    at: int
    today: date
    make_id: Callable[[], str]

    @classmethod
    async def enter(cls, request: HttpRequest, needed: Scope | None) -> Self:
        """Return the visit of a request whose key has the scope, if one is needed; raises what `Gate` refuses."""
        engine: Engine = request.app.state.engine
        visit = cls(request.scope, request.receive)
        visit.key = await engine.gate.admit(request.headers.get("authorization"), needed)
        visit.desk = engine.desk
        visit.at, visit.today = engine.now()
        visit.make_id = engine.make_id
        await visit._find_place(engine)
        return visit

    async def _find_place(self, engine: Engine) -> None:
        """Find what the path names; nothing here."""

    def read_manner(self) -> None:
        """Read how it is to be done, before anything of the body is read; nothing here."""

    async def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the parsed body, read once: strictly UTF-8, no NaN, no lone surrogates.

        Raises MediaTypeError, BodyTooLargeError and MalformedJsonError.
        """
        if not hasattr(self, "_json"):
            media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type != "application/json":
                raise MediaTypeError(f"Send the header Content-Type: {self.reads}.")
            try:
                self._json = orjson.loads(await self.body())
            except orjson.JSONDecodeError as unreadable:
                raise MalformedJsonError(f"The body cannot be read at character {unreadable.pos}.") from unreadable
        return self._json

    async def answer(self, report: Callable[Concatenate[Databases, P], View], /, *a: P.args, **k: P.kwargs) -> Response:
        """Read, and answer 200."""
        return as_json(await self.desk.read(report, *a, **k))

    async def listed(self, report: Callable[Concatenate[Databases, P], View], /, *a: P.args, **k: P.kwargs) -> Response:
        """Read one page of a list, and answer 200; the key it goes on after becomes a cursor."""
        view = await self.desk.read(report, *a, **k)
        return as_json({**view, "next": None if view["next"] is None else write_cursor(view["next"])})

    async def made(self, make: Callable[Concatenate[Databases, P], View], /, *a: P.args, **k: P.kwargs) -> Response:
        """Make a record, and answer 201."""
        return as_json(await self.desk.write(make, *a, **k), 201)

    async def changed(
        self, change: Callable[Concatenate[Databases, P], View], /, *a: P.args, **k: P.kwargs
    ) -> Response:
        """Change a record, and answer 200."""
        return as_json(await self.desk.write(change, *a, **k))

    async def removed(
        self, remove: Callable[Concatenate[Databases, P], None], /, *a: P.args, **k: P.kwargs
    ) -> Response:
        """Remove a record, and answer 204."""
        await self.desk.write(remove, *a, **k)
        return Response(status_code=204)


class BookVisit(Visit):
    """A visit to the book of the LSO in the path."""

    lso_id: str

    async def _find_place(self, engine: Engine) -> None:
        self.lso_id = (await engine.gate.lso(self.key, self.path_params["lso"])).id


class RspVisit(Visit):
    """A visit to the RSP in the path."""

    rsp_id: str

    async def _find_place(self, engine: Engine) -> None:
        self.rsp_id = await engine.gate.rsp_id(self.key, self.path_params["rsp"])


class OnceVisit(Visit):
    """A visit that records something once, however often it is repeated with its idempotency key.

    With `?preview=true` it asks what would be recorded; that only reads, and takes no idempotency key.
    """

    parameters = frozenset({PREVIEW})

    preview: bool

    def read_manner(self) -> None:
        """Read whether it is a preview; else it needs an idempotency key."""
        said = self.query_params.get(PREVIEW, "false")
        if said not in ("true", "false"):
            raise RequestValidationError([parameter_finding("value_unknown", PREVIEW, "It is `true` or `false`.")])
        self.preview = said == "true"
        if not self.preview:
            self._refuse_without_key()

    @property
    def idempotency_key(self) -> str | None:
        """The key; a preview has none."""
        return None if self.preview else self.headers[IDEMPOTENCY_KEY]

    async def fingerprint(self) -> bytes:
        """Return what two requests share that are the same."""
        return fingerprint_of(self.method, self.scope["path"], await self.json())

    def told(self, outcome: Outcome) -> Response:
        """Answer 201 with the bytes of the answer, or with the same again; a preview 200."""
        if self.preview:
            return Response(outcome.body, 200, {PREVIEWED: "true"}, "application/json")
        return Response(outcome.body, 201, {REPLAYED: "true"} if outcome.replayed else None, "application/json")

    def _refuse_without_key(self) -> None:
        key = self.headers.get(IDEMPOTENCY_KEY)
        if key is None:
            raise IdempotencyKeyMissingError("Send a new key with each new request; repeat it to repeat one.")
        if not _KEY.fullmatch(key):
            raise IdempotencyKeyMalformedError("Send 1 to 200 visible ASCII characters, a UUID for example.")


class RecordVisit(OnceVisit, BookVisit):
    """A visit that records a fact in the book of the LSO in the path."""

    async def record(self, operation: Callable[[Databases, Request, C], Outcome], command: C) -> Response:
        """Have the command recorded; a preview is answered with what recording it now would answer."""
        fingerprint = await self.fingerprint()
        asked = Request(
            self.lso_id, self.key.name, self.at, self.today, self.idempotency_key, fingerprint, self.preview
        )
        if self.preview:
            return self.told(await self.desk.read(operation, asked, command))
        return self.told(await self.desk.record(self.lso_id, operation, asked, command))


class RspRecordVisit(OnceVisit, RspVisit):
    """A visit that records what the RSP in the path says of its own ledger."""

    async def record(self, operation: Callable[[Databases, RspRequest, C], Outcome], command: C) -> Response:
        """Have the command recorded; a preview is answered with what recording it now would answer."""
        fingerprint = await self.fingerprint()
        asked = RspRequest(
            self.rsp_id, self.key.name, self.at, self.today, self.idempotency_key, fingerprint, self.preview
        )
        if self.preview:
            return self.told(await self.desk.read(operation, asked, command))
        return self.told(await self.desk.record(self.rsp_id, operation, asked, command))


def as_json(body: View, status: int = 200) -> Response:
    """Return a JSON response; a record that can be changed has a `version`, which is its ETag."""
    version = body.get("version")
    headers = None if version is None else {"ETag": etag(version)}
    return Response(orjson.dumps(body), status, headers, "application/json")


def parameter_finding(code: str, name: str, words: str) -> dict[str, Any]:
    """Return what is wrong with a parameter of the address, as the framework tells it."""
    return {"type": code, "loc": ("query", name), "msg": words}


def fingerprint_of(method: str, path: str, body: object) -> bytes:
    """Return what two requests must share to be the same: method, path, and the body but for spaces and order."""
    digest = sha256(f"{method} {path}\n".encode())
    digest.update(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
    return digest.digest()
