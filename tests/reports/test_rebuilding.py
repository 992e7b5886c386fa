"""A rebuild mends what was tampered with, while others wait; law 8 itself is in `tests/laws`."""

from datetime import date
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from cif_engine.errors import NotFoundError
from cif_engine.ledger.accounts import Account
from cif_engine.ledger.events import Papers
from cif_engine.operations import rebuilding
from cif_engine.operations.rebuilding import rebuild
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from cif_engine.persistence.whole_book import StoredHead, sum_up_balances
from tests.reports.village import Village, new_id

PROJECTIONS = ("paper", "agreement", "tranche", "loan", "loan_position", "loan_state", "instalment", "account_balance")
JANUARY = date(2021, 1, 1)


def projections(village: Village) -> dict[str, list[tuple[Any, ...]]]:
    with village.databases.reading(village.lso_id) as connection:
        return {
            name: [
                tuple(row)
                for row in connection.execute(
                    sa.select(TABLES[name])
                    .where(TABLES[name].c.lso_id == village.lso_id)
                    .order_by(*TABLES[name].primary_key)
                )
            ]
            for name in PROJECTIONS
        }


def test_a_rebuild_mends_what_was_tampered_with_and_leaves_the_events_alone(databases: Databases) -> None:
    village = Village.founded(databases)
    village.give(100_000_00)
    loan = village.lend(12_000_00, JANUARY)
    village.repay(loan, 1_200_00, date(2021, 2, 1), papers=Papers(receipt_no="R-1"))
    stored = projections(village)
    of_book = {"lso": village.lso_id}
    with databases.writing(village.lso_id) as connection:
        for statement in (
            "UPDATE loan_position SET outstanding_minor = 1 WHERE lso_id = :lso",
            "DELETE FROM loan_state WHERE lso_id = :lso",
            "UPDATE loan SET requested_minor = 1 WHERE lso_id = :lso",
            "UPDATE account_balance SET balance_minor = 5 WHERE lso_id = :lso",
            "UPDATE tranche SET received_on = NULL WHERE lso_id = :lso",
            "UPDATE paper SET number = 'R-2' WHERE lso_id = :lso",
        ):
            connection.execute(sa.text(statement), of_book)
    assert verify(databases, village.lso_id) != []
    (rebuilt,) = rebuild(databases, village.lso_id)
    assert (rebuilt.loans, rebuilt.accounts) == (1, len(stored["account_balance"]))
    assert projections(village) == stored
    assert verify(databases, village.lso_id) == []


def test_a_repayment_that_waits_for_a_rebuild_is_not_lost(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL it is sent before the rebuild ends, and would change the rows that the rebuild has thrown away."""
    village = Village.founded(databases)
    village.give(100_000_00)
    loan = village.lend(12_000_00, JANUARY)
    recorded = len(village.moments)
    clerk = Thread(target=village.repay, args=(loan, 1_200_00, date(2021, 2, 1)))

    def sum_up_while_the_clerk_waits(connection: sa.Connection, head: StoredHead) -> list[Account]:
        clerk.start()
        clerk.join(0.5)
        return sum_up_balances(connection, head)

    monkeypatch.setattr(rebuilding, "sum_up_balances", sum_up_while_the_clerk_waits)
    rebuild(databases, village.lso_id)
    clerk.join(10)
    assert len(village.moments) == recorded + 1, "her repayment is answered"
    assert verify(databases, village.lso_id) == []


def test_every_book_is_rebuilt_when_none_is_named(databases: Databases) -> None:
    villages = [Village.founded(databases) for _ in range(2)]
    villages[0].give(1_000_00)
    rebuilt = rebuild(databases)
    assert len(rebuilt) == 2
    assert [book.lso for book in rebuilt] == sorted(book.lso for book in rebuilt)
    with pytest.raises(NotFoundError):
        rebuild(databases, new_id())
