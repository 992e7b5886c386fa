"""What there is to say about a figure, so that two people who read its name count the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Section(StrEnum):
    """What kind of question a figure answers."""

    ON_A_DAY = "on_a_day"
    OVER_A_PERIOD = "over_a_period"
    LOSSES = "losses"
    FUND = "fund"
    NETWORK = "network"


class Unit(StrEnum):
    """What a figure is. AMOUNTS are several that sum to one, SHARES several of one amount."""

    AMOUNT = "amount"
    AMOUNTS = "amounts"
    SHARE = "share"
    SHARES = "shares"
    COUNT = "count"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Example:
    """A figure worked out. Amounts are in rupees, as the API writes them.

    Of a share the two parts are numerator and denominator; of amounts, the parts sum to the result.
    """

    words: str
    parts: tuple[tuple[str, str], ...]
    result: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure counts. `words` is the definition; shares also have a numerator and a denominator in words.

    `source` is the practice of the field that it follows; `notes` say what it is not to be confused with.
    """

    id: str
    section: Section
    title: str
    words: str
    unit: Unit
    source: str
    example: Example
    numerator: str | None = None
    denominator: str | None = None
    notes: tuple[str, ...] = ()
