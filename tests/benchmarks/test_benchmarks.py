"""Each benchmark runs, at the smallest size; how fast anything is, is not for tests to say."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks.clerks import Clerk
from benchmarks.floor_sqlite import SqliteFloor
from benchmarks.floors import counted, events_of, refuse_unsound, take_sample
from benchmarks.grounds import KINDS, Ground, PostgresSite, Site, SqliteSite
from benchmarks.growth import measure_growth
from benchmarks.loans import measure_loans
from benchmarks.measuring import BOOKS, COLLECTED, Effort, Goal, Line, Rate, Series
from benchmarks.over_http import measure_http
from benchmarks.recording import measure_recording
from benchmarks.reporting import BEGINS, DOCUMENT, ENDS, FUNDS_BEGINS, PORTFOLIO_BEGINS, Machine, table, write_document
from cif_engine.errors import CifError

SMALLEST = Effort(
    rounds=1, seconds=0.1, loans=9, connections=9, lsos_before=1, lsos_after=2, loans_of_lso=4, recordings_of_round=1
)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    if request.param == "sqlite":
        return SqliteSite(tmp_path)
    return PostgresSite(request.getfixturevalue("postgres_cluster"))


@pytest.mark.parametrize("measure", [measure_recording, measure_http, measure_growth])
def test_a_benchmark_measures_sound_books(measure: Callable[[Site, Effort], list[Line]], place: Site) -> None:
    lines = measure(place, SMALLEST)

    assert all(value > 0 for line in lines for value in line.series.values)
    assert [line.database for line in lines] == [place.kind] * len(lines)
    assert any(line.goal for line in lines), "the issue has a goal for each of them"


def test_a_loan_is_measured_without_a_database() -> None:
    assert [line.unit for line in measure_loans(SMALLEST)] == ["us/call", "us/call"]


def test_the_floor_of_sqlite_runs_the_statements_that_the_engine_runs(tmp_path: Path) -> None:
    with SqliteSite(tmp_path).ground("same", BOOKS + 1, 1, COLLECTED) as ground:
        clerk = Clerk(ground.databases, ground.loans[0])
        clerk.record()
        floor = SqliteFloor(ground, take_sample(ground.databases))

        assert _traced_floor(floor) == _traced_engine(ground, clerk)


def _traced_engine(ground: Ground, clerk: Clerk) -> list[str]:
    said: list[str] = []
    with ground.databases.writing() as connection:
        driver: Any = connection.connection.driver_connection
    driver.set_trace_callback(said.append)
    clerk.record()
    driver.set_trace_callback(None)
    return [words for words in _beginnings(said) if "member" not in words]


def _traced_floor(floor: SqliteFloor) -> list[str]:
    said: list[str] = []
    floor._driver.set_trace_callback(said.append)
    floor._record(0, floor._loans[0], reading=True)
    floor.close()
    return _beginnings(said)


def _beginnings(statements: list[str]) -> list[str]:
    """Return the first four words of each statement, those of triggers left out."""
    return [" ".join(re.findall(r"\w+", words)[:4]) for words in statements if not words.startswith("--")]


def test_what_was_counted_but_is_not_in_the_books_ends_the_measurement(tmp_path: Path) -> None:
    with SqliteSite(tmp_path).ground("counted", 1, 1, 0) as ground:
        lying = counted(ground.databases, ground.loans, lambda seconds: Rate(1, seconds))

        with pytest.raises(RuntimeError, match="1 repayments were counted, 0 are in the books"):
            lying(1.0)


def test_books_that_do_not_agree_end_the_measurement(tmp_path: Path) -> None:
    with SqliteSite(tmp_path).ground("unsound", 1, 1, 0) as ground:
        with ground.databases.writing() as connection:
            connection.exec_driver_sql("UPDATE account_balance SET balance_minor = balance_minor + 1")

        with pytest.raises(RuntimeError, match="findings in the books that were measured"):
            refuse_unsound(ground.databases, ground.loans)


def test_a_clerk_who_is_refused_ends_the_measurement(tmp_path: Path) -> None:
    with SqliteSite(tmp_path).ground("refused", 1, 1, 0) as ground:
        clerk = Clerk(ground.databases, ground.loans[0], date(2019, 1, 1))

        with pytest.raises(CifError, match="not disbursed"):
            clerk.record()


def test_books_written_at_once_are_sound_and_of_the_size_asked_for(place: Site) -> None:
    with place.ground("written", 2, 3, COLLECTED) as ground:
        refuse_unsound(ground.databases, ground.loans)

        assert events_of(ground.databases, ground.loans) == 2 * (3 + 3 * (3 + COLLECTED))


def test_the_results_replace_the_ones_in_the_documentation_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text(f"Before.\n\n{BEGINS}\n\nold\n\n{ENDS}\n\nAfter.\n")
    line = Line(
        "growth", "sqlite", "what", "us", Series((2.0, 1.0, 3.0)), Series((1.3, 1.1, 1.25)), Goal(1.2, at_most=True)
    )
    machine = Machine(2, 8, "Linux x86_64", "3.11.7", ("psycopg 3",), ("SQLite 3.53",), 0.25)

    write_document([line], machine, "python -m benchmarks", date(2026, 6, 30), path)

    text = path.read_text()
    assert text.startswith(f"Before.\n\n{BEGINS}\n\nMeasured on 2026-06-30 by `python -m benchmarks`: 2 cores")
    assert table([line]).splitlines()[2].split("|")[4:-1] == [
        "    2.0 ", " 1.0 - 3.0 ", " us   ", "  1.25 ", " 1.10 - 1.30 ", " <= 1.20 ", " no  "
    ]  # fmt: skip
    assert "old" not in text
    assert text.endswith(f"{ENDS}\n\nAfter.\n")


def test_the_documentation_has_a_place_for_the_results() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert [text.count(begins) for begins in (BEGINS, PORTFOLIO_BEGINS, FUNDS_BEGINS)] == [1, 1, 1]
    assert text.count(ENDS) == 3
