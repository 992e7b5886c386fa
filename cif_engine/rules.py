"""Rules that are data: numbered versions under a code, each in force from a day on and known since a moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, Protocol, TypeVar

CODE_PATTERN: Final = "[a-z0-9][a-z0-9-]{0,19}"
LONGEST_NAME: Final = 200

Finding = tuple[str, str]
"""Where, as a JSON pointer, and what is wrong there."""

_CODE = re.compile(CODE_PATTERN)


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


def findings(rule: Rule) -> Iterator[Finding]:
    """Give what is wrong with a version, of what all rules say."""
    if not _CODE.fullmatch(rule.code):
        yield "/code", "A rule's code has small letters a to z, digits and dashes, at most 20, a dash not first."
    if rule.number < 1:
        yield "/number", "Versions are numbered from 1."
    if not 0 < len(rule.name.strip()) <= LONGEST_NAME:
        yield "/name", f"A name has 1 to {LONGEST_NAME} characters."
