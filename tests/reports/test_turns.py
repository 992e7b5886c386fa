"""The turns of many funds are those of each fund added up, on any day, however they are cut."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from cif_engine.errors import ReportNotCutError
from cif_engine.money import parse_amount
from cif_engine.operations.asking import Question
from cif_engine.operations.lots import LotsAsked, lots_report
from cif_engine.operations.reports.shown import report_view
from cif_engine.operations.reports.turns import turns as turns_table
from cif_engine.operations.turns import KEPT, turns_report
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from tests.books import FUND, MEMBERS, Book
from tests.reports.two_books import LAST, NEW_YEAR, two_books

AMOUNTS = ("disbursed", "repaid", "written_off", "in_loans", "in_cash", "spent", "returned")
WHERE = ("entered", "in_cash", "in_loans", "returned", "disbursed")
View = dict[str, Any]


@pytest.fixture(scope="module")
def books(shared_databases: Databases) -> tuple[Book, Book]:
    """Two books that tests only read."""
    return two_books(shared_databases)


def told(books: tuple[Book, ...], as_of: date, *by: Cut, known_at: int | None = None, **only: tuple[str, ...]) -> View:
    scope = Within(tuple(book.lso_id for book in books))
    cutting = Cutting(by, tuple((Cut(name), values) for name, values in only.items()))
    return turns_report(books[0].databases, Question(scope, cutting, known_at), as_of)


def of_fund(book: Book, as_of: date) -> View:
    return lots_report(book.databases, LotsAsked(book.lso_id, as_of), FUND)


def added_up(views: list[View]) -> Counter[tuple[object, ...]]:
    """Add up what is told of sources and turns; an amount is named by its source, its turn and what it is."""
    sums: Counter[tuple[object, ...]] = Counter()
    for view in views:
        sums["amount",] += parse_amount(view["amount"])
        for source in view["sources"]:
            kind = source["source"]
            sums.update({(kind, name): parse_amount(source[name]) for name in WHERE})
            sums.update({(kind, name): parse_amount(amount) for name, amount in source["lost"].items()})
            for turn in source["turns"]:
                sums.update(_of_turn(turn, kind))
        for turn in view["turns"]:
            sums.update(_of_turn(turn, "all"))
            sums["all", turn["turn"], "households_new"] += turn["households_new"]
    return +sums


def _of_turn(turn: View, kind: str) -> dict[tuple[object, ...], int]:
    counted: dict[tuple[object, ...], int] = {(kind, turn["turn"], name): parse_amount(turn[name]) for name in AMOUNTS}
    counted |= {(kind, turn["turn"], name): turn[name] for name in ("loans", "households")}
    waited = {name: parse_amount(turn["idle"][name]) for name in ("numerator", "denominator")}
    return counted | {(kind, turn["turn"], name): amount for name, amount in waited.items()}


@pytest.mark.parametrize("as_of", [NEW_YEAR, date(2024, 3, 1), date(2024, 6, 30), date(2024, 10, 1), LAST], ids=str)
def test_turns_of_many_funds_are_those_of_each_added_up(books: tuple[Book, Book], as_of: date) -> None:
    each = [of_fund(book, as_of) for book in books]
    view = told(books, as_of)
    assert (view["total"]["funds"], view["total"]["lsos"]) == (2, 2)
    assert added_up([view["total"]]) == added_up(each)
    assert [row["key"] for row in view["rows"]] == [{"funder": "EU"}, {"funder": "LSO's own"}]
    assert [added_up([row]) for row in view["rows"]] == [added_up([one]) for one in each]


def test_a_household_is_new_once_in_all_turns_of_all_funds(books: tuple[Book, Book]) -> None:
    """Three of each village borrowed, all in the first turn: what came back was not lent again."""
    first, *later = told(books, LAST)["total"]["turns"]
    assert (first["households"], first["households_new"]) == (6, 6)
    assert [turn["households_new"] for turn in later] == [0] * len(later)


@pytest.mark.parametrize(
    ("by", "rows"), [((Cut.RSP,), 1), ((Cut.LSO,), 2), ((Cut.FUND,), 2), ((Cut.FUNDER, Cut.RSP), 2)], ids=str
)
def test_the_rows_of_a_cut_are_the_whole(books: tuple[Book, Book], by: tuple[Cut, ...], rows: int) -> None:
    view = told(books, LAST, *by)
    assert len(view["rows"]) == rows
    assert added_up(view["rows"]) == added_up([view["total"]])


def test_they_are_narrowed_to_a_funder(books: tuple[Book, Book]) -> None:
    view = told(books, LAST, funder=("LSO's own",))
    assert added_up([view["total"]]) == added_up([of_fund(books[1], LAST)])
    assert view["coverage"] is None


def test_before_there_was_any_money_no_fund_counts(books: tuple[Book, Book]) -> None:
    view = told(books, date(2023, 12, 31))
    assert (view["total"]["funds"], view["total"]["sources"], view["rows"]) == (0, [], [])


def test_what_divides_the_money_of_a_fund_is_refused(books: tuple[Book, Book]) -> None:
    with pytest.raises(ReportNotCutError):
        told(books, LAST, Cut.GENDER)


def test_what_is_kept_is_what_would_be_computed_and_ends_with_the_next_fact(databases: Databases) -> None:
    books = two_books(databases)
    before = told(books, LAST)
    assert told(books, LAST) == before
    KEPT.forget()
    assert told(books, LAST) == before
    known_at = books[0].request().at
    books[0].lends(2_000, on=date(2024, 12, 1), member=MEMBERS[3])
    after = told(books, LAST)
    lent = parse_amount(after["total"]["sources"][0]["disbursed"]) - parse_amount(
        before["total"]["sources"][0]["disbursed"]
    )
    assert lent == 2_000_00
    assert told(books, LAST, known_at=known_at)["total"] == before["total"]


def test_they_are_a_table_too(books: tuple[Book, Book]) -> None:
    scope = Within(tuple(book.lso_id for book in books))
    said = turns_table(books[0].databases, Question(scope, Cutting((Cut.FUNDER,))), LAST)
    (table,) = report_view(said)["tables"]
    view = told(books, LAST)
    turns = [turn for row in view["rows"] for source in row["sources"] for turn in source["turns"]]
    assert len(table["rows"]) == len(turns)
    assert [row["disbursed"] for row in table["rows"]] == [turn["disbursed"] for turn in turns]
    assert [row["idle_days"] for row in table["rows"]] == [turn["idle"]["days"] for turn in turns]
