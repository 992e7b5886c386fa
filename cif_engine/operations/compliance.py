"""What funders ask of an LSO: whether their tranches were lent by their rules, and what was known when they were lent.

Two things are told side by side. What the lots say today: of every rupee disbursed, whether it met each criterion. And
the evidence that was kept when each loan was handed out: where late paper has moved which rupees a loan is made of, the
two differ, and the difference is listed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.errors import ReportNotCutError
from cif_engine.fund.compliance import Draw, Judged, TrancheCompliance, UnderRule, comply
from cif_engine.fund.eligibility import Borrowing, Criterion, Finding
from cif_engine.fund.lots import Ending, Lots
from cif_engine.fund.pieces import Source, SourceKind
from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact, voided
from cif_engine.money import PKR, format_amount
from cif_engine.operations.asking import Opened, Question, opened
from cif_engine.operations.lots import lots_of
from cif_engine.operations.paying_tranches import Draws, is_drawn
from cif_engine.operations.portfolio_views import rate_view
from cif_engine.operations.reporting import moments_view, open_book
from cif_engine.operations.tranche_rules import rule_view
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.loan_reports import codes_by_id
from cif_engine.persistence.tranche_rules import (
    Borrower,
    FundWithRules,
    borrowers_of_loans,
    facts_of_disbursement,
    funds_with_rules,
    rules_of_fund,
    union_council_on,
    union_councils,
)
from cif_engine.portfolio.par import Rate

MOST_TOLD: Final = 100
"""How many exceptions of a tranche, and differences of a fund, are told one by one; the rest are counted."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What is read of one fund: its lots, its loans, and the disbursements that hold, by loan."""

    lots: Lots
    borrowers: Mapping[str, Borrower]
    disbursements: Mapping[str, list[LoanFact]]
    tranches: tuple[TrancheCompliance, ...]


def compliance_report(databases: Databases, question: Question, as_of: date) -> View:
    """Return, by funder, how the tranches that have rules were disbursed until a day.

    Raises NotFoundError, and ReportNotCutError where it is to be cut, or narrowed by what says nothing of a fund.
    """
    _refuse_cuts(question)
    with opened(databases, question, as_of) as asked:
        found = funds_with_rules(asked.connection, asked.asked)
        told = [(fund, _read(asked, question, fund, as_of)) for fund in found]
    by_funder = groupby(told, key=lambda one: one[0].funder)
    return {
        "definition": "compliance",
        **moments_view(as_of, asked.at),
        "currency": PKR.code,
        "only": {cut.value: list(values) for cut, values in question.cutting.only},
        "funders": [_funder_view(funder, list(funds)) for funder, funds in by_funder],
    }


def _refuse_cuts(question: Question) -> None:
    if question.cutting.by:
        raise ReportNotCutError("It tells tranche by tranche: narrow it, and leave out by.", pointer="/by")
    for cut, _ in question.cutting.only:
        if not cut.of_fund:
            raise ReportNotCutError(f"It is about funds; {cut.value} is of loans.", pointer=f"/{cut.value}")


# Reading -------------------------------------------------------------------------------------------------------


def _read(asked: Opened, question: Question, fund: FundWithRules, as_of: date) -> _Read:
    connection, known, lso_id, fund_id = asked.connection, asked.asked.known, fund.lso_id, fund.fund_id
    moment = None if known.now else known.at
    book = open_book(connection, lso_id, question.known_at)
    lots = lots_of(connection, book, fund_id, as_of, known)
    borrowers = borrowers_of_loans(connection, lso_id, fund_id, known)
    facts = facts_of_disbursement(connection, lso_id, fund_id, as_of, known)
    disbursements = {loan_id: _holding(of_loan) for loan_id, of_loan in facts.items()}
    versions = rules_of_fund(connection, lso_id, fund_id, moment)
    draws = _draws(connection, fund, lots, borrowers, disbursements, moment)
    tranches = (
        comply(tranche, versions, draws.get(tranche, ()), as_of)
        for tranche in sorted({version.rule.tranche for version in versions})
    )
    return _Read(lots, borrowers, disbursements, tuple(filter(None, tranches)))


def _holding(facts: Iterable[LoanFact]) -> list[LoanFact]:
    """Return the disbursements that hold, in the order in which they were recorded."""
    known = list(facts)
    void = voided(known)
    return [fact for fact in known if fact.kind is Kind.LOAN_DISBURSED and fact.id not in void]


def _draws(
    connection: sa.Connection,
    fund: FundWithRules,
    lots: Lots,
    borrowers: Mapping[str, Borrower],
    disbursements: Mapping[str, list[LoanFact]],
    moment: int | None,
) -> dict[int, list[Draw]]:
    """Return what loans drew of each tranche, by day; where others took its place in a loan, theirs.

    A loan in parts is on each day as the last part by then says: its borrower may have moved, or been scored anew.
    """
    placed_in = union_councils(connection, fund.lso_id, moment)
    codes = codes_by_id(connection, fund.lso_id, _places(disbursements.values()))
    amounts: Counter[tuple[int, date, str, int]] = Counter()
    for stay in lots.stays:
        if stay.loan_id and stay.source.kind is SourceKind.TRANCHE and stay.ending is not Ending.TAKEN_OVER:
            amounts[stay.source.number, stay.since, stay.loan_id, stay.turn] += stay.amount_minor
    draws: defaultdict[int, list[Draw]] = defaultdict(list)
    for (tranche, on, loan_id, turn), amount_minor in sorted(amounts.items()):
        parts = [facts for day, facts in _by_day(disbursements[loan_id]) if day <= on]
        says = parts[-1][-1].says
        borrowing = Borrowing(
            says["gender"],
            says["poverty_score"],
            codes[says["vo_id"]],
            codes[says["co_id"]],
            union_council_on(placed_in, on),
            sum(part.says["amount_minor"] for of_day in parts for part in of_day),
            borrowers[loan_id].cycle,
        )
        draws[tranche].append(Draw(loan_id, on, turn, amount_minor, borrowing))
    return draws


def _places(disbursements: Iterable[list[LoanFact]]) -> set[str]:
    """Return the ids of the VOs and COs that loans were made in."""
    return {part.says[name] for parts in disbursements for part in parts for name in ("vo_id", "co_id")}


# Evidence ------------------------------------------------------------------------------------------------------


def _differences(read: _Read) -> Iterator[View]:
    """Give the loans of which the evidence of a day is another than what the lots say of that day."""
    drawn = _all_draws(read.lots)
    for loan_id, parts in sorted(read.disbursements.items(), key=lambda one: read.borrowers[one[0]].number):
        for on, facts in _by_day(parts):
            *_, last = facts  # it tells all that the loan drew on the day
            evidence = last.says.get("tranches")
            lots = drawn[loan_id, on]
            if evidence is not None and _drawn(evidence) != lots:
                yield {
                    "loan": read.borrowers[loan_id].number,
                    "event": last.id,
                    "disbursed_on": on.isoformat(),
                    "evidence": _draws_view(_drawn(evidence)),
                    "lots": _draws_view(lots),
                }


def _all_draws(lots: Lots) -> defaultdict[tuple[str, date], Draws]:
    """Return what every loan drew on every day: `draws_on`, read once."""
    draws: defaultdict[tuple[str, date], Draws] = defaultdict(Counter)
    for stay in lots.stays:
        if stay.loan_id is not None and is_drawn(stay):
            draws[stay.loan_id, stay.since][stay.source, stay.turn] += stay.amount_minor
    return draws


def _by_day(parts: Iterable[LoanFact]) -> Iterator[tuple[date, list[LoanFact]]]:
    ordered = sorted(parts, key=lambda part: part.effective_on)  # of one day, as they were recorded
    return ((on, list(facts)) for on, facts in groupby(ordered, key=lambda part: part.effective_on))


def _drawn(evidence: Iterable[Mapping[str, Any]]) -> Draws:
    return Counter(
        {
            (Source(SourceKind(draw["source"]), draw["tranche"] or 0), draw["turn"]): draw["amount_minor"]
            for draw in evidence
        }
    )


def _evidence_view(read: _Read) -> View:
    differences = list(_differences(read))
    facts = [fact for parts in read.disbursements.values() for fact in parts]
    return {
        "disbursements": len(facts),
        "with_evidence": sum(1 for fact in facts if "tranches" in fact.says),
        "differing": len(differences),
        "differences": differences[:MOST_TOLD],
    }


# How it is told ------------------------------------------------------------------------------------------------


def _funder_view(funder: str, funds: list[tuple[FundWithRules, _Read]]) -> View:
    disbursed_minor = outside_minor = 0
    for _, read in funds:
        disbursed_minor += sum(tranche.disbursed_minor for tranche in read.tranches)
        outside_minor += sum(tranche.outside_minor for tranche in read.tranches)
    return {
        "funder": funder,
        "disbursed": format_amount(disbursed_minor),
        "outside_rules": format_amount(outside_minor),
        "funds": [
            {
                "lso": fund.lso,
                "fund": fund.fund,
                "tranches": [_tranche_view(tranche, read.borrowers) for tranche in read.tranches],
                "evidence": _evidence_view(read),
            }
            for fund, read in funds
        ],
    }


def _tranche_view(tranche: TrancheCompliance, borrowers: Mapping[str, Borrower]) -> View:
    paid, least = tranche.paid, tranche.rule.women_share_min
    exceptions = [
        view
        for judged in tranche.exceptions
        for view in _exception_views(judged, borrowers[judged.draw.loan_id].number)
    ]
    return {
        "tranche": tranche.tranche,
        "in_force": tranche.rule.number,
        "disbursed": format_amount(tranche.disbursed_minor),
        "outside_rules": format_amount(tranche.outside_minor),
        "women_share": {
            **rate_view(Rate("women_share", paid.women_minor, paid.total_minor)),
            "wanted": None if least is None else f"{least:f}",
            "met": tranche.share_is_met,
        },
        "rules": [_under_view(under) for under in tranche.versions],
        "exceptions_in_all": len(exceptions),
        "exceptions": exceptions[:MOST_TOLD],
    }


def _under_view(under: UnderRule) -> View:
    return {
        **rule_view(under.rule),
        "disbursed": format_amount(under.disbursed_minor),
        "loans": len(under.loans),
        "criteria": [
            {
                "criterion": criterion.value,
                "met": format_amount(met.met_minor),
                "not_met": format_amount(met.not_met_minor),
                "unknown": format_amount(met.unknown_minor),
            }
            for criterion, met in sorted(under.criteria.items(), key=lambda one: _CRITERIA.index(one[0]))
        ],
    }


_CRITERIA: Final = tuple(Criterion)


def _exception_views(judged: Judged, loan: str) -> Iterator[View]:
    draw = judged.draw
    for finding in judged.findings:
        if finding.met is not True:
            yield {
                "loan": loan,
                "disbursed_on": draw.on.isoformat(),
                "turn": draw.turn,
                "amount": format_amount(draw.amount_minor),
                "rule": judged.rule.number,
                **_finding_view(finding),
            }


def _finding_view(finding: Finding) -> View:
    return {
        "criterion": finding.criterion.value,
        "wanted": finding.wanted,
        "found": finding.found,
        "met": finding.met,
    }


def _draws_view(draws: Draws) -> list[View]:
    return [
        {
            "source": source.kind.value,
            "tranche": source.number or None,
            "turn": turn,
            "amount": format_amount(amount_minor),
        }
        for (source, turn), amount_minor in sorted(draws.items())
    ]
