"""What the database counts of a period, loan by loan, against the same counted from the facts in Python alone."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.dates import averaged_days
from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.standing import Status
from cif_engine.loans.terms import BulletPayment, EqualInstalments
from cif_engine.operations.restructuring import Pause
from cif_engine.persistence.average import average_measures, average_parameters
from cif_engine.persistence.demand import demand_measures, demand_parameters
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.roll_rates import migration_measures, migration_parameters
from cif_engine.persistence.standings import Within, find_known
from cif_engine.portfolio.demand import PeriodTally, tally_of
from cif_engine.portfolio.roll_rates import Flow, Way, way_of
from tests.books import Book, a_book, a_funded_book
from tests.laws.settings import some_histories
from tests.strategies import BEGINNING, PRODUCTS, History, histories, tell

LENT = date(2024, 1, 1)
ENDS = [LENT + timedelta(days=late) for late in (-1, 0, 31, 60, 61, 105, 106, 140, 200, 245, 335, 336, 400)]
days = st.integers(-10, 500).map(lambda after: BEGINNING + timedelta(days=after))
periods = st.tuples(days, days).map(sorted)


@some_histories(15)
@given(histories(), periods, st.data())
def test_the_database_counts_of_each_loan_what_its_facts_say(
    shared_databases: Databases, history: History, period: list[date], data: st.DataObject
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    known_at = data.draw(st.none() | st.sampled_from([row["recorded_at"] for row in book.rows("event")]))
    lives = lives_known(book, known_at)

    expected = {loan: counted_of(life, *period) for loan, life in lives.items()}
    assert counted(book, period, known_at) == {loan: found for loan, found in expected.items() if any_of(found)}
    ways = {loan: way_of(life, *period) for loan, life in lives.items()}
    assert went(book, period, known_at) == {loan: way for loan, way in ways.items() if way}


@pytest.fixture
def book(databases: Databases) -> Book:
    """A book in which one loan was paid late and in advance, paused, reversed upon, handed out again and given up."""
    book = a_funded_book(databases, 50_000, on=LENT)
    book.cancels(book.applies(2_000, on=LENT, member="Marvi"), on=LENT + timedelta(days=9))
    loan = book.lends(12_000, on=LENT)
    book.repays(loan, 500, on=date(2024, 3, 1))
    book.reschedules(loan, on=date(2024, 4, 15), pause=Pause(2, "moved"))
    wrong = book.repays(loan, 3_000, on=date(2024, 4, 20))["event"]["id"]
    book.repays(loan, 700, on=date(2024, 2, 20))
    book.reverses(wrong)
    book.repays(loan, 300, on=date(2024, 6, 1))
    book.reschedules(loan, on=date(2024, 7, 19), plan=EqualInstalments(count=6))
    book.writes_off(loan, on=date(2024, 12, 1))
    book.repays(loan, 100, on=date(2025, 1, 15))
    early = book.lends(6_000, on=date(2024, 1, 31), member="Amna")
    book.repays(early, 2_100, on=date(2024, 2, 10))
    book.reschedules(early, on=date(2024, 3, 31), plan=EqualInstalments(count=3))
    book.repays(early, 3_900, on=date(2024, 4, 30))
    parts = book.applies(3_000, on=LENT, member="Amna", plan=BulletPayment(after_months=1))
    book.resolves(parts, on=LENT)
    book.disburses(parts, on=LENT, amount=1_000)
    book.repays(parts, 1_000, on=date(2024, 2, 10))
    book.disburses(parts, on=date(2024, 5, 10))
    return book


def test_every_period_of_a_troubled_book_is_counted_as_its_facts_say(book: Book) -> None:
    moments = [row["recorded_at"] for row in book.rows("event")]
    seen: defaultdict[str, int] = defaultdict(int)
    for known_at in (None, *moments[::-3]):
        lives = lives_known(book, known_at)
        for period in (list(ends) for ends in combinations_with_replacement(ENDS, 2)):
            expected = {loan: counted_of(life, *period) for loan, life in lives.items()}
            found = counted(book, period, known_at)
            assert found == {loan: numbers for loan, numbers in expected.items() if any_of(numbers)}, (period, known_at)
            for tally, _ in found.values():
                for name, amount in {**tally._asdict(), "again_minor": tally.again_minor}.items():
                    seen[name] |= amount
    assert all(seen.values()), "nothing is compared that is zero everywhere"
    assert {*PeriodTally._fields, "again_minor"} == set(seen)


def lives_known(book: Book, known_at: int | None) -> dict[str, LoanLife]:
    """Return each loan's life, folded from the facts recorded by a moment."""
    facts: defaultdict[str, list[LoanFact]] = defaultdict(list)
    for row in book.rows("event"):
        if row["loan_id"] and (known_at is None or row["recorded_at"] <= known_at):
            says = read_payload(row["payload"])
            facts[row["loan_id"]].append(LoanFact(row["id"], Kind(row["kind"]), row["effective_on"], says))
    return {loan: live(of_loan) for loan, of_loan in facts.items()}


Counted = tuple[PeriodTally, int]
"""A tally, and the sum of what was outstanding on the days of the average."""


def counted_of(life: LoanLife, from_on: date, to_on: date) -> Counted:
    outstanding = (open_balance(life, day) for day in averaged_days(from_on, to_on))
    return tally_of(life, from_on, to_on), sum(outstanding)


def open_balance(life: LoanLife, day: date) -> int:
    standing = life.standing_on(day)
    return standing.outstanding_minor if standing and standing.status is Status.OPEN else 0


def any_of(counted: Counted) -> bool:
    return any(counted[0]) or counted[1] != 0


def counted(book: Book, period: list[date], known_at: int | None) -> dict[str, Counted]:
    """Return what the statements say of each loan of which there is something to say."""
    tallied = asked(book, demand_measures, demand_parameters(*period), known_at)
    averaged = asked(book, average_measures, average_parameters(*period), known_at)
    tallies = {row["loan_id"]: PeriodTally(*(row[name] for name in PeriodTally._fields)) for row in tallied}
    portfolios = {row["loan_id"]: row for row in averaged}
    assert (len(tallies), len(portfolios)) == (len(tallied), len(averaged))
    found = {
        loan: (tallies.get(loan, PeriodTally()), portfolios[loan]["portfolio_minor"] if loan in portfolios else 0)
        for loan in {*tallies, *portfolios}
    }
    for loan, row in portfolios.items():
        assert row["written_off_minor"] == found[loan][0].written_off_minor
    return {loan: numbers for loan, numbers in found.items() if any_of(numbers)}


def went(book: Book, period: list[date], known_at: int | None) -> dict[str, tuple[Way, Flow]]:
    rows = asked(book, migration_measures, migration_parameters(*period), known_at)
    found = {
        row["loan_id"]: ((row["came_from"], row["went_to"]), Flow(*(row[name] for name in Flow._fields)))
        for row in rows
    }
    assert len(found) == len(rows)
    return found


def asked(book: Book, measures: Any, days: dict[str, Any], known_at: int | None) -> list[Any]:  # noqa: ANN401 - either
    with book.databases.reading(book.lso_id) as connection:
        known = find_known(connection, Within((book.lso_id,)), known_at)
        question = sa.select(measures("lsos", known_now=known.now))
        return list(connection.execute(question, {"lso_ids": (book.lso_id,), **known.parameters, **days}).mappings())
