"""The engine's figures are those of the generator's own tally, on any day, as known at any moment."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest

from cif_engine.dates import MONTHS_IN_YEAR, add_months
from cif_engine.demonstration import Tally, load, load_demonstration, plan_of
from cif_engine.demonstration.dasori import DASORI
from cif_engine.demonstration.loading import SEED
from cif_engine.demonstration.plan import Plan
from cif_engine.demonstration.truths import When
from cif_engine.loans.life import LoanLife
from cif_engine.operations.forecast_basis import WhatIf
from cif_engine.operations.forecasting import forecast_report
from cif_engine.operations.loan_reports import loan_report
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from tests.demonstration.making import draw_profile, noon
from tests.demonstration.reading import check_figures, check_loans, minor
from tests.reports.counting import Ledger
from tests.support.databases import SqliteStock, closing_databases


def moments(plan: Plan, rng: Random, count: int) -> Iterator[When]:
    """Days and moments drawn at random, and the corners: before all, at the end, all known and as known on the day."""
    first, last = plan.facts[0].effective_on, plan.profile.to_on
    yield When(first - timedelta(days=1))
    yield When(last)
    yield When(last + timedelta(days=400))
    for _ in range(count):
        as_of = first + timedelta(days=rng.randrange((last - first).days))
        yield When(as_of)
        yield When(as_of, rng.choice(plan.facts).recorded_at + rng.choice((-1, 0, 1)))
        yield When(as_of, noon(as_of))


@pytest.mark.parametrize("seed", [1, 2, 28])
def test_small_lsos(databases: Databases, seed: int) -> None:
    plan = plan_of(draw_profile(seed), seed)
    tally = Tally(plan)
    load(databases, plan)
    for when in moments(plan, Random(seed), count=6):
        check_figures(databases, plan, tally, when)
        check_loans(databases, plan, tally, when.as_of, when.known_at)
    assert verify(databases) == []


@pytest.fixture(scope="module")
def dasori(sqlite_stock: SqliteStock) -> Iterator[Databases]:
    """Dasori on SQLite, as `cif demo` loads it."""
    with sqlite_stock.migrated() as url, closing_databases(url) as databases:
        load_demonstration(databases)
        yield databases


def test_dasori(dasori: Databases) -> None:
    plan = plan_of(DASORI, SEED)
    tally = Tally(plan)
    for when in moments(plan, Random(SEED), count=3):
        check_figures(dasori, plan, tally, when)
    check_loans(dasori, plan, tally, date(2019, 12, 31), None)
    check_loans(dasori, plan, tally, DASORI.to_on, plan.facts[5000].recorded_at)


def test_what_was_expected_of_dasori_came_within_a_tenth(dasori: Databases) -> None:
    """Forecasts of four half-years, each beside what the next twelve months brought of the loans that were made."""
    plan = plan_of(DASORI, SEED)
    lives = [held.life for held in Ledger(dasori, plan.lso.id, None).loans()]
    for day in (date(2018, 6, 30), date(2018, 12, 31), date(2019, 6, 30), date(2019, 12, 31)):
        totals = forecast_report(dasori, plan.lso.id, plan.fund.code, day, WhatIf())["totals"]
        came = sum(paid_between(life, day, add_months(day, MONTHS_IN_YEAR)) for life in lives)
        assert 10 * abs(minor(totals["collected"]) - came) < came


def paid_between(life: LoanLife, after: date, until: date) -> int:
    """Return what was paid of a loan, if it was made by the first day: principal, which is all that Dasori lends."""
    before, later = life.standing_on(after), life.standing_on(until)
    if before is None or later is None or not before.was_disbursed:
        return 0
    return later.principal_paid_minor - before.principal_paid_minor


def test_loading_dasori_again_changes_nothing_and_shows_the_same(dasori: Databases) -> None:
    again = load_demonstration(dasori)
    assert again.already_there
    assert (again.loans, again.households) == (721, 327)
    loan = loan_report(dasori, plan_of(DASORI, SEED).lso.id, again.loan, again.as_of)
    assert loan["standing"]["status"] == "open"
    assert loan["standing"]["days_late"] > 0
    assert 0 < minor(again.repayment) <= minor(loan["standing"]["outstanding_principal"])
