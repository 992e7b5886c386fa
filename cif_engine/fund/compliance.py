"""Whether the money of a tranche went where its funder wanted it: every draw judged by the rule of its day.

Draws are those of the lots as they are known, so paper that came late counts. A draw from before the first rule, or in
a turn that the rule is not about, is outside the rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from cif_engine.fund.eligibility import (
    Borrowing,
    Criterion,
    Finding,
    Paid,
    RecordedTrancheRule,
    TrancheRule,
    in_force,
    judge,
)


class Draw(NamedTuple):
    """Rupees of a tranche that a loan drew on a day, of one turn; `borrowing` is the loan on that day."""

    loan_id: str
    on: date
    turn: int
    amount_minor: int
    borrowing: Borrowing


class Judged(NamedTuple):
    """A draw that is under a rule, and what each criterion but the share of women found."""

    draw: Draw
    rule: TrancheRule
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Met:
    """Of one criterion, how much money went where it was met, was not, or cannot be told; in minor units."""

    met_minor: int = 0
    not_met_minor: int = 0
    unknown_minor: int = 0

    def count(self, finding: Finding, amount_minor: int) -> None:
        """Count the money of a draw."""
        if finding.met is None:
            self.unknown_minor += amount_minor
        elif finding.met:
            self.met_minor += amount_minor
        else:
            self.not_met_minor += amount_minor


@dataclass(slots=True)
class UnderRule:
    """What was disbursed under one version of a rule."""

    rule: TrancheRule
    disbursed_minor: int = 0
    loans: set[str] = field(default_factory=set)
    criteria: dict[Criterion, Met] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrancheCompliance:
    """What was disbursed of one tranche, by the versions of its rule, and the draws that do not meet them.

    `paid` is the money of the turns that the rule of the last day is about, whenever it was disbursed: the share of
    women is of that. `rule` is that rule.
    """

    tranche: int
    rule: TrancheRule
    disbursed_minor: int
    outside_minor: int
    versions: tuple[UnderRule, ...]
    paid: Paid
    exceptions: tuple[Judged, ...]

    @property
    def share_is_met(self) -> bool | None:
        """Whether the share of women is what it should be; None where the rule wants none, or nothing was paid out."""
        least = self.rule.women_share_min
        return None if least is None or not self.paid.total_minor else self.paid.is_at_least(least)


def comply(
    tranche: int, versions: Iterable[RecordedTrancheRule], draws: Iterable[Draw], as_of: date
) -> TrancheCompliance | None:
    """Return how a tranche was disbursed; None where it has no rule on the day."""
    known, drawn = list(versions), list(draws)
    rule = in_force(known, tranche, as_of)
    if rule is None:
        return None
    judged = list(_judged(tranche, known, drawn))
    total_minor = sum(draw.amount_minor for draw in drawn)
    return TrancheCompliance(
        tranche,
        rule,
        total_minor,
        total_minor - sum(one.draw.amount_minor for one in judged),
        tuple(_by_version(judged)),
        _paid(rule, drawn),
        tuple(one for one in judged if any(finding.met is not True for finding in one.findings)),
    )


def _judged(tranche: int, versions: list[RecordedTrancheRule], draws: Iterable[Draw]) -> Iterator[Judged]:
    for draw in draws:
        rule = in_force(versions, tranche, draw.on)
        if rule is not None and rule.is_about(draw.turn):
            findings = judge(rule, draw.borrowing, _NOTHING)
            own = tuple(finding for finding in findings if finding.criterion is not Criterion.WOMEN_SHARE)
            yield Judged(draw, rule, own)


def _by_version(judged: Iterable[Judged]) -> Iterator[UnderRule]:
    found: defaultdict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        found[one.rule.number].append(one)
    for _, of_version in sorted(found.items()):
        under = UnderRule(of_version[0].rule)
        for one in of_version:
            under.disbursed_minor += one.draw.amount_minor
            under.loans.add(one.draw.loan_id)
            for finding in one.findings:
                under.criteria.setdefault(finding.criterion, Met()).count(finding, one.draw.amount_minor)
        yield under


def _paid(rule: TrancheRule, draws: Iterable[Draw]) -> Paid:
    counted = [draw for draw in draws if rule.is_about(draw.turn)]
    women_minor = sum(draw.amount_minor for draw in counted if draw.borrowing.is_woman)
    return Paid(women_minor, sum(draw.amount_minor for draw in counted))


_NOTHING = Paid(0, 0)
