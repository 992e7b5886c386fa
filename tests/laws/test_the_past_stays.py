"""Law 7: a report for a day, as known at a moment, is the same for ever, whatever is recorded later."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.ledger.accounts import Role, account_code
from cif_engine.moments import to_micros
from cif_engine.operations.asking import Question
from cif_engine.operations.collection_reports import collections_report, roll_rates_report
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.ledger_reports import account_statement_report, cash_book_report, trial_balance_report
from cif_engine.operations.loan_reports import (
    LoanFilter,
    loan_report,
    loan_schedule_report,
    loan_statement_report,
    loans_list,
    repayments_list,
)
from cif_engine.operations.portfolio_reports import portfolio_report, series_report
from cif_engine.operations.portfolio_tables import maturity_report, provisioning_report, vintages_report
from cif_engine.operations.reporting import Period
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from tests.books import FUND, Book, a_book, a_funded_book
from tests.laws.settings import some_histories
from tests.strategies import BEGINNING, PRODUCTS, History, Told, days, histories, tell

LATER = date(2025, 6, 30)
CUTTINGS = (
    Cutting((Cut.PRODUCT, Cut.CO)),
    Cutting((Cut.TRANCHE, Cut.CHANNEL), only=((Cut.CYCLE, ("1", "2")),)),
    Cutting((Cut.FUNDER, Cut.DISTRICT), only=((Cut.FUND, (FUND,)),)),
)
Report = Callable[..., dict[str, Any]]


@some_histories(12)
@given(history=histories(), as_of=days | st.just(LATER))
def test_a_report_known_at_a_moment_is_byte_for_byte_the_same_after_whatever_is_recorded_later(
    shared_databases: Databases, history: History, as_of: date
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    told = Told()
    middle = 2 + len(history) // 2
    tell(book, history[:middle], told)
    asked = [(report, report()) for report in reports(book, told.loans, as_of)]

    tell(book, history[middle:], told)

    for report, answered in asked:
        assert orjson.dumps(report(known_at=known_at(answered))) == orjson.dumps(answered)


def test_a_report_names_the_moment_of_the_last_event_it_counted(databases: Databases) -> None:
    book = a_funded_book(databases)
    loan = book.lends(10_000, on=BEGINNING)
    *_, before, last = (event["recorded_at"] for event in book.rows("event"))
    for report in reports(book, [loan], LATER):
        assert known_at(report()) == last, report
        assert known_at(report(known_at=last + 500)) == last, report
        assert known_at(report(known_at=last - 1)) == before, report


def test_a_report_that_counts_nothing_names_no_moment(databases: Databases) -> None:
    book = a_funded_book(databases)
    for report in reports(book, [], LATER):
        assert report(known_at=1)["known_at"] is None, report


def known_at(answered: dict[str, Any]) -> int:
    """Return the moment that a report names, to ask for it again."""
    return to_micros(datetime.fromisoformat(answered["known_at"]))


def reports(book: Book, loans: list[str], as_of: date) -> list[Report]:
    """Return every report of a book and of its loans, each to be asked for with a `known_at`."""
    period = Period(BEGINNING, max(as_of, BEGINNING))
    cash = account_code(FUND, Role.CASH_IN_HAND)
    portfolios: list[Report] = [
        partial(portfolio_report, as_of=as_of),
        partial(series_report, days=[BEGINNING + timedelta(days=30 * months) for months in range(18)]),
        partial(vintages_report, as_of=as_of, months=24, days=30),
        partial(maturity_report, as_of=as_of),
        partial(provisioning_report, as_of=as_of),
        partial(collections_report, period=period),
        partial(roll_rates_report, period=period),
    ]
    return [
        partial(trial_balance_report, book.databases, book.lso_id, as_of),
        partial(cash_book_report, book.databases, book.lso_id, period),
        partial(account_statement_report, book.databases, book.lso_id, cash, period),
        *(partial(_asked, report, book, cutting) for report in portfolios for cutting in CUTTINGS),
        partial(fund_position_report, book.databases, book.lso_id, FUND, as_of),
        partial(loans_list, book.databases, book.lso_id, LoanFilter(), as_of),
        partial(repayments_list, book.databases, book.lso_id, period),
        *(partial(loan_report, book.databases, book.lso_id, loan, as_of) for loan in loans if as_of == LATER),
        *(partial(loan_schedule_report, book.databases, book.lso_id, loan, LATER) for loan in loans),
        *(partial(loan_statement_report, book.databases, book.lso_id, loan, LATER) for loan in loans),
    ]


def _asked(report: Report, book: Book, cutting: Cutting, known_at: int | None = None) -> dict[str, Any]:
    return report(book.databases, Question(Within((book.lso_id,)), cutting, known_at))
