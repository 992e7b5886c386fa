"""What Prometheus is told: how many requests of each operation were answered how, and how long they took."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.types import Scope

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One registry for each application, so that two in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("cif_http_requests", "Requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "cif_http_request_seconds",
            "Seconds until the answer was sent",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request under the path of its route, never under the path it was sent to."""
        route = getattr(scope.get("route"), "path", "unknown")
        key = (scope["method"] if route != "unknown" else "any", route, status)
        if key not in self._known:
            method, _, _ = key
            self._known[key] = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
        requests, durations = self._known[key]
        requests.inc()
        durations.observe(seconds)

    def exposition(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)
