"""A flood: all loans of a VO are paused by one resolution, worked on paper. Amounts in rupees."""

from dataclasses import replace
from datetime import date

import pytest

from cif_engine.errors import MoratoriumChangedError
from cif_engine.persistence.engines import Databases
from tests.books import MANAGER, Book, a_funded_book

JANUARY, MARCH, AFTER = date(2024, 1, 1), date(2024, 3, 1), date(2024, 9, 1)
FLOOD = date(2024, 8, 20)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY)


def test_a_moratorium_is_previewed_and_then_granted_to_every_loan_that_owes(book: Book) -> None:
    """The river comes on 20 August 2024. The VO resolves: three months in which nothing falls due.

    | loan     | lent         | paid  | owes on 20 August | oldest unpaid due     | last due                |
    |----------|--------------|-------|-------------------|-----------------------|-------------------------|
    | Zainab's | 12,000 1 Jan | 7,000 |             5,000 | 1 Sep, then 1 Dec     | 1 Jan, then 1 Apr 2025  |
    | Amna's   | 6,000 1 Mar  | 2,000 |             4,000 | 1 Aug, as before      | 1 Mar, then 1 Jun 2025  |
    | Zarina's | 1,200 1 Jan  | 1,200 |                 0 |                       |                         |
    | Marvi's  | 1,200 1 Sep  |       |      not lent yet |                       |                         |

    Amna's instalment of 1 August was late already and keeps its day. The preview names two loans with 9,000 of
    principal; it records nothing. When the resolution is recorded, it says that two loans are meant; one that says
    three is refused.
    """
    zainabs = book.lends(12_000, on=JANUARY)
    book.repays(zainabs, 7_000, on=date(2024, 8, 1))
    amnas = book.lends(6_000, on=MARCH, member="Amna")
    book.repays(amnas, 2_000, on=date(2024, 7, 1))
    zarinas = book.lends(1_200, on=JANUARY, member="زرینہ")
    book.repays(zarinas, 1_200, on=MARCH)
    marvis = book.lends(1_200, on=AFTER, member="Marvi")
    recorded = len(book.rows("event"))

    preview = replace(book.request(actor="manager"), preview=True)
    shown = book.grants_moratorium(3, on=FLOOD, vo="VO-1", how=replace(MANAGER, request=preview))
    assert (shown["loans"], shown["outstanding_principal"]) == (2, "9000.00")
    assert len(book.rows("event")) == recorded
    with pytest.raises(MoratoriumChangedError):
        book.grants_moratorium(3, on=FLOOD, vo="VO-1", loans=3)

    granted = book.grants_moratorium(3, on=FLOOD, vo="VO-1", loans=2)

    table = {item["loan"]: (item["oldest_unpaid_due_on"], item["last_due_on"]) for item in granted["items"]}
    assert table == {
        zainabs: (
            {"before": "2024-09-01", "after": "2024-12-01"},
            {"before": "2025-01-01", "after": "2025-04-01"},
        ),
        amnas: (
            {"before": "2024-08-01", "after": "2024-08-01"},
            {"before": "2025-03-01", "after": "2025-06-01"},
        ),
    }
    renegotiated = {loan: book.position(loan)["renegotiated"] for loan in (zainabs, amnas, zarinas, marvis)}
    assert renegotiated == {zainabs: True, amnas: True, zarinas: False, marvis: False}


def test_one_loan_is_taken_out_of_a_moratorium_by_reversing_its_own_fact(book: Book) -> None:
    """Two loans are paused; Amna's house stands on high ground, and her fact of the moratorium is reversed.

    | loan     | next due before | paused | in the end |
    |----------|-----------------|--------|------------|
    | Zainab's | 1 Sep           | 1 Dec  | 1 Dec      |
    | Amna's   | 1 Sep           | 1 Dec  | 1 Sep      |
    """
    loans = {member: book.lends(1_200, on=date(2024, 8, 1), member=member) for member in ("Zainab", "Amna")}
    items = book.grants_moratorium(3, on=FLOOD)["items"]
    assert len(items) == len(loans)
    (hers,) = (item["event"] for item in items if item["loan"] == loans["Amna"])

    book.reverses(hers)

    assert book.position(loans["Zainab"])["oldest_due_on"] == date(2024, 12, 1)
    assert book.position(loans["Amna"])["oldest_due_on"] == date(2024, 9, 1)
