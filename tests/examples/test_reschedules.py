"""The rest of a loan agreed anew, worked on paper: new plans, pauses, late receipts after them. In rupees."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from cif_engine.errors import MakerIsCheckerError, NothingOutstandingError
from cif_engine.loans.terms import Accrual, DecliningBalance, EqualInstalments, FlatPercent, LoanTerms
from cif_engine.operations.loan_reports import loan_schedule_report
from cif_engine.operations.restructuring import Pause
from cif_engine.persistence.engines import Databases
from tests.books import Book, How, a_funded_book

MONTHLY = EqualInstalments(count=12)
PRODUCTS: Mapping[str, LoanTerms] = {
    "FREE": LoanTerms(repayment=MONTHLY),
    "CHARGED": LoanTerms(repayment=MONTHLY, charge=FlatPercent(percent=Decimal(10))),
    "BY-DAY": LoanTerms(repayment=MONTHLY, charge=DecliningBalance(annual_percent=Decimal(24), accrual=Accrual.BY_DAY)),
}
JANUARY, RESCHEDULED = date(2024, 1, 1), date(2024, 4, 15)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 50_000, on=JANUARY, products=PRODUCTS)


def _paid(book: Book, product: str, amount: int, months: int) -> str:
    """Lend 12,000 on 1 January 2024, and pay so many instalments on the first of the months after it."""
    loan = book.lends(12_000, on=JANUARY, product=product)
    for month in range(2, 2 + months):
        book.repays(loan, amount, on=date(2024, month, 1))
    return loan


def test_the_rest_with_its_charge_is_spread_over_a_new_plan(book: Book) -> None:
    """12,000 at 10 % flat: 1,000 + 100 a month. Three are paid. On 15 April the rest goes over eighteen months.

    | schedule 2 | due on             | principal | charge |                            |
    |------------|--------------------|-----------|--------|----------------------------|
    | 1 - 3      | 1 Feb, 1 Mar, 1 Apr|     1,000 |    100 | what was paid, as it was   |
    | 4 - 21     | 15 May 2024, ...   |       500 |     50 | 9,000 / 18 and 900 / 18    |
    |            | ... 15 Oct 2025    |           |        |                            |

    A reschedule adds no charge and forgives none: 3 x 100 + 18 x 50 = 1,200. The first schedule is kept, and the loan
    counts as renegotiated. Who handed it out may not reschedule it.
    """
    loan = _paid(book, "CHARGED", 1_100, 3)
    first = book.schedule(loan)
    plan = EqualInstalments(count=18)
    with pytest.raises(MakerIsCheckerError):
        book.reschedules(loan, on=RESCHEDULED, plan=plan, how=How(actor="accountant"))

    answer = book.reschedules(loan, on=RESCHEDULED, plan=plan)

    assert answer["postings"] == []
    assert answer["standing"]["renegotiated"] is True
    assert answer["standing"]["oldest_unpaid_due_on"] == "2024-05-15"
    second = book.schedule(loan)
    assert second[:3] == first[:3]
    assert [row[1:] for row in second[3:]] == [("500.00", "50.00")] * 18
    assert (second[3][0], second[-1][0]) == (date(2024, 5, 15), date(2025, 10, 15))
    shown = loan_schedule_report(book.databases, book.lso_id, loan, RESCHEDULED)
    assert [len(schedule) for schedule in shown["earlier_schedules"]] == [12]


def test_a_charge_by_day_is_earned_until_the_reschedule_and_then_anew(book: Book) -> None:
    """12,000 at 24 % a year by days: 890 + 245 due on 1 February, 923 + 212 on 1 March. 1,200 are paid on 1 February.

    | of the 1,200   | charge | principal |
    |----------------|--------|-----------|
    | due 1 Feb      |    245 |       890 |
    | due 1 Mar      |     65 |         0 |

    On 11 February the rest of 11,110 is agreed anew over six months. Of the 212 for February's 29 days, 10 days are
    earned, 73; 65 of them are paid, so 8 are left. They fall due with the first new instalment, beside its own charge:
    11,110 x 24 % x 29 / 365 = 211.85, in whole rupees 212.

    | schedule 2 | due on | principal | charge      |
    |------------|--------|-----------|-------------|
    | 1          | 1 Feb  |       890 | 245         |
    | 2          | 11 Feb |         0 | 65, as paid |
    | 3          | 11 Mar |     1,770 | 212 + 8     |
    """
    loan = book.lends(12_000, on=JANUARY, product="BY-DAY")
    february = date(2024, 2, 1)
    assert book.schedule(loan)[:2] == [(february, "890.00", "245.00"), (date(2024, 3, 1), "923.00", "212.00")]
    book.repays(loan, 1_200, on=february)

    book.reschedules(loan, on=date(2024, 2, 11), plan=EqualInstalments(count=6))

    schedule = book.schedule(loan)
    assert schedule[:3] == [
        (february, "890.00", "245.00"),
        (date(2024, 2, 11), "0.00", "65.00"),
        (date(2024, 3, 11), "1770.00", "220.00"),
    ]
    assert len(schedule) == 2 + 6


def test_a_charge_paid_in_advance_counts_for_the_days_after_the_reschedule(book: Book) -> None:
    """The same loan: 300 are paid on 20 January and 1,200 on 1 February, more than had fallen due.

    | paid   | of the instalment of | charge | principal |
    |--------|----------------------|--------|-----------|
    | 20 Jan | 1 Feb                |    245 |        55 |
    | 1 Feb  | 1 Feb                |        |       835 |
    |        | 1 Mar                |    212 |       153 |

    On 11 February the rest of 10,957 is agreed anew over six months. Of the 212, 10 of 29 days are earned, 73; the
    other 139 were paid for 11 February to 1 March. From 11 February to 11 March the new plan charges
    10,957 x 24 % x 29 / 365 = 208.93, in whole rupees 209. Days that are paid are not charged again.

    | schedule 2 | due on | principal | charge         |
    |------------|--------|-----------|----------------|
    | 1          | 1 Feb  |       890 | 245            |
    | 2          | 11 Feb |       153 | 212, as paid   |
    | 3          | 11 Mar |     1,746 | 209 - 139 = 70 |
    """
    loan = book.lends(12_000, on=JANUARY, product="BY-DAY")
    book.repays(loan, 300, on=date(2024, 1, 20))
    book.repays(loan, 1_200, on=date(2024, 2, 1))
    assert book.position(loan)["outstanding_minor"] == 10_957_00

    book.reschedules(loan, on=date(2024, 2, 11), plan=EqualInstalments(count=6))

    schedule = book.schedule(loan)
    assert schedule[:3] == [
        (date(2024, 2, 1), "890.00", "245.00"),
        (date(2024, 2, 11), "153.00", "212.00"),
        (date(2024, 3, 11), "1746.00", "70.00"),
    ]
    assert len(schedule) == 2 + 6


def test_an_instalment_paid_in_part_is_split_where_the_money_ended(book: Book) -> None:
    """3,500 are paid: three instalments, and 200 of the one of 1 May: its charge of 100, and 100 of principal.

    | schedule 2 | due on        | principal | charge |                                            |
    |------------|---------------|-----------|--------|--------------------------------------------|
    | 1 - 3      | 1 Feb - 1 Apr |     1,000 |    100 |                                            |
    | 4          | 15 Apr        |       100 |    100 | paid of it; due no later than the new plan |
    | 5 - 14     | 15 May, ...   |       890 |     80 | 8,900 / 10 and 800 / 10                    |
    """
    loan = _paid(book, "CHARGED", 1_100, 3)
    book.repays(loan, 200, on=date(2024, 4, 10))
    book.reschedules(loan, on=RESCHEDULED, plan=EqualInstalments(count=10))
    second = book.schedule(loan)
    assert second[3] == (RESCHEDULED, "100.00", "100.00")
    assert [row[1:] for row in second[4:]] == [("890.00", "80.00")] * 10


def test_a_receipt_found_after_a_reschedule_makes_the_new_instalments_smaller(book: Book) -> None:
    """Interest-free, three of twelve paid; the rest of 9,000 goes over eighteen months. Then 900 of 10 April are found.

    | known                | unpaid on 15 April | eighteen instalments of |
    |----------------------|--------------------|-------------------------|
    | when it was resolved |              9,000 |                     500 |
    | with the receipt     |              8,100 |                     450 |

    The resolution says how the rest is repaid, not how much it is; that follows from the receipts.
    """
    loan = _paid(book, "FREE", 1_000, 3)
    book.reschedules(loan, on=RESCHEDULED, plan=EqualInstalments(count=18))
    assert [principal for _, principal, _ in book.schedule(loan)[3:]] == ["500.00"] * 18

    book.repays(loan, 900, on=date(2024, 4, 10))

    schedule = book.schedule(loan)
    assert schedule[3] == (date(2024, 4, 15), "900.00", "0.00")
    assert [principal for _, principal, _ in schedule[4:]] == ["450.00"] * 18


@pytest.mark.parametrize(
    ("arrears", "july", "others", "days_late"),
    [
        pytest.param("kept", date(2024, 7, 1), date(2024, 11, 1), 45, id="what is late stays late"),
        pytest.param("moved", date(2024, 10, 15), date(2024, 11, 1), 0, id="what is late falls due after the pause"),
    ],
)
def test_after_a_flood_nothing_falls_due_for_three_months(
    book: Book, arrears: str, july: date, others: date, days_late: int
) -> None:
    """Interest-free, paid until June. The flood comes, July's 1,000 are not paid; on 15 July it is paused for 3 months.

    | was due on  | arrears kept | arrears moved |
    |-------------|--------------|---------------|
    | 1 Jul       | 1 Jul        | 15 Oct        |
    | 1 Aug       | 1 Nov        | 1 Nov         |
    | ...         | ...          | ...           |
    | 1 Jan 2025  | 1 Apr 2025   | 1 Apr 2025    |

    On 15 August the loan is 45 days late where arrears were kept, and not late where they were moved.
    """
    loan = _paid(book, "FREE", 1_000, 5)
    pause = Pause(3, "kept") if arrears == "kept" else Pause(3, "moved")

    book.reschedules(loan, on=date(2024, 7, 15), pause=pause)

    due_on = [on for on, _, _ in book.schedule(loan)]
    assert due_on[:5] == [date(2024, month, 1) for month in range(2, 7)]
    assert (due_on[5], due_on[6], due_on[-1]) == (july, others, date(2025, 4, 1))
    standing = loan_schedule_report(book.databases, book.lso_id, loan, date(2024, 8, 15))["standing"]
    assert (standing["days_late"], standing["renegotiated"]) == (days_late, True)


def test_a_reschedule_that_is_reversed_brings_the_first_schedule_back(book: Book) -> None:
    """The rest of 9,000 goes over eighteen months on 15 April; the resolution was another loan's, and is reversed.

    | on 31 May         | the oldest unpaid is due on | renegotiated |
    |-------------------|-----------------------------|--------------|
    | rescheduled       | 15 May                      | yes          |
    | reversed          | 1 May                       | no           |
    """
    loan = _paid(book, "FREE", 1_000, 3)
    first = book.schedule(loan)
    rescheduled = book.reschedules(loan, on=RESCHEDULED, plan=EqualInstalments(count=18))
    standing = book.reverses(rescheduled["event"]["id"])["standing"]
    assert (standing["oldest_unpaid_due_on"], standing["renegotiated"]) == ("2024-05-01", False)
    assert book.schedule(loan) == first


def test_a_loan_that_owes_nothing_is_not_rescheduled(book: Book) -> None:
    """There is no rest that could be repaid otherwise."""
    loan = book.lends(12_000, on=JANUARY, product="FREE")
    book.repays(loan, 12_000, on=date(2024, 4, 1))
    with pytest.raises(NothingOutstandingError):
        book.reschedules(loan, on=RESCHEDULED, plan=EqualInstalments(count=18))
