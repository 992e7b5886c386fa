"""Which tranches pay for a loan, and whether it keeps to their rules: looked at when money is handed out.

What was found is kept in the fact of the disbursement. It is what could be known then: paper that comes later may move
which rupees the loan is made of, and the compliance report tells both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.errors import TrancheNotEligibleError
from cif_engine.fund.eligibility import WOMAN, Borrowing, Criterion, Finding, Paid, TrancheRule, broken, in_force, judge
from cif_engine.fund.flows import Flows, loan_days
from cif_engine.fund.lots import Ending, Lots, Stay, fold
from cif_engine.fund.pieces import Source, SourceKind
from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife
from cif_engine.operations.loan_facts import Change, application_of
from cif_engine.persistence.flows import flows_of_fund
from cif_engine.persistence.loan_reports import codes_by_id
from cif_engine.persistence.standings import Known
from cif_engine.persistence.tranche_rules import (
    borrowers_of_loans,
    rules_of_fund,
    union_council_on,
    union_councils,
)

NOW = Known(0)
Draws = Counter[tuple[Source, int]]
"""How much a loan drew, in minor units, by source and turn."""


def with_evidence(
    connection: sa.Connection, lso_id: str, change: Change, new: LoanFact, others: Iterable[Change] = ()
) -> LoanFact:
    """Return the fact of a disbursement with what is known of the tranches that pay for it (`tranches`).

    It tells all that the loan draws on the day, where it is handed out in several parts also what the others drew. In
    a fund without rules nothing is looked at. `others` are other loans that the same request changes.

    Raises TrancheNotEligibleError, with every criterion that is broken.
    """
    loan, on = change.loan, new.effective_on
    versions = rules_of_fund(connection, lso_id, loan.fund_id)
    if not any(version.rule.valid_from <= on for version in versions):
        return new
    flows = flows_of_fund(connection, lso_id, loan.fund_id, on, NOW)
    lots = fold(_changed(flows, on, (change, *others)), on)
    borrowing = _borrowing(connection, lso_id, change, new)
    gender_of = _genders(connection, lso_id, loan.fund_id)
    told, breaks = list[dict[str, Any]](), list[str]()
    for (source, turn), amount_minor in sorted(draws_on(lots, loan.id, on).items()):
        rule = rule_about(in_force(versions, source.number, on), source, turn)
        findings: tuple[Finding, ...] = ()
        paid = Paid(0, 0)
        if rule is not None:
            if rule.women_share_min is not None:
                paid = paid_out(lots, rule, {**gender_of(), loan.id: borrowing.gender})
            findings = judge(rule, borrowing, paid)
            breaks += broken(source.number, findings)
        told.append(_row(source, turn, amount_minor, rule, findings, paid))
    if breaks:
        raise TrancheNotEligibleError(tuple(dict.fromkeys(breaks)))
    return new._replace(says={**new.says, "tranches": told})


def draws_on(lots: Lots, loan_id: str, on: date) -> Draws:
    """Return what a loan drew on a day, by source and turn."""
    draws: Draws = Counter()
    for stay in lots.stays:
        if stay.loan_id == loan_id and stay.since == on and is_drawn(stay):
            draws[stay.source, stay.turn] += stay.amount_minor
    return draws


def is_drawn(stay: Stay) -> bool:
    """Whether money that lay in a loan was there at the end of the day, and had not been replaced by other money."""
    return stay.ending is not Ending.TAKEN_OVER or stay.until != stay.since


def rule_about(rule: TrancheRule | None, source: Source, turn: int) -> TrancheRule | None:
    """Return the rule of a tranche where it is about these rupees; other money has none."""
    if rule is None or source.kind is not SourceKind.TRANCHE or not rule.is_about(turn):
        return None
    return rule


def paid_out(lots: Lots, rule: TrancheRule, genders: Mapping[str, str]) -> Paid:
    """Return what a tranche has paid out in the turns that a rule is about, to women and in all.

    Where money of another source took its place in a loan, that other one counts.
    """
    source = Source(SourceKind.TRANCHE, rule.tranche)
    women_minor = total_minor = 0
    for stay in lots.stays:
        if stay.loan_id is None or stay.source != source or stay.ending is Ending.TAKEN_OVER:
            continue
        if rule.is_about(stay.turn):
            total_minor += stay.amount_minor
            women_minor += stay.amount_minor if genders[stay.loan_id] == WOMAN else 0
    return Paid(women_minor, total_minor)


def finding_said(finding: Finding, paid: Paid) -> dict[str, Any]:
    """Return a finding as a fact says it; of the share of women also what it is of."""
    said: dict[str, Any] = {
        "criterion": finding.criterion.value,
        "wanted": finding.wanted,
        "found": finding.found,
        "met": finding.met,
    }
    if finding.criterion is Criterion.WOMEN_SHARE:
        said |= {"women_minor": paid.women_minor, "paid_out_minor": paid.total_minor}
    return said


def _row(
    source: Source,
    turn: int,
    amount_minor: int,
    rule: TrancheRule | None,
    findings: Iterable[Finding],
    paid: Paid,
) -> dict[str, Any]:
    return {
        "source": source.kind.value,
        "tranche": source.number or None,
        "turn": turn,
        "amount_minor": amount_minor,
        "rule": rule.number if rule else None,
        "criteria": [finding_said(finding, paid) for finding in findings],
    }


def _borrowing(connection: sa.Connection, lso_id: str, change: Change, new: LoanFact) -> Borrowing:
    """Return what rules look at in the loan, as this disbursement says it."""
    says, on = new.says, new.effective_on
    codes = codes_by_id(connection, lso_id, (says["vo_id"], says["co_id"]))
    return Borrowing(
        says["gender"],
        says["poverty_score"],
        codes[says["vo_id"]],
        codes[says["co_id"]],
        union_council_on(union_councils(connection, lso_id), on),
        _handed_out_by(change.after, on),
        application_of(change.loan).says["cycle"],
    )


def _handed_out_by(life: LoanLife, on: date) -> int:
    parts = (step.fact for step in life.steps if step.fact.kind is Kind.LOAN_DISBURSED)
    return sum(part.says["amount_minor"] for part in parts if part.effective_on <= on)


def _genders(connection: sa.Connection, lso_id: str, fund_id: str) -> Callable[[], dict[str, str]]:
    """Return what reads to whom the loans of a fund were made, once, and only where it is asked."""
    read: dict[str, str] = {}

    def genders() -> dict[str, str]:
        if not read:
            borrowers = borrowers_of_loans(connection, lso_id, fund_id, NOW)
            read.update({loan_id: borrower.gender for loan_id, borrower in borrowers.items()})
        return read

    return genders


def _changed(flows: Flows, on: date, changes: Iterable[Change]) -> Flows:
    """Return the flows with the loans as they are after the changes, which are not saved yet."""
    lives = {change.loan.id: change.after for change in changes}
    kept = [day for day in flows.loans if day.loan_id not in lives]
    changed = [day for loan_id, life in lives.items() for day in loan_days(loan_id, _to_date(life)) if day.on <= on]
    return flows._replace(loans=tuple(sorted((*kept, *changed))))


def _to_date(life: LoanLife) -> Iterator[tuple[date, tuple[int, ...]]]:
    """Give what a loan came to at the end of each of its days, as `loan_days` takes it."""
    for standing in life.timeline():
        paid_minor = standing.charge_paid_minor + standing.fee_paid_minor + standing.penalty_paid_minor
        yield (
            standing.since,
            (
                standing.disbursed_minor,
                standing.principal_paid_minor,
                standing.written_off_minor,
                paid_minor + standing.recovered_minor,
                standing.credit_minor,
            ),
        )
