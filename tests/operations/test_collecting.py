"""Repayments: which loan, which account, and what is refused. How they are split is in `tests/examples`."""

from datetime import date

import pytest

from cif_engine.errors import CustodianNotNeededError, DateInFutureError, LoanNotOpenError, NotFoundError
from cif_engine.persistence.engines import Databases
from tests.books import Book, How, a_funded_book, new_id, settled

APRIL, MAY, JUNE = (date(2024, month, 1) for month in (4, 5, 6))


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases)


@pytest.fixture
def loan(book: Book) -> str:
    return book.lends(1_200, on=APRIL)


@pytest.mark.parametrize(
    ("channel", "custodian", "account"),
    [
        pytest.param("cash", None, "CIF.1010", id="cash at the office"),
        pytest.param("cheque", None, "CIF.1020", id="a cheque"),
        pytest.param("bank", None, "CIF.1020", id="into the bank"),
        pytest.param("wallet", None, "CIF.1020", id="a wallet"),
        pytest.param("cash", 2, "CIF.1030.2", id="cash to the second custodian"),
    ],
)
def test_money_is_held_where_it_arrived(
    book: Book, loan: str, channel: str, custodian: int | None, account: str
) -> None:
    answer = book.repays(loan, 100, on=MAY, channel=channel, custodian=custodian)
    assert answer["held_in"] == account
    assert [posting["debit"] for posting in answer["postings"]] == [account]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("NO-2024-00001", id="no such number"),
        pytest.param(new_id(), id="no such id"),
        pytest.param("x" * 8 + "-xxxx" * 3 + "-" + "x" * 12, id="what only looks like an id"),
        pytest.param("-" * 4 + "1" * 32, id="as long as an id, with as many dashes"),
        pytest.param("", id="nothing"),
        pytest.param("'; DROP TABLE event; --", id="a statement"),
        pytest.param("قرض", id="another script"),
    ],
)
def test_a_loan_that_the_book_does_not_have_is_not_found(book: Book, name: str) -> None:
    with pytest.raises(NotFoundError) as refusal:
        book.repays(name, 100, on=MAY)
    assert refusal.value.pointer == "/loan"


def test_a_loan_of_another_lso_is_not_found(book: Book, shared_databases: Databases) -> None:
    other = a_funded_book(shared_databases)
    theirs = other.position(other.lends(1_000, on=APRIL))["loan_id"]
    with pytest.raises(NotFoundError):
        book.repays(theirs, 100, on=MAY)


def test_a_custodian_whom_the_book_does_not_have_is_not_found(book: Book, loan: str) -> None:
    with pytest.raises(NotFoundError) as refusal:
        book.repays(loan, 100, on=MAY, custodian=9)
    assert refusal.value.pointer == "/custodian"


def test_a_loan_may_be_named_by_its_id(book: Book, loan: str) -> None:
    assert book.repays(book.position(loan)["loan_id"], 100, on=MAY)["loan"] == loan


def test_a_payment_to_come_is_refused(book: Book, loan: str) -> None:
    with pytest.raises(DateInFutureError):
        book.repays(loan, 100, on=date(2026, 7, 1))


def test_a_loan_that_was_never_disbursed_takes_no_payment(book: Book) -> None:
    loan = book.applies(1_000, on=APRIL)
    with pytest.raises(LoanNotOpenError, match="was not disbursed"):
        book.repays(loan, 100, on=MAY)


def test_what_is_paid_of_a_repaid_loan_is_kept_as_credit_whatever_its_day(book: Book, loan: str) -> None:
    """What was too much is the last to come, not the last to be recorded."""
    book.repays(loan, 1_200, on=MAY)
    assert book.repays(loan, 1, on=JUNE)["settled"] == settled(credit_balance=1)
    early = book.repays(loan, 2, on=APRIL)
    assert early["settled"] == settled(principal=2)
    assert early["standing"]["credit_balance"] == "3.00"


def test_payments_of_one_day_are_settled_in_the_order_of_their_ids_whenever_they_were_recorded(
    book: Book, loan: str
) -> None:
    """1,000 in cash and 300 by bank on one day: the one with the higher id has the 100 too many."""
    first, second = sorted((new_id(), new_id()))
    book.repays(loan, 1_000, on=MAY, how=How(fact_id=second))
    answer = book.repays(loan, 300, on=MAY, channel="bank", how=How(fact_id=first))
    assert answer["settled"]["principal"] == "300.00"
    assert [(row["debit"], row["credit"], row["amount"]) for row in answer["postings"]] == [
        ("CIF.1020", "CIF.1100", "200.00"),
        ("CIF.1020", "CIF.2010", "100.00"),
    ]
    assert book.balances()["CIF.2010"] == -100_00


def test_an_answer_shows_the_split_and_where_the_loan_stands(book: Book, loan: str) -> None:
    book.today = date(2024, 6, 2)
    answer = book.repays(loan, 150, on=JUNE, how=How(receipt="R-1"))
    assert answer["settled"] == settled(principal=150)
    assert answer["standing"] == {
        "status": "open",
        "outstanding_principal": "1050.00",
        "outstanding_charge": "0.00",
        "outstanding_fees": "0.00",
        "outstanding_penalties": "0.00",
        "paid_principal": "150.00",
        "paid_charge": "0.00",
        "paid_fees": "0.00",
        "paid_penalties": "0.00",
        "credit_balance": "0.00",
        "written_off": "0.00",
        "recovered": "0.00",
        "renegotiated": False,
        "oldest_unpaid_due_on": "2024-06-01",
        "days_late": 1,
    }
    assert (answer["event"]["receipt_no"], answer["channel"], answer["amount"]) == ("R-1", "cash", "150.00")


@pytest.mark.parametrize("channel", ["bank", "wallet"])
def test_nobody_carries_money_that_comes_by_bank_or_wallet(book: Book, loan: str, channel: str) -> None:
    with pytest.raises(CustodianNotNeededError) as refusal:
        book.repays(loan, 100, on=MAY, channel=channel, custodian=1)
    assert refusal.value.pointer == "/custodian"
