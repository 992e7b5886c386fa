"""Who asks for a loan: women of households not served yet, and women who repaid all or most of what they had."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from cif_engine.demonstration.draws import chance, take_any
from cif_engine.network.people import Member

_FROM_SERVED_HOUSEHOLDS: Final = 8
"""Of a hundred further loans, how many go to a second woman of a household."""


@dataclass
class Borrower:
    """A member on her way through her loans; `cycle` counts those she asked for."""

    member: Member
    cycle: int = 0


class Borrowers:
    """All who may borrow; exactly `households` of them do, if there are loans enough."""

    def __init__(self, members_of_households: list[list[Member]], households: int, rng: Random) -> None:
        self._rng = rng
        shuffled = rng.sample(members_of_households, len(members_of_households))
        self._new = shuffled[:households]
        self._never_served = shuffled[households:]
        self._ready: list[Borrower] = []
        self._in_need: list[Borrower] = []
        self._in_served_households: list[Member] = []

    def choose(self, loans_to_come: int) -> Borrower | None:
        """Return who takes the next of so many loans; None when nobody is ready by now."""
        waiting = len(self._new)
        must_be_new = waiting == loans_to_come or not (self._ready or self._in_need)
        # Households not served yet come half as often again as their share of the loans to come: they wait longest.
        if waiting and (must_be_new or self._rng.randrange(2 * loans_to_come) < 3 * waiting):
            first, *others = self._new.pop()
            self._in_served_households += others
            return Borrower(first)
        if self._in_served_households and (not self._ready or chance(self._rng, _FROM_SERVED_HOUSEHOLDS)):
            return Borrower(take_any(self._rng, self._in_served_households))
        return take_any(self._rng, self._in_need or self._ready) if self._ready or self._in_need else None

    def choose_in_vain(self) -> Borrower | None:
        """Return a member of a household that the committee will refuse; None when there is none left."""
        return Borrower(take_any(self._rng, self._never_served)[0]) if self._never_served else None

    def may_come_again(self, borrower: Borrower, *, in_need: bool) -> None:
        """Take note that she repaid enough to ask for another loan; one in need comes first."""
        (self._in_need if in_need else self._ready).append(borrower)
