"""Published worked schedules, reproduced to the cent; `tests/data/loan_cases.json` names their source."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cif_engine.dates import EVERY_DAY_WORKS
from cif_engine.loans.schedule import make_schedule
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
