"""How the payload of a disbursement carries the schedule and the order of allocation that were agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from cif_engine.loans.allocation import KINDS_OF_DUES, USUAL, Order
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.terms import Across, AllocationOrder


def write_schedule(schedule: Iterable[Instalment]) -> list[list[str | int]]:
    """Return a schedule as a disbursement's payload carries it: `[due_on, principal_minor, charge_minor]` per row."""
    return [[row.due_on.isoformat(), row.principal_minor, row.charge_minor] for row in schedule]


def read_schedule(rows: Iterable[tuple[str, int, int]]) -> tuple[Instalment, ...]:
    """Return the schedule that a disbursement's payload carries."""
    return tuple(
        Instalment(number, date.fromisoformat(due_on), principal, charge)
        for number, (due_on, principal, charge) in enumerate(rows, 1)
    )


def write_order(order: AllocationOrder) -> dict[str, Any] | None:
    """Return the order of allocation as a disbursement's payload carries it; None when it is the usual one."""
    said = order.model_dump(mode="json")
    return None if order == AllocationOrder() else said


def read_order(said: Mapping[str, Any] | None) -> Order:
    """Return the order of allocation that a disbursement's payload carries."""
    if said is None:
        return USUAL
    due = tuple(KINDS_OF_DUES.index(kind) for kind in said["order"])
    ahead = said.get("in_advance")
    in_advance = tuple(KINDS_OF_DUES.index(kind) for kind in ahead) if ahead else due
    return Order(due, in_advance, said.get("across") == Across.KINDS)
