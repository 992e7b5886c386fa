"""Rules that are data: numbered versions under a code, each in force from a day on and known since a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar


class Rule(Protocol):
    """What every version of a rule says, whatever it is about."""

    @property
    def code(self) -> str:
        """The code of the rule."""

    @property
    def number(self) -> int:
        """Which version it is, from 1."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def effective_from(self) -> date:
        """The day from which it is in force."""

    @property
    def remark(self) -> str:
        """What else is to be said of it."""


R = TypeVar("R", bound=Rule)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[R]):
    """A version as it is kept: with the moment it was recorded, and who did; `actor` None: it came with the engine."""

    rule: R
    recorded_at: int
    actor: str | None


def in_force(versions: Iterable[Recorded[R]], as_of: date, known_at: int) -> Recorded[R] | None:
    """Return the version of one rule that holds on a day, as known at a moment; None where none does.

    It is the one in force since the latest day; of several from one day, the one of the highest number.
    """
    begun = [one for one in versions if one.recorded_at <= known_at and one.rule.effective_from <= as_of]
    return max(begun, key=lambda one: (one.rule.effective_from, one.rule.number), default=None)
