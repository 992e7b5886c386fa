"""Law 8: what is stored besides events can be thrown away, and is made again row for row."""

import sqlalchemy as sa
from hypothesis import given

from cif_engine.operations.rebuilding import rebuild
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from tests.books import Book, a_book
from tests.laws.settings import some_histories
from tests.strategies import PRODUCTS, History, histories, tell


@some_histories(12)
@given(history=histories())
def test_projections_rebuilt_from_events_are_those_that_were_stored(
    shared_databases: Databases, history: History
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    stored = book.snapshot()

    spoil(book)
    assert verify(shared_databases, book.lso_id)
    rebuild(shared_databases, book.lso_id)

    assert book.snapshot() == stored
    assert verify(shared_databases, book.lso_id) == []


def spoil(book: Book) -> None:
    """Change or remove what is stored besides events, as a careless hand in the database would."""
    with book.databases.writing() as connection:
        for name in ("instalment", "loan_state"):
            connection.execute(sa.delete(TABLES[name]).where(TABLES[name].c.lso_id == book.lso_id))
        for name, column in (("loan_position", "credit_minor"), ("account_balance", "balance_minor")):
            table = TABLES[name]
            more = sa.update(table).where(table.c.lso_id == book.lso_id).values({column: table.c[column] + 10**12})
            connection.execute(more)
