"""Loans that are lost, worked on paper: the allowance, the expense, what comes back after all. Amounts in rupees."""

from datetime import date

import pytest

from cif_engine.errors import LoanNotOpenError, MakerIsCheckerError
from cif_engine.ledger.accounts import Role
from cif_engine.operations.allowance import AllowanceChange, change_allowance
from cif_engine.persistence.engines import Databases
from tests.books import FUND, Book, How, a_funded_book, new_id, send
from tests.examples.worked import posted, split

JANUARY, MARCH, MAY, JUNE, JULY = (date(2024, month, 1) for month in (1, 3, 5, 6, 7))


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY)


def _sets_aside(book: Book, rupees: int, on: date) -> None:
    change = AllowanceChange(new_id(), FUND, rupees * 100, on, "R-9", "loans late over 90 days")
    assert send(book.databases, change_allowance, book.request(), change).refusal is None


def _losses(book: Book, on: date = date.max) -> tuple[str, str, str]:
    """Return loans outstanding, the allowance (what it holds, above zero), and the write-off expense."""
    allowance = book.balance(Role.LOAN_LOSS_ALLOWANCE, on=on)
    return (
        book.balance(Role.LOANS_OUTSTANDING, on=on),
        allowance.removeprefix("-"),
        book.balance(Role.WRITE_OFF_EXPENSE, on=on),
    )


def test_a_write_off_takes_the_allowance_and_the_fund_makes_good_the_rest(book: Book) -> None:
    """3,000 were set aside on 1 March. On 1 June a loan of 12,000 is written off, of which 4,000 were repaid.

    | day   | what happens       | debit          | credit         | amount | loans | allowance | expense 5020 |
    |-------|--------------------|----------------|----------------|--------|-------|-----------|--------------|
    | 1 Mar | 3,000 set aside    | provision 5030 | allowance 1190 |  3,000 |       |     3,000 |            0 |
    | 1 May | 4,000 repaid       | cash 1010      | loans 1100     |  4,000 | 8,000 |     3,000 |            0 |
    | 1 Jun | written off        | allowance 1190 | loans 1100     |  8,000 |     0 |           |              |
    |       | the rest made good | expense 5020   | allowance 1190 |  5,000 |     0 |         0 |        5,000 |

    What is lost in all is the provision of March and the expense of June: 8,000. Who handed the loan out may not write
    it off; after it nothing more can be charged.
    """
    loan = book.lends(12_000, on=JANUARY)
    _sets_aside(book, 3_000, MARCH)
    book.repays(loan, 4_000, on=MAY)
    with pytest.raises(MakerIsCheckerError):
        book.writes_off(loan, on=JUNE, how=How(actor="accountant"))

    lost = book.writes_off(loan, on=JUNE)

    assert posted(lost) == ["2024-06-01 1190 1100 8000.00", "2024-06-01 5020 1190 5000.00"]
    assert _losses(book, MAY) == ("8000.00", "3000.00", "0.00")
    assert _losses(book, JUNE) == ("0.00", "0.00", "5000.00")
    assert book.balance(Role.PROVISION_EXPENSE) == "3000.00"
    assert (lost["standing"]["status"], lost["standing"]["written_off"]) == ("written_off", "8000.00")
    with pytest.raises(LoanNotOpenError):
        book.charges(loan, 50, on=JULY)


def test_recoveries_are_income_up_to_what_was_lost(book: Book) -> None:
    """1,200 are written off on 1 June. Her son pays 500 in July, and 1,000 in August: 300 more than was lost.

    | day   | paid  | debit     | recoveries 4050 | credit 2010 | still lost |
    |-------|-------|-----------|-----------------|-------------|------------|
    | 1 Jul |   500 | cash 1010 |             500 |             |        700 |
    | 1 Aug | 1,000 | cash 1010 |             700 |         300 |          0 |
    """
    loan = book.lends(1_200, on=JANUARY)
    book.writes_off(loan, on=JUNE)
    first = book.repays(loan, 500, on=JULY)
    second = book.repays(loan, 1_000, on=date(2024, 8, 1))
    assert split(first) == {"recovered": "500.00"}
    assert posted(first) == ["2024-07-01 1010 4050 500.00"]
    assert split(second) == {"recovered": "700.00", "credit_balance": "300.00"}
    assert (second["standing"]["status"], second["standing"]["recovered"]) == ("written_off", "1200.00")
    assert book.balance(Role.RECOVERIES) == "1200.00"


def test_a_write_off_that_is_reversed_makes_the_recovery_a_repayment(book: Book) -> None:
    """The loan of the first example: 8,000 lost, 3,000 of it set aside. 1,500 come in July; then she is found alive.

    | day   | debit           | credit          | amount |                                        |
    |-------|-----------------|-----------------|--------|----------------------------------------|
    | 1 Jun | loans 1100      | allowance 1190  |  8,000 | the write-off, undone                  |
    | 1 Jun | allowance 1190  | expense 5020    |  5,000 | what was made good, taken back         |
    | 1 Jul | recoveries 4050 | loans 1100      |  1,500 | the recovery is a repayment after all  |

    She owes 6,500, the allowance holds its 3,000 again, and nothing was lost.
    """
    loan = book.lends(12_000, on=JANUARY)
    _sets_aside(book, 3_000, MARCH)
    book.repays(loan, 4_000, on=MAY)
    lost = book.writes_off(loan, on=JUNE)["event"]["id"]
    book.repays(loan, 1_500, on=JULY)
    assert book.balance(Role.RECOVERIES) == "1500.00"

    found = book.reverses(lost)

    assert sorted(posted(found)) == [
        "2024-06-01 1100 1190 8000.00",
        "2024-06-01 1190 5020 5000.00",
        "2024-07-01 4050 1100 1500.00",
    ]
    assert _losses(book) == ("6500.00", "3000.00", "0.00")
    assert (found["standing"]["status"], found["standing"]["outstanding_principal"]) == ("open", "6500.00")


def test_a_receipt_found_after_the_write_off_makes_the_loss_smaller(book: Book) -> None:
    """8,000 lost on 1 June, 3,000 of it set aside. A receipt over 2,000 of 1 May is found: only 6,000 were lost.

    | day   | debit           | credit          | amount |
    |-------|-----------------|-----------------|--------|
    | 1 May | cash 1010       | loans 1100      |  2,000 |
    | 1 Jun | loans 1100      | allowance 1190  |  2,000 |
    | 1 Jun | allowance 1190  | expense 5020    |  2,000 |
    """
    loan = book.lends(12_000, on=JANUARY)
    _sets_aside(book, 3_000, MARCH)
    book.repays(loan, 4_000, on=MARCH)
    book.writes_off(loan, on=JUNE)

    late = book.repays(loan, 2_000, on=MAY)

    assert sorted(posted(late)) == [
        "2024-05-01 1010 1100 2000.00",
        "2024-06-01 1100 1190 2000.00",
        "2024-06-01 1190 5020 2000.00",
    ]
    assert _losses(book) == ("0.00", "0.00", "3000.00")
    assert late["standing"]["written_off"] == "6000.00"


def test_what_was_set_aside_bears_losses_in_the_order_of_their_days(book: Book) -> None:
    """1,000 were set aside. Zainab's 1,200 are written off on 1 June. Then the paper of 1 May turns up: Amna's 900.

    | day   | lost  | allowance before | borne by it | made good as first recorded | made good in the end |
    |-------|-------|------------------|-------------|-----------------------------|----------------------|
    | 1 May |   900 |            1,000 |         900 |                             |                    0 |
    | 1 Jun | 1,200 |              100 |         100 |                         200 |                1,100 |

    So the late paper posts its own 900 on 1 May, and 900 of expense on 1 June.
    """
    zainabs = book.lends(1_200, on=JANUARY)
    amnas = book.lends(900, on=JANUARY, member="Amna")
    _sets_aside(book, 1_000, MARCH)
    book.writes_off(zainabs, on=JUNE)
    assert _losses(book) == ("900.00", "0.00", "200.00")

    late = book.writes_off(amnas, on=MAY)

    assert posted(late) == ["2024-05-01 1190 1100 900.00", "2024-06-01 5020 1190 900.00"]
    assert _losses(book, MAY) == ("1200.00", "100.00", "0.00")
    assert _losses(book) == ("0.00", "0.00", "1100.00")
