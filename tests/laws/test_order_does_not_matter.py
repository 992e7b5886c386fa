"""Law 3: the same accepted facts, recorded in any order, make the same loans and the same balances on every day."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cif_engine.bookings import book_life
from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.ledger.postings import balances
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.persistence.engines import Databases
from tests.books import FUND, Book, How, a_book, new_id
from tests.laws.settings import some_histories
from tests.soundness import assert_books_stand, projections, still_known
from tests.strategies import BEGINNING, PRODUCTS, History, channels, histories, tell

WEEK = timedelta(days=7)
PRINCIPAL = 1_000


@dataclass(frozen=True)
class Paper:
    """A repayment on paper, that may reach the office before or after any other."""

    fact_id: str
    amount: int
    on: date
    channel: str
    custodian: int | None


@st.composite
def papers_of_one_loan(draw: st.DrawFn) -> list[Paper]:
    """Return papers that are accepted in any order: only all of them together, on the last day, may repay the loan."""
    amounts = draw(st.lists(st.integers(1, 300), max_size=6).filter(lambda parts: sum(parts) < PRINCIPAL))
    papers = [_paper(draw, amount, draw(st.integers(0, 8))) for amount in amounts]
    last = _paper(draw, draw(st.integers(1, 2 * PRINCIPAL)), 9)
    return [*papers, last] if draw(st.booleans()) else papers


def _paper(draw: st.DrawFn, amount: int, week: int) -> Paper:
    custodian = draw(st.sampled_from([None, None, 1, 2]))
    channel = draw(channels) if custodian is None else "cash"
    return Paper(new_id(), amount, BEGINNING + week * WEEK, channel, custodian)


@some_histories(15)
@given(
    papers=st.lists(papers_of_one_loan(), min_size=1, max_size=3),
    products=st.permutations(sorted(PRODUCTS)),
    order=st.randoms(use_true_random=False),
)
def test_the_same_repayments_recorded_in_two_orders_make_the_same_book(
    shared_databases: Databases, papers: list[list[Paper]], products: list[str], order: random.Random
) -> None:
    shuffled = [(number, paper) for number, of_loan in enumerate(papers) for paper in of_loan]
    in_time = sorted(shuffled, key=lambda told: told[1].on)
    order.shuffle(shuffled)
    loans = [(new_id(), new_id(), product) for product in products[: len(papers)]]

    books = [_told(shared_databases, loans, said) for said in (in_time, shuffled)]

    assert still_known(books[0]) == still_known(books[1])
    days = {row["effective_on"] for book in books for row in book.rows("posting")}
    for day in sorted(days):
        assert books[0].balances(day) == books[1].balances(day)
    for book in books:
        assert_books_stand(book)


@some_histories(15)
@given(history=histories(), order=st.randoms(use_true_random=False))
def test_what_stands_is_a_function_of_the_accepted_facts_whatever_their_order(
    shared_databases: Databases, history: History, order: random.Random
) -> None:
    """Papers that close a loan for a later payment are accepted in one order only; the books forget which it was."""
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)

    events = book.rows("event")
    order.shuffle(events)
    facts: dict[str, list[LoanFact]] = {}
    for row in events:
        if row["loan_id"] is not None:
            fact = LoanFact(row["id"], Kind(row["kind"]), row["effective_on"], read_payload(row["payload"]))
            facts.setdefault(row["loan_id"], []).append(fact)
    lives = {loan_id: live(of_loan) for loan_id, of_loan in facts.items()}

    assert still_known(book) == projections(lives)
    for loan_id, life in lives.items():
        posted = [row for row in book.rows("posting") if row["loan_id"] == loan_id]
        for day in {row["effective_on"] for row in posted}:
            called_for = book_life(loan_id, FUND, (step for step in life.steps if step.fact.effective_on <= day))
            assert book.balances(day, posted) == {code: sum_ for code, sum_ in balances(called_for).items() if sum_}


def _told(databases: Databases, loans: Iterable[tuple[str, str, str]], papers: list[tuple[int, Paper]]) -> Book:
    book = a_book(databases, products=PRODUCTS)
    book.gets_tranche(10_000, on=BEGINNING)
    numbers = []
    for loan_id, disbursement, product in loans:
        number = book.applies(PRINCIPAL, on=BEGINNING, product=product, loan_id=loan_id)
        book.resolves(number, on=BEGINNING)
        book.disburses(number, on=BEGINNING, how=How(fact_id=disbursement))
        numbers.append(number)
    for loan, paper in papers:
        how = How(fact_id=paper.fact_id)
        book.repays(numbers[loan], paper.amount, on=paper.on, channel=paper.channel, custodian=paper.custodian, how=how)
    return book
