"""A loan paid off before its time, worked on paper: what it takes, what is forgiven. Amounts in rupees."""

from collections.abc import Mapping
from datetime import date

import pytest

from cif_engine.errors import SettlementShortError
from cif_engine.ledger.accounts import Role
from cif_engine.loans.terms import EqualInstalments, FlatAmount, LoanTerms, Rebate
from cif_engine.money import parse_amount
from cif_engine.operations.loan_reports import settlement_quote_report
from cif_engine.persistence.engines import Databases
from tests.books import Book, a_funded_book
from tests.examples.worked import posted, split


def _product(rebate: Rebate) -> str:
    return rebate.name.replace("_", "-")


PRODUCTS: Mapping[str, LoanTerms] = {
    _product(rebate): LoanTerms(
        repayment=EqualInstalments(count=12), charge=FlatAmount.of_minor(parse_amount("600")), rebate=rebate
    )
    for rebate in Rebate
}
JANUARY, SETTLED = date(2024, 1, 1), date(2024, 4, 11)
PAID_ON_TIME = (date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1))


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY, products=PRODUCTS)


def _a_loan_with_three_instalments_paid(book: Book, product: str) -> tuple[str, list[str]]:
    """12,000 for a flat 600: 1,000 + 50 on the first of each month. Return the loan, and the events of its payments."""
    loan = book.lends(12_000, on=JANUARY, product=product)
    return loan, [book.repays(loan, 1_050, on=on)["event"]["id"] for on in PAID_ON_TIME]


@pytest.mark.parametrize(
    ("policy", "rebate", "total"),
    [
        pytest.param(Rebate.NONE, "0.00", "9450.00", id="no rebate"),
        pytest.param(Rebate.NOT_YET_DUE, "450.00", "9000.00", id="all that is not due yet"),
        pytest.param(Rebate.PRO_RATA, "433.00", "9017.00", id="by days"),
    ],
)
def test_what_settles_a_loan_after_three_months_and_ten_days(
    book: Book, policy: Rebate, rebate: str, total: str
) -> None:
    """Three instalments are paid; on 11 April 9,000 of principal and 450 of charge are left.

    | policy                  | charge forgiven                                | to be paid |
    |-------------------------|------------------------------------------------|------------|
    | none                    | 0                                              |      9,450 |
    | all that is not due yet | 9 x 50 = 450                                   |      9,000 |
    | by days                 | 450 less what April earned: 10 of 30 days x 50 |            |
    |                         | = 16.67, in whole rupees 17: 433               |      9,017 |

    A rupee less does not settle it. The amount does: the loan is repaid, and the rest of the charge is not owed.
    """
    loan, _ = _a_loan_with_three_instalments_paid(book, _product(policy))
    quote = settlement_quote_report(book.databases, book.lso_id, loan, SETTLED)
    assert (quote["principal"], quote["charge"], quote["rebate"], quote["total"]) == (
        "9000.00",
        "450.00",
        rebate,
        total,
    )
    with pytest.raises(SettlementShortError) as refusal:
        book.repays(loan, parse_amount(total) // 100 - 1, on=SETTLED, settles=True)
    assert refusal.value.facts["needed"] == total

    settled = book.repays(loan, total, on=SETTLED, settles=True)

    assert settled["standing"]["status"] == "repaid"
    assert settled["standing"]["outstanding_charge"] == "0.00"
    assert (settled["waived"] or {"charge": "0.00"})["charge"] == rebate
    assert book.balance(Role.LOANS_OUTSTANDING) == "0.00"
    assert int(parse_amount(book.balance(Role.SERVICE_CHARGE_INCOME))) == 600_00 - parse_amount(rebate)


def test_a_settlement_is_booked_as_any_payment(book: Book) -> None:
    """9,017 by days.

    |                    | debit | credit |
    |--------------------|-------|--------|
    | cash in hand 1010  | 9,017 |        |
    | loans 1100         |       |  9,000 |
    | charge 4010        |       |     17 |

    The 433 that are forgiven were no income yet, so nothing is posted for them.
    """
    loan, _ = _a_loan_with_three_instalments_paid(book, "PRO-RATA")
    settled = book.repays(loan, 9_017, on=SETTLED, settles=True)
    assert posted(settled) == ["2024-04-11 1010 1100 9000.00", "2024-04-11 1010 4010 17.00"]


def test_a_receipt_found_after_the_settlement_leaves_credit(book: Book) -> None:
    """She settled with 9,017 on 11 April. Then her receipt of 5 April over 1,050 is found: April's instalment, paid.

    |                            | owed on 11 April              | of the 9,017                                |
    |----------------------------|-------------------------------|---------------------------------------------|
    | before the receipt         | 9,000 + 450, less 433 = 9,017 | principal 9,000, charge 17                  |
    | with it                    | 8,000 + 400, less 400 = 8,000 | principal 8,000, credit 1,017               |

    April's charge of 50 is paid in full with its instalment, so none of what was earned by 11 April is left to pay.
    """
    loan, _ = _a_loan_with_three_instalments_paid(book, "PRO-RATA")
    book.repays(loan, 9_017, on=SETTLED, settles=True)

    late = book.repays(loan, 1_050, on=date(2024, 4, 5))

    assert split(late) == {"charge": "50.00", "principal": "1000.00"}
    assert posted(late)[:2] == ["2024-04-05 1010 1100 1000.00", "2024-04-05 1010 4010 50.00"]
    assert (late["standing"]["status"], late["standing"]["credit_balance"]) == ("repaid", "1017.00")
    assert book.balance(Role.SERVICE_CHARGE_INCOME) == "200.00"
    assert book.balance(Role.SERVICE_CHARGE_INCOME, on=date(2024, 4, 5)) == "200.00"


def test_a_settlement_that_no_longer_covers_what_was_owed_is_an_ordinary_payment(book: Book) -> None:
    """She settled with 9,017. Then it turns out that the payment of 1 April was another woman's, and it is reversed.

    On 11 April 10,000 of principal and 500 of charge were owed; less 433 that is 10,067, and 9,017 do not cover it.
    So nothing is forgiven, and the 9,017 settle the oldest instalments: eight of 1,050 (8,400), and 617 of the ninth.

    | the 9,017 | charge           | principal             | still owed                     |
    |-----------|------------------|-----------------------|--------------------------------|
    |           | 8 x 50 + 50 = 450| 8 x 1,000 + 567       | principal 1,433, charge 50     |

    What was paid in advance keeps the loan on time until the ninth instalment, of 1 December.
    """
    loan, payments = _a_loan_with_three_instalments_paid(book, "PRO-RATA")
    book.repays(loan, 9_017, on=SETTLED, settles=True)

    standing = book.reverses(payments[-1])["standing"]

    assert standing["status"] == "open"
    assert (standing["outstanding_principal"], standing["outstanding_charge"]) == ("1433.00", "50.00")
    assert standing["oldest_unpaid_due_on"] == "2024-12-01"
    assert book.balance(Role.SERVICE_CHARGE_INCOME) == "550.00"
