"""How the figures of a portfolio on a day are told."""

from __future__ import annotations

from collections.abc import Callable

from cif_engine.money import format_amount
from cif_engine.operations.asking import figure_query
from cif_engine.operations.portfolio_counts import Counted, Figures
from cif_engine.operations.views import View
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.figures import Figure
from cif_engine.portfolio.par import (
    COVERED_DAYS,
    PAR_DAYS,
    Band,
    Rate,
    ageing,
    arrears_rate,
    at_risk_with_renegotiated,
    portfolio_at_risk,
    risk_coverage,
)
from cif_engine.portfolio.recovery import recovery_rate


def portfolio_view(portfolio: Counted, figures: Figures, comparator: Comparator, behind: str) -> View:
    """Return the figures of one portfolio; `behind` is what `loans_behind` gives."""
    tally = portfolio.tally
    view: View = {
        "gross_portfolio": {
            "definition": "gross_portfolio",
            "amount": format_amount(tally.outstanding_minor),
            "loans_query": figure_query(behind, "gross_portfolio"),
        },
        "loans": tally.loans,
    }
    for figure in Figure:
        if figure in figures:
            view |= _VIEWS[figure](portfolio, comparator, behind)
    return view


def rate_view(rate: Rate) -> View:
    """Return a rate with what it is of what."""
    return {
        "definition": rate.definition,
        "rate": rate.in_decimals(),
        "numerator": format_amount(rate.numerator_minor),
        "denominator": format_amount(rate.denominator_minor),
    }


def _people_view(portfolio: Counted, _comparator: Comparator, _behind: str) -> View:
    return {"borrowers": portfolio.people.borrowers, "households": portfolio.people.households}


def _par_view(portfolio: Counted, comparator: Comparator, behind: str) -> View:
    tally = portfolio.tally
    late = [(portfolio_at_risk(tally, days, comparator), tally.late_over(days, comparator)) for days in PAR_DAYS]
    at_risk = [
        (at_risk_with_renegotiated(tally, days, comparator), tally.at_risk_over(days, comparator)) for days in PAR_DAYS
    ]
    return {
        name: [
            {
                **rate_view(rate),
                "days": days,
                "comparator": comparator.value,
                "loans": part.loans,
                "loans_query": figure_query(behind, rate.definition, days=days),
            }
            for days, (rate, part) in zip(PAR_DAYS, found, strict=True)
        ]
        for name, found in (("par", late), ("par_renegotiated", at_risk))
    }


def _ageing_view(portfolio: Counted, _comparator: Comparator, behind: str) -> View:
    return {"ageing": {"definition": "ageing", "bands": [_band_view(band, behind) for band in ageing(portfolio.tally)]}}


def _band_view(band: Band, behind: str) -> View:
    return {
        "band": band.name,
        "days_from": band.days_from,
        "days_to": band.days_to,
        "amount": format_amount(band.part.outstanding_minor),
        "loans": band.part.loans,
        "loans_query": figure_query(behind, "ageing", part=band.name),
    }


def _arrears_view(portfolio: Counted, _comparator: Comparator, behind: str) -> View:
    rate = rate_view(arrears_rate(portfolio.tally))
    return {"arrears_rate": {**rate, "loans_query": figure_query(behind, "arrears_rate")}}


def _recovery_view(portfolio: Counted, _comparator: Comparator, behind: str) -> View:
    rate = rate_view(recovery_rate(portfolio.recovered))
    return {"recovery_rate": {**rate, "loans_query": figure_query(behind, "recovery_rate")}}


def _coverage_view(portfolio: Counted, comparator: Comparator, behind: str) -> View:
    if portfolio.allowance_minor is None:
        return {"risk_coverage": None}
    return {
        "risk_coverage": {
            **rate_view(risk_coverage(portfolio.tally, portfolio.allowance_minor, comparator)),
            "days": COVERED_DAYS,
            "comparator": comparator.value,
            "loans_query": figure_query(behind, "par_n_renegotiated", days=COVERED_DAYS),
        }
    }


_VIEWS: dict[Figure, Callable[[Counted, Comparator, str], View]] = {
    Figure.PEOPLE: _people_view,
    Figure.PAR: _par_view,
    Figure.AGEING: _ageing_view,
    Figure.ARREARS: _arrears_view,
    Figure.RECOVERY: _recovery_view,
    Figure.COVERAGE: _coverage_view,
}
