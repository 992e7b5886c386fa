"""From application to disbursement: each step follows the one before it, and is refused for a stated reason."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from cif_engine.dates import MonthDay
from cif_engine.errors import (
    CifError,
    DateInFutureError,
    DueBeforeStartError,
    DuplicateFactError,
    FieldMissingError,
    LoanStepError,
    NotEligibleError,
    NotFoundError,
    OverLimitError,
    TermsMismatchError,
)
from cif_engine.loans.terms import (
    AgreedPayment,
    AgreedPayments,
    BulletPayment,
    DecliningBalance,
    EqualInstalments,
    LoanTerms,
    SeasonalInstalments,
)
from cif_engine.network.funds import ChargePolicy, Fund, Product
from cif_engine.operations.lending import CommitteeDecision, decide_on_loan
from cif_engine.operations.network_funds import create_fund, create_product
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from tests.books import Book, FundRules, How, a_funded_book, new_id

APRIL, MAY, JUNE = (date(2024, month, 1) for month in (4, 5, 6))
TOMORROW = date(2026, 7, 1)


@pytest.fixture
def book(shared_databases: Databases) -> Book:
    return a_funded_book(shared_databases)


def _refuse_without_reason(book: Book) -> None:
    loan = book.applies(1_000, on=MAY)
    decision = CommitteeDecision(new_id(), loan, approved=False, effective_on=MAY, resolution_no="R", committee="VO")
    decide_on_loan(book.databases, book.request(actor="manager"), decision)


def _late_step(step: Callable[[Book, str], object]) -> Callable[[Book], object]:
    """Let a step be dated before the application it follows."""
    return lambda book: step(book, book.applies(1_000, on=MAY))


REFUSALS: dict[str, tuple[Callable[[Book], object], type[CifError]]] = {
    "an unknown member": (lambda book: book.applies(1, on=MAY, member="M-99"), NotFoundError),
    "an unknown product": (lambda book: book.applies(1, on=MAY, product="NO"), NotFoundError),
    "an application to come": (lambda book: book.applies(1, on=TOMORROW), DateInFutureError),
    "an appraisal of an unknown loan": (lambda book: book.appraises("NO", 1, on=MAY), NotFoundError),
    "an appraisal before the application": (
        _late_step(lambda book, loan: book.appraises(loan, 1, on=APRIL)),
        LoanStepError,
    ),
    "a decision before the application": (_late_step(lambda book, loan: book.resolves(loan, on=APRIL)), LoanStepError),
    "a decision to come": (_late_step(lambda book, loan: book.resolves(loan, on=TOMORROW)), DateInFutureError),
    "a refusal without a reason": (_refuse_without_reason, FieldMissingError),
    "money before a decision": (_late_step(lambda book, loan: book.disburses(loan, on=JUNE)), LoanStepError),
    "money after a refusal": (
        _late_step(lambda book, loan: (book.resolves(loan, on=MAY, approved=False), book.disburses(loan, on=JUNE))),
        LoanStepError,
    ),
    "a second decision": (
        _late_step(lambda book, loan: (book.resolves(loan, on=MAY), book.resolves(loan, on=MAY))),
        LoanStepError,
    ),
    "a loan due before it is paid out": (
        lambda book: book.lends(1_000, on=MAY, plan=BulletPayment(due_on=MAY)),
        DueBeforeStartError,
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_step_that_cannot_be_taken_is_refused(book: Book, what: str) -> None:
    asks, reason = REFUSALS[what]
    with pytest.raises(reason):
        asks(book)


def test_an_id_that_is_a_loan_already_is_not_made_another(book: Book) -> None:
    """The row of the first loan would be overwritten."""
    loan_id = new_id()
    loan = book.applies(1_000, on=MAY, loan_id=loan_id)
    before = book.rows("loan"), book.rows("loan_position")
    with pytest.raises(DuplicateFactError, match=f"is already loan {loan}"):
        book.applies(2_000, on=MAY, member="Amna", loan_id=loan_id)
    assert (book.rows("loan"), book.rows("loan_position")) == before


def test_eligibility_is_looked_at_again_when_the_money_is_handed_out(book: Book) -> None:
    loan = book.applies(1_000, on=MAY, member="Amna")
    book.resolves(loan, on=MAY)
    household = TABLES["household"]
    with book.databases.writing() as connection:
        hers = sa.and_(household.c.lso_id == book.lso_id, household.c.code == "H-M-2")
        connection.execute(sa.update(household).where(hers).values(eligible=False))
    with pytest.raises(NotEligibleError):
        book.disburses(loan, on=JUNE)


def test_a_loan_of_another_fund_is_no_cycle_of_this_one(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases, rules=FundRules(cycle_max=1))
    create_fund(book.databases, book.lso_id, Fund(new_id(), "SHOP", "Shop fund", "Growth", "NRSP", "the LSO"))
    stall = Product(new_id(), "SHOP", "STALL", "A stall", LoanTerms(repayment=BulletPayment(after_months=6)))
    create_product(book.databases, book.lso_id, stall)
    loans = [book.applies(1_000, on=MAY, product=product) for product in ("STALL", "STALL", "HARVEST")]
    cycles = {row["number"]: row["cycle"] for row in book.rows("loan")}
    assert [cycles[loan] for loan in loans] == [1, 2, 1]
    with pytest.raises(OverLimitError, match="loan 2; the fund CIF lends 1 times"):
        book.applies(1_000, on=MAY)


def test_loans_are_numbered_by_year_in_the_order_they_are_recorded(book: Book) -> None:
    numbers = [book.applies(1_000, on=on) for on in (MAY, date(2023, 12, 31), APRIL)]
    (code,) = {number.rpartition("-")[0].rpartition("-")[0] for number in numbers}
    assert numbers == [f"{code}-2024-00001", f"{code}-2023-00001", f"{code}-2024-00002"]


def test_an_application_may_replace_the_plan_of_the_product(book: Book) -> None:
    harvest = SeasonalInstalments(month_days=(MonthDay(10, 31),), count=1)
    loan = book.lends(1_000, on=MAY, plan=harvest)
    assert book.schedule(loan) == [(date(2024, 10, 31), "1000.00", "0.00")]


def test_the_row_of_a_loan_keeps_what_it_was_made_under(book: Book) -> None:
    loan = book.lends(1_000, on=MAY, channel="cheque")
    (row,) = book.rows("loan")
    (member,) = (row for row in book.rows("member") if row["code"] == "M-1")
    assert row["number"] == loan
    assert (row["member_id"], row["household_id"], row["co_id"]) == (
        member["id"],
        member["household_id"],
        member["co_id"],
    )
    assert (row["requested_minor"], row["approved_minor"], row["disbursed_minor"]) == (100_000, 100_000, 100_000)
    assert (row["channel"], row["resolution_no"], row["poverty_score"], row["cycle"]) == ("cheque", "R-12", 10, 1)
    assert (row["applied_by"], row["decided_by"]) == ("accountant", "manager")


@pytest.mark.parametrize(
    ("channel", "account"),
    [("cash", "CIF.1010"), ("cheque", "CIF.1020"), ("bank", "CIF.1020"), ("wallet", "CIF.1020")],
)
def test_each_channel_pays_from_its_account(book: Book, channel: str, account: str) -> None:
    book.moves(5_000, on=APRIL, paid_from="bank", held_in="cash")
    loan = book.applies(1_000, on=MAY)
    book.resolves(loan, on=MAY)
    (posting,) = book.disburses(loan, on=MAY, channel=channel)["postings"]
    assert (posting["debit"], posting["credit"]) == ("CIF.1100", account)


def test_a_loan_is_named_by_its_number_or_its_id(book: Book) -> None:
    loan_id = new_id()
    loan = book.applies(1_000, on=MAY, loan_id=loan_id)
    assert book.appraises(loan_id, 1_000, on=MAY)["loan"] == loan
    assert book.resolves(loan, on=MAY, how=How(actor="manager"))["loan_id"] == loan_id


def test_a_plan_that_does_not_go_with_the_charge_of_the_product_is_refused(shared_databases: Databases) -> None:
    book = a_funded_book(shared_databases)
    charging = Fund(new_id(), "SHOP", "Shop fund", "Growth", "NRSP", "the LSO", charge_policy=ChargePolicy.ANY_CHARGE)
    create_fund(book.databases, book.lso_id, charging)
    terms = LoanTerms(
        repayment=EqualInstalments(count=12), charge=DecliningBalance.model_validate({"annual_percent": "12"})
    )
    create_product(book.databases, book.lso_id, Product(new_id(), "SHOP", "DECLINING", "Declining", terms))
    agreed = AgreedPayments(payments=(AgreedPayment.of_minor(JUNE, 100_000),))
    with pytest.raises(TermsMismatchError) as refusal:
        book.applies(1_000, on=MAY, product="DECLINING", plan=agreed)
    assert refusal.value.pointer == "/repayment"
    assert book.rows("loan") == []
