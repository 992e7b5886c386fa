"""What a borrower paid too much, worked on paper: kept, given back, used. Amounts in rupees."""

from datetime import date

import pytest

from cif_engine.errors import CreditTooSmallError, OtherBorrowerError
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.engines import Databases
from tests.books import Book, a_funded_book
from tests.examples.worked import posted, split

JANUARY, FEBRUARY, MARCH, APRIL = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY)


@pytest.fixture
def overpaid(book: Book) -> str:
    """A loan of 300, for which 500 came on 1 February: 200 are hers."""
    loan = book.lends(300, on=JANUARY)
    book.repays(loan, 500, on=FEBRUARY)
    return loan


def test_an_overpayment_is_kept_and_given_back_in_two_parts(book: Book, overpaid: str) -> None:
    """She owes 300 and pays 500. The 200 are hers.

    | day   | what happens             | debit       | credit    | amount | credit left |
    |-------|--------------------------|-------------|-----------|--------|-------------|
    | 1 Feb | 500 paid                 | cash 1010   | 1100      |    300 |             |
    |       |                          | cash 1010   | 2010      |    200 |         200 |
    | 1 Mar | 150 given back           | credit 2010 | cash 1010 |    150 |          50 |
    | 1 Mar | 60 more: refused         |             |           |        |          50 |
    | 1 Apr | all that is left         | credit 2010 | cash 1010 |     50 |           0 |
    """
    part = book.refunds(overpaid, 150, on=MARCH)
    assert posted(part) == ["2024-03-01 2010 1010 150.00"]
    with pytest.raises(CreditTooSmallError) as refusal:
        book.refunds(overpaid, 60, on=MARCH)
    assert refusal.value.facts["available"] == "50.00"
    rest = book.refunds(overpaid, on=APRIL)
    assert posted(rest) == ["2024-04-01 2010 1010 50.00"]
    assert book.balance(Role.BORROWER_CREDIT) == "0.00"
    assert book.balance(Role.CASH_IN_HAND) == "300.00"


def test_credit_pays_her_next_loan(book: Book, overpaid: str) -> None:
    """Her second loan, 1,200 in twelve instalments of 100: the credit of 200 pays the first two.

    |                    | debit | credit |
    |--------------------|-------|--------|
    | credit 2010        |   200 |        |
    | loans 1100         |       |    200 |

    No cash moves. The credit of one woman does not pay the loan of another.
    """
    hers = book.lends(1_200, on=MARCH)
    amnas = book.lends(1_200, on=MARCH, member="Amna")
    with pytest.raises(OtherBorrowerError):
        book.uses_credit(overpaid, on=APRIL, pays=amnas)

    used = book.uses_credit(overpaid, on=APRIL, pays=hers)

    assert posted(used) == []
    assert posted(used["paid"]) == ["2024-04-01 2010 1100 200.00"]
    assert split(used["paid"]) == {"principal": "200.00"}
    assert book.position(hers)["oldest_due_on"] == date(2024, 6, 1)
    assert book.position(overpaid)["credit_minor"] == 0
    assert book.balance(Role.BORROWER_CREDIT) == "0.00"


def test_reversing_the_use_of_credit_gives_both_loans_back(book: Book, overpaid: str) -> None:
    """Credit of 200 paid her second loan. The use is reversed, and with it the repayment that it made.

    |               | credit of the first | outstanding of the second |
    |---------------|---------------------|---------------------------|
    | before        |                 200 |                     1,200 |
    | used          |                   0 |                     1,000 |
    | reversed      |                 200 |                     1,200 |
    """
    hers = book.lends(1_200, on=MARCH)
    used = book.uses_credit(overpaid, on=APRIL, pays=hers)
    book.reverses(used["paid"]["event"]["id"])
    assert book.position(overpaid)["credit_minor"] == 200_00
    assert book.position(hers)["outstanding_minor"] == 1_200_00
    assert book.balance(Role.BORROWER_CREDIT) == "200.00"


def test_money_after_the_last_instalment_is_hers(book: Book, overpaid: str) -> None:
    """Another 100 come for a loan that is repaid; 300 are owed to her then."""
    answer = book.repays(overpaid, 100, on=MARCH)
    assert posted(answer) == ["2024-03-01 1010 2010 100.00"]
    assert answer["standing"]["credit_balance"] == "300.00"


def test_credit_meets_a_fee_on_the_day_it_is_charged(book: Book, overpaid: str) -> None:
    """200 are owed to her; a fee of 50 is charged on 1 March.

    |                    | debit | credit |
    |--------------------|-------|--------|
    | credit 2010        |    50 |        |
    | fee income 4030    |       |     50 |

    A receipt over 20 of 15 February that is found later adds to the credit, and changes nothing of the fee.
    """
    fee = book.charges(overpaid, 50, on=MARCH)
    assert posted(fee) == ["2024-03-01 2010 4030 50.00"]
    assert (fee["standing"]["status"], fee["standing"]["credit_balance"]) == ("repaid", "150.00")
    late = book.repays(overpaid, 20, on=date(2024, 2, 15))
    assert posted(late) == ["2024-02-15 1010 2010 20.00"]
    assert late["standing"]["credit_balance"] == "170.00"


def test_a_receipt_found_late_pays_the_loan_and_frees_later_money(book: Book) -> None:
    """A loan of 1,000 by harvest. 1,000 of 1 March are recorded, then a receipt over 400 of 1 February is found.

    | paid on | amount | before          | after                       |
    |---------|--------|-----------------|-----------------------------|
    | 1 Feb   |    400 |                 | principal 400               |
    | 1 Mar   |  1,000 | principal 1,000 | principal 600, credit 400   |

    The 400 can be given back from 1 March on; on 1 February there was no credit.
    """
    loan = book.lends(1_000, on=JANUARY, product="HARVEST")
    book.repays(loan, 1_000, on=MARCH)
    late = book.repays(loan, 400, on=FEBRUARY)
    assert posted(late) == ["2024-02-01 1010 1100 400.00", "2024-03-01 1100 2010 400.00"]
    with pytest.raises(CreditTooSmallError):
        book.refunds(loan, 400, on=FEBRUARY)
    book.refunds(loan, 400, on=MARCH)
    assert book.balance(Role.BORROWER_CREDIT) == "0.00"
