"""Lean clients of the HTTP API, in a process of their own: the server is measured, not they.

Run as a module: it reads an `Errand` as JSON from its input, and writes a `Report` as JSON. Each client keeps one
connection, writes one request, and reads its answer before it writes the next; any status but the wanted one ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import cast

HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Client:
    """What one client sends: repayments of these loans in turn, each a day later than the last; or, without, a GET."""

    path: str
    loans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Errand:
    """What to send, where and for how long. `done_before` is how many each client had answered in earlier rounds."""

    port: int
    key: str
    wanted: int
    first_day: str
    amount: str
    name: str
    clients: tuple[Client, ...]
    done_before: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """How many each client had answered, in how many seconds in all, and how long one took in the middle and late."""

    done: tuple[int, ...]
    seconds: float
    median_ms: float
    late_ms: float


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, requests: Iterator[bytes], wanted: bytes, clock: Callable[[], float], ends: float) -> None:
        self._requests = requests
        self._wanted = wanted
        self._clock = clock
        self._ends = ends
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self.took: list[float] = []
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take the answer once all of it is there."""
        self._received += data
        head, ends, body = self._received.partition(HEAD_ENDS)
        if not ends or len(body) < _length(head):
            return
        if not head.startswith(self._wanted):
            self._finish(RuntimeError(f"{head.decode()}\n\n{body.decode()}"))
            return
        self._received = b""
        now = self._clock()
        self.took.append(now - self._sent_at)
        if now < self._ends:
            self._send()
        else:
            self._finish(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail, unless this client was done."""
        self._finish(exc or ConnectionError("The server closed the connection."))

    def _send(self) -> None:
        assert self._transport is not None, "connected"
        self._sent_at = self._clock()
        self._transport.write(next(self._requests))

    def _finish(self, failure: Exception | None) -> None:
        if not self.over.done():
            if failure is None:
                self.over.set_result(None)
            else:
                self.over.set_exception(failure)
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next((int(line[len(LENGTH) :]) for line in lines if line.startswith(LENGTH)), 0)


def requests(errand: Errand, client: Client, number: int) -> Iterator[bytes]:
    """Return what a client sends, without end."""
    turn = errand.done_before[number]
    while True:
        yield (
            _repayment(errand, client, f"{errand.name}-{number}-{turn}", turn) if client.loans else _get(errand, client)
        )
        turn += 1


def _get(errand: Errand, client: Client) -> bytes:
    return f"GET {client.path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {errand.key}\r\n\r\n".encode()


def _repayment(errand: Errand, client: Client, key: str, turn: int) -> bytes:
    day = date.fromisoformat(errand.first_day) + timedelta(days=turn // len(client.loans))
    loan = client.loans[turn % len(client.loans)]
    body = f'{{"loan":"{loan}","amount":"{errand.amount}","effective_on":"{day}"}}'
    return (
        f"POST {client.path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {errand.key}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def run(errand: Errand) -> Report:
    """Let all clients do the errand; raises what the first that failed saw."""
    loop, clock = asyncio.get_running_loop(), time.perf_counter
    wanted = f"HTTP/1.1 {errand.wanted} ".encode()
    began = clock()
    connections = []
    for number, client in enumerate(errand.clients):
        sends = requests(errand, client, number)
        made = lambda sends=sends: Connection(sends, wanted, clock, began + errand.seconds)  # noqa: E731
        connections.append((await loop.create_connection(made, "127.0.0.1", errand.port))[1])
    await asyncio.gather(*(connection.over for connection in connections))
    seconds = clock() - began
    took = sorted(each for connection in connections for each in connection.took)
    done = tuple(len(connection.took) for connection in connections)
    return Report(done, seconds, 1e3 * took[len(took) // 2], 1e3 * took[len(took) * 99 // 100])


def main() -> None:
    """Do the errand that is told on the input."""
    told = json.load(sys.stdin)
    told["clients"] = tuple(Client(client["path"], tuple(client["loans"])) for client in told["clients"])
    json.dump(asdict(_run(Errand(**told))), sys.stdout)


def _run(errand: Errand) -> Report:
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415 - not on every platform

        return uvloop.run(run(errand))
    return asyncio.run(run(errand))


if __name__ == "__main__":
    main()
