"""Law 9: a request sent many times, at once, later, or after a crash, has one effect and one answer."""

import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.bookings import book_money_out
from cif_engine.errors import CifError, IdempotencyKeyReusedError, NotEnoughCashError, RefusedBeforeError
from cif_engine.kinds import Kind
from cif_engine.ledger.events import Fact
from cif_engine.ledger.payloads import write_payload
from cif_engine.operations.funding import pay_expense
from cif_engine.operations.recording import Decision, Outcome, Request, Together, record_all
from cif_engine.operations.views import event_view
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import OpenedBook
from tests.books import Book, How, Sent, a_book, a_funded_book, minor, new_id, send
from tests.laws.crashing_clerk import STOPPED, expense_of, request_of
from tests.laws.settings import some_histories
from tests.soundness import assert_books_stand
from tests.strategies import PRODUCTS, History, histories, tell

APRIL, MAY, NEXT_YEAR = date(2024, 4, 1), date(2024, 5, 1), date(2027, 1, 1)
TWINS = 12

Send = Callable[[How], object]


@some_histories(10)
@given(history=histories(), order=st.randoms(use_true_random=False))
def test_every_request_of_a_history_sent_again_is_answered_the_same_and_changes_nothing(
    shared_databases: Databases, history: History, order: random.Random
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    before = book.snapshot()
    for sent in order.sample(book.sent, len(book.sent)):
        again = sent.again(shared_databases)
        assert again.answer == sent.answer
        assert (again.refusal is None) == (sent.refusal is None)
    assert book.snapshot() == before


def a_repayment(book: Book) -> Send:
    loan = book.lends(1_200, on=APRIL)
    return lambda how: book.repays(loan, 100, on=MAY, how=how)


def an_application(book: Book) -> Send:
    loan_id = new_id()
    return lambda how: book.applies(1_200, on=APRIL, loan_id=loan_id, how=how)


def a_disbursement(book: Book) -> Send:
    loan = book.applies(1_200, on=APRIL)
    book.resolves(loan, on=APRIL)
    return lambda how: book.disburses(loan, on=APRIL, how=how)


def an_expense_over_the_cash(book: Book) -> Send:
    return lambda how: book.spends(100_001, on=MAY, how=how)


def a_repayment_of_an_unknown_loan(book: Book) -> Send:
    return lambda how: book.repays("NO-SUCH-LOAN", 100, on=MAY, how=how)


def a_receipt_used_before(book: Book) -> Send:
    loan = book.lends(1_200, on=APRIL)
    book.repays(loan, 100, on=MAY, how=How(receipt="R-1"))
    return lambda how: book.repays(loan, 200, on=MAY, how=replace(how, receipt="R-1"))


def a_day_to_come(book: Book) -> Send:
    return lambda how: book.spends(1, on=NEXT_YEAR, how=how)


ACCEPTED = (a_repayment, an_application, a_disbursement)
REFUSED = (an_expense_over_the_cash, a_repayment_of_an_unknown_loan, a_receipt_used_before, a_day_to_come)


@pytest.mark.parametrize("asks", [*ACCEPTED, *REFUSED])
def test_twins_sent_at_once_get_one_answer_and_have_one_effect(
    shared_databases: Databases, asks: Callable[[Book], Send]
) -> None:
    book = a_funded_book(shared_databases)
    send = asks(book)
    events, sent = len(book.rows("event")), len(book.sent)
    how = How(request=book.request(), fact_id=new_id())

    def twin(_: int) -> None:
        with suppress(CifError):
            send(how)

    with ThreadPoolExecutor(TWINS) as clerks:
        list(clerks.map(twin, range(TWINS)))

    answers = book.sent[sent:]
    assert len(answers) == TWINS
    assert len({answer.answer for answer in answers}) == 1
    assert len(book.rows("event")) == events + (asks in ACCEPTED)
    assert_books_stand(book)


def spend_twice(databases: Databases, request: Request, facts: tuple[Fact, Fact]) -> Outcome:
    """Record two expenses as one."""

    def decide(_connection: sa.Connection, _opened: OpenedBook) -> Together:
        posted = book_money_out(MAY, minor(100), "CIF.1020", "CIF.5010")
        decisions = tuple(Decision(fact, posted, lambda event: {"event": event_view(event)}) for fact in facts)
        return Together(decisions, lambda events: {"events": [event_view(event) for event in events]})

    return record_all(databases, request, decide)


@pytest.mark.parametrize(("cash", "recorded"), [(100_000, 2), (150, 0)], ids=["accepted", "the second over the cash"])
def test_twins_that_record_several_facts_as_one_get_one_answer_and_all_or_none_is_recorded_once(
    shared_databases: Databases, cash: int, recorded: int
) -> None:
    book = a_funded_book(shared_databases, cash)
    request, events = book.request(), len(book.rows("event"))
    says = write_payload({"amount_minor": minor(100), "paid_from": "CIF.1020", "purpose": "rent", "note": None})
    first, second = (Fact(new_id(), Kind.EXPENSE_PAID, MAY, says, book.fund_id) for _ in range(2))

    def twin(_: int) -> Sent:
        return send(shared_databases, spend_twice, request, (first, second))

    with ThreadPoolExecutor(TWINS) as clerks:
        answers = {sent.answer for sent in clerks.map(twin, range(TWINS))}

    assert len(answers) == 1
    assert len(book.rows("event")) == events + recorded
    assert_books_stand(book)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_request_sent_again_after_a_crash_has_one_effect(
    database_url: str, databases: Databases, moment: str
) -> None:
    book = a_funded_book(databases)
    key, fact_id, held = new_id(), new_id(), book.balances()["CIF.1020"]
    arguments = (database_url, book.lso_id, key, fact_id, moment)

    clerk = subprocess.run([sys.executable, "-m", "tests.laws.crashing_clerk", *arguments], check=False)
    assert clerk.returncode == STOPPED
    assert len(book.rows("answer")) == len(book.sent) + (moment == "after")

    again = pay_expense(databases, request_of(book.lso_id, key), expense_of(fact_id))
    assert again.replayed == (moment == "after")
    assert book.balances()["CIF.1020"] == held - 1_000_00
    assert_books_stand(book)


def test_a_key_used_for_another_request_is_refused_and_its_first_answer_stays(databases: Databases) -> None:
    book = a_funded_book(databases)
    how = How(request=book.request(body=b"rent"))
    first = book.spends(100, on=APRIL, how=how)
    assert how.request is not None
    other = replace(how, request=replace(how.request, fingerprint=b"tea"))
    for _ in range(2):
        with pytest.raises(IdempotencyKeyReusedError):
            book.spends(200, on=APRIL, how=other)
    assert book.spends(100, on=APRIL, how=how) == first


def test_a_refusal_stays_the_answer_after_its_reason_is_gone(databases: Databases) -> None:
    book = a_funded_book(databases, 1_000)
    how = How(request=book.request(), fact_id=new_id())
    with pytest.raises(NotEnoughCashError):
        book.spends(1_500, on=APRIL, how=how)
    book.is_given(1_000, on=APRIL)
    with pytest.raises(RefusedBeforeError):
        book.spends(1_500, on=APRIL, how=how)
    book.spends(1_500, on=APRIL)


def test_keys_of_one_lso_say_nothing_about_those_of_another(shared_databases: Databases) -> None:
    first, second = a_funded_book(shared_databases), a_funded_book(shared_databases)
    request = first.request()
    first.spends(100, on=APRIL, how=How(request=request))
    second.spends(100, on=APRIL, how=How(request=replace(request, lso_id=second.lso_id)))
    assert first.balances()["CIF.5010"] == second.balances()["CIF.5010"] == 100_00


def test_a_request_without_a_key_is_refused_by_the_id_of_its_fact(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    how = How(request=replace(book.request(), idempotency_key=None), fact_id=new_id())
    book.spends(100, on=APRIL, how=how)
    with pytest.raises(CifError) as refusal:
        book.spends(100, on=APRIL, how=how)
    assert refusal.value.code == "duplicate_fact"
