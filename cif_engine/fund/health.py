"""How healthy a fund is: a few of its figures, each judged by limits, and weighed into one number.

The limits are data with a day from which they hold. They are a yardstick: no fund is bound by them, and nothing is
posted because of one. A figure that has no value is left out, and its weight with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from cif_engine.errors import HealthRuleUnsoundError
from cif_engine.fund.figures import decimals_of
from cif_engine.rules import Finding, findings

MOST_DAYS: Final = 36_500
LIMIT_DECIMALS: Final = 6
MOST_POINTS: Final = 100
POINTS_DECIMALS: Final = 2


class Component(StrEnum):
    """What a rating looks at."""

    CAPITAL_BASE = "capital_base"
    DEFAULT_RATE = "default_rate"
    CASH_SHARE = "cash_share"
    DORMANCY = "dormancy"

    @property
    def in_days(self) -> bool:
        """Whether it is a number of days; else it is a share."""
        return self is Component.DORMANCY

    @property
    def higher_is_better(self) -> bool:
        """Whether the good ones lie above their limit; else below."""
        return self is Component.CAPITAL_BASE


class Level(StrEnum):
    """How a component, or the whole fund, is judged."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where one component is good and where it is fair still, the limit itself included; and how much it weighs."""

    component: Component
    good: Decimal
    fair: Decimal
    weight: int

    def judge(self, value: Fraction) -> Level:
        """Return how a value is judged: a capital base of 0.80 is fair where fair is 0.80 and good 0.95."""
        for level, limit in ((Level.GOOD, self.good), (Level.FAIR, self.fair)):
            bound = Fraction(limit)
            if value >= bound if self.component.higher_is_better else value <= bound:
                return level
        return Level.POOR


@dataclass(frozen=True, slots=True)
class HealthRule:
    """One version of a rule, in force from a day on; raises HealthRuleUnsoundError, with all that is wrong with it.

    `late_over_days` is how late a loan is that counts as in default. A fund is good from `good_from` points on, and
    fair from `fair_from`.
    """

    code: str
    number: int
    name: str
    effective_from: date
    late_over_days: int
    limits: tuple[Limits, ...]
    points: Mapping[Level, int]
    good_from: int
    fair_from: int
    remark: str

    def __post_init__(self) -> None:
        findings = tuple(_findings(self))
        if findings:
            raise HealthRuleUnsoundError(findings)


# Judging -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """One component: its value, and what that is judged and worth; all None where it has no value."""

    limits: Limits
    value: Fraction | None
    level: Level | None
    points: int | None


@dataclass(frozen=True, slots=True)
class Rating:
    """A fund rated: its components, and the points that they come to; None where none of them has a value."""

    rule: HealthRule
    judged: tuple[Judged, ...]

    @property
    def points(self) -> Fraction | None:
        """The mean of the points of the components that have a value, by weight."""
        weight = sum(one.limits.weight for one in self._counted)
        if not weight:
            return None
        return Fraction(sum(one.limits.weight * (one.points or 0) for one in self._counted), weight)

    @property
    def level(self) -> Level | None:
        """How the fund is judged."""
        points = self.points
        if points is None:
            return None
        if points >= self.rule.good_from:
            return Level.GOOD
        return Level.FAIR if points >= self.rule.fair_from else Level.POOR

    @property
    def formula(self) -> str | None:
        """The formula with its numbers: `(35 x 100 + 35 x 50 + 15 x 0) / (35 + 35 + 15) = 61.76`."""
        points = self.points
        if points is None:
            return None
        products = " + ".join(f"{one.limits.weight} x {one.points}" for one in self._counted)
        weights = " + ".join(str(one.limits.weight) for one in self._counted)
        return f"({products}) / ({weights}) = {decimals_of(points, POINTS_DECIMALS)}"

    @property
    def _counted(self) -> list[Judged]:
        return [one for one in self.judged if one.points is not None]


def rate(rule: HealthRule, values: Mapping[Component, Fraction | None]) -> Rating:
    """Return the rating of a fund whose components have these values."""
    return Rating(rule, tuple(_judged(rule, limits, values[limits.component]) for limits in rule.limits))


def _judged(rule: HealthRule, limits: Limits, value: Fraction | None) -> Judged:
    if value is None:
        return Judged(limits, None, None, None)
    level = limits.judge(value)
    return Judged(limits, value, level, rule.points[level])


# What makes it sound -------------------------------------------------------------------------------------------


def _findings(rule: HealthRule) -> Iterator[Finding]:
    yield from findings(rule)
    if not 0 <= rule.late_over_days <= MOST_DAYS:
        yield "/late_over_days", f"It is from 0 to {MOST_DAYS} days."
    if not rule.limits:
        yield "/limits", "A rule judges one component at least."
    for place, limits in enumerate(rule.limits):
        yield from _findings_of_limits(f"/limits/{place}", limits)
        if limits.component in [before.component for before in rule.limits[:place]]:
            yield f"/limits/{place}/component", f"{limits.component} is judged once."
    yield from _findings_of_points(rule)


def _findings_of_limits(pointer: str, limits: Limits) -> Iterator[Finding]:
    if not 0 < limits.weight <= MOST_POINTS:
        yield f"{pointer}/weight", f"A weight is from 1 to {MOST_POINTS}."
    for name in ("good", "fair"):
        limit: Decimal = getattr(limits, name)
        if limits.component.in_days:
            if not (limit.is_finite() and 0 <= limit <= MOST_DAYS and limit == int(limit)):
                yield f"{pointer}/{name}", f"It is a whole number of days, up to {MOST_DAYS}."
        elif not (limit.is_finite() and 0 <= limit <= MOST_POINTS and limit == round(limit, LIMIT_DECIMALS)):
            yield f"{pointer}/{name}", f"It is a share from 0 on, with at most {LIMIT_DECIMALS} decimals."
    better, worse = (limits.good, limits.fair) if limits.component.higher_is_better else (limits.fair, limits.good)
    if not better >= worse:
        yield f"{pointer}/fair", "What is fair is no better than what is good."


def _findings_of_points(rule: HealthRule) -> Iterator[Finding]:
    good, fair, poor = (rule.points[level] for level in Level)
    if not MOST_POINTS >= good >= fair >= poor >= 0 or good == poor:
        yield (
            "/points",
            f"Good is worth more than poor, fair no less than poor and no more than good; 0 to {MOST_POINTS}.",
        )
    if not MOST_POINTS >= rule.good_from > rule.fair_from > 0:
        yield "/good_from", f"A fund is good from more points on than fair, both from 1 to {MOST_POINTS}."
