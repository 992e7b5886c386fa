"""Receipts that are found late, worked on paper: what they change of payments that are in the books. In rupees."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from cif_engine.ledger.accounts import Role
from cif_engine.loans.terms import EqualInstalments, FlatPercent, LoanTerms
from cif_engine.operations.loan_reports import loan_statement_report
from cif_engine.persistence.engines import Databases
from tests.books import Book, a_funded_book
from tests.examples.worked import posted, split

PRODUCTS: Mapping[str, LoanTerms] = {
    "CHARGED": LoanTerms(repayment=EqualInstalments(count=12), charge=FlatPercent(percent=Decimal(10))),
}
FEBRUARY, MID_FEBRUARY, MARCH = date(2024, 2, 1), date(2024, 2, 15), date(2024, 3, 1)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 200_000, on=date(2024, 1, 1), products=PRODUCTS)


def test_receipts_found_late_move_income_to_its_day_and_back(book: Book) -> None:
    """Zainab borrows 12,000 at 10 % flat: 1,100 owed on the first of each month, 100 of it charge.

    The office has her receipt of March first. Two of February turn up later, one after the other.

    | learned | paid on | amount | charge | principal | what is posted beside its own money    |
    |---------|---------|--------|--------|-----------|----------------------------------------|
    | first   | 1 Mar   |    500 |    100 |       400 |                                        |
    | second  | 1 Feb   |    600 |    100 |       500 | 1 Mar: debit charge 100, credit loans  |
    | third   | 15 Feb  |    500 |      0 |       500 | 1 Mar: debit loans 100, credit charge  |

    With the second, March's 500 complete the first instalment and are all principal (500 + 600 = 1,100). With the third
    the first instalment is complete in February, and March's 500 begin the second: 100 of charge, 400 of principal.

    | day    | charge income in the end | loans outstanding in the end | the oldest unpaid is due on |
    |--------|--------------------------|------------------------------|-----------------------------|
    | 1 Feb  |                      100 |                       11,500 | 1 Feb                       |
    | 15 Feb |                      100 |                       11,000 | 1 Mar                       |
    | 1 Mar  |                      200 |                       10,600 | 1 Mar                       |
    """
    loan = book.lends(12_000, on=date(2024, 1, 1), product="CHARGED")
    first = book.repays(loan, 500, on=MARCH)
    assert split(first) == {"charge": "100.00", "principal": "400.00"}

    second = book.repays(loan, 600, on=FEBRUARY)
    assert split(second) == {"charge": "100.00", "principal": "500.00"}
    assert posted(second) == [
        "2024-02-01 1010 1100 500.00",
        "2024-02-01 1010 4010 100.00",
        "2024-03-01 4010 1100 100.00",
    ]

    third = book.repays(loan, 500, on=MID_FEBRUARY)
    assert split(third) == {"principal": "500.00"}
    assert posted(third) == ["2024-02-15 1010 1100 500.00", "2024-03-01 1100 4010 100.00"]

    table = {
        FEBRUARY: ("100.00", "11500.00", FEBRUARY),
        MID_FEBRUARY: ("100.00", "11000.00", MARCH),
        MARCH: ("200.00", "10600.00", MARCH),
    }
    stood = {row["valid_from"]: row["oldest_due_on"] for row in book.rows("loan_state")}
    stood[MARCH] = book.position(loan)["oldest_due_on"]
    for on, (income, loans, oldest_due_on) in table.items():
        assert book.balance(Role.SERVICE_CHARGE_INCOME, on=on) == income
        assert book.balance(Role.LOANS_OUTSTANDING, on=on) == loans
        assert stood[on] == oldest_due_on


def test_in_which_order_the_office_learns_of_receipts_makes_no_difference(book: Book) -> None:
    """The same three receipts in each of the six orders; six equal loans of 12,000 at 10 % flat.

    | paid on | amount | charge | principal |
    |---------|--------|--------|-----------|
    | 1 Feb   |    600 |    100 |       500 |
    | 15 Feb  |    500 |      0 |       500 |
    | 1 Mar   |    500 |    100 |       400 |

    Where each loan stands, what its statement says and what is posted per day and account are the same six times.
    """
    receipts = {FEBRUARY: 600, MID_FEBRUARY: 500, MARCH: 500}
    lives = [_life_told_by(book, order, receipts) for order in permutations(receipts)]

    _, splits, _, balances = lives[0]
    assert splits == [("100.00", "500.00"), ("0.00", "500.00"), ("100.00", "400.00")]
    assert balances[MARCH] == {
        "CIF.1010": 1_600_00,
        "CIF.1020": -12_000_00,
        "CIF.1100": 10_600_00,
        "CIF.4010": -200_00,
    }
    assert all(life == lives[0] for life in lives)


Told = tuple[dict[str, Any], list[tuple[str, str]], list[dict[str, Any]], dict[date, dict[str, int]]]


def _life_told_by(book: Book, order: tuple[date, ...], receipts: Mapping[date, int]) -> Told:
    """Return the position, splits, instalments and balances of a new loan, its receipts recorded in this order."""
    loan = book.lends(12_000, on=date(2024, 1, 1), product="CHARGED")
    for on in order:
        book.repays(loan, receipts[on], on=on)
    position = dict(book.position(loan))
    loan_id = position.pop("loan_id")
    del position["known_from"]  # when it was learnt, not what was learnt
    postings = [row for row in book.rows("posting") if row["loan_id"] == loan_id]
    statement = loan_statement_report(book.databases, book.lso_id, loan, MARCH)
    lines = [line for line in statement["lines"] if line["kind"] == "repayment_received"]
    splits = [(line["settled"]["charge"], line["settled"]["principal"]) for line in lines]
    return position, splits, statement["instalments"], {on: book.balances(on, postings) for on in receipts}


def test_what_was_reported_before_a_late_receipt_can_be_had_again(book: Book) -> None:
    """On 31 March the office reports that Zainab is 59 days late; in April a receipt of 1 February over 1,100 turns up.

    | statement as of 31 March | the oldest unpaid is due on | days late | outstanding |
    |--------------------------|-----------------------------|-----------|-------------|
    | as known on 31 March     | 1 Feb                       |        59 |      12,000 |
    | as known in April        | 1 Mar                       |        30 |      11,000 |
    """
    end_of_march = date(2024, 3, 31)
    loan = book.lends(12_000, on=date(2024, 1, 1), product="CHARGED")
    known_at = book.request().at
    book.repays(loan, 1_100, on=FEBRUARY)
    now = book.request().at

    def stood(known: int) -> tuple[str, int, str]:
        standing = loan_statement_report(book.databases, book.lso_id, loan, end_of_march, known)["standing"]
        return standing["oldest_unpaid_due_on"], standing["days_late"], standing["outstanding_principal"]

    assert stood(known_at) == ("2024-02-01", 59, "12000.00")
    assert stood(now) == ("2024-03-01", 30, "11000.00")
