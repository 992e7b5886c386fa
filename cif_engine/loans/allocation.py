"""What a payment settles: the oldest instalment first, its service charge before its principal."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cif_engine.loans.schedule import Instalment


class Settlement(NamedTuple):
    """How one payment was split, in minor units; `credit_minor` is what was left when nothing more was owed."""

    charge_minor: int
    principal_minor: int
    credit_minor: int


class Dues:
    """What is still owed on a schedule while payments are taken in order; lives within one fold only."""

    def __init__(self, schedule: tuple[Instalment, ...]) -> None:
        """Start with nothing paid."""
        self._schedule = schedule
        self._next = 0
        self._charge_left = schedule[0].charge_minor if schedule else 0
        self._principal_left = schedule[0].principal_minor if schedule else 0

    @property
    def oldest_due_on(self) -> date | None:
        """The due date of the oldest instalment not fully paid; None when all are."""
        return self._schedule[self._next].due_on if self._next < len(self._schedule) else None

    def allocate(self, amount_minor: int) -> Settlement:
        """Settle what `amount_minor` reaches, oldest instalment first, charge before principal."""
        left, charge, principal = amount_minor, 0, 0
        while left and self._next < len(self._schedule):
            to_charge = min(left, self._charge_left)
            to_principal = min(left - to_charge, self._principal_left)
            self._charge_left -= to_charge
            self._principal_left -= to_principal
            charge += to_charge
            principal += to_principal
            left -= to_charge + to_principal
            if not self._charge_left and not self._principal_left:
                self._step()
        return Settlement(charge, principal, left)

    def _step(self) -> None:
        self._next += 1
        if self._next < len(self._schedule):
            self._charge_left = self._schedule[self._next].charge_minor
            self._principal_left = self._schedule[self._next].principal_minor
