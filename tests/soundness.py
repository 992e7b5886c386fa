"""What must be true of any book at any time, computed afresh from its events and compared with what is stored."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import CASH_ROLES
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live
from cif_engine.persistence.projections import instalment_values, position_values, state_values
from cif_engine.persistence.recording import intervals
from tests.books import Book, Rows
from tests.reference_chain import first_hash, next_hash


def assert_books_stand(book: Book) -> None:
    """Check laws 1, 6 and 8 and the chain on all that this book holds."""
    assert_balanced(book)
    assert_cash_never_below_zero(book)
    assert_projections_are_the_fold(book)
    assert_chain_unbroken(book)


def assert_balanced(book: Book) -> None:
    """Law 1: every posting moves a positive amount between two accounts; so every day's trial balance is zero."""
    postings = book.rows("posting")
    for row in postings:
        assert row["amount_minor"] > 0
        assert row["debit"] != row["credit"]
    for day in {row["effective_on"] for row in postings}:
        assert sum(book.balances(day, postings).values()) == 0
    stored = {row["code"]: row["balance_minor"] for row in book.rows("account_balance")}
    assert {code: amount for code, amount in stored.items() if amount} == book.balances(date.max, postings)


def assert_cash_never_below_zero(book: Book) -> None:
    """Law 6: at the end of any day, in any account that holds money."""
    cash = [row["code"] for row in book.rows("account") if row["role"] in CASH_ROLES]
    postings = book.rows("posting")
    for day in sorted({row["effective_on"] for row in postings}):
        held = book.balances(day, postings)
        for code in cash:
            assert held.get(code, 0) >= 0, f"{code} is below zero at the end of {day}"


def assert_projections_are_the_fold(book: Book) -> None:
    """Law 8: positions, history and schedules are what the events say, row for row; so are the ledger's loans."""
    lives = lives_of(book)
    assert {row["loan_id"] for row in book.rows("loan_position")} == set(lives)
    for name, expected in projections(lives).items():
        assert _without_book(book.rows(name)) == expected, name
    outstanding = sum(life.standing.outstanding_minor for life in lives.values())
    credit = sum(life.standing.credit_minor for life in lives.values())
    assert book.balances().get("CIF.1100", 0) == outstanding
    assert book.balances().get("CIF.2010", 0) == -credit


def lives_of(book: Book) -> dict[str, LoanLife]:
    """Return the life of each loan, from the events alone."""
    facts: defaultdict[str, list[LoanFact]] = defaultdict(list)
    for row in book.rows("event"):
        if row["loan_id"] is not None:
            says = read_payload(row["payload"])
            facts[row["loan_id"]].append(LoanFact(row["id"], Kind(row["kind"]), row["effective_on"], says))
    return {loan_id: live(of_loan) for loan_id, of_loan in facts.items()}


def projections(lives: Mapping[str, LoanLife]) -> dict[str, Rows]:
    """Return the rows that the lives of a book's loans call for, by table, each in the order of its key."""
    of_loan = sorted(lives.items())
    return {
        "loan_position": [{"loan_id": loan_id, **position_values(life.standing)} for loan_id, life in of_loan],
        "loan_state": [
            {"loan_id": loan_id, **state_values(interval)} for loan_id, life in of_loan for interval in intervals(life)
        ],
        "instalment": [
            {"loan_id": loan_id, **row} for loan_id, life in of_loan for row in instalment_values(life.schedules)
        ],
    }


def assert_chain_unbroken(book: Book) -> None:
    """Each event follows the one before it, is sealed with it, and the book's head is the last of them."""
    postings = defaultdict(list)
    for row in book.rows("posting"):
        postings[row["event_seq"]].append(row)
    seq, moment, sealed = 0, 0, first_hash(book.lso_id)
    for event in book.rows("event"):
        assert (event["seq"], event["prev_hash"]) == (seq + 1, sealed)
        assert event["recorded_at"] >= moment
        seq, moment = event["seq"], event["recorded_at"]
        sealed = next_hash(sealed, event, postings[seq])
        assert event["hash"] == sealed
    (head,) = book.rows("book")
    assert (head["head_seq"], head["head_recorded_at"], head["head_hash"]) == (seq, moment, sealed)


def _without_book(rows: Rows) -> Rows:
    return [{name: value for name, value in row.items() if name != "lso_id"} for row in rows]
