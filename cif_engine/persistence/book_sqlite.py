"""The posting path on SQLite: no round trips to save, so plain statements, each prepared once per connection."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.ledger.events import Event
from cif_engine.ledger.postings import balances
from cif_engine.loans.history import ENDLESS
from cif_engine.persistence.book_sql import is_id, read_opened
from cif_engine.persistence.corrections import Reversal, move_papers
from cif_engine.persistence.projections import (
    LONG_DAYS,
    STANDING_COLUMNS,
    keep_origin,
    revise_history,
    revise_schedules,
    save_rows,
    standing_parameters,
)
from cif_engine.persistence.recording import LoanChange, OpenedBook, Recording

OPEN = """
SELECT b.head_seq, max(b.head_recorded_at, b.versions_recorded_at), b.head_hash, a.fingerprint, a.outcome, a.body,
       l.id, l.number, f.id, f.code,
       EXISTS (SELECT 1 FROM account c WHERE c.lso_id = ?1 AND c.code = f.code || ?4),
       (SELECT json_group_array(json_array(e.id, e.kind, e.effective_on, json(e.payload)))
          FROM event e WHERE e.lso_id = ?1 AND e.loan_id = l.id)
  FROM book b
  LEFT JOIN answer a ON a.lso_id = ?1 AND a.idempotency_key = ?2
  LEFT JOIN loan l ON l.lso_id = ?1 AND l.{key} = ?3
  LEFT JOIN fund f ON f.lso_id = ?1 AND f.id = l.fund_id
 WHERE b.lso_id = ?1
"""
OPEN_BY_NUMBER = OPEN.format(key="number")
OPEN_BY_ID = OPEN.format(key="id")
MOVE_HEAD = (
    "UPDATE book SET head_seq = ?2, head_recorded_at = ?3, head_hash = ?4 WHERE lso_id = ?1 AND head_seq = ?2 - 1"
)
RECORD = """
INSERT INTO event (lso_id, seq, id, kind, effective_on, recorded_at, actor, idempotency_key, fund_id, loan_id,
                   receipt_no, voucher_no, external_id, reverses, payload, prev_hash, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
POST = """
INSERT INTO posting (lso_id, event_seq, line, effective_on, debit, credit, amount_minor, loan_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
BALANCE = "UPDATE account_balance SET balance_minor = balance_minor + ?3 WHERE lso_id = ?1 AND code = ?2"
_STANDING = ", ".join(STANDING_COLUMNS)
# A position of the same day is not ended but replaced; one of the same moment was never known.
CLOSE = f"""
INSERT INTO loan_state (lso_id, loan_id, {_STANDING}, known_from, closed_at, lasted_long, valid_to, known_to)
SELECT lso_id, loan_id, {_STANDING}, known_from, ?4,
       julianday(?3) - julianday(valid_from) NOT BETWEEN 1 AND {LONG_DAYS},
       iif(valid_from < ?3, ?3, '{ENDLESS}'), iif(valid_from < ?3, NULL, ?4)
  FROM loan_position WHERE lso_id = ?1 AND loan_id = ?2 AND (valid_from < ?3 OR known_from < ?4)
"""  # noqa: S608 - names of our own columns
MOVE = f"""
UPDATE loan_position
   SET known_from = ?3, {", ".join(f"{name} = ?{place}" for place, name in enumerate(STANDING_COLUMNS, 4))}
 WHERE lso_id = ?1 AND loan_id = ?2
"""  # noqa: S608 - as above
BEAR = "INSERT INTO paper (lso_id, kind, name, number, event_id) VALUES (?, ?, ?, ?, ?)"
ANSWER = """
INSERT INTO answer (lso_id, idempotency_key, fingerprint, outcome, body, event_seq) VALUES (?, ?, ?, 'accepted', ?, ?)
"""


class SqliteBook:
    """`BookSql` on SQLite."""

    optimistic = False

    def lock(self, connection: sa.Connection, lso_id: str) -> None:
        """Nothing to do: BEGIN IMMEDIATE made this connection the file's only writer."""

    def open(
        self, connection: sa.Connection, lso_id: str, key: str | None, loan: str | None, account: str
    ) -> OpenedBook | None:
        """Read all in one statement, as on PostgreSQL."""
        statement = OPEN_BY_ID if loan and is_id(loan) else OPEN_BY_NUMBER
        row = _driver(connection).execute(statement, (lso_id, key, loan, account)).fetchone()
        return read_opened(lso_id, row) if row else None

    def save(self, connection: sa.Connection, recording: Recording) -> bool:
        """Save statement by statement, within the transaction the caller began."""
        driver, event, loan = _driver(connection), recording.event, recording.loan
        moved = driver.execute(MOVE_HEAD, (event.lso_id, event.seq, event.recorded_at, event.hash))
        if moved.rowcount != 1:
            return False
        save_rows(connection, recording.rows)
        driver.execute(RECORD, _event_parameters(recording))
        if event.fact.papers.numbers:
            driver.executemany(BEAR, _paper_parameters(event))
        if event.fact.reverses is not None:
            move_papers(connection, event.lso_id, Reversal(event.fact.id, event.fact.reverses))
        driver.executemany(POST, _posting_parameters(recording))
        changes = balances(recording.postings)
        driver.executemany(BALANCE, [(event.lso_id, code, change) for code, change in changes.items()])
        if loan is not None:
            if loan.timeline is None:
                _move_position(driver, event, loan)
            revise_history(connection, event.lso_id, loan, event.recorded_at)
            revise_schedules(connection, event.lso_id, loan, event.recorded_at)
            keep_origin(connection, event.lso_id, loan, event.recorded_at)
        if event.idempotency_key is not None:
            driver.execute(
                ANSWER, (event.lso_id, event.idempotency_key, recording.fingerprint, recording.answer, event.seq)
            )
        return True


def _move_position(driver: Any, event: Event, loan: LoanChange) -> None:  # noqa: ANN401 - the driver has no types
    at = [_as_text(value) for value in standing_parameters(loan.position)]
    driver.execute(CLOSE, (event.lso_id, loan.loan_id, at[0], event.recorded_at))
    driver.execute(MOVE, (event.lso_id, loan.loan_id, event.recorded_at, *at))


def _as_text(value: Any) -> Any:  # noqa: ANN401 - what any column of a standing holds
    return value.isoformat() if isinstance(value, date) else value


def _event_parameters(recording: Recording) -> tuple[Any, ...]:
    event, fact = recording.event, recording.event.fact
    return (
        event.lso_id,
        event.seq,
        fact.id,
        fact.kind.value,
        fact.effective_on.isoformat(),
        event.recorded_at,
        event.actor,
        event.idempotency_key,
        fact.fund_id,
        fact.loan_id,
        fact.papers.receipt_no,
        fact.papers.voucher_no,
        fact.papers.external_id,
        fact.reverses,
        fact.payload,
        event.prev_hash,
        event.hash,
    )


def _paper_parameters(event: Event) -> list[tuple[Any, ...]]:
    fact = event.fact
    return [(event.lso_id, fact.kind.value, name, number, fact.id) for name, number in fact.papers.numbers.items()]


def _posting_parameters(recording: Recording) -> list[tuple[Any, ...]]:
    event = recording.event
    return [
        (
            event.lso_id,
            event.seq,
            line,
            posting.effective_on.isoformat(),
            posting.debit,
            posting.credit,
            posting.amount_minor,
            posting.loan_id,
        )
        for line, posting in enumerate(recording.postings, 1)
    ]


def _driver(connection: sa.Connection) -> Any:  # noqa: ANN401 - pysqlite3 has no types
    return connection.connection.driver_connection
