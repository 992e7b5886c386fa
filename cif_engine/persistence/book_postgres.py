"""The posting path on PostgreSQL: one statement to read, one to write.

Round trips decide the speed of recording (`docs/benchmarks.md`), so all that an event changes is one statement: its
first part moves the head of the book and takes the row lock, every other part hangs on it, and when the head is not
where the request saw it, nothing at all happens. Nor does anything when the row was touched while the statement waited
for its lock (`xmin` is the transaction that made a row): the other parts see the rows of before the wait, and those may
be gone, because a rebuild makes them again. Statements are prepared by the server once per connection.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg.raw_cursor import RawCursor

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
from cif_engine.persistence.recording import OpenedBook, Recording

LOCK = "SELECT head_seq FROM book WHERE lso_id = $1 FOR NO KEY UPDATE"

OPEN = """
SELECT b.head_seq, GREATEST(b.head_recorded_at, b.versions_recorded_at), b.head_hash, a.fingerprint, a.outcome, a.body,
       l.id, l.number, f.id, f.code,
       EXISTS (SELECT 1 FROM account c WHERE c.lso_id = $1 AND c.code = f.code || $4::text),
       (SELECT json_agg(json_build_array(e.id, e.kind, e.effective_on, e.payload::json))::text
          FROM event e WHERE e.lso_id = $1 AND e.loan_id = l.id)
  FROM book b
  LEFT JOIN answer a ON a.lso_id = $1 AND a.idempotency_key = $2
  LEFT JOIN loan l ON l.lso_id = $1 AND l.{key} = $3
  LEFT JOIN fund f ON f.lso_id = $1 AND f.id = l.fund_id
 WHERE b.lso_id = $1
"""
OPEN_BY_NUMBER = OPEN.format(key="number")
OPEN_BY_ID = OPEN.format(key="id")

SAVE = """
WITH head AS (
  UPDATE book SET head_seq = $2, head_recorded_at = $3, head_hash = $4
   WHERE lso_id = $1 AND head_seq = $2 - 1 AND xmin = (SELECT xmin FROM book WHERE lso_id = $1)
  RETURNING lso_id
), recorded AS (
  INSERT INTO event (lso_id, seq, id, kind, effective_on, recorded_at, actor, idempotency_key, fund_id, loan_id,
                     receipt_no, voucher_no, external_id, reverses, payload, prev_hash, hash)
  SELECT lso_id, $2, $5, $6, $7, $3, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $4 FROM head
), posted AS (
  INSERT INTO posting (lso_id, event_seq, line, effective_on, debit, credit, amount_minor, loan_id)
  SELECT head.lso_id, $2, p.line, p.effective_on, p.debit, p.credit, p.amount_minor, p.loan_id
    FROM head, unnest($18::date[], $19::text[], $20::text[], $21::bigint[], $26::uuid[])
               WITH ORDINALITY AS p (effective_on, debit, credit, amount_minor, loan_id, line)
), balanced AS (
  UPDATE account_balance AS b SET balance_minor = b.balance_minor + c.change
    FROM head, unnest($22::text[], $23::bigint[]) AS c (code, change)
   WHERE b.lso_id = $1 AND b.code = c.code
), answered AS (
  INSERT INTO answer (lso_id, idempotency_key, fingerprint, outcome, body, event_seq)
  SELECT lso_id, $9, $24, 'accepted', $25, $2 FROM head WHERE $9::text IS NOT NULL
){borne}{moved}
SELECT count(*) FROM head
"""
BORNE = """, borne AS (
  INSERT INTO paper (lso_id, kind, name, number, event_id)
  SELECT head.lso_id, $6, p.name, p.number, $5
    FROM head, (VALUES ('receipt_no', $12), ('voucher_no', $13), ('external_id', $14)) AS p (name, number)
   WHERE p.number IS NOT NULL
)"""
_OF_POSITION = ", ".join(f"p.{name}" for name in STANDING_COLUMNS)
_MOVE_POSITION = ", ".join(f"{name} = ${place}" for place, name in enumerate(STANDING_COLUMNS, 27))
# A position of the same day is not ended but replaced; one of the same moment was never known.
MOVED = f""", closed AS (
  INSERT INTO loan_state (lso_id, loan_id, {", ".join(STANDING_COLUMNS)}, known_from, closed_at,
                          lasted_long, valid_to, known_to)
  SELECT p.lso_id, p.loan_id, {_OF_POSITION}, p.known_from, $3,
         p.valid_from NOT BETWEEN $27::date - {LONG_DAYS} AND $27::date - 1,
         CASE WHEN p.valid_from < $27 THEN $27 ELSE '{ENDLESS}' END, CASE WHEN p.valid_from < $27 THEN NULL ELSE $3 END
    FROM head, loan_position p
   WHERE p.lso_id = $1 AND p.loan_id = $11 AND (p.valid_from < $27 OR p.known_from < $3)
), moved AS (
  UPDATE loan_position p SET known_from = $3, {_MOVE_POSITION}
    FROM head
   WHERE p.lso_id = $1 AND p.loan_id = $11
)"""  # noqa: S608 - names of our own columns
SAVE_EVENT = SAVE.format(borne="", moved="")
SAVE_NUMBERED_EVENT = SAVE.format(borne=BORNE, moved="")
SAVE_LOAN_EVENT = SAVE.format(borne="", moved=MOVED)
SAVE_NUMBERED_LOAN_EVENT = SAVE.format(borne=BORNE, moved=MOVED)


class PostgresBook:
    """`BookSql` on PostgreSQL."""

    optimistic = True

    def lock(self, connection: sa.Connection, lso_id: str) -> None:
        """Lock the book's row; NO KEY, because foreign keys point at it."""
        _execute(connection, LOCK, (lso_id,))

    def open(
        self, connection: sa.Connection, lso_id: str, key: str | None, loan: str | None, account: str
    ) -> OpenedBook | None:
        """Read all in one statement, so that it is one snapshot even without a transaction."""
        statement = OPEN_BY_ID if loan and is_id(loan) else OPEN_BY_NUMBER
        row = _execute(connection, statement, (lso_id, key, loan, account)).fetchone()
        return read_opened(lso_id, row) if row else None

    def save(self, connection: sa.Connection, recording: Recording) -> bool:
        """Save all in one statement; what only rare events bring goes before it, in the same transaction."""
        save_rows(connection, recording.rows)
        event, loan = recording.event, recording.loan
        parameters = _event_parameters(recording)
        if loan is not None and loan.timeline is None:
            parameters += standing_parameters(loan.position)
        saved = _execute(connection, _statement(recording), parameters).fetchone()
        if saved != (1,):
            return False
        if event.fact.reverses is not None:
            move_papers(connection, event.lso_id, Reversal(event.fact.id, event.fact.reverses))
        if loan is not None:
            revise_history(connection, event.lso_id, loan, event.recorded_at)
            revise_schedules(connection, event.lso_id, loan, event.recorded_at)
            keep_origin(connection, event.lso_id, loan, event.recorded_at)
        return True


def _statement(recording: Recording) -> str:
    """Return the statement that saves no more than there is to save."""
    moves = recording.loan is not None and recording.loan.timeline is None
    if recording.event.fact.papers.numbers:
        return SAVE_NUMBERED_LOAN_EVENT if moves else SAVE_NUMBERED_EVENT
    return SAVE_LOAN_EVENT if moves else SAVE_EVENT


def _event_parameters(recording: Recording) -> tuple[Any, ...]:
    event, fact, postings = recording.event, recording.event.fact, recording.postings
    changes = balances(postings)
    return (
        event.lso_id,
        event.seq,
        event.recorded_at,
        event.hash,
        fact.id,
        fact.kind.value,
        fact.effective_on,
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
        _array(posting.effective_on for posting in postings),
        _array(posting.debit for posting in postings),
        _array(posting.credit for posting in postings),
        _array(posting.amount_minor for posting in postings),
        _array(changes),
        _array(changes.values()),
        recording.fingerprint,
        recording.answer,
        _array(posting.loan_id or "NULL" for posting in postings),
    )


def _array(values: Iterable[date | str | int]) -> str:
    """Return an array as PostgreSQL reads it; dates, codes, ids and whole numbers hold nothing to be escaped.

    The driver's own way looks at every element for its type, at twice the cost of the rest of the statement.
    """
    return "{" + ",".join(map(str, values)) + "}"


def _execute(connection: sa.Connection, statement: str, parameters: tuple[Any, ...]) -> RawCursor[tuple[Any, ...]]:
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    cursor: RawCursor[tuple[Any, ...]] = RawCursor(driver)
    return cursor.execute(statement, parameters, prepare=True)
