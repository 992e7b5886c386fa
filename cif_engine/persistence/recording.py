"""What is read of a book to decide, and all that one event changes: the values between operations and SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cif_engine.ledger.events import Event, Head
from cif_engine.ledger.postings import Posting
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.history import replaced_origin
from cif_engine.loans.life import LoanLife
from cif_engine.loans.origin import Origin
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing

Schedules = tuple[tuple[Instalment, ...], ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered to an idempotency key: the request's fingerprint and the answer's JSON text."""

    fingerprint: bytes
    accepted: bool
    body: str


@dataclass(frozen=True, slots=True)
class LoanFile:
    """A loan as its facts tell it. `has_account` says whether the account asked for exists in the loan's fund."""

    id: str
    number: str
    fund_id: str
    fund_code: str
    facts: tuple[LoanFact, ...]
    has_account: bool


@dataclass(frozen=True, slots=True)
class OpenedBook:
    """A book opened for one request: where it ends, what this request was answered before, and the loan it is about."""

    head: Head
    answered: Answered | None = None
    loan: LoanFile | None = None


@dataclass(frozen=True, slots=True)
class LoanChange:
    """How a loan's projections change.

    `timeline` None means the fact came last: the position as it was is closed on the new day. Otherwise the fact came
    late, or is the loan's first, and these are the standings that its history is now made of. `schedules` are there
    when any of them changed: all that the loan had and has, the first made first. `was_made_under` is there when money
    was handed out under it, and a correction changed it.
    """

    loan_id: str
    position: Standing
    timeline: tuple[Standing, ...] | None = None
    schedules: Schedules | None = None
    was_made_under: Origin | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that an event brings: inserted; where its key exists it is updated, or left alone when it says `keep`.

    When it says `gone`, the event takes it away; its key is then all that it needs to hold.
    """

    table: str
    values: dict[str, Any]
    keep: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """All that one event changes, saved together or not at all."""

    event: Event
    postings: tuple[Posting, ...]
    fingerprint: bytes
    answer: str
    loan: LoanChange | None = None
    rows: tuple[Row, ...] = ()

    @property
    def in_one_statement(self) -> bool:
        """Whether PostgreSQL can save it without a transaction of several statements."""
        if self.rows or self.event.fact.reverses is not None:
            return False
        return self.loan is None or (self.loan.timeline is None and self.loan.schedules is None)


def loan_change(loan_id: str, before: LoanLife, after: LoanLife) -> LoanChange | None:
    """Return how the projections of a loan change from one life to the other; None: not at all."""
    # What did not stand before has no standing to close.
    came_last = bool(before.steps) and after.steps[: len(before.steps)] == before.steps
    if came_last and after.standing == before.standing:
        return None
    return LoanChange(
        loan_id,
        after.standing,
        None if came_last else after.timeline(),
        after.schedules if after.schedules != before.schedules else None,
        None if came_last else replaced_origin(before, after),
    )


def new_loan(loan_id: str, life: LoanLife) -> LoanChange:
    """Return the projections of a loan that nothing was known of before."""
    return LoanChange(loan_id, life.standing, life.timeline())
