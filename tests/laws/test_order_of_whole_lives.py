"""Law 3 for whole lives: facts of every kind, recorded in any order, make the same book; a replay by hand agrees.

Some facts are refused in one order that another accepts: a refund before its overpayment is known, a waiver of what
was paid meanwhile. What comes too early is offered again at the end; what an order cannot accept at all is left out of
both, until both have recorded the same facts. Those are compared.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

from cif_engine.ledger.payloads import read_payload
from cif_engine.operations.loan_reports import loan_statement_report
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from tests.books import FUND, TODAY, Book, a_book
from tests.fund_lives import PRODUCTS, FundLife, Said, fund_lives, in_another_order, said, tell
from tests.laws.settings import some_histories
from tests.laws.test_a_loans_whole_life import pictured
from tests.oracle.fund import replay
from tests.oracle.loan import Told
from tests.soundness import lives_of, still_known

MADE_BY_RECORDING = ("seq", "recorded_at")


@some_histories(245)
@given(fund_lives(most_loans=3, most_acts=18, least_acts=6), st.randoms(use_true_random=False))
def test_a_fund_recorded_in_two_orders_is_the_same_fund(
    shared_databases: Databases, history: FundLife, order: random.Random
) -> None:
    compare_two_orders(shared_databases, history, order)


@some_histories(5)
@given(fund_lives(most_loans=20, most_acts=180, least_loans=16, least_acts=140), st.randoms(use_true_random=False))
def test_a_large_fund_recorded_in_two_orders_is_the_same_fund(
    shared_databases: Databases, history: FundLife, order: random.Random
) -> None:
    compare_two_orders(shared_databases, history, order)


def compare_two_orders(databases: Databases, history: FundLife, order: random.Random) -> None:
    """Record a history as it happened and in another order, and find no difference."""
    note(str(history))
    one, other = _told_in_two_orders(databases, history, order)
    assert what_stands(one) == what_stands(other)
    for book in (one, other):
        assert verify(book.databases, book.lso_id) == []
        assert_replay_agrees(book)


def what_stands(book: Book) -> dict[str, Any]:
    """Return all that may not depend on the order: the loans and their history, balances by day, statements."""
    rows = still_known(book)
    return {
        **rows,
        "balances": _balances(book),
        "statements": {row["loan_id"]: _statement(book, row["loan_id"]) for row in rows["loan_position"]},
    }


def assert_replay_agrees(book: Book) -> None:
    """Compare every day of a book with a replay of its facts that knows nothing of the engine's fold."""
    facts = [
        Told(row["id"], row["kind"], row["effective_on"], read_payload(row["payload"]), row["loan_id"])
        for row in book.rows("event")
    ]
    lives, evenings = lives_of(book), list(replay(FUND, facts))
    held = [({}, evenings[0].accounts), *((one.accounts, other.accounts) for one, other in pairwise(evenings))]
    assert _balances(book) == {
        evening.day: after for evening, (before, after) in zip(evenings, held, strict=True) if after != before
    }
    for evening in evenings:
        if evening.changed:
            standing = {loan: pictured(life.standing_on(evening.day)) for loan, life in lives.items()}
            assert {loan: picture for loan, picture in standing.items() if picture} == evening.loans, evening.day


def _told_in_two_orders(databases: Databases, history: FundLife, order: random.Random) -> tuple[Book, Book]:
    """Return two books of the same facts, the one in order of their days, the other in a random one."""
    products = {loan.product: PRODUCTS[loan.product] for loan in history.loans}

    def told(requests: list[Said]) -> tuple[list[Said], Book]:
        book = a_book(databases, products=products)
        return tell(book, requests), book

    facts, one = told(said(history))
    while True:
        in_other, other = told(in_another_order(facts, order))
        if len(in_other) == len(facts):
            return one, other
        accepted = {request.command.id for request in in_other}
        facts, one = told([request for request in facts if request.command.id in accepted])


def _balances(book: Book) -> dict[date, dict[str, int]]:
    """Return what each account holds at the end of each day on which that changed."""
    by_day: defaultdict[date, list[Mapping[str, Any]]] = defaultdict(list)
    for row in book.rows("posting"):
        by_day[row["effective_on"]].append(row)
    held, found = Counter[str](), dict[date, dict[str, int]]()
    for day, rows in sorted(by_day.items()):
        before = dict(held)
        for row in rows:
            held[row["debit"]] += row["amount_minor"]
            held[row["credit"]] -= row["amount_minor"]
        held = Counter({code: amount for code, amount in held.items() if amount})
        if held != before:
            found[day] = dict(held)
    return found


def _statement(book: Book, loan_id: str) -> dict[str, Any]:
    statement = loan_statement_report(book.databases, book.lso_id, loan_id, TODAY)
    lines = [{key: line[key] for key in line if key not in MADE_BY_RECORDING} for line in statement["lines"]]
    return {"standing": statement["standing"], "instalments": statement["instalments"], "lines": lines}
