"""Rule sets: which there are, which version a report goes by, and recording the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from cif_engine.errors import DuplicateCodeError, NotFoundError, RuleSetNumberError
from cif_engine.moments import END_OF_TIME
from cif_engine.operations.reporting import known_view
from cif_engine.operations.views import View
from cif_engine.persistence import rule_sets as stored
from cif_engine.persistence.database_errors import is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.portfolio.classification import ClassBand, RecordedRuleSet, RuleSet, in_force


def rule_set_in_force(connection: sa.Connection, code: str, as_of: date, known_at: int | None) -> RecordedRuleSet:
    """Return the version of a rule set that a report goes by; raises NotFoundError (`/rule_set`) where none holds.

    `known_at` is the one that was asked for; None: all that is recorded. The report names as its own `known_at` the
    later of the last event it counted and `recorded_at` of this version, so that with that moment it is the same report
    again (law 7).
    """
    moment = END_OF_TIME if known_at is None else known_at
    version = in_force(stored.versions_of(connection, code), as_of, moment)
    if version is None:
        raise NotFoundError(f"No rule set {code} is in force on {as_of}.", pointer="/rule_set")
    return version


def get_rule_set(databases: Databases, code: str, as_of: date, known_at: int | None = None) -> View:
    """Return a rule set with all its versions recorded by `known_at`; raises NotFoundError."""
    with databases.reading() as connection:
        versions = _known(stored.versions_of(connection, code), known_at)
    if not versions:
        raise NotFoundError(f"No rule set {code}.")
    return rule_set_view(versions, as_of)


def list_rule_sets(databases: Databases, as_of: date, after: str | None, limit: int) -> View:
    """Return rule sets by their codes, each as `get_rule_set` does; `next` is the code to go on after."""
    with databases.reading() as connection:
        codes = stored.codes_after(connection, after or "", limit + 1)
        items = [rule_set_view(stored.versions_of(connection, code), as_of) for code in codes[:limit]]
    return {"items": items, "next": [codes[limit - 1]] if len(codes) > limit else None}


def record_rule_set(databases: Databases, said: RuleSet, actor: str, at: int, today: date) -> View:
    """Record a new rule set, or the next version of one, and return it with all its versions.

    Raises DuplicateCodeError for a number that is recorded already, so that the same request sent again adds nothing,
    and RuleSetNumberError for one that leaves a gap.
    """
    try:
        with databases.writing() as connection:
            before = stored.versions_of(connection, said.code)
            _refuse_wrong_number(said, len(before) + 1)
            new = RecordedRuleSet(said, at, actor)
            stored.add_version(connection, new)
            return rule_set_view([*before, new], today)
    except sa.exc.IntegrityError as error:
        if is_unique_violation(error):
            raise _taken(said) from error
        raise


def rule_set_view(versions: Sequence[RecordedRuleSet], as_of: date) -> View:
    """Return a rule set: its versions, and the number of the one in force on a day."""
    now = in_force(versions, as_of, END_OF_TIME)
    return {
        "code": versions[0].rule_set.code,
        "as_of": as_of.isoformat(),
        "in_force": None if now is None else now.rule_set.number,
        "versions": [version_view(version) for version in versions],
    }


def version_view(version: RecordedRuleSet) -> View:
    """Return one version of a rule set; one that came with the engine was recorded by nobody."""
    said = version.rule_set
    return {
        "number": said.number,
        "name": said.name,
        "effective_from": said.effective_from.isoformat(),
        "comparator": said.comparator.value,
        "bands": [_band_view(band) for band in said.bands],
        "remark": said.remark,
        "recorded_at": known_view(version.recorded_at),
        "recorded_by": version.actor,
    }


def _band_view(band: ClassBand) -> View:
    return {
        "name": band.name,
        "days_from": band.days_from,
        "days_to": band.days_to,
        "rate": None if band.rate is None else format(band.rate, "f"),
    }


def _known(versions: Sequence[RecordedRuleSet], known_at: int | None) -> list[RecordedRuleSet]:
    return [version for version in versions if known_at is None or version.recorded_at <= known_at]


def _refuse_wrong_number(said: RuleSet, following: int) -> None:
    if said.number < following:
        raise _taken(said)
    if said.number > following:
        raise RuleSetNumberError(
            f"The next version of {said.code} is number {following}.", pointer="/number", following=following
        )


def _taken(said: RuleSet) -> DuplicateCodeError:
    written = f"{said.code} {said.number}"
    return DuplicateCodeError(f"Version {said.number} of {said.code} is recorded already.", existing=written)
