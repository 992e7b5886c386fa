"""The facts of a loan, read from its events, in the one order that counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from cif_engine.kinds import RANK, Kind


class LoanFact(NamedTuple):
    """One fact of a loan. `says` is the event's payload, read; it is not to be changed."""

    id: str
    kind: Kind
    effective_on: date
    says: dict[str, Any]

    @property
    def order(self) -> tuple[date, int, str]:
        """Its place in canonical order: the day, the rank of the kind, the id; never when it was recorded (law 3)."""
        return (self.effective_on, RANK[self.kind], self.id)


def in_order(facts: Iterable[LoanFact]) -> list[LoanFact]:
    """Return the facts in canonical order."""
    return sorted(facts, key=_order)


def _order(fact: LoanFact) -> tuple[date, int, str]:
    return fact.order
