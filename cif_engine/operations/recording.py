"""How every fact gets into a book: open, decide, seal, save, and only then answer.

A request is answered once: its idempotency key, its answer and its effect are saved in one transaction (law 9), and a
refusal is remembered like an answer. On PostgreSQL a repayment first tries without a lock, in two round trips; `save`
refuses when the book moved on meanwhile, and the request starts again as the book's one writer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from cif_engine.errors import (
    CifError,
    ConflictError,
    DateInFutureError,
    IdempotencyKeyReusedError,
    NotEnoughCashError,
    NotFoundError,
    RefusedBeforeError,
)
from cif_engine.ledger.chain import seal
from cif_engine.ledger.events import Event, Fact
from cif_engine.ledger.postings import Posting
from cif_engine.persistence.books import book_sql, find_duplicate, remember_refusal
from cif_engine.persistence.database_errors import is_check_violation, is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import Answered, LoanChange, OpenedBook, Recording, Row


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks what of which book, and when. `at` is microseconds, `today` the business date."""

    lso_id: str
    actor: str
    at: int
    today: date
    idempotency_key: str | None = None
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of the book besides its head: a loan (its number or id), and an account to look for (`.1010`).

    `only_that` says that the decision needs nothing else of the database, so that it may be tried without the lock.
    """

    loan: str | None = None
    account: str = ""
    only_that: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be recorded, and what to answer once it is at its place."""

    fact: Fact
    postings: tuple[Posting, ...]
    answer: Callable[[Event], dict[str, Any]]
    loan: LoanChange | None = None
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer as JSON text; `replayed` when this request had been answered before."""

    body: bytes
    replayed: bool = False


Decide = Callable[[sa.Connection, OpenedBook], Decision]


def record(databases: Databases, request: Request, decide: Decide, wanted: Wanted = Wanted()) -> Outcome:
    """Record the fact that `decide` makes of the open book; the answer is given after the commit.

    Raises the refusal that `decide` raised, `RefusedBeforeError` when the same request was refused before, and
    `UnavailableError` when the database could not do it now.
    """
    if wanted.only_that and book_sql(databases.dialect).optimistic:
        outcome = _without_lock(databases, request, decide, wanted)
        if outcome is not None:
            return outcome
    return _as_only_writer(databases, request, decide, wanted)


def refuse_future(day: date, today: date) -> None:
    """Refuse a day after today: facts have happened."""
    if day > today:
        raise DateInFutureError(f"{day} is after today, {today}.", pointer="/effective_on")


def _without_lock(databases: Databases, request: Request, decide: Decide, wanted: Wanted) -> Outcome | None:
    """Try in two round trips. None: not to be done in one statement, refused, or overtaken; the lock will tell."""
    sql = book_sql(databases.dialect)
    try:
        with databases.autocommit() as connection:
            opened = _open(connection, request, wanted, databases.dialect)
            if opened.answered:
                return _answer_again(opened.answered, request)
            recording = _sealed(request, opened, decide(connection, opened))
            if recording.in_one_statement and sql.save(connection, recording):
                return Outcome(recording.answer.encode())
    except (IdempotencyKeyReusedError, RefusedBeforeError):
        raise
    except Exception as error:
        if isinstance(error, CifError) or _broke_a_rule(error):
            return None
        raise
    return None


def _as_only_writer(databases: Databases, request: Request, decide: Decide, wanted: Wanted) -> Outcome:
    """Decide and save under the lock; a refusal is remembered under it too, before a twin of the request may decide."""
    sql = book_sql(databases.dialect)
    decided: Decision | CifError | None = None
    try:
        with databases.writing(request.lso_id) as connection:
            sql.lock(connection, request.lso_id)
            opened = _open(connection, request, wanted, databases.dialect)
            if opened.answered:
                return _answer_again(opened.answered, request)
            decided = _decided(decide, connection, opened)
            if isinstance(decided, Decision):
                recording = _sealed(request, opened, decided)
                saved = sql.save(connection, recording)
                assert saved, "the only writer of a book finds its head where it was"
                return Outcome(recording.answer.encode())
            _remember(connection, request, decided)
    except Exception as error:
        if not isinstance(decided, Decision) or not _broke_a_rule(error):
            raise
        return _refused_by_database(databases, request, decided.fact, error)
    raise decided


def _decided(decide: Decide, connection: sa.Connection, opened: OpenedBook) -> Decision | CifError:
    try:
        return decide(connection, opened)
    except CifError as refusal:
        return refusal


def _refused_by_database(databases: Databases, request: Request, fact: Fact, error: Exception) -> Outcome:
    """Remember why the database refused, and raise it; a twin answered since then is answered the same again."""
    with databases.writing(request.lso_id) as connection:
        book_sql(databases.dialect).lock(connection, request.lso_id)
        opened = _open(connection, request, Wanted(), databases.dialect)
        if opened.answered:
            return _answer_again(opened.answered, request)
        refusal = _explain(connection, request, fact, error)
        _remember(connection, request, refusal)
    raise refusal from error


def _open(connection: sa.Connection, request: Request, wanted: Wanted, dialect: str) -> OpenedBook:
    opened = book_sql(dialect).open(connection, request.lso_id, request.idempotency_key, wanted.loan, wanted.account)
    if opened is None:
        raise NotFoundError("This LSO has no book.")
    return opened


def _answer_again(answered: Answered, request: Request) -> Outcome:
    if answered.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError("Send a new key with a new request; the same key asks for the same answer.")
    if not answered.accepted:
        raise RefusedBeforeError(answered.body)
    return Outcome(answered.body.encode(), replayed=True)


def _sealed(request: Request, opened: OpenedBook, decision: Decision) -> Recording:
    event = seal(opened.head, decision.fact, decision.postings, request.at, request.actor, request.idempotency_key)
    answer = orjson.dumps(decision.answer(event)).decode()
    return Recording(event, decision.postings, request.fingerprint, answer, decision.loan, decision.rows)


def _broke_a_rule(error: Exception) -> bool:
    """Whether the database upheld a rule of ours: a number used twice, or a floor."""
    return is_unique_violation(error) or is_check_violation(error)


def _explain(connection: sa.Connection, request: Request, fact: Fact, error: Exception) -> CifError:
    if is_check_violation(error):
        return NotEnoughCashError("An account of the fund would fall below zero.")
    duplicate = find_duplicate(connection, request.lso_id, fact)
    return duplicate or ConflictError("Something of this number is already recorded.")


def _remember(connection: sa.Connection, request: Request, refusal: CifError) -> None:
    if request.idempotency_key is not None:
        body = orjson.dumps(refusal.as_answer()).decode()
        remember_refusal(connection, request.lso_id, request.idempotency_key, request.fingerprint, body)
