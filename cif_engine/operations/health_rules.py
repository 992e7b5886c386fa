"""Health rules: which there are, which version a rating goes by, and recording the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from cif_engine.errors import DuplicateCodeError, HealthRuleNumberError, NotFoundError
from cif_engine.fund.health import HealthRule, Limits, RecordedHealthRule, rule_in_force
from cif_engine.moments import END_OF_TIME
from cif_engine.operations.reporting import known_view
from cif_engine.operations.views import View
from cif_engine.persistence import health_rules as stored
from cif_engine.persistence.database_errors import is_unique_violation
from cif_engine.persistence.engines import Databases


def health_rule_in_force(connection: sa.Connection, code: str, as_of: date, known_at: int | None) -> RecordedHealthRule:
    """Return the version of a rule that a rating goes by; raises NotFoundError (`/rule`) where none holds."""
    moment = END_OF_TIME if known_at is None else known_at
    version = rule_in_force(stored.versions_of(connection, code), as_of, moment)
    if version is None:
        raise NotFoundError(f"No health rule {code} is in force on {as_of}.", pointer="/rule")
    return version


def get_health_rule(databases: Databases, code: str, as_of: date, known_at: int | None = None) -> View:
    """Return a rule with all its versions recorded by `known_at`; raises NotFoundError."""
    with databases.reading() as connection:
        versions = [
            version
            for version in stored.versions_of(connection, code)
            if known_at is None or version.recorded_at <= known_at
        ]
    if not versions:
        raise NotFoundError(f"No health rule {code}.")
    return _rule_view(versions, as_of)


def list_health_rules(databases: Databases, as_of: date, after: str | None, limit: int) -> View:
    """Return rules by their codes, each as `get_health_rule` does; `next` is the code to go on after."""
    with databases.reading() as connection:
        codes = stored.codes_after(connection, after or "", limit + 1)
        items = [_rule_view(stored.versions_of(connection, code), as_of) for code in codes[:limit]]
    return {"items": items, "next": [codes[limit - 1]] if len(codes) > limit else None}


def record_health_rule(databases: Databases, said: HealthRule, actor: str, at: int, today: date) -> View:
    """Record a new rule, or the next version of one, and return it with all its versions.

    Raises DuplicateCodeError for a number that is recorded already, so that the same request sent again adds nothing,
    and HealthRuleNumberError for one that leaves a gap.
    """
    try:
        with databases.writing() as connection:
            before = stored.versions_of(connection, said.code)
            _refuse_wrong_number(said, len(before) + 1)
            new = RecordedHealthRule(said, at, actor)
            stored.add_version(connection, new)
            return _rule_view([*before, new], today)
    except sa.exc.IntegrityError as error:
        if is_unique_violation(error):
            raise _taken(said) from error
        raise


def _rule_view(versions: Sequence[RecordedHealthRule], as_of: date) -> View:
    now = rule_in_force(versions, as_of, END_OF_TIME)
    return {
        "code": versions[0].rule.code,
        "as_of": as_of.isoformat(),
        "in_force": None if now is None else now.rule.number,
        "versions": [_version_view(version) for version in versions],
    }


def _version_view(version: RecordedHealthRule) -> View:
    rule = version.rule
    return {
        "number": rule.number,
        "name": rule.name,
        "effective_from": rule.effective_from.isoformat(),
        "late_over_days": rule.late_over_days,
        "limits": [limits_view(limits) for limits in rule.limits],
        "points": {level.value: points for level, points in rule.points.items()},
        "good_from": rule.good_from,
        "fair_from": rule.fair_from,
        "remark": rule.remark,
        "recorded_at": known_view(version.recorded_at),
        "recorded_by": version.actor,
    }


def limits_view(limits: Limits) -> View:
    """Return the limits of one component, and its weight."""
    return {
        "component": limits.component.value,
        "good": format(limits.good, "f"),
        "fair": format(limits.fair, "f"),
        "weight": limits.weight,
    }


def _refuse_wrong_number(said: HealthRule, following: int) -> None:
    if said.number < following:
        raise _taken(said)
    if said.number > following:
        raise HealthRuleNumberError(
            f"The next version of {said.code} is number {following}.", pointer="/number", following=following
        )


def _taken(said: HealthRule) -> DuplicateCodeError:
    written = f"{said.code} {said.number}"
    return DuplicateCodeError(f"Version {said.number} of {said.code} is recorded already.", existing=written)
