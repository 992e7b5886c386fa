"""SQLite's floor: the engine's statements, by the driver alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import make_url

from benchmarks.books import LENT_ON, OTHER, OpenLoan, number_id
from benchmarks.clerks import AMOUNT_MINOR
from benchmarks.floors import (
    CASH,
    CASH_OF_ANY_FUND,
    FIRST_DAY,
    LATER_DUE_DAY,
    LOANS_OUTSTANDING,
    STILL_OWED_MINOR,
    Sample,
    floor_loans,
)
from benchmarks.grounds import Ground
from benchmarks.measuring import Rate
from cif_engine.moments import END_OF_TIME
from cif_engine.persistence import book_sqlite
from cif_engine.persistence.engines import sqlite_driver
from cif_engine.settings import Settings

HASH = b"h" * 32
FUND_ID = number_id(OTHER, 3)


class SqliteFloor:
    """Repays one loan after the other, of all its books in turn, each in a transaction of its own."""

    def __init__(self, ground: Ground, sample: Sample) -> None:
        books = floor_loans(ground)
        self._sample = sample
        self._turns = count()
        self._loans = [loan for same_place in zip(*books, strict=True) for loan in same_place]
        self._driver = _connect(ground.url)
        self._heads = dict(self._driver.execute("SELECT lso_id, head_seq FROM book"))

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()

    def write(self, seconds: float) -> Rate:
        """Run the statements that write, alone."""
        return self._run(seconds, reading=False)

    def read_and_write(self, seconds: float) -> Rate:
        """Run all statements of recording: the opening read, and those that write."""
        return self._run(seconds, reading=True)

    def _run(self, seconds: float, *, reading: bool) -> Rate:
        done, began = 0, time.perf_counter()
        ends = began + seconds
        while time.perf_counter() < ends:
            turn = next(self._turns)
            self._record(turn, self._loans[turn % len(self._loans)], reading=reading)
            done += 1
        return Rate(done, time.perf_counter() - began)

    def _record(self, turn: int, loan: OpenLoan, *, reading: bool) -> None:
        day = (FIRST_DAY + timedelta(days=turn // len(self._loans))).isoformat()
        self._heads[loan.lso_id] += 1
        seq, at, key = self._heads[loan.lso_id], END_OF_TIME + turn, f"floor-{turn}"
        driver, lso_id = self._driver, loan.lso_id
        driver.execute("BEGIN IMMEDIATE")
        if reading:
            driver.execute(book_sqlite.OPEN_BY_NUMBER, (lso_id, key, loan.number, CASH_OF_ANY_FUND)).fetchone()
        driver.execute(book_sqlite.MOVE_HEAD, (lso_id, seq, at, HASH))
        driver.execute(
            book_sqlite.RECORD,
            (
                lso_id,
                seq,
                f"{turn:036}",
                "repayment_received",
                day,
                at,
                "clerk",
                key,
                FUND_ID,
                loan.loan_id,
                *(None,) * 4,
                self._sample.payload,
                HASH,
                HASH,
            ),
        )
        driver.executemany(
            book_sqlite.POST, [(lso_id, seq, 1, day, CASH, LOANS_OUTSTANDING, AMOUNT_MINOR, loan.loan_id)]
        )
        driver.executemany(
            book_sqlite.BALANCE, [(lso_id, CASH, AMOUNT_MINOR), (lso_id, LOANS_OUTSTANDING, -AMOUNT_MINOR)]
        )
        driver.execute(book_sqlite.CLOSE, (lso_id, loan.loan_id, day, at))
        standing = ("open", STILL_OWED_MINOR, 0, AMOUNT_MINOR, 0, 0, LATER_DUE_DAY.isoformat(), *(0,) * 6, False, 1)
        of_loan = (LENT_ON.isoformat(), 0, 0, LATER_DUE_DAY.isoformat())
        driver.execute(book_sqlite.MOVE, (lso_id, loan.loan_id, at, day, *standing, *of_loan))
        driver.execute(book_sqlite.ANSWER, (lso_id, key, HASH, self._sample.answer, seq))
        driver.execute("COMMIT")


def _connect(url: str) -> Any:  # noqa: ANN401 - pysqlite3 has no types
    """Return a connection set up as the engine's."""
    settings = Settings()
    driver = sqlite_driver().connect(make_url(url).database, isolation_level=None, cached_statements=512)
    for words in _pragmas(settings):
        driver.execute(words)
    return driver


def _pragmas(settings: Settings) -> Iterator[str]:
    yield f"PRAGMA busy_timeout={settings.busy_timeout_ms}"
    yield "PRAGMA synchronous=FULL"
    yield "PRAGMA foreign_keys=ON"
    yield "PRAGMA recursive_triggers=ON"
    yield "PRAGMA trusted_schema=OFF"
    yield f"PRAGMA cache_size={-1024 * settings.sqlite_cache_mib}"
    yield "PRAGMA temp_store=MEMORY"
