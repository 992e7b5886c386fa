"""What a refusal says, word for word, and the field it points at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from cif_engine.dates import Calendar, parse_date
from cif_engine.errors import CifError
from cif_engine.loans.charges import up_front_charge
from cif_engine.loans.due_dates import due_dates
from cif_engine.loans.fields import _reported
from cif_engine.loans.guards import Limits, PovertyBand, refuse_ineligible, refuse_over_limit, refuse_over_term
from cif_engine.loans.terms import AgreedPayment, FlatAmount, LoanTerms, check_terms

POOR = PovertyBand(0, 23)
LIMITS = Limits(1_000_00, 25_000_00, cycle_max=3, cycle_min=2)
START = date(2021, 1, 31)


def bullet(**says: object) -> LoanTerms:
    return LoanTerms.model_validate({"repayment": {"kind": "bullet", **says}})


def instalments(**says: object) -> LoanTerms:
    return LoanTerms.model_validate({"repayment": {"kind": "equal_instalments", "count": 1, **says}})


def agreed(*days: str) -> LoanTerms:
    payments = [{"due_on": day, "amount": "5.00"} for day in days]
    return LoanTerms.model_validate({"repayment": {"kind": "agreed", "payments": payments}})


def up_front(**says: object) -> LoanTerms:
    charge = {"due": "up_front", **says}
    return LoanTerms.model_validate({"repayment": {"kind": "bullet", "after_months": 1}, "charge": charge})


def within(terms: LoanTerms, least: int | None, most: int | None) -> None:
    refuse_over_term(terms, START, replace(LIMITS, term_min_months=least, term_max_months=most), "CIF")


Refusal = tuple[Callable[[], object], str, str, dict[str, Any]]
REFUSALS: dict[str, Refusal] = {
    # what is refused, the words, the field, the facts beside it
    "a household not listed": (
        lambda: refuse_ineligible(10, POOR, listed_eligible=False),
        "The household is not listed as eligible.",
        "/member",
        {},
    ),
    "a household without a score": (
        lambda: refuse_ineligible(None, POOR, listed_eligible=True),
        "The fund lends to scores 0 to 23; the household has no score.",
        "/member",
        {},
    ),
    "a household outside the band": (
        lambda: refuse_ineligible(24, POOR, listed_eligible=True),
        "The fund lends to scores 0 to 23; the household has 24.",
        "/member",
        {"poverty_score": 24},
    ),
    "too little": (
        lambda: refuse_over_limit(999_99, 2, LIMITS, "CIF"),
        "The least that CIF lends is 1000.00.",
        "/amount",
        {"limit_name": "amount_min", "limit": "1000.00"},
    ),
    "too much": (
        lambda: refuse_over_limit(25_000_01, 2, LIMITS, "CIF"),
        "The most that CIF lends is 25000.00.",
        "/amount",
        {"limit_name": "amount_max", "limit": "25000.00"},
    ),
    "too early": (
        lambda: refuse_over_limit(5_000_00, 1, LIMITS, "CIF"),
        "This would be the member's loan 1; CIF lends from loan 2 on.",
        "/member",
        {"limit_name": "cycle_min", "limit": 2},
    ),
    "once too often": (
        lambda: refuse_over_limit(5_000_00, 4, LIMITS, "CIF"),
        "This would be the member's loan 4; CIF lends 3 times.",
        "/member",
        {"limit_name": "cycle_max", "limit": 3},
    ),
    "too short": (
        lambda: within(bullet(due_on="2021-07-30"), 6, None),
        "The shortest loan of CIF takes 6 months; this one would end on 2021-07-30.",
        "/repayment",
        {"limit_name": "term_min_months", "limit": 6},
    ),
    "too short by the month end of the plan": (
        lambda: within(instalments(first_due_on="2021-02-28", month_end="next_month"), 1, None),
        "The shortest loan of CIF takes 1 months; this one would end on 2021-02-28.",
        "/repayment",
        {"limit_name": "term_min_months", "limit": 1},
    ),
    "too long": (
        lambda: within(bullet(after_months=7), None, 6),
        "The longest loan of CIF takes 6 months; this one would end on 2021-08-31.",
        "/repayment",
        {"limit_name": "term_max_months", "limit": 6},
    ),
    "an agreed payment on the day of the start": (
        lambda: due_dates(agreed("2021-01-31", "2021-03-01"), START, Calendar()),
        "The payment due on 2021-01-31 is not after the start of the loan on 2021-01-31.",
        "/repayment/payments/0/due_on",
        {},
    ),
    "a first instalment before the start": (
        lambda: due_dates(instalments(first_due_on="2021-01-30"), START, Calendar()),
        "The payment due on 2021-01-30 is not after the start of the loan on 2021-01-31.",
        "/repayment/first_due_on",
        {},
    ),
    "a bullet before the start": (
        lambda: due_dates(bullet(due_on="2021-01-30"), START, Calendar()),
        "The payment due on 2021-01-30 is not after the start of the loan on 2021-01-31.",
        "/repayment/due_on",
        {},
    ),
    "no principal": (
        lambda: check_terms(bullet(after_months=1), 0),
        "The principal of a loan is above zero.",
        "/principal",
        {},
    ),
    "agreed payments of another sum": (
        lambda: check_terms(agreed("2021-03-01", "2021-04-01"), 10_01),
        "The agreed payments sum to 10.00, the principal is 10.01.",
        "/repayment/payments",
        {},
    ),
    "a charge that leaves nothing to hand out": (
        lambda: up_front_charge(up_front(kind="flat_amount", amount="10.00"), 10_00),
        "The charge of 10.00 would leave nothing of 10.00.",
        "/charge",
        {},
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_names_its_figures_and_points_at_the_field(what: str) -> None:
    refused, words, pointer, facts = REFUSALS[what]
    with pytest.raises(CifError) as refusal:
        refused()
    assert (refusal.value.detail, refusal.value.pointer, refusal.value.facts) == (words, pointer, facts)


MONTHLY = {"kind": "equal_instalments", "count": 2}
WRONG_TERMS: dict[str, tuple[dict[str, Any], str, str]] = {
    # what is written, the code, the words
    "no amount": ({"repayment": MONTHLY, "rounding_unit": "0.00"}, "amount_zero", "This amount is above zero."),
    "no percentage": (
        {"repayment": MONTHLY, "charge": {"kind": "flat_percent", "percent": "8 %"}},
        "percent_unreadable",
        'A percentage is written as a decimal string such as "8.5".',
    ),
    "a percentage of nothing": (
        {"repayment": MONTHLY, "charge": {"kind": "flat_percent", "percent": "0"}},
        "percent_out_of_range",
        "A percentage is above 0 and at most 100; no charge is the kind `none`.",
    ),
    "a bullet on no day": (
        {"repayment": {"kind": "bullet"}},
        "bullet_day",
        "A bullet loan names either `after_months` or `due_on`.",
    ),
    "a bullet on two days": (
        {"repayment": {"kind": "bullet", "after_months": 1, "due_on": "2024-05-01"}},
        "bullet_day",
        "A bullet loan names either `after_months` or `due_on`.",
    ),
    "nothing but grace on principal": (
        {"repayment": {**MONTHLY, "grace_on_principal": 2}},
        "grace_too_long",
        "At least the last instalment comes after the grace.",
    ),
    "nothing but grace on charge": (
        {"repayment": {**MONTHLY, "grace_on_charge": 2}},
        "grace_too_long",
        "At least the last instalment comes after the grace.",
    ),
    "a harvest named twice": (
        {"repayment": {"kind": "seasonal", "count": 2, "month_days": ["04-30", "10-31", "04-30"]}},
        "season_repeated",
        "A day of the harvest calendar is named twice.",
    ),
    "two payments on one day": (
        {
            "repayment": {
                "kind": "agreed",
                "payments": [{"due_on": "2024-05-01", "amount": "1"}, {"due_on": "2024-05-01", "amount": "1"}],
            }
        },
        "agreed_order",
        "Each agreed payment falls due after the one before it.",
    ),
    "a kind of dues named twice": (
        {"repayment": MONTHLY, "allocation": {"order": ["fee", "fee", "charge", "principal"]}},
        "kind_repeated",
        "Each of penalty, fee, charge and principal has one place.",
    ),
    "periods of a single day": (
        {
            "repayment": {"kind": "bullet", "due_on": "2024-05-01"},
            "charge": {"kind": "declining_balance", "annual_percent": "12"},
        },
        "no_periods",
        "A plan of single days has no periods of equal length; its charge is counted by day.",
    ),
}


@pytest.mark.parametrize("what", WRONG_TERMS)
def test_terms_that_cannot_be_meant_are_refused_in_words(what: str) -> None:
    written, code, words = WRONG_TERMS[what]
    with pytest.raises(ValidationError) as refusal:
        LoanTerms.model_validate(written)
    (error,) = refusal.value.errors()
    assert (error["type"], error["msg"]) == (code, words)


def test_a_charge_that_leaves_the_least_to_hand_out_is_taken() -> None:
    assert up_front_charge(up_front(kind="flat_amount", amount="9.99"), 10_00) == 9_99


def test_what_a_reader_refuses_is_reported_with_its_code_and_words() -> None:
    read = _reported(parse_date)
    assert read("2021-01-31") == START
    with pytest.raises(PydanticCustomError) as reported:
        read("31/1")
    assert reported.value.type == "date_unreadable"
    assert reported.value.message() == "A date is a day of the calendar, written as YYYY-MM-DD."


def test_amounts_of_terms_may_be_given_in_minor_units() -> None:
    assert FlatAmount.of_minor(12_34) == FlatAmount.model_validate({"amount": "12.34"})
    assert AgreedPayment.of_minor(START, 5_00) == AgreedPayment.model_validate({"due_on": START, "amount": "5.00"})


def test_readers_of_the_contract_are_told_that_a_kind_is_always_written() -> None:
    schemas = LoanTerms.model_json_schema()["$defs"]
    required = {name: schema["required"] for name, schema in schemas.items() if "required" in schema}
    assert required == {
        "AgreedPayment": ["due_on", "amount"],
        "AgreedPayments": ["kind", "payments"],
        "BulletPayment": ["kind"],
        "DecliningBalance": ["kind", "annual_percent"],
        "EqualInstalments": ["kind", "count"],
        "FlatAmount": ["kind", "amount"],
        "FlatPercent": ["kind", "percent"],
        "NoCharge": ["kind"],
        "SeasonalInstalments": ["kind", "count", "month_days"],
    }
