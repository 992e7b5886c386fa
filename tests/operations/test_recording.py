"""How facts get into a book, whatever they are: alone, several as one, and as a preview."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from cif_engine.bookings import book_money_in, book_money_out
from cif_engine.errors import (
    AmountTooLargeError,
    CifError,
    ConflictError,
    DuplicateFactError,
    DuplicatePaperError,
    MakerIsCheckerError,
    NotEnoughCashError,
    NotFoundError,
    NotReversedError,
    RefusedBeforeError,
)
from cif_engine.kinds import Kind
from cif_engine.ledger.events import NO_PAPERS, Event, Fact, Papers
from cif_engine.ledger.payloads import read_payload, write_payload
from cif_engine.moments import format_moment
from cif_engine.money import MAX_MINOR
from cif_engine.operations.collecting import Repayment, repay
from cif_engine.operations.funding import MoneyOut, pay_expense
from cif_engine.operations.recording import Decision, Together, Wanted, record, record_all
from cif_engine.operations.verifying import verify
from cif_engine.operations.views import event_view
from cif_engine.persistence.books import book_sql
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import OpenedBook, Row
from cif_engine.persistence.tables import TABLES
from tests.books import FUND, Book, How, a_funded_book, minor, new_id

APRIL, MAY = date(2024, 4, 1), date(2024, 5, 1)
BANK, EXPENSES, GIFTS = f"{FUND}.1020", f"{FUND}.5010", f"{FUND}.3020"


def spending(book: Book, amount: int, papers: Papers = NO_PAPERS, *, fact_id: str | None = None) -> Decision:
    """Return the decision on an expense that nobody checked."""
    says = {"amount_minor": minor(amount), "paid_from": BANK, "purpose": "rent", "note": None}
    postings = book_money_out(MAY, minor(amount), BANK, EXPENSES)
    fact = Fact(fact_id or new_id(), Kind.EXPENSE_PAID, MAY, write_payload(says), book.fund_id, papers=papers)
    return Decision(fact, postings, lambda event: {"event": event_view(event)})


def given(book: Book, amount_minor: int) -> Decision:
    """Return the decision on a gift of an amount that nobody checked."""
    says = {"amount_minor": amount_minor, "held_in": BANK, "source": "a well-wisher", "note": None}
    postings = book_money_in(MAY, amount_minor, BANK, GIFTS)
    fact = Fact(new_id(), Kind.CONTRIBUTION_RECEIVED, MAY, write_payload(says), book.fund_id)
    return Decision(fact, postings, lambda event: {"event": event_view(event)})


def reversing(book: Book, event: dict[str, Any]) -> Decision:
    """Return the decision to reverse a fact; what it posted stays, for no one looks at it here."""
    says = {"reverses": event["id"], "kind": event["kind"], "reason": "a slip of the pen"}
    fact = Fact(new_id(), Kind.FACT_REVERSED, MAY, write_payload(says), book.fund_id, reverses=event["id"])
    return Decision(fact, (), lambda event: {"event": event_view(event)})


def together(*decisions: Decision) -> Callable[[sa.Connection, OpenedBook], Together]:
    """Return what decides so, and answers where every fact came to stand."""

    def answer(events: tuple[Event, ...]) -> dict[str, Any]:
        return {"events": [event_view(event) for event in events]}

    return lambda _connection, _opened: Together(decisions, answer)


def recorded(book: Book, decision: Decision, actor: str = "accountant") -> dict[str, Any]:
    """Record one fact and return its event as it was answered."""
    outcome = record(book.databases, book.request(actor=actor), lambda _connection, _opened: decision)
    event: dict[str, Any] = orjson.loads(outcome.body)["event"]
    return event


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


# Several as one ------------------------------------------------------------------------------------------------


def test_facts_recorded_as_one_stand_in_their_order_and_the_last_has_the_key_and_the_answer(
    shared_databases: Databases,
) -> None:
    book = a_funded_book(shared_databases)
    request, before = book.request(), len(book.rows("event"))
    outcome = record_all(shared_databases, request, together(*(spending(book, amount) for amount in (1, 2, 3))))
    *_, first, second, last = book.rows("event")
    assert last["seq"] == before + 3
    assert [row["idempotency_key"] for row in (first, second, last)] == [None, None, request.idempotency_key]
    assert first["recorded_at"] == second["recorded_at"] == last["recorded_at"]
    shown = orjson.loads(outcome.body)["events"]
    assert [event["id"] for event in shown] == [row["id"] for row in (first, second, last)]
    assert shown[-1]["hash"] == last["hash"].hex()
    (answer,) = (row for row in book.rows("answer") if row["idempotency_key"] == request.idempotency_key)
    assert (answer["event_seq"], answer["body"].encode()) == (last["seq"], outcome.body)
    assert book.balances()[EXPENSES] == minor(6)
    assert verify(shared_databases, book.lso_id) == []


def test_facts_recorded_as_one_change_the_loan_they_are_about(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    loan = book.lends(1_200, on=APRIL)

    def decide(connection: sa.Connection, opened: OpenedBook) -> Together:
        assert opened.loan is not None
        repaid = repay(connection, book.request(), opened.loan, Repayment(new_id(), loan, minor(100), MAY))
        return Together((spending(book, 1), repaid), lambda events: repaid.answer(events[-1]))

    outcome = record_all(shared_databases, book.request(), decide, Wanted(loan, ".1010"))
    assert orjson.loads(outcome.body)["standing"]["outstanding_principal"] == "1100.00"
    assert book.position(loan)["outstanding_minor"] == minor(1_100)
    assert verify(shared_databases, book.lso_id) == []


def test_facts_recorded_as_one_are_answered_the_same_again(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    request, decide = book.request(), together(spending(book, 1), spending(book, 2))
    first = record_all(shared_databases, request, decide)
    before = book.snapshot()
    again = record_all(shared_databases, request, decide)
    assert (again.body, again.replayed) == (first.body, True)
    assert book.snapshot() == before


def _too_much(book: Book) -> tuple[Decision, Decision]:
    return spending(book, 1), spending(book, 100_000)


def _a_voucher_used_before(book: Book) -> tuple[Decision, Decision]:
    recorded(book, spending(book, 1, Papers(voucher_no="V-1")))
    return spending(book, 1), spending(book, 2, Papers(voucher_no="V-1"))


def _an_id_used_before(book: Book) -> tuple[Decision, Decision]:
    return spending(book, 1), spending(book, 2, fact_id=recorded(book, spending(book, 1))["id"])


def _one_voucher_for_both(book: Book) -> tuple[Decision, Decision]:
    return spending(book, 1, Papers(voucher_no="V-1")), spending(book, 2, Papers(voucher_no="V-1"))


def _one_id_for_both(book: Book) -> tuple[Decision, Decision]:
    first = spending(book, 1)
    return first, spending(book, 2, fact_id=first.fact.id)


def _a_replaced_fact_that_holds(book: Book) -> tuple[Decision, Decision]:
    return spending(book, 1), spending(book, 2, Papers(replaces=recorded(book, spending(book, 1))["id"]))


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (_too_much, NotEnoughCashError),
        (_a_voucher_used_before, DuplicatePaperError),
        (_an_id_used_before, DuplicateFactError),
        (_one_voucher_for_both, ConflictError),
        (_one_id_for_both, ConflictError),
        (_a_replaced_fact_that_holds, NotReversedError),
    ],
)
def test_where_one_fact_is_refused_none_is_recorded_and_the_refusal_is_remembered(
    shared_databases: Databases,
    wrong: Callable[[Book], tuple[Decision, Decision]],
    refusal: type[CifError],
) -> None:
    book = a_funded_book(shared_databases)
    decide, request = together(*wrong(book)), book.request()
    before = book.snapshot()
    with pytest.raises(refusal) as caught:
        record_all(shared_databases, request, decide)
    with pytest.raises(RefusedBeforeError) as remembered:
        record_all(shared_databases, request, decide)
    assert orjson.loads(remembered.value.answer) == caught.value.as_answer()
    after = book.snapshot()
    assert len(after.pop("answer")) == len(before.pop("answer")) + 1
    assert after == before


# Previews ------------------------------------------------------------------------------------------------------


def test_a_preview_of_facts_recorded_as_one_is_what_recording_them_answers(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    request, decide = book.request(), together(spending(book, 1), spending(book, 2))
    before = book.snapshot()
    foreseen = record_all(shared_databases, replace(request, preview=True), decide)
    assert book.snapshot() == before
    assert foreseen == record_all(shared_databases, request, decide)


@pytest.mark.parametrize(
    "wrong",
    [_a_voucher_used_before, _an_id_used_before, _one_voucher_for_both, _one_id_for_both, _a_replaced_fact_that_holds],
)
def test_a_preview_refuses_what_the_book_would_and_remembers_nothing(
    shared_databases: Databases, wrong: Callable[[Book], tuple[Decision, Decision]]
) -> None:
    book = a_funded_book(shared_databases)
    decide, request = together(*wrong(book)), book.request()
    before = book.snapshot()
    with pytest.raises(CifError) as foreseen:
        record_all(shared_databases, replace(request, preview=True), decide)
    assert book.snapshot() == before
    with pytest.raises(CifError) as refused:
        record_all(shared_databases, request, decide)
    assert foreseen.value.as_answer() == refused.value.as_answer()


def test_a_preview_waits_for_nobody_who_records(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    loan = book.lends(1_200, on=APRIL)
    with shared_databases.writing(book.lso_id) as connection:
        book_sql(shared_databases.dialect).lock(connection, book.lso_id)
        request = replace(book.request(), preview=True)
        answer = book.repays(loan, 100, on=MAY, how=How(request=request))
    assert answer["standing"]["outstanding_principal"] == "1100.00"
    assert book.position(loan)["outstanding_minor"] == minor(1_200)


# A fact that replaces another ----------------------------------------------------------------------------------


def test_a_fact_that_replaces_a_reversed_one_names_it_in_its_answer_and_in_the_chain(
    shared_databases: Databases,
) -> None:
    book = a_funded_book(shared_databases)
    wrong = recorded(book, spending(book, 10))
    recorded(book, reversing(book, wrong), "manager")
    right = recorded(book, spending(book, 1, Papers(replaces=wrong["id"])))
    assert right["replaces"] == wrong["id"]
    stored = book.rows("event")[-1]
    assert read_payload(stored["payload"])["replaces"] == wrong["id"]
    assert stored["hash"].hex() == right["hash"]


def test_a_fact_that_replaces_none_says_nothing_of_it(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    assert recorded(book, spending(book, 1))["replaces"] is None
    assert "replaces" not in read_payload(book.rows("event")[-1]["payload"])


def test_only_a_reversed_fact_of_the_same_kind_and_book_can_be_replaced(shared_databases: Databases) -> None:
    book, other = a_funded_book(shared_databases), a_funded_book(shared_databases)
    elsewhere = recorded(other, spending(other, 10))
    recorded(other, reversing(other, elsewhere), "manager")
    gift = recorded(book, given(book, 1))
    recorded(book, reversing(book, gift), "manager")
    brought_back = recorded(book, spending(book, 10))
    reversal = recorded(book, reversing(book, brought_back), "manager")
    recorded(book, reversing(book, reversal), "chairwoman")
    unknown = {"id": new_id()}
    reasons = (
        (unknown, "No event"),
        (elsewhere, "No event"),
        (gift, "contribution_received"),
        (brought_back, "still holds"),
    )
    for replaced, words in reasons:
        with pytest.raises(NotReversedError, match=words):
            recorded(book, spending(book, 1, Papers(replaces=replaced["id"])))


def test_what_replaces_is_looked_at_where_a_fact_is_recorded_without_the_lock(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    loan = book.lends(1_200, on=APRIL)
    held = book.repays(loan, 100, on=MAY)["event"]["id"]

    def decide(connection: sa.Connection, opened: OpenedBook) -> Decision:
        assert opened.loan is not None
        again = Repayment(new_id(), loan, minor(100), MAY, papers=Papers(replaces=held))
        return repay(connection, book.request(), opened.loan, again)

    with pytest.raises(NotReversedError):
        record(shared_databases, book.request(), decide, Wanted(loan, ".1010", only_that=True))


# What the database refuses by itself ---------------------------------------------------------------------------


def test_a_balance_below_its_floor_is_too_little_cash(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases, 100)
    with pytest.raises(NotEnoughCashError):
        recorded(book, spending(book, 101))


def test_an_amount_beyond_what_a_posting_holds_is_too_large(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    with pytest.raises(AmountTooLargeError):
        recorded(book, given(book, MAX_MINOR + 1))


def test_a_balance_beyond_what_the_database_holds_is_too_large(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    balance = TABLES["account_balance"]
    with shared_databases.writing() as connection:
        full = sa.update(balance).where(balance.c.lso_id == book.lso_id, balance.c.code == BANK)
        connection.execute(full.values(balance_minor=2**63 - 1))
    with pytest.raises(AmountTooLargeError):
        recorded(book, given(book, 1))


def test_who_applied_cannot_decide_even_where_only_the_database_looks(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    book.applies(100, on=APRIL)
    (loan,) = book.rows("loan")
    decided = replace(spending(book, 1), rows=(Row("loan", {**loan, "decided_by": loan["applied_by"]}),))
    with pytest.raises(MakerIsCheckerError):
        recorded(book, decided)


def test_who_recorded_a_fact_cannot_reverse_it_even_where_only_the_database_looks(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    wrong = recorded(book, spending(book, 1))
    with pytest.raises(MakerIsCheckerError):
        recorded(book, reversing(book, wrong))


def test_what_only_a_mistake_of_ours_could_bring_is_no_refusal_and_is_not_remembered(
    shared_databases: Databases,
) -> None:
    book = a_funded_book(shared_databases)
    household = book.rows("household")[0]
    decision = replace(spending(book, 1), rows=(Row("household", {**household, "poverty_score": 101}),))
    before = book.snapshot()
    with pytest.raises(sa.exc.IntegrityError):
        recorded(book, decision)
    assert book.snapshot() == before
