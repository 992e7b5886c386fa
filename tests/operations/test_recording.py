"""How a fact gets into a book, whatever it is."""

from dataclasses import replace
from datetime import date

import pytest

from cif_engine.errors import NotEnoughCashError, NotFoundError
from cif_engine.moments import format_moment
from cif_engine.operations.funding import MoneyOut, pay_expense
from cif_engine.persistence.engines import Databases
from tests.books import FUND, How, a_funded_book, new_id

MAY = date(2024, 5, 1)


def test_an_lso_without_a_book_is_not_found_and_nothing_is_remembered_of_it(shared_databases: Databases) -> None:
    request = replace(a_funded_book(shared_databases).request(), lso_id=new_id())
    for _ in range(2):
        with pytest.raises(NotFoundError, match="This LSO has no book"):
            pay_expense(shared_databases, request, MoneyOut(new_id(), FUND, 1, MAY, "rent"))


def test_events_are_recorded_at_growing_moments_whatever_the_clock_says(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    (head,) = book.rows("book")
    yesterday = replace(book.request(), at=1)
    answer = book.spends(1, on=MAY, how=How(request=yesterday))
    assert answer["event"]["recorded_at"] == format_moment(head["head_recorded_at"] + 1)


def test_a_refusal_without_a_key_is_not_remembered(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases, 100)
    answers = len(book.rows("answer"))
    request = replace(book.request(), idempotency_key=None)
    with pytest.raises(NotEnoughCashError):
        book.spends(101, on=MAY, how=How(request=request))
    assert len(book.rows("answer")) == answers


def test_an_answer_given_again_says_so_and_is_the_same_byte_for_byte(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    request, expense = book.request(), MoneyOut(new_id(), FUND, 1, MAY, "rent", "bank", note="کرایہ")
    first = pay_expense(shared_databases, request, expense)
    again = pay_expense(shared_databases, request, expense)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.body == again.body
