"""The allowance of a fund: what is refused, what is booked, and what it is worth in the fund's position."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.errors import DateInFutureError, NotFoundError, OverAllowanceError
from cif_engine.ledger.accounts import Role
from cif_engine.ledger.postings import Posting
from cif_engine.operations.allowance import AllowanceChange, change_allowance, with_shortfall
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.verifying import verify, verify_shortfalls
from cif_engine.persistence.allowance import PostedAllowance
from cif_engine.persistence.engines import Databases
from tests.books import FUND, TODAY, Answer, Book, How, Rupees, a_funded_book, minor, new_id
from tests.laws.settings import some_histories

APRIL, MAY, JUNE, JULY = (date(2024, month, 1) for month in (4, 5, 6, 7))


def provides(book: Book, rupees: Rupees, *, on: date, release: bool = False, fund: str = FUND) -> Answer:
    change = AllowanceChange(new_id(), fund, minor(rupees), on, "R-44", "flood", release)
    answer: Answer = orjson.loads(change_allowance(book.databases, book.request(), change).body)
    return answer


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 10_000)


def test_a_provision_is_an_expense_and_its_release_takes_it_back(book: Book) -> None:
    made = provides(book, 500, on=MAY)
    assert made["amount"] == "500.00"
    assert made["postings"] == [
        {"effective_on": "2024-05-01", "debit": "CIF.5030", "credit": "CIF.1190", "amount": "500.00"}
    ]
    released = provides(book, 200, on=JUNE, release=True)
    assert released["postings"] == [
        {"effective_on": "2024-06-01", "debit": "CIF.1190", "credit": "CIF.5030", "amount": "200.00"}
    ]
    assert (book.balance(Role.LOAN_LOSS_ALLOWANCE), book.balance(Role.PROVISION_EXPENSE)) == ("-300.00", "300.00")
    assert verify(book.databases, book.lso_id) == []


def test_the_fund_is_worth_less_by_what_is_set_aside(book: Book) -> None:
    provides(book, 500, on=MAY)
    position = fund_position_report(book.databases, book.lso_id, FUND, JUNE)
    assert (position["allowance"], position["expense"]) == ("500.00", "500.00")
    assert position["identity"] == {
        "capital_plus_income_less_expense": "9500.00",
        "money_plus_loans_less_liabilities": "9500.00",
        "holds": True,
    }
    assert fund_position_report(book.databases, book.lso_id, FUND, APRIL)["allowance"] == "0.00"


def test_no_more_is_released_than_is_there_on_that_day_and_on_every_later_one(book: Book) -> None:
    provides(book, 500, on=MAY)
    provides(book, 400, on=JULY, release=True)
    with pytest.raises(OverAllowanceError) as refusal:
        provides(book, "100.01", on=JUNE, release=True)
    assert (refusal.value.pointer, refusal.value.facts) == ("/amount", {"left": "100.00"})
    with pytest.raises(OverAllowanceError):
        provides(book, 1, on=APRIL, release=True)
    provides(book, 100, on=JUNE, release=True)


def test_an_unknown_fund_and_a_day_to_come_are_refused(book: Book) -> None:
    with pytest.raises(NotFoundError):
        provides(book, 1, on=MAY, fund="OTHER")
    with pytest.raises(DateInFutureError):
        provides(book, 1, on=TODAY + timedelta(1))


@dataclass(frozen=True)
class Move:
    """A provision of so many rupees, or (below zero) a loan of so many that is written off."""

    rupees: int
    on: date


moves = st.lists(
    st.builds(
        Move,
        st.integers(-300, 300).filter(bool),
        st.integers(0, 6).map(lambda weeks: MAY + timedelta(weeks=weeks)),
    ),
    min_size=1,
    max_size=6,
)


@some_histories(10)
@given(moves=moves, order=st.randoms(use_true_random=False))
def test_provisions_and_losses_recorded_in_two_orders_make_the_same_books(
    shared_databases: Databases, moves: list[Move], order: random.Random
) -> None:
    in_time = sorted(moves, key=lambda move: move.on)
    one, other = (_recorded(shared_databases, told) for told in (in_time, order.sample(moves, len(moves))))
    for week in range(7):
        day = MAY + timedelta(weeks=week)
        assert one.balances(day) == other.balances(day)
        assert one.balances(day).get("CIF.1190", 0) <= 0
    for book in (one, other):
        assert verify(book.databases, book.lso_id) == []


def _recorded(databases: Databases, moves: list[Move]) -> Book:
    book = a_funded_book(databases, 10_000)
    loans = {move: book.lends(-move.rupees, on=APRIL) for move in sorted(set(moves), key=_place) if move.rupees < 0}
    for move in moves:
        if move.rupees > 0:
            provides(book, move.rupees, on=move.on)
        elif book.position(loans[move])["status"] == "open":
            book.writes_off(loans[move], on=move.on)
    return book


def _place(move: Move) -> tuple[date, int]:
    return (move.on, move.rupees)


def test_a_loan_beyond_the_allowance_is_an_expense_until_its_write_off_is_reversed(book: Book) -> None:
    """100 are set aside and 150 lost: 50 are an expense of that day. Reversed, all is as before."""
    provides(book, 100, on=MAY)
    loan = book.lends(150, on=APRIL)
    lost = book.writes_off(loan, on=JUNE)
    assert [(row["debit"], row["credit"], row["amount"]) for row in lost["postings"]] == [
        ("CIF.1190", "CIF.1100", "150.00"),
        ("CIF.5020", "CIF.1190", "50.00"),
    ]
    assert (book.balance(Role.LOAN_LOSS_ALLOWANCE), book.balance(Role.WRITE_OFF_EXPENSE)) == ("0.00", "50.00")
    book.reverses(lost["event"]["seq"], how=How(actor="auditor"))
    assert (book.balance(Role.LOAN_LOSS_ALLOWANCE), book.balance(Role.WRITE_OFF_EXPENSE)) == ("-100.00", "0.00")
    assert verify(book.databases, book.lso_id) == []


def test_a_provision_that_was_used_can_be_reversed_and_the_loss_is_an_expense(book: Book) -> None:
    made = provides(book, 100, on=MAY)
    book.writes_off(book.lends(60, on=APRIL), on=JUNE)
    book.reverses(made["event"]["seq"])
    balances = [book.balance(role, on=JUNE) for role in (Role.PROVISION_EXPENSE, Role.WRITE_OFF_EXPENSE)]
    assert balances == ["0.00", "60.00"]
    assert book.balance(Role.LOAN_LOSS_ALLOWANCE) == "0.00"
    assert verify(book.databases, book.lso_id) == []


def test_a_shortfall_that_is_not_what_the_losses_call_for_is_found() -> None:
    posted = PostedAllowance({MAY: 100, JUNE: -150}, {JUNE: 40})
    (finding,) = verify_shortfalls("DAS", FUND, posted)
    assert (finding.where, finding.expected, finding.found) == ("fund CIF, 2024-06-01", "0.50", "0.40")


def test_what_is_recorded_in_the_same_request_counts_before_it_is_saved(book: Book) -> None:
    """Two losses of 80 against 100 set aside: the first takes 80, the second calls for 60 more."""
    provides(book, 100, on=MAY)
    loss = (Posting(JUNE, "CIF.1190", "CIF.1100", minor(80)),)
    with book.databases.reading(book.lso_id) as connection:
        first = with_shortfall(connection, book.lso_id, FUND, loss)
        second = with_shortfall(connection, book.lso_id, FUND, loss, first)
        third = with_shortfall(connection, book.lso_id, FUND, loss, (*first, *second))
    assert first == loss
    assert second == (*loss, Posting(JUNE, "CIF.5020", "CIF.1190", minor(60)))
    assert third == (*loss, Posting(JUNE, "CIF.5020", "CIF.1190", minor(80)))


def test_postings_that_leave_the_allowance_alone_are_returned_as_they_are(book: Book) -> None:
    with book.databases.reading(book.lso_id) as connection:
        assert with_shortfall(connection, book.lso_id, FUND, ()) == ()
