"""How every fact gets into a book: open, decide, seal, save, and only then answer.

Several facts that are one act are recorded all or none, one after the other, and answered once (`record_all`). A
preview goes the same way up to the answer, reads alone, and leaves nothing behind.

A request is answered once: its idempotency key, its answer and its effect are saved in one transaction (law 9), and a
refusal is remembered like an answer. On PostgreSQL a repayment first tries without a lock, in two round trips; `save`
refuses when the book moved on meanwhile, and the request starts again as the book's one writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    NotFoundError,
    RefusedBeforeError,
)
from cif_engine.ledger.chain import seal
from cif_engine.ledger.events import Event, Fact
from cif_engine.ledger.payloads import naming_replaced
from cif_engine.ledger.postings import Posting
from cif_engine.operations.guarding import refuse_twins, refuse_wrong_replacement
from cif_engine.persistence.books import book_sql, find_duplicate, remember_refusal
from cif_engine.persistence.database_errors import broken_rule, is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.recording import Answered, LoanChange, OpenedBook, Recording, Row


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks what of which book, and when. `at` is microseconds, `today` the business date.

    A `preview` asks what would be recorded and answered now; it needs no key, and none is looked up.
    """

    lso_id: str
    actor: str
    at: int
    today: date
    idempotency_key: str | None = None
    fingerprint: bytes = b""
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of the book besides its head: a loan (its number or id), and an account to look for (`.1010`).

    `only_that` says that the decision seldom needs anything else of the database, so that it may be tried without the
    lock: what else it reads can be newer than the head it was given, and then the head has moved and `save` refuses.
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
class Together:
    """What is to be recorded as one, at least one fact, in this order; and what to answer once all are at their places.

    What each decision would answer by itself is for the common answer to use or to leave.
    """

    decisions: tuple[Decision, ...]
    answer: Callable[[tuple[Event, ...]], dict[str, Any]]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts, in their order."""
        return tuple(decision.fact for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer as JSON text; `replayed` when this request had been answered before."""

    body: bytes
    replayed: bool = False


Decide = Callable[[sa.Connection, OpenedBook], Decision]
DecideAll = Callable[[sa.Connection, OpenedBook], Together]


def record(databases: Databases, request: Request, decide: Decide, wanted: Wanted = Wanted()) -> Outcome:
    """Record the fact that `decide` makes of the open book; the answer is given after the commit.

    Raises the refusal that `decide` raised, `NotReversedError` where the fact replaces one that was not reversed,
    `RefusedBeforeError` when the same request was refused before, and `UnavailableError` when the database could not
    do it now.
    """

    def decide_all(connection: sa.Connection, opened: OpenedBook) -> Together:
        decision = decide(connection, opened)
        return Together((decision,), lambda events: decision.answer(events[0]))

    if wanted.only_that and not request.preview and book_sql(databases.dialect).optimistic:
        outcome = _without_lock(databases, request, decide_all, wanted)
        if outcome is not None:
            return outcome
    return record_all(databases, request, decide_all, wanted)


def record_all(databases: Databases, request: Request, decide_all: DecideAll, wanted: Wanted = Wanted()) -> Outcome:
    """Record all the facts that `decide_all` makes of the open book, or none; raises what `record` does.

    The last event has the request's idempotency key, and with it the answer.
    """
    if request.preview:
        return _preview(databases, request, decide_all, wanted)
    return _as_only_writer(databases, request, decide_all, wanted)


def refuse_future(day: date, today: date) -> None:
    """Refuse a day after today: facts have happened."""
    if day > today:
        raise DateInFutureError(f"{day} is after today, {today}.", pointer="/effective_on")


def _preview(databases: Databases, request: Request, decide_all: DecideAll, wanted: Wanted) -> Outcome:
    """Decide and answer on what can be read; refuse what the database would."""
    with databases.reading(request.lso_id) as connection:
        opened = _open(connection, request, wanted, databases.dialect)
        together = _decided(connection, request, opened, decide_all)
        recordings = _sealed(request, opened, together)
        freed = frozenset(fact.reverses for fact in together.facts if fact.reverses)
        for fact in together.facts:
            if duplicate := find_duplicate(connection, request.lso_id, fact, freed):
                raise duplicate
    return _outcome(recordings)


def _without_lock(databases: Databases, request: Request, decide_all: DecideAll, wanted: Wanted) -> Outcome | None:
    """Try in two round trips. None: not to be done in one statement, refused, or overtaken; the lock will tell."""
    sql = book_sql(databases.dialect)
    try:
        with databases.autocommit() as connection:
            opened = _open(connection, request, wanted, databases.dialect)
            if opened.answered:
                return _answer_again(opened.answered, request)
            recordings = _sealed(request, opened, _decided(connection, request, opened, decide_all))
            (recording,) = recordings
            if recording.in_one_statement and sql.save(connection, recording):
                return _outcome(recordings)
    except (IdempotencyKeyReusedError, RefusedBeforeError):
        raise
    except Exception as error:
        if isinstance(error, CifError) or _broke_a_rule(error):
            return None
        raise
    return None


def _as_only_writer(databases: Databases, request: Request, decide_all: DecideAll, wanted: Wanted) -> Outcome:
    """Decide and save under the lock; a refusal is remembered under it too, before a twin of the request may decide."""
    sql = book_sql(databases.dialect)
    decided: Together | CifError | None = None
    try:
        with databases.writing(request.lso_id) as connection:
            sql.lock(connection, request.lso_id)
            opened = _open(connection, request, wanted, databases.dialect)
            if opened.answered:
                return _answer_again(opened.answered, request)
            decided = _decided_or_refused(connection, request, opened, decide_all)
            if isinstance(decided, Together):
                recordings = _sealed(request, opened, decided)
                for recording in recordings:
                    saved = sql.save(connection, recording)
                    assert saved, "the only writer of a book finds its head where it was"
                return _outcome(recordings)
            _remember(connection, request, decided)
    except Exception as error:
        if not isinstance(decided, Together) or not _broke_a_rule(error):
            raise
        return _refused_by_database(databases, request, decided.facts, error)
    raise decided


def _decided_or_refused(
    connection: sa.Connection, request: Request, opened: OpenedBook, decide_all: DecideAll
) -> Together | CifError:
    try:
        return _decided(connection, request, opened, decide_all)
    except CifError as refusal:
        return refusal


def _decided(connection: sa.Connection, request: Request, opened: OpenedBook, decide_all: DecideAll) -> Together:
    """Return what is decided, or raise why not; what holds for facts of every kind is looked at here."""
    together = decide_all(connection, opened)
    refuse_twins(together.facts)
    reversed_now = {fact.reverses for fact in together.facts}
    for fact in together.facts:
        refuse_wrong_replacement(connection, request.lso_id, fact, reversed_now)
    return together


def _refused_by_database(databases: Databases, request: Request, facts: tuple[Fact, ...], error: Exception) -> Outcome:
    """Remember why the database refused, and raise it; a twin answered since then is answered the same again."""
    with databases.writing(request.lso_id) as connection:
        book_sql(databases.dialect).lock(connection, request.lso_id)
        opened = _open(connection, request, Wanted(), databases.dialect)
        if opened.answered:
            return _answer_again(opened.answered, request)
        refusal = _explain(connection, request, facts, error)
        _remember(connection, request, refusal)
    raise refusal from error


def _open(connection: sa.Connection, request: Request, wanted: Wanted, dialect: str) -> OpenedBook:
    key = None if request.preview else request.idempotency_key
    opened = book_sql(dialect).open(connection, request.lso_id, key, wanted.loan, wanted.account)
    if opened is None:
        raise NotFoundError("This LSO has no book.")
    return opened


def _answer_again(answered: Answered, request: Request) -> Outcome:
    if answered.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError("Send a new key with a new request; the same key asks for the same answer.")
    if not answered.accepted:
        raise RefusedBeforeError(answered.body)
    return Outcome(answered.body.encode(), replayed=True)


def _sealed(request: Request, opened: OpenedBook, together: Together) -> list[Recording]:
    """Return the facts at their places, known at one moment; the last has the key, and the answer kept with it."""
    last = len(together.decisions) - 1
    head, events = opened.head, list[Event]()
    for place, decision in enumerate(together.decisions):
        key = request.idempotency_key if place == last else None
        fact = naming_replaced(decision.fact)
        event = seal(head, fact, decision.postings, request.at, request.actor, key, as_one=place > 0)
        events.append(event)
        head = events[-1].head
    answer = orjson.dumps(together.answer(tuple(events))).decode()
    kept = [(b"", "")] * last + [(request.fingerprint, answer)]
    return [
        Recording(event, decision.postings, fingerprint, body, decision.loan, decision.rows)
        for event, decision, (fingerprint, body) in zip(events, together.decisions, kept, strict=True)
    ]


def _outcome(recordings: list[Recording]) -> Outcome:
    return Outcome(recordings[-1].answer.encode())


def _broke_a_rule(error: Exception) -> bool:
    """Whether the database upheld a rule that a request can break: a number used twice, a floor, a range, a checker."""
    return is_unique_violation(error) or broken_rule(error) is not None


def _explain(connection: sa.Connection, request: Request, facts: Iterable[Fact], error: Exception) -> CifError:
    if refusal := broken_rule(error):
        return refusal
    duplicates = (find_duplicate(connection, request.lso_id, fact) for fact in facts)
    return next(filter(None, duplicates), None) or ConflictError("Something of this number is already recorded.")


def _remember(connection: sa.Connection, request: Request, refusal: CifError) -> None:
    if request.idempotency_key is not None:
        body = orjson.dumps(refusal.as_answer()).decode()
        remember_refusal(connection, request.lso_id, request.idempotency_key, request.fingerprint, body)
