"""The engine as the routes see it: the desk, the gate, the clock, and whoever makes ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.access import Gate
from api.desk import Desk
from cif_engine.moments import to_micros


@dataclass(frozen=True, slots=True)
class Engine:
    """One for each application."""

    desk: Desk
    gate: Gate
    clock: Callable[[], datetime]
    zone: ZoneInfo
    make_id: Callable[[], str]

    def now(self) -> tuple[int, date]:
        """Return the moment in microseconds, and the business date at it."""
        moment = self.clock()
        return to_micros(moment), moment.astimezone(self.zone).date()
