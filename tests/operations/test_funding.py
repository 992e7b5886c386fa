"""The sub-grant and the fund's other money: what is refused, and why. What is posted is in `tests/examples`."""

from collections.abc import Callable
from datetime import date

import pytest

from cif_engine.errors import (
    CifError,
    DateInFutureError,
    DuplicateCodeError,
    DuplicateFactError,
    DuplicatePaperError,
    NotEnoughCashError,
    NotFoundError,
    OverCapitalError,
    PlaceUnknownError,
    SameAccountError,
    TrancheStepError,
)
from cif_engine.operations.funding import MoneyOut, pay_expense
from cif_engine.persistence.engines import Databases
from tests.books import TODAY, Book, How, a_book, new_id

APRIL, MAY, JUNE = (date(2024, month, 1) for month in (4, 5, 6))
TOMORROW = date(2026, 7, 1)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    """A book with an agreement over 10,000 of May, of which the first tranche of 6,000 is received."""
    book = a_book(shared_databases)
    book.signs(10_000, on=MAY)
    book.is_released(6_000, on=MAY)
    book.receives(1, on=MAY)
    return book


REFUSALS: dict[str, tuple[Callable[[Book], object], type[CifError], str]] = {
    "an agreement number used before": (lambda book: book.signs(1, on=MAY), DuplicateCodeError, "/number"),
    "a tranche of an unknown agreement": (
        lambda book: book.is_released(1, on=MAY, number=2, agreement="A-9"),
        NotFoundError,
        "/agreement",
    ),
    "a tranche released before the agreement": (
        lambda book: book.is_released(1, on=APRIL, number=2),
        TrancheStepError,
        "/effective_on",
    ),
    "a tranche number used before": (lambda book: book.is_released(1, on=JUNE), DuplicateCodeError, "/number"),
    "a tranche received twice": (lambda book: book.receives(1, on=JUNE), TrancheStepError, "/number"),
    "a tranche received before its release": (
        lambda book: (book.is_released(1, on=JUNE, number=2), book.receives(2, on=MAY)),
        TrancheStepError,
        "/effective_on",
    ),
    "an unknown tranche received": (lambda book: book.receives(9, on=JUNE), NotFoundError, ""),
    "an unknown tranche returned": (lambda book: book.returns(1, on=JUNE, tranche=9), NotFoundError, ""),
    "a tranche returned before it came": (lambda book: book.returns(1, on=APRIL), OverCapitalError, "/amount"),
    "more than is held spent": (lambda book: book.spends(6_001, on=JUNE), NotEnoughCashError, "/amount"),
    "money moved to where it is": (
        lambda book: book.moves(1, on=JUNE, paid_from="bank", held_in="bank"),
        SameAccountError,
        "/held_in",
    ),
    "money moved to an unknown custodian": (
        lambda book: book.moves(1, on=JUNE, paid_from="bank", held_in="custodian:9"),
        NotFoundError,
        "/held_in",
    ),
    "money moved from an unknown custodian": (
        lambda book: book.moves(1, on=JUNE, paid_from="custodian:9", held_in="bank"),
        NotFoundError,
        "/paid_from",
    ),
    "money moved to where it is, written another way": (
        lambda book: book.moves(1, on=JUNE, paid_from="custodian:1", held_in="custodian:01"),
        PlaceUnknownError,
        "/held_in",
    ),
    "money held under the mattress": (
        lambda book: book.is_given(1, on=JUNE, held_in="mattress"),
        PlaceUnknownError,
        "/held_in",
    ),
    "a custodian without a number": (
        lambda book: book.spends(1, on=JUNE, paid_from="custodian:x"),
        PlaceUnknownError,
        "/paid_from",
    ),
    "a day to come": (lambda book: book.is_given(1, on=TOMORROW), DateInFutureError, "/effective_on"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_cannot_be_is_refused_with_the_reason_and_the_place(book: Book, what: str) -> None:
    asks, reason, pointer = REFUSALS[what]
    with pytest.raises(reason) as refusal:
        asks(book)
    assert refusal.value.pointer == pointer


def test_what_happened_today_is_no_day_to_come(book: Book) -> None:
    book.is_given(1, on=TODAY)


def test_a_fund_that_the_book_does_not_have_is_not_found(book: Book) -> None:
    with pytest.raises(NotFoundError, match="No fund OTHER in this book"):
        pay_expense(book.databases, book.request(), MoneyOut(new_id(), "OTHER", 1, JUNE, "rent"))


@pytest.mark.parametrize("paper", [How(receipt="1"), How(voucher="1"), How(external="1")])
def test_a_number_is_used_once_per_kind_of_fact(book: Book, paper: How) -> None:
    spent = book.spends(10, on=JUNE, how=paper)
    with pytest.raises(DuplicatePaperError) as refusal:
        book.spends(20, on=MAY, how=paper)
    assert refusal.value.facts == {"existing_event": spent["event"]["id"], "existing_seq": spent["event"]["seq"]}
    book.is_given(10, on=JUNE, how=paper)


def test_the_id_of_a_fact_is_used_once_whatever_it_says(book: Book) -> None:
    how = How(fact_id="0190a0a0-0000-7000-8000-000000000001")
    book.spends(10, on=JUNE, how=how)
    with pytest.raises(DuplicateFactError, match="is already event"):
        book.is_given(20, on=JUNE, how=how)


def test_an_answer_says_where_the_fact_stands_and_what_was_posted(book: Book) -> None:
    answer = book.spends(250, on=JUNE, how=How(voucher="V-7"))
    event = answer.pop("event")
    assert answer == {
        "fund": "CIF",
        "amount": "250.00",
        "postings": [{"effective_on": "2024-06-01", "debit": "CIF.5010", "credit": "CIF.1020", "amount": "250.00"}],
        "warning": None,
    }
    (head,) = book.rows("book")
    assert (event["seq"], event["hash"]) == (head["head_seq"], head["head_hash"].hex())
    assert (event["kind"], event["effective_on"], event["recorded_by"]) == ("expense_paid", "2024-06-01", "accountant")
    assert (event["receipt_no"], event["voucher_no"], event["external_id"]) == (None, "V-7", None)
