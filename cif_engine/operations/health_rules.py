"""Health rules: by which a fund is rated."""

from __future__ import annotations

from typing import Final

from cif_engine.errors import HealthRuleNumberError
from cif_engine.fund.health import HealthRule, Limits
from cif_engine.operations.rules import Rules
from cif_engine.operations.views import View
from cif_engine.persistence.health_rules import STORED


def limits_view(limits: Limits) -> View:
    """Return the limits of one component, and its weight."""
    return {
        "component": limits.component.value,
        "good": format(limits.good, "f"),
        "fair": format(limits.fair, "f"),
        "weight": limits.weight,
    }


def _says(rule: HealthRule) -> View:
    return {
        "late_over_days": rule.late_over_days,
        "limits": [limits_view(limits) for limits in rule.limits],
        "points": {level.value: points for level, points in rule.points.items()},
        "good_from": rule.good_from,
        "fair_from": rule.fair_from,
    }


HEALTH_RULES: Final = Rules("health rule", "/rule", STORED, _says, HealthRuleNumberError)
