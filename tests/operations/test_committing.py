"""Approved loans keep their cash, first decided first served; the reserve is kept beside them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from cif_engine.errors import CashCommittedError, CifError, NotEnoughCashError
from cif_engine.persistence.commitments import Committed, committed_before, committed_of_fund
from cif_engine.persistence.engines import Databases
from tests.books import MANAGER, Answer, Book, FundRules, a_funded_book

JANUARY, MARCH, APRIL, MAY, JUNE = (date(2024, month, 1) for month in (1, 3, 4, 5, 6))
SECOND_OF_APRIL = date(2024, 4, 2)


@pytest.fixture
def book(databases: Databases) -> Book:
    """Return a book with 20,000 in the bank."""
    return a_funded_book(databases, 20_000, on=JANUARY)


def approved(book: Book, amount: int, *, on: date = APRIL, member: str = "Zainab") -> str:
    loan = book.applies(amount, on=on, member=member)
    book.resolves(loan, on=on)
    return loan


def refused(act: Callable[[], object]) -> CifError:
    with pytest.raises(CifError) as refusal:
        act()
    return refusal.value


def committed(book: Book) -> Committed:
    with book.databases.reading() as connection:
        return committed_of_fund(connection, book.lso_id, book.fund_id)


# Loans ---------------------------------------------------------------------------------------------------------


def test_a_loan_that_was_decided_later_does_not_take_what_is_kept_for_an_earlier_one(book: Book) -> None:
    """20,000 in the bank, 12,000 approved for Zainab first: Amna can have 8,000 of the 9,000 she was promised."""
    hers = approved(book, 12_000)
    amnas = approved(book, 9_000, on=SECOND_OF_APRIL, member="Amna")
    refusal = refused(lambda: book.disburses(amnas, on=MAY))
    assert isinstance(refusal, CashCommittedError)
    assert refusal.detail == (
        "12000.00 of cash and bank of the fund CIF is kept for 1 approved loan; "
        "this would leave 1000.00 too little for that on 2024-05-01 or later."
    )
    assert refusal.facts == {
        "committed": "12000.00",
        "committed_loans": 1,
        "reserve_floor": "0.00",
        "short": "1000.00",
    }
    book.disburses(amnas, on=MAY, amount=8_000)
    book.disburses(hers, on=MAY)


def test_the_loan_that_was_decided_first_may_take_what_later_ones_were_promised(book: Book) -> None:
    first = approved(book, 12_000)
    approved(book, 20_000, on=SECOND_OF_APRIL, member="Amna")
    book.disburses(first, on=MAY)
    assert committed(book) == (1, 20_000_00)


def test_of_one_day_the_lower_number_comes_first(book: Book) -> None:
    first, second = approved(book, 15_000), approved(book, 6_000, member="Amna")
    assert first < second
    assert isinstance(refused(lambda: book.disburses(second, on=APRIL)), CashCommittedError)
    book.disburses(first, on=APRIL)


def test_number_100000_comes_after_number_99999(book: Book) -> None:
    approved(book, 1_000)
    (row,) = book.rows("loan")
    with book.databases.reading() as connection:

        def before(number: str) -> int:
            return committed_before(connection, book.lso_id, book.fund_id, APRIL, number).loans

        stem = row["number"].rpartition("-")[0]
        assert [before(f"{stem}-{number}") for number in ("00000", "00001", "00002", "99999", "100000")] == [
            0,
            0,
            1,
            1,
            1,
        ]


@pytest.mark.parametrize(
    "release",
    [
        pytest.param(lambda book, loan: book.cancels(loan, on=MAY), id="cancelled"),
        pytest.param(lambda book, loan: book.reverses(decision_of(book, loan)), id="its decision reversed"),
        pytest.param(lambda book, loan: book.disburses(loan, on=APRIL, amount=1_000), id="handed out in part"),
    ],
)
def test_what_is_not_committed_any_more_is_free_for_others(book: Book, release: Callable[[Book, str], Answer]) -> None:
    first = approved(book, 15_000)
    second = approved(book, 18_000, on=SECOND_OF_APRIL, member="Amna")
    assert isinstance(refused(lambda: book.disburses(second, on=MAY)), CashCommittedError)
    release(book, first)
    assert committed(book).loans == 1
    book.disburses(second, on=MAY)


def decision_of(book: Book, loan: str) -> str:
    (loan_id,) = (row["id"] for row in book.rows("loan") if row["number"] == loan)
    (found,) = (row for row in book.rows("event") if (row["loan_id"], row["kind"]) == (loan_id, "loan_decided"))
    return str(found["id"])


def test_money_that_comes_later_does_not_help_on_the_day_before(book: Book) -> None:
    """The lowest cash from the day on counts, as it does for the account that pays."""
    approved(book, 15_000)
    late = approved(book, 6_000, on=SECOND_OF_APRIL, member="Amna")
    book.is_given(50_000, on=JUNE)
    assert isinstance(refused(lambda: book.disburses(late, on=MAY)), CashCommittedError)
    book.disburses(late, on=JUNE)


def test_the_reserve_is_kept_beside_what_is_committed(databases: Databases) -> None:
    """20,000 less a reserve of 5,000, less 10,000 committed: 5,000 are left."""
    book = a_funded_book(databases, 20_000, on=JANUARY, rules=FundRules(reserve_floor=5_000))
    approved(book, 10_000)
    second = approved(book, 16_000, on=SECOND_OF_APRIL, member="Amna")
    assert isinstance(refused(lambda: book.disburses(second, on=MAY)), NotEnoughCashError)
    assert refused(lambda: book.disburses(second, on=MAY, amount=5_001)).facts["short"] == "1.00"
    book.disburses(second, on=MAY, amount=5_000)


def test_money_in_transit_pays_for_nothing_that_is_committed(book: Book) -> None:
    approved(book, 12_000)
    second = approved(book, 6_000, on=SECOND_OF_APRIL, member="Amna")
    book.moves(5_000, on=MAY, paid_from="bank", held_in="custodian:1")
    assert refused(lambda: book.disburses(second, on=MAY)).facts["short"] == "3000.00"


def test_a_top_up_takes_only_what_leaves_the_fund(book: Book) -> None:
    """Zainab's new loan of 12,000 settles the 8,000 that she owes: 4,000 are handed out, and 4,000 are free."""
    old = book.lends(8_000, on=MARCH)
    approved(book, 8_000, member="Amna")
    new = approved(book, 12_000, on=SECOND_OF_APRIL)
    book.disburses(new, on=MAY, settles=old)


def test_a_correction_does_not_take_what_is_kept_for_an_earlier_loan(book: Book) -> None:
    approved(book, 12_000)
    second = approved(book, 15_000, on=SECOND_OF_APRIL, member="Amna")
    wrong = book.disburses(second, on=MAY, amount=5_000)["event"]["id"]
    assert refused(lambda: book.corrects(wrong, amount=8_001)).facts["short"] == "1.00"
    right = book.corrects(wrong, amount=8_000)["event"]["id"]
    book.corrects(right, amount=4_000, how=MANAGER)


def test_a_loan_that_nobody_decided_on_is_refused_for_that(book: Book) -> None:
    approved(book, 20_000)
    undecided = book.applies(5_000, on=SECOND_OF_APRIL, member="Amna")
    assert refused(lambda: book.disburses(undecided, on=MAY)).code == "loan_step"


# Approval ------------------------------------------------------------------------------------------------------


def test_more_may_be_approved_than_there_is_and_the_answer_says_what_is_left(databases: Databases) -> None:
    book = a_funded_book(databases, 20_000, on=JANUARY, rules=FundRules(reserve_floor=2_000))
    loans = [book.applies(amount, on=APRIL) for amount in (12_000, 9_000, 4_000)]
    told = [book.resolves(loan, on=APRIL, approved=loan != loans[2])["available"] for loan in loans]
    assert told[0] == {
        "definition": "available",
        "cash_and_bank": "20000.00",
        "committed": "12000.00",
        "reserve_floor": "2000.00",
        "amount": "6000.00",
    }
    assert [available["amount"] for available in told] == ["6000.00", "-3000.00", "-3000.00"]


# Other money out -----------------------------------------------------------------------------------------------


def test_capital_that_goes_back_leaves_what_is_committed_and_the_reserve(databases: Databases) -> None:
    book = a_funded_book(databases, 20_000, on=JANUARY, rules=FundRules(reserve_floor=2_000))
    book.moves(500, on=MARCH, paid_from="bank", held_in="custodian:1")
    approved(book, 12_000)
    refusal = refused(lambda: book.returns(5_501, on=MAY))
    assert (refusal.code, refusal.facts["short"]) == ("cash_committed", "1.00")
    assert refused(lambda: book.returns(17_501, on=MAY)).code == "not_enough_cash"
    book.returns(5_500, on=MAY)
    book.returns(500, on=MAY, paid_from="custodian:1")


@pytest.mark.parametrize(
    ("amount", "paid_from", "warning"),
    [
        pytest.param(6_000, "bank", None, id="what is left"),
        pytest.param(
            6_001,
            "bank",
            "Cash and bank of the fund CIF are 1.00 short, on 2024-05-01 or later, of what is kept: "
            "12000.00 for 1 approved loan, and a reserve of 1500.00.",
            id="a rupee more",
        ),
        pytest.param(500, "custodian:1", None, id="out of what a custodian carries"),
    ],
)
def test_an_expense_is_paid_and_warns(databases: Databases, amount: int, paid_from: str, warning: str | None) -> None:
    book = a_funded_book(databases, 20_000, on=JANUARY, rules=FundRules(reserve_floor=1_500))
    book.moves(500, on=MARCH, paid_from="bank", held_in="custodian:1")
    approved(book, 12_000)
    assert book.spends(amount, on=MAY, paid_from=paid_from)["warning"] == warning


# How it is found -----------------------------------------------------------------------------------------------


def test_committed_loans_are_found_by_their_index(book: Book) -> None:
    """Otherwise every disbursement would read all loans that the LSO ever made."""
    explain = "EXPLAIN QUERY PLAN" if book.databases.dialect == "sqlite" else "EXPLAIN"
    with book.databases.reading() as connection:
        if book.databases.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # it reads so few rows whole
        asked: list[Any] = []
        sa.event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
        committed_before(connection, book.lso_id, book.fund_id, APRIL, "c")
        statement, bound = asked[0]
        plan = list(connection.exec_driver_sql(f"{explain} {statement}", bound))
    assert "ix_loan_position_committed" in str(plan)
