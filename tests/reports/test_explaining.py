"""The loans behind every figure: each is of it what its facts say, and together they are the figure."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.persistence import explaining
from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.explaining import Place, Side, every_loan_behind, loans_behind, total_of
from cif_engine.persistence.standings import Within, find_known, lso
from cif_engine.portfolio.contributions import NOTHING, Contribution, Subject, add_up_contributions, contribution
from cif_engine.portfolio.cuts import WHOLE
from cif_engine.portfolio.subjects import KINDS, Sought, subject
from tests.books import Book, a_book, a_funded_book
from tests.laws.settings import some_histories
from tests.reports.figures_told import days_of, every_subject
from tests.reports.test_periods import book, lives_known
from tests.strategies import BEGINNING, PRODUCTS, History, histories, tell

__all__ = ["book"]  # a troubled book, used here as a fixture

days = st.integers(-10, 500).map(lambda after: BEGINNING + timedelta(days=after))
periods = st.tuples(days, days).map(sorted)
PERIODS = (
    (date(2024, 1, 1), date(2024, 4, 30)),
    (date(2024, 4, 16), date(2025, 2, 28)),
    (date(2024, 2, 2), date(2024, 3, 15)),
)
"""Of the troubled book: together, every figure of it is something in one of them."""


@some_histories(10)
@given(histories(), periods, st.data())
def test_each_loan_is_of_every_figure_what_its_facts_say(
    shared_databases: Databases, history: History, period: list[date], data: st.DataObject
) -> None:
    told = a_book(shared_databases, products=PRODUCTS)
    tell(told, history)
    known_at = data.draw(st.none() | st.sampled_from([row["recorded_at"] for row in told.rows("event")]))
    compare(
        told, period, known_at, data.draw(st.lists(st.sampled_from(every_subject(*period)), min_size=9, max_size=9))
    )


def test_each_loan_of_a_troubled_book_is_of_every_figure_what_its_facts_say(book: Book) -> None:
    moments = [row["recorded_at"] for row in book.rows("event")]
    seen: defaultdict[str, int] = defaultdict(int)
    for known_at in (None, *moments[::-7]):
        for from_on, day in PERIODS:
            for figure, found in compare(book, [from_on, day], known_at, every_subject(from_on, day)):
                seen[figure] |= found.numerator_minor
    assert {figure for figure, amount in seen.items() if amount} == set(KINDS), "none is zero everywhere"


def compare(
    told: Book, period: list[date], known_at: int | None, subjects: list[tuple[Sought, Subject]]
) -> list[tuple[str, Contribution]]:
    """Compare the database with the facts on these figures; return them with what they come to."""
    lives = lives_known(told, known_at)
    found = []
    with told.databases.reading(told.lso_id) as connection:
        scope = Within((told.lso_id,))
        asked = Asked(scope, WHOLE, find_known(connection, scope, known_at), period[1])
        for sought, about in subjects:
            expected = {loan: contribution(life, about) for loan, life in lives.items()}
            sides = (Side.NUMERATOR, Side.DENOMINATOR) if about.is_share else (Side.NUMERATOR,)
            listed = [loan for side in sides for loan in every_loan_behind(connection, asked, about, side)]
            counted = {loan.loan_id: loan.contribution for loan in listed}
            assert {loan: counted.get(loan, NOTHING) for loan in lives} == expected, sought
            whole, loans = total_of(connection, asked, about)
            assert whole == add_up_contributions(expected.values()), sought
            behind = list(every_loan_behind(connection, asked, about, Side.NUMERATOR))
            assert len(behind) == loans, sought
            assert sum(loan.contribution.numerator_minor for loan in behind) == whole.numerator_minor, sought
            found.append((sought.figure, whole))
    return found


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("limit", [1, 2])
def test_the_pages_of_a_figure_sum_to_it(book: Book, side: Side, limit: int) -> None:
    with book.databases.reading(book.lso_id) as connection:
        scope = Within((book.lso_id,))
        asked = Asked(scope, WHOLE, find_known(connection, scope, None), date(2024, 4, 30))
        for sought, about in every_subject(date(2024, 2, 1), date(2024, 4, 30)):
            if side is Side.DENOMINATOR and not about.is_share:
                continue
            after, listed = Place(), []
            while page := loans_behind(connection, asked, about, side, after, limit):
                assert all(loan.place > after for loan in page)
                after = page[-1].place
                listed += page
            assert listed == list(every_loan_behind(connection, asked, about, side))
            whole = add_up_contributions(loan.contribution for loan in listed)
            assert getattr(whole, f"{side}_minor") == getattr(_whole(connection, asked, about), f"{side}_minor"), sought


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_the_pages_of_several_books_go_from_one_to_the_next(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(explaining, "EXPORTED_AT_ONCE", 2)
    books = [a_funded_book(databases, 60_000, on=BEGINNING) for _ in range(4)]
    numbers = {
        one.lso_id: [one.lends(amount, on=BEGINNING) for amount in (3_000, 2_000, 1_000)]
        for one in (books[0], books[2], books[3])
    }
    repaid = numbers[books[2].lso_id].pop()
    books[2].repays(repaid, 1_000, on=BEGINNING)
    day = date(2024, 6, 30)
    with databases.reading() as connection:
        asked = Asked(Within(), WHOLE, find_known(connection, Within(), None), day)
        about = subject(Sought("gross_portfolio"), days_of("gross_portfolio", day, day))
        after, listed = Place(), []
        while page := loans_behind(connection, asked, about, Side.NUMERATOR, after, limit):
            assert len(page) <= limit
            after = page[-1].place
            listed += page
        assert listed == list(every_loan_behind(connection, asked, about, Side.NUMERATOR))
        codes = dict(connection.execute(sa.select(lso.c.id, lso.c.code)).all())
    expected = [(codes[lso_id], number) for lso_id, of_lso in numbers.items() for number in of_lso]
    assert [loan.place for loan in listed] == sorted(expected)


def _whole(connection: sa.Connection, asked: Asked, about: Subject) -> Contribution:
    return total_of(connection, asked, about).whole
