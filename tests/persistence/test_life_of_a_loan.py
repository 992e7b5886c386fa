"""Revision 0003 on a book that was kept before it: what it then holds is what the same events make today."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from cif_engine.operations.bringing_up_to_date import bring_up_to_date
from cif_engine.operations.verifying import verify
from cif_engine.persistence import migrating
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from tests.books import Book, How, a_funded_book
from tests.support.databases import closing_databases

APRIL, MAY, JUNE, JULY = (date(2024, month, 1) for month in (4, 5, 6, 7))
NEW_ROLES = ("fee_income", "penalty_income", "recoveries")
ORDER = (
    "rsp", "area", "lso", "book", "institution", "fund", "custodian", "account", "account_balance", "product",
    "household", "member", "agreement", "tranche", "loan", "instalment", "loan_position", "loan_state", "event",
    "posting", "answer",
)  # fmt: skip
"""The tables of before, each after those it refers to."""

Rows = list[dict[str, Any]]


@pytest.fixture
def book(databases: Databases) -> Book:
    """A book with loans in every state that there was, each number of paper, and a repayment that came late."""
    book = a_funded_book(databases)
    with databases.writing(book.lso_id) as connection:  # the widest policy of before
        connection.execute(sa.update(TABLES["fund"]).values(charge_policy="flat_charge"))
    book.applies(5_000, on=APRIL)
    book.resolves(book.applies(5_000, on=APRIL), on=APRIL, approved=False)
    book.resolves(book.applies(5_000, on=APRIL, member="Amna"), on=MAY)
    open_loan = book.lends(12_000, on=APRIL, member="Marvi")
    book.repays(open_loan, 3_000, on=JUNE, how=How(receipt="R-2", external="X-1"))
    book.repays(open_loan, 1_000, on=MAY, how=How(receipt="R-1"))
    repaid = book.lends(6_000, on=APRIL, member="زرینہ", product="HARVEST")
    book.repays(repaid, 7_000, on=JULY)
    book.spends(500, on=JULY, how=How(voucher="V-1", receipt="R-1"))
    return book


@pytest.fixture
def before(book: Book, request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The same book in a database at the revision before."""
    stock = request.getfixturevalue(f"{book.databases.dialect}_stock")
    with stock.empty() as url, closing_databases(url) as older:
        config = migrating._config()
        with older.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0002")
        _copy(book, older)
        yield older


def test_a_book_of_before_becomes_what_its_events_make_today(book: Book, before: Databases) -> None:
    bring_up_to_date(before)
    assert verify(before) == []
    migrated = book.by(before)
    for name, table in TABLES.items():
        if "lso_id" in table.c and name != "api_key":
            assert migrated.rows(name) == book.rows(name), name


def test_a_book_of_before_goes_on(book: Book, before: Databases) -> None:
    bring_up_to_date(before)
    migrated = book.by(before)
    loan = migrated.lends(1_000, on=JULY, member="Amna", product="HARVEST")
    migrated.repays(loan, 400, on=JULY, how=How(receipt="R-3"))
    assert verify(before) == []


def _copy(book: Book, older: Databases) -> None:
    """Write the rows of a book as they would have been before."""
    with book.databases.reading() as connection:
        rows = {name: _read(connection, name) for name in ORDER}
    rows["account"] = [row for row in rows["account"] if row["role"] not in NEW_ROLES]
    codes = {row["code"] for row in rows["account"]}
    rows["account_balance"] = [row for row in rows["account_balance"] if row["code"] in codes]
    rows["event"].sort(key=lambda row: int(row["seq"]))
    rows["institution"].sort(key=lambda row: row["kind"], reverse=True)  # a VO before its COs
    with older.writing() as connection:
        for name in ORDER:
            columns = {column["name"] for column in sa.inspect(connection).get_columns(name)}
            for row in (row for row in rows[name] if row.get("known_to") is None):
                values = {column: value for column, value in row.items() if column in columns}
                connection.execute(sa.insert(sa.table(name, *map(sa.column, values))).values(values))


def _read(connection: sa.Connection, name: str) -> Rows:
    """Return the rows as the database keeps them; of a product, what it offered from the first."""
    offered = "SELECT t.*, p.* FROM product p JOIN product_terms t ON t.lso_id = p.lso_id AND t.product_id = p.id"
    told = offered if name == "product" else f"SELECT * FROM {name}"  # noqa: S608 - names of this file
    return [dict(row) for row in connection.exec_driver_sql(told).mappings()]
