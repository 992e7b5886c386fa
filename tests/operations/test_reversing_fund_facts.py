"""Reversing facts of a fund: what is posted, what becomes free again, what must be reversed first, and who may."""

from collections.abc import Callable
from datetime import date

import orjson
import pytest

from cif_engine.errors import (
    AlreadyReversedError,
    CifError,
    DuplicateCodeError,
    DuplicatePaperError,
    MakerIsCheckerError,
    NotEnoughCashError,
    NotFoundError,
    NotReversedError,
    OverAgreementError,
    OverAllowanceError,
    OverCapitalError,
    ReverseFirstError,
    TrancheStepError,
)
from cif_engine.ledger.accounts import Role
from cif_engine.ledger.events import Papers
from cif_engine.operations.allowance import AllowanceChange, change_allowance
from cif_engine.operations.event_reports import event_report
from cif_engine.operations.funding import MoneyOut, pay_expense
from cif_engine.operations.rebuilding import rebuild
from cif_engine.operations.recording import Outcome
from cif_engine.operations.reversals import Reversal
from cif_engine.operations.reversing import reverse_fact
from cif_engine.operations.sub_grant import agreements_list
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from tests.books import FUND, MANAGER, Answer, Book, How, a_book, a_funded_book, minor, new_id
from tests.soundness import assert_balanced, assert_cash_never_below_zero, assert_chain_unbroken

AUDITOR = How(actor="auditor")
JANUARY, APRIL, MAY, JUNE, JULY = (date(2024, month, 1) for month in (1, 4, 5, 6, 7))


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    """A book with an agreement over 10,000 of May, of which the first tranche of 6,000 is received."""
    book = a_book(shared_databases)
    book.signs(10_000, on=MAY)
    book.is_released(6_000, on=MAY)
    book.receives(1, on=MAY)
    return book


def provides(book: Book, rupees: int, *, on: date, release: bool = False) -> Answer:
    change = AllowanceChange(new_id(), FUND, minor(rupees), on, "R-44", "flood", release)
    outcome: Outcome = change_allowance(book.databases, book.request(), change)
    answer: Answer = orjson.loads(outcome.body)
    return answer


def seq(answer: Answer) -> str:
    return str(answer["event"]["seq"])


def assert_all_stands(book: Book) -> None:
    """Check the laws, and that a rebuild changes nothing."""
    assert_balanced(book)
    assert_cash_never_below_zero(book)
    assert_chain_unbroken(book)
    assert verify(book.databases, book.lso_id) == []
    before = book.snapshot()
    rebuild(book.databases, book.lso_id)
    assert book.snapshot() == before


# What a reversal does --------------------------------------------------------------------------------------------


def test_a_reversal_posts_the_inverse_on_the_day_of_the_fact(book: Book) -> None:
    spent = book.spends(250, on=JUNE, how=How(voucher="V-7"))
    answer = book.reverses(seq(spent), how=MANAGER)
    assert answer["postings"] == [
        {"effective_on": "2024-06-01", "debit": "CIF.1020", "credit": "CIF.5010", "amount": "250.00"}
    ]
    assert (answer["event"]["kind"], answer["event"]["effective_on"]) == ("fact_reversed", "2024-06-01")
    assert answer["event"]["recorded_by"] == "manager"
    assert answer["reversed"] == {
        "id": spent["event"]["id"],
        "seq": spent["event"]["seq"],
        "kind": "expense_paid",
        "effective_on": "2024-06-01",
        "recorded_by": "accountant",
    }
    assert answer["together"] == []
    assert book.balance(Role.OPERATING_EXPENSE) == "0.00"
    assert_all_stands(book)


def test_a_fact_is_named_by_its_id_as_well(book: Book) -> None:
    gift = book.is_given(100, on=JUNE)
    assert book.reverses(gift["event"]["id"])["reversed"]["seq"] == gift["event"]["seq"]


FACTS: dict[str, Callable[[Book], Answer]] = {
    "an agreement": lambda book: book.signs(5_000, on=JUNE, number="A-2"),
    "a release": lambda book: book.is_released(4_000, on=JUNE, number=2),
    "a receipt": lambda book: (book.is_released(4_000, on=JUNE, number=2), book.receives(2, on=JUNE))[1],
    "a contribution": lambda book: book.is_given(300, on=JUNE),
    "bank profit": lambda book: book.earns_profit(70, on=JUNE),
    "an expense": lambda book: book.spends(80, on=JUNE),
    "a transfer": lambda book: book.moves(500, on=JUNE, paid_from="bank", held_in="custodian:1"),
    "capital returned": lambda book: book.returns(1_000, on=JUNE),
    "a provision": lambda book: provides(book, 400, on=JUNE),
    "the release of a provision": lambda book: (
        provides(book, 400, on=JUNE),
        provides(book, 150, on=JULY, release=True),
    )[1],
}


@pytest.mark.parametrize("what", FACTS)
def test_what_is_reversed_leaves_nothing_behind_but_itself(book: Book, what: str) -> None:
    """And reversing the reversal brings it back, as if nothing had happened."""
    fact = FACTS[what](book)
    stood = _standing(book)
    undone = book.reverses(seq(fact))
    assert _standing(book) != stood
    assert_all_stands(book)
    redone = book.reverses(seq(undone), how=AUDITOR)
    assert _standing(book) == stood
    assert_all_stands(book)
    book.reverses(seq(fact), how=AUDITOR)
    assert redone["reversed"]["kind"] == "fact_reversed"
    assert_all_stands(book)


def _standing(book: Book) -> object:
    days = {row["effective_on"] for row in book.rows("posting")}
    sub_grant = agreements_list(book.databases, book.lso_id, FUND)
    return sub_grant, {day: book.balances(day) for day in days}


def test_a_number_of_paper_is_free_again_for_the_fact_that_is_right(book: Book) -> None:
    spent = book.spends(250, on=JUNE, how=How(voucher="V-7"))
    book.reverses(seq(spent))
    right = MoneyOut(new_id(), FUND, minor(205), JUNE, "rent", papers=Papers(None, "V-7", None, spent["event"]["id"]))
    book.moves(1_000, on=MAY, paid_from="bank", held_in="cash")
    corrected = orjson.loads(pay_expense(book.databases, book.request(), right).body)
    assert corrected["event"]["replaces"] == spent["event"]["id"]
    shown = event_report(book.databases, book.lso_id, seq(spent))
    assert [named["seq"] for named in shown["replaced_by"]] == [corrected["event"]["seq"]]
    assert event_report(book.databases, book.lso_id, seq(corrected))["replaces"]["id"] == spent["event"]["id"]
    assert_all_stands(book)


def test_a_fact_is_replaced_only_after_its_reversal(book: Book) -> None:
    gift = book.is_given(250, on=JUNE)
    papers = Papers(replaces=gift["event"]["id"])
    with pytest.raises(NotReversedError):
        pay_expense(book.databases, book.request(), MoneyOut(new_id(), FUND, 1, JUNE, "rent", "bank", papers))


def test_a_fact_whose_number_another_bears_by_now_cannot_hold_again(book: Book) -> None:
    spent = book.spends(250, on=JUNE, how=How(voucher="V-7"))
    undone = book.reverses(seq(spent))
    other = book.spends(205, on=JUNE, how=How(voucher="V-7"))
    with pytest.raises(DuplicatePaperError) as refusal:
        book.reverses(seq(undone), how=AUDITOR)
    assert refusal.value.facts == {"existing_event": other["event"]["id"], "existing_seq": other["event"]["seq"]}


def test_the_numbers_of_an_agreement_and_a_tranche_can_be_used_again(book: Book) -> None:
    signed = book.signs(5_000, on=MAY, number="A-2")
    released = book.is_released(2_000, on=JUNE, number=2, agreement="A-2")
    book.reverses(seq(released))
    book.reverses(seq(signed))
    book.signs(3_000, on=JUNE, number="A-2")
    book.is_released(3_000, on=JUNE, number=2, agreement="A-2")
    book.receives(2, on=JULY)
    assert book.balance(Role.TRANCHE_CAPITAL) == "9000.00"
    assert_all_stands(book)


def test_a_tranche_can_be_received_again_after_the_reversal_of_its_receipt(book: Book) -> None:
    book.is_released(1_000, on=JUNE, number=2)
    received = book.receives(2, on=JUNE)
    book.reverses(seq(received))
    book.receives(2, on=JULY, held_in="cash")
    assert (book.balance(Role.CASH_IN_HAND, on=JUNE), book.balance(Role.CASH_IN_HAND)) == ("0.00", "1000.00")
    assert_all_stands(book)


# What is refused -------------------------------------------------------------------------------------------------


def test_an_event_that_the_book_does_not_have_is_not_found(book: Book) -> None:
    for unknown in ("999999", new_id(), "no-number"):
        with pytest.raises(NotFoundError):
            book.reverses(unknown)


def test_who_recorded_a_fact_does_not_reverse_it(book: Book) -> None:
    spent = book.spends(250, on=JUNE)
    with pytest.raises(MakerIsCheckerError):
        book.reverses(seq(spent), how=How())
    undone = book.reverses(seq(spent))
    with pytest.raises(MakerIsCheckerError):
        book.reverses(seq(undone))


def test_a_fact_is_reversed_once_and_the_refusal_names_its_reversal(book: Book) -> None:
    spent = book.spends(250, on=JUNE)
    undone = book.reverses(seq(spent))
    with pytest.raises(AlreadyReversedError) as refusal:
        book.reverses(seq(spent))
    assert refusal.value.facts == {"existing_event": undone["event"]["id"], "existing_seq": undone["event"]["seq"]}


def test_the_reversal_of_a_reversal_cannot_undo_a_fact_that_was_reversed_anew(book: Book) -> None:
    spent = book.spends(250, on=JUNE)
    undone = book.reverses(seq(spent))
    redone = book.reverses(seq(undone), how=AUDITOR)
    again = book.reverses(seq(spent), how=AUDITOR)
    with pytest.raises(AlreadyReversedError) as refusal:
        book.reverses(seq(redone))
    assert refusal.value.facts["existing_event"] == again["event"]["id"]
    book.reverses(seq(again))
    assert book.balance(Role.OPERATING_EXPENSE) == "250.00"
    book.reverses(seq(redone))
    assert book.balance(Role.OPERATING_EXPENSE) == "0.00"
    assert_all_stands(book)


def test_the_same_reversal_sent_again_is_answered_the_same(book: Book) -> None:
    spent = book.spends(250, on=JUNE)
    request = book.request(actor="manager", key="once", body=b"body")
    reversal = Reversal(new_id(), seq(spent), "typed twice")
    first = reverse_fact(book.databases, request, reversal)
    again = reverse_fact(book.databases, request, reversal)
    assert (first.body, again.replayed) == (again.body, True)


RESTING: dict[str, Callable[[Book], tuple[Answer, Answer]]] = {
    "an agreement with a release": lambda book: (
        book.signs(500, on=MAY, number="A-2"),
        book.is_released(100, on=MAY, number=2, agreement="A-2"),
    ),
    "a release with a receipt": lambda book: (
        book.is_released(100, on=MAY, number=2),
        book.receives(2, on=JUNE),
    ),
    "a receipt with capital returned": lambda book: (
        (book.is_released(100, on=MAY, number=2), book.receives(2, on=MAY))[1],
        book.returns(40, on=JUNE, tranche=2),
    ),
}


@pytest.mark.parametrize("what", RESTING)
def test_what_rests_on_a_fact_is_named_and_must_be_reversed_first(book: Book, what: str) -> None:
    below, above = RESTING[what](book)
    with pytest.raises(ReverseFirstError) as refusal:
        book.reverses(seq(below))
    assert refusal.value.facts == {"reverse_first": above["event"]["id"], "reverse_first_seq": above["event"]["seq"]}
    undone = book.reverses(seq(above))
    gone = book.reverses(seq(below))
    with pytest.raises(ReverseFirstError if what != "a receipt with capital returned" else OverCapitalError):
        book.reverses(seq(undone), how=AUDITOR)
    book.reverses(seq(gone), how=AUDITOR)
    book.reverses(seq(undone), how=AUDITOR)
    assert_all_stands(book)


UNBEARABLE: dict[str, tuple[Callable[[Book], Answer], Callable[[Book], object], type[CifError]]] = {
    "a gift that was spent": (
        lambda book: book.is_given(500, on=JUNE, held_in="cash"),
        lambda book: book.spends(1, on=JULY, paid_from="cash"),
        NotEnoughCashError,
    ),
    "a transfer whose money moved on": (
        lambda book: book.moves(500, on=JUNE, paid_from="bank", held_in="custodian:1"),
        lambda book: book.moves(100, on=JULY, paid_from="custodian:1", held_in="cash"),
        NotEnoughCashError,
    ),
    "a provision that was released": (
        lambda book: provides(book, 400, on=JUNE),
        lambda book: provides(book, 1, on=JULY, release=True),
        OverAllowanceError,
    ),
}


@pytest.mark.parametrize("what", UNBEARABLE)
def test_what_could_not_be_borne_without_the_fact_keeps_it(book: Book, what: str) -> None:
    record, use, reason = UNBEARABLE[what]
    fact = record(book)
    use(book)
    stood = book.snapshot()
    with pytest.raises(reason) as refusal:
        book.reverses(seq(fact))
    assert refusal.value.pointer == ""
    assert {**book.snapshot(), "answer": []} == {**stood, "answer": []}


NO_MORE: dict[str, tuple[Callable[[Book], Answer], Callable[[Book], object], type[CifError]]] = {
    "an agreement whose number another has": (
        lambda book: book.signs(500, on=JUNE, number="A-2"),
        lambda book: book.signs(700, on=JULY, number="A-2"),
        DuplicateCodeError,
    ),
    "a release whose number another has": (
        lambda book: book.is_released(500, on=JUNE, number=2),
        lambda book: book.is_released(700, on=JULY, number=2),
        DuplicateCodeError,
    ),
    "a release that the agreement has no room for": (
        lambda book: book.is_released(500, on=JUNE, number=2),
        lambda book: book.is_released(4_000, on=JULY, number=3),
        OverAgreementError,
    ),
    "a receipt of a tranche received another day": (
        lambda book: (book.is_released(500, on=JUNE, number=2), book.receives(2, on=JUNE))[1],
        lambda book: book.receives(2, on=JULY),
        TrancheStepError,
    ),
    "an expense that cash does not bear": (
        lambda book: book.spends(3_000, on=JUNE),
        lambda book: book.spends(3_001, on=JULY),
        NotEnoughCashError,
    ),
    "a return of capital returned by now": (
        lambda book: (book.is_given(9_000, on=MAY), book.returns(3_000, on=JUNE))[1],
        lambda book: book.returns(3_001, on=JULY),
        OverCapitalError,
    ),
    "a release of an allowance released by now": (
        lambda book: (provides(book, 100, on=MAY), provides(book, 60, on=JUNE, release=True))[1],
        lambda book: provides(book, 41, on=JULY, release=True),
        OverAllowanceError,
    ),
}


@pytest.mark.parametrize("what", NO_MORE)
def test_a_fact_holds_again_only_where_it_could_be_recorded_now(book: Book, what: str) -> None:
    record, instead, reason = NO_MORE[what]
    undone = book.reverses(seq(record(book)))
    instead(book)
    with pytest.raises(reason):
        book.reverses(seq(undone), how=AUDITOR)
    assert_all_stands(book)


def test_money_that_was_lent_keeps_the_tranche_it_came_from(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases, 60_000, on=JANUARY)
    received = next(row for row in book.rows("event") if row["kind"] == "tranche_received")
    book.lends(12_000, on=APRIL)
    with pytest.raises(NotEnoughCashError):
        book.reverses(received["id"])


# What is shown ---------------------------------------------------------------------------------------------------


def test_an_event_shows_what_corrected_it(book: Book) -> None:
    spent = book.spends(250, on=JUNE)
    undone = book.reverses(seq(spent))
    shown = event_report(book.databases, book.lso_id, seq(spent))
    assert (shown["event"]["seq"], shown["holds"]) == (spent["event"]["seq"], False)
    assert shown["event"]["postings"][0]["debit"] == "CIF.5010"
    assert [(named["seq"], named["holds"]) for named in shown["reversed_by"]] == [(undone["event"]["seq"], True)]
    of_reversal = event_report(book.databases, book.lso_id, undone["event"]["id"])
    assert (of_reversal["holds"], of_reversal["reverses"]["id"]) == (True, spent["event"]["id"])
    assert of_reversal["reverses"]["holds"] is False

    redone = book.reverses(seq(undone), how=AUDITOR)
    shown = event_report(book.databases, book.lso_id, seq(spent))
    assert shown["holds"]
    assert [named["holds"] for named in shown["reversed_by"]] == [False]
    assert event_report(book.databases, book.lso_id, seq(redone))["reverses"]["id"] == undone["event"]["id"]


def test_an_event_that_is_not_there_is_not_found(book: Book) -> None:
    with pytest.raises(NotFoundError):
        event_report(book.databases, book.lso_id, "999999")
