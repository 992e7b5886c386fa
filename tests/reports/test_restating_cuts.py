"""The bridge of a figure that is narrowed: loans, LSOs and rule sets that come into it and go out of it."""

from dataclasses import replace
from datetime import UTC, date
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.network.places import Rsp
from cif_engine.operations.asking import Question
from cif_engine.operations.dated import Saying
from cif_engine.operations.explaining import Inquiry, loans_behind_report
from cif_engine.operations.network_funds import change_fund
from cif_engine.operations.network_places import change_lso, create_rsp
from cif_engine.operations.portfolio_reports import portfolio_report
from cif_engine.operations.reporting import Page
from cif_engine.operations.restating import restatement_acts, restatement_report
from cif_engine.operations.rule_sets import RULE_SETS
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.explaining import Side
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.cuts import WHOLE, Cut, Cutting
from cif_engine.portfolio.subjects import Sought
from tests.books import FUND, Book, a_book, a_funded_book, new_id
from tests.laws.settings import some_histories
from tests.laws.test_what_reports_cut_by_keeps_its_past import place_of, under
from tests.reports.figures_told import RULES
from tests.reports.test_explaining import periods
from tests.reports.test_restating import amounts
from tests.strategies import PRODUCTS, History, histories, tell

LENT, DAY = date(2024, 1, 1), date(2024, 6, 30)
GROSS = Sought("gross_portfolio")
Told = dict[str, Any]


@pytest.fixture
def book(databases: Databases) -> Book:
    """A book with a loan of 12,000 that was handed out by the bank, under the first tranche."""
    book = a_funded_book(databases, 50_000, on=LENT)
    book.lends(12_000, on=LENT)
    return book


def only(**values: str) -> Cutting:
    return Cutting((), tuple((Cut(name), (value,)) for name, value in values.items()))


def told_of(
    book: Book, sought: Sought, cutting: Cutting = WHOLE, scope: Within | None = None, *, reported_at: int
) -> Told:
    question = Question(scope or Within((book.lso_id,)), cutting)
    return restatement_report(book.databases, Inquiry(question, sought, DAY), reported_at)


def lines(told: Told) -> dict[str, tuple[int, str]]:
    return {line["cause"]: (line["acts"], line["numerator"]) for line in told["causes"]}


def last_moment(book: Book) -> int:
    moment: int = book.rows("event")[-1]["recorded_at"]
    return moment


def said(book: Book, on: date = LENT) -> Saying:
    return Saying(last_moment(book), "the office", DAY, on)


def test_a_corrected_channel_takes_a_loan_from_one_cut_to_another(book: Book) -> None:
    book.moves(20_000, on=LENT, paid_from="bank", held_in="cash")
    (disbursed,) = (row["id"] for row in book.rows("event") if row["kind"] == "loan_disbursed")
    reported_at = last_moment(book)
    book.repays(book.rows("loan")[0]["number"], 1_000, on=date(2024, 2, 1))
    book.corrects(disbursed, channel="cash")
    book.repays(book.rows("loan")[0]["number"], 500, on=date(2024, 3, 1))

    def moved(channel: str) -> dict[str, tuple[int, str]]:
        return lines(told_of(book, GROSS, only(channel=channel), reported_at=reported_at))

    assert moved("bank") == {"repayments": (1, "-1000.00"), "corrections": (1, "-11000.00")}
    assert moved("cash") == {"corrections": (1, "11000.00"), "repayments": (1, "-500.00")}


def test_a_tranche_that_becomes_known_takes_loans_that_nothing_happened_to(book: Book) -> None:
    reported_at = last_moment(book)
    book.gets_tranche(9_000, on=LENT)
    book.repays(book.rows("loan")[0]["number"], 1_000, on=date(2024, 2, 1))
    first = told_of(book, GROSS, only(tranche="1"), reported_at=reported_at)
    assert lines(first) == {"placements": (0, "-12000.00")}
    second = told_of(book, GROSS, only(tranche="2"), reported_at=reported_at)
    assert lines(second) == {"placements": (0, "12000.00"), "repayments": (1, "-1000.00")}


def test_an_lso_that_was_placed_elsewhere_takes_all_it_has_along(book: Book) -> None:
    place, reported_at = place_of(book), last_moment(book)
    create_rsp(book.databases, Rsp(new_id(), "OTHER", "Another programme"))
    change_lso(book.databases, place["lso"], {"rsp": "OTHER"}, 1, said(book))
    book.repays(book.rows("loan")[0]["number"], 1_000, on=date(2024, 2, 1))
    left, joined = (
        told_of(book, GROSS, scope=under(book, rsp), reported_at=reported_at) for rsp in (place["rsp"], "OTHER")
    )
    assert lines(left) == {"placements": (0, "-12000.00")}
    assert lines(joined) == {"placements": (0, "12000.00"), "repayments": (1, "-1000.00")}
    assert (left["known"]["loans"], joined["difference"]["loans"]) == (0, 1)


def test_a_fund_whose_funder_was_another_takes_its_loans_along(book: Book) -> None:
    reported_at = last_moment(book)
    change_fund(book.databases, book.lso_id, FUND, {"funder": "KfW"}, 1, said(book))
    assert lines(told_of(book, GROSS, only(funder="EU"), reported_at=reported_at)) == {"placements": (0, "-12000.00")}
    assert lines(told_of(book, GROSS, only(funder="KfW"), reported_at=reported_at)) == {"placements": (0, "12000.00")}


def test_another_version_of_the_rule_set_is_a_line_of_its_own(book: Book) -> None:
    reported_at = last_moment(book)
    by_days = replace(RULES, number=2, comparator=Comparator.MORE_THAN, name="By more than n days")
    RULE_SETS.record(book.databases, by_days, "the office", reported_at + 1, DAY)
    late = Sought("par_n", days=(DAY - date(2024, 2, 1)).days)
    question = Question(Within((book.lso_id,)), rule_set=RULES.code)
    told = restatement_report(book.databases, Inquiry(question, late, DAY), reported_at)
    assert told["reported"]["numerator"] == "12000.00"
    assert lines(told) == {"rule_set": (0, "-12000.00")}
    assert told["comparator"] == ">"


CUTTINGS = [
    only(channel="cash"),
    only(channel="bank", gender="female"),
    only(tranche="1"),
    only(tranche="2"),
    only(tranche="-"),
    only(product="FREE"),
    only(poverty_band="0-11", cycle="1"),
    only(funder="EU", purpose="a goat"),
]


@some_histories(12)
@given(histories(), periods, st.sampled_from(CUTTINGS), st.data())
def test_the_bridge_of_a_narrowed_figure_has_the_ends_of_the_reports(
    shared_databases: Databases, history: History, period: list[date], cutting: Cutting, data: st.DataObject
) -> None:
    told = a_book(shared_databases, products=PRODUCTS)
    tell(told, history)
    reported_at = data.draw(st.sampled_from([row["recorded_at"] for row in told.rows("event")]))
    question = Question(Within((told.lso_id,)), cutting)
    for figure, days in ((GROSS, None), (Sought("par_n", days=0), 0)):
        inquiry = Inquiry(question, figure, period[1])
        bridge = restatement_report(told.databases, inquiry, reported_at)
        for end, moment in (("reported", reported_at), ("known", None)):
            report = portfolio_report(told.databases, replace(question, known_at=moment), period[1])["total"]
            expected = report["gross_portfolio"]["amount"] if days is None else report["par"][0]["numerator"]
            assert bridge[end]["numerator"] == expected
            assert bridge[end]["loans"] == (report["loans"] if days is None else report["par"][0]["loans"])
        acts = restatement_acts(told.databases, inquiry, reported_at, UTC, Page(200))["items"]
        of_acts = [line for line in bridge["causes"] if line["acts"]]
        assert sum(amounts(act).numerator_minor for act in acts) == sum(
            amounts(line).numerator_minor for line in of_acts
        )


def test_over_several_books_acts_come_book_by_book(databases: Databases) -> None:
    books = [a_funded_book(databases, 50_000, on=LENT) for _ in range(3)]
    lent = [(one, one.lends(amount, on=LENT)) for one in books for amount in (12_000, 6_000)]
    reported_at = last_moment(books[-1])
    for one, loan in reversed(lent):
        one.repays(loan, 1_000, on=date(2024, 2, 1))
    inquiry = Inquiry(Question(Within()), GROSS, DAY)
    told = restatement_report(databases, inquiry, reported_at)
    assert lines(told) == {"repayments": (6, "-6000.00")}

    listed: list[tuple[str, str]] = []
    after = None
    while True:
        page = restatement_acts(databases, inquiry, reported_at, UTC, Page(4, after))
        listed += [(act["lso"], act["loan"]) for act in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert listed == sorted((place_of(one)["lso"], loan) for one, loan in lent)


def test_a_bridge_and_a_list_known_at_their_moments_are_the_same_for_ever(book: Book) -> None:
    loan = book.rows("loan")[0]["number"]
    reported_at = last_moment(book)
    book.repays(loan, 1_000, on=date(2024, 2, 1))
    known_at = last_moment(book)
    scope = Within((book.lso_id,))

    def answers(known: int | None) -> list[bytes]:
        inquiry = Inquiry(Question(scope, only(channel="bank"), known), Sought("par_n", days=30), DAY)
        return [
            orjson.dumps(restatement_report(book.databases, inquiry, reported_at)),
            orjson.dumps(restatement_acts(book.databases, inquiry, reported_at, UTC)),
            *(orjson.dumps(loans_behind_report(book.databases, inquiry, side)) for side in Side),
        ]

    before = answers(None)
    book.repays(loan, 2_000, on=date(2024, 2, 15))
    book.lends(3_000, on=LENT)
    assert answers(known_at) == before
    assert all(now != then for now, then in zip(answers(None), before, strict=True))


def test_what_a_list_names_as_known_at_asks_for_it_again(book: Book) -> None:
    told = told_of(book, GROSS, reported_at=last_moment(book))
    assert told["known_at"] == told["reported_at"]
