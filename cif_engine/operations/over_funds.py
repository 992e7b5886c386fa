"""What reports over many funds share: how they are cut, what stands at their head, on what they rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cif_engine.money import PKR
from cif_engine.operations.asking import Opened, Question, open_on
from cif_engine.operations.coverage import coverage_of, coverage_view
from cif_engine.operations.reporting import known_view
from cif_engine.operations.views import View
from cif_engine.persistence.capital_sums import refuse_cuts_of_loans
from cif_engine.portfolio.cuts import Cut, Cutting


def funds_head(asked: Opened, question: Question, as_of: date) -> View:
    """Return what stands at the head of a report: what was known, how it is cut and narrowed, on what it rests."""
    coverage, at = coverage_beside(asked, question, as_of)
    return {
        "known_at": known_view(at),
        "currency": PKR.code,
        "by": [cut.value for cut in question.cutting.by],
        "only": {cut.value: list(values) for cut, values in question.cutting.only},
        "coverage": coverage,
    }


def coverage_beside(asked: Opened, question: Question, as_of: date) -> tuple[View | None, int]:
    """Return on what figures over these LSOs rest, and the moment by which all of it is known.

    None where they are narrowed to funds: what is reported of an LSO is of all its funds.
    """
    only = question.cutting.only
    if not all(cut.of_lso for cut, _ in only):
        return None, asked.at
    whole = open_on(asked.connection, replace(question, cutting=Cutting((), only)), as_of)
    covered = coverage_of(whole, as_of, question.known_at)
    return coverage_view(covered.total), max(asked.at, covered.at)


def by_funder(question: Question) -> Question:
    """Return the question cut by funder where it does not say how; raises ReportNotCutError for a cut of loans."""
    refuse_cuts_of_loans(question.cutting)
    if question.cutting.by:
        return question
    return replace(question, cutting=Cutting((Cut.FUNDER,), question.cutting.only))
