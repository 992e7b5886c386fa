"""What a borrower owes, row by row, and which rows a payment settles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

PENALTY, FEE, CHARGE, PRINCIPAL = "penalty", "fee", "charge", "principal"
KINDS = (PENALTY, FEE, CHARGE, PRINCIPAL)
OF_INSTALMENTS = (CHARGE, PRINCIPAL)


@dataclass
class Due:
    """An amount of one kind that falls due on one day. `row` names the instalment; None for a fee or a penalty."""

    due_on: date
    kind: str
    amount: int
    row: int | None = None
    paid: int = 0
    waived: int = 0

    @property
    def settled(self) -> int:
        return self.paid + self.waived

    @property
    def unpaid(self) -> int:
        return self.amount - self.settled


@dataclass(frozen=True)
class Order:
    """In which order the kinds of one day are settled: of what has fallen due, and of what is paid in advance."""

    fallen_due: tuple[str, ...] = KINDS
    in_advance: tuple[str, ...] = KINDS
    kind_by_kind: bool = False


@dataclass
class Owed:
    """All that falls due on one loan, paid or not."""

    dues: list[Due] = field(default_factory=list)

    def unpaid(self, *kinds: str) -> int:
        return sum(due.unpaid for due in self.dues if due.kind in kinds)

    def settle(self, amount: int, day: date, order: Order) -> dict[str, int]:
        """Settle dues with money of a day; return how much of each kind, and what is left over under "left"."""
        settled = dict.fromkeys(KINDS, 0)
        for due in self._in_turn(day, order):
            taken = min(due.unpaid, amount)
            due.paid += taken
            settled[due.kind] += taken
            amount -= taken
        return {**settled, "left": amount}

    def waive(self, kind: str, most: int) -> None:
        """Forgive what is unpaid of a kind, oldest first, up to an amount."""
        for due in sorted((due for due in self.dues if due.kind == kind), key=lambda due: due.due_on):
            forgiven = min(due.unpaid, most)
            due.waived += forgiven
            most -= forgiven

    def oldest_unpaid_instalment(self) -> date | None:
        days = [due.due_on for due in self.dues if due.kind in OF_INSTALMENTS and due.unpaid]
        return min(days, default=None)

    def _in_turn(self, day: date, order: Order) -> list[Due]:
        def turn(due: Due) -> tuple[bool, date | int, date | int]:
            late = due.due_on <= day
            place = (order.fallen_due if late else order.in_advance).index(due.kind)
            return (not late, place, due.due_on) if order.kind_by_kind else (not late, due.due_on, place)

        return sorted(self.dues, key=turn)


def rows_of(schedule: Iterable[tuple[date, int, int]], first_row: int) -> list[Due]:
    """Return the dues of instalments (day, principal, charge)."""
    dues = []
    for row, (due_on, principal, charge) in enumerate(schedule, first_row):
        dues += [Due(due_on, CHARGE, charge, row), Due(due_on, PRINCIPAL, principal, row)]
    return dues


def refill(dues: Sequence[Due], amounts: Sequence[int]) -> None:
    """Give the dues of one kind new amounts; what was paid and waived of them fills them again in order."""
    paid, waived = (sum(parts) for parts in zip(*((due.paid, due.waived) for due in dues), strict=True))
    for due, amount in zip(dues, amounts, strict=True):
        due.amount, due.paid = amount, min(amount, paid)
        due.waived = min(amount - due.paid, waived)
        paid -= due.paid
        waived -= due.waived
    assert not paid + waived, "more was settled than falls due"
