"""The queue in which requests wait for the engine's threads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from threading import Event

import pytest

from api.desk import Queue
from cif_engine.errors import NotFoundError


@pytest.fixture
def queue() -> Iterator[Queue]:
    made = Queue(3, "test")
    yield made
    made.close()


def test_everybody_gets_the_answer_to_her_own_question(queue: Queue) -> None:
    async def ask() -> list[int]:
        return await asyncio.gather(*(queue.do(partial(pow, number, 2)) for number in range(200)))

    assert asyncio.run(ask()) == [number * number for number in range(200)]


def test_what_the_work_raises_is_raised_where_its_route_waits(queue: Queue) -> None:
    def refuse() -> None:
        raise NotFoundError("No such loan.")

    with pytest.raises(NotFoundError, match="No such loan"):
        asyncio.run(queue.do(refuse))
    assert asyncio.run(queue.do(lambda: "the thread lives on")) == "the thread lives on"


def test_it_serves_one_loop_after_another(queue: Queue) -> None:
    assert [asyncio.run(queue.do(lambda: 1)) for _ in range(3)] == [1, 1, 1]


def test_who_leaves_while_waiting_does_not_hold_up_the_others(queue: Queue) -> None:
    async def leave_and_ask() -> str:
        may_end = Event()
        left = [asyncio.ensure_future(queue.do(lambda: may_end.wait(5))) for _ in range(3)]
        await asyncio.sleep(0)
        for waiting in left:
            waiting.cancel()
        may_end.set()
        return await queue.do(lambda: "answered")

    assert asyncio.run(leave_and_ask()) == "answered"


def test_closing_finishes_what_has_begun_and_cancels_what_waits() -> None:
    queue = Queue(1, "test")
    begun, may_end, done = Event(), Event(), list[str]()

    def first() -> None:
        begun.set()
        may_end.wait(5)
        done.append("first")

    async def close_while_working() -> bool:
        working = asyncio.ensure_future(queue.do(first))
        await asyncio.to_thread(begun.wait, 5)
        waiting = asyncio.ensure_future(queue.do(lambda: done.append("second")))
        await asyncio.sleep(0)
        may_end.set()
        queue.close()
        await working
        await asyncio.wait([waiting])
        return waiting.cancelled()

    # Whether the second had begun when the queue closed is a matter of moments; it is done, or it is cancelled.
    assert asyncio.run(close_while_working()) != ("second" in done)
    assert done[0] == "first"
