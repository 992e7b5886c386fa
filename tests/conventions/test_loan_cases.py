"""Published worked loans, reproduced to the cent: schedules, allocations, replays, journal entries.

`tests/data/loan_cases.json` names their source.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cif_engine.bookings import book_life
from cif_engine.dates import EVERY_DAY_WORKS
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.said import write_schedule
from cif_engine.loans.schedule import make_schedule
from cif_engine.loans.standing import Status
from cif_engine.loans.statement import schedule_on
from cif_engine.loans.terms import LoanTerms
from cif_engine.money import parse_amount

CASES = json.loads((Path(__file__).parents[1] / "data" / "loan_cases.json").read_text())["cases"]
DAY_COUNTS = {("ACTUAL", "ACTUAL"): "actual_actual", ("365", "ACTUAL"): "actual_365", ("360", "30"): "30_360"}
MONTH_ENDS = {None: "anchor_day", "LAST_DAY_OF_MONTH": "anchor_day", "FIRST_DAY_OF_NEXT_MONTH": "next_month"}


def terms_of(product: dict[str, Any]) -> LoanTerms:
    """Return our terms for the product of a case; a multiple applies to the whole instalment there."""
    equal_principal = product["amortization"] == "EQUAL_PRINCIPAL_PAYMENTS"
    # In the source, payments of equal principal are not rounded to the multiple.
    multiple = None if equal_principal else product["installment_amount_in_multiples_of"]
    return LoanTerms.model_validate(
        {
            "repayment": {
                "kind": "equal_instalments",
                "count": product["number_of_repayments"],
                "frequency": f"{product['repayment_every']} {product['repayment_frequency'].lower()}",
                "month_end": MONTH_ENDS[product.get("month_end_due_date")],
                "grace_on_principal": product["grace_on_principal"],
                "grace_on_charge": product["grace_on_interest_payment"],
            },
            "charge": charge_of(product),
            "rounding_unit": str(multiple or "0.01"),
            "whole": "instalment",
        }
    )


def charge_of(product: dict[str, Any]) -> dict[str, Any]:
    if product["annual_rate_pct"] == "0":
        return {"kind": "none"}
    if product["interest_method"] == "FLAT":
        months = product["number_of_repayments"] * product["repayment_every"]
        assert product["repayment_frequency"] == "MONTHS"
        assert int(product["annual_rate_pct"]) * months % 12 == 0
        return {"kind": "flat_percent", "percent": int(product["annual_rate_pct"]) * months // 12}
    return {
        "kind": "declining_balance",
        "annual_percent": product["annual_rate_pct"],
        "accrual": "by_day" if product["interest_calculation_period"] == "DAILY" else "by_period",
        "day_count": DAY_COUNTS[product["days_in_year"], product["days_in_month"]],
        "amortisation": "equal_principal" if product["amortization"] != "EQUAL_INSTALLMENTS" else "equal_instalments",
    }


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["id"]) for case in CASES if "schedule" in case["expected"]]
)
def test_published_schedule(case: dict[str, Any]) -> None:
    principal_minor = parse_amount(case["loan"]["principal"])
    starts_on = date.fromisoformat(case["loan"]["submitted_on"])
    schedule = make_schedule(terms_of(case["product"]), principal_minor, starts_on, EVERY_DAY_WORKS)
    assert [(str(row.due_on), row.principal_minor, row.charge_minor) for row in schedule] == [
        (row["date"], parse_amount(row["principal"]), parse_amount(row["interest"]))
        for row in case["expected"]["schedule"]
    ]


def test_every_case_with_a_schedule_is_tried() -> None:
    assert sum("schedule" in case["expected"] for case in CASES) == 9


# What happens to the loans ------------------------------------------------------------------------------------

FUND, CASH = "CIF", "CIF.1010"
ACCOUNTS = {"LOAN_PORTFOLIO": account_code(FUND, Role.LOANS_OUTSTANDING), "FUND_SOURCE": CASH}


def life_of(case: dict[str, Any]) -> LoanLife:
    """Return the life of a case, its facts as they were entered; the application carries its terms."""
    said = {"terms": terms_of(case["product"]).model_dump_json()}
    applied = LoanFact("0", Kind.LOAN_APPLIED, date.fromisoformat(case["loan"]["submitted_on"]), said)
    return live((applied, *(fact_of(case, event) for event in case["events"])))


def fact_of(case: dict[str, Any], event: dict[str, Any]) -> LoanFact:
    on, amount = date.fromisoformat(event["date"]), parse_amount(event["amount"])
    if event["type"] == "repayment":
        said: dict[str, Any] = {"amount_minor": amount, "held_in": CASH}
        return LoanFact(str(event["n"]), Kind.REPAYMENT_RECEIVED, on, said)
    assert event["type"] == "disbursement"
    schedule = make_schedule(terms_of(case["product"]), amount, on, EVERY_DAY_WORKS)
    said = {"amount_minor": amount, "paid_from": CASH, "schedule": write_schedule(schedule)}
    return LoanFact(str(event["n"]), Kind.LOAN_DISBURSED, on, said)


HAPPENING = [case for case in CASES if len(case["events"]) > 1]


def expecting(what: str) -> pytest.MarkDecorator:
    """Try every case in which something happens, and of which this is expected."""
    found = [pytest.param(case, id=case["id"]) for case in HAPPENING if what in case["expected"]]
    return pytest.mark.parametrize("case", found)


@expecting("schedule")
def test_what_is_paid_of_each_instalment(case: dict[str, Any]) -> None:
    expected = case["expected"]
    day = date.fromisoformat(expected["business_date"])
    rows = schedule_on(life_of(case), day)
    assert [
        (
            str(row.instalment.due_on),
            row.instalment.principal_minor,
            row.principal_paid_minor + row.charge_paid_minor,
            row.unpaid_minor,
            str(row.paid_on) if row.paid_on else None,
        )
        for row in rows
    ] == [
        (
            row["date"],
            parse_amount(row["principal"]),
            parse_amount(row["paid"]),
            parse_amount(row["outstanding"]),
            row["paid_date"],
        )
        for row in expected["schedule"]
    ]


@expecting("transactions")
def test_how_each_payment_was_split(case: dict[str, Any]) -> None:
    steps = [step for step in life_of(case).steps if step.settled]
    paid = [row for row in case["expected"]["transactions"] if row["type"] == "repayment"]
    assert [
        (str(step.fact.effective_on), settled.principal_minor, settled.charge_minor, step.standing.outstanding_minor)
        for step in steps
        if (settled := step.settled)
    ] == [
        (row["date"], parse_amount(row["principal"]), parse_amount(row["interest"]), parse_amount(row["balance"]))
        for row in paid
    ]


@expecting("journal_entries")
def test_what_the_ledger_holds_in_the_end(case: dict[str, Any]) -> None:
    life = life_of(case)
    assert (life.standing.status is Status.REPAID) == (case["expected"]["status"] == "CLOSED_OBLIGATIONS_MET")
    assert life.standing.outstanding_minor == parse_amount(case["expected"]["outstanding"])
    posted = [
        (str(row.effective_on), row.debit, row.credit, row.amount_minor) for row in book_life("L", FUND, life.steps)
    ]
    assert posted == [_entry(entry) for entry in case["expected"]["journal_entries"]]


def _entry(entry: dict[str, Any]) -> tuple[str, str, str, int]:
    (debit,) = (line for line in entry["lines"] if parse_amount(line["debit"]))
    (credit,) = (line for line in entry["lines"] if parse_amount(line["credit"]))
    return entry["date"], ACCOUNTS[debit["account"]], ACCOUNTS[credit["account"]], parse_amount(debit["debit"])


def test_every_case_with_happenings_is_tried() -> None:
    assert [case["id"] for case in HAPPENING] == ["ALC-03", "RPL-03", "X-LoanReschedule-42"]
