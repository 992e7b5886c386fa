"""Two books of one RSP for two funders, and a year in which everything happens that moves the money of a fund."""

from datetime import date
from decimal import Decimal
from typing import Any

from cif_engine.loans.terms import EqualInstalments, FlatPercent, LoanTerms
from cif_engine.operations.dated import Saying
from cif_engine.operations.network_funds import change_fund
from cif_engine.operations.network_places import change_lso
from cif_engine.operations.network_records import get_record
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import LSOS
from tests.books import FUND, MEMBERS, PRODUCTS, TODAY, Book, a_funded_book

NEW_YEAR, LAST = date(2024, 1, 1), date(2024, 12, 31)
STALL = LoanTerms(repayment=EqualInstalments(count=4), charge=FlatPercent(percent=Decimal(10)))


def two_books(databases: Databases) -> tuple[Book, Book]:
    """Two LSOs of one RSP and two funders, with a year in which everything happens that moves money."""
    products = {**PRODUCTS, "STALL": STALL}
    one, other = (a_funded_book(databases, 100_000, on=NEW_YEAR, products=products) for _ in range(2))
    _place(other, lso_record(one)["rsp"])
    change_fund(databases, other.lso_id, FUND, {"funder": "LSO's own"}, 1, _saying(other, NEW_YEAR))
    for book, times in ((one, 1), (other, 2)):
        _a_year_of(book, times)
    return one, other


def _a_year_of(book: Book, times: int) -> None:
    book.moves(40_000, on=date(2024, 1, 5), paid_from="bank", held_in="cash")
    book.is_given(5_000 * times, on=date(2024, 1, 20))
    goat = book.lends(12_000, on=date(2024, 2, 1))
    stall = book.lends(8_000 * times, on=date(2024, 2, 10), member=MEMBERS[1], product="STALL")
    lost = book.lends(3_000, on=date(2024, 2, 11), member=MEMBERS[2])
    book.repays(goat, 1_000, on=date(2024, 3, 1), custodian=1)
    book.charges(goat, 50, on=date(2024, 3, 2))
    book.charges(goat, 30, on=date(2024, 3, 3), penalty=True)
    book.repays(goat, 2_080, on=date(2024, 4, 1))
    book.repays(stall, 8_900 * times, on=date(2024, 5, 1))
    book.refunds(stall, 60, on=date(2024, 5, 20))
    book.earns_profit(700, on=date(2024, 6, 30))
    book.spends(250 * times, on=date(2024, 7, 1))
    book.changes_allowance(1_000, on=date(2024, 7, 15))
    book.writes_off(lost, on=date(2024, 8, 1))
    book.repays(lost, 400, on=date(2024, 9, 1))
    second = book.gets_tranche(20_000, on=date(2024, 9, 15))
    taken_back = book.returns(7_000, on=date(2024, 10, 1))
    book.reverses(taken_back["event"]["id"])
    book.returns(4_000 * times, on=date(2024, 10, 2), tranche=second)
    wrong = book.gets_tranche(9_000, on=date(2024, 11, 1))
    receipt = next(row for row in reversed(book.rows("event")) if row["kind"] == "tranche_received")
    assert wrong == second + 1
    book.reverses(receipt["id"])


def lso_record(book: Book) -> dict[str, Any]:
    with book.databases.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT code FROM lso WHERE id = '{book.lso_id}'").scalar_one()  # noqa: S608 - an id of ours
    return get_record(book.databases, LSOS, (found,))


def _place(book: Book, rsp: str) -> None:
    record = lso_record(book)
    change_lso(book.databases, record["code"], {"rsp": rsp}, record["version"], _saying(book, date(2020, 1, 1)))


def _saying(book: Book, since: date) -> Saying:
    return Saying(book.request().at, "finance", TODAY, since)
