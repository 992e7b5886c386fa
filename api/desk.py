"""The desk: where requests wait for the engine, whose operations are synchronous, without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Final, ParamSpec, TypeVar

from api.refusals import QueueFullError
from cif_engine.persistence.engines import Databases
from cif_engine.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

WAITING_PER_THREAD: Final = 64
LEAST_WAITING: Final = 256


class Queue:
    """Threads that do one kind of work, and the number of requests that may wait for them."""

    def __init__(self, threads: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + max(LEAST_WAITING, WAITING_PER_THREAD * threads)
        self._taken = 0

    async def do(self, work: Callable[P, T], /, *args: P.args, **named: P.kwargs) -> T:
        """Return what the work returns; raises QueueFullError at once when too many wait."""
        if self._taken >= self._most:
            raise QueueFullError("Too many requests are waiting for the database.")
        self._taken += 1
        try:
            return await asyncio.wrap_future(self._threads.submit(work, *args, **named))
        finally:
            self._taken -= 1

    def close(self) -> None:
        """Finish what has begun, and refuse the rest."""
        self._threads.shutdown(cancel_futures=True)


class Desk:
    """Runs operations on one database: those that record on a few threads, those that read on others.

    SQLite has one writer, but those who queue for it share its commits, so there too several threads record.
    """

    def __init__(self, databases: Databases, settings: Settings) -> None:
        self._databases = databases
        self._writers = Queue(settings.write_pool_size, "cif-write")
        self._readers = Queue(settings.read_pool_size, "cif-read")

    async def write(self, operation: Callable[Concatenate[Databases, P], T], /, *args: P.args, **named: P.kwargs) -> T:
        """Run an operation that records."""
        return await self._writers.do(operation, self._databases, *args, **named)

    async def read(self, operation: Callable[Concatenate[Databases, P], T], /, *args: P.args, **named: P.kwargs) -> T:
        """Run an operation that only reads."""
        return await self._readers.do(operation, self._databases, *args, **named)

    def close(self) -> None:
        """Let what has begun end; afterwards nothing more is done."""
        self._writers.close()
        self._readers.close()
