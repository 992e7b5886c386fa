"""Health of funds: rules, said and shown, and ratings."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.fields import Answer, Day, OneLine, Said
from api.models.fund_figures import FundRatio
from api.models.network import Remarks
from api.models.portfolio import KnownMoment, RuleSetUsed
from api.models.recorded import RECORDED_AT
from cif_engine.fund.health import (
    LIMIT_DECIMALS,
    MOST_DAYS,
    MOST_POINTS,
    Component,
    HealthRule,
    Level,
    Limits,
)
from cif_engine.rules import CODE_PATTERN, LONGEST_NAME

_LIMIT_PATTERN: Final = rf"^(0|[1-9][0-9]{{0,4}})(\.[0-9]{{1,{LIMIT_DECIMALS}}})?$"
_LIMIT: Final = re.compile(_LIMIT_PATTERN)


def _read_limit(written: object) -> Decimal:
    if not isinstance(written, str) or not _LIMIT.fullmatch(written):
        message = 'A limit is a decimal string from 0 on: a share such as "0.95", or days such as "60".'
        raise PydanticCustomError("rate_unreadable", message)
    return Decimal(written)


HealthRuleCode = Annotated[str, StringConstraints(strict=True, pattern=f"^{CODE_PATTERN}$")]
LimitSaid = Annotated[
    Decimal,
    PlainValidator(_read_limit),
    WithJsonSchema({"type": "string", "pattern": _LIMIT_PATTERN, "examples": ["0.95"]}),
]
LimitText = Annotated[str, Field(pattern=_LIMIT_PATTERN, examples=["0.95"])]
PointsSaid = Annotated[int, Field(strict=True, ge=0, le=MOST_POINTS)]
ComponentSaid = Literal["capital_base", "default_rate", "cash_share", "dormancy"]
LevelSaid = Literal["good", "fair", "poor"]


class LimitsSaid(Said):
    """Where a component is good and where it is fair still, each limit included, and how much it weighs.

    A capital base is good from its limit up, all others up to it.
    """

    component: ComponentSaid
    good: LimitSaid = Field(description="A share; of dormancy, whole days.")
    fair: LimitSaid
    weight: Annotated[int, Field(strict=True, ge=1, le=MOST_POINTS)]

    def value(self) -> Limits:
        """Return it."""
        return Limits(Component(self.component), self.good, self.fair, self.weight)


class PointsOfLevels(Said):
    """What a component is worth that is judged so."""

    good: PointsSaid
    fair: PointsSaid
    poor: PointsSaid


class HealthRuleSaid(Said):
    """A version of a health rule: a new rule begins with number 1, the next version of one has the next number."""

    code: HealthRuleCode
    number: Annotated[int, Field(strict=True, ge=1, le=10**9)]
    name: Annotated[str, OneLine(LONGEST_NAME)]
    effective_from: Day = Field(description="The first day whose ratings go by it; it may be past.")
    late_over_days: Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)] = Field(
        description="A loan late by more days than these counts as in default."
    )
    limits: Annotated[list[LimitsSaid], Field(min_length=1, max_length=len(Component))]
    points: PointsOfLevels
    good_from: PointsSaid = Field(description="A fund is good from so many points on.")
    fair_from: PointsSaid = Field(description="And fair from so many; below, it is poor.")
    remark: Remarks = ""

    example: ClassVar[dict[str, Any]] = {
        "code": "community",
        "number": 2,
        "name": "Community default of 2026",
        "effective_from": "2026-07-01",
        "late_over_days": 90,
        "limits": [
            {"component": "capital_base", "good": "0.95", "fair": "0.80", "weight": 40},
            {"component": "default_rate", "good": "0.05", "fair": "0.10", "weight": 40},
            {"component": "dormancy", "good": "60", "fair": "180", "weight": 20},
        ],
        "points": {"good": 100, "fair": 50, "poor": 0},
        "good_from": 75,
        "fair_from": 50,
        "remark": "Resolution 14 of the board.",
    }

    def value(self) -> HealthRule:
        """Return it; raises HealthRuleUnsoundError."""
        return HealthRule(
            code=self.code,
            number=self.number,
            name=self.name,
            effective_from=self.effective_from,
            late_over_days=self.late_over_days,
            limits=tuple(limits.value() for limits in self.limits),
            points={level: getattr(self.points, level.value) for level in Level},
            good_from=self.good_from,
            fair_from=self.fair_from,
            remark=self.remark,
        )


class LimitsShown(Answer):
    """The limits of one component, each included, and its weight."""

    component: ComponentSaid
    good: LimitText
    fair: LimitText
    weight: int


class PointsShown(Answer):
    """What a component is worth that is judged so."""

    good: int
    fair: int
    poor: int


class HealthRuleVersion(Answer):
    """One version of a health rule."""

    number: int
    name: str
    effective_from: date
    late_over_days: int
    limits: list[LimitsShown]
    points: PointsShown
    good_from: int
    fair_from: int
    remark: str
    recorded_at: str | None = Field(description="Null: it came with the engine, and counts in every rating.")
    recorded_by: str | None


class HealthRuleShown(Answer):
    """A health rule with all its versions. A yardstick: no fund is bound by it."""

    code: str
    as_of: date
    in_force: int | None = Field(description="The number of the version in force on the day; null where none is.")
    versions: list[HealthRuleVersion]

    example: ClassVar[dict[str, Any]] = {
        "code": "community",
        "as_of": "2026-07-31",
        "in_force": 2,
        "versions": [
            {
                **{name: value for name, value in HealthRuleSaid.example.items() if name != "code"},
                "recorded_at": RECORDED_AT,
                "recorded_by": "setup",
            }
        ],
    }


class DormancyShown(Answer):
    """Days for which nothing was handed out while more than is kept lay in cash."""

    definition: Literal["dormancy"]
    days: int | None


class JudgedShown(LimitsShown):
    """One component of a rating; one without a value is left out, its weight too, and `left_out` says why."""

    figure: FundRatio | DormancyShown
    level: LevelSaid | None
    points: int | None
    left_out: str | None


class HealthShown(Answer):
    """A fund rated: the mean of the points of its components, by weight."""

    lso: str
    fund: str
    as_of: date
    known_at: KnownMoment
    currency: str
    definition: Literal["health_rating"]
    rule: RuleSetUsed
    late_over_days: int
    components: list[JudgedShown]
    formula: str | None = Field(description="The formula with its numbers: each weight by its points, of all weights.")
    points: str | None = Field(description="Rounded half even; null where no component has a value.")
    level: LevelSaid | None
    good_from: int
    fair_from: int

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "as_of": "2021-06-30",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "definition": "health_rating",
        "rule": {"code": "community", "number": 1, "name": "Community default"},
        "late_over_days": 90,
        "components": [
            {
                "component": "capital_base",
                "good": "0.95",
                "fair": "0.80",
                "weight": 35,
                "figure": {
                    "definition": "capital_index",
                    "rate": "0.975000",
                    "numerator": "3900000.00",
                    "denominator": "4000000.00",
                },
                "level": "good",
                "points": 100,
                "left_out": None,
            },
            {
                "component": "default_rate",
                "good": "0.05",
                "fair": "0.10",
                "weight": 35,
                "figure": {
                    "definition": "default_rate",
                    "rate": "0.078035",
                    "numerator": "200000.00",
                    "denominator": "2563000.00",
                },
                "level": "fair",
                "points": 50,
                "left_out": None,
            },
            {
                "component": "dormancy",
                "good": "60",
                "fair": "180",
                "weight": 15,
                "figure": {"definition": "dormancy", "days": 12},
                "level": "good",
                "points": 100,
                "left_out": None,
            },
        ],
        "formula": "(35 x 100 + 35 x 50 + 15 x 100) / (35 + 35 + 15) = 79.41",
        "points": "79.41",
        "level": "good",
        "good_from": 75,
        "fair_from": 50,
    }
