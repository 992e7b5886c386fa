"""Health rules as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from cif_engine.fund.health import Component, HealthRule, Level, Limits
from cif_engine.persistence.rules import ALIKE, StoredRules
from cif_engine.persistence.tables import TABLES


def _write(rule: HealthRule) -> dict[str, Any]:
    return {"says": orjson.dumps(_written(rule)).decode()}


def _read(row: Mapping[str, Any]) -> HealthRule:
    own = {name: row[name] for name in ALIKE}
    return HealthRule(**own, **_said(orjson.loads(row["says"])))


def _written(rule: HealthRule) -> dict[str, Any]:
    return {
        "late_over_days": rule.late_over_days,
        "limits": [
            {
                "component": limits.component,
                "good": format(limits.good, "f"),
                "fair": format(limits.fair, "f"),
                "weight": limits.weight,
            }
            for limits in rule.limits
        ],
        "points": {level.value: points for level, points in rule.points.items()},
        "good_from": rule.good_from,
        "fair_from": rule.fair_from,
    }


def _said(says: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **says,
        "limits": tuple(
            Limits(Component(said["component"]), Decimal(said["good"]), Decimal(said["fair"]), said["weight"])
            for said in says["limits"]
        ),
        "points": {Level(level): points for level, points in says["points"].items()},
    }


STORED: Final = StoredRules(TABLES["health_rule"], _write, _read)
