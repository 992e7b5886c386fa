"""How the figures of funds are told, of one and of many alike."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from cif_engine.fund.figures import Available, FundFigures, Ratio, Span
from cif_engine.money import format_amount, round_ratio
from cif_engine.operations.asking import figure_query
from cif_engine.operations.views import View

Behind = Callable[[Span | None], str]
"""How the loans behind the figures are asked for: of the day, or of a period; the figure comes after."""


def figures_view(figures: FundFigures, behind: Behind, lendable: Available | None = None) -> View:
    """Return the figures of a fund, or of several as one; what may be lent is told of one alone."""
    of = figures.sums
    disbursed = figure_query(behind(figures.year), "disbursed")
    view: View = {
        "capital": {"definition": "capital", "amount": format_amount(of.capital_minor)},
        "fund_value": {
            "definition": "fund_value",
            "cash": format_amount(of.cash_minor),
            "outstanding_principal": format_amount(of.outstanding_minor),
            "allowance": format_amount(of.allowance_minor),
            "borrower_credit_balances": format_amount(of.credits_minor),
            "amount": format_amount(figures.fund_value_minor),
            "loans_query": figure_query(behind(None), "gross_portfolio"),
        },
        "capital_index": ratio_view(figures.capital_index),
        "utilisation": ratio_view(figures.utilisation),
        "turns": ratio_view(figures.turns),
        "velocity": {**ratio_view(figures.velocity), **_averaged_view(figures.year), "loans_query": disbursed},
        "idle": {**ratio_view(figures.idle), **_averaged_view(figures.period), "days": figures.period.days},
    }
    if lendable is not None:
        view["available"] = available_view(lendable)
    view["reach"] = _reach_view(figures)
    return view


def ratio_view(ratio: Ratio) -> View:
    """Return a ratio of two amounts; these are rounded half even to a minor unit, the ratio is of the exact ones."""
    return {
        "definition": ratio.definition,
        "rate": ratio.in_decimals(),
        "numerator": _amount(ratio.numerator),
        "denominator": _amount(ratio.denominator),
    }


def available_view(lendable: Available) -> View:
    """Return what may be lent on a day."""
    return {
        "definition": "available",
        "cash_and_bank": format_amount(lendable.cash_and_bank_minor),
        "committed": format_amount(lendable.committed_minor),
        "reserve_floor": format_amount(lendable.reserve_minor),
        "amount": format_amount(lendable.amount_minor),
    }


def _averaged_view(span: Span) -> View:
    """Return a period, and over how many values the average fund value of it is taken."""
    days = {"from": span.from_on.isoformat(), "to": span.to_on.isoformat()}
    return {**days, "averaged_over": len(span.averaged)}


def _reach_view(figures: FundFigures) -> View:
    reach = figures.reach
    return {
        "definition": "reach",
        "rate": None if reach is None else reach.in_decimals(),
        "numerator": figures.served,
        "denominator": figures.eligible,
    }


def _amount(amount: Fraction) -> str:
    return format_amount(round_ratio(amount.numerator, amount.denominator, 1))
