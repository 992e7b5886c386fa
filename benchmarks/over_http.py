"""Recording a repayment over HTTP: `cif serve` with one worker and many clients, against the floor."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from uuid import uuid4

from benchmarks.books import day_after, lso_code
from benchmarks.clerks import AMOUNT_MINOR, Clerk
from benchmarks.floors import counted, refuse_unsound
from benchmarks.grounds import Ground, Site
from benchmarks.http_clients import Client, Errand, Report
from benchmarks.measuring import BOOKS, COLLECTED, FLOOR_BOOKS, Effort, Goal, Line, Rate, Series, by_itself, in_turn
from benchmarks.recording import UNIT, floor_line, floors
from cif_engine.money import format_amount
from cif_engine.operations.keys import SECRET_PREFIX, NewKey, Scope, create_key
from cif_engine.persistence.engines import Databases

RECORDED = "POST /v1/lsos/{lso}/repayments"
ALIVE = "GET /health/live"
GOALS = {"postgresql": Goal(0.25), "sqlite": Goal(0.50)}

START_SECONDS = 60
STOP_SECONDS = 40
PATIENCE_SECONDS = 60
SERVE = "from api.cli import main; main()"


def measure_http(site: Site, effort: Effort) -> list[Line]:
    """Return the rates of the floor, of recording over HTTP, and of an endpoint that does nothing."""
    with site.ground("http", BOOKS + FLOOR_BOOKS, effort.loans, COLLECTED) as ground:
        own = ground.loans[:BOOKS]
        with floors(ground, Clerk(ground.databases, own[0])) as (_, floor), serving(ground.url) as served:
            key = make_key(ground.databases, Scope.REPAYMENTS_WRITE)
            recording = Clients(served.port, key, 201, _recorders(ground, effort.connections))
            asking = Clients(served.port, key, 200, (Client("/health/live"),) * effort.connections)
            pairs = in_turn(floor, {RECORDED: counted(ground.databases, own, recording)}, effort)
            alive = by_itself(asking, effort)
        refuse_unsound(ground.databases, own)
    pair = pairs[RECORDED]
    connections = f"{effort.connections} connections"
    return [
        floor_line("http", site, pairs.values()),
        Line("http", site.kind, f"{RECORDED}, {connections}", UNIT, pair.measured, pair.ratio, GOALS[site.kind]),
        Line("http", site.kind, f"{RECORDED}, median of the answers", "ms", recording.medians(effort.rounds)),
        Line("http", site.kind, f"{RECORDED}, 99 of 100 answers within", "ms", recording.lates(effort.rounds)),
        Line("http", site.kind, f"{ALIVE}, {connections}", "requests/s", alive),
    ]


def _recorders(ground: Ground, connections: int) -> tuple[Client, ...]:
    """Return clients that share out the engine's books, and the loans of each book, so that no two repay one loan."""
    share = -(-connections // BOOKS)
    return tuple(
        Client(
            f"/v1/lsos/{lso_code(number % BOOKS)}/repayments",
            tuple(loan.number for loan in ground.loans[number % BOOKS][number // BOOKS :: share]),
        )
        for number in range(connections)
    )


def make_key(databases: Databases, scope: Scope) -> str:
    """Return the secret of a new key of one scope."""
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    create_key(databases, NewKey(str(uuid4()), "benchmark", frozenset({scope})), secret, time.time_ns() // 1000)
    return secret


@dataclass(slots=True)
class Clients:
    """Clients in a process of their own: a measure that fails on any answer but the wanted one."""

    port: int
    key: str
    wanted: int
    clients: tuple[Client, ...]
    done: list[int] = field(init=False)
    reports: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.done = [0] * len(self.clients)

    def __call__(self, seconds: float) -> Rate:
        """Let the clients work, each from where it stopped."""
        first_day, amount = str(day_after(COLLECTED) + timedelta(days=1)), format_amount(AMOUNT_MINOR)
        errand = Errand(
            self.port, self.key, self.wanted, first_day, amount, "http", self.clients, tuple(self.done), seconds
        )
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.http_clients"],
            input=json.dumps(asdict(errand)),
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + PATIENCE_SECONDS,
        )
        if answer.returncode:
            raise RuntimeError(f"A client failed:\n{answer.stderr}")
        report = Report(**json.loads(answer.stdout))
        self.reports.append(report)
        self.done = [before + now for before, now in zip(self.done, report.done, strict=True)]
        return Rate(sum(report.done), report.seconds)

    def medians(self, rounds: int) -> Series:
        """Return how many milliseconds half of the answers of each of the last rounds took at most."""
        return Series(tuple(report.median_ms for report in self.reports[-rounds:]))

    def lates(self, rounds: int) -> Series:
        """Return the same for 99 of 100."""
        return Series(tuple(report.late_ms for report in self.reports[-rounds:]))


@dataclass(frozen=True, slots=True)
class Served:
    """Where a server listens, and its process."""

    port: int
    process: int


@contextmanager
def serving(url: str) -> Iterator[Served]:
    """Serve a database by `cif serve` with one worker; fails when the server does not end well."""
    port = _free_port()
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--port", str(port)],
            env=os.environ | {"CIF_DATABASE_URL": url},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(server, port)
            yield Served(port, server.pid)
        except BaseException:
            server.kill()
            server.wait()
            log.seek(0)
            print(log.read()[-4000:], file=sys.stderr)
            raise
        server.send_signal(signal.SIGTERM)
        server.wait(STOP_SECONDS)


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError("The server did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
