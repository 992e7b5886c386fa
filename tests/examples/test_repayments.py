"""Money coming back, worked on paper: late paper, custody, duplicates. Amounts in rupees."""

from datetime import date

import pytest

from cif_engine.errors import DuplicatePaperError, LoanNotOpenError
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.engines import Databases
from tests.books import Book, How, a_funded_book, settled


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=date(2024, 1, 1))


def test_late_paper_closes_a_loan_and_a_later_payment_becomes_a_credit_balance(book: Book) -> None:
    """Zainab borrows 1,200. Her receipts reach the office out of order: those of March and July first, May's last.

    | recorded | paid on | amount | as it stood then     | as it is known in the end |
    |----------|---------|--------|----------------------|---------------------------|
    | first    | 1 Mar   |    700 | principal 700        | principal 700             |
    | second   | 1 Jul   |    400 | principal 400        | principal 0, credit 400   |
    | third    | 1 May   |    500 |                      | principal 500             |

    With May's 500 the loan was repaid on 1 May, so the 400 of July are hers. The third event posts its own money, and
    on 1 July moves 400 from the loan to her credit balance: debit loans 1100, credit borrower balances 2010.
    The cash of July is left alone. What she pays in August is hers as well.
    """
    loan = book.lends(1_200, on=date(2024, 1, 10))
    book.repays(loan, 700, on=date(2024, 3, 1))
    book.repays(loan, 400, on=date(2024, 7, 1))
    assert book.balance(Role.LOANS_OUTSTANDING) == "100.00"

    late = book.repays(loan, 500, on=date(2024, 5, 1))

    assert late["postings"] == [
        {"effective_on": "2024-05-01", "debit": "CIF.1010", "credit": "CIF.1100", "amount": "500.00"},
        {"effective_on": "2024-07-01", "debit": "CIF.1100", "credit": "CIF.2010", "amount": "400.00"},
    ]
    assert (late["standing"]["status"], late["standing"]["credit_balance"]) == ("repaid", "400.00")
    assert book.balance(Role.LOANS_OUTSTANDING, on=date(2024, 5, 1)) == "0.00"
    assert book.balance(Role.BORROWER_CREDIT, on=date(2024, 6, 30)) == "0.00"
    assert book.balance(Role.BORROWER_CREDIT, on=date(2024, 7, 1)) == "400.00"
    assert book.balance(Role.CASH_IN_HAND) == "1600.00"
    august = book.repays(loan, 100, on=date(2024, 8, 1))
    assert (august["settled"], august["standing"]["credit_balance"]) == (settled(credit_balance=100), "500.00")


def test_money_with_a_custodian_is_in_transit_until_she_hands_it_over(book: Book) -> None:
    """Hajra collects at the VO meeting and brings the money to the bank in two parts.

    | day    | what happens                      | in transit with Hajra | bank   | loans |
    |--------|-----------------------------------|-----------------------|--------|-------|
    | 10 Jan | two loans of 2,400                |                     0 | 45,200 | 4,800 |
    | 10 Feb | Zainab pays 200, Amna 300 to her  |                   500 | 45,200 | 4,300 |
    | 12 Feb | she banks 450                     |                    50 | 45,650 | 4,300 |
    | 20 Feb | she brings the rest to the office |                     0 | 45,650 | 4,300 |

    The borrowers have paid on 10 February, whatever becomes of the money after that; the last 50 lie in cash in hand.
    """
    first = book.lends(2_400, on=date(2024, 1, 10), member="Zainab")
    second = book.lends(2_400, on=date(2024, 1, 10), member="Amna")
    answer = book.repays(first, 200, on=date(2024, 2, 10), custodian=1)
    assert answer["held_in"] == "CIF.1030.1"
    book.repays(second, 300, on=date(2024, 2, 10), custodian=1)
    book.moves(450, on=date(2024, 2, 12), paid_from="custodian:1", held_in="bank")
    book.moves(50, on=date(2024, 2, 20), paid_from="custodian:1", held_in="cash")

    table = {
        date(2024, 1, 10): ("0.00", "45200.00", "4800.00"),
        date(2024, 2, 10): ("500.00", "45200.00", "4300.00"),
        date(2024, 2, 12): ("50.00", "45650.00", "4300.00"),
        date(2024, 2, 20): ("0.00", "45650.00", "4300.00"),
    }
    for on, expected in table.items():
        roles = (Role.IN_TRANSIT, Role.BANK, Role.LOANS_OUTSTANDING)
        assert tuple(book.balance(role, on=on) for role in roles) == expected
    assert book.balance(Role.CASH_IN_HAND) == "50.00"


def test_a_receipt_is_taken_once(book: Book) -> None:
    """The carbon copy of receipt 0731 turns up a month after the receipt itself.

    | what arrives                              | answer                                  | loans |
    |-------------------------------------------|-----------------------------------------|-------|
    | receipt 0731, 100 of 1 Feb                | recorded                                | 1,100 |
    | its copy: receipt 0731, 100 of 1 Feb      | refused, naming the event it is already | 1,100 |
    | receipt 0731, 250 of another member       | refused as well: the number is taken    | 1,100 |
    | voucher 0731 of an expense of 10          | recorded: another kind of paper         | 1,100 |
    """
    loan = book.lends(1_200, on=date(2024, 1, 10), member="Zainab")
    other = book.lends(5_000, on=date(2024, 1, 10), member="Amna")
    receipt = How(receipt="0731")
    first = book.repays(loan, 100, on=date(2024, 2, 1), how=receipt)
    for number, amount in ((loan, 100), (other, 250)):
        with pytest.raises(DuplicatePaperError) as refusal:
            book.repays(number, amount, on=date(2024, 2, 1), how=receipt)
        assert refusal.value.pointer == "/receipt_no"
        assert refusal.value.facts == {
            "existing_event": first["event"]["id"],
            "existing_seq": first["event"]["seq"],
        }
    book.spends(10, on=date(2024, 2, 1), how=How(voucher="0731"))
    assert book.position(loan)["outstanding_minor"] == 1_100_00


def test_more_than_is_owed_becomes_a_credit_balance_of_the_borrower(book: Book) -> None:
    """She owes 300 and hands over 500: 300 repay the loan, 200 are owed to her.

    |                   | debit       | credit             |
    |-------------------|-------------|--------------------|
    | cash in hand 1010 | 500         |                    |
    | loans 1100        |             | 300                |
    | credit 2010       |             | 200                |
    """
    loan = book.lends(300, on=date(2024, 1, 10))
    answer = book.repays(loan, 500, on=date(2024, 2, 10))
    assert answer["settled"] == settled(principal=300, credit_balance=200)
    assert [(row["debit"], row["credit"], row["amount"]) for row in answer["postings"]] == [
        ("CIF.1010", "CIF.1100", "300.00"),
        ("CIF.1010", "CIF.2010", "200.00"),
    ]


def test_a_payment_dated_before_the_money_was_lent_is_refused(book: Book) -> None:
    """The loan was paid out on 10 February; a receipt of 9 February belongs to another loan."""
    loan = book.lends(1_200, on=date(2024, 2, 10))
    with pytest.raises(LoanNotOpenError, match="was not disbursed by 2024-02-09"):
        book.repays(loan, 100, on=date(2024, 2, 9))
    book.repays(loan, 100, on=date(2024, 2, 10))
