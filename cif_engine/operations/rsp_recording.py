"""How what an RSP tells of its own ledger gets into its register: once for each idempotency key, as in a book.

There is no chain and nothing is posted: the register is what the RSP says, and the books of its LSOs stay their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import orjson
import sqlalchemy as sa

from cif_engine.errors import CifError, IdempotencyKeyReusedError, RefusedBeforeError
from cif_engine.operations.recording import Outcome
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.releases import (
    KeptAnswer,
    RegisterHead,
    ReleaseRow,
    add_rows,
    keep_answer,
    kept_answer,
    lock_register,
    next_moment,
    register_head,
)


@dataclass(frozen=True, slots=True)
class RspRequest:
    """Who tells what to the register of which RSP, and when; as `recording.Request` is for a book."""

    rsp_id: str
    actor: str
    at: int
    today: date
    idempotency_key: str | None = None
    fingerprint: bytes = b""
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A register that may be added to: where it ends, and the moment at which rows are recorded now."""

    head: RegisterHead
    at: int


@dataclass(frozen=True, slots=True)
class Told:
    """The rows to add, and what to answer once they are there."""

    rows: tuple[ReleaseRow, ...]
    answer: View


Decide = Callable[[sa.Connection, Opened], Told]


def record_once(databases: Databases, request: RspRequest, decide: Decide) -> Outcome:
    """Add the rows that `decide` makes, all or none, and answer after the commit; a refusal is remembered too.

    Raises the refusal that `decide` raised, RefusedBeforeError, and IdempotencyKeyReusedError.
    """
    if request.preview:
        with databases.reading() as connection:
            return Outcome(orjson.dumps(decide(connection, _open(connection, request)).answer))
    with databases.writing() as connection:
        lock_register(connection, request.rsp_id)
        if before := _kept(connection, request):
            return _again(before, request)
        decided = _decided(connection, request, decide)
        if isinstance(decided, Told):
            add_rows(connection, request.rsp_id, decided.rows)
            body = orjson.dumps(decided.answer).decode()
            _keep(connection, request, KeptAnswer(request.fingerprint, accepted=True, body=body))
            return Outcome(body.encode())
        refused = orjson.dumps(decided.as_answer()).decode()
        _keep(connection, request, KeptAnswer(request.fingerprint, accepted=False, body=refused))
    raise decided


def _open(connection: sa.Connection, request: RspRequest) -> Opened:
    head = register_head(connection, request.rsp_id)
    return Opened(head, next_moment(connection, head, request.at))


def _decided(connection: sa.Connection, request: RspRequest, decide: Decide) -> Told | CifError:
    try:
        return decide(connection, _open(connection, request))
    except CifError as refusal:
        return refusal


def _kept(connection: sa.Connection, request: RspRequest) -> KeptAnswer | None:
    key = request.idempotency_key
    return None if key is None else kept_answer(connection, request.rsp_id, key)


def _keep(connection: sa.Connection, request: RspRequest, answer: KeptAnswer) -> None:
    if request.idempotency_key is not None:
        keep_answer(connection, request.rsp_id, request.idempotency_key, answer)


def _again(before: KeptAnswer, request: RspRequest) -> Outcome:
    if before.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError("Send a new key with a new request; the same key asks for the same answer.")
    if not before.accepted:
        raise RefusedBeforeError(before.body)
    return Outcome(before.body.encode(), replayed=True)
