"""Which facts hold, and who bears a number of paper while facts are reversed and reversals too."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.errors import DuplicateFactError, DuplicatePaperError
from cif_engine.kinds import Kind
from cif_engine.ledger.chain import seal
from cif_engine.ledger.events import Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting
from cif_engine.persistence.books import book_sql, find_duplicate
from cif_engine.persistence.corrections import (
    Reversal,
    borne_papers,
    event_by,
    is_live,
    postings_of_event,
    restored_by,
    reversals_of,
    void,
    void_events,
)
from cif_engine.persistence.database_errors import is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.projections import save_rows
from cif_engine.persistence.recording import Recording, Row
from cif_engine.persistence.tables import TABLES
from tests.laws.settings import some_histories
from tests.support.databases import found_lso

SOME_DAY = date(2024, 7, 1)
Answer = TypeVar("Answer")
SAID = write_payload({"note": "as it was"})


@dataclass
class Clerk:
    """Records facts in a book of her own; another signs what reverses hers."""

    databases: Databases
    lso_id: str = ""
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lso_id = found_lso(self.databases)

    def records(self, **papers: str) -> str:
        """Record a repayment with these numbers; return its id."""
        return self._adds(Kind.REPAYMENT_RECEIVED, Papers(**papers), None)

    def reverses(self, event_id: str) -> str:
        return self._adds(Kind.FACT_REVERSED, Papers(), event_id)

    def bearers(self) -> dict[str, str]:
        """Return which event bears each receipt number."""
        return {row["number"]: row["event_id"] for row in self.papers()}

    def papers(self) -> list[dict[str, Any]]:
        paper = TABLES["paper"]
        with self.databases.reading(self.lso_id) as connection:
            rows = connection.execute(sa.select(paper).where(paper.c.lso_id == self.lso_id)).mappings()
            return sorted((dict(row) for row in rows), key=lambda row: (row["kind"], row["name"], row["number"]))

    def asks(self, question: Callable[..., Answer], *about: object) -> Answer:
        with self.databases.reading(self.lso_id) as connection:
            return question(connection, self.lso_id, *about)

    def fact(self, kind: Kind, papers: Papers, reverses: str | None, fact_id: str = "") -> Fact:
        return Fact(fact_id or str(uuid4()), kind, SOME_DAY, SAID, papers=papers, reverses=reverses)

    def _adds(self, kind: Kind, papers: Papers, reverses: str | None) -> str:
        sql, fact = book_sql(self.databases.dialect), self.fact(kind, papers, reverses)
        with self.databases.writing(self.lso_id) as connection:
            opened = sql.open(connection, self.lso_id, None, None, "")
            assert opened is not None
            event = seal(opened.head, fact, (), opened.head.recorded_at + 1, f"hand {len(self.events)}", None)
            assert sql.save(connection, Recording(event, (), b"", ""))
        self.events.append(event)
        return fact.id


def test_a_reversal_frees_the_numbers_and_its_own_reversal_takes_them_again(databases: Databases) -> None:
    clerk = Clerk(databases)
    wrong = clerk.records(receipt_no="R-1", voucher_no="V-1")
    reversal = clerk.reverses(wrong)
    assert clerk.papers() == []
    right = clerk.records(receipt_no="R-1")
    assert clerk.bearers() == {"R-1": right}
    clerk.reverses(right)
    clerk.reverses(reversal)
    assert clerk.bearers() == {"R-1": wrong, "V-1": wrong}


def test_what_holds_again_is_refused_while_another_bears_its_number(databases: Databases) -> None:
    clerk = Clerk(databases)
    reversal = clerk.reverses(clerk.records(receipt_no="R-1"))
    right = clerk.records(receipt_no="R-1")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of either database
        clerk.reverses(reversal)
    assert is_unique_violation(caught.value)
    assert clerk.bearers() == {"R-1": right}
    refusal = clerk.asks(find_duplicate, clerk.fact(Kind.FACT_REVERSED, Papers(), reversal))
    assert isinstance(refusal, DuplicatePaperError)
    assert (refusal.facts["existing_event"], refusal.pointer) == (right, "")


def test_a_duplicate_is_named_only_while_it_bears_the_number(databases: Databases) -> None:
    clerk = Clerk(databases)
    first = clerk.records(receipt_no="R-1")
    again = clerk.fact(Kind.REPAYMENT_RECEIVED, Papers(receipt_no="R-1"), None)
    of_another_kind = clerk.fact(Kind.EXPENSE_PAID, Papers(receipt_no="R-1"), None)
    refusal = clerk.asks(find_duplicate, again)
    assert isinstance(refusal, DuplicatePaperError)
    assert (refusal.facts["existing_event"], refusal.pointer) == (first, "/receipt_no")
    assert clerk.asks(find_duplicate, of_another_kind) is None
    clerk.reverses(first)
    assert clerk.asks(find_duplicate, again) is None
    same_id = clerk.fact(Kind.EXPENSE_PAID, Papers(), None, first)
    assert isinstance(clerk.asks(find_duplicate, same_id), DuplicateFactError)


def test_an_event_is_found_by_its_id_and_by_its_place(databases: Databases) -> None:
    clerk = Clerk(databases)
    event_id = clerk.records(receipt_no="R-1")
    reversal = clerk.reverses(event_id)
    found = clerk.asks(event_by, event_id)
    assert found is not None
    assert found == clerk.asks(event_by, "1")
    assert (found.id, found.seq, found.kind, found.effective_on) == (event_id, 1, Kind.REPAYMENT_RECEIVED, SOME_DAY)
    assert (found.actor, found.papers, found.says) == ("hand 0", Papers(receipt_no="R-1"), {"note": "as it was"})
    assert (found.fund_id, found.loan_id, found.reverses) == (None, None, None)
    assert [event.id for event in clerk.asks(reversals_of, [event_id])] == [reversal]
    assert clerk.asks(reversals_of, [reversal]) == []


@pytest.mark.parametrize("no_event", ["3", "0", "-1", "²", "R-1", "9" * 40, "0197d3a2-0000-7c3e-9a4d-1f2e3d4c5b6a"])
def test_what_names_no_event_finds_none(shared_databases: Databases, no_event: str) -> None:
    clerk = Clerk(shared_databases)
    clerk.reverses(clerk.records(receipt_no="R-1"))
    assert clerk.asks(event_by, no_event) is None


def test_the_postings_of_an_event_are_read_as_they_were_posted(databases: Databases) -> None:
    lso_id, fund_id, loan_id = found_lso(databases), str(uuid4()), str(uuid4())
    fund = {"id": fund_id, "code": "F", "name": "F", "programme": "P", "funder": "D", "lender_of_record": "LSO"}
    codes = ("F.1010", "F.1100", "F.1190", "F.5020")
    postings = (
        Posting(SOME_DAY, "F.1190", "F.1100", 7, loan_id),
        Posting(SOME_DAY, "F.5020", "F.1190", 7),
    )
    sql = book_sql(databases.dialect)
    with databases.writing(lso_id) as connection:
        save_rows(connection, [Row("fund", {"lso_id": lso_id, **fund})])
        for code in codes:
            account = {"lso_id": lso_id, "code": code, "fund_id": fund_id, "role": "r", "name": "n"}
            save_rows(connection, [Row("account", account)])
            save_rows(connection, [Row("account_balance", {"lso_id": lso_id, "code": code, "floored": False})])
        opened = sql.open(connection, lso_id, None, None, "")
        assert opened is not None
        lost = Fact(str(uuid4()), Kind.LOAN_WRITTEN_OFF, SOME_DAY, SAID, fund_id, loan_id)
        assert sql.save(connection, Recording(seal(opened.head, lost, postings, 1, "a", None), postings, b"", ""))
    with databases.reading(lso_id) as connection:
        assert postings_of_event(connection, lso_id, 1) == postings
        assert postings_of_event(connection, lso_id, 2) == ()


def test_a_row_is_taken_away_by_its_key(databases: Databases) -> None:
    lso_id, custodian = found_lso(databases), {"id": str(uuid4()), "number": 1, "name": "Hajra"}
    other = {"lso_id": lso_id, "id": str(uuid4()), "number": 2, "name": "Sughra"}
    with databases.writing(lso_id) as connection:
        save_rows(connection, [Row("custodian", {"lso_id": lso_id, **custodian}), Row("custodian", other)])
        save_rows(connection, [Row("custodian", {"lso_id": lso_id, "id": custodian["id"]}, gone=True)])
        names = connection.execute(sa.select(TABLES["custodian"].c.name)).scalars().all()
    assert names == ["Sughra"]


# Any history ---------------------------------------------------------------------------------------------------


def holds(event_id: str, reversals: list[Reversal]) -> bool:
    """The rule in its own words: an event holds unless a reversal that holds names it."""
    return not any(holds(other.id, reversals) for other in reversals if other.reverses == event_id)


@given(st.lists(st.integers(min_value=0), max_size=12))
def test_an_event_is_void_exactly_when_a_reversal_that_holds_names_it(named: list[int]) -> None:
    """Whatever names whatever: a reversal of what is void already, and several of one event, among them."""
    ids = ["fact"]
    reversals: list[Reversal] = []
    for turn, place in enumerate(named):
        reversals.append(Reversal(f"reversal {turn}", ids[place % len(ids)]))
        ids.append(reversals[-1].id)
    assert void(reversals) == {event_id for event_id in ids if not holds(event_id, reversals)}


@some_histories(30)
@given(st.lists(st.tuples(st.booleans(), st.integers(min_value=0, max_value=30)), max_size=14))
def test_numbers_are_borne_by_the_facts_that_hold(shared_databases: Databases, acts: list[tuple[bool, int]]) -> None:
    """Law 8 for papers: what is stored is what the events call for, after each event, refused ones included."""
    clerk = Clerk(shared_databases)
    for records, choice in acts:
        standing = [event for event in clerk.events if clerk.asks(is_live, event.fact.id)]
        try:
            if records or not standing:
                clerk.records(receipt_no=f"R-{choice % 3}")
            else:
                clerk.reverses(standing[choice % len(standing)].fact.id)
        except Exception as error:
            if not is_unique_violation(error):
                raise
        assert clerk.papers() == clerk.asks(borne_papers)
    gone = clerk.asks(void_events)
    assert gone == {event.fact.id for event in clerk.events if not clerk.asks(is_live, event.fact.id)}
    for event in clerk.events:
        if event.fact.id not in gone:
            restored = clerk.asks(restored_by, Reversal("next", event.fact.id))
            assert {found.id for found in restored} <= gone
