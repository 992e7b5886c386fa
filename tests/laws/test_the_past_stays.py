"""Law 7: a report for a day, as known at a moment, is the same for ever, whatever is recorded later."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cif_engine.ledger.accounts import Role, account_code
from cif_engine.moments import to_micros
from cif_engine.operations.ledger_reports import account_statement_report, cash_book_report, trial_balance_report
from cif_engine.operations.loan_reports import (
    LoanFilter,
    loan_report,
    loan_schedule_report,
    loan_statement_report,
    loans_list,
    repayments_list,
)
from cif_engine.operations.portfolio_reports import fund_position_report, portfolio_report
from cif_engine.operations.reporting import Period
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut
from tests.books import FUND, Book, a_book
from tests.laws.settings import some_histories
from tests.strategies import BEGINNING, PRODUCTS, History, Told, days, histories, tell

LATER = date(2025, 6, 30)
Report = Callable[..., dict[str, Any]]


@some_histories(12)
@given(history=histories(), as_of=days | st.just(LATER))
def test_a_report_known_at_a_moment_is_the_same_after_whatever_is_recorded_later(
    shared_databases: Databases, history: History, as_of: date
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    told = Told()
    middle = 2 + len(history) // 2
    tell(book, history[:middle], told)
    asked = [(report, report()) for report in reports(book, told.loans, as_of)]

    tell(book, history[middle:], told)

    for report, answered in asked:
        known_at = to_micros(datetime.fromisoformat(answered["known_at"]))
        assert report(known_at=known_at) == answered


def reports(book: Book, loans: list[str], as_of: date) -> list[Report]:
    """Return every report of a book and of its loans, each to be asked for with a `known_at`."""
    period = Period(BEGINNING, max(as_of, BEGINNING))
    cash = account_code(FUND, Role.CASH_IN_HAND)
    within = Within((book.lso_id,))
    return [
        partial(trial_balance_report, book.databases, book.lso_id, as_of),
        partial(cash_book_report, book.databases, book.lso_id, period),
        partial(account_statement_report, book.databases, book.lso_id, cash, period),
        partial(portfolio_report, book.databases, within, (Cut.PRODUCT, Cut.CO), as_of),
        partial(fund_position_report, book.databases, book.lso_id, FUND, as_of),
        partial(loans_list, book.databases, book.lso_id, LoanFilter(), as_of),
        partial(repayments_list, book.databases, book.lso_id, period),
        *(partial(loan_report, book.databases, book.lso_id, loan, as_of) for loan in loans if as_of == LATER),
        *(partial(loan_schedule_report, book.databases, book.lso_id, loan, LATER) for loan in loans),
        *(partial(loan_statement_report, book.databases, book.lso_id, loan, LATER) for loan in loans),
    ]
