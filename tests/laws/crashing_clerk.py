"""A clerk whose machine stops just before or just after the commit: run as a process, it never answers."""

import os
import sys
from datetime import date
from typing import Any

import psycopg
import sqlalchemy as sa

from cif_engine.operations.funding import MoneyOut, pay_expense
from cif_engine.operations.recording import Request
from cif_engine.persistence.engines import open_databases
from tests.books import FIRST_MOMENT, FUND, TODAY

STOPPED = 70


def request_of(lso_id: str, key: str) -> Request:
    return Request(lso_id, "accountant", FIRST_MOMENT, TODAY, key, b"rent of April")


def expense_of(fact_id: str) -> MoneyOut:
    return MoneyOut(fact_id, FUND, 1_000_00, date(2024, 4, 1), "rent", "bank")


def main(url: str, lso_id: str, key: str, fact_id: str, moment: str) -> None:
    if moment == "before":
        _stop_at_commit()
    pay_expense(open_databases(url), request_of(lso_id, key), expense_of(fact_id))
    os._exit(STOPPED)  # committed, and the answer goes nowhere


def _stop_at_commit() -> None:
    """Let either driver stop the process when it is told to commit."""
    execute: Any = psycopg.Connection.execute

    def execute_or_stop(connection: psycopg.Connection, query: Any, *more: Any, **options: Any) -> Any:  # noqa: ANN401 - as the driver's own
        _stop_if_commit(query)
        return execute(connection, query, *more, **options)

    def trace(connection: Any, _record: object) -> None:  # noqa: ANN401 - either driver's connection
        if not isinstance(connection, psycopg.Connection):
            connection.set_trace_callback(_stop_if_commit)

    vars(psycopg)["Connection"].execute = execute_or_stop
    sa.event.listen(sa.Engine, "connect", trace)


def _stop_if_commit(statement: object) -> None:
    if statement == "COMMIT":
        os._exit(STOPPED)


if __name__ == "__main__":
    main(*sys.argv[1:])
