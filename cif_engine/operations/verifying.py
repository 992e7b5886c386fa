"""Verifying: a book is read from its first event, and what is stored of it is compared with what its events say.

Every finding names what is wrong and where. A book that agrees with itself has none; what a chain cannot show, a tail
cut off or a history rewritten whole, only a head kept elsewhere can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

import sqlalchemy as sa

from cif_engine.errors import NotFoundError
from cif_engine.fund.allowance import shortfall_change, shortfalls
from cif_engine.fund.position import FundPosition, Lent
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import LINE_OF, Account, Role, account_code, opening_chart
from cif_engine.ledger.chain import encode, event_hash, genesis
from cif_engine.ledger.events import Fact, Head, Papers
from cif_engine.ledger.postings import Posting
from cif_engine.loans.standing import Standing
from cif_engine.money import format_amount
from cif_engine.operations.findings import Finding, Law, differing_rows
from cif_engine.operations.fund_reports import fund_books
from cif_engine.operations.projecting import rows_of_sub_grants
from cif_engine.operations.verifying_loans import UNREADABLE, read_loans, verify_loans, verify_no_strays
from cif_engine.persistence.allowance import PostedAllowance, posted_allowance
from cif_engine.persistence.corrections import borne_papers
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.feed import FedEvent, FedPosting
from cif_engine.persistence.ledger_reports import AccountSums, accounts_of
from cif_engine.persistence.whole_book import (
    OF_FUNDS,
    StoredBalance,
    StoredHead,
    answers_without_event,
    book_heads,
    events_without_answer,
    every_event,
    fund_codes,
    loans_in_chunks,
    rows_of_book,
    stored_balances,
)

KINDS = frozenset(kind.value for kind in Kind)


def verify(databases: Databases, lso_id: str | None = None) -> list[Finding]:
    """Return all that is wrong with one book, or with any; raises NotFoundError for an LSO without a book."""
    with databases.reading(lso_id) as connection:
        heads = book_heads(connection, lso_id)
        if lso_id is not None and not heads:
            raise NotFoundError("This LSO has no book.")
        return [finding for head in heads for finding in _verify_what_can_be_read(connection, head)]


def _verify_what_can_be_read(connection: sa.Connection, head: StoredHead) -> Iterator[Finding]:
    """Give what is wrong with a book up to a stored value that cannot be: SQLite keeps any text for a date."""
    try:
        yield from _verify_book(connection, head)
    except ValueError as error:
        what = "a stored value cannot be read; nothing after it was verified"
        yield Finding(head.lso_code, Law.CHAIN, "the book", what, "readable dates and roles", str(error))


def _verify_book(connection: sa.Connection, head: StoredHead) -> Iterator[Finding]:
    ledger = Ledger({account.code: account for account in accounts_of(connection, head.lso_id)})
    yield from _verify_chain(connection, head, ledger)
    yield from _verify_answers(connection, head)
    yield from verify_balances(head.lso_code, ledger, stored_balances(connection, head.lso_id))
    yield from verify_floors(head.lso_code, ledger)
    yield from _verify_papers(connection, head)
    yield from _verify_sub_grants(connection, head)
    funds = fund_codes(connection, head.lso_id)
    yield from verify_chart(head.lso_code, ledger.accounts, funds)
    lent = {fund_id: Lent(0, 0, 0) for fund_id in funds}
    for loan_ids in loans_in_chunks(connection, head.lso_id):
        loans, findings = read_loans(connection, head, loan_ids, funds)
        yield from findings
        yield from verify_loans(connection, head, loans)
        for loan in (called_for.loan for called_for in loans):
            lent[loan.fund_id] = _with_loan(lent[loan.fund_id], loan.life.standing)
    yield from verify_no_strays(connection, head)
    for fund_id, code in sorted(funds.items(), key=lambda fund: fund[1]):
        yield from verify_fund(head.lso_code, code, ledger.of_fund(fund_id), lent[fund_id])
        yield from verify_shortfalls(head.lso_code, code, posted_allowance(connection, head.lso_id, code))


# The chain and the postings ------------------------------------------------------------------------------------


@dataclass
class Ledger:
    """What the postings of a book sum to, gathered while its events are read."""

    accounts: dict[str, Account]
    debits: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    credits: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_day: defaultdict[str, defaultdict[date, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    def post(self, posting: FedPosting) -> None:
        """Add a posting."""
        self.debits[posting.debit] += posting.amount_minor
        self.credits[posting.credit] += posting.amount_minor
        self.by_day[posting.debit][posting.effective_on] += posting.amount_minor
        self.by_day[posting.credit][posting.effective_on] -= posting.amount_minor

    def balance(self, code: str) -> int:
        """Return what an account comes to, debits positive."""
        return self.debits[code] - self.credits[code]

    def of_fund(self, fund_id: str) -> list[AccountSums]:
        """Return the accounts of a fund with what they come to."""
        return [
            AccountSums(account, self.debits[code], self.credits[code])
            for code, account in self.accounts.items()
            if account.fund_id == fund_id
        ]


def _verify_chain(connection: sa.Connection, head: StoredHead, ledger: Ledger) -> Iterator[Finding]:
    last, before = genesis(head.lso_id), None
    for event, postings in every_event(connection, head.lso_id):
        yield from _verify_moment(head.lso_code, before, event)
        yield from verify_event(head.lso_code, last, event, postings, ledger.accounts)
        before = event
        for posting in postings:
            ledger.post(posting)
        last = Head(head.lso_id, event.seq, event.recorded_at, event.hash)
    stored = Head(head.lso_id, head.seq, head.recorded_at, head.hash)
    if stored != last:
        yield Finding(
            head.lso_code,
            Law.CHAIN,
            f"event {last.seq}",
            "the head of the book is not its last event",
            f"head {last.seq} {last.hash.hex()}",
            f"head {stored.seq} {stored.hash.hex()}",
        )


def _verify_moment(lso: str, before: FedEvent | None, event: FedEvent) -> Iterator[Finding]:
    """Give that an event was not recorded after the one before it; those of one act are known at one moment.

    Of one act, the last event alone has the key of the request.
    """
    if before is None or event.recorded_at > before.recorded_at:
        return
    one_act = before.idempotency_key is None and before.actor == event.actor
    if event.recorded_at < before.recorded_at or not one_act:
        what = "it was not recorded after the one before it"
        yield Finding(
            lso, Law.CHAIN, f"event {event.seq}", what, f"later than {before.recorded_at}", str(event.recorded_at)
        )


def verify_event(
    lso: str, last: Head, event: FedEvent, postings: list[FedPosting], accounts: dict[str, Account]
) -> Iterator[Finding]:
    """Give what is wrong with one event, which follows `last`."""
    where = f"event {event.seq}"
    if event.seq != last.seq + 1:
        what = "events are missing before it"
        yield Finding(lso, Law.CHAIN, where, what, f"event {last.seq + 1}", where)
    if event.prev_hash != last.hash:
        what = "it is not sealed with the one before it"
        yield Finding(lso, Law.CHAIN, where, what, last.hash.hex(), event.prev_hash.hex())
    unsound = [posting for posting in postings if not _is_sound(posting, accounts)]
    for posting in unsound:
        moves = f"{format_amount(posting.amount_minor)} from {posting.credit} to {posting.debit}"
        yield Finding(lso, Law.BALANCED, where, "a posting moves nothing", "an amount between two accounts", moves)
    for posting in postings:
        # A posting of no loan in the event of one is the fund's: it makes its allowance good.
        if posting.loan_id is not None and posting.loan_id != event.loan_id:
            what = "a posting is of a loan that the event is not of"
            yield Finding(lso, Law.SUB_LEDGER, where, what, str(event.loan_id), posting.loan_id)
    if not unsound:
        yield from _verify_hash(lso, last.lso_id, event, postings)


def _is_sound(posting: FedPosting, accounts: dict[str, Account]) -> bool:
    known = posting.debit in accounts and posting.credit in accounts
    return known and posting.amount_minor > 0 and posting.debit != posting.credit


def _verify_hash(lso: str, lso_id: str, event: FedEvent, postings: list[FedPosting]) -> Iterator[Finding]:
    where = f"event {event.seq}"
    if event.kind not in KINDS:
        yield Finding(lso, Law.CHAIN, where, "its kind is not known", "a kind of event", event.kind)
        return
    fact = Fact(
        event.id,
        Kind(event.kind),
        event.effective_on,
        event.payload,
        event.fund_id,
        event.loan_id,
        Papers(event.receipt_no, event.voucher_no, event.external_id),
        event.reverses,
    )
    posted = [Posting(row.effective_on, row.debit, row.credit, row.amount_minor, row.loan_id) for row in postings]
    said = encode(lso_id, event.seq, event.recorded_at, event.actor, event.idempotency_key, fact, posted)
    digest = event_hash(event.prev_hash, said)
    if digest != event.hash:
        what = "its hash is not that of what it says and posts"
        yield Finding(lso, Law.CHAIN, where, what, digest.hex(), event.hash.hex())


def _verify_answers(connection: sa.Connection, head: StoredHead) -> Iterator[Finding]:
    """Give where an event and the answer to its request do not name each other (law 9)."""
    for seq in events_without_answer(connection, head.lso_id):
        yield Finding(head.lso_code, Law.ONCE, f"event {seq}", "its request is not answered by it", "an answer", "none")
    for key in answers_without_event(connection, head.lso_id):
        yield Finding(head.lso_code, Law.ONCE, f"answer to {key}", "no event stands behind it", "an event", "none")


# The ledger ----------------------------------------------------------------------------------------------------


def verify_chart(lso: str, accounts: Mapping[str, Account], funds: Mapping[str, str]) -> Iterator[Finding]:
    """Give the accounts of the chart that a fund lacks, and those whose code is not that of their fund and role."""
    for fund_id, fund in funds.items():
        for account in opening_chart(fund_id, fund):
            if account.code not in accounts:
                yield Finding(lso, Law.CHART, f"account {account.code}", "it is missing", account.name, "none")
    for code, account in accounts.items():
        stem = account_code(funds[account.fund_id], account.role)
        if not (code.startswith(f"{stem}.") if LINE_OF[account.role].in_parts else code == stem):
            yield Finding(lso, Law.CHART, f"account {code}", "its code is not that of its role", stem, code)


def verify_balances(lso: str, ledger: Ledger, stored: dict[str, StoredBalance]) -> Iterator[Finding]:
    """Give the accounts whose stored balance is not what their postings sum to (law 8)."""
    for code, account in ledger.accounts.items():
        where = f"account {code}"
        if code not in stored:
            yield Finding(
                lso, Law.REBUILD, where, "its balance is missing", format_amount(ledger.balance(code)), "none"
            )
            continue
        if stored[code].balance_minor != ledger.balance(code):
            what = "its stored balance is not what its postings sum to"
            found = format_amount(stored[code].balance_minor)
            yield Finding(lso, Law.REBUILD, where, what, format_amount(ledger.balance(code)), found)
        if stored[code].floored != account.floored:
            what = "the floor under it is not that of its role"
            yield Finding(lso, Law.REBUILD, where, what, str(account.floored), str(stored[code].floored))


def verify_floors(lso: str, ledger: Ledger) -> Iterator[Finding]:
    """Give the first day on which an account that may not go below zero does (law 6)."""
    for code, account in ledger.accounts.items():
        if not account.floored:
            continue
        days = sorted(ledger.by_day[code])
        for day, balance in zip(days, accumulate(ledger.by_day[code][day] for day in days), strict=True):
            if balance < 0:
                what = f"it is below zero at the end of {day}"
                yield Finding(lso, Law.FLOOR, f"account {code}", what, "0.00 or more", format_amount(balance))
                break


# The fund ------------------------------------------------------------------------------------------------------


def verify_fund(lso: str, fund: str, sums: list[AccountSums], lent: Lent) -> Iterator[Finding]:
    """Give where a fund's accounts and its loans disagree (laws 4 and 5)."""
    books = fund_books(sums)
    ledgers = (
        (Role.LOANS_OUTSTANDING, "the outstanding principal of its loans", lent.outstanding_minor, books.loans_minor),
        (Role.BORROWER_CREDIT, "the credit balances of its borrowers", lent.credits_minor, books.credits_minor),
    )
    for role, what, of_loans, of_ledger in ledgers:
        if of_loans != of_ledger:
            where = f"fund {fund}, {role.value}"
            yield Finding(
                lso, Law.SUB_LEDGER, where, f"it is not {what}", format_amount(of_loans), format_amount(of_ledger)
            )
    position = FundPosition(books, lent, reserve_floor_minor=0)
    if not position.identity_holds:
        what = "money and loans less liabilities are not capital and income less expense"
        called_for, found = format_amount(position.called_for_minor), format_amount(position.found_minor)
        yield Finding(lso, Law.FUND_IDENTITY, f"fund {fund}", what, called_for, found)


def verify_shortfalls(lso: str, fund: str, posted: PostedAllowance) -> Iterator[Finding]:
    """Give the days on which a fund did not add to its allowance what the provisions and the losses call for."""
    called_for = shortfalls(posted.moves.items())
    for on in shortfall_change(posted.moves.items(), posted.shortfalls):
        where, what = f"fund {fund}, {on}", "what makes the allowance good is not what its moves call for"
        expected, found = called_for.get(on, 0), posted.shortfalls.get(on, 0)
        yield Finding(lso, Law.REBUILD, where, what, format_amount(expected), format_amount(found))


def _with_loan(lent: Lent, standing: Standing) -> Lent:
    return Lent(lent.outstanding_minor + standing.outstanding_minor, lent.credits_minor + standing.credit_minor, 0)


def _verify_sub_grants(connection: sa.Connection, head: StoredHead) -> Iterator[Finding]:
    try:
        called_for = rows_of_sub_grants(connection, head.lso_id)
    except UNREADABLE as error:
        what = "agreements and tranches cannot be read from the events"
        yield Finding(head.lso_code, Law.REBUILD, "sub-grants", what, "readable events", repr(error))
        return
    for table in OF_FUNDS:
        found = rows_of_book(connection, table, head.lso_id)
        yield from differing_rows(head.lso_code, table, "sub-grants", called_for[table], found)


def _verify_papers(connection: sa.Connection, head: StoredHead) -> Iterator[Finding]:
    """Give the numbers that are not borne by the fact that bears them, of those that hold (law 8)."""
    called_for, found = borne_papers(connection, head.lso_id), rows_of_book(connection, "paper", head.lso_id)
    yield from differing_rows(head.lso_code, "paper", "papers", called_for, found)
