"""What every report shares: whose books it covers, which days, what was known then, and how that is said in it.

A report counts the facts with `effective_on` up to `as_of` and recorded by `known_at`, and names both. Left open,
`known_at` is all that is recorded, and the report names the moment of the last event it counted: asked for again with
that moment, it is the same report for ever (law 7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import sqlalchemy as sa

from cif_engine.dates import parse_date
from cif_engine.errors import (
    DateOutOfRangeError,
    DateUnreadableError,
    MalformedCursorError,
    NotFoundError,
    PeriodReversedError,
)
from cif_engine.moments import format_moment
from cif_engine.operations.views import View
from cif_engine.persistence.ledger_reports import KnownBook, known_book
from cif_engine.persistence.network import FundFile, fund_file

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Period:
    """The days a report covers, both ends included; raises PeriodReversedError."""

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        """Refuse what is no period."""
        if self.to_on < self.from_on:
            raise PeriodReversedError(f"{self.from_on} is after {self.to_on}.", pointer="/from")


Key = str | list[str | int]
"""After which item a list goes on: its number, or its day and place in the book."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: up to `limit` items, those after the key that the page before gave as its `next`."""

    limit: int = 100
    after: Key | None = None


FIRST_PAGE = Page()


def open_book(connection: sa.Connection, lso_id: str, known_at: int | None) -> KnownBook:
    """Return an LSO's book as it was known; raises NotFoundError."""
    known = known_book(connection, lso_id, known_at)
    if known is None:
        raise NotFoundError("This LSO has no book.")
    return known


def open_fund(connection: sa.Connection, lso_id: str, code: str) -> FundFile:
    """Return a fund of an LSO; raises NotFoundError."""
    fund = fund_file(connection, lso_id, code)
    if fund is None:
        raise NotFoundError(f"No fund {code} in this book.")
    return fund


def unknown_then(loan: str, as_of: date) -> NotFoundError:
    """Return the refusal to tell of a loan of which no fact was known then, or of that day."""
    return NotFoundError(f"Loan {loan} was not yet known then, or not yet applied for by {as_of}.")


def moments_view(as_of: date, known_at: int) -> View:
    """Return the two times of a report; `known_at` is null when nothing was recorded yet."""
    return {"as_of": as_of.isoformat(), "known_at": known_view(known_at)}


def period_view(period: Period, known_at: int) -> View:
    """Return the days a report covers, and what was known."""
    days = {"from": period.from_on.isoformat(), "to": period.to_on.isoformat()}
    return {**days, "known_at": known_view(known_at)}


def known_view(known_at: int) -> str | None:
    """Return a moment counted, none when there is no event."""
    return format_moment(known_at) if known_at else None


def read_place(after: Key | None, numbers: int) -> tuple[date, list[int]] | None:
    """Return the day and the numbers that a page goes on after; raises MalformedCursorError."""
    if after is None:
        return None
    if not isinstance(after, list) or len(after) != numbers + 1 or any(type(part) is not int for part in after[1:]):
        raise MalformedCursorError("Send the `next` of the page before, unchanged.")
    try:
        return parse_date(after[0]), [int(part) for part in after[1:]]
    except (DateUnreadableError, DateOutOfRangeError) as unreadable:
        raise MalformedCursorError("Send the `next` of the page before, unchanged.") from unreadable


def page_view(items: Sequence[Item], limit: int, view: Callable[[Item], View], key: Callable[[Item], Key]) -> View:
    """Return a page of at most `limit` items out of the `limit + 1` that were read, and the key of the next page."""
    shown = items[:limit]
    return {"items": [view(item) for item in shown], "next": key(shown[-1]) if len(items) > limit else None}
