"""The restatement bridge: a figure as it was reported, as it is known now, and what made the difference.

Only loans of which a fact was recorded in between can have changed. Each is told from its facts, act by act, a few
hundred loans at a time; the two ends are counted by the database, as every report counts them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import islice
from typing import Final, NamedTuple

import sqlalchemy as sa

from cif_engine.errors import MalformedCursorError, MomentsReversedError
from cif_engine.moments import from_micros
from cif_engine.money import format_amount
from cif_engine.operations.asking import Opened, Question, one_lso, open_on
from cif_engine.operations.explaining import Inquiry, inquiry_view
from cif_engine.operations.reporting import FIRST_PAGE, Key, Page, known_view, page_view
from cif_engine.operations.rule_sets import RULE_SETS
from cif_engine.operations.views import View
from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.explaining import Place, Totals, total_of
from cif_engine.persistence.restating import (
    AskedApart,
    ChangedLoan,
    belonging,
    changed_loans,
    heard_of,
)
from cif_engine.persistence.standings import find_known
from cif_engine.portfolio.contributions import Contribution, Subject, add_up_contributions
from cif_engine.portfolio.cuts import Cut
from cif_engine.portfolio.restating import ALWAYS, Act, Belongs, Cause, Line, acts_of, add_up_acts
from cif_engine.portfolio.subjects import Days, subject

_PLACED: Final = frozenset({Cut.RSP, Cut.DISTRICT, Cut.TEHSIL, Cut.UNION_COUNCIL, Cut.FUNDER, Cut.TRANCHE})
"""What may become known of a loan's LSO or fund, and not of the loan."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A figure at two moments; `before` and `after` are the question as it was opened at each.

    `about` is the figure by the rule set of the second moment, `was_about` by that of the first.
    """

    before: Opened
    after: Opened
    was_about: Subject
    about: Subject

    @property
    def connection(self) -> sa.Connection:
        return self.after.connection

    @property
    def since(self) -> int:
        return self.before.asked.known.at

    @property
    def until(self) -> int:
        return self.after.asked.known.at

    @property
    def cut_later(self) -> Asked:
        """The question of the first moment, cut by what of LSOs and funds was known at the second."""
        asked = self.before.asked
        return AskedApart(asked.scope, asked.cutting, asked.known, asked.on, self.after.asked.known)


class ActOf(NamedTuple):
    """An act that moved a figure, and its loan."""

    loan: ChangedLoan
    act: Act


def restatement_report(databases: Databases, inquiry: Inquiry, reported_at: int) -> View:
    """Return a figure as it was known at `reported_at` and as it is known by the question's moment, and why.

    The lines sum to the difference exactly. Raises NotFoundError, FigurePartError and MomentsReversedError.
    """
    with bridged(databases, inquiry, reported_at) as bridge:
        reported, known, lines = lines_between(bridge)
    return {
        **inquiry_view(inquiry, bridge.after, bridge.about),
        "reported_at": known_view(bridge.before.at),
        "averaged_over": bridge.about.averaged_over,
        "reported": _end_view(bridge.was_about, reported),
        "known": _end_view(bridge.about, known),
        "difference": {
            **_change_view(bridge.about, known.whole.less(reported.whole)),
            "loans": known.loans - reported.loans,
        },
        "causes": [_line_view(bridge.about, line) for line in lines],
    }


def restatement_acts(
    databases: Databases, inquiry: Inquiry, reported_at: int, zone: tzinfo, page: Page = FIRST_PAGE
) -> View:
    """Return a page of the acts that moved a figure, by LSO, loan and moment; raises what the report does.

    `zone` is that of the office, whose calendar says on which day an act was recorded. Raises MalformedCursorError.
    """
    after = _place_after(page.after)
    with bridged(databases, inquiry, reported_at) as bridge, closing(acts_after(bridge, *after)) as acts:
        found = list(islice(acts, page.limit + 1))
    return {
        **inquiry_view(inquiry, bridge.after, bridge.about),
        "reported_at": known_view(bridge.before.at),
        **page_view(found, page.limit, lambda one: _act_view(bridge.about, one, zone), _key_of),
    }


# Telling -------------------------------------------------------------------------------------------------------


@contextmanager
def bridged(databases: Databases, inquiry: Inquiry, reported_at: int) -> Iterator[Bridge]:
    question, day = inquiry.question, inquiry.day
    if question.known_at is not None and question.known_at < reported_at:
        raise MomentsReversedError("known_at is before reported_at.", pointer="/reported_at")
    with databases.reading(one_lso(question.scope)) as connection:
        after = open_on(connection, question, day)
        before = _as_reported(connection, question, day, reported_at)
        subjects = (subject(inquiry.sought, Days(day, opened.rule_set, inquiry.from_on)) for opened in (before, after))
        yield Bridge(before, after, *subjects)


def _as_reported(connection: sa.Connection, question: Question, day: date, reported_at: int) -> Opened:
    """Return the question as of the first moment. A code that was not known then is empty, and no mistake."""
    version = RULE_SETS.in_force(connection, question.rule_set, day, reported_at)
    known = find_known(connection, question.scope, reported_at)
    asked = Asked(question.scope, question.cutting, known, day)
    return Opened(connection, asked, version.rule, max(known.at, version.recorded_at))


def lines_between(bridge: Bridge) -> tuple[Totals, Totals, list[Line]]:
    """Return the figure at both moments, and the lines between them, in the order of `Cause`."""
    connection, asked = bridge.connection, bridge.before.asked
    reported = total_of(connection, asked, bridge.was_about)
    known = total_of(connection, bridge.after.asked, bridge.about)
    by_rules = total_of(connection, asked, bridge.about)
    placed = total_of(connection, bridge.cut_later, bridge.about) if _may_be_placed(asked) else by_rules
    lines = {
        Cause.RULE_SET: Line(Cause.RULE_SET, change=by_rules.whole.less(reported.whole)),
        Cause.PLACEMENTS: Line(Cause.PLACEMENTS, change=placed.whole.less(by_rules.whole)),
    }
    for _, acts in _acts(bridge, Place()):
        add_up_acts(lines, acts)
    told = [lines[cause] for cause in Cause if cause in lines and any((*lines[cause].change, lines[cause].acts))]
    moved = add_up_contributions(line.change for line in told)
    assert moved == known.whole.less(reported.whole), (
        f"the bridge leaves {known.whole.less(reported.whole).less(moved)}"
    )
    return reported, known, told


def _may_be_placed(asked: Asked) -> bool:
    return asked.scope.kind == "rsp" or not _PLACED.isdisjoint(asked.form.narrowed)


def acts_after(bridge: Bridge, place: Place, at: int) -> Generator[ActOf]:
    """Give the acts that moved the figure, those after an act of the loan at `place`."""
    # Which loans come after another is for the database to say: it orders codes by its own rules.
    for loan, acts in _acts(bridge, place):
        for act in acts:
            if loan.place != place or act.at > at:
                yield ActOf(loan, act)


def _acts(bridge: Bridge, place: Place) -> Iterator[tuple[ChangedLoan, list[Act]]]:
    """Give the acts that moved the figure, by loan, from that at `place` on."""
    connection, about = bridge.connection, bridge.about
    for loans in changed_loans(connection, bridge.after.asked, bridge.since, bridge.until, place):
        heard = heard_of(connection, loans, bridge.until)
        belongs = _belongs(bridge, loans)
        for loan in loans:
            if acts := acts_of(heard[loan.loan_id], about, bridge.since, belongs.get(loan.loan_id, ALWAYS)):
                yield loan, acts


def _belongs(bridge: Bridge, loans: Sequence[ChangedLoan]) -> dict[str, Belongs]:
    """Return whether each loan was among those asked for at the two moments; nothing where all are."""
    if not bridge.after.form.narrowed:
        return {}
    before = belonging(bridge.connection, bridge.cut_later, loans)
    after = belonging(bridge.connection, bridge.after.asked, loans)
    return {loan.loan_id: Belongs(loan.loan_id in before, loan.loan_id in after) for loan in loans}


def _place_after(after: Key | None) -> tuple[Place, int]:
    if after is None:
        return Place(), 0
    if isinstance(after, list) and [type(part) for part in after] == [str, str, int]:
        lso, number, at = after
        return Place(str(lso), str(number)), int(at)
    raise MalformedCursorError("Send the `next` of the page before, unchanged.", pointer="/after")


def _key_of(one: ActOf) -> list[str | int]:
    return [*one.loan.place, one.act.at]


# How it is written ---------------------------------------------------------------------------------------------


def _end_view(about: Subject, end: Totals) -> View:
    return {**_change_view(about, end.whole), "rate": about.rate(end.whole), "loans": end.loans}


def _change_view(about: Subject, change: Contribution) -> View:
    return {
        "numerator": format_amount(change.numerator_minor),
        "denominator": format_amount(change.denominator_minor) if about.is_share else None,
    }


def _line_view(about: Subject, line: Line) -> View:
    return {"cause": line.cause.value, "acts": line.acts, "loans": line.loans, **_change_view(about, line.change)}


def _act_view(about: Subject, one: ActOf, zone: tzinfo) -> View:
    facts = [heard.fact for heard in one.act.heard]
    return {
        "lso": one.loan.place.lso,
        "loan": one.loan.place.number,
        "loan_id": one.loan.loan_id,
        "cause": one.act.cause.value,
        "effective_on": happened_on(one.act).isoformat(),
        "recorded_at": known_view(one.act.at),
        "days_to_record": days_to_record(one.act, zone),
        "events": [
            {
                "id": fact.id,
                "seq": heard.seq,
                "kind": fact.kind.value,
                "effective_on": fact.effective_on.isoformat(),
            }
            for heard, fact in zip(one.act.heard, facts, strict=True)
        ],
        **_change_view(about, one.act.change),
    }


def happened_on(act: Act) -> date:
    """Return the first day of an act's facts."""
    return min(heard.fact.effective_on for heard in act.heard)


def days_to_record(act: Act, zone: tzinfo) -> int:
    """Return how many days after its first day an act was recorded, in the calendar of the office."""
    return (from_micros(act.at).astimezone(zone).date() - happened_on(act)).days
