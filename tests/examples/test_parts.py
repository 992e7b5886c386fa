"""A loan that is handed out in parts, worked on paper. Amounts in rupees."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from cif_engine.errors import LoanStepError, OverLimitError
from cif_engine.ledger.accounts import Role
from cif_engine.loans.terms import EqualInstalments, FlatPercent, LoanTerms
from cif_engine.persistence.engines import Databases
from tests.books import Book, a_funded_book
from tests.examples.worked import posted

MONTHLY = EqualInstalments(count=12)
PRODUCTS: Mapping[str, LoanTerms] = {
    "FREE": LoanTerms(repayment=MONTHLY),
    "CHARGED": LoanTerms(repayment=MONTHLY, charge=FlatPercent(percent=Decimal(10))),
}
JANUARY, FEBRUARY, MARCH, SECOND_PART, APRIL = (
    date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1), date(2024, 3, 15), date(2024, 4, 1),
)  # fmt: skip


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY, products=PRODUCTS)


def _with_first_part(book: Book, product: str = "FREE") -> str:
    """Approve 11,600 and hand out 9,600 on 1 January: twelve instalments of 800."""
    loan = book.applies(11_600, on=JANUARY, product=product)
    book.resolves(loan, on=JANUARY)
    book.disburses(loan, on=JANUARY, amount=9_600)
    return loan


def test_a_second_part_is_spread_over_what_falls_due_after_it(book: Book) -> None:
    """11,600 are approved for a shop: 9,600 on 1 January, and 2,000 when the walls stand, on 15 March.

    | number | due on        | after the first part | after the second               |
    |--------|---------------|----------------------|--------------------------------|
    | 1, 2   | 1 Feb, 1 Mar  |                  800 | 800                            |
    | 3 - 12 | 1 Apr - 1 Jan |                  800 | 8,000 + 2,000 = 10 x 1,000     |

    More than the 2,000 is refused, and so is a third part.
    """
    loan = _with_first_part(book)
    assert [principal for _, principal, _ in book.schedule(loan)] == ["800.00"] * 12

    with pytest.raises(OverLimitError):
        book.disburses(loan, on=SECOND_PART, amount=2_001)
    second = book.disburses(loan, on=SECOND_PART)

    assert posted(second) == ["2024-03-15 1100 1020 2000.00"]
    assert book.schedule(loan)[1:3] == [(MARCH, "800.00", "0.00"), (APRIL, "1000.00", "0.00")]
    assert [principal for _, principal, _ in book.schedule(loan)] == ["800.00"] * 2 + ["1000.00"] * 10
    assert book.balance(Role.LOANS_OUTSTANDING) == "11600.00"
    with pytest.raises(LoanStepError):
        book.disburses(loan, on=APRIL, amount=1)


def test_a_second_part_brings_its_own_charge(book: Book) -> None:
    """The same at 10 % flat. The first part is charged 960 (80 a month), the second 200 (20 a month over the ten left).

    | number | principal | charge           |
    |--------|-----------|------------------|
    | 1, 2   |       800 | 80               |
    | 3 - 12 |     1,000 | (800 + 200) / 10 = 100 |
    """
    loan = _with_first_part(book, "CHARGED")
    book.disburses(loan, on=SECOND_PART)
    assert [row[1:] for row in book.schedule(loan)] == [("800.00", "80.00")] * 2 + [("1000.00", "100.00")] * 10


def test_a_part_that_is_learnt_of_late_makes_later_payments_short(book: Book) -> None:
    """800 are paid on the first of February, March and April. Then the voucher of 15 March over 2,000 turns up.

    | on 10 April               | due by then | paid  | the oldest unpaid is due on |
    |---------------------------|-------------|-------|-----------------------------|
    | before the voucher        |       2,400 | 2,400 | 1 May                       |
    | with it                   |       2,600 | 2,400 | 1 Apr                       |

    Nothing is posted but the 2,000 of 15 March: the 800 of April are principal as they were.
    """
    loan = _with_first_part(book)
    for on in (FEBRUARY, MARCH, APRIL):
        book.repays(loan, 800, on=on)
    assert book.position(loan)["oldest_due_on"] == date(2024, 5, 1)

    late = book.disburses(loan, on=SECOND_PART)

    assert posted(late) == ["2024-03-15 1100 1020 2000.00"]
    assert book.position(loan)["oldest_due_on"] == APRIL
    assert book.position(loan)["outstanding_minor"] == 9_200_00


def test_a_part_after_an_overpayment_meets_the_credit(book: Book) -> None:
    """9,600 are lent and 10,000 come back on 1 March: 400 are hers. The second part of 2,000 comes on 15 March.

    |                 | debit | credit | credit balance | owed  |
    |-----------------|-------|--------|----------------|-------|
    | 1 March         |       |        |            400 |     0 |
    | loans 1100      | 2,000 |        |                |       |
    | bank 1020       |       |  2,000 |                |       |
    | credit 2010     |   400 |        |                |       |
    | loans 1100      |       |    400 |              0 | 1,600 |
    """
    loan = _with_first_part(book)
    book.repays(loan, 10_000, on=MARCH)
    second = book.disburses(loan, on=SECOND_PART)
    assert posted(second) == ["2024-03-15 1100 1020 2000.00", "2024-03-15 2010 1100 400.00"]
    assert (second["standing"]["outstanding_principal"], second["standing"]["credit_balance"]) == ("1600.00", "0.00")
