"""The rules of tranches: recording the next version of one, and reading them as they were known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import sqlalchemy as sa

from cif_engine.errors import DuplicateCodeError, NotFoundError, TrancheRuleNumberError
from cif_engine.fund.eligibility import RecordedTrancheRule, TrancheRule, in_force
from cif_engine.operations.loan_views import amount_view
from cif_engine.operations.reporting import known_view, moments_view, open_book, open_fund
from cif_engine.operations.views import View
from cif_engine.persistence.books import book_sql
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within, find_known
from cif_engine.persistence.tranche_rules import add_rule, rules_of_fund, unknown_areas


@dataclass(frozen=True, slots=True)
class RulesAsked:
    """Whose rules: of a fund, by the day they hold on, as known at a moment (None: now)."""

    lso_id: str
    fund: str
    as_of: date
    known_at: int | None = None


def record_tranche_rule(
    databases: Databases, lso_id: str, fund: str, rule: TrancheRule, actor: str, at: int, today: date
) -> View:
    """Record the next version of the rule of a tranche, and return it with all its versions.

    Loans that were made stay as they were made. Raises NotFoundError (the fund, an area), DuplicateCodeError for a
    number that is recorded already, so that the same request sent again adds nothing, and TrancheRuleNumberError for
    one that leaves a gap.
    """
    with databases.writing(lso_id) as connection:
        book_sql(databases.dialect).lock(connection, lso_id)
        fund_id = open_fund(connection, lso_id, fund).id
        before = [version for version in rules_of_fund(connection, lso_id, fund_id) if _is_of(version, rule.tranche)]
        _refuse_wrong_number(rule, len(before) + 1)
        _refuse_unknown_areas(connection, lso_id, rule)
        add_rule(connection, lso_id, fund_id, rule, actor, at)
    return get_tranche_rule(databases, RulesAsked(lso_id, fund, today), rule.tranche)


def get_tranche_rule(databases: Databases, asked: RulesAsked, tranche: int) -> View:
    """Return the rule of a tranche with its versions known by a moment: none where it has no rule.

    Raises NotFoundError.
    """
    found = list_tranche_rules(databases, asked)
    own = (view for view in found.pop("items") if view["tranche"] == tranche)
    return {**found, **next(own, {"tranche": tranche, "in_force": None, "versions": []})}


def list_tranche_rules(databases: Databases, asked: RulesAsked) -> View:
    """Return the rules of a fund's tranches, by their numbers, with the versions known by a moment.

    Raises NotFoundError.
    """
    lso_id = asked.lso_id
    with databases.reading(lso_id) as connection:
        book = open_book(connection, lso_id, asked.known_at)
        fund = open_fund(connection, lso_id, asked.fund)
        known = find_known(connection, Within((lso_id,)), asked.known_at)
        versions = rules_of_fund(connection, lso_id, fund.id, known.at)
    rules = groupby(versions, key=lambda version: version.rule.tranche)
    return {
        "lso": book.lso_code,
        "fund": fund.code,
        **moments_view(asked.as_of, known.at),
        "items": [_rule_view(tranche, list(of_tranche), asked.as_of) for tranche, of_tranche in rules],
    }


def rule_view(rule: TrancheRule) -> View:
    """Return what one version of a rule says."""
    band, share = rule.band, rule.women_share_min
    return {
        "number": rule.number,
        "valid_from": rule.valid_from.isoformat(),
        "turns": rule.turns.value,
        "poverty_score_from": band[0] if band else None,
        "poverty_score_to": band[1] if band else None,
        "women_share_min": None if share is None else f"{share:f}",
        "areas": [{"kind": area.kind.value, "code": area.code} for area in rule.areas],
        "amount_max": amount_view(rule.amount_max_minor),
        "cycle_max": rule.cycle_max,
        "remark": rule.remark,
    }


def _rule_view(tranche: int, versions: Sequence[RecordedTrancheRule], as_of: date) -> View:
    now = in_force(versions, tranche, as_of)
    return {
        "tranche": tranche,
        "in_force": None if now is None else now.number,
        "versions": list(_versions(versions)),
    }


def _versions(versions: Iterable[RecordedTrancheRule]) -> Iterable[View]:
    for version in versions:
        yield {
            **rule_view(version.rule),
            "recorded_at": known_view(version.recorded_at),
            "recorded_by": version.actor,
        }


def _is_of(version: RecordedTrancheRule, tranche: int) -> bool:
    return version.rule.tranche == tranche


def _refuse_wrong_number(rule: TrancheRule, following: int) -> None:
    if rule.number < following:
        written = f"{rule.tranche} {rule.number}"
        raise DuplicateCodeError(
            f"Version {rule.number} of the rule of tranche {rule.tranche} is recorded already.",
            pointer="/number",
            existing=written,
        )
    if rule.number > following:
        raise TrancheRuleNumberError(
            f"The next version of the rule of tranche {rule.tranche} is number {following}.",
            pointer="/number",
            following=following,
        )


def _refuse_unknown_areas(connection: sa.Connection, lso_id: str, rule: TrancheRule) -> None:
    for area in unknown_areas(connection, lso_id, rule.areas):
        raise NotFoundError(f"{area.kind.value} {area.code} is not known here.", pointer="/areas")
