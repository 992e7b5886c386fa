"""Law 6: no account that holds money is below zero at the end of any day, however late the paper of a payment out."""

from datetime import date

import pytest
from hypothesis import given

from cif_engine.errors import NotEnoughCashError
from cif_engine.persistence.engines import Databases
from tests.books import FundRules, a_book, a_funded_book
from tests.laws.settings import some_histories
from tests.soundness import assert_books_stand, assert_cash_never_below_zero
from tests.strategies import PRODUCTS, History, Told, histories, money_in, money_out, tell

JANUARY, APRIL, MAY, JUNE = (date(2024, month, 1) for month in (1, 4, 5, 6))


@some_histories(20)
@given(history=histories(money_in | money_out | money_out, most=14))
def test_whatever_is_paid_out_and_when_no_account_is_ever_overdrawn(
    shared_databases: Databases, history: History
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    assert_cash_never_below_zero(book)


@some_histories(8)
@given(history=histories(most=6))
def test_a_refused_request_changes_nothing_but_that_its_answer_is_remembered(
    shared_databases: Databases, history: History
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    told = Told()
    for happening in history:
        before, refusals, sent = book.snapshot(), len(told.refusals), len(book.sent)
        tell(book, [happening], told)
        if len(told.refusals) > refusals and len(book.sent) == sent + 1:
            after = book.snapshot()
            answers = [row for row in after.pop("answer") if row not in before["answer"]]
            assert [row["outcome"] for row in answers] == ["refused"]
            assert after == {name: rows for name, rows in before.items() if name != "answer"}


def test_a_payment_dated_back_is_checked_against_every_later_day(databases: Databases) -> None:
    """1,000 comes in January, 900 are spent in May, 5,000 come in June: in April only 100 can have been spent."""
    book = a_funded_book(databases, 1_000, on=JANUARY)
    book.spends(900, on=MAY)
    book.is_given(5_000, on=JUNE)
    with pytest.raises(NotEnoughCashError) as refusal:
        book.spends(101, on=APRIL)
    assert refusal.value.facts["available"] == "100.00"
    book.spends(100, on=APRIL)
    assert_books_stand(book)


def test_money_of_a_later_day_cannot_be_spent_before_it_came(databases: Databases) -> None:
    book = a_funded_book(databases, 1_000, on=MAY)
    with pytest.raises(NotEnoughCashError):
        book.spends(1, on=APRIL)


def test_what_comes_in_on_a_day_can_be_spent_on_that_day(databases: Databases) -> None:
    book = a_funded_book(databases, 1_000, on=MAY)
    book.spends(1_000, on=MAY)
    assert_books_stand(book)


def test_money_with_one_custodian_is_not_money_with_another(databases: Databases) -> None:
    book = a_funded_book(databases, 1_000, on=JANUARY)
    loan = book.lends(1_000, on=JANUARY)
    book.repays(loan, 300, on=APRIL, custodian=1)
    with pytest.raises(NotEnoughCashError):
        book.moves(300, on=MAY, paid_from="custodian:2", held_in="bank")
    with pytest.raises(NotEnoughCashError):
        book.moves(301, on=MAY, paid_from="custodian:1", held_in="bank")
    book.moves(300, on=MAY, paid_from="custodian:1", held_in="bank")


def test_loans_leave_the_reserve_of_the_fund_untouched(databases: Databases) -> None:
    """10,000 in all, 3,000 of it in cash, a reserve of 4,000: the bank alone could pay 7,000, the fund lends 6,000."""
    book = a_funded_book(databases, 10_000, on=JANUARY, rules=FundRules(reserve_floor=4_000))
    book.moves(3_000, on=JANUARY, paid_from="bank", held_in="cash")
    too_much = book.applies(6_001, on=APRIL)
    book.resolves(too_much, on=APRIL)
    with pytest.raises(NotEnoughCashError) as refusal:
        book.disburses(too_much, on=APRIL)
    assert refusal.value.facts["available"] == "6000.00"
    book.cancels(too_much, on=APRIL)
    book.lends(6_000, on=APRIL)
