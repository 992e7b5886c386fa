"""One LSO's portfolio over HTTP against an endpoint that does nothing; and the memory of a service that answers."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from pathlib import Path

from benchmarks.grounds import Site
from benchmarks.http_clients import Client
from benchmarks.measuring import Effort, Goal, Line, Series, in_turn
from benchmarks.over_http import ALIVE, Clients, Served, make_key, serving
from benchmarks.portfolio_grounds import Portfolio
from benchmarks.portfolio_stories import TODAY
from cif_engine.operations.keys import Scope

GOAL_RATE = Goal(0.45)
GOAL_MEMORY = Goal(1.25, at_most=True)
ASKED = f"figures=par&as_of={TODAY}"
REPORTS = (
    f"/v1/portfolio?by=lso&as_of={TODAY}",
    f"/v1/portfolio/loans?figure=gross_portfolio&as_of={TODAY}&format=csv",
)
"""Answers about the whole network: a report of every LSO, and all open loans as a file."""

CHUNK = 1 << 16
PATIENCE_SECONDS = 600


def measure_one_lso(site: Site, portfolio: Portfolio, effort: Effort) -> list[Line]:
    """Return the rate of one LSO's PAR, and how the service's memory grows while it answers about all of them."""
    with serving(portfolio.url) as served:
        key = make_key(portfolio.databases, Scope.PORTFOLIO_READ)
        paths = [f"/v1/lsos/{code}/portfolio?{ASKED}" for code in portfolio.lso_codes(effort.connections)]
        clients = tuple(Client(paths[number % len(paths)]) for number in range(effort.connections))
        asking = Clients(served.port, key, 200, clients)
        alive = Clients(served.port, key, 200, (Client("/health/live"),) * effort.connections)
        pair = in_turn(alive, {"": asking}, effort)[""]
        before, after = _grown(served, key, effort.rounds)
    connections = f"{effort.connections} connections"
    one_lso = f"GET /v1/lsos/{{lso}}/portfolio?figures=par, {connections}"
    return [
        Line("portfolio", site.kind, f"floor: {ALIVE}, {connections}", "requests/s", pair.floor),
        Line("portfolio", site.kind, one_lso, "requests/s", pair.measured, pair.ratio, GOAL_RATE),
        Line("portfolio", site.kind, "memory of the service after the first national answers", "MiB", before),
        Line("portfolio", site.kind, "most it had in the answers after", "MiB", after, after.over(before), GOAL_MEMORY),
    ]


def _grown(served: Served, key: str, rounds: int) -> tuple[Series, Series]:
    """Return the memory of the service after all reports were answered once, and its most in the rounds after."""
    _ask(served.port, key, REPORTS)
    first, most = _resident_mib(served.process), []
    for _ in range(rounds):
        Path(f"/proc/{served.process}/clear_refs").write_text("5")  # the most begins anew
        _ask(served.port, key, REPORTS)
        most.append(_most_resident_mib(served.process))
    return Series((first,) * rounds), Series(tuple(most))


def _ask(port: int, key: str, paths: Sequence[str]) -> None:
    for path in paths:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        while content := answer.read(CHUNK):
            if answer.status != http.HTTPStatus.OK:
                raise RuntimeError(f"{path}: {answer.status} {content.decode()}")
        connection.close()


def _resident_mib(process: int) -> float:
    return _status(process, "VmRSS")


def _most_resident_mib(process: int) -> float:
    return _status(process, "VmHWM")


def _status(process: int, name: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    kib = next(line.split()[1] for line in lines if line.startswith(f"{name}:"))
    return int(kib) / 1024
