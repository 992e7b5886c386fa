"""Rule sets: from how many days a loan is late to its class, and to the provision that the class calls for.

A rule set is data with a day from which it holds. It is a yardstick: an LSO is not bound by any of them, and nothing is
posted because of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from cif_engine.errors import RuleSetUnsoundError
from cif_engine.money import round_ratio
from cif_engine.rules import Finding, findings

LONGEST_CLASS_NAME: Final = 60
MOST_BANDS: Final = 30
MOST_DAYS: Final = 36_500
RATE_DECIMALS: Final = 6


class Comparator(StrEnum):
    """What "late over n days" means: by more than n days, or by n days or more. Printed with every such figure."""

    MORE_THAN = ">"
    AT_LEAST = ">="

    def least_days_late(self, n: int) -> int:
        """Return the fewest days late that count as late over `n`; 1 for n = 0, as who owes nothing yet is not late.

        Over 30 that is 31 days under `>`, and 30 under `>=`.
        """
        return n + 1 if self is Comparator.MORE_THAN else max(n, 1)

    def is_late_over(self, days_late: int, n: int) -> bool:
        """Say whether a loan that is so many days late is late over `n`."""
        return days_late >= self.least_days_late(n)


@dataclass(frozen=True, slots=True)
class ClassBand:
    """The class of loans late from `days_from` to `days_to` days, both included; `days_to` None: or longer.

    `rate` is the share of their outstanding principal to be provided for, from 0 to 1; None: the rule set gives none.
    """

    name: str
    days_from: int
    days_to: int | None
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of a rule set, in force from a day on; raises RuleSetUnsoundError, with all that is wrong with it.

    Its bands take every loan once: they begin at 0 days, leave no gap, and the last one is open.
    """

    code: str
    number: int
    name: str
    effective_from: date
    comparator: Comparator
    bands: tuple[ClassBand, ...]
    remark: str

    def __post_init__(self) -> None:
        findings = tuple(_findings(self))
        if findings:
            raise RuleSetUnsoundError(findings)

    @property
    def gives_rates(self) -> bool:
        """Whether it says what to provide; a set of stages alone does not."""
        return self.bands[0].rate is not None

    def classify(self, days_late: int) -> ClassBand:
        """Return the class of a loan that is so many days late."""
        return next(band for band in reversed(self.bands) if band.days_from <= days_late)


def required_minor(outstanding_minor: int, rate: Decimal | None) -> int | None:
    """Return what a class calls for: the rate of its outstanding principal, half even; None where there is no rate.

    25 % of 60,000.02 rupees is 15,000.00, because 0.005 goes to the even paisa.
    """
    if rate is None:
        return None
    numerator, denominator = rate.as_integer_ratio()
    return round_ratio(outstanding_minor * numerator, denominator, 1)


# What makes it sound -------------------------------------------------------------------------------------------


def _findings(rule_set: RuleSet) -> Iterator[Finding]:
    yield from findings(rule_set)
    if not 0 < len(rule_set.bands) <= MOST_BANDS:
        yield "/bands", f"A rule set has 1 to {MOST_BANDS} bands."
        return
    yield from _findings_of_days(rule_set.bands)
    yield from _findings_of_names(rule_set.bands)
    yield from _findings_of_rates(rule_set.bands)


def _findings_of_days(bands: tuple[ClassBand, ...]) -> Iterator[Finding]:
    if bands[0].days_from != 0:
        yield "/bands/0/days_from", "The first band begins at 0 days."
    for place, band in enumerate(bands):
        if band.days_to is not None and not band.days_from <= band.days_to <= MOST_DAYS:
            yield f"/bands/{place}/days_to", f"A band ends after {band.days_from} days or later, up to {MOST_DAYS}."
    for place, (before, band) in enumerate(pairwise(bands)):
        if before.days_to is None:
            yield f"/bands/{place}/days_to", "Only the last band is open."
        elif band.days_from != before.days_to + 1:
            yield (
                f"/bands/{place + 1}/days_from",
                f"The band before ends at {before.days_to}; this one begins after it.",
            )
    if bands[-1].days_to is not None:
        yield f"/bands/{len(bands) - 1}/days_to", "The last band is open: it has no end."


def _findings_of_names(bands: tuple[ClassBand, ...]) -> Iterator[Finding]:
    names = [band.name.strip() for band in bands]
    for place, name in enumerate(names):
        if not 0 < len(name) <= LONGEST_CLASS_NAME:
            yield f"/bands/{place}/name", f"The name of a class has 1 to {LONGEST_CLASS_NAME} characters."
        elif name in names[:place]:
            yield f"/bands/{place}/name", f"Two classes are named {name}."


def _findings_of_rates(bands: tuple[ClassBand, ...]) -> Iterator[Finding]:
    gives_rates = bands[0].rate is not None
    for place, band in enumerate(bands):
        if (band.rate is not None) != gives_rates:
            yield f"/bands/{place}/rate", "A rule set gives a rate for every class, or for none."
        elif band.rate is not None and not _is_share(band.rate):
            yield f"/bands/{place}/rate", f"A rate is from 0 to 1, with at most {RATE_DECIMALS} decimals."


def _is_share(rate: Decimal) -> bool:
    """Say whether it is a share with few enough decimals; trailing zeros do not count."""
    return rate.is_finite() and 0 <= rate <= 1 and rate == round(rate, RATE_DECIMALS)
