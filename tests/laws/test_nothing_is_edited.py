"""Law 2: events and postings are only added. What the database refuses is tested with its guards."""

from hypothesis import given

from cif_engine.persistence.engines import Databases
from tests.books import a_book
from tests.laws.settings import some_histories
from tests.strategies import PRODUCTS, History, Told, histories, tell

ONLY_ADDED_TO = ("event", "posting", "answer")


@some_histories(10)
@given(history=histories())
def test_what_is_recorded_stays_as_it_was_whatever_is_recorded_later(
    shared_databases: Databases, history: History
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    told = Told()
    middle = len(history) // 2
    tell(book, history[:middle], told)
    earlier = {name: book.rows(name) for name in ONLY_ADDED_TO}
    tell(book, history[middle:], told)
    for name, rows in earlier.items():
        later = book.rows(name)
        assert [row for row in later if row in rows] == rows
