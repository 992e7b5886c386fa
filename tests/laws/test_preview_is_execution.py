"""A preview answers, byte for byte, what the same request answers when it is made right after; and leaves nothing."""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given

from cif_engine.persistence.engines import Databases
from tests.books import Answer, Book, How, Operation, Sent, a_book, send
from tests.laws.settings import some_histories
from tests.strategies import PRODUCTS, History, histories, tell


@dataclass
class ForeseenBook(Book):
    """A book whose accountant asks for a preview of everything before she records it."""

    foreseen: list[Sent] = field(default_factory=list)

    def _does(self, operation: Operation, command: Any, how: How) -> Answer:  # noqa: ANN401 - as in `Book`
        request = how.request or self.request(actor=how.actor)
        self.foreseen.append(send(self.databases, operation, replace(request, preview=True), command))
        return super()._does(operation, command, replace(how, request=request))


@some_histories(10)
@given(history=histories())
def test_every_request_of_a_history_is_foreseen_as_it_is_answered_and_previews_change_nothing(
    shared_databases: Databases, history: History
) -> None:
    founded = a_book(shared_databases, products=PRODUCTS)
    book = ForeseenBook(shared_databases, founded.lso_id, founded.fund_id)
    tell(book, history)
    assert [foreseen.answer for foreseen in book.foreseen] == [sent.answer for sent in book.sent]
    before = book.snapshot()
    for foreseen in book.foreseen:
        foreseen.again(shared_databases)
    assert book.snapshot() == before
