"""A moratorium: after a shock, all open loans of an area are paused by one resolution, in one act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from cif_engine.errors import MoratoriumChangedError, NotFoundError, TooManyLoansError
from cif_engine.kinds import Kind
from cif_engine.ledger.events import NO_PAPERS, Event, Papers
from cif_engine.ledger.postings import Posting
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife
from cif_engine.money import format_amount
from cif_engine.operations.loan_facts import Change, change_of, decision_on, other_loan, refuse_maker
from cif_engine.operations.recording import Outcome, Request, Together, record_all, refuse_future
from cif_engine.operations.reporting import open_fund
from cif_engine.operations.restructuring import Pause, calendar_said_of
from cif_engine.operations.views import View, event_view
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.lending import institution_exists, owing_loans
from cif_engine.persistence.recording import OpenedBook

MOST_LOANS = 5_000
"""How many loans one act may pause; a larger area is paused VO by VO."""


@dataclass(frozen=True, slots=True)
class Moratorium:
    """All loans of a fund that owe principal on a day, of one VO or CO where it is named, paused by one resolution.

    `loans` is how many there were when it was previewed: where it is given and there are more or fewer, nothing is
    recorded.
    """

    id: str
    fund: str
    effective_on: date
    pause: Pause
    resolution_no: str
    reason: str
    vo: str | None = None
    co: str | None = None
    loans: int | None = None
    papers: Papers = NO_PAPERS
    note: str | None = None

    def fact_id(self, loan_id: str) -> str:
        """Return the id of the fact of one loan: it follows from the moratorium and the loan."""
        return str(uuid5(UUID(self.id), loan_id))


def grant_moratorium(databases: Databases, request: Request, moratorium: Moratorium) -> Outcome:
    """Record a reschedule of every loan concerned, all or none.

    Raises `NotFoundError` (fund, VO, CO, no loan concerned), `MakerIsCheckerError`, `MoratoriumChangedError`,
    `TooManyLoansError`.
    """

    def decide(connection: sa.Connection, _: OpenedBook) -> Together:
        refuse_future(moratorium.effective_on, request.today)
        fund = open_fund(connection, request.lso_id, moratorium.fund)
        ids = _concerned(connection, request.lso_id, fund.id, moratorium)
        says = {
            "pause": moratorium.pause.said,
            **calendar_said_of(connection, request.lso_id, fund.code, moratorium.effective_on),
            "resolution_no": moratorium.resolution_no,
            "reason": moratorium.reason,
            "moratorium": moratorium.id,
            "note": moratorium.note,
        }
        paused = _paused(connection, request, moratorium, ids, says)
        _refuse_changed(moratorium, len(paused))
        decisions = tuple(
            decision_on(request, change, new, moratorium.papers if first else NO_PAPERS)
            for first, (new, change) in zip((True, *(False,) * len(paused)), paused, strict=False)
        )
        return Together(decisions, lambda events: _view(moratorium, paused, events))

    return record_all(databases, request, decide)


def _concerned(connection: sa.Connection, lso_id: str, fund_id: str, moratorium: Moratorium) -> list[str]:
    """Return the loans of the area that owed principal on the day, by number."""
    area = {kind: code for kind, code in (("vo", moratorium.vo), ("co", moratorium.co)) if code is not None}
    for kind, code in area.items():
        if not institution_exists(connection, lso_id, kind, code):
            raise NotFoundError(f"No {kind.upper()} {code} in this book.", pointer=f"/{kind}")
    ids = owing_loans(connection, lso_id, fund_id, area, moratorium.effective_on, MOST_LOANS + 1)
    if len(ids) > MOST_LOANS:
        raise TooManyLoansError(f"At most {MOST_LOANS} loans are paused at once; name a VO or CO.", pointer="/fund")
    return ids


def _paused(
    connection: sa.Connection, request: Request, moratorium: Moratorium, ids: Iterable[str], says: dict[str, Any]
) -> list[tuple[LoanFact, Change]]:
    """Return the loans that owed principal on the day, each with its fact and what that makes of it."""
    paused: list[tuple[LoanFact, Change]] = []
    posted: list[Posting] = []
    for loan_id in ids:
        loan = other_loan(connection, request.lso_id, loan_id, "/fund")
        refuse_maker(connection, request, loan)
        new = LoanFact(moratorium.fact_id(loan_id), Kind.LOAN_RESCHEDULED, moratorium.effective_on, says)
        paused.append((new, change_of(connection, request.lso_id, loan, new, posted)))
        posted += paused[-1][1].postings
    return paused


def _refuse_changed(moratorium: Moratorium, found: int) -> None:
    if not found:
        raise NotFoundError("No loan of this area owed principal on that day.", pointer="/fund")
    if moratorium.loans not in (None, found):
        raise MoratoriumChangedError(
            f"{found} loans are concerned by now, not {moratorium.loans}; preview it again.",
            pointer="/loans",
            loans=found,
        )


def _view(moratorium: Moratorium, paused: list[tuple[LoanFact, Change]], events: tuple[Event, ...]) -> View:
    outstanding_minor = sum(change.after.standing.outstanding_minor for _, change in paused)
    return {
        "event": event_view(events[-1]),
        "moratorium": moratorium.id,
        "fund": moratorium.fund,
        "months": moratorium.pause.months,
        "arrears": moratorium.pause.arrears,
        "loans": len(paused),
        "outstanding_principal": format_amount(outstanding_minor),
        "items": [_item(change, event) for (_, change), event in zip(paused, events, strict=True)],
    }


def _item(change: Change, event: Event) -> View:
    before, after = change.before.standing, change.after.standing
    return {
        "event": event.fact.id,
        "seq": event.seq,
        "loan": change.loan.number,
        "loan_id": change.loan.id,
        "outstanding_principal": format_amount(after.outstanding_minor),
        "oldest_unpaid_due_on": {"before": _day(before.oldest_due_on), "after": _day(after.oldest_due_on)},
        "last_due_on": {"before": _last_due_on(change.before), "after": _last_due_on(change.after)},
    }


def _last_due_on(life: LoanLife) -> str | None:
    return _day(life.schedule[-1].due_on) if life.schedule else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
