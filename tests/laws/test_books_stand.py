"""Laws 1, 6 and 8, and the chain: after any history, however late or wrong its papers, the books stand."""

from hypothesis import given

from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from tests.books import a_book
from tests.laws.settings import some_histories
from tests.soundness import assert_books_stand
from tests.strategies import PRODUCTS, History, histories, tell


@some_histories(25)
@given(history=histories())
def test_after_any_history_the_books_stand_and_the_engine_finds_nothing_wrong(
    shared_databases: Databases, history: History
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    assert_books_stand(book)
    assert verify(shared_databases, book.lso_id) == []
