"""One loan with a service charge, followed on paper, paid late and out of order."""

from datetime import date

import pytest

from cif_engine.errors import MalformedCursorError, NotFoundError
from cif_engine.loans.standing import Status
from cif_engine.loans.terms import EqualInstalments
from cif_engine.operations.loan_reports import (
    LoanFilter,
    loan_report,
    loan_schedule_report,
    loan_statement_report,
    loans_list,
    repayments_list,
)
from cif_engine.operations.reporting import Page, Period
from cif_engine.persistence.engines import Databases
from tests.reports.village import Village, new_id

JANUARY, FEBRUARY, MARCH, APRIL = (date(2021, month, 1) for month in (1, 2, 3, 4))
FOUR = EqualInstalments(count=4)
YEAR = Period(JANUARY, date(2021, 12, 31))


@pytest.fixture
def village(databases: Databases) -> Village:
    village = Village.founded(databases)
    village.give(100_000_00, JANUARY, fund="SHOP")
    village.give(100_000_00, JANUARY)
    return village


@pytest.fixture
def loan(village: Village) -> str:
    """12,000 rupees in four instalments of 3,000 and 125 of charge, due on the first of February to May."""
    return village.lend(12_000_00, JANUARY, member=3, product="STALL", plan=FOUR)


def test_a_loan_says_what_it_was_made_under_and_where_it_stood(village: Village, loan: str) -> None:
    report = loan_report(village.databases, village.lso_id, loan, JANUARY)
    assert {name: report[name] for name in ("member", "household", "co", "vo", "fund", "product", "cycle")} == {
        "member": "M3",
        "household": "H2",
        "co": "C2",
        "vo": "V1",
        "fund": "SHOP",
        "product": "STALL",
        "cycle": 1,
    }
    assert (report["requested"], report["approved"], report["disbursed"]) == ("12000.00",) * 3
    assert report["terms"]["charge"]["amount"] == "500.00"
    assert report["standing"]["outstanding_charge"] == "500.00"
    by_id = loan_report(village.databases, village.lso_id, report["loan_id"], JANUARY)
    assert by_id == report


def test_an_application_that_is_not_decided_yet_has_no_amounts_of_later_steps(village: Village) -> None:
    loan = village.apply(5_000_00, JANUARY)
    applied = village.now
    village.approve(loan, FEBRUARY, 4_000_00)
    then = loan_report(village.databases, village.lso_id, loan, MARCH, applied)
    now = loan_report(village.databases, village.lso_id, loan, MARCH)
    assert (then["approved"], then["decided_on"], then["standing"]["status"]) == (None, None, "applied")
    assert (now["approved"], now["decided_on"], now["disbursed"]) == ("4000.00", "2021-02-01", None)


def test_the_schedule_says_what_is_paid_late_due_and_to_come(village: Village, loan: str) -> None:
    village.repay(loan, 3_125_00, date(2021, 2, 10))
    village.repay(loan, 1_000_00, MARCH)
    rows = loan_schedule_report(village.databases, village.lso_id, loan, APRIL)["instalments"]
    assert [row["state"] for row in rows] == ["paid", "late", "due_today", "to_come"]
    assert [row["paid_on"] for row in rows] == ["2021-02-10", None, None, None]
    assert [row["days_late"] for row in rows] == [0, 31, 0, 0]
    assert [(row["charge_paid"], row["principal_paid"]) for row in rows[:2]] == [
        ("125.00", "3000.00"),
        ("125.00", "875.00"),
    ]
    assert [row["unpaid"] for row in rows] == ["0.00", "2125.00", "3125.00", "3125.00"]


def test_a_statement_stands_in_the_order_of_days_and_says_when_each_fact_was_recorded(
    village: Village, loan: str
) -> None:
    village.repay(loan, 1_000_00, MARCH)
    before = village.now
    village.repay(loan, 500_00, FEBRUARY)
    report = loan_statement_report(village.databases, village.lso_id, loan, APRIL)
    paid = [line for line in report["lines"] if line["settled"]]
    assert [line["effective_on"] for line in paid] == ["2021-02-01", "2021-03-01"]
    assert paid[0]["seq"] > paid[1]["seq"]
    assert [line["settled"]["charge"] for line in paid] == ["125.00", "0.00"]
    assert [line["balance"]["principal"] for line in paid] == ["11625.00", "10625.00"]
    assert [(line["channel"], line["account"]) for line in paid] == [("cash", "SHOP.1010")] * 2
    disbursed = next(line for line in report["lines"] if line["kind"] == "loan_disbursed")
    assert (disbursed["channel"], disbursed["account"]) == ("bank", "SHOP.1020")
    assert (disbursed["disbursed"], disbursed["balance"]["principal"]) == ("12000.00", "12000.00")
    known = loan_statement_report(village.databases, village.lso_id, loan, APRIL, before)
    (one,) = [line for line in known["lines"] if line["settled"]]
    assert (one["settled"]["charge"], one["settled"]["principal"]) == ("125.00", "875.00")


def test_a_loan_does_not_exist_before_it_was_applied_for_nor_before_it_was_known(village: Village) -> None:
    before = village.now
    loan = village.lend(12_000_00, FEBRUARY)
    for as_of, known_at in ((JANUARY, None), (MARCH, before)):
        with pytest.raises(NotFoundError):
            loan_report(village.databases, village.lso_id, loan, as_of, known_at)
        assert loans_list(village.databases, village.lso_id, LoanFilter(), as_of, known_at)["items"] == []
    with pytest.raises(NotFoundError):
        loan_report(village.databases, village.lso_id, new_id(), MARCH)


def test_overpaid_money_is_the_borrowers_credit(village: Village, loan: str) -> None:
    village.repay(loan, 13_000_00, MARCH)
    (listed,) = loans_list(village.databases, village.lso_id, LoanFilter(status=Status.REPAID), APRIL)["items"]
    assert (listed["outstanding_principal"], listed["credit_balance"]) == ("0.00", "500.00")
    assert (listed["oldest_unpaid_due_on"], listed["days_late"]) == (None, 0)


def test_loans_are_listed_by_what_is_asked_for(village: Village, loan: str) -> None:
    goat = village.lend(10_000_00, JANUARY, member=8)
    applied = village.apply(10_000_00, JANUARY, member=1)

    def numbers(wanted: LoanFilter, as_of: date = MARCH) -> list[str]:
        return [item["loan"] for item in loans_list(village.databases, village.lso_id, wanted, as_of)["items"]]

    assert numbers(LoanFilter()) == [loan, goat, applied]
    assert numbers(LoanFilter(status=Status.OPEN)) == [loan, goat]
    assert numbers(LoanFilter(member="M8")) == [goat]
    assert numbers(LoanFilter(co="C2")) == [loan]
    assert numbers(LoanFilter(vo="V1")) == [loan, applied]
    assert numbers(LoanFilter(vo="V2", co="C4")) == [goat]
    assert numbers(LoanFilter(fund="CIF")) == [goat, applied]
    assert numbers(LoanFilter(product="STALL")) == [loan]
    assert numbers(LoanFilter(number=applied)) == [applied]
    assert numbers(LoanFilter(days_late_over=27)) == [loan, goat]
    assert numbers(LoanFilter(days_late_over=28)) == []
    assert numbers(LoanFilter(member="M8", fund="SHOP")) == []


def test_repayments_of_a_period_are_paged_by_day(village: Village, loan: str) -> None:
    other = village.lend(10_000_00, JANUARY, member=8)
    village.repay(loan, 3_125_00, MARCH)
    village.repay(other, 1_000_00, FEBRUARY)
    village.repay(loan, 100_00, FEBRUARY)
    village.repay(loan, 100_00, date(2022, 1, 1))
    first = repayments_list(village.databases, village.lso_id, YEAR, page=Page(2))
    second = repayments_list(village.databases, village.lso_id, YEAR, page=Page(2, first["next"]))
    items = first["items"] + second["items"]
    assert [(item["loan"], item["effective_on"], item["paid"]) for item in items] == [
        (other, "2021-02-01", "1000.00"),
        (loan, "2021-02-01", "100.00"),
        (loan, "2021-03-01", "3125.00"),
    ]
    assert second["next"] is None
    assert items[2]["settled"] == {
        "penalty": "0.00",
        "fee": "0.00",
        "charge": "125.00",
        "principal": "3000.00",
        "recovered": "0.00",
        "credit_balance": "0.00",
    }
    of_loan = repayments_list(village.databases, village.lso_id, YEAR, loan=loan)["items"]
    assert [item["loan"] for item in of_loan] == [loan, loan]


def test_a_loans_list_goes_on_after_a_number_only(village: Village) -> None:
    with pytest.raises(MalformedCursorError):
        loans_list(village.databases, village.lso_id, LoanFilter(), MARCH, page=Page(5, ["2021-01-01", 1]))
    with pytest.raises(MalformedCursorError):
        repayments_list(village.databases, village.lso_id, YEAR, page=Page(5, "DAS-2021-00001"))
