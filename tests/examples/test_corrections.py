"""Mistakes that are found later, worked on paper: reversed, recorded anew, brought back. Amounts in rupees."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from cif_engine.errors import (
    AlreadyReversedError,
    DuplicatePaperError,
    MakerIsCheckerError,
    NotReversedError,
    ReverseFirstError,
)
from cif_engine.ledger.accounts import Role
from cif_engine.loans.terms import BulletPayment, EqualInstalments, FlatPercent, LoanTerms
from cif_engine.operations.loan_reports import loan_statement_report
from cif_engine.persistence.engines import Databases
from tests.books import MANAGER, Book, How, a_funded_book
from tests.examples.worked import posted, split

PRODUCTS: Mapping[str, LoanTerms] = {
    "MONTHLY": LoanTerms(repayment=EqualInstalments(count=12)),
    "HARVEST": LoanTerms(repayment=BulletPayment(after_months=6)),
    "CHARGED": LoanTerms(repayment=EqualInstalments(count=12), charge=FlatPercent(percent=Decimal(10))),
}
JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY, products=PRODUCTS)


def test_a_mistyped_receipt_is_reversed_and_replaced(book: Book) -> None:
    """Receipt 0731 of 1 February says 500; 5,000 were typed. Found in March, after another 1,000 were paid.

    | recorded                   | cash on 1 Feb | loans on 1 Feb | cash on 1 Mar | loans on 1 Mar |
    |----------------------------|---------------|----------------|---------------|----------------|
    | 0731 as 5,000 of 1 Feb     |         5,000 |          7,000 |               |                |
    | 0748, 1,000 of 1 Mar       |         5,000 |          7,000 |         6,000 |          6,000 |
    | 0731 reversed by the chair |             0 |         12,000 |         1,000 |         11,000 |
    | 0731 as 500, replacing it  |           500 |         11,500 |         1,500 |         10,500 |

    The reversal has the day of what it reverses, so February is right again. The number 0731 is free for the right
    receipt, which names the event it replaces. All three lines stand on the statement.
    """
    loan = book.lends(12_000, on=JANUARY)
    wrong = book.repays(loan, 5_000, on=FEBRUARY, how=How(receipt="0731"))
    assert _cash_and_loans(book, FEBRUARY) == ("5000.00", "7000.00")
    book.repays(loan, 1_000, on=MARCH, how=How(receipt="0748"))
    assert _cash_and_loans(book, MARCH) == ("6000.00", "6000.00")

    with pytest.raises(DuplicatePaperError):
        book.repays(loan, 500, on=FEBRUARY, how=How(receipt="0731"))
    reversal = book.reverses(wrong["event"]["id"])
    assert posted(reversal) == ["2024-02-01 1100 1010 5000.00"]
    assert _cash_and_loans(book, FEBRUARY) == ("0.00", "12000.00")
    assert _cash_and_loans(book, MARCH) == ("1000.00", "11000.00")

    right = book.repays(loan, 500, on=FEBRUARY, how=How(receipt="0731", replaces=wrong["event"]["id"]))
    assert _cash_and_loans(book, FEBRUARY) == ("500.00", "11500.00")
    assert _cash_and_loans(book, MARCH) == ("1500.00", "10500.00")

    told = {
        line["event"]: (line["receipt_no"], line["paid"], line["reversed_by"], line["reverses"], line["replaces"])
        for line in loan_statement_report(book.databases, book.lso_id, loan, MARCH)["lines"]
        if line["effective_on"] == "2024-02-01"
    }
    wrong_id, reversal_id, right_id = (answer["event"]["id"] for answer in (wrong, reversal, right))
    assert told == {
        wrong_id: ("0731", "5000.00", reversal_id, None, None),
        reversal_id: (None, "0.00", None, wrong_id, None),
        right_id: ("0731", "500.00", None, None, wrong_id),
    }


def _cash_and_loans(book: Book, on: date) -> tuple[str, str]:
    return book.balance(Role.CASH_IN_HAND, on=on), book.balance(Role.LOANS_OUTSTANDING, on=on)


def test_a_mistyped_disbursement_is_corrected_under_its_repayments(book: Book) -> None:
    """9,000 at 10 % flat were handed out on 1 January; all 12,000 that were approved were typed.

    Six payments of 1,100 came before it was noticed. An instalment is 750 + 75 = 825, not 1,000 + 100, so each payment
    reaches into the next instalment, its charge first: three payments pay four instalments. All six pay eight of them.

    | on       | paid in all | instalments of 825   | charge of it | as typed | differs |
    |----------|-------------|----------------------|--------------|----------|---------|
    | 1 Feb    |       1,100 | 1 and 275 of the 2nd |    75 + 75   |      100 |      50 |
    | 1 Mar    |       2,200 | 2 and 550 of the 3rd |         75   |      100 |     -25 |
    | 1 Apr    |       3,300 | 4                    |         75   |      100 |     -25 |
    | 1 May    |       4,400 | 5 and 275 of the 6th |    75 + 75   |      100 |      50 |
    | 1 Jun    |       5,500 | 6 and 550 of the 7th |         75   |      100 |     -25 |
    | 1 Jul    |       6,600 | 8                    |         75   |      100 |     -25 |

    The bank has 3,000 more since 1 January. What is income and what is principal differs month by month, and not in
    all: 600 of charge. 9,000 less 6,000 is outstanding, the ninth instalment is the oldest unpaid.
    """
    loan = book.applies(12_000, on=JANUARY, product="CHARGED")
    book.resolves(loan, on=JANUARY)
    wrong = book.disburses(loan, on=JANUARY)["event"]["id"]
    for month in range(2, 8):
        book.repays(loan, 1_100, on=date(2024, month, 1))
    assert book.balance(Role.SERVICE_CHARGE_INCOME) == "600.00"

    right = book.corrects(wrong, amount=9_000)

    assert posted(right) == [
        "2024-01-01 1020 1100 3000.00",
        "2024-02-01 1100 4010 50.00",
        "2024-03-01 4010 1100 25.00",
        "2024-04-01 4010 1100 25.00",
        "2024-05-01 1100 4010 50.00",
        "2024-06-01 4010 1100 25.00",
        "2024-07-01 4010 1100 25.00",
    ]
    assert (right["event"]["replaces"], right["reversal"]["reversed"]["id"]) == (wrong, wrong)
    assert [row[1:] for row in book.schedule(loan)] == [("750.00", "75.00")] * 12
    standing = right["standing"]
    assert (standing["outstanding_principal"], standing["oldest_unpaid_due_on"]) == ("3000.00", "2024-10-01")
    assert (book.balance(Role.BANK), book.balance(Role.SERVICE_CHARGE_INCOME)) == ("41000.00", "600.00")


def test_who_may_reverse_what_and_how_often(book: Book) -> None:
    """The accountant recorded 500 by mistake.

    | who            | wants                                         | answer                                  |
    |----------------|-----------------------------------------------|-----------------------------------------|
    | the accountant | to record the right receipt as a replacement  | refused: the wrong one still holds      |
    | the accountant | to reverse it                                 | refused: another must                   |
    | the chair      | to reverse it                                 | recorded                                |
    | the manager    | to reverse it as well                         | refused: it is reversed already         |
    | the manager    | to reverse the reversal                       | recorded: the 500 hold again            |
    """
    loan = book.lends(12_000, on=JANUARY)
    wrong = book.repays(loan, 500, on=FEBRUARY)["event"]["id"]
    with pytest.raises(NotReversedError):
        book.repays(loan, 50, on=FEBRUARY, how=How(replaces=wrong))
    with pytest.raises(MakerIsCheckerError):
        book.reverses(wrong, how=How(actor="accountant"))
    reversal = book.reverses(wrong)["event"]["id"]
    assert book.position(loan)["outstanding_minor"] == 12_000_00
    with pytest.raises(AlreadyReversedError):
        book.reverses(wrong, how=MANAGER)

    brought_back = book.reverses(reversal, how=MANAGER)

    assert posted(brought_back) == ["2024-02-01 1010 1100 500.00"]
    assert book.position(loan)["outstanding_minor"] == 11_500_00


def test_a_reversed_overpayment_splits_the_later_money_anew(book: Book) -> None:
    """A bullet loan of 3,000. 2,500 of another woman were booked to it on 1 February; on 1 March she pays her 3,000.

    | paid on | amount | before the reversal          | after it        |
    |---------|--------|------------------------------|-----------------|
    | 1 Feb   |  2,500 | principal 2,500              | reversed        |
    | 1 Mar   |  3,000 | principal 500, credit 2,500  | principal 3,000 |

    The reversal takes the 2,500 out of February's cash, and on 1 March moves 2,500 from her credit to the loan.
    """
    loan = book.lends(3_000, on=JANUARY, product="HARVEST")
    foreign = book.repays(loan, 2_500, on=FEBRUARY)
    hers = book.repays(loan, 3_000, on=MARCH)
    assert split(hers) == {"principal": "500.00", "credit_balance": "2500.00"}

    reversal = book.reverses(foreign["event"]["id"])

    assert posted(reversal) == ["2024-02-01 1100 1010 2500.00", "2024-03-01 2010 1100 2500.00"]
    assert (book.position(loan)["status"], book.position(loan)["credit_minor"]) == ("repaid", 0)


def test_what_rests_on_a_fact_is_reversed_before_it(book: Book) -> None:
    """She owes 300, pays 500, and gets the 200 back. Then it turns out that she paid only 300.

    | reversed                                                | answer                                       |
    |---------------------------------------------------------|----------------------------------------------|
    | the loan's disbursement                                 | refused: a repayment rests on it             |
    | the payment of 500                                      | refused: 200 of it were given back           |
    | the refund of 200, then the payment, then the 300 of it | recorded                                     |

    In the end the loan is repaid and nothing is owed to her; the cash box holds the 300 that came.
    """
    loan = book.applies(300, on=JANUARY)
    book.resolves(loan, on=JANUARY)
    disbursed = book.disburses(loan, on=JANUARY)["event"]["id"]
    paid = book.repays(loan, 500, on=FEBRUARY)["event"]["id"]
    refunded = book.refunds(loan, on=MARCH)["event"]["id"]
    for event in (disbursed, paid):
        with pytest.raises(ReverseFirstError):
            book.reverses(event)

    book.reverses(refunded)
    book.reverses(paid)
    book.repays(loan, 300, on=FEBRUARY, how=How(replaces=paid))

    assert (book.position(loan)["status"], book.position(loan)["credit_minor"]) == ("repaid", 0)
    assert book.balance(Role.CASH_IN_HAND) == "300.00"
    assert book.balance(Role.BORROWER_CREDIT, on=FEBRUARY) == "0.00"


def test_a_loan_booked_to_the_wrong_member_is_as_if_it_had_never_been(book: Book) -> None:
    """Her disbursement and then her application are reversed: no loan, and the bank has the 12,000 again.

    | reversed         | status    | bank   | loans  |
    |------------------|-----------|--------|--------|
    |                  | open      | 38,000 | 12,000 |
    | the disbursement | approved  | 50,000 |      0 |
    | the decision     | applied   | 50,000 |      0 |
    | the application  | cancelled | 50,000 |      0 |
    """
    loan = book.applies(12_000, on=JANUARY)
    applied = book.sent[-1].request
    decided = book.resolves(loan, on=JANUARY)["event"]["id"]
    disbursed = book.disburses(loan, on=JANUARY)["event"]["id"]
    (application,) = (row["id"] for row in book.rows("event") if row["idempotency_key"] == applied.idempotency_key)
    stood = [_status_bank_and_loans(book, loan)]
    for event in (disbursed, decided, application):
        book.reverses(event)
        stood.append(_status_bank_and_loans(book, loan))
    assert stood == [
        ("open", "38000.00", "12000.00"),
        ("approved", "50000.00", "0.00"),
        ("applied", "50000.00", "0.00"),
        ("cancelled", "50000.00", "0.00"),
    ]


def _status_bank_and_loans(book: Book, loan: str) -> tuple[str, str, str]:
    return book.position(loan)["status"], book.balance(Role.BANK), book.balance(Role.LOANS_OUTSTANDING)
