"""Capital received or returned by mistake is neither received nor returned, in the position and in the profile."""

from datetime import date

from cif_engine.operations.fund_reports import fund_position_report
from cif_engine.operations.profiles import profile_report
from cif_engine.persistence.engines import Databases
from tests.books import FUND, Book, a_funded_book


def test_what_was_reversed_was_neither_received_nor_returned(databases: Databases) -> None:
    book = a_funded_book(databases, 100_000, on=date(2024, 1, 1))
    wrong = book.returns(30_000, on=date(2024, 3, 1))
    book.returns(20_000, on=date(2024, 3, 2))
    book.reverses(wrong["event"]["id"])
    second = book.gets_tranche(10_000, on=date(2024, 4, 1))
    book.reverses(_receipt_of(book, second))
    capital = fund_position_report(databases, book.lso_id, FUND, date(2024, 12, 31))["capital"]
    assert (capital["tranches_received"], capital["returned"], capital["amount"]) == (
        "100000.00",
        "20000.00",
        "80000.00",
    )
    profile = profile_report(databases, book.lso_id, date(2024, 12, 31))
    assert profile["total"]["capital"] == profile["funds"][0]["capital"] == capital


def _receipt_of(book: Book, tranche: int) -> str:
    receipts = [row["id"] for row in book.rows("event") if row["kind"] == "tranche_received"]
    return str(receipts[tranche - 1])
