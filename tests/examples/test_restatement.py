"""A figure that was reported, and what it is found to have been since, worked on paper. Amounts in rupees."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cif_engine.loans.terms import EqualInstalments
from cif_engine.moments import to_micros
from cif_engine.operations.asking import Question
from cif_engine.operations.explaining import Inquiry
from cif_engine.operations.recording import Request
from cif_engine.operations.restating import restatement_acts, restatement_report
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.subjects import Sought
from tests.books import CHAIR, MANAGER, TODAY, USUAL, Book, How, a_funded_book, new_id

LENT, END_OF_JUNE = date(2024, 1, 1), date(2024, 6, 30)
REPORTED_AT = to_micros(datetime(2024, 7, 5, 12, tzinfo=UTC))
KARACHI = ZoneInfo("Asia/Karachi")


@pytest.fixture
def book(databases: Databases) -> Book:
    """Five loans of 12,000 of 1 January, 1,000 due on the first of each month; known as they were on 5 July."""
    book = a_funded_book(databases, 100_000, on=LENT)
    loan = ""
    for member, amount in (("Zainab", 3_000), ("Amna", 3_000), ("زرینہ", 1_000), ("Marvi", 3_000)):
        loan = book.lends(12_000, on=LENT, member=member)
        book.repays(loan, amount, on=date(2024, 4, 1))
    book.repays(loan, 2_000, on=date(2024, 5, 1))
    book.repays(book.lends(12_000, on=LENT), 2_000, on=date(2024, 4, 1))
    return book


def test_what_par_30_of_june_was_reported_as_and_what_it_is_known_as(book: Book) -> None:
    """Loans late over 30 days on 30 June are those whose oldest unpaid instalment fell due on 1 May or before.

    | loan | of     | paid by 30 June, as reported | outstanding | oldest unpaid | days late | at risk |
    |------|--------|------------------------------|-------------|---------------|-----------|---------|
    | 1    | Zainab |                        3,000 |       9,000 | 1 May         |        60 |   9,000 |
    | 2    | Amna   |                        3,000 |       9,000 | 1 May         |        60 |   9,000 |
    | 3    | Zarina |                        1,000 |      11,000 | 1 March       |       121 |  11,000 |
    | 4    | Marvi  |                        5,000 |       7,000 | 1 July        |         0 |       0 |
    | 5    | Zainab |                        2,000 |      10,000 | 1 April       |        90 |  10,000 |
    |      |        | **as reported on 5 July**    |  **46,000** |               |           | **39,000** |

    | recorded on | of      | what                                          | at risk | outstanding | came after |
    |-------------|---------|-----------------------------------------------|---------|-------------|------------|
    | 8 July      | 10 May  | sheet: 1,000 for loan 1, late by 29 days then |  -9,000 |      -1,000 |    59 days |
    | 9 July      | 20 June | sheet: 2,000 for loan 2, not late then        |  -9,000 |      -2,000 |    19 days |
    | 9 July      | 15 June | sheet: 1,000 for loan 3, late by 90 days then |  -1,000 |      -1,000 |    24 days |
    | 9 July      | 4 July  | sheet: 500 for loan 3, which is news          |       0 |           0 |            |
    | 10 July     | 1 May   | 2,000 of loan 4 were another's: reversed      |   9,000 |       2,000 |    70 days |
    | 12 July     | 25 June | loan 5 is rescheduled, not late then          | -10,000 |           0 |    17 days |

    | line        | acts | at risk | outstanding |
    |-------------|------|---------|-------------|
    | reversals   |    1 |   9,000 |       2,000 |
    | reschedules |    1 | -10,000 |           0 |
    | repayments  |    3 | -19,000 |      -4,000 |
    | difference  |      | -20,000 |      -2,000 |

    As known on 12 July, 19,000 of 44,000 are at risk: loan 3 with 10,000, loan 4 with 9,000.
    """
    loans = what_came_to_be_known(book)
    told = restatement_report(book.databases, about(book, Sought("par_n", days=30)), REPORTED_AT)

    assert shown(told["reported"]) == ("39000.00", "46000.00")
    assert told["reported"]["rate"] == "0.847826"
    assert {line["cause"]: (line["acts"], *shown(line)) for line in told["causes"]} == {
        "reversals": (1, "9000.00", "2000.00"),
        "reschedules": (1, "-10000.00", "0.00"),
        "repayments": (3, "-19000.00", "-4000.00"),
    }
    assert shown(told["difference"]) == ("-20000.00", "-2000.00")
    assert shown(told["known"]) == ("19000.00", "44000.00")
    assert told["known"]["rate"] == "0.431818"

    acts = restatement_acts(book.databases, about(book, Sought("par_n", days=30)), REPORTED_AT, KARACHI)["items"]
    assert [(loans.index(act["loan"]) + 1, act["cause"], act["days_to_record"], *shown(act)) for act in acts] == [
        (1, "repayments", 59, "-9000.00", "-1000.00"),
        (2, "repayments", 19, "-9000.00", "-2000.00"),
        (3, "repayments", 24, "-1000.00", "-1000.00"),
        (4, "reversals", 70, "9000.00", "2000.00"),
        (5, "reschedules", 17, "-10000.00", "0.00"),
    ]


def test_a_reschedule_does_not_mend_par_with_renegotiated_loans(book: Book) -> None:
    """The same five acts on PAR 30 with renegotiated loans: loan 5 is at risk before its reschedule and after it.

    | line       | at risk |
    |------------|---------|
    | reversals  |   9,000 |
    | repayments | -19,000 |
    | difference | -10,000 |
    """
    what_came_to_be_known(book)
    told = restatement_report(book.databases, about(book, Sought("par_n_renegotiated", days=30)), REPORTED_AT)
    assert {line["cause"]: line["numerator"] for line in told["causes"]} == {
        "reversals": "9000.00",
        "repayments": "-19000.00",
    }
    assert [told[end]["numerator"] for end in ("reported", "known")] == ["39000.00", "29000.00"]


def what_came_to_be_known(book: Book) -> list[str]:
    """Record what is known after 5 July, and return the five loans by number."""
    loans = [row["number"] for row in sorted(book.rows("loan"), key=lambda row: row["number"])]
    (wrong,) = (row["id"] for row in book.rows("event") if row["effective_on"] == date(2024, 5, 1))
    book.repays(loans[0], 1_000, on=date(2024, 5, 10), how=on_july(8, book))
    book.repays(loans[1], 2_000, on=date(2024, 6, 20), how=on_july(9, book))
    book.repays(loans[2], 1_000, on=date(2024, 6, 15), how=on_july(9, book))
    book.repays(loans[2], 500, on=date(2024, 7, 4), how=on_july(9, book))
    book.reverses(wrong, how=on_july(10, book, CHAIR))
    plan = EqualInstalments(count=10)
    book.reschedules(loans[4], on=date(2024, 6, 25), plan=plan, how=on_july(12, book, MANAGER))
    return loans


def on_july(day: int, book: Book, how: How = USUAL) -> How:
    """Record it on this day of July 2024, at eleven in the morning in Karachi."""
    at = to_micros(datetime(2024, 7, day, 6, tzinfo=UTC))
    return replace(how, request=Request(book.lso_id, how.actor, at, TODAY, new_id()))


def about(book: Book, sought: Sought) -> Inquiry:
    return Inquiry(Question(Within((book.lso_id,))), sought, END_OF_JUNE)


def shown(view: dict[str, Any]) -> tuple[str, str]:
    return view["numerator"], view["denominator"]
