"""SQLite's one recording connection, and transactions that several callers commit together.

A durable commit waits for the disk, and SQLite has one writer; so callers that queue for it share the wait. Each works
within a savepoint of its own, in turn; the first needs none, since nothing stands before her. Who leaves while others
queue hands them the open transaction and waits; who leaves last commits for all. Nobody is told that anything is
recorded, or refused because of something recorded, before the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Lock
from typing import Any

import sqlalchemy as sa

from cif_engine.errors import BookBusyError, UnavailableError

MOST_MEMBERS = 64
"""How many may share one commit, so that the first does not wait for ever."""

_LOOK_AGAIN_SECONDS = 0.05


class _Group:
    """Those who share one transaction."""

    def __init__(self) -> None:
        self.members = 0
        self.ended = Event()
        self.failure: Exception | None = None


class GroupCommit:
    """Gives out the one connection that records; `patience` is how many seconds a caller queues for it."""

    def __init__(self, engine: sa.Engine, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        self._turn = Lock()
        self._queueing = 0
        self._counting = Lock()
        self._pooled: Any = None
        self._group: _Group | None = None

    @contextmanager
    def member(self) -> Iterator[sa.Connection]:
        """Give a connection; what is done with it is kept when the block ends, and undone when it raises.

        Raises BookBusyError when the turn does not come in time, UnavailableError when the shared commit failed.
        """
        self._take_turn()
        try:
            group = self._join()
        except BaseException:
            self._turn.release()
            raise
        try:
            yield sa.Connection(self._engine, connection=self._pooled)
        except BaseException as error:
            self._leave(group, partial(self._undo, group, error))
            raise
        self._leave(group, partial(self._keep, group))

    def close(self) -> None:
        """Give the connection back; the next member takes one again."""
        with self._turn:
            if self._pooled is not None and self._group is None:
                self._pooled.close()
                self._pooled = None

    def _take_turn(self) -> None:
        with self._counting:
            self._queueing += 1
        try:
            if not self._turn.acquire(timeout=self._patience):
                raise BookBusyError("The database was busy with other requests for too long.")
        finally:
            with self._counting:
                self._queueing -= 1

    def _join(self) -> _Group:
        if self._pooled is None:
            self._pooled = self._engine.raw_connection()
        if self._group is None:
            self._say("BEGIN IMMEDIATE")
            self._group = _Group()
        else:
            self._say("SAVEPOINT member")
        return self._group

    def _leave(self, group: _Group, settle: Callable[[], None]) -> None:
        """Settle one's own part, hand the turn on or commit for all, and return once the group is committed."""
        try:
            settle()
            group.members += 1
            if not self._queueing or group.members >= MOST_MEMBERS or not self._in_transaction():
                self._commit(group)
        finally:
            self._turn.release()
        while not group.ended.wait(_LOOK_AGAIN_SECONDS):
            # Whoever was queueing may have given up: then one of those who wait commits.
            if self._turn.acquire(blocking=False):
                try:
                    self._commit(group)
                finally:
                    self._turn.release()
        if group.failure is not None:
            raise UnavailableError("The database could not save it; nothing was recorded.") from group.failure

    def _keep(self, group: _Group) -> None:
        if group.members:
            self._say("RELEASE member")

    def _undo(self, group: _Group, error: BaseException) -> None:
        """Undo one's own part; where SQLite undid the whole transaction by itself, those before have failed too."""
        if not group.members:
            if self._in_transaction():
                self._say("ROLLBACK")
        elif self._in_transaction():
            self._say("ROLLBACK TO member")
            self._say("RELEASE member")
        else:
            group.failure = error if isinstance(error, Exception) else UnavailableError("The transaction was lost.")

    def _commit(self, group: _Group) -> None:
        if self._group is not group:
            return
        self._group = None
        try:
            if self._in_transaction():
                self._say("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it was, every member is told
            group.failure = error
            if self._in_transaction():
                self._say("ROLLBACK")
        finally:
            group.ended.set()

    def _in_transaction(self) -> bool:
        return bool(self._pooled.driver_connection.in_transaction)

    def _say(self, words: str) -> None:
        self._pooled.driver_connection.execute(words)
