"""The figures of a fund on any day and over time, and how healthy it is, as it was known at any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

import sqlalchemy as sa

from cif_engine.dates import averaged_days
from cif_engine.errors import NumberOutOfRangeError
from cif_engine.fund.figures import (
    Available,
    FundFigures,
    Growth,
    Ratio,
    SetApart,
    Span,
    available,
    decimals_of,
    dormant_days,
    growths,
    served_by,
    served_since,
    sums,
    year_to,
)
from cif_engine.fund.health import (
    POINTS_DECIMALS,
    Component,
    HealthRule,
    Judged,
    Rating,
    rate,
)
from cif_engine.money import PKR
from cif_engine.operations.fund_views import figures_view, ratio_view
from cif_engine.operations.health_rules import HEALTH_RULES, limits_view
from cif_engine.operations.reporting import Period, known_view, moments_view, open_book, open_fund, period_view
from cif_engine.operations.views import View
from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.flows import flows_of_fund, households_of_loans
from cif_engine.persistence.fund_figures import Eligible, eligible_in_lso, eligible_on, set_apart_in_fund
from cif_engine.persistence.portfolio_reports import count_by_lateness
from cif_engine.persistence.standings import Known, Within, find_known
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.cuts import Cut, Cutting
from cif_engine.portfolio.par import Tally, add_up

MOST_POINTS: Final = 120
"""How many days a series may have: the month-ends of ten years."""

_OVER: Final = Comparator.MORE_THAN
_WITHOUT_VALUE: Final = {
    Component.CAPITAL_BASE: "The fund has no capital yet.",
    Component.DEFAULT_RATE: "Nothing is outstanding, and nothing was written off in the year.",
    Component.CASH_SHARE: "There is neither cash nor outstanding principal.",
    Component.DORMANCY: "The fund never had money.",
}


def fund_figures_report(
    databases: Databases,
    lso_id: str,
    fund: str,
    as_of: date,
    known_at: int | None = None,
    from_on: date | None = None,
) -> View:
    """Return the figures of a fund on a day; idle cash is that since `from_on`, left open of the last twelve months.

    Raises NotFoundError and PeriodReversedError.
    """
    span = year_to(as_of) if from_on is None else _span(Period(from_on, as_of))
    with databases.reading(lso_id) as connection:
        story = _read_story(connection, lso_id, fund, as_of, known_at)
    return {**_head(story), **moments_view(as_of, story.known.at), **_figures_view(story, as_of, span)}


def fund_series_report(
    databases: Databases, lso_id: str, fund: str, period: Period, known_at: int | None = None
) -> View:
    """Return the figures of a fund at each month-end of a period and on its last day, all as known at one moment.

    Each point is what `fund_figures_report` says of its day. Raises NotFoundError and NumberOutOfRangeError.
    """
    days = averaged_days(period.from_on, period.to_on)[1:]
    if len(days) > MOST_POINTS:
        raise NumberOutOfRangeError(f"A series has at most {MOST_POINTS} points.", pointer="/from")
    with databases.reading(lso_id) as connection:
        story = _read_story(connection, lso_id, fund, period.to_on, known_at)
    points = [{"as_of": day.isoformat(), **_figures_view(story, day, year_to(day))} for day in days]
    return {**_head(story), **period_view(period, story.known.at), "points": points}


def fund_health_report(
    databases: Databases, lso_id: str, fund: str, as_of: date, rule: str, known_at: int | None = None
) -> View:
    """Return a fund rated by the version of a rule that is in force on the day; raises NotFoundError.

    The `known_at` of the report is the later of the last event that it counts and that version.
    """
    with databases.reading(lso_id) as connection:
        version = HEALTH_RULES.in_force(connection, rule, as_of, known_at)
        story = _read_story(connection, lso_id, fund, as_of, known_at)
        asked = Asked(Within((lso_id,)), Cutting(only=((Cut.FUND, (fund,)),)), story.known, as_of)
        level = _OVER.least_days_late(version.rule.late_over_days)
        late = count_by_lateness(connection, asked, as_of, (level,), with_overdue=False)
    measured = _measure(story, as_of, add_up(late.values(), (level,)), version.rule)
    rating = rate(version.rule, {component: one.value for component, one in measured.items()})
    return {
        **_head(story),
        **moments_view(as_of, max(story.known.at, version.recorded_at)),
        **_rating_view(rating, measured),
    }


# Reading a fund ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Story:
    """All that the figures of a fund on any day up to one are made of."""

    lso: str
    fund: str
    known: Known
    grown: tuple[Growth, ...]
    served_since: tuple[date, ...]
    apart: tuple[SetApart, ...]
    eligible: tuple[Eligible, ...]

    def figures(self, as_of: date, period: Span) -> FundFigures:
        """Return the figures of a day."""
        year = year_to(as_of)
        served, eligible = served_by(self.served_since, as_of), eligible_on(self.eligible, as_of)
        return FundFigures(sums(self.grown, year, period), year, period, served, eligible)

    def available(self, figures: FundFigures) -> Available:
        """Return what may be lent on the day of the figures."""
        return available(figures.sums.cash_minor, self.apart, figures.year.to_on)


def _read_story(connection: sa.Connection, lso_id: str, fund: str, until: date, known_at: int | None) -> _Story:
    book = open_book(connection, lso_id, known_at)
    file = open_fund(connection, lso_id, fund)
    known = find_known(connection, Within((lso_id,)), known_at)
    flows = flows_of_fund(connection, lso_id, file.id, until, known)
    return _Story(
        book.lso_code,
        file.code,
        known,
        growths(flows),
        served_since(flows, households_of_loans(connection, lso_id, file.id, known)),
        set_apart_in_fund(connection, lso_id, file.id, until, known),
        eligible_in_lso(connection, lso_id, known),
    )


def _span(period: Period) -> Span:
    return Span(period.from_on, period.to_on)


def _head(story: _Story) -> View:
    return {"lso": story.lso, "fund": story.fund, "currency": PKR.code}


def _figures_view(story: _Story, as_of: date, period: Span) -> View:
    figures = story.figures(as_of, period)
    known = f"&known_at={known_view(story.known.at)}" if story.known.at else ""
    of_day, of_days = f"as_of={as_of.isoformat()}", "from={}&to={}"

    def behind(span: Span | None) -> str:
        days = of_day if span is None else of_days.format(*(day.isoformat() for day in span))
        return f"{days}{known}&fund={story.fund}"

    return figures_view(figures, behind, story.available(figures))


# Health --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Measured:
    """The value of a component, and the figure that it is told by."""

    value: Fraction | None
    figure: View


def _measure(story: _Story, as_of: date, late: Tally, rule: HealthRule) -> Mapping[Component, _Measured]:
    figures = story.figures(as_of, year_to(as_of))
    may_lend = story.available(figures)
    dormant = dormant_days(story.grown, as_of, may_lend.committed_minor + may_lend.reserve_minor)
    return {
        Component.CAPITAL_BASE: _measured_share(figures.capital_index),
        Component.DEFAULT_RATE: _measured_share(_default_rate(story.grown, figures, late, rule)),
        Component.CASH_SHARE: _measured_share(figures.cash_share),
        Component.DORMANCY: _Measured(
            None if dormant is None else Fraction(dormant), {"definition": "dormancy", "days": dormant}
        ),
    }


def _default_rate(grown: Sequence[Growth], figures: FundFigures, late: Tally, rule: HealthRule) -> Ratio:
    lost = sum(day.written_off_minor for day in grown if figures.year.from_on <= day.on <= figures.year.to_on)
    defaulted = late.late_over(rule.late_over_days, _OVER).outstanding_minor + lost
    return Ratio("default_rate", Fraction(defaulted), Fraction(figures.sums.outstanding_minor + lost))


def _measured_share(ratio: Ratio) -> _Measured:
    return _Measured(ratio.value, ratio_view(ratio))


def _rating_view(rating: Rating, measured: Mapping[Component, _Measured]) -> View:
    rule, points, level = rating.rule, rating.points, rating.level
    return {
        "definition": "health_rating",
        "rule": {"code": rule.code, "number": rule.number, "name": rule.name},
        "late_over_days": rule.late_over_days,
        "components": [_judged_view(one, measured[one.limits.component]) for one in rating.judged],
        "formula": rating.formula,
        "points": None if points is None else decimals_of(points, POINTS_DECIMALS),
        "level": None if level is None else level.value,
        "good_from": rule.good_from,
        "fair_from": rule.fair_from,
    }


def _judged_view(one: Judged, measured: _Measured) -> View:
    return {
        **limits_view(one.limits),
        "figure": measured.figure,
        "level": None if one.level is None else one.level.value,
        "points": one.points,
        "left_out": _WITHOUT_VALUE[one.limits.component] if one.value is None else None,
    }
