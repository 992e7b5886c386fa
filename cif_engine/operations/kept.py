"""What was computed of a fund before, kept by what it is a function of: a book's chain up to a fact, a fund, a day.

The hash of a chain's head stands for all the facts before it, so what is kept never grows old: a new fact makes a new
head. Asked for at a past moment, a book has the head that it had then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class FundKey(NamedTuple):
    """What is computed of a fund is a function of this; `head` is the hash of the last fact that counts."""

    lso_id: str
    head: bytes
    fund_id: str
    as_of: date


@dataclass(slots=True)
class Kept(Generic[T]):
    """Results by their keys, those asked for last, up to so much in all; `weigh` says how much one is."""

    most: int
    weigh: Callable[[T], int]
    _kept: OrderedDict[FundKey, T] = field(default_factory=OrderedDict)
    _weight: int = 0
    _turn: Lock = field(default_factory=Lock)

    def find(self, key: FundKey, compute: Callable[[], T]) -> T:
        """Return the result of a key, computed where it is not kept. Two who ask at once may both compute it."""
        with self._turn:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        computed = compute()
        with self._turn:
            if key not in self._kept:
                self._kept[key] = computed
                self._weight += self.weigh(computed)
            while self._weight > self.most:
                _, oldest = self._kept.popitem(last=False)
                self._weight -= self.weigh(oldest)
        return computed

    def forget(self) -> None:
        """Keep none of them any longer."""
        with self._turn:
            self._kept.clear()
            self._weight = 0
