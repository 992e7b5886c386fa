"""What falls due and when, worked on paper: one loan of each plan. Amounts in rupees."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from cif_engine.dates import MonthDay
from cif_engine.errors import AgreedAmountsError
from cif_engine.ledger.accounts import Role
from cif_engine.loans.terms import (
    AgreedPayment,
    AgreedPayments,
    BulletPayment,
    EqualInstalments,
    FlatPercent,
    LoanTerms,
    SeasonalInstalments,
)
from cif_engine.persistence.engines import Databases
from tests.books import Book, a_funded_book, announce_holiday, settled

MONTHLY = EqualInstalments(count=12)
PRODUCTS: Mapping[str, LoanTerms] = {
    "FREE": LoanTerms(repayment=MONTHLY),
    "CHARGED": LoanTerms(repayment=MONTHLY, charge=FlatPercent(percent=Decimal(10))),
}


@pytest.fixture
def book(databases: Databases) -> Book:
    return a_funded_book(databases, 100_000, on=date(2024, 1, 1), products=PRODUCTS)


def test_a_bullet_loan_is_repaid_at_harvest(book: Book) -> None:
    """Marvi borrows 15,000 for seed on 15 November 2024 and repays it when the wheat is sold.

    | day         | what happens         | outstanding | days late |
    |-------------|----------------------|-------------|-----------|
    | 15 Nov 2024 | 15,000 for seed      |      15,000 |         0 |
    | 15 May 2025 | all of it falls due  |      15,000 |         0 |
    | 25 May 2025 | nothing came yet     |      15,000 |        10 |
    | 26 May 2025 | 15,000 repaid        |           0 |         0 |
    """
    loan = book.lends(15_000, on=date(2024, 11, 15), product="FREE", plan=BulletPayment(after_months=6))
    assert book.schedule(loan) == [(date(2025, 5, 15), "15000.00", "0.00")]
    book.today = date(2025, 5, 26)
    answer = book.repays(loan, 15_000, on=date(2025, 5, 26))
    assert answer["standing"]["status"] == "repaid"
    assert answer["standing"]["days_late"] == 0
    before = next(row for row in book.rows("loan_state") if row["oldest_due_on"])
    assert (before["valid_to"], before["oldest_due_on"]) == (date(2025, 5, 26), date(2025, 5, 15))
    assert (date(2025, 5, 25) - before["oldest_due_on"]).days == 10


def test_twelve_instalments_of_11500_leave_a_remainder_to_the_last(book: Book) -> None:
    """11,500 / 12 = 958.33; whole rupees are due, so eleven times 958 (10,538), and 962 at the end.

    | number | due on           | amount |
    |--------|------------------|--------|
    | 1      | 29 Feb 2024      |    958 |
    | 2      | 31 Mar 2024      |    958 |
    | ...    |                  |    958 |
    | 12     | 31 Jan 2025      |    962 |

    Disbursed on the 31st, it falls due on the last day of shorter months.
    """
    loan = book.lends(11_500, on=date(2024, 1, 31), product="FREE")
    schedule = book.schedule(loan)
    assert [principal for _, principal, _ in schedule] == ["958.00"] * 11 + ["962.00"]
    assert [due_on for due_on, _, _ in schedule[:3]] == [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]
    assert schedule[-1][0] == date(2025, 1, 31)


def test_a_loan_with_a_flat_charge_of_ten_per_cent(book: Book) -> None:
    """12,000 at 10 % flat: 1,200 of charge in all, 1,100 due each month. Charge is settled before principal.

    | paid   | on     | charge | principal | charge income | loans outstanding |
    |--------|--------|--------|-----------|---------------|-------------------|
    |        | 1 Jan  |        |           |             0 |            12,000 |
    |  1,100 | 1 Feb  |    100 |     1,000 |           100 |            11,000 |
    |     60 | 1 Mar  |     60 |         0 |           160 |            11,000 |
    |  1,040 | 9 Mar  |     40 |     1,000 |           200 |            10,000 |
    | 11,000 | 1 Jun  |  1,000 |    10,000 |         1,200 |                 0 |

    The charge is income when it is collected, so a loan that is not repaid has earned nothing.
    """
    loan = book.lends(12_000, on=date(2024, 1, 1), product="CHARGED")
    assert book.schedule(loan)[0] == (date(2024, 2, 1), "1000.00", "100.00")
    table = [
        (1_100, date(2024, 2, 1), "100.00", "1000.00", "100.00", "11000.00"),
        (60, date(2024, 3, 1), "60.00", "0.00", "160.00", "11000.00"),
        (1_040, date(2024, 3, 9), "40.00", "1000.00", "200.00", "10000.00"),
        (11_000, date(2024, 6, 1), "1000.00", "10000.00", "1200.00", "0.00"),
    ]
    for amount, on, charge, principal, income, outstanding in table:
        assert book.repays(loan, amount, on=on)["settled"] == settled(charge=charge, principal=principal)
        assert book.balance(Role.SERVICE_CHARGE_INCOME) == income
        assert book.balance(Role.LOANS_OUTSTANDING) == outstanding
    assert book.position(loan)["status"] == "repaid"


def test_a_seasonal_loan_falls_due_at_the_harvests(book: Book) -> None:
    """9,000 from 1 June 2024, repaid after three harvests: wheat is sold by 30 April, cotton by 31 October.

    | number | due on      | amount |
    |--------|-------------|--------|
    | 1      | 31 Oct 2024 |  3,000 |
    | 2      | 30 Apr 2025 |  3,000 |
    | 3      | 31 Oct 2025 |  3,000 |
    """
    harvests = SeasonalInstalments(month_days=(MonthDay(4, 30), MonthDay(10, 31)), count=3)
    loan = book.lends(9_000, on=date(2024, 6, 1), product="FREE", plan=harvests)
    assert book.schedule(loan) == [
        (date(2024, 10, 31), "3000.00", "0.00"),
        (date(2025, 4, 30), "3000.00", "0.00"),
        (date(2025, 10, 31), "3000.00", "0.00"),
    ]


def test_days_and_amounts_may_be_agreed_one_by_one(book: Book) -> None:
    """Amna repays 10,000 when she can: 2,500 after Eid, 4,000 in August, 3,500 at the end of the year.

    | due on      | amount |
    |-------------|--------|
    | 20 Apr 2024 |  2,500 |
    | 1 Aug 2024  |  4,000 |
    | 31 Dec 2024 |  3,500 |
    | in all      | 10,000 |

    For 9,999 this is no plan: what is agreed must sum to what is lent.
    """
    days = {date(2024, 4, 20): 2_500_00, date(2024, 8, 1): 4_000_00, date(2024, 12, 31): 3_500_00}
    plan = AgreedPayments(payments=tuple(AgreedPayment.of_minor(on, amount) for on, amount in days.items()))
    loan = book.lends(10_000, on=date(2024, 1, 20), product="FREE", plan=plan)
    assert [(due_on, principal) for due_on, principal, _ in book.schedule(loan)] == [
        (date(2024, 4, 20), "2500.00"),
        (date(2024, 8, 1), "4000.00"),
        (date(2024, 12, 31), "3500.00"),
    ]
    with pytest.raises(AgreedAmountsError):
        book.applies(9_999, on=date(2024, 1, 20), product="FREE", plan=plan)


def test_a_holiday_moves_a_due_date_to_the_next_working_day(book: Book) -> None:
    """10 and 11 April 2024 are Eid. A loan of 3,000 of 10 March is due on the 10th of three months.

    | planned     | due on      | amount |
    |-------------|-------------|--------|
    | 10 Apr 2024 | 12 Apr 2024 |  1,000 |
    | 10 May 2024 | 10 May 2024 |  1,000 |
    | 10 Jun 2024 | 10 Jun 2024 |  1,000 |

    Paid on the 12th it is on time; the later days are counted from the plan, not from the moved one.
    A holiday announced after the loan was made moves nothing: the borrower has her schedule in hand.
    """
    announce_holiday(book.databases, date(2024, 4, 10))
    announce_holiday(book.databases, date(2024, 4, 11))
    loan = book.lends(3_000, on=date(2024, 3, 10), product="FREE", plan=EqualInstalments(count=3))
    moved = [date(2024, 4, 12), date(2024, 5, 10), date(2024, 6, 10)]
    assert [due_on for due_on, _, _ in book.schedule(loan)] == moved

    announce_holiday(book.databases, date(2024, 5, 10))
    book.today = date(2024, 4, 12)
    assert book.repays(loan, 1_000, on=date(2024, 4, 12))["standing"]["days_late"] == 0
    assert [due_on for due_on, _, _ in book.schedule(loan)] == moved


def test_a_loan_paid_early_is_never_late(book: Book) -> None:
    """1,200 in twelve instalments of 100. Five are paid in February, so the sixth, of 1 July, is the oldest unpaid.

    | on     | paid | oldest unpaid | days late |
    |--------|------|---------------|-----------|
    | 1 Feb  |  500 | 1 Jul         |         0 |
    | 1 Jul  |      | 1 Jul         |         0 |
    | 2 Jul  |   50 | 1 Jul         |         1 |
    | 3 Jul  |   50 | 1 Aug         |         0 |
    """
    loan = book.lends(1_200, on=date(2024, 1, 1), product="FREE")
    table = [
        (500, date(2024, 2, 1), date(2024, 2, 1), "2024-07-01", 0),
        (50, date(2024, 7, 2), date(2024, 7, 2), "2024-07-01", 1),
        (50, date(2024, 7, 3), date(2024, 7, 3), "2024-08-01", 0),
    ]
    for amount, on, today, oldest, late in table:
        book.today = today
        standing = book.repays(loan, amount, on=on)["standing"]
        assert (standing["oldest_unpaid_due_on"], standing["days_late"]) == (oldest, late)
