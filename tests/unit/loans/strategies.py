"""Random terms, principals and calendars of loans as they might be agreed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from cif_engine.dates import Calendar, HolidayRule, MonthEnd
from cif_engine.loans.day_counts import DayCount
from cif_engine.loans.terms import Across, Amortisation, ChargeDue, DueKind, LoanTerms, Rebate, Whole
from cif_engine.money import format_amount

start_days = st.dates(date(2019, 1, 1), date(2024, 12, 31))
principals = st.integers(1, 500_000_00) | st.integers(1, 500_000).map(lambda rupees: rupees * 100)

calendars = st.builds(
    Calendar,
    holidays=st.frozensets(st.dates(date(2019, 1, 1), date(2026, 12, 31)), max_size=40),
    rest_days=st.frozensets(st.integers(0, 6), max_size=3),
)

frequencies = st.sampled_from(["weekly", "fortnightly", "monthly", "quarterly", "10 days", "2 months"])
month_days = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: f"{day:%m-%d}")

bullets = st.fixed_dictionaries({"kind": st.just("bullet"), "after_months": st.integers(1, 36)})


def _within_grace(plan: dict[str, Any]) -> dict[str, Any]:
    """Return the plan with its graces cut to leave the last instalment free of them."""
    graces = {name: min(plan[name], plan["count"] - 1) for name in ("grace_on_principal", "grace_on_charge")}
    return {**plan, **graces}


graces = {"grace_on_principal": st.integers(0, 6), "grace_on_charge": st.integers(0, 6)}
equal_instalments = st.fixed_dictionaries(
    {
        **graces,
        "kind": st.just("equal_instalments"),
        "count": st.integers(1, 60),
        "frequency": frequencies,
        "first_due_on": st.none() | st.dates(date(2025, 1, 1), date(2026, 12, 31)).map(str),
        "month_end": st.sampled_from([rule.value for rule in MonthEnd]),
    }
).map(_within_grace)
seasons = st.fixed_dictionaries(
    {
        **graces,
        "kind": st.just("seasonal"),
        "month_days": st.lists(month_days, min_size=1, max_size=4, unique=True),
        "count": st.integers(1, 12),
    }
).map(_within_grace)

interest_free = st.just({"kind": "none"})
percentages = st.decimals(Decimal("0.01"), 100, places=2).map(lambda percent: f"{percent:f}")
charges_due = st.sampled_from([due.value for due in ChargeDue if due is not ChargeDue.UP_FRONT])
flat_charges = st.fixed_dictionaries(
    {"kind": st.just("flat_percent"), "percent": percentages, "due": charges_due}
) | st.fixed_dictionaries(
    {"kind": st.just("flat_amount"), "amount": st.integers(1, 10_000_00).map(format_amount), "due": charges_due}
)
up_front_charges = st.fixed_dictionaries(
    {"kind": st.just("flat_percent"), "percent": percentages, "due": st.just("up_front")}
)
declining_charges = st.fixed_dictionaries(
    {
        "kind": st.just("declining_balance"),
        "annual_percent": percentages,
        "accrual": st.just("by_day"),
        "day_count": st.sampled_from([count.value for count in DayCount]),
        "amortisation": st.sampled_from([amortisation.value for amortisation in Amortisation]),
    }
)
all_charges = interest_free | flat_charges | up_front_charges | declining_charges

orders = st.permutations([kind.value for kind in DueKind])
allocations = st.fixed_dictionaries(
    {
        "order": orders,
        "in_advance": st.none() | orders,
        "across": st.sampled_from([across.value for across in Across]),
    }
)


def terms_in_json(charges: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return terms, as requests write them, whose plan fits any principal."""
    return st.fixed_dictionaries(
        {
            "repayment": bullets | equal_instalments | seasons,
            "charge": charges,
            "rounding_unit": st.sampled_from(["0.01", "1.00", "10.00", "500.00"]),
            "whole": st.sampled_from([whole.value for whole in Whole]),
            "holiday_rule": st.sampled_from([rule.value for rule in HolidayRule]),
            "allocation": allocations,
            "rebate": st.sampled_from([rebate.value for rebate in Rebate]),
        }
    )


def loan_terms(
    charges: st.SearchStrategy[dict[str, Any]] = all_charges, *, whole: Whole | None = None, grace: bool = True
) -> st.SearchStrategy[LoanTerms]:
    """Return terms, where wanted all with the same part `whole`, or all without grace."""

    def settled(terms: dict[str, Any]) -> dict[str, Any]:
        plan = terms["repayment"]
        without = {name: 0 for name in graces if name in plan}
        part = terms["whole"] if whole is None else whole.value
        return {**terms, "whole": part, "repayment": plan if grace else {**plan, **without}}

    return terms_in_json(charges).map(settled).map(LoanTerms.model_validate)


@st.composite
def agreed_plans(draw: st.DrawFn) -> tuple[list[dict[str, str]], int]:
    """Return agreed payments after 2024, as requests write them, and the principal they sum to."""
    amounts = draw(st.lists(st.integers(1, 100_000_00), min_size=1, max_size=12))
    gaps = draw(st.lists(st.integers(1, 90), min_size=len(amounts), max_size=len(amounts)))
    day = date(2024, 12, 31)
    payments = []
    for amount_minor, gap in zip(amounts, gaps, strict=True):
        day += timedelta(days=gap)
        payments.append({"due_on": str(day), "amount": format_amount(amount_minor)})
    return payments, sum(amounts)
