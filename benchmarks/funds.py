"""The revolving fund: lots of one fund traced through its turns, and the funds of many LSOs consolidated."""

from __future__ import annotations

from benchmarks.consolidated import measure_consolidation
from benchmarks.fund_lots import measure_lots
from benchmarks.grounds import Site
from benchmarks.measuring import Effort, Line


def measure_funds(site: Site, effort: Effort) -> list[Line]:
    """Return the times of both, each beside its floor."""
    return measure_lots(site, effort) + measure_consolidation(site, effort)
