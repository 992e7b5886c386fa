"""Dues beside the schedule, worked on paper: fees, penalties, waivers, the charge taken up front. In rupees."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from cif_engine.errors import MakerIsCheckerError, NothingOutstandingError
from cif_engine.ledger.accounts import Role
from cif_engine.loans.terms import Across, AllocationOrder, ChargeDue, EqualInstalments, FlatPercent, LoanTerms
from cif_engine.persistence.engines import Databases
from tests.books import Book, How, a_funded_book
from tests.examples.worked import posted, split

MONTHLY = EqualInstalments(count=12)
TEN_PERCENT = FlatPercent(percent=Decimal(10))
PRODUCTS: Mapping[str, LoanTerms] = {
    "FREE": LoanTerms(repayment=MONTHLY),
    "CHARGED": LoanTerms(repayment=MONTHLY, charge=TEN_PERCENT),
    "BY-KIND": LoanTerms(repayment=MONTHLY, charge=TEN_PERCENT, allocation=AllocationOrder(across=Across.KINDS)),
    "UP-FRONT": LoanTerms(repayment=MONTHLY, charge=FlatPercent(percent=Decimal(5), due=ChargeDue.UP_FRONT)),
}
JANUARY, FEBRUARY, MID_FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 2, 15), date(2024, 3, 1)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 100_000, on=JANUARY, products=PRODUCTS)


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        pytest.param(
            "CHARGED",
            {"penalty": "20.00", "fee": "50.00", "charge": "130.00", "principal": "1000.00"},
            id="the oldest day first",
        ),
        pytest.param(
            "BY-KIND",
            {"penalty": "20.00", "fee": "50.00", "charge": "200.00", "principal": "930.00"},
            id="one kind after the other",
        ),
    ],
)
def test_a_payment_settles_penalty_fee_charge_and_principal(book: Book, product: str, expected: dict[str, str]) -> None:
    """12,000 at 10 % flat, nothing paid in February. On 1 March she brings 1,200.

    | due on | penalty | fee | charge | principal | the oldest day first | one kind after the other          |
    |--------|---------|-----|--------|-----------|----------------------|-----------------------------------|
    | 1 Feb  |         |  50 |    100 |     1,000 | 50 + 100 + 1,000     | fee 50, charge 100, principal 930 |
    | 15 Feb |      20 |     |        |           | 20                   | penalty 20                        |
    | 1 Mar  |         |     |    100 |     1,000 | charge 30            | charge 100                        |
    | sum    |         |     |        |           | 1,200                | 1,200                             |
    """
    loan = book.lends(12_000, on=JANUARY, product=product)
    book.charges(loan, 50, on=FEBRUARY)
    book.charges(loan, 20, on=MID_FEBRUARY, penalty=True)

    answer = book.repays(loan, 1_200, on=MARCH)

    assert split(answer) == expected
    assert book.balance(Role.FEE_INCOME) == "50.00"
    assert book.balance(Role.PENALTY_INCOME) == "20.00"
    assert book.balance(Role.SERVICE_CHARGE_INCOME) == expected["charge"]


def test_an_unpaid_fee_keeps_a_loan_open_and_does_not_make_it_late(book: Book) -> None:
    """A loan of 1,200 without charge, and fees beside it.

    | day    | what happens                       | status | principal owed | fees owed | days late |
    |--------|------------------------------------|--------|----------------|-----------|-----------|
    | 1 Feb  | fee of 30                          | open   |          1,200 |        30 |         0 |
    | 1 Mar  | 1,200 are paid: 30 fee, 1,170 loan | open   |             30 |         0 |         0 |
    | 15 Feb | found later: the fee is waived     | repaid |              0 |         0 |         0 |
    | 1 Jun  | another fee, of 40                 | open   |              0 |        40 |         0 |

    The 1,200 settle the fee first, because it is due with the first instalment; 30 of principal are left, of the last
    instalment (1 Jan 2025). The waiver, dated before, gives the 30 to the principal.
    """
    loan = book.lends(1_200, on=JANUARY, product="FREE")
    book.charges(loan, 30, on=FEBRUARY)
    paid = book.repays(loan, 1_200, on=MARCH)
    assert split(paid) == {"fee": "30.00", "principal": "1170.00"}
    assert book.position(loan)["oldest_due_on"] == date(2025, 1, 1)

    waived = book.waives(loan, on=MID_FEBRUARY, fee=30)

    assert split(waived, "waived") == {"fee": "30.00"}
    assert posted(waived) == ["2024-03-01 4030 1100 30.00"]
    assert book.position(loan)["status"] == "repaid"

    late_fee = book.charges(loan, 40, on=date(2024, 6, 1))["standing"]
    assert (late_fee["status"], late_fee["outstanding_fees"], late_fee["days_late"]) == ("open", "40.00", 0)
    assert late_fee["oldest_unpaid_due_on"] is None


def test_a_waiver_found_late_gives_the_money_to_other_dues(book: Book) -> None:
    """The loan of the first example: 1,200 of 1 March paid a penalty of 20 and 130 of charge.

    Then the committee's resolution of 20 February turns up: the penalty is forgiven.

    | the 1,200 of 1 March | penalty | fee | charge | principal |
    |----------------------|---------|-----|--------|-----------|
    | before               |      20 |  50 |    130 |     1,000 |
    | after                |       0 |  50 |    150 |     1,000 |

    Nothing is posted on 20 February: the penalty was no income yet. On 1 March 20 move from penalty income to charge.
    Who handed out the loan may not forgive; and nothing can be forgiven twice.
    """
    loan = book.lends(12_000, on=JANUARY, product="CHARGED")
    book.charges(loan, 50, on=FEBRUARY)
    book.charges(loan, 20, on=MID_FEBRUARY, penalty=True)
    book.repays(loan, 1_200, on=MARCH)
    resolved_on = date(2024, 2, 20)
    with pytest.raises(MakerIsCheckerError):
        book.waives(loan, on=resolved_on, penalty=20, how=How(actor="accountant"))

    waived = book.waives(loan, on=resolved_on, penalty=20)

    assert split(waived, "waived") == {"penalty": "20.00"}
    assert posted(waived) == ["2024-03-01 4040 4010 20.00"]
    with pytest.raises(NothingOutstandingError):
        book.waives(loan, on=date(2024, 2, 21), penalty=20)


def test_a_waiver_forgives_the_oldest_charge_up_to_its_amount(book: Book) -> None:
    """Half of the year's charge of 1,200 is forgiven on the day of disbursement: that of the first six instalments.

    | due on      | charge owed | principal owed |
    |-------------|-------------|----------------|
    | 1 Feb - Jul |           0 |          1,000 |
    | 1 Aug - Jan |         100 |          1,000 |

    12,000 + 600 settle the loan.
    """
    loan = book.lends(12_000, on=JANUARY, product="CHARGED")
    assert split(book.waives(loan, on=JANUARY, charge=600), "waived") == {"charge": "600.00"}
    assert split(book.repays(loan, 1_000, on=FEBRUARY)) == {"principal": "1000.00"}
    last = book.repays(loan, 11_600, on=MARCH)
    assert split(last) == {"charge": "600.00", "principal": "11000.00"}
    assert last["standing"]["status"] == "repaid"


def test_a_charge_taken_up_front_is_income_at_once(book: Book) -> None:
    """12,000 at 5 %, taken from the money: she is handed 11,400 and repays 12,000 in instalments of 1,000.

    |                 | debit  | credit |
    |-----------------|--------|--------|
    | loans 1100      | 12,000 |        |
    | bank 1020       |        | 11,400 |
    | charge 4010     |        |    600 |
    """
    loan = book.applies(12_000, on=JANUARY, product="UP-FRONT")
    book.resolves(loan, on=JANUARY)
    disbursed = book.disburses(loan, on=JANUARY)
    assert posted(disbursed) == ["2024-01-01 1100 1020 11400.00", "2024-01-01 1100 4010 600.00"]
    assert book.schedule(loan)[0] == (FEBRUARY, "1000.00", "0.00")
    assert (book.position(loan)["outstanding_minor"], book.position(loan)["charge_paid_minor"]) == (12_000_00, 600_00)
