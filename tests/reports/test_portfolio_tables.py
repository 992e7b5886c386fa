"""Series, vintages, maturity and provisions as the database counts them, against the same counted loan by loan."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.dates import month_end_of
from cif_engine.errors import DaysNotInOrderError, NumberOutOfRangeError
from cif_engine.money import format_amount, parse_amount
from cif_engine.operations.asking import Question, opened
from cif_engine.operations.portfolio_reports import MOST_DAYS, portfolio_report, series_report
from cif_engine.operations.portfolio_tables import (
    MOST_MONTHS,
    maturity_report,
    provisioning_report,
    vintages_report,
)
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.cuts import Cut, Cutting
from cif_engine.portfolio.figures import OF_SERIES, Figure
from cif_engine.portfolio.maturity import add_up_maturing, maturing
from cif_engine.portfolio.provisioning import classified, parts_by_class, total_required_minor
from cif_engine.portfolio.vintages import add_up_cells, cells_of, month_ends
from tests.books import Book, a_book
from tests.laws.settings import some_histories
from tests.reports.counting import Held, Ledger, by_row
from tests.reports.test_portfolio_reports import bare, keys
from tests.strategies import BEGINNING, PRODUCTS, History, days, histories, tell

RULE_SETS = ("community", "sbp", "ifrs9")
rule_sets = st.sampled_from(RULE_SETS)
cuttings = st.sampled_from(
    [
        Cutting(),
        Cutting((Cut.PRODUCT,)),
        Cutting((Cut.CHANNEL, Cut.CYCLE), only=((Cut.GENDER, ("female",)),)),
        Cutting((Cut.LSO, Cut.TRANCHE), only=((Cut.CHANNEL, ("cash", "bank")),)),
        Cutting((Cut.FUND,)),
    ]
)
A_FEW = some_histories(12)


def asked(book: Book, history: History, cutting: Cutting, rule_set: str, data: st.DataObject) -> Question:
    """Record a history, and ask about it as it was known now or at one of its moments."""
    tell(book, history)
    known_at = data.draw(st.none() | st.sampled_from([row["recorded_at"] for row in book.rows("event")]))
    return Question(Within((book.lso_id,)), cutting, known_at, rule_set)


def rows_of(book: Book, question: Question) -> dict[tuple[str | None, ...], list[Held]]:
    """Return the loans that count, by the codes of their rows."""
    loans = Ledger(book.databases, book.lso_id, question.known_at).loans()
    rows = by_row(loans, question.cutting)
    return {tuple(None if code is None else str(code) for code in key): held for key, held in rows.items()}


@A_FEW
@given(histories(), st.lists(st.integers(-5, 80), min_size=1, max_size=9, unique=True), cuttings, rule_sets, st.data())
def test_a_series_is_the_portfolio_of_each_day(
    shared_databases: Databases,
    history: History,
    weeks: list[int],
    cutting: Cutting,
    rule_set: str,
    data: st.DataObject,
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    question = asked(book, history, cutting, rule_set, data)
    on = [BEGINNING + timedelta(days=7 * week + 3) for week in sorted(weeks)]
    figures = data.draw(st.sampled_from([OF_SERIES, OF_SERIES - {Figure.ARREARS}]))
    series = series_report(shared_databases, question, on, figures)
    for place, day in enumerate(on):
        report = portfolio_report(shared_databases, question, day, figures)
        assert report["comparator"] == series["comparator"]
        assert series["total"]["points"][place] == {"as_of": day.isoformat(), **report["total"]}
        points = {tuple(row["key"].values()): row["points"][place] for row in series["rows"]}
        of_day = {tuple(row["key"].values()): row for row in report["rows"]}
        for key, point in points.items():
            if key in of_day:
                assert {**point, "key": of_day[key]["key"]} == {"as_of": day.isoformat(), **of_day[key]}
            else:
                assert (point["loans"], point["gross_portfolio"]["amount"]) == (0, "0.00")
        assert of_day.keys() <= points.keys()


@A_FEW
@given(histories(), days, st.integers(1, 20), st.sampled_from([0, 30, 60]), cuttings, rule_sets, st.data())
def test_vintages_are_what_became_of_each_loan_month_after_month(
    shared_databases: Databases,
    history: History,
    as_of: date,
    months: int,
    late_over: int,
    cutting: Cutting,
    rule_set: str,
    data: st.DataObject,
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    question = asked(book, history, cutting, rule_set, data)
    as_of += timedelta(days=200)
    report = vintages_report(shared_databases, question, as_of, months, late_over)
    ends, comparator = month_ends(as_of, months), Comparator(report["comparator"])
    rows = {
        key: add_up_cells(cells_of(loan.life, ends, late_over, comparator) for loan in held)
        for key, held in rows_of(book, question).items()
    }
    expected = {key: cells for key, cells in rows.items() if cells}
    assert shown_cells(report["total"], ends) == add_up_cells(rows.values())
    if cutting.by:
        found = {tuple(row["key"].values()): shown_cells(row, ends) for row in report["rows"]}
        assert found == expected


def shown_cells(view: Any, ends: tuple[date, ...]) -> dict[tuple[int, int], tuple[int, ...]]:  # noqa: ANN401 - any JSON
    months = [f"{end:%Y-%m}" for end in ends]
    cells = {}
    for cohort in view["cohorts"]:
        for cell in cohort["after"]:
            place = months.index(cohort["month"])
            assert cell["as_of"] == ends[place + cell["months"]].isoformat()
            amounts = (cell[name] for name in ("denominator", "numerator", "renegotiated", "written_off"))
            cells[place, cell["months"]] = tuple(map(parse_amount, amounts))
    return cells


@A_FEW
@given(histories(), days, cuttings, st.data())
def test_what_falls_due_of_each_schedule_sums_to_the_gross_portfolio(
    shared_databases: Databases, history: History, as_of: date, cutting: Cutting, data: st.DataObject
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    question = asked(book, history, cutting, "community", data)
    report = maturity_report(shared_databases, question, as_of)
    rows = {
        key: add_up_maturing(maturing(loan.life, as_of) for loan in held)
        for key, held in rows_of(book, question).items()
    }
    assert shown_calendar(report["total"]) == add_up_maturing(rows.values())
    portfolio = portfolio_report(shared_databases, question, as_of, ())
    assert report["total"]["gross_portfolio"] == portfolio["total"]["gross_portfolio"]["amount"]
    if cutting.by:
        found = {tuple(row["key"].values()): shown_calendar(row) for row in report["rows"]}
        assert found == {key: calendar for key, calendar in rows.items() if calendar}
        amounts = {tuple(row["key"].values()): row["gross_portfolio"]["amount"] for row in portfolio["rows"]}
        assert {tuple(row["key"].values()): row["gross_portfolio"] for row in report["rows"]} == amounts


def shown_calendar(view: Any) -> dict[date | None, int]:  # noqa: ANN401 - any JSON value
    overdue = parse_amount(view["overdue"]["amount"])
    calendar: dict[date | None, int] = {None: overdue} if overdue else {}
    for month in view["months"]:
        calendar[date.fromisoformat(f"{month['month']}-01")] = parse_amount(month["amount"])
    return calendar


@A_FEW
@given(histories(), days, cuttings, rule_sets, st.data())
def test_classes_take_every_loan_once_and_call_for_their_share(
    shared_databases: Databases, history: History, as_of: date, cutting: Cutting, rule_set: str, data: st.DataObject
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    question = asked(book, history, cutting, rule_set, data)
    as_of += timedelta(days=data.draw(st.sampled_from([0, 60, 200])))
    report = provisioning_report(shared_databases, question, as_of)
    with opened(shared_databases, question, as_of) as reading:
        rules = reading.rule_set
    rows = rows_of(book, question)

    def figures(held: list[Held], allowance_minor: int | None) -> dict[str, Any]:
        classes = classified(rules, parts_by_class(rules, [at for loan in held if (at := loan.position(as_of))]))
        required = total_required_minor(classes)
        return {
            "classes": [
                (
                    one.band.name,
                    format_amount(one.part.outstanding_minor),
                    one.part.loans,
                    None if one.required_minor is None else format_amount(one.required_minor),
                )
                for one in classes
            ],
            "required": None if required is None else format_amount(required),
            "allowance": None if allowance_minor is None else format_amount(allowance_minor),
        }

    def shown(view: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        classes = [(one["class"], one["amount"], one["loans"], one["required"]) for one in view["classes"]]
        return {"classes": classes, "required": view["required"], "allowance": view["allowance"]}

    allowance = Ledger(shared_databases, book.lso_id, question.known_at).allowance(as_of)
    in_all = None if cutting.only else allowance
    assert shown(report["total"]) == figures([loan for held in rows.values() for loan in held], in_all)
    if cutting.by:
        of_row = in_all if all(cut.of_fund for cut in cutting.by) else None
        expected = {key: figures(held, of_row) for key, held in rows.items()}
        found = {key: shown(row) for key, row in zip(keys(report), report["rows"], strict=True)}
        assert all(expected[key] == row for key, row in found.items() if key in expected)
        assert all(not any(one[2] for one in expected[key]["classes"]) for key in expected.keys() - found.keys())


@pytest.mark.parametrize(
    "on",
    [
        pytest.param([], id="none"),
        pytest.param([date(2024, 1, 31), date(2024, 1, 31)], id="twice"),
        pytest.param([date(2024, 2, 29), date(2024, 1, 31)], id="backwards"),
        pytest.param([BEGINNING + timedelta(days=day) for day in range(MOST_DAYS + 1)], id="too many"),
    ],
)
def test_the_days_of_a_series_are_in_order_and_not_too_many(databases: Databases, on: list[date]) -> None:
    with pytest.raises(DaysNotInOrderError):
        series_report(databases, Question(Within()), on)


@pytest.mark.parametrize("months", [0, MOST_MONTHS + 1])
def test_vintages_are_followed_for_some_months(databases: Databases, months: int) -> None:
    with pytest.raises(NumberOutOfRangeError):
        vintages_report(databases, Question(Within()), BEGINNING, months, 30)


def test_a_series_of_ten_years_of_month_ends_is_one_question(databases: Databases) -> None:
    book = a_book(databases, products=PRODUCTS)
    book.gets_tranche("9000", on=BEGINNING)
    book.lends("6000", on=BEGINNING, product="FREE")
    on = month_ends(date(2030, 12, 31), MOST_DAYS)
    points = series_report(databases, Question(Within()), on)["total"]["points"]
    assert [point["loans"] for point in points] == [int(day >= month_end_of(BEGINNING)) for day in on]
    assert bare(points[-1])["par"][-1]["rate"] == "1.000000"
