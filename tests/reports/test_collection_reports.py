"""The figures of a period, cut and narrowed: rows sum to the whole, and periods to longer ones."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.dates import averaged_days
from cif_engine.money import parse_amount
from cif_engine.operations.asking import Question
from cif_engine.operations.collection_reports import (
    collections_report,
    collections_view,
    roll_rates_report,
    roll_rates_view,
)
from cif_engine.operations.reporting import Period
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from cif_engine.portfolio.demand import AveragePortfolio, CountedPeriod, add_up
from cif_engine.portfolio.roll_rates import add_up_flows, way_of
from tests.books import a_book
from tests.laws.settings import some_histories
from tests.reports.histories import Step, days, tell
from tests.reports.histories import histories as histories_of_villages
from tests.reports.test_periods import counted_of, lives_known, periods
from tests.reports.village import Village
from tests.strategies import PRODUCTS, History, histories
from tests.strategies import tell as tell_book

JANUARY, APRIL, JUNE = date(2021, 1, 1), date(2021, 4, 1), date(2021, 6, 30)
CUTS = (
    (Cut.VO,),
    (Cut.CO, Cut.FUND),
    (Cut.LSO, Cut.PRODUCT),
    (Cut.POVERTY_BAND, Cut.GENDER),
    (Cut.RSP, Cut.CYCLE),
    (Cut.TRANCHE,),
)


def told(view: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return the figures without the way to the loans behind them."""
    if isinstance(view, dict):
        return {name: told(part) for name, part in view.items() if name not in ("loans_query", "key")}
    return [told(part) for part in view] if isinstance(view, list) else view


@some_histories(10)
@given(histories(), periods)
def test_the_report_says_what_the_facts_of_the_loans_add_up_to(
    shared_databases: Databases, history: History, ends: list[date]
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell_book(book, history)
    question, period = Question(Within((book.lso_id,))), Period(*ends)
    lives = lives_known(book, None).values()

    counted = [counted_of(life, *ends) for life in lives]
    average = AveragePortfolio(sum(outstanding for _, outstanding in counted), len(averaged_days(*ends)))
    expected = collections_view(CountedPeriod(add_up(tally for tally, _ in counted), average), "")
    assert told(collections_report(shared_databases, question, period)["total"]) == told(expected)
    flows = add_up_flows(way for life in lives if (way := way_of(life, *ends)))
    assert told(roll_rates_report(shared_databases, question, period)["total"]) == told(roll_rates_view(flows, ""))


@some_histories(10)
@given(histories_of_villages, st.tuples(days, days).map(sorted), st.sampled_from(CUTS), st.data())
def test_the_amounts_of_the_rows_sum_to_the_whole_for_every_cut_and_filter(
    shared_databases: Databases, steps: list[Step], ends: list[date], by: tuple[Cut, ...], data: st.DataObject
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    known_at = data.draw(st.none() | st.sampled_from(village.moments))
    only = data.draw(st.sampled_from([(), ((Cut.FUND, ("CIF",)),), ((Cut.CO, ("C1", "C3")),)]))
    within, period = Within((village.lso_id,)), Period(*ends)
    whole, cut = (Question(within, Cutting(some, only), known_at) for some in ((), by))

    for report in (collections_report, roll_rates_report):
        total = told(report(shared_databases, whole, period)["total"])
        rows = report(shared_databases, cut, period)
        assert told(rows["total"]) == total
        assert add_up_amounts(rows["rows"]) == {name: amount for name, amount in amounts_of(total) if amount}


def test_each_row_is_what_the_loans_of_the_row_alone_add_up_to(databases: Databases) -> None:
    village = Village.founded(databases)
    for fund in ("CIF", "SHOP"):
        village.give(100_000_00, fund=fund)
    for member, product, paid in ((1, "GOAT", 1_000_00), (2, "STALL", 500_00), (5, "GOAT", 2_500_00)):
        loan = village.lend(10_000_00, JANUARY, member, product)
        village.repay(loan, paid, APRIL)
    scope, period = Within((village.lso_id,)), Period(APRIL, JUNE)
    for report in (collections_report, roll_rates_report):
        for cut in (Cut.VO, Cut.FUND, Cut.PRODUCT):
            rows = report(databases, Question(scope, Cutting((cut,))), period)["rows"]
            assert len(rows) == 2
            for row in rows:
                alone = Question(scope, Cutting(only=((cut, (row["key"][cut],)),)))
                assert told(report(databases, alone, period)["total"]) == told(row)


def test_months_add_up_to_their_quarter(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    loan = village.lend(10_000_00, JANUARY)
    for paid_on in (date(2021, 2, 1), date(2021, 3, 20), date(2021, 6, 1)):
        village.repay(loan, 1_500_00, paid_on)
    question = Question(Within((village.lso_id,)))
    quarter = Period(APRIL, JUNE)
    months = [
        Period(APRIL, date(2021, 4, 30)),
        Period(date(2021, 5, 1), date(2021, 5, 31)),
        Period(date(2021, 6, 1), JUNE),
    ]
    parts = [collections_report(databases, question, month)["total"] for month in months]
    whole = collections_report(databases, question, quarter)["total"]
    for figure in ("disbursed", "collected", "written_off", "recovered"):
        assert sum(parse_amount(part[figure]["amount"]) for part in parts) == parse_amount(whole[figure]["amount"])
    for name in ("first_time", "again", "amount"):
        demanded = [parse_amount(part["dcb"]["demand"][name]) for part in parts]
        assert sum(demanded) == parse_amount(whole["dcb"]["demand"][name])
    assert [part["dcb"]["closing_overdue"] for part in parts[:-1]] == [
        part["dcb"]["opening_overdue"] for part in parts[1:]
    ]


def test_a_network_is_the_sum_of_its_lsos(databases: Databases) -> None:
    villages = [Village.founded(databases) for _ in range(2)]
    for number, village in enumerate(villages, start=1):
        village.give(100_000_00)
        village.repay(village.lend(number * 10_000_00, JANUARY), 1_000_00, APRIL)
    period = Period(APRIL, JUNE)
    both = collections_report(databases, Question(Within(), Cutting((Cut.LSO,))), period)
    assert both["total"]["collected"]["amount"] == "2000.00"
    for village in villages:
        alone = collections_report(databases, Question(Within((village.lso_id,))), period)["total"]
        (row,) = (row for row in both["rows"] if row["key"]["lso"] == village.lso_id[:8].upper())
        assert told(row) == told(alone)


def test_a_period_in_which_nothing_was_lent_has_no_rates_and_no_rows(databases: Databases) -> None:
    village = Village.founded(databases)
    report = collections_report(databases, Question(Within((village.lso_id,)), Cutting((Cut.CO,))), Period(APRIL, JUNE))
    assert report["rows"] == []
    total = report["total"]
    assert [total[name]["rate"] for name in ("on_time_rate", "cleanup", "write_off_ratio")] == [None] * 3
    assert total["dcb"]["closing_overdue"] == "0.00"
    rolled = roll_rates_report(databases, Question(Within((village.lso_id,)), Cutting((Cut.CO,))), Period(APRIL, JUNE))
    assert rolled["rows"] == []
    assert rolled["total"]["whole"]["loans"] == 0


def test_a_late_payment_changes_a_period_only_for_those_who_know_of_it(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    loan = village.lend(10_000_00, JANUARY)
    before = village.now
    village.repay(loan, 3_000_00, APRIL)
    period = Period(APRIL, date(2021, 4, 30))
    scope = Within((village.lso_id,))
    known_then = collections_report(databases, Question(scope, known_at=before), period)["total"]
    known_now = collections_report(databases, Question(scope), period)["total"]
    assert (known_then["collected"]["amount"], known_then["dcb"]["closing_overdue"]) == ("0.00", "3000.00")
    assert (known_now["collected"]["amount"], known_now["dcb"]["closing_overdue"]) == ("3000.00", "0.00")
    assert known_now["on_time_rate"]["rate"] == "1.000000"


# Adding up what is told ----------------------------------------------------------------------------------------


def add_up_amounts(rows: list[Mapping[str, Any]]) -> dict[str, int]:
    """Return the sums of every amount and count of the rows, by its place; sums of nothing are left out."""
    sums: dict[str, int] = {}
    for row in rows:
        for name, amount in amounts_of(told(row)):
            sums[name] = sums.get(name, 0) + amount
    return {name: amount for name, amount in sums.items() if amount}


def amounts_of(view: Any, place: str = "") -> Iterator[tuple[str, int]]:  # noqa: ANN401 - any JSON value
    """Give each amount and count; a mean rounded in each row does not sum, and rates never do."""
    if isinstance(view, dict):
        for name, part in view.items():
            if name == "rate" or (place == "/write_off_ratio" and name == "denominator"):
                continue
            yield from amounts_of(part, f"{place}/{name}")
    elif isinstance(view, list):
        for number, part in enumerate(view):
            yield from amounts_of(part, f"{place}/{number}")
    elif isinstance(view, int):
        yield place, view
    elif isinstance(view, str) and view.lstrip("-").replace(".", "").isdigit():
        yield place, round(float(view) * 100)


@pytest.mark.parametrize("report", [collections_report, roll_rates_report])
def test_a_report_asked_again_with_the_moment_it_named_is_the_same_whatever_was_recorded_since(
    databases: Databases,
    report: Any,  # noqa: ANN401 - one of two functions
) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    loan = village.lend(10_000_00, JANUARY)
    village.repay(loan, 1_000_00, APRIL)
    scope, period = Within((village.lso_id,)), Period(JANUARY + timedelta(days=1), JUNE)
    answered = report(databases, Question(scope, Cutting((Cut.CO,))), period)
    moment = village.now
    village.repay(loan, 2_000_00, date(2021, 2, 1))
    assert report(databases, Question(scope, Cutting((Cut.CO,)), moment), period) == answered
    assert report(databases, Question(scope, Cutting((Cut.CO,))), period) != answered
