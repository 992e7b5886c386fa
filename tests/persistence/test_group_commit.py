from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cif_engine.errors import BookBusyError, UnavailableError
from cif_engine.persistence.engines import Databases, open_databases
from cif_engine.persistence.migrating import migrate
from cif_engine.persistence.tables import TABLES
from cif_engine.settings import Settings

HOLIDAY = TABLES["holiday"]
FIRST = date(2024, 1, 1)


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    opened = open_databases(Settings(database_url=f"sqlite:///{tmp_path / 'cif.db'}", busy_timeout_ms=300))
    migrate(opened)
    yield opened
    opened.dispose()


def _add(connection: sa.Connection, number: int) -> None:
    connection.execute(sa.insert(HOLIDAY).values(on=FIRST + timedelta(days=number), name=str(number), version=1))


def _holidays(databases: Databases) -> list[str]:
    with databases.reading() as connection:
        return list(connection.execute(sa.select(HOLIDAY.c.name).order_by(HOLIDAY.c.on)).scalars())


class _Office:
    """Two clerks who record at the same moment: the second queues while the first is at the desk."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self.first_is_at_the_desk = threading.Event()
        self.first_may_leave = threading.Event()
        self.seen_before_the_commit: list[str] = []
        self.failures: list[BaseException] = []

    def together(self, second_fails: bool = False) -> None:  # noqa: FBT001, FBT002 - a story with one turn
        first = threading.Thread(target=self._guarded, args=(self._first,))
        second = threading.Thread(target=self._guarded, args=(self._second, second_fails))
        first.start()
        assert self.first_is_at_the_desk.wait(5)
        second.start()
        group = self.databases._group
        assert group is not None
        while group._queueing == 0:
            pass
        self.first_may_leave.set()
        first.join(5)
        second.join(5)
        assert not first.is_alive()
        assert not second.is_alive()

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except BaseException as failure:  # noqa: BLE001 - told to the test
            self.failures.append(failure)

    def _first(self) -> None:
        with self.databases.writing() as connection:
            _add(connection, 1)
            self.first_is_at_the_desk.set()
            assert self.first_may_leave.wait(5)

    def _second(self, fails: bool) -> None:  # noqa: FBT001 - as above
        with self.databases.writing() as connection:
            self.seen_before_the_commit = _holidays(self.databases)
            _add(connection, 2)
            if fails:
                raise RuntimeError("the second clerk made a mistake")


def test_those_who_queue_share_one_commit(databases: Databases) -> None:
    office = _Office(databases)
    office.together()
    assert office.failures == []
    assert office.seen_before_the_commit == []  # the first had left the desk, and waited for the commit of both
    assert _holidays(databases) == ["1", "2"]


def test_one_who_fails_undoes_her_own_part_alone(databases: Databases) -> None:
    office = _Office(databases)
    office.together(second_fails=True)
    assert [str(failure) for failure in office.failures] == ["the second clerk made a mistake"]
    assert _holidays(databases) == ["1"]


def test_a_commit_that_fails_is_told_to_everybody_it_was_for(databases: Databases, tmp_path: Path) -> None:
    office = _Office(databases)
    group = databases._group
    assert group is not None
    say = group._say

    def refuse_commit(words: str) -> None:
        if words == "COMMIT":
            raise OSError(tmp_path, "the disk is full")
        say(words)

    group._say = refuse_commit  # type: ignore[method-assign]  # the disk's part
    office.together()
    group._say = say  # type: ignore[method-assign]  # as above
    assert [type(failure) for failure in office.failures] == [UnavailableError, UnavailableError]
    assert _holidays(databases) == []
    with databases.writing() as connection:
        _add(connection, 3)
    assert _holidays(databases) == ["3"]


def test_one_who_waits_commits_when_the_one_behind_her_gives_up(databases: Databases) -> None:
    group = databases._group
    assert group is not None
    group._queueing += 1
    with databases.writing() as connection:
        _add(connection, 1)
    group._queueing -= 1
    assert _holidays(databases) == ["1"]


def test_one_whose_turn_does_not_come_in_time_is_told_so(databases: Databases) -> None:
    failures: list[BaseException] = []

    def queue() -> None:
        try:
            with databases.writing():
                pass
        except BookBusyError as busy:
            failures.append(busy)

    with databases.writing():
        other = threading.Thread(target=queue)
        other.start()
        other.join(5)
    assert [type(failure) for failure in failures] == [BookBusyError]


def test_a_transaction_that_sqlite_gave_up_is_told_to_everybody_in_it(databases: Databases) -> None:
    office = _Office(databases)

    def lose_the_transaction(fails: bool) -> None:  # noqa: FBT001 - stands in for the second clerk
        del fails
        with databases.writing() as connection:
            connection.exec_driver_sql("ROLLBACK")
            raise sa.exc.SQLAlchemyError("disk I/O error")

    office._second = lose_the_transaction  # type: ignore[method-assign]  # the disk's part
    office.together()
    assert {type(failure) for failure in office.failures} == {UnavailableError}
    assert _holidays(databases) == []
