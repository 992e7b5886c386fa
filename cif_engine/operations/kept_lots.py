"""Lots that were computed before, kept by what they are a function of: a book's chain up to a fact, a fund, a day.

The hash of a chain's head stands for all the facts before it, so what is kept never grows old: a new fact makes a new
head. Asked for at a past moment, a book has the head that it had then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Final, NamedTuple

from cif_engine.fund.lots import Lots

MOST_STAYS: Final = 400_000
"""How many stays are kept in all: 100 MB or so. A fund with 5,000 events has 20,000."""


class LotsKey(NamedTuple):
    """What lots are a function of; `head` is the hash of the last fact that counts."""

    lso_id: str
    head: bytes
    fund_id: str
    as_of: date


@dataclass(slots=True)
class KeptLots:
    """Lots by their keys, those asked for last, up to so many stays."""

    most_stays: int = MOST_STAYS
    _kept: OrderedDict[LotsKey, Lots] = field(default_factory=OrderedDict)
    _stays: int = 0
    _turn: Lock = field(default_factory=Lock)

    def find(self, key: LotsKey, compute: Callable[[], Lots]) -> Lots:
        """Return the lots of a key, computed where they are not kept. Two who ask at once may both compute them."""
        with self._turn:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        lots = compute()
        with self._turn:
            if key not in self._kept:
                self._kept[key] = lots
                self._stays += len(lots.stays)
            while self._stays > self.most_stays:
                _, oldest = self._kept.popitem(last=False)
                self._stays -= len(oldest.stays)
        return lots

    def forget(self) -> None:
        """Keep none of them any longer."""
        with self._turn:
            self._kept.clear()
            self._stays = 0
