"""What happens to loans in unusual order: parts, losses, credit, and funds that change their rules."""

from datetime import date
from decimal import Decimal

import pytest

from cif_engine.errors import ChargeNotAllowedError, ConflictError, CreditTooSmallError, ReverseFirstError
from cif_engine.ledger.accounts import Role
from cif_engine.loans.terms import (
    Accrual,
    AgreedPayment,
    AgreedPayments,
    ChargeDue,
    DecliningBalance,
    EqualInstalments,
    FlatAmount,
    FlatPercent,
    LoanTerms,
    Rebate,
)
from cif_engine.network.funds import ChargePolicy, ProductTerms
from cif_engine.operations.network_funds import change_fund, record_product_terms
from cif_engine.operations.restructuring import Pause
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from tests.books import FUND, MANAGER, PRODUCTS, TODAY, Book, How, a_funded_book
from tests.network.founding import saying

JANUARY, FEBRUARY, MARCH = (date(2024, month, 1) for month in (1, 2, 3))
MONTHLY = EqualInstalments(count=12)
CHARGED = {
    "DECLINING": LoanTerms(repayment=MONTHLY, charge=DecliningBalance(annual_percent=Decimal(24))),
    "BY-DAY": LoanTerms(repayment=MONTHLY, charge=DecliningBalance(annual_percent=Decimal(24), accrual=Accrual.BY_DAY)),
    "UP-FRONT": LoanTerms(
        repayment=MONTHLY, charge=FlatAmount.model_validate({"amount": "600.00", "due": ChargeDue.UP_FRONT})
    ),
    "PERCENT": LoanTerms(repayment=MONTHLY, charge=FlatPercent(percent=Decimal(10)), rebate=Rebate.NOT_YET_DUE),
    "AGREED": LoanTerms(
        repayment=AgreedPayments(
            payments=(
                AgreedPayment.of_minor(date(2024, 6, 1), 4_000_00),
                AgreedPayment.of_minor(date(2024, 12, 1), 8_000_00),
            )
        )
    ),
}


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases, 200_000, on=JANUARY, products={**PRODUCTS, **CHARGED})


def handed_out(book: Book, approved: int, first: int, product: str) -> str:
    """Lend the first part of what was approved, on 1 January."""
    loan = book.applies(approved, on=JANUARY, product=product)
    book.resolves(loan, on=JANUARY)
    book.disburses(loan, on=JANUARY, amount=first)
    return loan


def owes_of_charge(book: Book, loan: str) -> int:
    owed: int = book.position(loan)["charge_outstanding_minor"]
    return owed


# Parts ---------------------------------------------------------------------------------------------------------


def test_a_part_keeps_the_charge_that_a_reschedule_carried_over(book: Book) -> None:
    loan = handed_out(book, 24_000, 12_000, "DECLINING")
    book.reschedules(loan, on=date(2024, 7, 1), plan=EqualInstalments(count=6))
    before = owes_of_charge(book, loan)
    book.disburses(loan, on=date(2024, 7, 2), amount=100)
    assert before <= owes_of_charge(book, loan) <= before + 8_00


def test_a_part_after_a_pause_charges_for_the_part_alone(book: Book) -> None:
    loan = handed_out(book, 24_000, 12_000, "BY-DAY")
    book.reschedules(loan, on=date(2024, 1, 15), pause=Pause(12))
    before = owes_of_charge(book, loan)
    book.disburses(loan, on=date(2024, 1, 16), amount=1)
    assert before <= owes_of_charge(book, loan) <= before + 1_00


def test_an_amount_up_front_is_shared_by_the_parts(book: Book) -> None:
    """600 for 12,000: 300 of the half, 150 of each quarter; 11,400 leave the bank."""
    loan = handed_out(book, 12_000, 6_000, "UP-FRONT")
    for on in (FEBRUARY, MARCH):
        book.disburses(loan, on=on, amount=3_000)
    assert book.position(loan)["charge_paid_minor"] == 600_00
    assert book.balance(Role.BANK) == "188600.00"


def test_a_loan_of_agreed_payments_is_handed_out_in_parts(book: Book) -> None:
    """The first 5,000 are the payment of June and 1,000 of December's; the rest is repaid with the last."""
    loan = handed_out(book, 12_000, 5_000, "AGREED")
    assert [row[1] for row in book.schedule(loan)] == ["4000.00", "1000.00"]
    book.disburses(loan, on=FEBRUARY)
    assert [row[1] for row in book.schedule(loan)] == ["4000.00", "8000.00"]


# Charge that was earned ----------------------------------------------------------------------------------------


def test_a_reschedule_makes_no_earned_charge_forgivable(book: Book) -> None:
    """12,000 at 10 %, nothing paid: on 2 December 100 are not due yet. After a reschedule the day before, no more."""
    loan = book.lends(12_000, on=JANUARY, product="PERCENT")
    book.reschedules(loan, on=date(2024, 12, 1), plan=EqualInstalments(count=6))
    settled = book.repays(loan, 13_100, on=date(2024, 12, 2), settles=True)
    assert (settled["waived"]["charge"], settled["standing"]["status"]) == ("100.00", "repaid")


# Losses and credit ---------------------------------------------------------------------------------------------


def test_a_late_top_up_between_two_loans_written_off_leaves_the_allowance_right(book: Book) -> None:
    """6,000 were set aside; 5,000 of loans were lost in all, so nothing of it is an expense."""
    book.changes_allowance(6_000, on=JANUARY)
    old = book.lends(2_000, on=JANUARY, product="HARVEST")
    new = handed_out(book, 5_000, 3_000, "HARVEST")
    for loan in (old, new):
        book.writes_off(loan, on=date(2024, 6, 1))
    book.disburses(new, on=MARCH, amount=2_000, settles=old)
    assert (book.balance(Role.LOAN_LOSS_ALLOWANCE), book.balance(Role.WRITE_OFF_EXPENSE)) == ("-1000.00", "0.00")
    assert verify(book.databases, book.lso_id) == []


def test_late_paper_of_a_refund_is_taken_where_the_whole_life_bears_it(book: Book) -> None:
    """Of 100 of credit a fee of March drew 30. The 100 were given back in February already: the fee is owed."""
    loan = book.lends(2_000, on=JANUARY)
    book.repays(loan, 2_100, on=FEBRUARY)
    book.charges(loan, 30, on=MARCH)
    late = book.refunds(loan, 100, on=date(2024, 2, 2))
    assert (late["standing"]["outstanding_fees"], late["standing"]["credit_balance"]) == ("30.00", "0.00")
    with pytest.raises(CreditTooSmallError) as refusal:
        book.refunds(loan, 1, on=date(2024, 2, 3))
    assert refusal.value.facts["available"] == "0.00"


# Corrections ---------------------------------------------------------------------------------------------------


def test_a_fact_and_the_one_that_replaces_it_never_both_hold(book: Book) -> None:
    loan = book.lends(12_000, on=JANUARY)
    wrong = book.repays(loan, 5_000, on=FEBRUARY)["event"]["id"]
    reversal = book.reverses(wrong)["event"]["id"]
    right = How(replaces=wrong)
    replacement = book.repays(loan, 500, on=FEBRUARY, how=right)["event"]["id"]
    with pytest.raises(ConflictError) as twice:
        book.repays(loan, 500, on=FEBRUARY, how=right)
    assert twice.value.facts["existing_event"] == replacement
    with pytest.raises(ReverseFirstError) as both:
        book.reverses(reversal, how=MANAGER)
    assert both.value.facts["reverse_first"] == replacement


def test_what_rests_on_a_fact_is_named(book: Book) -> None:
    loan = book.applies(1_000, on=JANUARY)
    book.resolves(loan, on=JANUARY)
    disbursed = book.disburses(loan, on=JANUARY)["event"]["id"]
    paid = book.repays(loan, 100, on=FEBRUARY)["event"]
    with pytest.raises(ReverseFirstError) as refusal:
        book.reverses(disbursed)
    assert (refusal.value.facts["reverse_first"], refusal.value.facts["reverse_first_seq"]) == (paid["id"], paid["seq"])


# Areas and rules -----------------------------------------------------------------------------------------------


def test_a_moratorium_takes_who_owed_on_its_day_whatever_became_of_them(book: Book) -> None:
    """On 1 March three owed. One repaid in April, one was lost in May, when the resolution reached the office."""
    loans = [book.lends(1_200, on=JANUARY, member=member) for member in ("Zainab", "Amna", "Marvi")]
    book.repays(loans[0], 1_200, on=date(2024, 4, 1))
    book.writes_off(loans[1], on=date(2024, 5, 1))
    book.lends(1_200, on=date(2024, 3, 2), member="Zainab")
    answer = book.grants_moratorium(3, on=MARCH)
    assert [item["loan"] for item in answer["items"]] == loans
    assert verify(book.databases, book.lso_id) == []


def test_a_moratorium_is_undone_loan_by_loan_or_whole(book: Book) -> None:
    loans = [book.lends(1_200, on=JANUARY, member=member) for member in ("Zainab", "Amna", "Marvi")]
    first, second, third = (item["event"] for item in book.grants_moratorium(3, on=MARCH)["items"])
    book.reverses(first)
    assert [book.position(loan)["renegotiated"] for loan in loans] == [False, True, True]
    undone = book.reverses(third, whole_moratorium=True)
    assert [one["reversed"]["id"] for one in undone["together"]] == [second]
    assert not any(book.position(loan)["renegotiated"] for loan in loans)
    assert verify(book.databases, book.lso_id) == []


def test_a_fund_that_became_interest_free_hands_out_nothing_that_is_charged_for(book: Book) -> None:
    approved = book.applies(12_000, on=JANUARY, product="PERCENT")
    book.resolves(approved, on=JANUARY)
    begun = handed_out(book, 12_000, 6_000, "PERCENT")
    reversal = book.reverses(book.charges(begun, 100, on=FEBRUARY)["event"]["id"])["event"]["id"]
    for product, terms in CHARGED.items():
        free = ProductTerms(TODAY, terms.model_copy(update={"charge": LoanTerms(repayment=MONTHLY).charge}))
        record_product_terms(book.databases, book.lso_id, product, free, TODAY)
    change_fund(book.databases, book.lso_id, FUND, {"charge_policy": ChargePolicy.INTEREST_FREE}, 1, saying(TODAY))

    for loan in (approved, begun):
        with pytest.raises(ChargeNotAllowedError):
            book.disburses(loan, on=TODAY)
    with pytest.raises(ChargeNotAllowedError):
        book.reverses(reversal, how=MANAGER)
