"""A new loan that settles the old one, worked on paper. Amounts in rupees."""

from collections.abc import Mapping
from datetime import date

import pytest

from cif_engine.errors import OtherBorrowerError, OverLimitError
from cif_engine.ledger.accounts import Role
from cif_engine.loans.terms import EqualInstalments, FlatAmount, LoanTerms, Rebate
from cif_engine.money import parse_amount
from cif_engine.persistence.engines import Databases
from tests.books import Book, a_funded_book
from tests.examples.worked import posted, split

MONTHLY = EqualInstalments(count=12)
PRODUCTS: Mapping[str, LoanTerms] = {
    "FREE": LoanTerms(repayment=MONTHLY),
    "REBATE": LoanTerms(repayment=MONTHLY, charge=FlatAmount.of_minor(parse_amount("600")), rebate=Rebate.PRO_RATA),
}
JANUARY, TOPPED_UP = date(2024, 1, 1), date(2024, 4, 11)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY, products=PRODUCTS)


def _approved(book: Book, amount: int, member: str = "Zainab") -> str:
    loan = book.applies(amount, on=TOPPED_UP, product="FREE", member=member)
    book.resolves(loan, on=TOPPED_UP)
    return loan


def test_a_top_up_hands_out_what_the_old_loan_leaves(book: Book) -> None:
    """Zainab owes 4,000 of 12,000, interest-free, and borrows 10,000 more: 4,000 settle the old loan, she gets 6,000.

    |               | debit | credit | loans outstanding: old | new    |
    |---------------|-------|--------|------------------------|--------|
    | before        |       |        |                  4,000 |      0 |
    | loans 1100    | 6,000 |        |                      0 | 10,000 |
    | bank 1020     |       |  6,000 |                        |        |

    What moves from one of her loans to the other stays within the account of loans, so nothing is posted for it. The
    new loan is her second cycle.
    """
    old = book.lends(12_000, on=JANUARY, product="FREE")
    book.repays(old, 8_000, on=date(2024, 4, 1))
    new = _approved(book, 10_000)

    answer = book.disburses(new, on=TOPPED_UP, settles=old)

    assert posted(answer) == ["2024-04-11 1100 1020 6000.00"]
    assert posted(answer["paid_off"]) == []
    assert split(answer["paid_off"]) == {"principal": "4000.00"}
    assert (book.position(old)["status"], book.position(new)["outstanding_minor"]) == ("repaid", 10_000_00)
    assert book.balance(Role.LOANS_OUTSTANDING) == "10000.00"
    assert next(row["cycle"] for row in book.rows("loan") if row["number"] == new) == 2


def test_a_top_up_pays_the_charge_that_was_earned(book: Book) -> None:
    """12,000 for a flat 600, three instalments paid; on 11 April 9,017 settle it (9,000, and 17 earned in April).

    The new loan is 15,000, so she is handed 5,983.

    |               | debit | credit |                                         |
    |---------------|-------|--------|-----------------------------------------|
    | loans 1100    | 5,983 |        | the new loan, handed out                |
    | bank 1020     |       |  5,983 |                                         |
    | loans 1100    |    17 |        | the new loan pays the old one's charge  |
    | charge 4010   |       |     17 |                                         |

    Loans grow by 6,000: 15,000 lent, 9,000 repaid. The 433 of charge that were not earned are forgiven.
    """
    old = book.lends(12_000, on=JANUARY, product="REBATE")
    for month in (2, 3, 4):
        book.repays(old, 1_050, on=date(2024, month, 1))
    new = _approved(book, 15_000)

    answer = book.disburses(new, on=TOPPED_UP, settles=old)

    assert posted(answer) == ["2024-04-11 1100 1020 5983.00"]
    assert posted(answer["paid_off"]) == ["2024-04-11 1100 4010 17.00"]
    assert split(answer["paid_off"], "waived") == {"charge": "433.00"}
    assert book.balance(Role.LOANS_OUTSTANDING) == "15000.00"


def test_a_top_up_needs_the_same_borrower_and_enough_to_settle(book: Book) -> None:
    """Amna's loan does not settle Zainab's, and 3,000 do not settle 12,000."""
    old = book.lends(12_000, on=JANUARY, product="FREE")
    with pytest.raises(OtherBorrowerError):
        book.disburses(_approved(book, 15_000, member="Amna"), on=TOPPED_UP, settles=old)
    with pytest.raises(OverLimitError):
        book.disburses(_approved(book, 3_000), on=TOPPED_UP, settles=old)
    assert book.balance(Role.LOANS_OUTSTANDING) == "12000.00"


def test_reversing_a_top_up_undoes_both_sides(book: Book) -> None:
    """The cheque was never cashed: the new loan is reversed, and with it the settlement of the old one.

    |          | old: status, owed | new: status, owed | bank   |
    |----------|-------------------|-------------------|--------|
    | before   | open, 12,000      | approved, 0       | 38,000 |
    | topped up| repaid, 0         | open, 15,000      | 35,000 |
    | reversed | open, 12,000      | approved, 0       | 38,000 |
    """
    old = book.lends(12_000, on=JANUARY, product="FREE")
    new = _approved(book, 15_000)

    def stood() -> tuple[str, int, str, int, str]:
        one, other = book.position(old), book.position(new)
        return (
            one["status"],
            one["outstanding_minor"],
            other["status"],
            other["outstanding_minor"],
            book.balance(Role.BANK),
        )

    before = stood()
    assert before == ("open", 12_000_00, "approved", 0, "38000.00")
    topped_up = book.disburses(new, on=TOPPED_UP, settles=old)["event"]["id"]
    assert stood() == ("repaid", 0, "open", 15_000_00, "35000.00")
    book.reverses(topped_up)
    assert stood() == before
