"""The fund's own money, worked on paper: the sub-grant, what comes beside it, and what goes out. Amounts in rupees."""

from datetime import date

import pytest

from cif_engine.errors import NotEnoughCashError, OverAgreementError, OverCapitalError
from cif_engine.ledger.accounts import Role
from cif_engine.persistence.engines import Databases
from tests.books import MEMBERS, Book, a_book, a_funded_book, minor


def test_the_first_tranche_and_the_first_loans(shared_databases: Databases) -> None:
    """LSO Dasori signs for 4,000,000. NRSP releases half of it; two members borrow 15,000 and 20,000.

    | day         | what happens                 |      bank |  loans | capital   |
    |-------------|------------------------------|-----------|--------|-----------|
    | 1 Feb 2017  | agreement over 4,000,000     |         0 |      0 |         0 |
    | 15 Feb      | 2,000,000 released           |         0 |      0 |         0 |
    | 20 Feb      | 2,000,000 received           | 2,000,000 |      0 | 2,000,000 |
    | 1 Mar       | 15,000 to Zainab             | 1,985,000 | 15,000 | 2,000,000 |
    | 2 Mar       | 20,000 to Amna               | 1,965,000 | 35,000 | 2,000,000 |

    A promise is not capital: until the money arrives nothing is posted. Nor can more be released than was signed for.
    """
    book = a_book(shared_databases)
    book.signs(4_000_000, on=date(2017, 2, 1))
    book.is_released(2_000_000, on=date(2017, 2, 15))
    assert book.rows("posting") == []
    with pytest.raises(OverAgreementError):
        book.is_released(2_000_001, on=date(2017, 2, 16), number=2)

    book.receives(1, on=date(2017, 2, 20))
    book.lends(15_000, on=date(2017, 3, 1), member="Zainab")
    book.lends(20_000, on=date(2017, 3, 2), member="Amna")

    table = {
        date(2017, 2, 19): ("0.00", "0.00", "0.00"),
        date(2017, 2, 20): ("2000000.00", "0.00", "2000000.00"),
        date(2017, 3, 1): ("1985000.00", "15000.00", "2000000.00"),
        date(2017, 3, 2): ("1965000.00", "35000.00", "2000000.00"),
    }
    for on, expected in table.items():
        roles = (Role.BANK, Role.LOANS_OUTSTANDING, Role.TRANCHE_CAPITAL)
        assert tuple(book.balance(role, on=on) for role in roles) == expected


def test_expenses_and_bank_profit_in_the_cash_of_the_fund(shared_databases: Databases) -> None:
    """Bank profit is income of its own account, because auditors ask for it; expenses are not netted against it.

    | day    | what happens                    |    cash |    bank | profit | expense |
    |--------|---------------------------------|---------|---------|--------|---------|
    | 1 Jan  | tranche of 50,000               |       0 |  50,000 |      0 |       0 |
    | 10 Jan | 5,000 drawn for the office      |   5,000 |  45,000 |      0 |       0 |
    | 31 Jan | 1,750 of rent paid in cash      |   3,250 |  45,000 |      0 |   1,750 |
    | 30 Jun | the bank credits 812.50         |   3,250 |  45,812.50 | 812.50 | 1,750 |

    What came in (50,000 + 812.50) less what went out (1,750) is what is held: 3,250 + 45,812.50.
    """
    book = a_funded_book(shared_databases, 50_000, on=date(2024, 1, 1))
    book.moves(5_000, on=date(2024, 1, 10), paid_from="bank", held_in="cash")
    book.spends(1_750, on=date(2024, 1, 31), paid_from="cash", purpose="rent of January")
    book.earns_profit("812.50", on=date(2024, 6, 30))

    roles = (Role.CASH_IN_HAND, Role.BANK, Role.BANK_PROFIT, Role.OPERATING_EXPENSE)
    assert [book.balance(role) for role in roles] == ["3250.00", "45812.50", "812.50", "1750.00"]


def test_capital_goes_back_to_the_rsp(shared_databases: Databases) -> None:
    """The programme ends, and the LSO returns the second of its two tranches, in two parts.

    | day    | what happens                          |   bank | tranche 1 | tranche 2 |
    |--------|---------------------------------------|--------|-----------|-----------|
    | 1 Jan  | tranche 1 received                    | 30,000 |    30,000 |         0 |
    | 1 Mar  | tranche 2 received                    | 50,000 |    30,000 |    20,000 |
    | 1 May  | 12,000 of tranche 2 returned          | 38,000 |    30,000 |     8,000 |
    | 2 May  | 8,001 of tranche 2: only 8,000 left   | 38,000 |    30,000 |     8,000 |
    | 1 Apr  | 8,001 of tranche 2, dated back: same  | 38,000 |    30,000 |     8,000 |
    | 3 May  | 8,000 of tranche 2 returned           | 30,000 |    30,000 |         0 |
    """
    book = a_funded_book(shared_databases, 30_000, on=date(2024, 1, 1))
    book.gets_tranche(20_000, on=date(2024, 3, 1))
    book.returns(12_000, on=date(2024, 5, 1), tranche=2)
    for day in (date(2024, 5, 2), date(2024, 4, 1)):
        with pytest.raises(OverCapitalError) as refusal:
            book.returns(8_001, on=day, tranche=2)
        assert refusal.value.facts["left"] == "8000.00"
    book.returns(8_000, on=date(2024, 5, 3), tranche=2)
    assert book.balances() == {"CIF.1020": 30_000_00, "CIF.3010.1": -30_000_00}


def test_the_fund_identity_at_three_dates(shared_databases: Databases) -> None:
    """Capital + income - expense = money + loans - what is owed to borrowers, on every date (law 5).

    | on          | capital | income | expense |  = | money   | loans  | owed to borrowers |
    |-------------|---------|--------|---------|----|---------|--------|-------------------|
    | 31 Mar 2024 | 100,000 |      0 |       0 |    |  76,000 | 24,000 |                 0 |
    | 30 Jun 2024 | 103,000 |    900 |   1,500 |    |  91,400 | 11,000 |                 0 |
    | 31 Dec 2024 | 103,000 |    900 |   1,500 |    | 102,600 |      0 |               200 |

    Zainab and Amna borrow 12,000 each in February. In May Zainab repays all, Amna 1,000 to Hajra, who carries it
    (money in transit is money of the fund). In December Amna hands 11,200 to the office: 200 more than she owed.
    """
    book = a_funded_book(shared_databases, 100_000, on=date(2024, 1, 15))
    hers = book.lends(12_000, on=date(2024, 2, 1), member="Zainab")
    amnas = book.lends(12_000, on=date(2024, 2, 1), member="Amna")
    book.is_given(3_000, on=date(2024, 4, 1))
    book.repays(hers, 12_000, on=date(2024, 5, 2))
    book.repays(amnas, 1_000, on=date(2024, 5, 2), custodian=1)
    book.earns_profit(900, on=date(2024, 6, 30))
    book.spends(1_500, on=date(2024, 6, 30))
    book.repays(amnas, 11_200, on=date(2024, 12, 1))

    assert _identity(book, date(2024, 3, 31)) == (100_000, 0, 0, 76_000, 24_000, 0)
    assert _identity(book, date(2024, 6, 30)) == (103_000, 900, 1_500, 91_400, 11_000, 0)
    assert _identity(book, date(2024, 12, 31)) == (103_000, 900, 1_500, 102_600, 0, 200)


def _identity(book: Book, on: date) -> tuple[int, ...]:
    """Return the two sides of the identity, after checking that they are equal; in whole rupees."""

    def sums(*roles: Role) -> int:
        return sum(minor(book.balance(role, on=on)) // 100 for role in roles)

    capital, income = sums(Role.TRANCHE_CAPITAL, Role.CONTRIBUTIONS), sums(Role.BANK_PROFIT, Role.SERVICE_CHARGE_INCOME)
    expense, loans = sums(Role.OPERATING_EXPENSE), sums(Role.LOANS_OUTSTANDING)
    money, owed = sums(Role.CASH_IN_HAND, Role.BANK, Role.IN_TRANSIT), sums(Role.BORROWER_CREDIT)
    assert capital + income - expense == money + loans - owed
    return (capital, income, expense, money, loans, owed)


def test_a_disbursement_dated_back_is_refused_because_of_a_later_payment_out(shared_databases: Databases) -> None:
    """In June the office finds the paper of a loan of 20,000, paid out, it says, on 10 April.

    | day    | what happens             |   bank | with the loan dated back |
    |--------|--------------------------|--------|--------------------------|
    | 1 Jan  | tranche of 30,000        | 30,000 |                   30,000 |
    | 10 Apr | the loan of 20,000?      | 30,000 |                   10,000 |
    | 2 May  | 15,000 back to the RSP   | 15,000 |       **5,000 too little** |
    | 1 Jun  | a gift of 40,000         | 55,000 |                   35,000 |

    Today there is money enough, and on 10 April there was; but on 2 May there would not have been. 15,000 would fit.
    """
    book = a_funded_book(shared_databases, 30_000, on=date(2024, 1, 1))
    book.returns(15_000, on=date(2024, 5, 2))
    book.is_given(40_000, on=date(2024, 6, 1))

    loan = book.applies(20_000, on=date(2024, 4, 1), member=MEMBERS[0])
    book.resolves(loan, on=date(2024, 4, 5))
    with pytest.raises(NotEnoughCashError) as refusal:
        book.disburses(loan, on=date(2024, 4, 10))
    assert refusal.value.facts["available"] == "15000.00"
    assert book.position(loan)["status"] == "approved"

    book.disburses(loan, on=date(2024, 6, 1))
    assert book.balance(Role.BANK) == "35000.00"
