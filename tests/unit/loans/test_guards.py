"""What a fund and a product allow, and the stated reason when they do not."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cif_engine.errors import DueBeforeStartError, NotEligibleError, OverLimitError
from cif_engine.loans.guards import Limits, PovertyBand, refuse_ineligible, refuse_over_limit, refuse_over_term
from cif_engine.loans.terms import LoanTerms

POOR = PovertyBand(0, 23)
ALL = PovertyBand(0, 100)
LIMITS = Limits(amount_min_minor=1_000_00, amount_max_minor=25_000_00, cycle_max=3)


@pytest.mark.parametrize(("score", "band"), [(0, POOR), (23, POOR), (100, ALL), (None, ALL), (12, PovertyBand(12, 18))])
def test_a_listed_household_within_the_band_is_eligible(score: int | None, band: PovertyBand) -> None:
    refuse_ineligible(score, band, listed_eligible=True)


@pytest.mark.parametrize(
    ("score", "band", "listed", "reason"),
    [
        pytest.param(10, POOR, False, "not listed as eligible", id="not on the list, however poor"),
        pytest.param(10, ALL, False, "not listed as eligible", id="not on the list of a fund for all"),
        pytest.param(24, POOR, True, "scores 0 to 23; the household has 24", id="just above the band"),
        pytest.param(11, PovertyBand(12, 18), True, "scores 12 to 18; the household has 11", id="below the band"),
        pytest.param(None, POOR, True, "the household has no score", id="not scored"),
    ],
)
def test_a_household_that_is_not_eligible_is_refused_for_the_reason(
    *, score: int | None, band: PovertyBand, listed: bool, reason: str
) -> None:
    with pytest.raises(NotEligibleError, match=reason):
        refuse_ineligible(score, band, listed_eligible=listed)


@pytest.mark.parametrize(
    ("amount", "cycle", "limits"),
    [
        pytest.param(1_000_00, 1, LIMITS, id="the least"),
        pytest.param(25_000_00, 3, LIMITS, id="the most, for the last time"),
        pytest.param(10**15, 99, Limits(1, None, None), id="no limits"),
    ],
)
def test_within_the_limits_nothing_is_refused(amount: int, cycle: int, limits: Limits) -> None:
    refuse_over_limit(amount, cycle, limits, "the fund CIF")


@pytest.mark.parametrize(
    ("amount", "cycle", "reason", "name", "limit"),
    [
        pytest.param(999_99, 2, "The least that CIF lends is 1000.00.", "amount_min", "1000.00", id="too little"),
        pytest.param(25_000_01, 2, "The most that CIF lends is 25000.00.", "amount_max", "25000.00", id="too much"),
        pytest.param(5_000_00, 4, "loan 4; CIF lends 3 times", "cycle_max", 3, id="once too often"),
        pytest.param(5_000_00, 1, "loan 1; CIF lends from loan 2 on", "cycle_min", 2, id="too early"),
    ],
)
def test_outside_the_limits_the_limit_is_named(
    amount: int, cycle: int, reason: str, name: str, limit: str | int
) -> None:
    with pytest.raises(OverLimitError, match=reason) as refusal:
        refuse_over_limit(amount, cycle, replace(LIMITS, cycle_min=2), "CIF")
    assert refusal.value.facts == {"limit_name": name, "limit": limit}


# The term of a loan --------------------------------------------------------------------------------------------

START = date(2021, 1, 31)


def terms_of(**plan: object) -> LoanTerms:
    return LoanTerms.model_validate({"repayment": plan})


@pytest.mark.parametrize(
    ("plan", "least", "most"),
    [
        pytest.param({"kind": "bullet", "after_months": 1}, None, None, id="no limits"),
        pytest.param({"kind": "bullet", "after_months": 12}, 12, 12, id="both limits"),
        pytest.param({"kind": "bullet", "due_on": "2022-01-31"}, 12, 12, id="on the very day"),
        pytest.param({"kind": "bullet", "due_on": "2021-02-28"}, 1, 1, id="the month has no such day"),
        pytest.param(
            {"kind": "equal_instalments", "count": 1, "month_end": "next_month"},
            1,
            1,
            id="the month end rule of the plan",
        ),
        pytest.param({"kind": "equal_instalments", "count": 52, "frequency": "weekly"}, 11, 12, id="in weeks"),
        pytest.param({"kind": "seasonal", "month_days": ["04-30", "10-31"], "count": 2}, 9, 9, id="by the harvest"),
        pytest.param({"kind": "agreed", "payments": [{"due_on": "2021-05-01", "amount": "1"}]}, 3, 4, id="agreed"),
    ],
)
def test_a_plan_within_the_term_is_not_refused(plan: dict[str, Any], least: int | None, most: int | None) -> None:
    limits = replace(LIMITS, term_min_months=least, term_max_months=most)
    refuse_over_term(terms_of(**plan), START, limits, "GOAT")


@pytest.mark.parametrize(
    ("plan", "least", "most", "name", "reason"),
    [
        pytest.param(
            {"kind": "bullet", "due_on": "2022-01-30"},
            12,
            None,
            "term_min_months",
            "would end on 2022-01-30",
            id="short",
        ),
        pytest.param(
            {"kind": "bullet", "due_on": "2022-02-01"},
            None,
            12,
            "term_max_months",
            "takes 12 months",
            id="long by a day",
        ),
        pytest.param(
            {"kind": "equal_instalments", "count": 19}, 6, 18, "term_max_months", "would end on 2022-08-31", id="long"
        ),
    ],
)
def test_a_plan_outside_the_term_is_refused_at_the_plan(
    plan: dict[str, Any], least: int | None, most: int | None, name: str, reason: str
) -> None:
    limits = replace(LIMITS, term_min_months=least, term_max_months=most)
    with pytest.raises(OverLimitError, match=reason) as refusal:
        refuse_over_term(terms_of(**plan), START, limits, "GOAT")
    assert refusal.value.pointer == "/repayment"
    assert refusal.value.facts == {"limit_name": name, "limit": least if name == "term_min_months" else most}


def test_a_plan_that_ends_before_it_starts_is_refused_where_the_term_has_limits() -> None:
    passed = terms_of(kind="bullet", due_on="2021-01-31")
    with pytest.raises(DueBeforeStartError):
        refuse_over_term(passed, START, replace(LIMITS, term_max_months=12), "GOAT")
