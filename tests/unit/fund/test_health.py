"""How a fund is rated: each component by its limits, the whole by weight."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from cif_engine.errors import HealthRuleUnsoundError
from cif_engine.fund.health import (
    Component,
    HealthRule,
    Level,
    Limits,
    rate,
)
from cif_engine.rules import Recorded, in_force

LIMITS = (
    Limits(Component.CAPITAL_BASE, Decimal("0.95"), Decimal("0.80"), 35),
    Limits(Component.DEFAULT_RATE, Decimal("0.05"), Decimal("0.10"), 35),
    Limits(Component.CASH_SHARE, Decimal("0.25"), Decimal("0.50"), 15),
    Limits(Component.DORMANCY, Decimal(60), Decimal(180), 15),
)
RULE = HealthRule(
    code="board",
    number=1,
    name="Of the board",
    effective_from=date(2021, 7, 1),
    late_over_days=90,
    limits=LIMITS,
    points={Level.GOOD: 100, Level.FAIR: 50, Level.POOR: 0},
    good_from=75,
    fair_from=50,
    remark="",
)
VALUES = {
    Component.CAPITAL_BASE: Fraction(975, 1000),
    Component.DEFAULT_RATE: Fraction(7, 100),
    Component.CASH_SHARE: Fraction(6, 10),
    Component.DORMANCY: Fraction(60),
}


@pytest.mark.parametrize(
    ("component", "value", "level"),
    [
        (Component.CAPITAL_BASE, Fraction(95, 100), Level.GOOD),
        (Component.CAPITAL_BASE, Fraction(949_999, 1_000_000), Level.FAIR),
        (Component.CAPITAL_BASE, Fraction(80, 100), Level.FAIR),
        (Component.CAPITAL_BASE, Fraction(-1), Level.POOR),
        (Component.DEFAULT_RATE, Fraction(5, 100), Level.GOOD),
        (Component.DEFAULT_RATE, Fraction(1, 10), Level.FAIR),
        (Component.DEFAULT_RATE, Fraction(100_001, 1_000_000), Level.POOR),
        (Component.DORMANCY, Fraction(61), Level.FAIR),
        (Component.DORMANCY, Fraction(181), Level.POOR),
    ],
)
def test_a_limit_is_on_the_better_side(component: Component, value: Fraction, level: Level) -> None:
    limits = next(limits for limits in LIMITS if limits.component is component)
    assert limits.judge(value) is level


def test_a_rating_is_the_mean_of_points_by_weight() -> None:
    """35 x 100 + 35 x 50 + 15 x 0 + 15 x 100 = 6,750 of 100."""
    rating = rate(RULE, VALUES)
    assert [one.level for one in rating.judged] == [Level.GOOD, Level.FAIR, Level.POOR, Level.GOOD]
    assert rating.points == Fraction(6750, 100)
    assert rating.level is Level.FAIR
    assert rating.formula == "(35 x 100 + 35 x 50 + 15 x 0 + 15 x 100) / (35 + 35 + 15 + 15) = 67.50"


def test_what_has_no_value_is_left_out_with_its_weight() -> None:
    rating = rate(RULE, VALUES | {Component.CASH_SHARE: None})
    assert [(one.level, one.points) for one in rating.judged][2] == (None, None)
    assert rating.formula == "(35 x 100 + 35 x 50 + 15 x 100) / (35 + 35 + 15) = 79.41"
    assert rating.level is Level.GOOD


def test_a_fund_of_which_nothing_is_known_is_not_rated() -> None:
    rating = rate(RULE, dict.fromkeys(Component, None))
    assert (rating.points, rating.level, rating.formula) == (None, None, None)


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ((Fraction(1), Fraction(0), Fraction(0), Fraction(0)), Level.GOOD),
        ((Fraction(0), Fraction(1), Fraction(1), Fraction(999)), Level.POOR),
        ((Fraction(8, 10), Fraction(1, 10), Fraction(1, 2), Fraction(180)), Level.FAIR),
    ],
)
def test_the_ends_of_the_scale(values: tuple[Fraction, ...], level: Level) -> None:
    assert rate(RULE, dict(zip(Component, values, strict=True))).level is level


def test_the_version_of_the_latest_day_is_in_force_and_of_one_day_the_last() -> None:
    kept = [
        Recorded(replace(RULE, number=number, effective_from=day), recorded_at, "board")
        for number, day, recorded_at in (
            (1, date(2021, 7, 1), 10),
            (2, date(2022, 7, 1), 20),
            (3, date(2022, 7, 1), 30),
            (4, date(2021, 1, 1), 40),
        )
    ]

    def number(day: date, known_at: int) -> int | None:
        found = in_force(kept, day, known_at)
        return None if found is None else found.rule.number

    assert number(date(2022, 7, 1), 99) == 3
    assert number(date(2022, 7, 1), 29) == 2
    assert number(date(2022, 6, 30), 99) == 1
    assert number(date(2021, 6, 30), 99) == 4
    assert number(date(2021, 6, 30), 39) is None


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"code": "Board"}, ["/code"]),
        ({"number": 0}, ["/number"]),
        ({"name": " "}, ["/name"]),
        ({"late_over_days": -1}, ["/late_over_days"]),
        ({"limits": ()}, ["/limits"]),
        ({"limits": (LIMITS[0], LIMITS[0])}, ["/limits/1/component"]),
        ({"limits": (replace(LIMITS[0], weight=0),)}, ["/limits/0/weight"]),
        ({"limits": (replace(LIMITS[0], good=Decimal("0.7")),)}, ["/limits/0/fair"]),
        ({"limits": (replace(LIMITS[1], good=Decimal("0.2")),)}, ["/limits/0/fair"]),
        ({"limits": (replace(LIMITS[1], good=Decimal("0.0000001")),)}, ["/limits/0/good"]),
        ({"limits": (replace(LIMITS[1], fair=Decimal(101)),)}, ["/limits/0/fair"]),
        ({"limits": (replace(LIMITS[3], good=Decimal("0.5")),)}, ["/limits/0/good"]),
        ({"points": {Level.GOOD: 50, Level.FAIR: 60, Level.POOR: 0}}, ["/points"]),
        ({"points": {Level.GOOD: 0, Level.FAIR: 0, Level.POOR: 0}}, ["/points"]),
        ({"good_from": 50}, ["/good_from"]),
        ({"good_from": 101}, ["/good_from"]),
        ({"number": 0, "fair_from": 0}, ["/number", "/good_from"]),
    ],
)
def test_an_unsound_rule_is_refused_with_all_that_is_wrong(changes: dict[str, object], pointers: list[str]) -> None:
    with pytest.raises(HealthRuleUnsoundError) as refused:
        replace(RULE, **changes)  # type: ignore[arg-type]  # by name
    assert [pointer for pointer, _ in refused.value.findings] == pointers
