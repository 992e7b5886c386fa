"""The facts of a loan, read from its events, in the one order that counts, and which of them still hold."""

from __future__ import annotations

from collections import defaultdict
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


def voided(facts: Iterable[LoanFact]) -> dict[str, LoanFact]:
    """Return the facts that do not hold, by id, each with the reversal that does.

    A fact holds unless a reversal that holds names it; so a reversal that is itself reversed brings its fact back.
    """
    reversals = {fact.id: fact for fact in facts if fact.kind is Kind.FACT_REVERSED}
    naming: defaultdict[str, set[str]] = defaultdict(set)
    for reversal in reversals.values():
        naming[reversal.says["reverses"]].add(reversal.id)
    found: dict[str, LoanFact] = {}
    # Those that nothing names hold. What they name does not, and no longer stands against what it named itself.
    decided = [reversal_id for reversal_id in reversals if not naming[reversal_id]]
    while decided:
        reversal = reversals[decided.pop()]
        named = reversal.says["reverses"]
        if reversal.id not in found:
            found[named] = reversal
        naming[named].discard(reversal.id)
        if not naming[named] and named in reversals:
            decided.append(named)
    return found


def _order(fact: LoanFact) -> tuple[date, int, str]:
    return fact.order
