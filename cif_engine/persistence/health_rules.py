"""Health rules as they are kept: one row per version, only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import orjson
import sqlalchemy as sa

from cif_engine.fund.health import Component, HealthRule, Level, Limits, RecordedHealthRule
from cif_engine.persistence.tables import TABLES

health_rule = TABLES["health_rule"]

_CODE: Final[sa.BindParameter[str]] = sa.bindparam("of_code")
_AFTER: Final[sa.BindParameter[str]] = sa.bindparam("after_code")
_MOST: Final[sa.BindParameter[int]] = sa.bindparam("most")

_VERSIONS: Final = sa.select(health_rule).where(health_rule.c.code == _CODE).order_by(health_rule.c.number)
_CODES: Final = (
    sa.select(health_rule.c.code)
    .where(health_rule.c.code > _AFTER)
    .distinct()
    .order_by(health_rule.c.code)
    .limit(_MOST)
)


def versions_of(connection: sa.Connection, code: str) -> list[RecordedHealthRule]:
    """Return the versions of one rule in the order of their numbers; none where there is no such rule."""
    return [_version(row) for row in connection.execute(_VERSIONS, {"of_code": code}).mappings()]


def codes_after(connection: sa.Connection, code: str, most: int) -> list[str]:
    """Return up to `most` codes of rules in their order, those after `code`."""
    return list(connection.execute(_CODES, {"after_code": code, "most": most}).scalars())


def add_version(connection: sa.Connection, recorded: RecordedHealthRule) -> None:
    """Add a version; the database refuses a number that is taken."""
    rule = recorded.rule
    row = {
        "code": rule.code,
        "number": rule.number,
        "name": rule.name,
        "effective_from": rule.effective_from,
        "says": orjson.dumps(_written(rule)).decode(),
        "remark": rule.remark,
        "recorded_at": recorded.recorded_at,
        "actor": recorded.actor,
    }
    connection.execute(sa.insert(health_rule), row)


def _version(row: sa.RowMapping) -> RecordedHealthRule:
    own = {name: row[name] for name in ("code", "number", "name", "effective_from", "remark")}
    return RecordedHealthRule(HealthRule(**own, **_read(orjson.loads(row["says"]))), row["recorded_at"], row["actor"])


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


def _read(says: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **says,
        "limits": tuple(
            Limits(Component(said["component"]), Decimal(said["good"]), Decimal(said["fair"]), said["weight"])
            for said in says["limits"]
        ),
        "points": {Level(level): points for level, points in says["points"].items()},
    }
