"""A portfolio at national scale: figures on any day, against a scan of the same columns by DuckDB in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import date

from benchmarks.grounds import Site
from benchmarks.measuring import Effort, Goal, Line, Series, called_often, floor_line, judged, timed_in_turn
from benchmarks.portfolio_bulk import measure_bulk
from benchmarks.portfolio_floors import Counted as Floor
from benchmarks.portfolio_floors import DuckFloor
from benchmarks.portfolio_grounds import Portfolio, portfolio_ground
from benchmarks.portfolio_loader import Size
from benchmarks.portfolio_over_http import measure_one_lso
from benchmarks.portfolio_stories import ALL_OPEN, EVERYDAY, LATE_AS_OF, LATE_KNOWN_ON, TODAY, moment_on
from cif_engine.dates import add_months
from cif_engine.operations.asking import Question, opened
from cif_engine.operations.collection_reports import collections_report, roll_rates_report
from cif_engine.operations.portfolio_counts import CountedRows, count_portfolio
from cif_engine.operations.portfolio_reports import portfolio_report, series_report
from cif_engine.operations.portfolio_tables import maturity_report, provisioning_report, vintages_report
from cif_engine.operations.reporting import Period
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from cif_engine.portfolio.figures import ALL_FIGURES, Figure
from cif_engine.portfolio.par import PAR_DAYS, Tally
from cif_engine.portfolio.vintages import month_ends

BENCHMARK = "portfolio"
LOANS = {"postgresql": 1_000_000, "sqlite": 226_000}
TENFOLD = 10

GOALS_TODAY = {"postgresql": Goal(3, at_most=True), "sqlite": Goal(8, at_most=True)}
GOALS_ANY_DAY = {"postgresql": Goal(8, at_most=True), "sqlite": Goal(18, at_most=True)}
GOAL_KNOWN = Goal(2, at_most=True)
GOAL_TENFOLD = Goal(12, at_most=True)
LONGEST_MS = 5_000

MONTHS_BACK = (1, 12, 24)
MONTHS_BACK_ALL_OPEN = (1, 4)
COUNTED_FOR_GOALS = frozenset({Figure.PAR})
PEOPLE_TOO = frozenset({Figure.PAR, Figure.ARREARS, Figure.PEOPLE})
FIGURE_ROUNDS = 3

BY_LSO = Question(Within(), Cutting(by=(Cut.LSO,)))
AS_KNOWN = Question(Within(), Cutting(by=(Cut.LSO,)), known_at=moment_on(LATE_KNOWN_ON))
NETWORK = Question(Within())
QUARTER = Period(date(2026, 4, 1), TODAY)


def measure_portfolio(site: Site, effort: Effort) -> list[Line]:
    """Return the times of portfolios everyday and all open, of any other figure, of one LSO over HTTP, of loading."""
    size = Size.of((effort.portfolio_loans or LOANS[site.kind]), effort.loans_of_portfolio_lso)
    lines = measure_bulk(site, effort)
    with ExitStack() as grounds:
        portfolio = grounds.enter_context(portfolio_ground(site, "portfolio", size, EVERYDAY))
        lines += _of_days(site, portfolio, effort, "", MONTHS_BACK)
        lines += _as_known(site, portfolio, effort)
        lines += _figures(site, portfolio, effort)
        lines += measure_one_lso(site, portfolio, effort)
        tenth = Size.of(size.loans // TENFOLD, effort.loans_of_portfolio_lso)
        smaller = grounds.enter_context(portfolio_ground(site, "smaller", tenth, EVERYDAY))
        lines += _tenfold(site, smaller, portfolio, effort)
    of_rows_alone = Size.of(size.loans, effort.loans_of_portfolio_lso, told_every=size.lsos)
    with portfolio_ground(site, "all_open", of_rows_alone, ALL_OPEN) as portfolio:
        lines += _of_days(site, portfolio, effort, ", all loans open", MONTHS_BACK_ALL_OPEN)
    return lines


def count_by_lso(portfolio: Portfolio, day: date, figures: frozenset[Figure] = COUNTED_FOR_GOALS) -> CountedRows:
    """Return what the engine counts of the portfolio by LSO, as a report on the day does before it is told."""
    with opened(portfolio.databases, BY_LSO, day) as question:
        return count_portfolio(question, day, figures)


def refuse_difference(day: date, engine: CountedRows, floor: list[Floor]) -> None:
    """Raise where the engine and the floor count differently: one of them errs."""
    counted = {str(key[0]): _as_floor(str(key[0]), row.tally) for key, row in engine.rows.items()}
    for row in floor:
        found, wanted = counted.pop(row.lso, None), row._replace(overdue_minor=None, borrowers=None, households=None)
        if found != wanted:
            raise RuntimeError(f"LSO {row.lso} on {day}: the engine counts {found}, the floor {wanted}")
    if counted:
        raise RuntimeError(f"LSOs on {day} that the floor does not count: {sorted(counted)}")


def _as_floor(lso: str, tally: Tally) -> Floor:
    late = [tally.late_over(days) for days in PAR_DAYS]
    at_risk = [tally.at_risk_over(days) for days in PAR_DAYS]
    parts = (tuple((part.outstanding_minor, part.loans) for part in of_days) for of_days in (late, at_risk))
    return Floor(lso, tally.outstanding_minor, tally.loans, None, None, None, *parts)


def _of_days(site: Site, portfolio: Portfolio, effort: Effort, what: str, months_back: tuple[int, ...]) -> list[Line]:
    """Return PAR by LSO today and on past days, against the floor; all figures of today against all of the floor's."""
    days = {TODAY: "today"} | {add_months(TODAY, -back): f"{back} months back" for back in months_back}
    with closing(DuckFloor(portfolio.open_url)) as floor:
        for day in days:
            floor.take(day)
            refuse_difference(day, count_by_lso(portfolio, day), floor.par_by_lso(day))
        pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            f"PAR by LSO {when}{what}": _pair(floor, portfolio, day) for day, when in days.items()
        }
        found = timed_in_turn(pairs, effort.rounds, time.perf_counter)
    loans = f"{portfolio.size.loans:,} loans"
    lines = [floor_line(BENCHMARK, site.kind, f"floor: DuckDB, PAR by LSO of {loans}{what}", found)]
    for name, pair in found.items():
        goals = GOALS_TODAY if "today" in name else GOALS_ANY_DAY
        lines.append(Line(BENCHMARK, site.kind, name, "ms", pair.measured, pair.ratio, goals[site.kind]))
    return lines


def _pair(floor: DuckFloor, portfolio: Portfolio, day: date) -> tuple[Callable[[], object], Callable[[], object]]:
    return lambda: floor.par_by_lso(day), lambda: count_by_lso(portfolio, day)


def _as_known(site: Site, portfolio: Portfolio, effort: Effort) -> list[Line]:
    """Return PAR by LSO as it was known before one loan of a hundred was touched, against what is known now."""

    def told(question: Question) -> Callable[[], object]:
        def count() -> CountedRows:
            with opened(portfolio.databases, question, LATE_AS_OF) as asked:
                return count_portfolio(asked, LATE_AS_OF, COUNTED_FOR_GOALS)

        return count

    name = f"PAR by LSO on {LATE_AS_OF}, as known on {LATE_KNOWN_ON}"
    pair = timed_in_turn({name: (told(BY_LSO), told(AS_KNOWN))}, effort.rounds, time.perf_counter)[name]
    return [Line(BENCHMARK, site.kind, name, "ms", pair.measured, pair.ratio, GOAL_KNOWN)]


def _tenfold(site: Site, smaller: Portfolio, portfolio: Portfolio, effort: Effort) -> list[Line]:
    lines = []
    for when, day in (("today", TODAY), ("12 months back", add_months(TODAY, -12))):
        name = f"PAR by LSO {when}, over that of {smaller.size.loans:,} loans"
        pairs = {name: (lambda day=day: count_by_lso(smaller, day), lambda day=day: count_by_lso(portfolio, day))}
        pair = timed_in_turn(pairs, effort.rounds, time.perf_counter)[name]
        lines.append(Line(BENCHMARK, site.kind, name, "ms", pair.measured, pair.ratio, GOAL_TENFOLD))
    return lines


def _figures(site: Site, portfolio: Portfolio, effort: Effort) -> list[Line]:
    """Return how long each other report takes, of the whole network, told whole."""
    lines = []
    for name, report in figures(portfolio).items():
        report()
        took = Series(
            tuple(called_often(report, time.perf_counter, 1) / 1e3 for _ in range(min(effort.rounds, FIGURE_ROUNDS)))
        )
        lines.append(judged(Line(BENCHMARK, site.kind, name, "ms", took), LONGEST_MS))
    return lines


def figures(portfolio: Portfolio) -> dict[str, Callable[[], object]]:
    """Return every other figure of the definitions, by name."""
    databases = portfolio.databases

    def day(figure: Figure) -> Callable[[], object]:
        return lambda: count_by_lso(portfolio, TODAY, frozenset({figure}))

    return {
        **{f"{figure} by LSO": day(figure) for figure in Figure if figure is not Figure.PAR},
        "the whole report of a day by LSO": lambda: portfolio_report(databases, BY_LSO, TODAY, ALL_FIGURES),
        "on time, clean-up, DCB, write-offs of a quarter by LSO": lambda: collections_report(
            databases, BY_LSO, QUARTER
        ),
        "roll rates of a quarter by LSO": lambda: roll_rates_report(databases, BY_LSO, QUARTER),
        "vintages of 24 months": lambda: vintages_report(databases, NETWORK, TODAY, 24, 30),
        "maturity calendar by LSO": lambda: maturity_report(databases, BY_LSO, TODAY),
        "provisions by LSO": lambda: provisioning_report(databases, BY_LSO, TODAY),
        "series of 60 month-ends": lambda: series_report(databases, NETWORK, month_ends(TODAY, 60)),
    }
