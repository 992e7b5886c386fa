"""The restatement bridge: what was reported, and the effect of every act since, is what is known."""

from collections import Counter, defaultdict
from datetime import UTC, date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.errors import FigureUnknownError, MomentsReversedError
from cif_engine.money import parse_amount
from cif_engine.operations.asking import Question
from cif_engine.operations.explaining import Inquiry
from cif_engine.operations.reporting import Key, Page
from cif_engine.operations.restating import restatement_acts, restatement_report
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.contributions import Contribution, add_up_contributions, contribution
from cif_engine.portfolio.subjects import KINDS, Sought, is_of_period, subject
from tests.books import Book, a_book
from tests.laws.settings import some_histories
from tests.reports.figures_told import RULES, days_of, every_sought
from tests.reports.test_explaining import PERIODS, periods
from tests.reports.test_periods import book, lives_known
from tests.strategies import PRODUCTS, History, histories, tell

__all__ = ["book"]  # a troubled book, used here as a fixture


@some_histories(12)
@given(histories(), periods, st.data())
def test_the_lines_of_a_bridge_sum_to_the_difference(
    shared_databases: Databases, history: History, period: list[date], data: st.DataObject
) -> None:
    told = a_book(shared_databases, products=PRODUCTS)
    tell(told, history)
    moments = st.sampled_from([row["recorded_at"] for row in told.rows("event")])
    reported_at, known_at = sorted((data.draw(moments), data.draw(moments)))
    for sought in data.draw(st.lists(st.sampled_from(list(every_sought(period[1]))), min_size=6, max_size=6)):
        bridged(told, sought, (period[0], period[1]), reported_at, known_at)


def test_every_figure_of_a_troubled_book_is_bridged(book: Book) -> None:
    moments = [row["recorded_at"] for row in book.rows("event")]
    acts: Counter[str] = Counter()
    for reported_at, period in zip(moments[::-5], PERIODS * len(moments), strict=False):
        for sought in list(every_sought(period[1]))[::3]:
            acts += bridged(book, sought, period, reported_at, moments[-1])
    assert {"repayments", "disbursements", "reversals", "reschedules", "write_offs"} <= set(acts)


def bridged(told: Book, sought: Sought, period: tuple[date, date], reported_at: int, known_at: int) -> Counter[str]:
    """Check the bridge of a figure against the facts, and return how many acts it has of each cause."""
    from_on, day = period
    question = Question(Within((told.lso_id,)), known_at=known_at, rule_set=RULES.code)
    inquiry = Inquiry(question, sought, day, from_on if is_of_period(sought.figure) else None)
    report = restatement_report(told.databases, inquiry, reported_at)
    reported, known, difference = (amounts(report[name]) for name in ("reported", "known", "difference"))
    assert [reported, known] == [counted(told, sought, period, at) for at in (reported_at, known_at)], sought

    lines = {line["cause"]: line for line in report["causes"]}
    assert add_up_contributions(map(amounts, lines.values())) == difference == known.less(reported), sought
    of_cause = defaultdict(list)
    for act in every_act(told, inquiry, reported_at):
        of_cause[act["cause"]].append(act)
    assert set(of_cause) == set(lines)
    for cause, acts in of_cause.items():
        assert add_up_contributions(map(amounts, acts)) == amounts(lines[cause]), sought
        assert (len(acts), len({act["loan"] for act in acts})) == (lines[cause]["acts"], lines[cause]["loans"])
    return Counter({cause: len(acts) for cause, acts in of_cause.items()})


def counted(told: Book, sought: Sought, period: tuple[date, date], known_at: int) -> Contribution:
    about = subject(sought, days_of(sought.figure, *period))
    return add_up_contributions(contribution(life, about) for life in lives_known(told, known_at).values())


def every_act(told: Book, inquiry: Inquiry, reported_at: int) -> list[dict[str, Any]]:
    """Return the acts of all pages; none is there twice, and each was recorded in between."""
    acts: list[dict[str, Any]] = []
    after: Key | None = None
    while True:
        page = restatement_acts(told.databases, inquiry, reported_at, UTC, Page(2, after))
        acts += page["items"]
        after = page["next"]
        if after is None:
            break
    assert len({(act["loan"], act["recorded_at"]) for act in acts}) == len(acts)
    assert all(event["effective_on"] for act in acts for event in act["events"])
    return acts


def amounts(view: dict[str, Any]) -> Contribution:
    denominator = view["denominator"]
    return Contribution(parse_signed(view["numerator"]), 0 if denominator is None else parse_signed(denominator))


def parse_signed(text: str) -> int:
    return -parse_amount(text[1:]) if text.startswith("-") else parse_amount(text)


def test_a_figure_that_is_no_sum_of_loans_is_refused_with_those_that_are(book: Book) -> None:
    with pytest.raises(FigureUnknownError) as refused:
        Inquiry(Question(Within((book.lso_id,))), Sought("risk_coverage"), date(2024, 6, 30))
    assert all(figure in refused.value.detail for figure in KINDS)


def test_what_was_reported_comes_first(book: Book) -> None:
    inquiry = Inquiry(Question(Within((book.lso_id,)), known_at=1), Sought("gross_portfolio"), date(2024, 6, 30))
    with pytest.raises(MomentsReversedError):
        restatement_report(book.databases, inquiry, 2)
