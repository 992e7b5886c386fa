"""The first and the last that a request meets: its id, the limit of its body, the failure that nothing else caught.

Plain ASGI, because wrappers that build a request object and a task for each call would cost more than the rest.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.ids import new_id
from api.metrics import Metrics
from api.problems import problem
from api.refusals import BodyTooLargeError, InternalError
from cif_engine.errors import CifError

LARGEST_BODY: Final = 1024 * 1024
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")

log = logging.getLogger("cif.http")


class Reception:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, make_id: Callable[[], str] = new_id) -> None:
        self._app = app
        self._metrics = metrics
        self._make_id = make_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = Headers(scope=scope)
        request_id = _request_id(headers) or self._make_id()
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}
        answer = _Answer(send, request_id)
        try:
            if _announced(headers) > LARGEST_BODY:
                await _refuse(_too_large(), scope, receive, answer)
            else:
                await self._app(scope, _limited(receive), answer)
        except Exception:
            log.exception("request %s failed: %s %s", request_id, scope["method"], scope["path"])
            if answer.status:
                raise
            await _refuse(InternalError("Tell whoever runs this engine the request id."), scope, receive, answer)
        finally:
            self._metrics.count(scope, answer.status, time.perf_counter() - began)


class _Answer:
    """Sends what the application sends, with the request id, and knows the status."""

    __slots__ = ("_request_id", "_send", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], (b"x-request-id", self._request_id.encode())]
        await self._send(message)


def _limited(receive: Receive) -> Receive:
    """Return a `receive` that raises BodyTooLargeError when the chunks of a body exceed the limit together."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise _too_large()
        return message

    return limited


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _request_id(headers: Headers) -> str | None:
    wished = headers.get("x-request-id")
    return wished if wished and _SAFE_ID.fullmatch(wished) else None


def _too_large() -> CifError:
    return BodyTooLargeError(f"A body has at most {LARGEST_BODY} bytes.")


async def _refuse(refusal: CifError, scope: Scope, receive: Receive, answer: _Answer) -> None:
    await problem(refusal.as_answer(), scope)(scope, receive, answer)
