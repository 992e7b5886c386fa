"""How the profile of an LSO is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from cif_engine.dates import is_month_end
from cif_engine.fund.figures import FundFigures, Growth, Ratio, Span, Sums
from cif_engine.money import format_amount, round_ratio
from cif_engine.operations.asking import Opened, figure_query, loans_behind, period_behind
from cif_engine.operations.fund_reports import position_view
from cif_engine.operations.portfolio_views import portfolio_view, rate_view
from cif_engine.operations.profile_counts import FIGURES, Part
from cif_engine.operations.reporting import Period
from cif_engine.operations.views import View
from cif_engine.persistence.profiles import Coded, FundNamed, Place, Registers
from cif_engine.persistence.to_date import ToDate
from cif_engine.portfolio.cuts import Key, in_order
from cif_engine.portfolio.demand import on_time_rate
from cif_engine.portfolio.par import Rate
from cif_engine.portfolio.vintages import month_ends

RISK_DAYS: Final = 30
MONTHS_SHOWN: Final = 24
MOST_PURPOSES: Final = 5
"""Of more, the smallest are told together as the others."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How the figures of one profile are told: of which day and year, and of how many eligible households."""

    asked: Opened
    as_of: date
    year: Span
    eligible: int | None

    def figures(self, part: Part, key: Key = ()) -> View:
        """Return the figures of a fund; without its key, of all funds."""
        position, done = position_view(part.position), part.to_date
        behind = loans_behind(self.asked, self.as_of, key)
        of_year = period_behind(self.asked, Period(*self.year), key)
        to_date = period_behind(self.asked, Period(self._first_day(part), self.as_of), key)
        told = portfolio_view(part.counted, FIGURES, self.asked.comparator, behind)
        sums = Sums(capital_minor=part.position.capital_minor, disbursed_minor=done.disbursed_minor)
        revolving = FundFigures(sums, self.year, self.year, done.households, self.eligible)
        return {
            "capital": position["capital"],
            "disbursed_to_date": {
                "definition": "disbursed_to_date",
                "amount": format_amount(done.disbursed_minor),
                "loans_query": figure_query(to_date, "disbursed"),
            },
            "loans_to_date": done.loans,
            "borrowers_to_date": done.borrowers,
            "households_to_date": done.households,
            "average_loan": _average_loan(done),
            **{name: told[name] for name in ("gross_portfolio", "loans", "borrowers", "households")},
            "par_30": next(rate for rate in told["par"] if rate["days"] == RISK_DAYS),
            "on_time_rate": {
                **rate_view(on_time_rate(part.year)),
                "from": self.year.from_on.isoformat(),
                "to": self.year.to_on.isoformat(),
                "loans_query": figure_query(of_year, "on_time_rate"),
            },
            "recovery_rate": told["recovery_rate"],
            "written_off_to_date": {
                "definition": "written_off_to_date",
                "amount": format_amount(part.written_off_minor),
                "loans_query": figure_query(to_date, "written_off"),
            },
            "turns": _turns_view(revolving.turns),
            "reach": _reach_view(revolving),
            "available": position["available"],
        }

    def _first_day(self, part: Part) -> date:
        return min((growth.on for growth in part.growths), default=self.as_of)


def _average_loan(done: ToDate) -> str | None:
    """Return what was handed out for each loan, rounded half even to a minor unit."""
    return format_amount(round_ratio(done.disbursed_minor, done.loans, 1)) if done.loans else None


def _turns_view(turns: Ratio) -> View:
    """Return how often the capital was lent; both parts are amounts."""
    numerator, denominator = (format_amount(int(part)) for part in (turns.numerator, turns.denominator))
    return {
        "definition": turns.definition,
        "rate": turns.in_decimals(),
        "numerator": numerator,
        "denominator": denominator,
    }


def _reach_view(figures: FundFigures) -> View:
    """Return which share of the eligible households was served; both parts are counts."""
    reach = figures.reach
    return {
        "definition": "reach",
        "rate": None if reach is None else reach.in_decimals(),
        "numerator": figures.served,
        "denominator": figures.eligible,
    }


def place_view(place: Place) -> View:
    """Return where an LSO belonged."""
    return {
        "rsp": _coded_view(place.rsp),
        "district": _coded_view(place.district),
        "tehsil": _coded_view(place.tehsil),
        "union_council": _coded_view(place.union_council),
        "households_eligible": place.households_eligible,
    }


def _coded_view(coded: Coded | None) -> View | None:
    return None if coded is None else {"code": coded.code, "name": coded.name}


def registers_view(registers: Registers) -> View:
    """Return what the registers of an LSO say."""
    return {
        "name": registers.name,
        "formed_on": registers.formed_on and registers.formed_on.isoformat(),
        "households_total": registers.households_total,
        "households_organised": registers.households_organised,
        "organised_share": _share(registers.households_organised, registers.households_total),
        "village_organisations": registers.village_organisations,
        "community_organisations": registers.community_organisations,
        "members": registers.members,
        "general_body_members": registers.general_body_members,
        "executive_committee_members": registers.executive_committee_members,
    }


def _share(part: int | None, whole: int | None) -> str | None:
    return None if part is None or whole is None else Rate("", part, whole).in_decimals()


def fund_view(named: FundNamed) -> View:
    """Return what a fund is called, and whose it is."""
    return {
        "fund": named.code,
        "name": named.name,
        "funder": named.funder,
        "programme": named.programme,
        "holder": named.holder,
    }


def trend_view(grown: Iterable[Growth], as_of: date) -> list[View]:
    """Return capital, what was handed out to date and what is outstanding on the days of the chart."""
    ordered, points = sorted(grown, key=lambda growth: growth.on), []
    capital = disbursed = outstanding = at = 0
    for day in days_of_trend(as_of):
        while at < len(ordered) and ordered[at].on <= day:
            capital += ordered[at].capital_minor
            disbursed += ordered[at].disbursed_minor
            outstanding += ordered[at].outstanding_minor
            at += 1
        points.append(
            {
                "as_of": day.isoformat(),
                "capital": format_amount(capital),
                "disbursed_to_date": format_amount(disbursed),
                "gross_portfolio": format_amount(outstanding),
            }
        )
    return points


def days_of_trend(as_of: date) -> tuple[date, ...]:
    """Return the days of the chart: month-ends, the last of them the day itself, whatever day it is.

    On 15 March 2021 with 24 days: from 30 April 2019 to 28 February 2021, and 15 March.
    """
    if is_month_end(as_of):
        return month_ends(as_of, MONTHS_SHOWN)
    return (*month_ends(as_of, MONTHS_SHOWN - 1), as_of)


def purposes_view(done: Mapping[Key, ToDate], every: ToDate) -> View:
    """Return what was handed out by purpose, the largest first; of many, the smallest as one."""
    ordered = sorted(done, key=lambda key: (-done[key].disbursed_minor, in_order(key)))
    ordered = [key for key in ordered if done[key].loans]
    shown = ordered if len(ordered) <= MOST_PURPOSES else ordered[: MOST_PURPOSES - 1]
    others = [done[key] for key in ordered[len(shown) :]]
    rest = ToDate(sum(of.loans for of in others), sum(of.disbursed_minor for of in others))
    return {
        "rows": [{"purpose": key[0], **_purpose_view(done[key], every)} for key in shown],
        "others": {"purposes": len(others), **_purpose_view(rest, every)} if others else None,
    }


def _purpose_view(done: ToDate, every: ToDate) -> View:
    share = Rate("", done.disbursed_minor, every.disbursed_minor).in_decimals()
    return {"loans": done.loans, "disbursed": format_amount(done.disbursed_minor), "share": share}
