"""The desk: where requests wait for the engine, whose operations are synchronous, without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import Concatenate, Final, ParamSpec, TypeVar

from api.refusals import QueueFullError
from cif_engine.persistence.engines import Databases
from cif_engine.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")
Turn = AbstractAsyncContextManager[None]

WAITING_PER_THREAD: Final = 64
LEAST_WAITING: Final = 256
_NO_TURN: Final[Turn] = nullcontext()


class Queue:
    """Threads that do one kind of work, and the number of requests that may wait for them; used on the event loop."""

    def __init__(self, threads: int, name: str) -> None:
        self._make_threads = partial(ThreadPoolExecutor, threads, thread_name_prefix=name)
        self._threads: ThreadPoolExecutor | None = None
        self._most = threads + max(LEAST_WAITING, WAITING_PER_THREAD * threads)
        self._taken = 0

    async def do(self, work: Callable[[], T], turn: Turn = _NO_TURN) -> T:
        """Return what the work returns, done when its turn comes; raises QueueFullError at once when too many wait."""
        if self._taken >= self._most:
            raise QueueFullError("Too many requests are waiting for the database.")
        self._taken += 1
        try:
            async with turn:
                if self._threads is None:
                    self._threads = self._make_threads()
                return await asyncio.wrap_future(self._threads.submit(work))
        finally:
            self._taken -= 1

    def close(self) -> None:
        """Finish what has begun, and cancel what waits; threads are made again when they are needed."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None


class Desk:
    """Runs operations on one database: those that record on a few threads, those that read on others.

    On PostgreSQL there are as many threads as connections, and those who record in one book take turns here: without,
    they would read it side by side, and all but one would be sent back to its lock. SQLite has one writer, whose
    durable commits those who wait in the other threads share.
    """

    def __init__(self, databases: Databases, settings: Settings) -> None:
        self._databases = databases
        self._writers = Queue(settings.write_pool_size, "cif-write")
        self._readers = Queue(settings.read_pool_size, "cif-read")
        self._turns: defaultdict[str, Turn] = defaultdict(asyncio.Lock if _is_shared(databases) else nullcontext)

    async def record(
        self, lso_id: str, operation: Callable[Concatenate[Databases, P], T], /, *args: P.args, **named: P.kwargs
    ) -> T:
        """Run an operation that records in the book of an LSO."""
        work = partial(operation, self._databases, *args, **named)
        return await self._writers.do(work, self._turns[lso_id])

    async def write(self, operation: Callable[Concatenate[Databases, P], T], /, *args: P.args, **named: P.kwargs) -> T:
        """Run an operation that writes beside the books."""
        return await self._writers.do(partial(operation, self._databases, *args, **named))

    async def read(self, operation: Callable[Concatenate[Databases, P], T], /, *args: P.args, **named: P.kwargs) -> T:
        """Run an operation that only reads."""
        return await self._readers.do(partial(operation, self._databases, *args, **named))

    def close(self) -> None:
        """Let what has begun end."""
        self._writers.close()
        self._readers.close()
        self._turns.clear()


def _is_shared(databases: Databases) -> bool:
    """Whether several connections record side by side."""
    return databases.dialect == "postgresql"
