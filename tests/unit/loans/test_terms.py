import json
from datetime import date
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cif_engine.dates import MONTHLY, QUARTERLY, HolidayRule, MonthDay
from cif_engine.errors import AgreedAmountsError, PrincipalNotPositiveError
from cif_engine.loans.terms import (
    Across,
    AgreedPayment,
    AgreedPayments,
    AllocationOrder,
    BulletPayment,
    DueKind,
    EqualInstalments,
    FlatAmount,
    FlatPercent,
    LoanTerms,
    NoCharge,
    Rebate,
    SeasonalInstalments,
    check_terms,
    period_of,
)
from tests.unit.loans.strategies import agreed_plans, all_charges, terms_in_json

YEARLY = {"kind": "bullet", "after_months": 12}
ORDER = ["penalty", "fee", "charge", "principal"]
SCHEMA = jsonschema_rs.validator_for(LoanTerms.model_json_schema())

all_terms = terms_in_json(all_charges)


def terms_with(**parts: Any) -> LoanTerms:  # noqa: ANN401 - whatever a request may hold
    return LoanTerms.model_validate({"repayment": YEARLY, **parts})


def refusals(written: object) -> list[tuple[str, str]]:
    """Return where in the terms each refusal is, and its code."""
    with pytest.raises(ValidationError) as refused:
        LoanTerms.model_validate(written)
    return [("/".join(str(part) for part in error["loc"]), error["type"]) for error in refused.value.errors()]


def test_a_loan_is_interest_free_in_whole_rupees_unless_agreed_otherwise() -> None:
    terms = LoanTerms(repayment=BulletPayment(after_months=12))
    assert terms.charge == NoCharge()
    assert terms.rounding_unit_minor == 100
    assert terms.holiday_rule is HolidayRule.NEXT_WORKING_DAY


@pytest.mark.parametrize(
    ("written", "plan"),
    [
        (YEARLY, BulletPayment(after_months=12)),
        ({"kind": "bullet", "due_on": "2021-10-31"}, BulletPayment(due_on=date(2021, 10, 31))),
        ({"kind": "equal_instalments", "count": 12}, EqualInstalments(count=12, frequency=MONTHLY)),
        (
            {"kind": "equal_instalments", "count": 4, "frequency": "quarterly", "first_due_on": "2021-05-01"},
            EqualInstalments(count=4, frequency=QUARTERLY, first_due_on=date(2021, 5, 1)),
        ),
        (
            {"kind": "seasonal", "month_days": ["10-31", "04-30"], "count": 2},
            SeasonalInstalments(month_days=(MonthDay(4, 30), MonthDay(10, 31)), count=2),
        ),
        (
            {"kind": "agreed", "payments": [{"due_on": "2021-05-01", "amount": "5000.00"}]},
            AgreedPayments(payments=(AgreedPayment.of_minor(date(2021, 5, 1), 500_000),)),
        ),
    ],
)
def test_each_repayment_plan_is_read(written: dict[str, object], plan: object) -> None:
    assert LoanTerms.model_validate({"repayment": written}).repayment == plan


@pytest.mark.parametrize(
    ("written", "charge"),
    [
        ({"kind": "none"}, NoCharge()),
        ({"kind": "flat_percent", "percent": "8.5"}, FlatPercent(percent=Decimal("8.5"))),
        ({"kind": "flat_percent", "percent": "8.500"}, FlatPercent(percent=Decimal("8.5"))),
        ({"kind": "flat_percent", "percent": 10}, FlatPercent(percent=Decimal(10))),
        ({"kind": "flat_percent", "percent": "100"}, FlatPercent(percent=Decimal(100))),
        ({"kind": "flat_amount", "amount": "500.00"}, FlatAmount.of_minor(50_000)),
        ({"kind": "flat_amount", "amount": 500}, FlatAmount.of_minor(50_000)),
    ],
)
def test_each_charge_is_read_exactly(written: dict[str, object], charge: object) -> None:
    assert terms_with(charge=written).charge == charge


@given(all_terms)
def test_terms_read_back_from_their_canonical_form(written: dict[str, Any]) -> None:
    terms = LoanTerms.model_validate(written)
    canonical = terms.model_dump(mode="json")
    again = LoanTerms.model_validate_json(json.dumps(canonical))
    assert again == terms
    assert again.model_dump(mode="json") == canonical


@given(agreed_plans())
def test_agreed_payments_read_back_from_their_canonical_form(plan: tuple[list[dict[str, str]], int]) -> None:
    written = {"kind": "agreed", "payments": plan[0]}
    assert LoanTerms.model_validate({"repayment": written}).model_dump(mode="json")["repayment"] == written


def test_the_canonical_form_writes_amounts_and_percentages_as_strings() -> None:
    charge = {"kind": "flat_percent", "percent": "8.50"}
    assert terms_with(charge=charge, rounding_unit=10).model_dump(mode="json") == {
        "repayment": {"kind": "bullet", "after_months": 12, "due_on": None},
        "charge": {"kind": "flat_percent", "percent": "8.5", "due": "spread"},
        "rounding_unit": "10.00",
        "whole": "principal_and_charge",
        "holiday_rule": "next_working_day",
        "allocation": {
            "order": ["penalty", "fee", "charge", "principal"],
            "in_advance": None,
            "across": "instalments",
        },
        "rebate": "none",
    }


def test_terms_written_before_there_was_an_order_of_allocation_read_as_the_usual_one() -> None:
    terms = LoanTerms.model_validate_json('{"repayment": {"kind": "bullet", "after_months": 12}}')
    assert terms.allocation == AllocationOrder(order=tuple(DueKind), in_advance=None, across=Across.INSTALMENTS)
    assert terms.rebate is Rebate.NONE


def test_an_order_of_allocation_is_read_as_it_is_agreed() -> None:
    written = {"order": ORDER[::-1], "in_advance": ORDER, "across": "kinds"}
    allocation = terms_with(allocation=written).allocation
    assert allocation.order == (DueKind.PRINCIPAL, DueKind.CHARGE, DueKind.FEE, DueKind.PENALTY)
    assert allocation.in_advance == tuple(DueKind)
    assert allocation.across is Across.KINDS
    assert allocation.model_dump(mode="json") == written


@given(all_terms)
def test_the_published_schema_accepts_what_is_accepted(written: dict[str, Any]) -> None:
    SCHEMA.validate(written)
    SCHEMA.validate(LoanTerms.model_validate(written).model_dump(mode="json"))


@pytest.mark.parametrize(
    ("plan", "refused"),
    [
        ({"kind": "bullet"}, [("repayment/bullet", "bullet_day")]),
        (
            {"kind": "bullet", "after_months": 12, "due_on": "2021-10-31"},
            [("repayment/bullet", "bullet_day")],
        ),
        ({"kind": "bullet", "after_months": 0}, [("repayment/bullet/after_months", "greater_than_equal")]),
        ({"kind": "bullet", "after_months": 361}, [("repayment/bullet/after_months", "less_than_equal")]),
        ({"kind": "bullet", "due_on": "2021-02-30"}, [("repayment/bullet/due_on", "date_unreadable")]),
        ({"kind": "bullet", "due_on": 1635638400}, [("repayment/bullet/due_on", "date_unreadable")]),
        ({"kind": "bullet", "due_on": "2300-01-01"}, [("repayment/bullet/due_on", "date_out_of_range")]),
        ({"kind": "equal_instalments"}, [("repayment/equal_instalments/count", "missing")]),
        ({"kind": "equal_instalments", "count": 0}, [("repayment/equal_instalments/count", "greater_than_equal")]),
        ({"kind": "equal_instalments", "count": 601}, [("repayment/equal_instalments/count", "less_than_equal")]),
        ({"kind": "equal_instalments", "count": True}, [("repayment/equal_instalments/count", "int_type")]),
        ({"kind": "equal_instalments", "count": 12.0}, [("repayment/equal_instalments/count", "int_type")]),
        (
            {"kind": "equal_instalments", "count": 3, "grace_on_principal": 3},
            [("repayment/equal_instalments", "grace_too_long")],
        ),
        (
            {"kind": "seasonal", "month_days": ["04-30"], "count": 1, "grace_on_charge": 1},
            [("repayment/seasonal", "grace_too_long")],
        ),
        (
            {"kind": "equal_instalments", "count": 3, "grace_on_charge": -1},
            [("repayment/equal_instalments/grace_on_charge", "greater_than_equal")],
        ),
        (
            {"kind": "equal_instalments", "count": 2, "frequency": "daily"},
            [("repayment/equal_instalments/frequency", "frequency_unreadable")],
        ),
        (
            {"kind": "equal_instalments", "count": 2, "interest": "5"},
            [("repayment/equal_instalments/interest", "extra_forbidden")],
        ),
        (
            {"kind": "seasonal", "month_days": [], "count": 2},
            [("repayment/seasonal/month_days", "too_short")],
        ),
        (
            {"kind": "seasonal", "month_days": ["04-31"], "count": 2},
            [("repayment/seasonal/month_days/0", "date_unreadable")],
        ),
        (
            {"kind": "seasonal", "month_days": ["04-30", "04-30"], "count": 2},
            [("repayment/seasonal/month_days", "season_repeated")],
        ),
        ({"kind": "agreed", "payments": []}, [("repayment/agreed/payments", "too_short")]),
        (
            {"kind": "agreed", "payments": [{"due_on": "2021-05-01", "amount": "0.00"}]},
            [("repayment/agreed/payments/0/amount", "amount_zero")],
        ),
        (
            {"kind": "agreed", "payments": [{"due_on": "2021-05-01", "amount": 10.5}]},
            [("repayment/agreed/payments/0/amount", "amount_unreadable")],
        ),
        (
            {"kind": "agreed", "payments": [{"due_on": "2021-05-01", "amount_minor": 500}]},
            [
                ("repayment/agreed/payments/0/amount", "missing"),
                ("repayment/agreed/payments/0/amount_minor", "extra_forbidden"),
            ],
        ),
        (
            {"kind": "agreed", "payments": [{"due_on": "2021-05-01", "amount": "1"}] * 2},
            [("repayment/agreed/payments", "agreed_order")],
        ),
        ({"kind": "interest_only"}, [("repayment", "union_tag_invalid")]),
        ({"count": 12}, [("repayment", "union_tag_not_found")]),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_where_it_is_wrong(
    plan: dict[str, object], refused: list[tuple[str, str]]
) -> None:
    found = refusals({"repayment": plan})
    assert [refusal for refusal in found if refusal in refused] == refused


@pytest.mark.parametrize(
    ("percent", "code"),
    [
        (8.5, "percent_unreadable"),
        (True, "percent_unreadable"),
        (None, "percent_unreadable"),
        ("8,5", "percent_unreadable"),
        ("8.5%", "percent_unreadable"),
        ("-8.5", "percent_unreadable"),
        ("1e1", "percent_unreadable"),
        ("NaN", "percent_unreadable"),
        (Decimal("NaN"), "percent_unreadable"),
        ("٨", "percent_unreadable"),
        ("8.1234567", "percent_unreadable"),
        ("0", "percent_out_of_range"),
        ("0.000", "percent_out_of_range"),
        (0, "percent_out_of_range"),
        ("100.000001", "percent_out_of_range"),
    ],
)
def test_a_percentage_is_an_exact_number_above_0_and_at_most_100(percent: object, code: str) -> None:
    written = {"repayment": YEARLY, "charge": {"kind": "flat_percent", "percent": percent}}
    assert refusals(written) == [("charge/flat_percent/percent", code)]


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ({"rounding_unit": "0"}, ("rounding_unit", "amount_zero")),
        ({"rounding_unit": "0.001"}, ("rounding_unit", "amount_too_precise")),
        ({"rounding_unit": "-1"}, ("rounding_unit", "amount_negative")),
        ({"rounding_unit_minor": 100}, ("rounding_unit_minor", "extra_forbidden")),
        ({"holiday_rule": "never"}, ("holiday_rule", "enum")),
        ({"charge": {"kind": "flat_amount", "amount": "1e3"}}, ("charge/flat_amount/amount", "amount_unreadable")),
        ({"charge": {"kind": "compound"}}, ("charge", "union_tag_invalid")),
        ({"rebate": "all"}, ("rebate", "enum")),
        ({"allocation": {"across": "loans"}}, ("allocation/across", "enum")),
        ({"allocation": {"order": ["principal", "charge"]}}, ("allocation/order", "too_short")),
        ({"allocation": {"order": [*ORDER, "fee"]}}, ("allocation/order", "too_long")),
        ({"allocation": {"order": [*ORDER[:3], "penalty"]}}, ("allocation/order", "kind_repeated")),
        ({"allocation": {"in_advance": ["charge"] * 4}}, ("allocation/in_advance", "kind_repeated")),
        ({"colour": "blue"}, ("colour", "extra_forbidden")),
    ],
)
def test_other_parts_are_refused_where_they_are_wrong(parts: dict[str, object], refused: tuple[str, str]) -> None:
    assert refusals({"repayment": YEARLY, **parts}) == [refused]


BY_PERIOD = {"kind": "declining_balance", "annual_percent": "12"}
BY_DAY = {**BY_PERIOD, "accrual": "by_day"}


@pytest.mark.parametrize(
    "plan",
    [
        {"kind": "bullet", "due_on": "2021-10-31"},
        {"kind": "seasonal", "month_days": ["04-30"], "count": 2},
        {"kind": "agreed", "payments": [{"due_on": "2021-05-01", "amount": "1"}]},
    ],
)
def test_a_charge_by_period_needs_a_plan_that_has_periods(plan: dict[str, object]) -> None:
    assert refusals({"repayment": plan, "charge": BY_PERIOD}) == [("", "no_periods")]
    LoanTerms.model_validate({"repayment": plan, "charge": BY_DAY})


@pytest.mark.parametrize(
    ("plan", "period"),
    [
        (YEARLY, (12, 12)),
        ({"kind": "equal_instalments", "count": 2}, (1, 12)),
        ({"kind": "equal_instalments", "count": 2, "frequency": "quarterly"}, (3, 12)),
        ({"kind": "equal_instalments", "count": 2, "frequency": "weekly"}, (1, 52)),
        ({"kind": "equal_instalments", "count": 2, "frequency": "fortnightly"}, (2, 52)),
        ({"kind": "equal_instalments", "count": 2, "frequency": "10 days"}, (10, 365)),
        ({"kind": "bullet", "due_on": "2021-10-31"}, None),
    ],
)
def test_the_periods_of_a_plan_are_parts_of_a_year(plan: dict[str, object], period: tuple[int, int] | None) -> None:
    assert period_of(LoanTerms.model_validate({"repayment": plan}).repayment) == period


def test_terms_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        terms_with().holiday_rule = HolidayRule.NONE  # type: ignore[misc]  # what the test is about


@given(st.integers(max_value=0))
def test_a_loan_has_a_principal(principal_minor: int) -> None:
    with pytest.raises(PrincipalNotPositiveError):
        check_terms(terms_with(), principal_minor)


@given(agreed_plans(), st.integers(-100_00, 100_00).filter(bool))
def test_agreed_amounts_sum_to_the_principal(plan: tuple[list[dict[str, str]], int], difference_minor: int) -> None:
    payments, principal_minor = plan
    terms = LoanTerms.model_validate({"repayment": {"kind": "agreed", "payments": payments}})
    check_terms(terms, principal_minor)
    with pytest.raises((AgreedAmountsError, PrincipalNotPositiveError)):
        check_terms(terms, principal_minor + difference_minor)


def test_the_refusal_names_both_sums() -> None:
    payments = [{"due_on": "2021-05-01", "amount": "4000"}, {"due_on": "2021-11-01", "amount": "5000"}]
    terms = LoanTerms.model_validate({"repayment": {"kind": "agreed", "payments": payments}})
    with pytest.raises(AgreedAmountsError, match=r"sum to 9000\.00, the principal is 10000\.00") as refused:
        check_terms(terms, 1_000_000)
    assert refused.value.pointer == "/repayment/payments"
