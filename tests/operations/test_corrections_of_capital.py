"""Capital that was received or returned by mistake is neither received nor returned in the position of the fund."""

from datetime import date

from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.persistence.engines import Databases
from tests.books import FUND, a_funded_book


def test_what_was_reversed_was_neither_received_nor_returned(databases: Databases) -> None:
    book = a_funded_book(databases, 100_000, on=date(2024, 1, 1))
    wrong = book.returns(30_000, on=date(2024, 3, 1))
    book.returns(20_000, on=date(2024, 3, 2))
    book.reverses(wrong["event"]["id"])
    capital = fund_position_report(databases, book.lso_id, FUND, date(2024, 12, 31))["capital"]
    assert (capital["tranches_received"], capital["returned"], capital["amount"]) == (
        "100000.00",
        "20000.00",
        "80000.00",
    )
