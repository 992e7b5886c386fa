"""The engine's reports beside the truth: each function asks for one of them, and returns what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from cif_engine.moments import format_moment
from cif_engine.operations.collection_reports import collections_report, roll_rates_report
from cif_engine.operations.portfolio_reports import portfolio_report, series_report
from cif_engine.operations.portfolio_tables import maturity_report, provisioning_report, vintages_report
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports.consolidation import cycles, districts
from cif_engine.operations.reports.shown import report_view
from tests.truth import told
from tests.truth.case import Case
from tests.truth.facts import DAY, month_end, months_after
from tests.truth.figures import (
    PAR_DAYS,
    Loans,
    average_gross,
    classified,
    collected,
    maturity,
    migration,
    on_day,
    vintages,
)
from tests.truth.told import RULE_SETS, WHOLE, Key, Rows, Told, differences, rows_in

Compare = Callable[[Case, Random], list[str]]


def on_a_day(case: Case, _: Random) -> list[str]:
    """Compare the figures of a day."""
    day = case.asked.as_of
    truth = case.with_allowances(lambda loans, held: told.portfolio(on_day(loans, day, case.comparator), held))
    report = portfolio_report(case.databases, case.question, day)
    found = rows_in(report, told.portfolio_in)
    if case.asked.rsp is None or case.asked.known_at:
        last = case.asked.known_at
        if last is None or case.asked.lso:
            last = case.knowledge.last_moment(case.asked.lso, case.moment)
        truth[WHOLE]["known at"] = format_moment(last) if last else None
        found[WHOLE]["known at"] = report["known_at"]
    return differences(truth, found)


def on_many_days(case: Case, random: Random) -> list[str]:
    """Compare a series; each of its days is cut by where LSOs were placed on it."""
    end = case.asked.as_of
    days = sorted({end, *(end - timedelta(days=random.randint(1, 900)) for _ in range(3)), month_end(end - 40 * DAY)})

    on_days = {day: _tallies(case.on(day)) for day in days}
    nothing = told.tally(on_day((), end))
    truth = {
        key: {f"{day} {name}": said for day, rows in on_days.items() for name, said in rows.get(key, nothing).items()}
        for key in {key for rows in on_days.values() for key in rows}
    }
    found = series_report(case.databases, case.question, days)
    return differences(truth, rows_in(found, told.points_in))


def _tallies(case: Case) -> Rows:
    return case.each(lambda loans: told.tally(on_day(loans, case.asked.as_of, case.comparator)))


def by_when_it_falls_due(case: Case, _: Random) -> list[str]:
    """Compare the maturity calendar."""
    truth = case.each(lambda loans: told.calendar(maturity(loans, case.asked.as_of)))
    found = maturity_report(case.databases, case.question, case.asked.as_of)
    return differences(truth, rows_in(found, told.calendar_in))


def by_class(case: Case, _: Random) -> list[str]:
    """Compare classes and their provisions."""
    day, classes = case.asked.as_of, RULE_SETS[case.asked.rule_set][1]
    truth = case.with_allowances(lambda loans, held: told.classes(classified(loans, day, classes), held))
    found = provisioning_report(case.databases, case.question, day)
    return differences(truth, rows_in(found, told.classes_in))


def by_cohort(case: Case, random: Random) -> list[str]:
    """Compare vintages."""
    months, days = random.randint(1, 40), random.choice(PAR_DAYS)
    as_of = case.asked.as_of
    last = as_of if as_of == month_end(as_of) else as_of.replace(day=1) - DAY
    followed = {_months_before(last, count) for count in range(months)}

    def cohorts(loans: Loans) -> Told:
        found = vintages(loans, as_of, (days,), case.comparator)
        return told.cohorts({place: cohort for place, cohort in found.items() if place[0] in followed}, days)

    found = vintages_report(case.databases, case.question, as_of, months, days)
    return differences(case.each(cohorts), rows_in(found, told.cohorts_in))


def in_a_period(case: Case, random: Random) -> list[str]:
    """Compare demand, collection and balance, the on-time rate, clean-up, write-offs."""
    period = period_of(case, random)

    def figures(loans: Loans) -> Told:
        days = (period.from_on, period.to_on)
        return told.period(collected(loans, *days), average_gross(loans, *days))

    found = collections_report(case.databases, case.question, period)
    return differences(case.each(figures), rows_in(found, told.period_in))


def by_where_they_went(case: Case, random: Random) -> list[str]:
    """Compare roll rates."""
    period = period_of(case, random)
    truth = case.each(lambda loans: told.rolled(migration(loans, period.from_on - DAY, period.to_on)))
    found = roll_rates_report(case.databases, case.question, period)
    return differences(truth, rows_in(found, told.rolled_in))


def period_of(case: Case, random: Random) -> Period:
    """Return a period that ends on the day: a day, its month, some days, or years."""
    end = case.asked.as_of
    from_on = random.choice((end, end.replace(day=1), end - random.randint(1, 100) * DAY, months_after(end, -24)))
    return Period(from_on, end)


def _months_before(day: date, months: int) -> str:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return f"{year}-{month + 1:02}"


def by_district(case: Case, random: Random) -> list[str]:
    """Compare the consolidation by district, with what the network publishes."""
    period = period_of(case, random)
    case = replace(case, asked=case.asked._replace(cuts=("district",), only=()))
    managing = case.managing()

    def figures(key: Key) -> Told:
        loans = case.parts.get(key, ())
        return told.district(
            on_day(loans, period.to_on, case.comparator),
            collected(loans, period.from_on, period.to_on),
            managing.get(key, []),
        )

    truth = {key: figures(key) for key in case.parts.keys() | managing.keys()}
    said = report_view(districts(case.databases, case.question, period))["tables"][0]
    rows: Rows = {(row["district"],): told.columns_in(row, truth[WHOLE]) for row in said["rows"]}
    return differences(truth, {WHOLE: told.columns_in(said["total"], truth[WHOLE]), **rows})


def by_cycle(case: Case, _: Random) -> list[str]:
    """Compare the cycle report."""
    case = replace(case, asked=case.asked._replace(cuts=("cycle",)))
    truth = case.each(lambda loans: told.cycle(on_day(loans, case.asked.as_of, case.comparator)))
    said = report_view(cycles(case.databases, case.question, case.asked.as_of))["tables"][0]
    rows: Rows = {(str(row["cycle"]),): told.columns_in(row, truth[WHOLE]) for row in said["rows"]}
    return differences(truth, {WHOLE: told.columns_in(said["total"], truth[WHOLE]), **rows})
