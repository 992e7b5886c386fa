"""The portfolio of the benchmark at the smallest size: its rows are the engine's, its figures those of the floor."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.books import LSO, number_id
from benchmarks.grounds import KINDS, PostgresSite, Site, SqliteSite
from benchmarks.measuring import Effort
from benchmarks.portfolio import count_by_lso, measure_portfolio, refuse_difference
from benchmarks.portfolio_floors import DuckFloor
from benchmarks.portfolio_grounds import Portfolio, portfolio_ground
from benchmarks.portfolio_loader import Size
from benchmarks.portfolio_stories import ALL_OPEN, EVERYDAY, LATE_AS_OF, STORIES, TODAY, Lending, make_stories
from cif_engine.loans.standing import Status
from cif_engine.operations.rebuilding import rebuild
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from cif_engine.persistence.whole_book import OF_EVENTS, OF_FUNDS, OF_LOANS

SMALLEST = Effort(rounds=1, seconds=0.1, connections=2, portfolio_loans=200, loans_of_portfolio_lso=20)
PROJECTIONS = (*OF_EVENTS, *OF_FUNDS, *OF_LOANS, "account_balance")
A_YEAR_AGO = date(2025, 6, 30)


@pytest.fixture(scope="module", params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    if request.param == "sqlite":
        return SqliteSite(tmp_path_factory.mktemp("portfolio"))
    return PostgresSite(request.getfixturevalue("postgres_cluster"))


@pytest.fixture(scope="module", params=[EVERYDAY, ALL_OPEN], ids=["everyday", "all open"])
def portfolio(request: pytest.FixtureRequest, place: Site) -> Iterator[Portfolio]:
    """One that tests only read, or rebuild."""
    with portfolio_ground(place, "loaded", Size(3, 150), request.param) as loaded:
        yield loaded


def _projections(databases: Databases) -> dict[str, list[dict[str, Any]]]:
    with databases.reading() as connection:
        return {
            name: [
                dict(row)
                for row in connection.execute(sa.select(TABLES[name]).order_by(*TABLES[name].primary_key)).mappings()
            ]
            for name in PROJECTIONS
        }


def test_the_rows_that_are_loaded_are_those_that_a_rebuild_makes(portfolio: Portfolio) -> None:
    loaded = _projections(portfolio.databases)
    assert [name for name in OF_LOANS if not loaded[name]] == ["loan_before"]  # no disbursement is corrected

    rebuild(portfolio.databases)

    assert _projections(portfolio.databases) == loaded


def test_every_book_that_is_loaded_is_sound(portfolio: Portfolio) -> None:
    assert verify(portfolio.databases) == []


@pytest.mark.parametrize("day", [TODAY, LATE_AS_OF, A_YEAR_AGO])
def test_floor_and_engine_count_the_same(portfolio: Portfolio, day: date) -> None:
    with closing(DuckFloor(portfolio.open_url)) as floor:
        floor.take(day)
        counted = floor.par_by_lso(day)
        refuse_difference(day, count_by_lso(portfolio, day), counted)

        assert counted or (day == A_YEAR_AGO and portfolio.lending is ALL_OPEN)


def test_a_floor_that_counts_otherwise_ends_the_measurement(tmp_path: Path) -> None:
    with portfolio_ground(SqliteSite(tmp_path), "differs", Size(1, 10), ALL_OPEN) as portfolio:
        with closing(DuckFloor(portfolio.open_url)) as floor:
            floor.take(TODAY)
            (counted,) = floor.par_by_lso(TODAY)
        engine = count_by_lso(portfolio, TODAY)

        with pytest.raises(RuntimeError, match="the engine counts"):
            refuse_difference(TODAY, engine, [counted._replace(loans=counted.loans + 1)])
        with pytest.raises(RuntimeError, match="the floor does not count"):
            refuse_difference(TODAY, engine, [])


@pytest.mark.parametrize("lending", [EVERYDAY, ALL_OPEN], ids=["everyday", "all open"])
def test_one_loan_of_a_hundred_is_touched_late(lending: Lending) -> None:
    stories = make_stories(lending)
    late = [story for story in stories if any(row["known_to"] is not None for row in story.rows["loan_state"])]

    assert 0.008 * STORIES < len(late) < 0.013 * STORIES or lending is ALL_OPEN
    assert len({event.recorded_at for story in stories for event in story.events}) == sum(
        len(story.events) for story in stories
    )


def test_all_loans_are_open_where_they_are_to_be() -> None:
    stories = make_stories(ALL_OPEN)

    assert {story.rows["loan_position"][0]["status"] for story in stories} == {Status.OPEN.value}


def test_a_book_that_was_loaded_wrong_ends_the_measurement(tmp_path: Path) -> None:
    with portfolio_ground(SqliteSite(tmp_path), "wrong", Size(1, 10), EVERYDAY) as portfolio:
        with portfolio.databases.writing() as connection:
            connection.exec_driver_sql("UPDATE loan_position SET outstanding_minor = outstanding_minor + 1")

        with pytest.raises(RuntimeError, match="findings in the books that were loaded"):
            portfolio.refuse_unsound()


def test_the_facts_of_some_lsos_may_be_left_out(tmp_path: Path) -> None:
    size = Size(3, 10, told_every=3)
    with portfolio_ground(SqliteSite(tmp_path), "told", size, EVERYDAY) as portfolio:
        event = TABLES["event"]
        with portfolio.databases.reading() as connection:
            told = set(connection.execute(sa.select(event.c.lso_id)).scalars())

        assert told == {number_id(LSO, 0)}
        assert count_by_lso(portfolio, TODAY).total.tally.loans > 0


def test_the_benchmark_runs(place: Site) -> None:
    lines = measure_portfolio(place, replace(SMALLEST))

    assert all(value > 0 for line in lines for value in line.series.values)
    assert {(line.benchmark, line.database) for line in lines} == {("portfolio", place.kind)}
    told = " ".join(line.what for line in lines if line.goal)
    for goal in (
        "today",
        "24 months back",
        "all loans open",
        "as known on",
        "/v1/lsos/",
        "save_in_bulk",
        "of 5,000 ms",
    ):
        assert re.search(re.escape(goal), told), goal
