"""The figures of funds, against the ledger day by day, against each other, and as the database adds them up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.dates import averaged_days
from cif_engine.errors import NotFoundError, NumberOutOfRangeError, PeriodReversedError, ReportNotCutError
from cif_engine.fund.figures import decimals_of, year_to
from cif_engine.money import format_amount, parse_amount, round_ratio
from cif_engine.operations.asking import Question
from cif_engine.operations.collection_reports import collections_report
from cif_engine.operations.fund_figures import fund_figures_report, fund_health_report, fund_series_report
from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.portfolio_funds import portfolio_funds_report
from cif_engine.operations.reporting import Period
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from tests.books import Book, a_book
from tests.fund_lives import PRODUCTS, FundLife, fund_lives, said, tell
from tests.laws.settings import some_histories
from tests.reports.histories import Step, days, histories
from tests.reports.histories import tell as tell_village
from tests.reports.village import Village

BEGINNING = date(2024, 1, 1)
OF_ONE = ("available",)
OF_MANY = ("funds", "lsos", "rows", "by", "only", "key", "coverage")
days_of_lives = st.integers(-20, 900).map(lambda after: BEGINNING + timedelta(days=after))
lives = fund_lives(most_loans=4, most_acts=24, least_acts=8)


def told_book(databases: Databases, life: FundLife) -> Book:
    book = a_book(databases, products={loan.product: PRODUCTS[loan.product] for loan in life.loans})
    tell(book, said(life))
    return book


def moments(book: Book) -> st.SearchStrategy[int | None]:
    return st.none() | st.sampled_from([row["recorded_at"] for row in book.rows("event")])


def bare(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return figures of one fund or of many, without what only one of them has."""
    left_out = ("loans_query", "lsos_left_out", *OF_ONE, *OF_MANY)
    if isinstance(value, dict):
        return {name: bare(part) for name, part in value.items() if name not in left_out}
    return value


def figures_alone(report: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
    """Return a report without what says whose it is and what was known."""
    heads = ("lso", "fund", "as_of", "known_at", "currency")
    return {name: part for name, part in bare(report).items() if name not in heads}


# Against the ledger --------------------------------------------------------------------------------------------


@some_histories(25)
@given(lives, days_of_lives, st.integers(0, 500), st.data())
def test_the_figures_of_a_fund_are_what_its_ledger_says_day_by_day(
    shared_databases: Databases, life: FundLife, as_of: date, length: int, data: st.DataObject
) -> None:
    book = told_book(shared_databases, life)
    known_at, from_on = data.draw(moments(book)), as_of - timedelta(days=length)
    found = fund_figures_report(shared_databases, book.lso_id, "CIF", as_of, known_at, from_on)
    year = year_to(as_of)
    needed = sorted({as_of, *averaged_days(from_on, as_of), *averaged_days(*year)})
    on = {day: fund_position_report(shared_databases, book.lso_id, "CIF", day, known_at) for day in needed}
    position = on[as_of]
    capital, cash, value = (parse_amount(position["capital"]["amount"], signed=True), _cash(position), _value(position))
    outstanding = parse_amount(position["outstanding_principal"])
    disbursed = _disbursed(book, date(2020, 1, 1), as_of, known_at)

    assert found["known_at"] == position["known_at"]
    assert found["capital"]["amount"] == position["capital"]["amount"]
    assert found["available"] == position["available"]
    assert found["fund_value"]["amount"] == format_amount(value)
    assert found["fund_value"]["cash"] == format_amount(cash)
    assert found["capital_index"] == _told("capital_index", value, capital)
    assert found["utilisation"] == _told("utilisation", outstanding, outstanding + cash)
    assert found["turns"] == _told("turns", disbursed, capital)
    in_year = _disbursed(book, *year, known_at)
    average = _mean([_value(on[day]) for day in averaged_days(*year)])
    assert found["velocity"].items() >= _told("velocity", in_year, average).items()
    cash_by_day = _cash_by_day(book, as_of, known_at)
    held = [_held_on(cash_by_day, from_on + timedelta(days=after)) for after in range(length + 1)]
    average = _mean([_value(on[day]) for day in averaged_days(from_on, as_of)])
    assert found["idle"].items() >= _told("idle", _mean(held), average).items()
    assert (found["idle"]["days"], found["idle"]["from"]) == (length + 1, from_on.isoformat())


def _disbursed(book: Book, from_on: date, to_on: date, known_at: int | None) -> int:
    """Return what was handed out in a period, as the report of collections tells."""
    question = Question(Within((book.lso_id,)), known_at=known_at)
    total = collections_report(book.databases, question, Period(from_on, to_on))["total"]
    return parse_amount(total["disbursed"]["amount"])


def _cash_by_day(book: Book, to_on: date, known_at: int | None) -> dict[date, int]:
    """Return what the cash accounts of the fund held at the end of each day on which that changed."""
    known = {row["seq"] for row in book.rows("event") if known_at is None or row["recorded_at"] <= known_at}
    grown: Counter[date] = Counter()
    for row in book.rows("posting"):
        if row["event_seq"] in known and row["effective_on"] <= to_on:
            for side, sign in (("debit", 1), ("credit", -1)):
                if row[side].split(".")[1] in ("1010", "1020", "1030"):
                    grown[row["effective_on"]] += sign * row["amount_minor"]
    return dict(zip(sorted(grown), accumulate(grown[day] for day in sorted(grown)), strict=True))


def _held_on(held: dict[date, int], day: date) -> int:
    before = [known for known in held if known <= day]
    return held[max(before)] if before else 0


def _value(position: dict[str, Any]) -> int:
    return parse_amount(position["identity"]["money_plus_loans_less_liabilities"], signed=True)


def _cash(position: dict[str, Any]) -> int:
    return sum(parse_amount(position[place]) for place in ("cash_in_hand", "bank", "in_transit"))


def _mean(amounts: Sequence[int]) -> Fraction:
    return Fraction(sum(amounts), len(amounts))


def _told(definition: str, numerator: Fraction | int, denominator: Fraction | int) -> dict[str, Any]:
    """Return a ratio as it is told."""
    above, below = Fraction(numerator), Fraction(denominator)
    return {
        "definition": definition,
        "rate": decimals_of(above / below, 6) if below else None,
        "numerator": format_amount(round_ratio(above.numerator, above.denominator, 1)),
        "denominator": format_amount(round_ratio(below.numerator, below.denominator, 1)),
    }


# Over time -----------------------------------------------------------------------------------------------------


@some_histories(15)
@given(lives, days_of_lives, st.integers(0, 300), st.data())
def test_each_point_of_a_series_is_what_is_said_of_its_day(
    shared_databases: Databases, life: FundLife, to_on: date, length: int, data: st.DataObject
) -> None:
    book = told_book(shared_databases, life)
    known_at, from_on = data.draw(moments(book)), to_on - timedelta(days=length)
    series = fund_series_report(shared_databases, book.lso_id, "CIF", Period(from_on, to_on), known_at)
    heads = {name: part for name, part in series.items() if name in ("lso", "fund", "known_at", "currency")}
    assert [point["as_of"] for point in series["points"]] == [
        day.isoformat() for day in averaged_days(from_on, to_on)[1:]
    ]
    for point in series["points"]:
        as_of = date.fromisoformat(point["as_of"])
        assert fund_figures_report(shared_databases, book.lso_id, "CIF", as_of, known_at) == heads | point


def test_a_series_has_as_many_points_as_ten_years_have_months(shared_databases: Databases) -> None:
    book = a_book(shared_databases)
    of = (shared_databases, book.lso_id, "CIF")
    longest = Period(date(2014, 1, 1), date(2023, 12, 31))
    assert len(fund_series_report(*of, longest)["points"]) == 120
    with pytest.raises(NumberOutOfRangeError) as refused:
        fund_series_report(*of, Period(date(2013, 12, 31), date(2023, 12, 31)))
    assert refused.value.pointer == "/from"


# Of many -------------------------------------------------------------------------------------------------------


@some_histories(25)
@given(lives, days_of_lives, st.data())
def test_the_database_adds_up_what_the_flows_of_a_fund_say(
    shared_databases: Databases, life: FundLife, as_of: date, data: st.DataObject
) -> None:
    book = told_book(shared_databases, life)
    known_at = data.draw(moments(book))
    alone = fund_figures_report(shared_databases, book.lso_id, "CIF", as_of, known_at)
    question = Question(Within((book.lso_id,)), Cutting((Cut.FUND,)), known_at)
    together = portfolio_funds_report(shared_databases, question, as_of)
    assert figures_alone(together["total"]) == figures_alone(alone)
    assert [figures_alone(row) for row in together["rows"]] == [figures_alone(alone)][: together["total"]["funds"]]


@some_histories(12)
@given(histories, days, st.data())
def test_the_funds_of_a_village_sum_to_the_whole(
    shared_databases: Databases, steps: list[Step], as_of: date, data: st.DataObject
) -> None:
    village = tell_village(Village.founded(shared_databases), steps)
    known_at = data.draw(st.none() | st.sampled_from(village.moments))
    by = data.draw(st.sampled_from([(Cut.FUND,), (Cut.FUNDER,), (Cut.LSO, Cut.FUNDER), (Cut.RSP, Cut.FUND), ()]))
    question = Question(Within((village.lso_id,)), Cutting(by), known_at)
    report = portfolio_funds_report(shared_databases, question, as_of)
    funds = {
        fund: fund_figures_report(shared_databases, village.lso_id, fund, as_of, known_at) for fund in ("CIF", "SHOP")
    }
    for path in (("capital", "amount"), ("fund_value", "amount"), ("fund_value", "cash"), ("turns", "numerator")):
        whole = _at(report["total"], path)
        assert whole == sum(_at(figures, path) for figures in funds.values()), path
        assert not by or whole == sum(_at(row, path) for row in report["rows"]), path
    for row in report["rows"]:
        if "fund" in row["key"]:
            assert figures_alone(row) == figures_alone(funds[row["key"]["fund"]])
    uncut = portfolio_funds_report(shared_databases, Question(Within((village.lso_id,)), known_at=known_at), as_of)
    assert report["total"] == uncut["total"], "a household of two funds is one household, however they are cut"
    served = [figures["reach"]["numerator"] for figures in funds.values()]
    assert max(served) <= report["total"]["reach"]["numerator"] <= sum(served)


def _at(view: dict[str, Any], path: tuple[str, str]) -> int:
    return parse_amount(view[path[0]][path[1]], signed=True)


def test_what_divides_a_fund_cuts_no_figures_of_funds(shared_databases: Databases) -> None:
    scope = Within((a_book(shared_databases).lso_id,))
    as_of = date(2024, 6, 30)
    for cutting, pointer in (
        (Cutting((Cut.VO,)), "/by"),
        (Cutting((Cut.FUND, Cut.TRANCHE)), "/by"),
        (Cutting(only=((Cut.GENDER, ("female",)),)), "/gender"),
    ):
        with pytest.raises(ReportNotCutError) as refused:
            portfolio_funds_report(shared_databases, Question(scope, cutting), as_of)
        assert refused.value.pointer == pointer


def test_a_fund_that_is_not_there_has_no_figures(shared_databases: Databases) -> None:
    lso_id = a_book(shared_databases).lso_id
    as_of = date(2024, 6, 30)
    with pytest.raises(NotFoundError):
        fund_figures_report(shared_databases, lso_id, "NONE", as_of)
    with pytest.raises(NotFoundError):
        fund_health_report(shared_databases, lso_id, "NONE", as_of, "community")
    with pytest.raises(NotFoundError) as refused:
        fund_health_report(shared_databases, lso_id, "CIF", as_of, "none")
    assert refused.value.pointer == "/rule"
    with pytest.raises(PeriodReversedError):
        fund_figures_report(shared_databases, lso_id, "CIF", as_of, None, as_of + timedelta(days=1))
