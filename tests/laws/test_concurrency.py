"""Thirty-two clerks at once: accepted is exactly what fits, no one waits for ever, and the books stand."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from cif_engine.errors import CifError
from cif_engine.persistence.engines import Databases
from tests.books import MEMBERS, Book, a_funded_book
from tests.soundness import assert_books_stand
from tests.support.databases import closing_databases

JANUARY, APRIL = date(2024, 1, 1), date(2024, 4, 1)
CLERKS = 32


@pytest.fixture(params=["one process", "several processes"])
def offices(request: pytest.FixtureRequest, database_url: str, databases: Databases) -> Iterator[list[Databases]]:
    """The pools through which clerks write: one for all, or several, as several processes have them."""
    if request.param == "one process":
        yield [databases]
    else:
        with closing_databases(database_url) as second, closing_databases(database_url) as third:
            yield [databases, second, third]


def all_at_once(clerks: list[Callable[[], object]]) -> Counter[str]:
    """Let each clerk do her one thing at the same time; return how often each was accepted or refused, by code."""

    def work(clerk: Callable[[], object]) -> str:
        try:
            clerk()
        except CifError as refusal:
            return refusal.code
        return "accepted"

    with ThreadPoolExecutor(len(clerks)) as office:
        return Counter(office.map(work, clerks))


def test_a_fund_that_holds_half_of_what_is_drawn_pays_exactly_that(offices: list[Databases]) -> None:
    book = a_funded_book(offices[0], 1_600, on=JANUARY)
    ends = all_at_once([_spends(book.by(offices[n % len(offices)]), 100) for n in range(CLERKS)])
    assert ends == {"accepted": CLERKS // 2, "not_enough_cash": CLERKS // 2}
    assert book.balances()["CIF.5010"] == 1_600_00
    assert "CIF.1020" not in book.balances()
    assert_books_stand(book)


def test_loans_are_disbursed_while_the_fund_can_pay_them_and_not_once_more(offices: list[Databases]) -> None:
    """Whoever comes first: the loans that were decided first are paid, the others find the cash kept, or gone."""
    book = a_funded_book(offices[0], 16_000, on=JANUARY)
    loans = [book.applies(1_000, on=JANUARY, member=MEMBERS[n % len(MEMBERS)]) for n in range(CLERKS)]
    for loan in loans:
        book.resolves(loan, on=JANUARY)
    ends = all_at_once([_disburses(book.by(offices[n % len(offices)]), loan) for n, loan in enumerate(loans)])
    assert ends["accepted"] == ends["not_enough_cash"] + ends["cash_committed"] == CLERKS // 2
    assert [book.position(loan)["status"] for loan in loans] == ["open"] * (CLERKS // 2) + ["approved"] * (CLERKS // 2)
    assert book.balances()["CIF.1100"] == 16_000_00
    assert_books_stand(book)


def test_one_loan_takes_all_its_repayments_at_once(offices: list[Databases]) -> None:
    book = a_funded_book(offices[0], 12_000, on=JANUARY)
    loan = book.lends(12_000, on=JANUARY)
    ends = all_at_once([_repays(book.by(offices[n % len(offices)]), loan) for n in range(CLERKS)])
    assert ends == {"accepted": CLERKS}
    assert book.position(loan)["principal_paid_minor"] == CLERKS * 100_00
    assert_books_stand(book)


def test_many_loans_take_their_repayments_at_once(offices: list[Databases]) -> None:
    book = a_funded_book(offices[0], 12_000, on=JANUARY)
    loans = [book.lends(1_200, on=JANUARY, member=member) for member in MEMBERS]
    clerks = [_repays(book.by(offices[n % len(offices)]), loans[n % len(loans)]) for n in range(CLERKS)]
    assert all_at_once(clerks) == {"accepted": CLERKS}
    assert {book.position(loan)["principal_paid_minor"] for loan in loans} == {CLERKS // len(loans) * 100_00}
    assert_books_stand(book)


def test_of_many_last_repayments_at_once_one_settles_and_the_others_are_credit(databases: Databases) -> None:
    book = a_funded_book(databases, 12_000, on=JANUARY)
    loan = book.lends(100, on=JANUARY)
    assert all_at_once([_repays(book, loan)] * CLERKS) == {"accepted": CLERKS}
    position = book.position(loan)
    assert (position["principal_paid_minor"], position["credit_minor"]) == (100_00, (CLERKS - 1) * 100_00)
    assert_books_stand(book)


def test_of_many_refunds_of_one_credit_at_once_one_is_paid(databases: Databases) -> None:
    book = a_funded_book(databases, 12_000, on=JANUARY)
    loan = book.lends(100, on=JANUARY)
    book.repays(loan, 150, on=JANUARY)
    assert all_at_once([lambda: book.refunds(loan, 50, on=APRIL)] * CLERKS) == {
        "accepted": 1,
        "credit_too_small": CLERKS - 1,
    }
    assert_books_stand(book)


def test_books_of_different_lsos_do_not_wait_for_each_other(databases: Databases) -> None:
    books = [a_funded_book(databases, 1_000, on=JANUARY) for _ in range(8)]
    assert all_at_once([_spends(book, 250) for book in books for _ in range(4)]) == {"accepted": CLERKS}
    for book in books:
        assert_books_stand(book)


def _spends(book: Book, amount: int) -> Callable[[], object]:
    return lambda: book.spends(amount, on=APRIL)


def _disburses(book: Book, loan: str) -> Callable[[], object]:
    return lambda: book.disburses(loan, on=APRIL)


def _repays(book: Book, loan: str) -> Callable[[], object]:
    return lambda: book.repays(loan, 100, on=APRIL)
