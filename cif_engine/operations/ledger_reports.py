"""The books: chart of accounts, trial balance, account statement, cash book, and the feed of events."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from cif_engine.errors import NotFoundError
from cif_engine.ledger.accounts import CASH_ROLES, Account, Role
from cif_engine.moments import format_moment
from cif_engine.money import PKR, format_amount
from cif_engine.operations.reporting import (
    FIRST_PAGE,
    Page,
    Period,
    moments_view,
    open_book,
    open_fund,
    page_view,
    period_view,
    read_place,
)
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.feed import FedEvent, FedPosting, events_after
from cif_engine.persistence.ledger_reports import (
    AccountLine,
    AccountSums,
    DayOfMoney,
    Place,
    account_lines,
    account_sums,
    accounts_of,
    balance_through,
    before_day,
    days_of_money,
    end_of_day,
    money_before,
)


def accounts_list(databases: Databases, lso_id: str) -> View:
    """Return the chart of accounts of all funds of an LSO."""
    with databases.reading(lso_id) as connection:
        open_book(connection, lso_id, None)
        accounts = accounts_of(connection, lso_id)
    return {"items": [_account_view(account) for account in accounts]}


def trial_balance_report(
    databases: Databases, lso_id: str, as_of: date, known_at: int | None = None, fund: str | None = None
) -> View:
    """Return what each account posted to by a day comes to, and that both sides are equal; raises NotFoundError."""
    with databases.reading(lso_id) as connection:
        known = open_book(connection, lso_id, known_at)
        fund_id = open_fund(connection, lso_id, fund).id if fund else None
        sums = account_sums(connection, known, as_of, fund_id)
    debits = sum(_debit_balance(found) for found in sums)
    credits_ = sum(_credit_balance(found) for found in sums)
    return {
        "lso": known.lso_code,
        "fund": fund,
        **moments_view(as_of, known.at),
        "currency": PKR.code,
        "accounts": [_trial_view(found) for found in sums],
        "total_debit": format_amount(debits),
        "total_credit": format_amount(credits_),
        "balanced": debits == credits_,
    }


def account_statement_report(
    databases: Databases,
    lso_id: str,
    account: str,
    period: Period,
    known_at: int | None = None,
    page: Page = FIRST_PAGE,
) -> View:
    """Return the lines of an account in a period with its running balance; raises NotFoundError.

    Balances count in the direction in which the account grows.
    """
    with databases.reading(lso_id) as connection:
        known = open_book(connection, lso_id, known_at)
        found = next((one for one in accounts_of(connection, lso_id) if one.code == account), None)
        if found is None:
            raise NotFoundError(f"No account {account} in this book.")
        start = before_day(period.from_on)
        after = _place_after(page, start)
        opening = balance_through(connection, known, account, start)
        closing = balance_through(connection, known, account, end_of_day(period.to_on))
        running = opening if after == start else balance_through(connection, known, account, after)
        lines = account_lines(connection, known, account, after, period.to_on, page.limit + 1)
    sign = 1 if found.account_class.grows_by_debit else -1
    balances = _running(running, lines)
    return {
        "lso": known.lso_code,
        **period_view(period, known.at),
        "currency": PKR.code,
        "account": _account_view(found),
        "opening_balance": format_amount(sign * opening),
        **page_view(lines, page.limit, lambda line: _line_view(line, sign * balances[line.place]), _line_key),
        "closing_balance": format_amount(sign * closing),
    }


def cash_book_report(
    databases: Databases, lso_id: str, period: Period, known_at: int | None = None, fund: str | None = None
) -> View:
    """Return receipts, payments and balances of cash in hand, bank and money in transit by day; raises NotFoundError.

    Days on which no money moved are left out. Money that only changes hands is a payment here and a receipt there.
    """
    with databases.reading(lso_id) as connection:
        known = open_book(connection, lso_id, known_at)
        fund_id = open_fund(connection, lso_id, fund).id if fund else None
        held = money_before(connection, known, period.from_on, fund_id)
        moved = list(days_of_money(connection, known, period.from_on, period.to_on, fund_id))
    opening = dict(held)
    days = [_cash_day_view(on, list(of_day), held) for on, of_day in groupby(moved, lambda day: day.on)]
    return {
        "lso": known.lso_code,
        "fund": fund,
        **period_view(period, known.at),
        "currency": PKR.code,
        "opening": _held_view(opening),
        "days": days,
        "closing": _held_view(held),
    }


def events_list(databases: Databases, lso_id: str, after: int = 0, limit: int = 100) -> View:
    """Return events of a book after a seq, with all that their hashes cover, so that a reader can check the chain.

    `next` is the seq to go on after, also on the last page: more may be recorded later. Raises NotFoundError.
    """
    with databases.reading(lso_id) as connection:
        book = open_book(connection, lso_id, None)
        events = events_after(connection, lso_id, after, limit)
    return {
        "lso": book.lso_code,
        "lso_id": lso_id,
        "items": [fed_event_view(event, postings) for event, postings in events],
        "next": events[-1][0].seq if events else after,
    }


def _place_after(page: Page, start: Place) -> Place:
    place = read_place(page.after, 2)
    return start if place is None else (place[0], place[1][0], place[1][1])


# How it is written ---------------------------------------------------------------------------------------------


def _account_view(account: Account) -> View:
    return {
        "code": account.code,
        "name": account.name,
        "class": account.account_class.value,
        "role": account.role.value,
    }


def _debit_balance(sums: AccountSums) -> int:
    return max(sums.debits_minor - sums.credits_minor, 0)


def _credit_balance(sums: AccountSums) -> int:
    return max(sums.credits_minor - sums.debits_minor, 0)


def _trial_view(sums: AccountSums) -> View:
    return {
        **_account_view(sums.account),
        "debit": format_amount(_debit_balance(sums)),
        "credit": format_amount(_credit_balance(sums)),
    }


def _running(balance: int, lines: list[AccountLine]) -> dict[Place, int]:
    """Return the balance after each line, debits positive."""
    after: dict[Place, int] = {}
    for line in lines:
        balance += line.debit_minor - line.credit_minor
        after[line.place] = balance
    return after


def _line_view(line: AccountLine, balance: int) -> View:
    on, seq, _ = line.place
    return {
        "effective_on": on.isoformat(),
        "seq": seq,
        "event": line.event_id,
        "kind": line.kind,
        "recorded_at": format_moment(line.recorded_at),
        "receipt_no": line.receipt_no,
        "voucher_no": line.voucher_no,
        "external_id": line.external_id,
        "loan": line.loan,
        "counter_account": line.counter,
        "debit": format_amount(line.debit_minor),
        "credit": format_amount(line.credit_minor),
        "balance": format_amount(balance),
    }


def _line_key(line: AccountLine) -> list[str | int]:
    on, seq, number = line.place
    return [on.isoformat(), seq, number]


def _cash_day_view(on: date, moved: list[DayOfMoney], held: dict[Role, int]) -> View:
    """Return one day of the cash book; `held` goes on to the balances at its end."""
    columns: View = {}
    for role in CASH_ROLES:
        receipts = sum(day.receipts_minor for day in moved if day.role is role)
        payments = sum(day.payments_minor for day in moved if day.role is role)
        held[role] += receipts - payments
        columns[role.value] = {
            "receipts": format_amount(receipts),
            "payments": format_amount(payments),
            "balance": format_amount(held[role]),
        }
    return {"on": on.isoformat(), **columns}


def _held_view(held: dict[Role, int]) -> View:
    return {role.value: format_amount(held[role]) for role in CASH_ROLES}


def fed_event_view(event: FedEvent, postings: list[FedPosting]) -> View:
    """Return an event of the feed with its postings: all that its hash covers."""
    return {
        "seq": event.seq,
        "id": event.id,
        "kind": event.kind,
        "effective_on": event.effective_on.isoformat(),
        "recorded_at": format_moment(event.recorded_at),
        "recorded_by": event.actor,
        "idempotency_key": event.idempotency_key,
        "fund_id": event.fund_id,
        "loan_id": event.loan_id,
        "receipt_no": event.receipt_no,
        "voucher_no": event.voucher_no,
        "external_id": event.external_id,
        "reverses": event.reverses,
        "payload": event.payload,
        "postings": [
            {
                "effective_on": posting.effective_on.isoformat(),
                "debit": posting.debit,
                "credit": posting.credit,
                "amount": format_amount(posting.amount_minor),
                "loan_id": posting.loan_id,
            }
            for posting in postings
        ],
        "prev_hash": event.prev_hash.hex(),
        "hash": event.hash.hex(),
    }
