"""The generator's own cash account: what each place holds by what is recorded, and what of it is promised."""

from __future__ import annotations

from collections import defaultdict
from datetime import date


class Purse:
    """Money by place and by the day it moved, in minor units."""

    def __init__(self) -> None:
        self._moved: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        self._promised: dict[str, int] = defaultdict(int)

    def move(self, place: str, on: date, amount_minor: int) -> None:
        """Record that money came to a place (or left it, below zero)."""
        self._moved[place][on] += amount_minor

    def promise(self, place: str, amount_minor: int) -> None:
        """Set money aside for a payment that was decided and is not recorded yet; below zero takes it back."""
        self._promised[place] += amount_minor

    def spendable(self, place: str, on: date) -> int:
        """Return what a payment of that day may take: the lowest balance from then on, less what is promised."""
        days = self._moved[place]
        balance = lowest = sum(amount for day, amount in days.items() if day <= on)
        for day in sorted(day for day in days if day > on):
            balance += days[day]
            lowest = min(lowest, balance)
        return lowest - self._promised[place]

    def balance(self, place: str) -> int:
        """Return all that a place holds."""
        return sum(self._moved[place].values())
