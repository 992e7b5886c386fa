"""The loan loss allowance of a fund: what is set aside by resolution, and what the fund adds when it lost more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.bookings import book_allowance, book_shortfalls
from cif_engine.errors import OverAllowanceError
from cif_engine.fund.allowance import shortfall_change
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.ledger.events import NO_PAPERS, Papers
from cif_engine.ledger.postings import Posting
from cif_engine.money import format_amount
from cif_engine.operations.fund_facts import fund_decision, record_in_fund
from cif_engine.operations.recording import Decision, Outcome, Request
from cif_engine.persistence.allowance import posted_allowance
from cif_engine.persistence.books import lowest_balance_from
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network import FundFile


@dataclass(frozen=True, slots=True)
class AllowanceChange:
    """A provision against loans that may be lost, or the release of one that is no longer needed."""

    id: str
    fund: str
    amount_minor: int
    effective_on: date
    resolution_no: str
    reason: str
    release: bool = False
    papers: Papers = NO_PAPERS
    note: str | None = None


def change_allowance(databases: Databases, request: Request, change: AllowanceChange) -> Outcome:
    """Record a provision or its release; what is released is there on that day and on every later one.

    Raises NotFoundError (fund), DateInFutureError and OverAllowanceError.
    """

    def decide(connection: sa.Connection, fund: FundFile) -> Decision:
        if change.release:
            refuse_over_allowance(connection, request.lso_id, fund, change.effective_on, change.amount_minor)
        says = {
            "amount_minor": change.amount_minor,
            "release": change.release,
            "resolution_no": change.resolution_no,
            "reason": change.reason,
            "note": change.note,
        }
        booked = book_allowance(change.effective_on, change.amount_minor, fund.code, release=change.release)
        postings = with_shortfall(connection, request.lso_id, fund.code, booked)
        return fund_decision(Kind.ALLOWANCE_CHANGED, change, fund, says, postings)

    return record_in_fund(databases, request, change, decide)


def with_shortfall(
    connection: sa.Connection,
    lso_id: str,
    fund_code: str,
    postings: tuple[Posting, ...],
    before: Iterable[Posting] = (),
) -> tuple[Posting, ...]:
    """Return the postings with those that keep the allowance of the fund from ending a day below zero.

    Postings that leave the allowance alone are returned as they are, and nothing is read. `before` is what facts that
    are recorded in the same request, and come earlier in it, are posted as: it is not saved yet, and counts too.
    """
    allowance = account_code(fund_code, Role.LOAN_LOSS_ALLOWANCE)
    if not any(allowance in (posting.debit, posting.credit) for posting in postings):
        return postings
    expense = account_code(fund_code, Role.WRITE_OFF_EXPENSE)
    posted = posted_allowance(connection, lso_id, fund_code)
    moves, added = Counter(posted.moves), Counter(posted.shortfalls)
    for posting in (*before, *postings):
        of_day = added if expense in (posting.debit, posting.credit) else moves
        if posting.credit == allowance:
            of_day[posting.effective_on] += posting.amount_minor
        elif posting.debit == allowance:
            of_day[posting.effective_on] -= posting.amount_minor
    return (*postings, *book_shortfalls(fund_code, shortfall_change(moves.items(), added)))


def refuse_over_allowance(connection: sa.Connection, lso_id: str, fund: FundFile, on: date, amount_minor: int) -> None:
    """Refuse to release more than the allowance holds on a day, or on any later day already recorded."""
    # The allowance stands on the credit side: its balance is negative.
    _refuse_beyond(connection, lso_id, fund, Role.LOAN_LOSS_ALLOWANCE, on, amount_minor, sign=-1)


def refuse_over_provisions(connection: sa.Connection, lso_id: str, fund: FundFile, on: date, amount_minor: int) -> None:
    """Refuse to take back a provision where more was released than would be left of all provisions.

    What loans were written off meanwhile does not matter: the fund then lost more than it set aside, and makes it good.
    """
    _refuse_beyond(connection, lso_id, fund, Role.PROVISION_EXPENSE, on, amount_minor, sign=1)


def _refuse_beyond(
    connection: sa.Connection, lso_id: str, fund: FundFile, role: Role, on: date, amount_minor: int, *, sign: int
) -> None:
    lowest = lowest_balance_from(connection, lso_id, (account_code(fund.code, role),), on, sign=sign)
    left = max(lowest or 0, 0)
    if amount_minor > left:
        raise OverAllowanceError(
            f"{format_amount(left)} of the allowance is left to take back from {on} on.",
            pointer="/amount",
            left=format_amount(left),
        )
