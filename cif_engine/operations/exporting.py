"""Exports: a book as a file for other programs, as it was known at a moment.

The text is made while it is read, some events at a time, each time with a connection that is given back before the
reader gets it: a slow reader holds up nobody. What was known at a moment is only ever added to, so parts read at
different times are parts of one file, the same for ever (law 7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cif_engine.ledger.accounts import Account
from cif_engine.ledger.beancount import account_name, write_balance, write_event, write_heading, write_opening
from cif_engine.ledger.postings import Posting
from cif_engine.moments import format_moment
from cif_engine.operations.reporting import open_book, open_fund
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.feed import FedPosting, as_event, as_posting, events_after, loan_numbers
from cif_engine.persistence.ledger_reports import KnownBook, account_sums, first_days
from cif_engine.persistence.whole_book import CHUNK

_UNSAFE: Final = re.compile("[^A-Za-z0-9-]")
"""What the name of a file does not hold, whatever a code does."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file: what to call it, and its text part by part, read once."""

    file_name: str
    parts: Iterator[str]


@dataclass(frozen=True, slots=True)
class _Used:
    """An account that was posted to: since when, and what it comes to, debits positive."""

    account: Account
    first_on: date
    balance_minor: int


def export_beancount(
    databases: Databases, lso_id: str, as_of: date, known_at: int | None = None, fund: str | None = None
) -> Export:
    """Return all that is posted by a day, in all funds or one, as a beancount file; raises NotFoundError."""
    with databases.reading(lso_id) as connection:
        known = open_book(connection, lso_id, known_at)
        fund_id = open_fund(connection, lso_id, fund).id if fund else None
        first_on = first_days(connection, known)
        used = [
            _Used(sums.account, first_on[sums.account.code], sums.debits_minor - sums.credits_minor)
            for sums in account_sums(connection, known, as_of, fund_id)
        ]
    whose = known.lso_code if fund is None else f"{known.lso_code}-{fund}"
    known_words = format_moment(known.at) if known.at else "never"
    title = f"{whose} as of {as_of}, known at {known_words}"
    return Export(f"{_UNSAFE.sub('-', whose)}-{as_of}.beancount", _parts(databases, known, title, as_of, used))


def _parts(databases: Databases, known: KnownBook, title: str, as_of: date, used: list[_Used]) -> Iterator[str]:
    yield write_heading(title) + "".join(write_opening(one.account, one.first_on) for one in used)
    accounts = {one.account.code: account_name(one.account) for one in used}
    for seq in range(0, known.seq, CHUNK):
        if transactions := _events(databases, known, seq, as_of, accounts):
            yield transactions
    stated_on = as_of + timedelta(days=1)  # a balance is that of the beginning of its day
    yield "\n" + "".join(write_balance(one.account, stated_on, one.balance_minor) for one in used)


def _events(databases: Databases, known: KnownBook, after: int, as_of: date, accounts: dict[str, str]) -> str:
    """Return the transactions of the next events. No posting leaves its fund, so its debit tells whether it counts."""
    lso_id = known.lso_id
    with databases.reading(lso_id) as connection:
        fed = events_after(connection, lso_id, after, min(CHUNK, known.seq - after))
        named = {one for event, rows in fed for one in (event.loan_id, *(row.loan_id for row in rows))}
        loans = loan_numbers(connection, lso_id, filter(None, named))
    return "".join(
        write_event(as_event(lso_id, event), _counted(rows, as_of, accounts), accounts, loans) for event, rows in fed
    )


def _counted(rows: list[FedPosting], as_of: date, accounts: dict[str, str]) -> list[Posting]:
    return [as_posting(row) for row in rows if row.effective_on <= as_of and row.debit in accounts]
