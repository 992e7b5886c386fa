"""What a payment settles: the oldest due day first, and within a day penalty, fee, charge, principal.

The order is part of the terms (`AllocationOrder`). Whatever it is, the dues of one kind are settled oldest first, so
what is paid of each instalment follows from what is paid of its kind in all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from cif_engine.loans.schedule import Instalment

PENALTY, FEE, CHARGE, PRINCIPAL = range(4)
KINDS_OF_DUES: Final = ("penalty", "fee", "charge", "principal")
USUAL_ORDER: Final = (PENALTY, FEE, CHARGE, PRINCIPAL)


class Order(NamedTuple):
    """In which order dues are settled: those fallen due, and those paid in advance of their day.

    `by_kind` settles all dues of one kind before the next kind, rather than all of one day before the next day.
    """

    due: tuple[int, ...] = USUAL_ORDER
    in_advance: tuple[int, ...] = USUAL_ORDER
    by_kind: bool = False


USUAL: Final = Order()


class Settlement(NamedTuple):
    """How one payment was split, in minor units; `credit_minor` is what was left when nothing more was owed.

    A negative `credit_minor` is credit that was drawn to settle new dues. `recovered_minor` is of a loan written off.
    """

    charge_minor: int
    principal_minor: int
    credit_minor: int
    penalty_minor: int = 0
    fee_minor: int = 0
    recovered_minor: int = 0


class Waived(NamedTuple):
    """What was forgiven, in minor units."""

    penalty_minor: int
    fee_minor: int
    charge_minor: int


class Dues:
    """What is still owed, by due day, while the facts of a loan are taken in order; lives within one fold only."""

    def __init__(self, schedule: Iterable[Instalment] = (), order: Order = USUAL) -> None:
        """Start with nothing paid."""
        self.order = order
        self.owed = [0, 0, 0, 0]
        """What is still owed of each kind, by `PENALTY` to `PRINCIPAL`."""
        self._days: list[date] = []
        self._left: list[list[int]] = []
        self._next = 0
        for row in schedule:
            self._days.append(row.due_on)
            self._left.append([0, 0, row.charge_minor, row.principal_minor])
            self.owed[CHARGE] += row.charge_minor
            self.owed[PRINCIPAL] += row.principal_minor

    @property
    def oldest_due_on(self) -> date | None:
        """The due day of the oldest instalment not fully paid, fees and penalties aside; None when all are."""
        for at in range(self._next, len(self._days)):
            left = self._left[at]
            if left[CHARGE] or left[PRINCIPAL]:
                return self._days[at]
        return None

    def add(self, due_on: date, kind: int, amount_minor: int) -> None:
        """Owe more on a day, together with what is due that day already."""
        at = bisect_left(self._days, due_on)
        if at == len(self._days) or self._days[at] != due_on:
            self._days.insert(at, due_on)
            self._left.insert(at, [0, 0, 0, 0])
        self._left[at][kind] += amount_minor
        self.owed[kind] += amount_minor
        self._next = min(self._next, at)

    def replan(self, schedule: Iterable[Instalment], charge_met_minor: int, principal_met_minor: int) -> None:
        """Owe the instalments of another schedule, of which so much is met already, beside the fees and penalties."""
        beside = [(day, left) for day, left in zip(self._days, self._left, strict=True) if left[PENALTY] or left[FEE]]
        self.lapse()
        for row in schedule:
            charge = min(row.charge_minor, charge_met_minor)
            principal = min(row.principal_minor, principal_met_minor)
            charge_met_minor -= charge
            principal_met_minor -= principal
            self.add(row.due_on, CHARGE, row.charge_minor - charge)
            self.add(row.due_on, PRINCIPAL, row.principal_minor - principal)
        for day, left in beside:
            self.add(day, PENALTY, left[PENALTY])
            self.add(day, FEE, left[FEE])

    def waive(self, kind: int, most_minor: int) -> int:
        """Forgive up to so much of one kind of dues, oldest first; return how much it was."""
        waived = 0
        for left in self._left:
            part = min(left[kind], most_minor - waived)
            left[kind] -= part
            waived += part
        self.owed[kind] -= waived
        return waived

    def lapse(self) -> None:
        """Owe nothing more."""
        self._days, self._left, self._next, self.owed = [], [], 0, [0, 0, 0, 0]

    def allocate(self, amount_minor: int, on: date) -> Settlement:
        """Settle what `amount_minor` reaches on a day; what it does not need is credit."""
        unspent = amount_minor
        settled = [0, 0, 0, 0]
        for left, kinds in self._in_turn(on):
            for kind in kinds:
                part = left[kind]
                if part:
                    part = min(part, unspent)
                    left[kind] -= part
                    settled[kind] += part
                    unspent -= part
            if not unspent:
                break
        penalty, fee, charge, principal = settled
        self.owed = [owed - part for owed, part in zip(self.owed, settled, strict=True)]
        return Settlement(charge, principal, unspent, penalty, fee)

    def _in_turn(self, on: date) -> Iterator[tuple[list[int], tuple[int, ...]]]:
        """Give what is left of each day with the kinds that are settled of it in turn, as they are settled on a day."""
        if self.order.by_kind:
            yield from self._kind_by_kind(on)
            return
        due, in_advance = self.order.due, self.order.in_advance
        for at in range(self._next, len(self._days)):
            left = self._left[at]
            yield left, due if self._days[at] <= on else in_advance
            # Money that goes on to the next day has settled all of this one.
            self._next = at + 1

    def _kind_by_kind(self, on: date) -> Iterator[tuple[list[int], tuple[int, ...]]]:
        fallen_due = [left for day, left in zip(self._days, self._left, strict=True) if day <= on]
        ahead = self._left[len(fallen_due) :]
        for rows, kinds in ((fallen_due, self.order.due), (ahead, self.order.in_advance)):
            for kind in kinds:
                yield from ((left, (kind,)) for left in rows)
