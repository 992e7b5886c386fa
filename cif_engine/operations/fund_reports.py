"""The position of a fund on any day, as it was known at any moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from cif_engine.fund.flows import Entry, FundDay
from cif_engine.fund.position import Books, FundPosition
from cif_engine.ledger.accounts import CHART, AccountClass, Role
from cif_engine.money import PKR, format_amount
from cif_engine.operations.reporting import moments_view, open_book, open_fund
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.flows import money_of_fund
from cif_engine.persistence.fund_reports import lent_by_fund
from cif_engine.persistence.ledger_reports import AccountSums, KnownBook, account_sums
from cif_engine.persistence.placements import reserve_floor_on
from cif_engine.persistence.standings import Known, Within, find_known


def fund_position_report(
    databases: Databases, lso_id: str, fund: str, as_of: date, known_at: int | None = None
) -> View:
    """Return where a fund stands; raises NotFoundError. The reserve is that of the day."""
    with databases.reading(lso_id) as connection:
        book = open_book(connection, lso_id, known_at)
        file = open_fund(connection, lso_id, fund)
        known = find_known(connection, Within((lso_id,)), known_at)
        books = books_of_fund(connection, book, file.id, as_of, known)
        lent = lent_by_fund(connection, lso_id, file.id, as_of, known)
        reserve_minor = reserve_floor_on(connection, lso_id, file.id, as_of, None if known.now else known.at)
    position = FundPosition(books, lent, reserve_minor)
    return {
        "lso": book.lso_code,
        "fund": file.code,
        **moments_view(as_of, known.at),
        "currency": PKR.code,
        **position_view(position),
    }


def position_view(position: FundPosition) -> View:
    """Return a fund's position with the two sides of its identity."""
    books, lent = position.books, position.lent
    return {
        "capital": {
            "definition": "capital",
            "tranches_received": format_amount(books.tranches_received_minor),
            "returned": format_amount(books.capital_returned_minor),
            "contributions": format_amount(books.contributions_minor),
            "amount": format_amount(position.capital_minor),
        },
        "cash_in_hand": format_amount(books.cash_in_hand_minor),
        "bank": format_amount(books.bank_minor),
        "in_transit": format_amount(books.in_transit_minor),
        "outstanding_principal": format_amount(lent.outstanding_minor),
        "allowance": format_amount(books.allowance_minor),
        "borrower_credit_balances": format_amount(lent.credits_minor),
        "income": format_amount(books.income_minor),
        "expense": format_amount(books.expense_minor),
        "available": {
            "definition": "available",
            "cash_and_bank": format_amount(position.cash_and_bank_minor),
            "committed": format_amount(lent.committed_minor),
            "reserve_floor": format_amount(position.reserve_floor_minor),
            "amount": format_amount(position.available_minor),
        },
        "identity": {
            "capital_plus_income_less_expense": format_amount(position.called_for_minor),
            "money_plus_loans_less_liabilities": format_amount(position.found_minor),
            "holds": position.identity_holds,
        },
    }


def books_of_fund(connection: sa.Connection, book: KnownBook, fund_id: str, as_of: date, known: Known) -> Books:
    """Return what a fund's accounts say on a day; what a reversal took back was neither received nor returned."""
    money = money_of_fund(connection, book.lso_id, fund_id, as_of, known)
    return net_of_reversals(fund_books(account_sums(connection, book, as_of, fund_id)), money)


def net_of_reversals(books: Books, money: Iterable[FundDay]) -> Books:
    """Return what a fund's accounts say, of tranches what its own money of the same days says."""
    in_all = dict.fromkeys(Entry, 0)
    for day in money:
        in_all[day.entry] += day.amount_minor
    return replace(books, tranches_received_minor=in_all[Entry.TRANCHE], capital_returned_minor=in_all[Entry.RETURN])


def fund_books(sums: list[AccountSums]) -> Books:
    """Return what a fund's accounts say, from their sums: of tranches, all that was posted to either side."""
    debits = {role: sum(found.debits_minor for found in sums if found.account.role is role) for role in Role}
    credit = {role: sum(found.credits_minor for found in sums if found.account.role is role) for role in Role}

    def owned(*roles: Role) -> int:
        return sum(debits[role] - credit[role] for role in roles)

    return Books(
        tranches_received_minor=credit[Role.TRANCHE_CAPITAL],
        capital_returned_minor=debits[Role.TRANCHE_CAPITAL],
        contributions_minor=-owned(Role.CONTRIBUTIONS),
        cash_in_hand_minor=owned(Role.CASH_IN_HAND),
        bank_minor=owned(Role.BANK),
        in_transit_minor=owned(Role.IN_TRANSIT),
        income_minor=-owned(*_of_class(AccountClass.INCOME)),
        expense_minor=owned(*_of_class(AccountClass.EXPENSE)),
        loans_minor=owned(Role.LOANS_OUTSTANDING),
        allowance_minor=-owned(Role.LOAN_LOSS_ALLOWANCE),
        credits_minor=-owned(Role.BORROWER_CREDIT),
    )


def _of_class(wanted: AccountClass) -> list[Role]:
    return [line.role for line in CHART if line.account_class is wanted]
