"""Postings: amounts moved from one account to another on a day, and what they sum to.

A posting is (debit, credit, amount > 0), so an entry that does not balance cannot be written down (law 1).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount_minor` moves from the account `credit` to the account `debit`, counted from `effective_on`."""

    effective_on: date
    debit: str
    credit: str
    amount_minor: int
    loan_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is not a movement; a posting that exists is a sound one."""
        if type(self.amount_minor) is not int or self.amount_minor <= 0:
            raise ValueError(f"a posting moves a whole positive amount, not {self.amount_minor!r}")
        if self.debit == self.credit:
            raise ValueError(f"a posting moves money between two accounts, not within {self.debit}")


def balances(postings: Iterable[Posting]) -> dict[str, int]:
    """Return each account's balance in minor units, debits positive."""
    sums: defaultdict[str, int] = defaultdict(int)
    for posting in postings:
        sums[posting.debit] += posting.amount_minor
        sums[posting.credit] -= posting.amount_minor
    return dict(sums)


def difference(posted: Iterable[Posting], called_for: Iterable[Posting]) -> tuple[Posting, ...]:
    """Return the postings that turn what is `posted` into what the facts now call for (ledger by difference).

    Per loan and day, only what changed is posted, between the accounts that it changed: a payment whose split moved
    from principal to credit balance gives one posting between those two, and the cash account is left alone.
    """
    changes: defaultdict[tuple[date, str], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for sign, side in ((-1, posted), (1, called_for)):
        for posting in side:
            change = changes[posting.effective_on, posting.loan_id or ""]
            change[posting.debit] += sign * posting.amount_minor
            change[posting.credit] -= sign * posting.amount_minor
    return tuple(
        posting
        for (effective_on, loan_id), change in sorted(changes.items())
        for posting in pair_off(effective_on, change, loan_id or None)
    )


def pair_off(effective_on: date, net: Mapping[str, int], loan_id: str | None) -> list[Posting]:
    """Return postings that move each account by its `net` amount (debits positive, the sum zero), by account code."""
    takers = [(code, amount) for code, amount in sorted(net.items()) if amount > 0]
    givers = deque((code, -amount) for code, amount in sorted(net.items()) if amount < 0)
    postings: list[Posting] = []
    for debit, amount in takers:
        wanted = amount
        while wanted:
            credit, offered = givers.popleft()
            moved = min(wanted, offered)
            postings.append(Posting(effective_on, debit, credit, moved, loan_id))
            wanted -= moved
            if offered > moved:
                givers.appendleft((credit, offered - moved))
    return postings


def lowest_from(day: date, opening_minor: int, moves: Iterable[tuple[date, int]]) -> int:
    """Return the lowest end-of-day balance on `day` or later, in minor units (law 6).

    `opening_minor` is the balance at the end of the day before, `moves` the net movements from `day` on, by date.
    """
    by_day: defaultdict[date, int] = defaultdict(int, {day: 0})
    for on, amount in moves:
        by_day[on] += amount
    days = sorted(by_day)
    by_day[days[0]] += opening_minor
    return min(accumulate(by_day[on] for on in days))
