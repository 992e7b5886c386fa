"""What a fund and a product lend, as it was offered on the day of the application."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from cif_engine.dates import Weekday
from cif_engine.errors import ChargeAboveLoanError, OverLimitError
from cif_engine.loans.terms import (
    AgreedPayment,
    AgreedPayments,
    BulletPayment,
    EqualInstalments,
    LoanTerms,
    RepaymentPlan,
)
from cif_engine.network.funds import ProductTerms
from cif_engine.operations.network_funds import change_fund, record_product_terms
from cif_engine.persistence.engines import Databases
from tests.books import FUND, TODAY, Book, a_funded_book
from tests.network.founding import saying

JANUARY, MARCH, JUNE = date(2025, 1, 15), date(2025, 3, 1), date(2025, 6, 1)
MONTHLY = LoanTerms(repayment=EqualInstalments(count=12))


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases)


def offers(book: Book, valid_from: date, terms: LoanTerms = MONTHLY, **limits: int) -> None:
    record_product_terms(book.databases, book.lso_id, "MONTHLY", ProductTerms(valid_from, terms, **limits), TODAY)


def limit_of(refusal: pytest.ExceptionInfo[OverLimitError]) -> Mapping[str, Any]:
    return refusal.value.facts


def test_an_application_starts_from_the_terms_of_its_day(book: Book) -> None:
    offers(book, MARCH, LoanTerms(repayment=EqualInstalments(count=6)))
    before, after = book.lends(6_000, on=JANUARY), book.lends(6_000, on=MARCH, member="Amna")
    assert [len(book.schedule(loan)) for loan in (before, after)] == [12, 6]


def test_paper_of_an_earlier_day_that_comes_late_starts_from_the_terms_of_that_day(book: Book) -> None:
    offers(book, MARCH, LoanTerms(repayment=EqualInstalments(count=6)))
    assert len(book.schedule(book.lends(6_000, on=date(2025, 2, 28)))) == 12


def test_a_loan_keeps_the_terms_that_it_was_applied_for_under(book: Book) -> None:
    loan = book.applies(6_000, on=JANUARY)
    offers(book, MARCH, LoanTerms(repayment=EqualInstalments(count=6)), amount_max_minor=500_00, cycle_min=2)
    book.resolves(loan, on=JUNE)
    book.disburses(loan, on=JUNE)
    assert len(book.schedule(loan)) == 12


def test_a_decision_keeps_to_the_limits_of_the_day_of_the_application(book: Book) -> None:
    loan = book.applies(6_000, on=MARCH)
    offers(book, JANUARY, amount_min_minor=5_000_00)
    with pytest.raises(OverLimitError) as refusal:
        book.resolves(loan, on=JUNE, amount=4_000)
    assert limit_of(refusal) == {"limit_name": "amount_min", "limit": "5000.00"}


def test_a_product_for_the_second_loan_is_not_for_the_first(book: Book) -> None:
    offers(book, JANUARY, cycle_min=2)
    with pytest.raises(OverLimitError) as refusal:
        book.applies(6_000, on=JANUARY)
    assert limit_of(refusal) == {"limit_name": "cycle_min", "limit": 2}
    book.lends(1_000, on=JANUARY, product="HARVEST")
    book.applies(6_000, on=JANUARY)


@pytest.mark.parametrize(
    ("plan", "name", "limit"),
    [
        pytest.param(EqualInstalments(count=19), "term_max_months", 18, id="too long"),
        pytest.param(BulletPayment(due_on=date(2025, 6, 30)), "term_min_months", 6, id="too short"),
    ],
)
def test_a_term_that_the_product_does_not_lend_for_is_refused_at_the_application(
    book: Book, plan: RepaymentPlan, name: str, limit: int
) -> None:
    offers(book, JANUARY, term_min_months=6, term_max_months=18)
    with pytest.raises(OverLimitError) as refusal:
        book.applies(6_000, on=JANUARY, plan=plan)
    assert limit_of(refusal) == {"limit_name": name, "limit": limit}
    assert refusal.value.pointer == "/repayment"


def test_a_term_that_has_become_too_short_is_refused_at_the_disbursement(book: Book) -> None:
    offers(book, JANUARY, term_min_months=6)
    agreed = AgreedPayments(payments=(AgreedPayment.of_minor(date(2025, 9, 1), 600_000),))
    loan = book.applies(6_000, on=JANUARY, plan=agreed)
    book.resolves(loan, on=JANUARY)
    with pytest.raises(OverLimitError) as refusal:
        book.disburses(loan, on=date(2025, 3, 2))
    assert limit_of(refusal) == {"limit_name": "term_min_months", "limit": 6}
    book.disburses(loan, on=MARCH)


def test_a_charge_that_would_eat_the_loan_is_refused_at_the_application(book: Book) -> None:
    charge = {"kind": "flat_amount", "amount": "500.00", "due": "up_front"}
    offers(
        book, JANUARY, LoanTerms.model_validate({"repayment": {"kind": "bullet", "after_months": 6}, "charge": charge})
    )
    with pytest.raises(ChargeAboveLoanError):
        book.applies(500, on=JANUARY)
    assert book.rows("loan") == []


def test_instalments_fall_due_on_no_rest_day_of_the_fund(book: Book) -> None:
    change_fund(book.databases, book.lso_id, FUND, {"rest_days": (Weekday.FRIDAY, Weekday.SUNDAY)}, 1, saying(TODAY))
    days = [due_on for due_on, _, _ in book.schedule(book.lends(12_000, on=JANUARY))]
    assert {day.weekday() for day in days}.isdisjoint({4, 6})
    assert date(2025, 8, 16) in days  # the 15th is a Friday
