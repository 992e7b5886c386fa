"""What a forecast is made from, as the database reads it, against the same read loan by loan from the facts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import cycle
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.dates import MONTHS_IN_YEAR
from cif_engine.demonstration import load, plan_of
from cif_engine.errors import NotFoundError
from cif_engine.fund.collection_curve import Due, History, Measurement, Stood, measure, months_over
from cif_engine.fund.forecast import Unpaid
from cif_engine.loans.life import LoanLife
from cif_engine.loans.standing import Standing, Status
from cif_engine.money import parse_amount
from cif_engine.operations.forecast_basis import WhatIf
from cif_engine.operations.forecasting import forecast_report
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.reporting import open_fund
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.forecast import Lending, OfFund, collection_history, lending_between, unpaid_by_month
from cif_engine.persistence.standings import Within, find_known
from tests.books import FUND, a_book
from tests.demonstration.making import draw_profile
from tests.demonstration.test_engine_agrees import moments
from tests.laws.settings import some_histories
from tests.reports.counting import Ledger
from tests.strategies import PRODUCTS, days, histories, tell
from tests.strategies import History as Happenings

A_FEW = some_histories(10)


@A_FEW
@given(histories(), days, st.integers(1, 20), st.data())
def test_the_database_reads_what_the_loans_say(
    shared_databases: Databases, history: Happenings, as_of: date, months: int, data: st.DataObject
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    known_at = data.draw(st.none() | st.sampled_from([row["recorded_at"] for row in book.rows("event")]))
    check_reading(shared_databases, book.lso_id, as_of + timedelta(days=200), months, known_at)


def test_the_database_reads_what_the_loans_of_an_office_say(databases: Databases) -> None:
    """26 loans, with late paper, arrears, a flood with its moratorium, write-offs and slips of the pen."""
    plan = plan_of(draw_profile(28), 28)
    load(databases, plan)
    measured = [
        check_reading(databases, plan.lso.id, when.as_of, months, when.known_at)
        for months, when in zip(cycle((1, 12, 24, 60)), moments(plan, Random(28), count=3), strict=False)
    ]
    unpaid, collected, written_off = (
        sum(parts) for parts in zip(*(part for found in measured for part in found.bands), strict=True)
    )
    assert unpaid > collected > written_off > 0


def check_reading(databases: Databases, lso_id: str, as_of: date, months: int, known_at: int | None) -> Measurement:
    """Compare what the database reads of a fund with its loans, and return what was measured."""
    lives = [held.life for held in Ledger(databases, lso_id, known_at).loans()]
    ends = months_over(as_of, months)
    from_on = ends[0].replace(day=1)
    with databases.reading(lso_id) as connection:
        fund = open_fund(connection, lso_id, FUND)
        asked = OfFund(lso_id, fund.id, find_known(connection, Within((lso_id,)), known_at))
        unpaid = unpaid_by_month(connection, asked, as_of)
        past = collection_history(connection, asked, from_on, ends[-1])
        lending = lending_between(connection, asked, from_on, as_of)
    assert unpaid == unpaid_of(lives, as_of)
    assert measure(past, ends) == measure(history_of(lives, from_on, ends[-1]), ends)
    assert lending == lending_of(lives, from_on, as_of)
    return measure(past, ends)


def unpaid_of(lives: Iterable[LoanLife], as_of: date) -> tuple[Unpaid, ...]:
    """Return what is unpaid of open loans: payments fill principal and charge of the rows from the first on."""
    found: defaultdict[tuple[date, bool], list[int]] = defaultdict(lambda: [0, 0])
    for life in lives:
        standing = life.standing_on(as_of)
        if standing is None or standing.status is not Status.OPEN:
            continue
        schedule = life.schedules[standing.schedule_no - 1]
        paid = standing.principal_paid_minor
        met = sum(row.charge_minor for row in schedule) - standing.charge_outstanding_minor
        for row in schedule:
            parts = found[row.due_on.replace(day=1), row.due_on < as_of]
            for place, (amount, done) in enumerate([(row.principal_minor, paid), (row.charge_minor, met)]):
                parts[place] += amount - min(amount, max(done, 0))
            paid, met = paid - row.principal_minor, met - row.charge_minor
    return tuple(Unpaid(*place, *parts) for place, parts in sorted(found.items()) if any(parts))


def history_of(lives: Iterable[LoanLife], from_on: date, to_on: date) -> History:
    eve = from_on - timedelta(days=1)
    dues, stood = [], []
    for number, life in enumerate(lives):
        name = str(number)
        stood += [
            Stood(name, one.since, one.schedule_no, one.principal_paid_minor, one.status is Status.WRITTEN_OFF)
            for one in life.timeline()
            if one.schedule_no and one.since <= to_on
        ]
        for schedule_no, schedule in enumerate(life.schedules, 1):
            ends = 0
            for row in schedule:
                ends += row.principal_minor
                due = Due(name, schedule_no, row.due_on, ends - row.principal_minor, ends)
                if row.principal_minor and counts(life, due, from_on, to_on, eve):
                    dues.append(due)
    return History(dues, stood)


def counts(life: LoanLife, due: Due, from_on: date, to_on: date, eve: date) -> bool:
    """Whether it fell due in the period by the schedule in force, or was overdue when the period began."""
    if from_on <= due.due_on <= to_on:
        then = by_schedule(life, due, due.due_on)
        return then is not None and then.status is not Status.WRITTEN_OFF
    then = by_schedule(life, due, eve)
    is_open = then is not None and then.status is Status.OPEN
    return due.due_on <= eve and is_open and due.unpaid_minor(then.principal_paid_minor if then else 0) > 0


def by_schedule(life: LoanLife, due: Due, on: date) -> Standing | None:
    """Return where the loan stood on a day, if it was repaid by that schedule then."""
    standing = life.standing_on(on)
    return standing if standing and standing.schedule_no == due.schedule_no else None


def lending_of(lives: Iterable[LoanLife], from_on: date, as_of: date) -> Lending:
    loans = principal = 0
    weights: defaultdict[int, int] = defaultdict(int)
    for life in lives:
        standing = life.standing_on(as_of)
        if standing is None or not standing.was_disbursed or not standing.disbursed_on:
            continue
        if standing.disbursed_on < from_on:
            continue
        loans += 1
        principal += standing.disbursed_minor
        for row in life.schedules[0]:
            weights[max(month_number(row.due_on) - month_number(standing.disbursed_on), 1)] += row.principal_minor
    return Lending(loans, principal, tuple(sorted((month, weight) for month, weight in weights.items() if weight)))


def month_number(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month


@A_FEW
@given(histories(), days, st.integers(1, 30))
def test_a_forecast_opens_where_the_fund_stands_and_all_that_is_outstanding_is_in_it(
    shared_databases: Databases, history: Happenings, as_of: date, months: int
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    as_of += timedelta(days=200)
    forecast = forecast_report(shared_databases, book.lso_id, FUND, as_of, WhatIf(months=months))
    position = fund_position_report(shared_databases, book.lso_id, FUND, as_of)
    opening, totals = forecast["opening"], forecast["totals"]
    for name in ("in_transit", "outstanding_principal"):
        assert opening[name] == position[name]
    assert opening["committed"] == position["available"]["committed"]
    assert opening["cash_and_bank"] == position["available"]["cash_and_bank"]
    unpaid = unpaid_of([held.life for held in Ledger(shared_databases, book.lso_id, None).loans()], as_of)
    assert sum(part.principal_minor for part in unpaid) == parse_amount(opening["outstanding_principal"])
    owed = sum(part.principal_minor + part.charge_minor for part in unpaid)
    told = ("overdue_at_opening", "falling_due", "falling_due_later")
    assert sum(parse_amount(totals[name]) for name in told) == owed


def test_what_is_not_there_has_no_forecast(databases: Databases) -> None:
    book = a_book(databases)
    with pytest.raises(NotFoundError):
        forecast_report(databases, book.lso_id, "NONE", date(2024, 6, 30), WhatIf())
