"""The desk: where requests wait for the engine, whose operations are synchronous, without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from api.refusals import QueueFullError
from cif_engine.persistence.engines import Databases
from cif_engine.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")
Turn = AbstractAsyncContextManager[None]

WAITING_PER_THREAD: Final = 64
LEAST_WAITING: Final = 256
_NO_TURN: Final[Turn] = nullcontext()


@dataclass(slots=True)
class _Job:
    """A request's work, and the future on which its route waits."""

    work: Callable[[], Any]
    waited_for: asyncio.Future[Any]
    result: Any = None
    failure: BaseException | None = None

    def do(self) -> None:
        try:
            self.result = self.work()
        except BaseException as failure:  # noqa: BLE001 - whatever it is, it is raised where the route waits
            self.failure = failure

    def answer(self) -> None:
        if self.waited_for.done():  # the client went away
            return
        if self.failure is None:
            self.waited_for.set_result(self.result)
        else:
            self.waited_for.set_exception(self.failure)


class Queue:
    """Threads that do one kind of work, and the number of requests that may wait for them; used on the event loop.

    A thread that has done a job wakes the loop only when it is not being woken already: one wake-up costs more than
    handing over the answer, and under load it serves for several.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._size = threads
        self._name = name
        self._most = threads + max(LEAST_WAITING, WAITING_PER_THREAD * threads)
        self._taken = 0
        self._threads: list[Thread] = []
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._done: deque[_Job] = deque()
        self._waking = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def do(self, work: Callable[[], T], turn: Turn = _NO_TURN) -> T:
        """Return what the work returns, done when its turn comes; raises QueueFullError at once when too many wait."""
        if self._taken >= self._most:
            raise QueueFullError("Too many requests are waiting for the database.")
        self._taken += 1
        try:
            async with turn:
                job = _Job(work, self._present().create_future())
                self._jobs.put(job)
                return cast("T", await job.waited_for)
        finally:
            self._taken -= 1

    def close(self) -> None:
        """Finish what has begun, and cancel what waits; threads are made again when they are needed."""
        while not self._jobs.empty():
            if job := self._jobs.get():
                job.waited_for.cancel()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._answer()
        self._threads = []

    def _present(self) -> asyncio.AbstractEventLoop:
        """Return the loop that answers go to: the one running now, since a server may be started again."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._waking = loop, False
        if not self._threads:
            names = (f"{self._name}-{number}" for number in range(self._size))
            self._threads = [Thread(target=self._work, name=name, daemon=True) for name in names]
            for thread in self._threads:
                thread.start()
        return loop

    def _work(self) -> None:
        while job := self._jobs.get():
            job.do()
            self._done.append(job)
            # Added before asking: a loop that is being woken has not looked yet, and will find it.
            if not self._waking:
                self._waking = True
                try:
                    job.waited_for.get_loop().call_soon_threadsafe(self._answer)
                except RuntimeError:  # the loop was closed while the work was done: nobody waits
                    self._waking = False
            del job

    def _answer(self) -> None:
        self._waking = False
        while self._done:
            self._done.popleft().answer()


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
