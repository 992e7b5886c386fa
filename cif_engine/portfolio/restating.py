"""What moved a figure between two moments at which it was known: the acts recorded in between, each with its effect.

The facts of a loan that were recorded at one moment are one act. The effect of an act is what the loan was of the
figure after it, less what it was before it, so the effects of all acts sum to the difference of the figure exactly,
whatever their order makes of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.origin import Origin, origin
from cif_engine.portfolio.contributions import NOTHING, Contribution, Subject, contribution


class Cause(StrEnum):
    """Why a figure of the past is not what it was.

    The first two are no acts of loans: another version of the rule set, or another place of an LSO, funder of a fund or
    tranche, became known. The others are kinds of acts; an act that is of several counts as the first of them.
    """

    RULE_SET = "rule_set"
    PLACEMENTS = "placements"
    CORRECTIONS = "corrections"
    REVERSALS = "reversals"
    WRITE_OFFS = "write_offs"
    MORATORIA = "moratoria"
    RESCHEDULES = "reschedules"
    DISBURSEMENTS = "disbursements"
    REPAYMENTS = "repayments"
    DUES = "dues"
    CREDITS = "credits"
    APPLICATIONS = "applications"


class Heard(NamedTuple):
    """A fact of a loan, with the moment at which the book learned of it and its number there."""

    at: int
    seq: int
    fact: LoanFact


class Act(NamedTuple):
    """What was recorded of one loan at one moment, and what it changed of the figure."""

    at: int
    cause: Cause
    heard: tuple[Heard, ...]
    change: Contribution


class Belongs(NamedTuple):
    """Whether a loan is among those that the figure is narrowed to, at the first moment and at the second."""

    before: bool = True
    after: bool = True


ALWAYS: Final = Belongs()
"""Of a figure that is narrowed to nothing."""


class Line(NamedTuple):
    """A line of the bridge: what all acts of one kind changed, how many they were, and of how many loans."""

    cause: Cause
    acts: int = 0
    loans: int = 0
    change: Contribution = NOTHING


def acts_of(heard: Sequence[Heard], about: Subject, since: int, belongs: Belongs = ALWAYS) -> list[Act]:
    """Return the acts after a moment that changed what a loan is of a figure; `heard` is all of it, as recorded.

    A loan of 9,000 late by 40 days on 30 June is (9,000, 9,000) of PAR 30. A receipt of 2,000 of May that is recorded
    in July, and leaves it late by 10 days, is a repayment of (-9,000, -2,000). Facts that happened after the day change
    nothing. Where a correction takes the loan out of what the figure is narrowed to, or into it, that act does.
    """
    if not any(belongs):
        return []
    known = [one.fact for one in heard if one.at <= since]
    later = [tuple(act) for _, act in groupby((one for one in heard if one.at > since), key=_moment)]
    crossing = _crossing(known, later) if belongs.before != belongs.after else 0
    belongs_now, before = belongs.before, NOTHING
    if belongs_now:
        before = contribution(live(known), about)
    acts = []
    for place, act in enumerate(later):
        known += (one.fact for one in act)
        crosses = place == crossing and belongs_now != belongs.after
        if not crosses and all(one.fact.effective_on > about.day for one in act):
            continue
        belongs_now = belongs.after if crosses else belongs_now
        after = contribution(live(known), about) if belongs_now else NOTHING
        if after != before:
            acts.append(Act(act[0].at, cause_of(one.fact for one in act), act, after.less(before)))
        before = after
    return acts


def cause_of(facts: Iterable[LoanFact]) -> Cause:
    """Return what an act is, from its facts."""
    return min((_cause(fact) for fact in facts), key=_ORDER.index)


def add_up_acts(lines: dict[Cause, Line], acts: Sequence[Act]) -> None:
    """Add the acts of one loan to the lines of the bridge."""
    for cause in dict.fromkeys(act.cause for act in acts):
        line = lines.get(cause, Line(cause))
        of_cause = [act.change for act in acts if act.cause is cause]
        for change in of_cause:
            line = line._replace(change=line.change.plus(change))
        lines[cause] = line._replace(acts=line.acts + len(of_cause), loans=line.loans + 1)


_CAUSE_OF: Final = {
    Kind.FACT_REVERSED: Cause.REVERSALS,
    Kind.LOAN_WRITTEN_OFF: Cause.WRITE_OFFS,
    Kind.LOAN_RESCHEDULED: Cause.RESCHEDULES,
    Kind.LOAN_DISBURSED: Cause.DISBURSEMENTS,
    Kind.REPAYMENT_RECEIVED: Cause.REPAYMENTS,
    Kind.FEE_CHARGED: Cause.DUES,
    Kind.PENALTY_CHARGED: Cause.DUES,
    Kind.DUES_WAIVED: Cause.DUES,
    Kind.CREDIT_USED: Cause.CREDITS,
    Kind.CREDIT_REFUNDED: Cause.CREDITS,
}
_ORDER: Final = list(Cause)


def _cause(fact: LoanFact) -> Cause:
    if "replaces" in fact.says:
        return Cause.CORRECTIONS
    if "moratorium" in fact.says:
        return Cause.MORATORIA
    return _CAUSE_OF.get(fact.kind, Cause.APPLICATIONS)


def _crossing(known: Iterable[LoanFact], later: Sequence[Sequence[Heard]]) -> int:
    """Return the place of the last act that changed what the loan was made under; the first, where none did."""
    told = list(known)
    crossing, before = 0, _origin(told)
    for place, act in enumerate(later):
        told += (one.fact for one in act)
        after = _origin(told)
        if after != before:
            crossing, before = place, after
    return crossing


def _origin(facts: Sequence[LoanFact]) -> Origin | None:
    life: LoanLife = live(facts)
    return origin(life.facts, life.voided) if life.facts else None


def _moment(heard: Heard) -> int:
    return heard.at
