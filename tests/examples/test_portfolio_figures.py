"""A small portfolio through the spring of 2024: its figures on single days, worked by hand.

The fund lends to four women. Each repays in equal monthly instalments of principal, without charge.

| loan | borrower | lent on | amount | instalments | what came in                         |
|------|----------|---------|--------|-------------|--------------------------------------|
| A    | Zainab   | 1 Jan   | 12,000 | 12 x 1,000  | 1,000 on 1 Feb, nothing since        |
| B    | Amna     | 1 Jan   |  6,000 |  6 x 1,000  | 1,000 on 1 Feb, 1 Mar, 1 Apr, 1 May  |
| C    | زرینہ    | 1 Feb   |  3,000 |  3 x 1,000  | nothing; written off on 20 May       |
| D    | Marvi    | 1 Mar   |  4,000 |  4 x 1,000  | 1,500 on 20 March; put off on 10 Apr |

D is put off on 10 April: her 2,500 are repaid in five instalments from 1 June on. The allowance holds 9,000 from
31 March, of which the loss of C takes 3,000.
"""

from datetime import date
from typing import Any

import pytest

from cif_engine.loans.terms import AgreedPayment, AgreedPayments, EqualInstalments
from cif_engine.operations.asking import Question
from cif_engine.operations.portfolio_reports import portfolio_report, series_report
from cif_engine.operations.portfolio_tables import maturity_report, provisioning_report, vintages_report
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from cif_engine.portfolio.figures import Figure
from tests.books import MEMBERS, Book, a_funded_book, minor

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (date(2024, month, 1) for month in range(1, 6))
END_OF_MARCH, END_OF_APRIL, END_OF_MAY = date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31)


@pytest.fixture
def book(databases: Databases) -> Book:
    told = a_funded_book(databases)
    zainab, amna, zarina, marvi = (
        told.lends(amount, on=on, member=member, plan=EqualInstalments(count=count))
        for member, amount, on, count in zip(
            MEMBERS, (12_000, 6_000, 3_000, 4_000), (JANUARY, JANUARY, FEBRUARY, MARCH), (12, 6, 3, 4), strict=True
        )
    )
    told.repays(zainab, 1_000, on=FEBRUARY)
    for on in (FEBRUARY, MARCH, APRIL, MAY):
        told.repays(amna, 1_000, on=on)
    told.repays(marvi, 1_500, on=date(2024, 3, 20))
    told.changes_allowance(9_000, on=END_OF_MARCH)
    put_off = AgreedPayments(
        payments=tuple(AgreedPayment.of_minor(date(2024, month, 1), minor(500)) for month in range(6, 11))
    )
    told.reschedules(marvi, on=date(2024, 4, 10), plan=put_off)
    told.writes_off(zarina, on=date(2024, 5, 20))
    return told


def asked(book: Book, *by: Cut, rule_set: str = "community") -> Question:
    return Question(Within((book.lso_id,)), Cutting(by), rule_set=rule_set)


def share(view: Any) -> tuple[str, str, str | None]:  # noqa: ANN401 - any JSON value
    return view["numerator"], view["denominator"], view["rate"]


def test_the_end_of_march(book: Book) -> None:
    """A owes 11,000 and missed 1 March: 30 days late. B owes 4,000. C owes 3,000 and missed 1 March. D owes 2,500.

    | figure            | numerator                                    |       | denominator      |        |          |
    |-------------------|----------------------------------------------|-------|------------------|--------|----------|
    | PAR over 0        | A 11,000 + C 3,000                           | 14,000| 11 + 4 + 3 + 2.5 | 20,500 | 0.682927 |
    | PAR over 30       | none: both are late by 30 days, not more     |      0|                  | 20,500 | 0.000000 |
    | arrears rate      | A 1,000 + C 1,000                            |  2,000|                  | 20,500 | 0.097561 |
    | recovery rate     | A 1,000 + B 2,000                            |  3,000| A 2 + B 2 + C 1  |  5,000 | 0.600000 |
    """
    figures = portfolio_report(book.databases, asked(book), END_OF_MARCH)["total"]
    assert (figures["loans"], figures["borrowers"], figures["households"]) == (4, 4, 4)
    par = {one["days"]: share(one) for one in figures["par"]}
    assert par[0] == par[1] == ("14000.00", "20500.00", "0.682927")
    assert par[30] == ("0.00", "20500.00", "0.000000")
    assert share(figures["arrears_rate"]) == ("2000.00", "20500.00", "0.097561")
    assert share(figures["recovery_rate"]) == ("3000.00", "5000.00", "0.600000")


def test_the_same_day_by_a_rule_set_that_counts_thirty_days_as_over_thirty(book: Book) -> None:
    """Under `>=`, PAR over 30 takes who is late by 30 days: A and C. Over 0 it takes nobody more."""
    figures = portfolio_report(book.databases, asked(book, rule_set="sbp"), END_OF_MARCH)["total"]
    par = {one["days"]: (one["comparator"], *share(one)) for one in figures["par"]}
    assert par[30] == (">=", "14000.00", "20500.00", "0.682927")
    assert par[0] == (">=", "14000.00", "20500.00", "0.682927")
    assert [band["amount"] for band in figures["ageing"]["bands"][:3]] == ["6500.00", "14000.00", "0.00"]


def test_a_loan_that_is_put_off_is_not_late_but_still_a_risk(book: Book) -> None:
    """30 April: D's new schedule begins in June, so she is not late; PAR with renegotiated loans takes her.

    | figure                    | numerator                        |        | denominator            |        |
    |---------------------------|----------------------------------|--------|------------------------|--------|
    | PAR over 30               | A 11,000 + C 3,000 (60 days)     | 14,000 | A 11 + B 3 + C 3 + D 2.5 | 19,500 |
    | the same and renegotiated | A, C, and D 2,500                | 16,500 |                        | 19,500 |
    | risk coverage             | allowance 9,000                  |  9,000 | late or renegotiated   | 16,500 |
    | recovery rate             | A 1,000 + B 3,000 + D 1,500      |  5,500 | A 3 + B 3 + C 2 + D 1.5| 9,500  |

    D's first instalment had fallen due on 1 April: it stays fallen due, and is paid. The 500 that she had paid ahead of
    their day are met when her schedule is made anew, and so have fallen due on that day.
    """
    figures = portfolio_report(book.databases, asked(book), END_OF_APRIL)["total"]
    (par,) = (one for one in figures["par"] if one["days"] == 30)
    (at_risk,) = (one for one in figures["par_renegotiated"] if one["days"] == 30)
    assert share(par) == ("14000.00", "19500.00", "0.717949")
    assert share(at_risk) == ("16500.00", "19500.00", "0.846154")
    assert (par["loans"], at_risk["loans"]) == (2, 3)
    assert share(figures["risk_coverage"]) == ("9000.00", "16500.00", "0.545455")
    assert share(figures["recovery_rate"]) == ("5500.00", "9500.00", "0.578947")


def test_a_loss_leaves_the_portfolio_and_stays_fallen_due(book: Book) -> None:
    """31 May: C is written off. She leaves PAR, and takes her 3,000 of the allowance; her 3,000 stay fallen due.

    Fallen due: A 4,000, B 4,000, C 3,000, D 1,500. Collected on dues: A 1,000, B 4,000, D 1,500.
    """
    figures = portfolio_report(book.databases, asked(book), END_OF_MAY)["total"]
    assert figures["gross_portfolio"]["amount"] == "15500.00"
    assert share(figures["recovery_rate"]) == ("6500.00", "12500.00", "0.520000")
    assert share(figures["risk_coverage"]) == ("6000.00", "13500.00", "0.444444")


def test_risk_coverage_is_of_funds_and_not_of_channels(book: Book) -> None:
    by_fund = portfolio_report(book.databases, asked(book, Cut.FUND), END_OF_MAY)
    by_product = portfolio_report(book.databases, asked(book, Cut.PRODUCT), END_OF_MAY)
    assert [row["risk_coverage"]["numerator"] for row in by_fund["rows"]] == ["6000.00"]
    assert [row["risk_coverage"] for row in by_product["rows"]] == [None]
    assert by_product["total"]["risk_coverage"] == by_fund["total"]["risk_coverage"]


def test_provisions_by_the_state_banks_table(book: Book) -> None:
    """30 April, both late loans by 60 days: substandard, 25 % of 14,000."""
    report = provisioning_report(book.databases, asked(book, rule_set="sbp"), END_OF_APRIL)["total"]
    classes = {
        one["class"]: (one["amount"], one["loans"], one["required"]) for one in report["classes"] if one["loans"]
    }
    assert sorted(classes.values()) == [("14000.00", 2, "3500.00"), ("5500.00", 2, "0.00")]
    assert (report["required"], report["allowance"]) == ("3500.00", "9000.00")


def test_stages_without_rates_call_for_nothing(book: Book) -> None:
    report = provisioning_report(book.databases, asked(book, rule_set="ifrs9"), END_OF_APRIL)["total"]
    assert report["required"] is None
    assert {one["required"] for one in report["classes"]} == {None}


def test_what_falls_due_from_the_end_of_may(book: Book) -> None:
    """A has 8,000 to come and 3,000 overdue, B 2,000 to come and 0 overdue, D 2,500 to come.

    | month   | A     | B     | D   |       |
    |---------|-------|-------|-----|-------|
    | overdue | 3,000 |       |     | 3,000 |
    | June    | 1,000 | 1,000 | 500 | 2,500 |
    | July    | 1,000 | 1,000 | 500 | 2,500 |
    | Aug-Oct | 1,000 |       | 500 | 1,500 |
    | Nov-Jan | 1,000 |       |     | 1,000 |
    """
    calendar = maturity_report(book.databases, asked(book), END_OF_MAY)["total"]
    assert calendar["gross_portfolio"] == "15500.00"
    assert calendar["overdue"]["amount"] == "3000.00"
    assert {month["month"]: month["amount"] for month in calendar["months"]} == {
        "2024-06": "2500.00",
        "2024-07": "2500.00",
        "2024-08": "1500.00",
        "2024-09": "1500.00",
        "2024-10": "1500.00",
        "2024-11": "1000.00",
        "2024-12": "1000.00",
        "2025-01": "1000.00",
    }


def test_the_vintages_of_the_first_quarter(book: Book) -> None:
    """January lent 18,000 (A, B), February 3,000 (C), March 4,000 (D). What is late over 30 days, after so many months.

    | lent in  | after 0 | 1 | 2 | 3             | 4             |
    |----------|---------|---|---|---------------|---------------|
    | January  | 0       | 0 | 0 | A 11,000      | A 11,000      |
    | February | 0       | 0 | C 3,000 | written off |             |
    | March    | 0       | renegotiated 2,500 | renegotiated 2,500 | | |
    """
    report = vintages_report(book.databases, asked(book), END_OF_MAY, months=5, days=30)
    cohorts = {cohort["month"]: cohort["after"] for cohort in report["total"]["cohorts"]}
    assert {month: [cell["numerator"] for cell in cells] for month, cells in cohorts.items()} == {
        "2024-01": ["0.00", "0.00", "0.00", "11000.00", "11000.00"],
        "2024-02": ["0.00", "0.00", "3000.00", "0.00"],
        "2024-03": ["0.00", "0.00", "0.00"],
    }
    assert [share(cell) for cell in cohorts["2024-01"]][-1] == ("11000.00", "18000.00", "0.611111")
    assert [cell["written_off"] for cell in cohorts["2024-02"]] == ["0.00", "0.00", "0.00", "3000.00"]
    assert cohorts["2024-02"][-1]["written_off_rate"] == "1.000000"
    assert [cell["renegotiated"] for cell in cohorts["2024-03"]] == ["0.00", "2500.00", "2500.00"]


def test_the_spring_month_by_month(book: Book) -> None:
    days = [END_OF_MARCH, END_OF_APRIL, END_OF_MAY]
    series = series_report(book.databases, asked(book), days, {Figure.PAR, Figure.ARREARS})
    points = series["total"]["points"]
    assert [point["gross_portfolio"]["amount"] for point in points] == ["20500.00", "19500.00", "15500.00"]
    assert [share(point["par"][2]) for point in points] == [
        ("0.00", "20500.00", "0.000000"),
        ("14000.00", "19500.00", "0.717949"),
        ("11000.00", "15500.00", "0.709677"),
    ]
    assert [point["arrears_rate"]["numerator"] for point in points] == ["2000.00", "4000.00", "3000.00"]
