"""A portfolio counted on a day: each figure by the one statement that counts it, in all and by row of a cut."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cif_engine.operations.asking import Opened
from cif_engine.persistence.fund_reports import allowances_by
from cif_engine.persistence.portfolio_reports import count_by_lateness, count_people, count_recovered
from cif_engine.portfolio.cuts import Form, Key, in_order
from cif_engine.portfolio.figures import Figure
from cif_engine.portfolio.par import Tally, add_up, levels
from cif_engine.portfolio.recovery import NOTHING_DUE, Recovered, add_up_recovered

Figures = Collection[Figure]


class People(NamedTuple):
    """Two counts that are never mixed."""

    borrowers: int = 0
    households: int = 0


NOBODY = People()


@dataclass(frozen=True, slots=True)
class Counted:
    """A portfolio on a day. What was not asked for is empty; the allowance is None where it is of no such part."""

    tally: Tally
    people: People = NOBODY
    recovered: Recovered = NOTHING_DUE
    allowance_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CountedRows:
    """A portfolio in all, and by row of a cut in the order of the codes."""

    total: Counted
    rows: dict[Key, Counted]


def count_portfolio(question: Opened, as_of: date, figures: Figures) -> CountedRows:
    """Return what the figures need. Rows of which there is nothing to tell are left out.

    Amounts and loans of the rows sum to those of the whole. A person may be in several rows, and is one in the whole.
    """
    form, reached = question.form, levels(question.comparator)
    tallies = count_by_lateness(
        question.connection, question.asked, as_of, reached, with_overdue=Figure.ARREARS in figures
    )
    people = _people(question, as_of, form) if Figure.PEOPLE in figures else {}
    recovered = _recovered(question, as_of) if Figure.RECOVERY in figures else {}
    allowances = set_aside(question, as_of, form) if Figure.COVERAGE in figures else None
    nothing = add_up((), reached)
    rows = {
        key: Counted(
            tallies.get(key, nothing),
            people.get(key, NOBODY),
            recovered.get(key, NOTHING_DUE),
            None if allowances is None else allowances.get(key, 0),
        )
        for key in sorted({*tallies, *recovered, *(allowances or ())}, key=in_order)
    }
    if not form.by:
        return CountedRows(rows[()], {})
    whole = Form((), form.narrowed)
    total = Counted(
        add_up(tallies.values(), reached),
        _everybody(question, as_of, people) if Figure.PEOPLE in figures else NOBODY,
        add_up_recovered(recovered.values()),
        (set_aside(question, as_of, whole) or {}).get(()) if Figure.COVERAGE in figures else None,
    )
    return CountedRows(total, rows)


def set_aside(question: Opened, as_of: date, form: Form) -> dict[Key, int] | None:
    """Return what is set aside; None where the ledger, which is kept by fund, cannot be cut so."""
    if not all(cut.of_fund for cut in (*form.by, *form.narrowed)):
        return None
    found = allowances_by(question.connection, question.asked, as_of, form)
    return {key: amount for key, amount in found.items() if amount or not form.by}


def _people(question: Opened, as_of: date, form: Form) -> dict[Key, People]:
    found = count_people(question.connection, question.asked, as_of, form)
    return {key: People(*counts) for key, counts in found.items()}


def _everybody(question: Opened, as_of: date, people: dict[Key, People]) -> People:
    """Return the people of all rows, each once."""
    if question.form.shares_people:
        return _people(question, as_of, Form((), question.form.narrowed))[()]
    return People(sum(of.borrowers for of in people.values()), sum(of.households for of in people.values()))


def _recovered(question: Opened, as_of: date) -> dict[Key, Recovered]:
    found = count_recovered(question.connection, question.asked, as_of)
    return {key: of_row for key, of_row in found.items() if of_row != NOTHING_DUE}
