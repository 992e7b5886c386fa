"""Where each rupee of a fund went, worked on paper. Rupees of a tranche are counted as they came in. Amounts in rupees.

The money of a fund is a queue: what comes in goes to its end, a loan is paid out from its front. What is repaid comes
back in the order in which the loan drew it, as money of the next turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cif_engine.errors import NotFoundError
from cif_engine.operations.lots import LotsAsked, RupeesAsked, lineage_report, lots_report, rupees_report
from cif_engine.persistence.engines import Databases
from tests.books import FUND, MEMBERS, Book, a_book

ZAINAB, AMNA, _, MARVI = MEMBERS
END = date(2024, 9, 30)
Drawn = tuple[str, int, int, int, str | None]
"""Money of a loan: source, from which of its rupees, up to which, in which turn, and how it left the loan."""
Places = tuple[int, int, int, int, int, int]
"""Of a source: entered, in cash, in loans, written off, spent, returned."""
Turn = tuple[int, int, int, int, int]
"""Of a turn: disbursed, repaid, written off, in loans, in cash."""


# Two tranches, three turns, a loss, and a receipt that is found late ---------------------------------------------


@dataclass(frozen=True)
class Village:
    """The loans of the first story, by the letters they have there."""

    book: Book
    a: str
    b: str
    c: str
    d: str

    def letter(self, loan: str | None) -> str | None:
        """Return the letter of a loan by its number."""
        return {self.a: "A", self.b: "B", self.c: "C", self.d: "D"}.get(loan or "")


@pytest.fixture
def village(shared_databases: Databases) -> Village:
    """Two tranches and four loans of 2024.

    | day    | what happens                             | cash after it |
    |--------|------------------------------------------|---------------|
    | 1 Jan  | tranche 1: 10,000                        |        10,000 |
    | 2 Jan  | A: 6,000 to Zainab                       |         4,000 |
    | 3 Jan  | B: 4,000 to Amna                         |             0 |
    | 1 Apr  | A is paid back: 6,000                    |         6,000 |
    | 15 Apr | tranche 2: 5,000                         |        11,000 |
    | 1 May  | C: 8,000 to Marvi                        |         3,000 |
    | 1 Jun  | B: 2,500 are paid back                   |         5,500 |
    | 1 Jul  | B: the rest, 1,500, is written off       |         5,500 |
    | 1 Aug  | C is paid back: 8,000                    |        13,500 |
    | 1 Sep  | D: 9,000 to Zainab                       |         4,500 |
    """
    book = a_book(shared_databases)
    book.gets_tranche(10_000, on=date(2024, 1, 1))
    a = book.lends(6_000, on=date(2024, 1, 2), member=ZAINAB)
    b = book.lends(4_000, on=date(2024, 1, 3), member=AMNA)
    book.repays(a, 6_000, on=date(2024, 4, 1), channel="bank")
    book.gets_tranche(5_000, on=date(2024, 4, 15))
    c = book.lends(8_000, on=date(2024, 5, 1), member=MARVI)
    book.repays(b, 2_500, on=date(2024, 6, 1), channel="bank")
    book.writes_off(b, on=date(2024, 7, 1))
    book.repays(c, 8_000, on=date(2024, 8, 1), channel="bank")
    d = book.lends(9_000, on=date(2024, 9, 1), member=ZAINAB)
    return Village(book, a, b, c, d)


def test_each_loan_is_made_of_the_oldest_money_there_is(village: Village) -> None:
    """What each loan drew, from the front of the cash of its day.

    | loan | cash before it, the front first                            | draws                                      |
    |------|------------------------------------------------------------|--------------------------------------------|
    | A    | T1 0-10,000 turn 1                                         | T1 0-6,000 turn 1                          |
    | B    | T1 6,000-10,000 turn 1                                     | T1 6,000-10,000 turn 1                     |
    | C    | T1 0-6,000 turn 2; T2 0-5,000 turn 1                       | T1 0-6,000 turn 2; T2 0-2,000 turn 1       |
    | D    | T2 2,000-5,000 turn 1; T1 6,000-8,500 turn 2;              | T2 2,000-5,000 turn 1; T1 6,000-8,500      |
    |      | T1 0-6,000 turn 3; T2 0-2,000 turn 2                       | turn 2; T1 0-3,500 turn 3                  |

    B drew 6,000 to 10,000: the first 2,500 of them came back on 1 June, the last 1,500 were lost on 1 July.
    """
    assert lineage(village.book, village.a) == [("tranche 1", 0, 6_000, 1, "repaid")]
    assert lineage(village.book, village.b) == [
        ("tranche 1", 6_000, 8_500, 1, "repaid"),
        ("tranche 1", 8_500, 10_000, 1, "written_off"),
    ]
    assert lineage(village.book, village.c) == [
        ("tranche 1", 0, 6_000, 2, "repaid"),
        ("tranche 2", 0, 2_000, 1, "repaid"),
    ]
    assert lineage(village.book, village.d) == [
        ("tranche 2", 2_000, 5_000, 1, None),
        ("tranche 1", 6_000, 8_500, 2, None),
        ("tranche 1", 0, 3_500, 3, None),
    ]


def test_each_tranche_is_somewhere_to_the_rupee(village: Village) -> None:
    """On 30 September, of the loans as they are above.

    | source    | entered | cash  | loans | written off | spent | returned |
    |-----------|---------|-------|-------|-------------|-------|----------|
    | tranche 1 |  10,000 | 2,500 | 6,000 |       1,500 |     0 |        0 |
    | tranche 2 |   5,000 | 2,000 | 3,000 |           0 |     0 |        0 |
    | together  |  15,000 | 4,500 | 9,000 |       1,500 |     0 |        0 |

    | source    | turn | disbursed                 | repaid | written off | loans | cash  |
    |-----------|------|---------------------------|--------|-------------|-------|-------|
    | tranche 1 |    1 | A 6,000 + B 4,000         |  8,500 |       1,500 |     0 |     0 |
    |           |    2 | C 6,000 + D 2,500 = 8,500 |  6,000 |           0 | 2,500 |     0 |
    |           |    3 | D 3,500                   |      0 |           0 | 3,500 | 2,500 |
    | tranche 2 |    1 | C 2,000 + D 3,000 = 5,000 |  2,000 |           0 | 3,000 |     0 |
    |           |    2 |                           |      0 |           0 |     0 | 2,000 |

    Disbursed in all turns: 10,000 + 8,500 + 3,500 + 5,000 = 27,000, as A, B, C and D: 6,000 + 4,000 + 8,000 + 9,000.
    """
    assert places(village.book) == {
        "tranche 1": (10_000, 2_500, 6_000, 1_500, 0, 0),
        "tranche 2": (5_000, 2_000, 3_000, 0, 0, 0),
    }
    assert turns(village.book) == {
        ("tranche 1", 1): (10_000, 8_500, 1_500, 0, 0),
        ("tranche 1", 2): (8_500, 6_000, 0, 2_500, 0),
        ("tranche 1", 3): (3_500, 0, 0, 3_500, 2_500),
        ("tranche 2", 1): (5_000, 2_000, 0, 3_000, 0),
        ("tranche 2", 2): (0, 0, 0, 0, 2_000),
    }
    lots = lots_on(village.book)
    assert [rupees(lots[name]) for name in ("amount", "cash", "outstanding_principal")] == [13_500, 4_500, 9_000]
    assert lots["holds"] is True


def test_each_turn_reached_its_households(village: Village) -> None:
    """Turn 1 went to Zainab (A, D), Amna (B) and Marvi (C); turn 2 to Marvi (C) and Zainab (D); turn 3 to Zainab (D).

    | turn | disbursed       | loans | households | of them new |
    |------|-----------------|-------|------------|-------------|
    |    1 | 10,000 + 5,000  |     4 |          3 |           3 |
    |    2 |          8,500  |     2 |          2 |           0 |
    |    3 |          3,500  |     1 |          1 |           0 |
    """
    together = [
        (one["turn"], rupees(one["disbursed"]), one["loans"], one["households"], one["households_new"])
        for one in lots_on(village.book)["turns"]
    ]
    assert together == [(1, 15_000, 4, 3, 3), (2, 8_500, 2, 2, 0), (3, 3_500, 1, 1, 0)]


def test_money_waits_until_it_is_lent(village: Village) -> None:
    """What tranche 2 waited until 30 September, from 15 April: 2,000 for 16 days (C), 3,000 for 139 days (D).

    (2,000 x 16 + 3,000 x 139) / 5,000 = 449,000 / 5,000 = 89.8 days. Its 2,000 that C paid back on 1 August wait for
    turn 2 since then: 60 days.
    """
    idle = {(name, one["turn"]): one["idle"] for name, one in turns_told(village.book)}
    assert (idle["tranche 2", 1]["numerator"], idle["tranche 2", 1]["denominator"]) == ("449000.00", "5000.00")
    assert idle["tranche 2", 1]["days"] == "89.8"
    assert idle["tranche 2", 2]["days"] == "60.0"


def test_a_late_receipt_changes_what_later_loans_were_made_of(village: Village) -> None:
    """In October Amna shows a receipt: she had paid 500 of B on 20 March. So 500 more were in cash before C.

    | loan | made of, as it was known before            | made of, as it is known now                     |
    |------|--------------------------------------------|-------------------------------------------------|
    | B    | T1 6,000-8,500 back, 8,500-10,000 lost     | T1 6,000-9,000 back, 9,000-10,000 lost          |
    | C    | T1 0-6,000 turn 2; T2 0-2,000 turn 1       | T1 6,000-6,500 turn 2; T1 0-6,000 turn 2;       |
    |      |                                            | T2 0-1,500 turn 1                               |
    | D    | T2 2,000-5,000 turn 1; T1 6,000-8,500      | T2 1,500-5,000 turn 1; T1 6,500-9,000 turn 2;   |
    |      | turn 2; T1 0-3,500 turn 3                  | T1 6,000-6,500 turn 3; T1 0-2,500 turn 3        |

    | source    | before: cash | loans | lost  | after: cash | loans | lost  |
    |-----------|--------------|-------|-------|-------------|-------|-------|
    | tranche 1 |        2,500 | 6,000 | 1,500 |       3,500 | 5,500 | 1,000 |
    | tranche 2 |        2,000 | 3,000 |     0 |       1,500 | 3,500 |     0 |

    | source    | turn | disbursed                 | repaid | written off | loans | cash  |
    |-----------|------|---------------------------|--------|-------------|-------|-------|
    | tranche 1 |    1 | A 6,000 + B 4,000         |  9,000 |       1,000 |     0 |     0 |
    |           |    2 | C 6,500 + D 2,500 = 9,000 |  6,500 |           0 | 2,500 |     0 |
    |           |    3 | D 3,000                   |      0 |           0 | 3,000 | 3,500 |
    | tranche 2 |    1 | C 1,500 + D 3,500 = 5,000 |  1,500 |           0 | 3,500 |     0 |
    |           |    2 |                           |      0 |           0 |     0 | 1,500 |

    What was reported in September can be had again, as it was.
    """
    book, september = village.book, village.book.request().at
    reported = [lots_on(book), *(lineage(book, loan) for loan in (village.b, village.c, village.d))]

    book.repays(village.b, 500, on=date(2024, 3, 20), channel="bank")

    assert lineage(book, village.b) == [
        ("tranche 1", 6_000, 6_500, 1, "repaid"),
        ("tranche 1", 6_500, 9_000, 1, "repaid"),
        ("tranche 1", 9_000, 10_000, 1, "written_off"),
    ]
    assert lineage(book, village.c) == [
        ("tranche 1", 6_000, 6_500, 2, "repaid"),
        ("tranche 1", 0, 6_000, 2, "repaid"),
        ("tranche 2", 0, 1_500, 1, "repaid"),
    ]
    assert lineage(book, village.d) == [
        ("tranche 2", 1_500, 5_000, 1, None),
        ("tranche 1", 6_500, 9_000, 2, None),
        ("tranche 1", 6_000, 6_500, 3, None),
        ("tranche 1", 0, 2_500, 3, None),
    ]
    assert places(book) == {
        "tranche 1": (10_000, 3_500, 5_500, 1_000, 0, 0),
        "tranche 2": (5_000, 1_500, 3_500, 0, 0, 0),
    }
    assert turns(book) == {
        ("tranche 1", 1): (10_000, 9_000, 1_000, 0, 0),
        ("tranche 1", 2): (9_000, 6_500, 0, 2_500, 0),
        ("tranche 1", 3): (3_000, 0, 0, 3_000, 3_500),
        ("tranche 2", 1): (5_000, 1_500, 0, 3_500, 0),
        ("tranche 2", 2): (0, 0, 0, 0, 1_500),
    }
    again = [lots_on(book, september), *(lineage(book, loan, september) for loan in (village.b, village.c, village.d))]
    assert again == reported


def test_a_loan_that_was_not_known_then_has_no_lineage_but_one_that_was_not_handed_out_yet_has_an_empty_one(
    village: Village,
) -> None:
    """Marvi's loan C is of 1 May; Zainab applies for another on 5 September."""
    book = village.book
    for asked in (LotsAsked(book.lso_id, date(2024, 4, 30)), LotsAsked(book.lso_id, END, known_at=1)):
        with pytest.raises(NotFoundError, match="not yet known then, or not yet applied for"):
            lineage_report(book.databases, asked, village.c)
    assert lineage(book, book.applies(1_000, on=date(2024, 9, 5))) == []


def test_rupees_tell_their_loans_in_sequence(village: Village) -> None:
    """The way of the rupees from 6,000 up to 6,500 of tranche 1, before the receipt of 20 March is found, and after.

    | before                          | turn | after                           |
    |---------------------------------|------|---------------------------------|
    | 1 Jan  - 3 Jan   cash           |    1 | 1 Jan  - 3 Jan   cash           |
    | 3 Jan  - 1 Jun   B, repaid      |    1 | 3 Jan  - 20 Mar  B, repaid      |
    | 1 Jun  - 1 Sep   cash           |    2 | 20 Mar - 1 May   cash           |
    | 1 Sep  -         D              |    2 | 1 May  - 1 Aug   C, repaid      |
    |                                 |    3 | 1 Aug  - 1 Sep   cash           |
    |                                 |    3 | 1 Sep  -         D              |
    """
    begun = [("01-01", "01-03", None, 1)]
    assert _way(village, 6_000, 6_500) == [
        *begun,
        ("01-03", "06-01", "B", 1),
        ("06-01", "09-01", None, 2),
        ("09-01", None, "D", 2),
    ]
    village.book.repays(village.b, 500, on=date(2024, 3, 20), channel="bank")
    assert _way(village, 6_000, 6_500) == [
        *begun,
        ("01-03", "03-20", "B", 1),
        ("03-20", "05-01", None, 2),
        ("05-01", "08-01", "C", 2),
        ("08-01", "09-01", None, 3),
        ("09-01", None, "D", 3),
    ]


def _way(village: Village, start: int, end: int) -> list[tuple[str, str | None, str | None, int]]:
    """Return the stays of rupees of tranche 1 that went one way: from month and day, to, the loan's letter, turn."""
    book = village.book
    asked = RupeesAsked(1, start * 100, end * 100)
    (path,) = rupees_report(book.databases, LotsAsked(book.lso_id, END), FUND, asked)["items"]
    return [
        (stay["since"][5:], stay["until"] and stay["until"][5:], village.letter(stay["loan"]), stay["turn"])
        for stay in path["stays"]
    ]


# Money that is not of a tranche, expenses, money that goes back ---------------------------------------------------


def test_expenses_take_what_was_earned_first_and_what_goes_back_is_exchanged(shared_databases: Databases) -> None:
    """One loan, E, made of tranche 1 and a gift; then a rent, and tranche 1 is asked back while E still has of it.

    | day    | what happens                    | cash after it, the front first                                     |
    |--------|---------------------------------|--------------------------------------------------------------------|
    | 1 Jan  | tranche 1: 4,000                | T1 0-4,000                                                         |
    | 2 Jan  | a gift: 1,000                   | T1 0-4,000; gift 0-1,000                                           |
    | 3 Jan  | E: 5,000 to Zainab              | nothing                                                            |
    | 1 Mar  | E: 2,000 are paid back          | T1 0-2,000 turn 2                                                  |
    | 1 Apr  | bank profit: 300                | T1 0-2,000 turn 2; surplus 0-300                                   |
    | 1 May  | rent: 500                       | T1 200-2,000 turn 2 (300 of surplus, then 200 of the front)        |
    | 15 May | tranche 2: 2,000                | T1 200-2,000 turn 2; T2 0-2,000                                    |
    | 1 Jun  | 3,000 of tranche 1 go back      | T2 1,200-2,000                                                     |

    On 1 June tranche 1 has 1,800 in cash, and they go back. For the other 1,200 T2 0-1,200 is taken from the front, and
    takes the place of what T1 has had in E for longest: T1 2,000-3,200, which go back.

    | source        | entered | cash | loans | written off | spent | returned |
    |---------------|---------|------|-------|-------------|-------|----------|
    | tranche 1     |   4,000 |    0 |   800 |           0 |   200 |    3,000 |
    | tranche 2     |   2,000 |  800 | 1,200 |           0 |     0 |        0 |
    | contributions |   1,000 |    0 | 1,000 |           0 |     0 |        0 |
    | surplus       |     300 |    0 |     0 |           0 |   300 |        0 |

    E is made of T1 3,200-4,000, the gift, and T2 0-1,200: 3,000, as much as is outstanding.
    """
    book, loan = _lent_of_a_tranche_and_a_gift(shared_databases)
    assert places(book) == {
        "tranche 1": (4_000, 0, 800, 0, 200, 3_000),
        "tranche 2": (2_000, 800, 1_200, 0, 0, 0),
        "contributions": (1_000, 0, 1_000, 0, 0, 0),
        "surplus": (300, 0, 0, 0, 300, 0),
    }
    drawn = lineage(book, loan)
    assert [draw for draw in drawn if draw[-1] != "taken_over"] == [
        ("tranche 1", 0, 2_000, 1, "repaid"),
        ("tranche 1", 3_200, 4_000, 1, None),
        ("contributions", 0, 1_000, 1, None),
        ("tranche 2", 0, 1_200, 1, None),
    ]
    assert [draw for draw in drawn if draw[-1] == "taken_over"] == [("tranche 1", 2_000, 3_200, 1, "taken_over")]


def test_what_belongs_to_borrowers_is_lent_last_and_given_back_whoever_has_it(shared_databases: Databases) -> None:
    """The same fund goes on: Zainab overpays E by 500, Amna borrows nearly all there is, Zainab wants her 500 back.

    | day    | what happens                    | cash after it, the front first                                     |
    |--------|---------------------------------|--------------------------------------------------------------------|
    | 1 Jun  | as above                        | T2 1,200-2,000                                                     |
    | 1 Jul  | E: 3,500 are paid, 3,000 due    | T2 1,200-2,000; T1 3,200-4,000 turn 2; gift 0-1,000 turn 2;        |
    |        |                                 | T2 0-1,200 turn 2; and last Zainab's own 0-500                     |
    | 1 Aug  | F: 4,000 to Amna                | Zainab's 200-500                                                   |
    | 20 Aug | F: 1,000 are paid back          | T2 1,200-2,000 turn 2; T1 3,200-3,400 turn 3; Zainab's 200-500     |
    | 1 Sep  | 500 are given back to Zainab    | T2 1,400-2,000 turn 2; T1 3,200-3,400 turn 3                       |

    F drew 3,800 of the fund's own money and 200 of Zainab's. On 1 September her 300 in cash go back to her, and for
    the 200 that are in F T2 1,200-1,400 takes their place.

    | source          | entered | cash | loans | written off | spent | returned |
    |-----------------|---------|------|-------|-------------|-------|----------|
    | tranche 1       |   4,000 |  200 |   600 |           0 |   200 |    3,000 |
    | tranche 2       |   2,000 |  600 | 1,400 |           0 |     0 |        0 |
    | contributions   |   1,000 |    0 | 1,000 |           0 |     0 |        0 |
    | surplus         |     300 |    0 |     0 |           0 |   300 |        0 |
    | borrower credit |     500 |    0 |     0 |           0 |     0 |      500 |
    """
    book, loan = _lent_of_a_tranche_and_a_gift(shared_databases)
    book.repays(loan, 3_500, on=date(2024, 7, 1), channel="bank")
    amnas = book.lends(4_000, on=date(2024, 8, 1), member=AMNA)
    assert lineage(book, amnas) == [
        ("tranche 2", 1_200, 2_000, 1, None),
        ("tranche 1", 3_200, 4_000, 2, None),
        ("contributions", 0, 1_000, 2, None),
        ("tranche 2", 0, 1_200, 2, None),
        ("borrower_credit", 0, 200, 1, None),
    ]
    book.repays(amnas, 1_000, on=date(2024, 8, 20), channel="bank")
    book.refunds(loan, on=date(2024, 9, 1), channel="bank")

    assert places(book) == {
        "tranche 1": (4_000, 200, 600, 0, 200, 3_000),
        "tranche 2": (2_000, 600, 1_400, 0, 0, 0),
        "contributions": (1_000, 0, 1_000, 0, 0, 0),
        "surplus": (300, 0, 0, 0, 300, 0),
        "borrower_credit": (500, 0, 0, 0, 0, 500),
    }
    assert ("borrower_credit", 0, 200, 1, "taken_over") in lineage(book, amnas)
    assert ("tranche 2", 1_200, 1_400, 2, None) in lineage(book, amnas)


def _lent_of_a_tranche_and_a_gift(databases: Databases) -> tuple[Book, str]:
    book = a_book(databases)
    book.gets_tranche(4_000, on=date(2024, 1, 1))
    book.is_given(1_000, on=date(2024, 1, 2))
    loan = book.lends(5_000, on=date(2024, 1, 3), member=ZAINAB)
    book.repays(loan, 2_000, on=date(2024, 3, 1), channel="bank")
    book.earns_profit(300, on=date(2024, 4, 1))
    book.spends(500, on=date(2024, 5, 1))
    book.gets_tranche(2_000, on=date(2024, 5, 15))
    book.returns(3_000, on=date(2024, 6, 1), tranche=1)
    return book, loan


# How the answers are read ----------------------------------------------------------------------------------------


def lots_on(book: Book, known_at: int | None = None) -> dict[str, Any]:
    return lots_report(book.databases, LotsAsked(book.lso_id, END, known_at), FUND)


def places(book: Book) -> dict[str, Places]:
    """Return where the rupees of each source are."""
    return {
        source_of(one): (
            rupees(one["entered"]),
            rupees(one["in_cash"]),
            rupees(one["in_loans"]),
            rupees(one["lost"]["written_off"]),
            rupees(one["lost"]["spent"]),
            rupees(one["returned"]),
        )
        for one in lots_on(book)["sources"]
    }


def turns(book: Book) -> dict[tuple[str, int], Turn]:
    """Return what each turn of each source did."""
    return {
        (name, one["turn"]): (
            rupees(one["disbursed"]),
            rupees(one["repaid"]),
            rupees(one["written_off"]),
            rupees(one["in_loans"]),
            rupees(one["in_cash"]),
        )
        for name, one in turns_told(book)
    }


def turns_told(book: Book) -> list[tuple[str, dict[str, Any]]]:
    return [(source_of(source), one) for source in lots_on(book)["sources"] for one in source["turns"]]


def lineage(book: Book, loan: str, known_at: int | None = None) -> list[Drawn]:
    """Return what a loan was made of, in the order in which it was drawn."""
    told = lineage_report(book.databases, LotsAsked(book.lso_id, END, known_at), loan)
    return [
        (source_of(one), rupees(one["from"]), rupees(one["to"]), one["turn"], one["ending"]) for one in told["rupees"]
    ]


def source_of(told: dict[str, Any]) -> str:
    return f"{told['source']} {told['number']}" if told["number"] else told["source"]


def rupees(amount: str) -> int:
    value = Decimal(amount)
    assert value == int(value)
    return int(value)
