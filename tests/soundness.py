"""What must be true of any book at any time, computed afresh from its events and compared with what is stored."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import accumulate, pairwise

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import CASH_ROLES
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.schedule import Instalment
from cif_engine.persistence.projections import standing_values
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
    stored = still_known(book)
    for name, expected in projections(lives).items():
        assert stored[name] == expected, name
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


TWO_MONTHS = timedelta(days=62)
WHEN_KNOWN = ("known_from", "closed_at", "known_to")


def still_known(book: Book) -> dict[str, Rows]:
    """Return the stored rows of loans that no late fact replaced, by key; and leave out when they were known."""
    kept: dict[str, Rows] = {}
    for name in ("loan_position", "loan_state", "instalment"):
        rows = [row for row in _without_book(book.rows(name)) if row.get("known_to") is None]
        kept[name] = [{column: value for column, value in row.items() if column not in WHEN_KNOWN} for row in rows]
    return kept


def projections(lives: Mapping[str, LoanLife]) -> dict[str, Rows]:
    """Return the rows that the lives of a book's loans call for, by table, each in the order of its key."""
    rows: dict[str, Rows] = {"loan_position": [], "loan_state": [], "instalment": []}
    for loan_id, life in sorted(lives.items()):
        timeline = life.timeline()
        rows["loan_position"].append({"loan_id": loan_id, **standing_values(timeline[-1])})
        for standing, following in pairwise(timeline):
            lasted_long = following.since - standing.since > TWO_MONTHS
            ended = {**standing_values(standing), "valid_to": following.since, "lasted_long": lasted_long}
            rows["loan_state"].append({"loan_id": loan_id, **ended})
        for schedule_no, schedule in enumerate(life.schedules, 1):
            rows["instalment"] += _instalments(loan_id, schedule_no, schedule)
    return rows


def _instalments(loan_id: str, schedule_no: int, schedule: tuple[Instalment, ...]) -> Rows:
    principal = list(accumulate(row.principal_minor for row in schedule))
    charge = list(accumulate(row.charge_minor for row in schedule))
    return [
        {
            "loan_id": loan_id,
            "schedule_no": schedule_no,
            **row._asdict(),
            "principal_due_to_date_minor": principal[place],
            "charge_due_to_date_minor": charge[place],
        }
        for place, row in enumerate(schedule)
    ]


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
