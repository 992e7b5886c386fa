"""The benchmark of funds at the smallest size: its floors add up the same, and any error ends it."""

import re
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.consolidated import consolidated_ground, refuse_difference
from benchmarks.consolidated_floor import FundsFloor
from benchmarks.fund_grounds import RecordedFund, fund_ground, plan_of_fund, refuse_broken
from benchmarks.fund_lots import StatementFloor, find_lots, read_flows
from benchmarks.fund_lots import refuse_difference as refuse_other_lots
from benchmarks.funds import measure_funds
from benchmarks.grounds import KINDS, PostgresSite, Site, SqliteSite
from benchmarks.measuring import Effort
from benchmarks.portfolio_stories import TODAY
from cif_engine.fund.lots import fold
from cif_engine.operations.lots import KEPT, lots_report

SMALLEST = Effort(rounds=1, portfolio_loans=120, loans_of_consolidated_lso=40, fund_loans=12)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    if request.param == "sqlite":
        return SqliteSite(tmp_path)
    return PostgresSite(request.getfixturevalue("postgres_cluster"))


@pytest.fixture
def fund(tmp_path: Path) -> Iterator[RecordedFund]:
    with fund_ground(SqliteSite(tmp_path), "fund", SMALLEST.fund_loans) as recorded:
        yield recorded


def test_the_benchmark_runs(place: Site) -> None:
    lines = measure_funds(place, SMALLEST)

    assert all(value > 0 for line in lines for value in line.series.values)
    assert {(line.benchmark, line.database) for line in lines} == {("funds", place.kind)}
    told = [line.what for line in lines if line.goal]
    for goal in (
        "read, fold",
        "report of the lots",
        "figures of all funds",
        "capital by funder",
        "releases",
        "coverage",
    ):
        assert any(re.search(re.escape(goal), what) for what in told), goal
    assert len([line for line in lines if line.what.startswith("turns of all funds")]) == 2


def test_the_fund_has_every_kind_of_trouble_at_its_usual_size() -> None:
    kinds = {fact.operation.__name__ for fact in plan_of_fund(Effort().fund_loans).facts}

    assert kinds >= {
        "receive_tranche", "record_repayment", "reverse_fact", "refund_credit", "reschedule_loan", "write_off_loan",
        "pay_expense", "receive_bank_profit", "return_capital", "change_allowance",
    }  # fmt: skip


def test_lots_that_are_kept_are_proven_equal_and_never_stale(fund: RecordedFund) -> None:
    refuse_other_lots(fund)

    lots = find_lots(fund, fund.asked())
    assert lots.stays
    assert lots == fold(read_flows(fund, fund.asked()), fund.as_of)


def test_kept_lots_of_another_book_end_the_measurement(fund: RecordedFund, monkeypatch: pytest.MonkeyPatch) -> None:
    half = find_lots(fund, fund.asked(known_at=fund.half_way))
    KEPT.forget()
    monkeypatch.setattr("benchmarks.fund_lots.lots_of", lambda *_asked: half)

    with pytest.raises(RuntimeError, match="are not those computed"):
        refuse_other_lots(fund)


def test_lots_that_do_not_sum_end_the_measurement(fund: RecordedFund) -> None:
    report = lots_report(fund.databases, fund.asked(), fund.code)
    refuse_broken(report)

    with pytest.raises(RuntimeError, match="lots of"):
        refuse_broken({**report, "holds": False})
    lost = deepcopy(report)
    lost["sources"][0]["returned"] = "0.01"
    with pytest.raises(RuntimeError, match="tranche 1"):
        refuse_broken(lost)


def test_the_floor_of_lots_fetches_the_rows_of_the_report(fund: RecordedFund) -> None:
    KEPT.forget()
    floor = StatementFloor.of(fund.databases, fund.lso_id, lambda: lots_report(fund.databases, fund.asked(), fund.code))

    assert floor.run() == floor.run() > len(read_flows(fund, fund.asked()).loans) > 0


def test_a_floor_that_adds_up_otherwise_ends_the_measurement(tmp_path: Path) -> None:
    effort = replace(SMALLEST, portfolio_loans=20)
    with (
        consolidated_ground(SqliteSite(tmp_path), effort) as portfolio,
        closing(FundsFloor(portfolio.open_url, TODAY)) as floor,
    ):
        refuse_difference(portfolio, floor)
        with portfolio.databases.writing() as connection:
            connection.exec_driver_sql("UPDATE loan_position SET outstanding_minor = outstanding_minor + 1")

        with pytest.raises(RuntimeError, match="the engine adds up"):
            refuse_difference(portfolio, floor)
