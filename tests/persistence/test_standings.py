"""Where loans stood, out of the stored rows and out of facts read again: both are what the fold of those facts says."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.loans.standing import Standing
from cif_engine.operations.rebuilding import rebuild
from cif_engine.operations.restructuring import Pause
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within, find_known, overdue, standings
from tests.books import FUND, Book, How, a_funded_book

LENT = date(2024, 1, 1)
DAYS = tuple(LENT + timedelta(days=15 * step) for step in range(-1, 30))


@pytest.fixture
def book(databases: Databases) -> Book:
    """A book in which one loan was paid late, paused, reversed upon, fined and given up; the other was never lent."""
    book = a_funded_book(databases, 50_000)
    book.cancels(book.applies(2_000, on=LENT, member="Marvi"), on=LENT + timedelta(days=9))
    loan = book.lends(12_000, on=LENT)
    book.repays(loan, 500, on=date(2024, 3, 5), how=How(receipt="R-1"))
    book.reschedules(loan, on=date(2024, 4, 15), pause=Pause(2, "moved"))
    wrong = book.repays(loan, 3_000, on=date(2024, 4, 20), how=How(receipt="R-2"))["event"]["id"]
    book.repays(loan, 700, on=date(2024, 2, 20), how=How(receipt="R-3"))
    book.reverses(wrong)
    book.repays(loan, 300, on=date(2024, 4, 20), how=How(receipt="R-2"))
    book.charges(loan, 50, on=date(2024, 8, 1), penalty=True)
    book.writes_off(loan, on=date(2024, 12, 1))
    book.repays(loan, 100, on=date(2025, 1, 15))
    return book


def stood(book: Book, as_of: date, known_at: int | None) -> dict[str, tuple[Standing, int]]:
    """Return each loan's standing and what was overdue, as the statements give them; `since` is left open."""
    with book.databases.reading(book.lso_id) as connection:
        known = find_known(connection, Within((book.lso_id,)), known_at)
        standing = standings("lsos", known_now=known.now)
        columns = [standing.c[name] for name in Standing._fields[1:]]
        question = sa.select(standing.c.loan_id, overdue(standing, known_now=known.now), *columns)
        asked = {"lso_ids": (book.lso_id,), **known.parameters, "as_of": as_of}
        found = connection.execute(question, asked)
        return {row[0]: (Standing(date.min, *row[2:]), row[1]) for row in found}


def told(book: Book, as_of: date, known_at: int | None) -> dict[str, tuple[Standing, int]]:
    """Return the same, folded from the facts known then."""
    facts: dict[str, list[LoanFact]] = {}
    for row in book.rows("event"):
        counts = row["effective_on"] <= as_of and (known_at is None or row["recorded_at"] <= known_at)
        if row["loan_id"] and counts:
            says = read_payload(row["payload"])
            facts.setdefault(row["loan_id"], []).append(
                LoanFact(row["id"], Kind(row["kind"]), row["effective_on"], says)
            )
    return {loan_id: _told(of_loan, as_of) for loan_id, of_loan in facts.items()}


def _told(facts: list[LoanFact], as_of: date) -> tuple[Standing, int]:
    life = live(facts)
    standing = life.standing
    fallen_due = sum(row.principal_minor for row in life.schedule if row.due_on < as_of)
    late = standing.days_late(as_of) > 0
    return standing._replace(since=date.min), max(fallen_due - standing.principal_paid_minor, 0) if late else 0


def test_loans_stand_on_any_day_as_their_facts_known_at_any_moment_say(book: Book) -> None:
    moments: list[int | None] = [None, *(row["recorded_at"] for row in book.rows("event"))]
    seen: set[tuple[Any, ...]] = set()
    for known_at in moments:
        for as_of in DAYS:
            expected = told(book, as_of, known_at)
            assert stood(book, as_of, known_at) == expected, (as_of, known_at)
            seen |= {(standing.status, standing.schedule_no, late > 0) for standing, late in expected.values()}
    assert {("open", 1, True), ("open", 2, True), ("open", 2, False), ("written_off", 2, False)} <= seen


def test_such_a_book_verifies_and_is_rebuilt_as_it_was(book: Book) -> None:
    assert verify(book.databases, book.lso_id) == []
    before = book.snapshot()
    rebuild(book.databases, book.lso_id)
    assert book.snapshot() == before


def test_a_loan_row_forgets_what_was_reversed(databases: Databases) -> None:
    book = a_funded_book(databases, 50_000)
    loan = book.applies(10_000, on=LENT)
    book.resolves(loan, on=LENT, amount=8_000)
    parts = [book.disburses(loan, on=LENT + timedelta(days=30 * part), amount=3_000) for part in (0, 1)]
    (row,) = book.rows("loan")
    assert (row["approved_minor"], row["disbursed_minor"], row["disbursed_on"]) == (800_000, 600_000, LENT)
    book.reverses(parts[0]["event"]["id"])
    (row,) = book.rows("loan")
    assert (row["disbursed_minor"], row["disbursed_on"]) == (300_000, LENT + timedelta(days=30))
    book.reverses(parts[1]["event"]["id"])
    (row,) = book.rows("loan")
    assert (row["approved_minor"], row["disbursed_minor"], row["channel"]) == (800_000, None, None)
    assert verify(databases, book.lso_id) == []


def test_what_is_reversed_of_a_sub_grant_has_no_row(databases: Databases) -> None:
    book = a_funded_book(databases, 50_000)
    book.signs(9_000, on=LENT, number="A-2")
    tranche = book.is_released(9_000, on=LENT, number=2, agreement="A-2")["event"]["id"]
    reversal = book.reverses(tranche)["event"]["id"]
    assert [row["number"] for row in book.rows("tranche")] == [1]
    assert verify(databases, book.lso_id) == []
    book.reverses(reversal, how=How(actor="auditor"))
    assert {row["number"] for row in book.rows("tranche")} == {1, 2}
    assert verify(databases, book.lso_id) == []
    assert f"{FUND}.3010.2" in {row["code"] for row in book.rows("account")}
