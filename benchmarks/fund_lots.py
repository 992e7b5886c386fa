"""Lots of one fund with five thousand events, computed from nothing, against their statements by the driver alone.

What is kept by the head of the chain is compared with what is computed from nothing before it is measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from benchmarks.fund_grounds import RecordedFund, fund_ground
from benchmarks.grounds import Site
from benchmarks.measuring import Effort, Line, floor_line, judged, settled, timed_in_turn
from cif_engine.dates import add_months
from cif_engine.fund.flows import Flows
from cif_engine.fund.lots import Lots, fold
from cif_engine.fund.turns import SourceTurns, by_source, by_turn
from cif_engine.operations.funding import MoneyIn, receive_contribution
from cif_engine.operations.lots import KEPT, LotsAsked, RupeesAsked, lineage_report, lots_of, lots_report, rupees_report
from cif_engine.operations.recording import Request
from cif_engine.operations.reporting import open_book, open_fund
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.flows import flows_of_fund
from cif_engine.persistence.standings import Within, find_known

BENCHMARK = "funds"
LONGEST_MS = 150
MONTHS_BACK = (0, 1, 12, 36)
GIFT_MINOR = 12_345

Act = Callable[[], object]


def measure_lots(site: Site, effort: Effort) -> list[Line]:
    """Return how long the lots of a fund, the way of its rupees and the lineage of a loan take, cold and kept."""
    with fund_ground(site, "fund", effort.fund_loans) as fund:
        refuse_difference(fund)
        with settled():
            lines = _cold(site, fund, effort)
            lines += _kept(site, fund, effort)
        fund.refuse_unsound()
    return lines


# Cold and kept are the same -------------------------------------------------------------------------------------


def refuse_difference(fund: RecordedFund) -> None:
    """Raise where lots that are kept are not those computed from nothing, on any of some days and moments."""
    days = [add_months(fund.as_of, -back) for back in MONTHS_BACK]
    for asked in [fund.asked(day, known_at) for day in days for known_at in (None, fund.half_way)]:
        KEPT.forget()
        cold = _report(fund, asked)
        if _report(fund, asked) != cold:
            raise RuntimeError(f"lots that are kept of {asked} are told otherwise than those computed")
        _refuse_other_lots(fund, asked)
    _refuse_stale(fund)


def _refuse_other_lots(fund: RecordedFund, asked: LotsAsked) -> None:
    kept, again = find_lots(fund, asked), find_lots(fund, asked)
    if kept is not again:
        raise RuntimeError(f"lots of {asked} are not kept")
    if kept != fold(read_flows(fund, asked), asked.as_of):
        raise RuntimeError(f"lots that are kept of {asked} are not those computed")


def _refuse_stale(fund: RecordedFund) -> None:
    """Record one more fact, and raise unless the lots are other ones at once, and those known before the same."""
    last = fund.plan.facts[-1].recorded_at
    asked, before = fund.asked(), _report(fund, fund.asked())
    known_before = _report(fund, fund.asked(known_at=last))
    gift = MoneyIn(str(uuid4()), fund.code, GIFT_MINOR, fund.as_of, "a gift")
    request = Request(fund.lso_id, "maker", last + 1, fund.as_of, str(uuid4()), b"0" * 32)
    receive_contribution(fund.databases, request, gift)
    if _report(fund, asked) == before:
        raise RuntimeError("lots were kept when a fact was recorded")
    if _report(fund, fund.asked(known_at=last)) != known_before:
        raise RuntimeError("lots as known before are other ones since a fact was recorded")
    _refuse_other_lots(fund, asked)


def _report(fund: RecordedFund, asked: LotsAsked) -> dict[str, Any]:
    return lots_report(fund.databases, asked, fund.code)


# What is measured -----------------------------------------------------------------------------------------------


def find_lots(fund: RecordedFund, asked: LotsAsked) -> Lots:
    """Return the lots of a fund as a report finds them: kept, or computed."""
    with fund.databases.reading(asked.lso_id) as connection:
        book = open_book(connection, asked.lso_id, asked.known_at)
        file = open_fund(connection, asked.lso_id, fund.code)
        known = find_known(connection, Within((asked.lso_id,)), asked.known_at)
        return lots_of(connection, book, file.id, asked.as_of, known)


def read_flows(fund: RecordedFund, asked: LotsAsked) -> Flows:
    """Return what lots are made of."""
    with fund.databases.reading(asked.lso_id) as connection:
        file = open_fund(connection, asked.lso_id, fund.code)
        known = find_known(connection, Within((asked.lso_id,)), asked.known_at)
        return flows_of_fund(connection, asked.lso_id, file.id, asked.as_of, known)


def turns_of_lots(lots: Lots) -> list[SourceTurns]:
    """Return the rows by source and turn, those of all sources counted too."""
    sources = by_source(lots)
    by_turn(sources)
    return sources


def _cold(site: Site, fund: RecordedFund, effort: Effort) -> list[Line]:
    """Return what is computed from nothing, against the statements of the whole report by the driver alone."""
    asked, then = fund.asked(), fund.asked(known_at=fund.half_way)
    flows = read_flows(fund, asked)
    lots = fold(flows, fund.as_of)
    floor = StatementFloor.of(fund.databases, fund.lso_id, _forgetting(lambda: _report(fund, asked)))
    of_fund = f"{fund.events:,} events, {len(flows.loans):,} days of loans"
    parts: dict[str, Act] = {
        "the flows read": lambda: read_flows(fund, asked),
        "the fold alone, of flows at hand": lambda: fold(flows, fund.as_of),
        "the rows by source and turn alone, of lots at hand": lambda: turns_of_lots(lots),
    }
    whole: dict[str, Act] = {
        f"lots of {of_fund}: read, fold, rows by turn": lambda: turns_of_lots(
            fold(read_flows(fund, asked), fund.as_of)
        ),
        "the report of the lots, cold": _forgetting(lambda: _report(fund, asked)),
        "the report of the lots as known half-way, cold": _forgetting(lambda: _report(fund, then)),
    }
    pairs = timed_in_turn(
        {name: (floor.run, act) for name, act in {**parts, **whole}.items()}, effort.rounds, time.perf_counter
    )
    rows = f"{len(floor.statements)} statements, {floor.run():,} rows"
    told = [Line(BENCHMARK, site.kind, name, "ms", pair.measured, pair.ratio) for name, pair in pairs.items()]
    return [
        floor_line(BENCHMARK, site.kind, f"floor: the same {rows}, by the driver alone", pairs),
        *told,
        *(judged(line, LONGEST_MS) for line in told if line.what in whole),
    ]


def _kept(site: Site, fund: RecordedFund, effort: Effort) -> list[Line]:
    """Return what is told from lots that are kept, against the same from nothing, which keeps them for it."""
    databases, asked = fund.databases, fund.asked()
    acts: dict[str, Act] = {
        "the report of the lots": lambda: _report(fund, asked),
        "the first hundred ways of tranche 1": lambda: rupees_report(databases, asked, fund.code, RupeesAsked(1)),
        "the lineage of the last loan": lambda: lineage_report(databases, asked, fund.last_loan),
    }
    pairs = timed_in_turn(
        {name: (_forgetting(act), act) for name, act in acts.items()}, effort.rounds, time.perf_counter
    )
    lines = []
    for name, pair in pairs.items():
        lines.append(Line(BENCHMARK, site.kind, f"{name}, cold", "ms", pair.floor))
        lines.append(Line(BENCHMARK, site.kind, f"{name}, kept", "ms", pair.measured, pair.ratio))
    return lines


def _forgetting(act: Act) -> Act:
    """Return an act that finds no lots that are kept."""

    def cold() -> object:
        KEPT.forget()
        return act()

    return cold


# The floor ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatementFloor:
    """The statements of a report, said by the database's own driver, and all their rows fetched."""

    databases: Databases
    lso_id: str | None
    statements: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, databases: Databases, lso_id: str | None, report: Act) -> StatementFloor:
        """Return the floor of a report: it is made once, and listened to."""
        with _heard(databases) as statements:
            report()
        return cls(databases, lso_id, tuple(statements))

    def run(self) -> int:
        """Say them all, and return how many rows came."""
        with self.databases.reading(self.lso_id) as connection:
            driver: Any = connection.connection.driver_connection
            return sum(len(driver.execute(*statement).fetchall()) for statement in self.statements)


@contextmanager
def _heard(databases: Databases) -> Iterator[list[tuple[str, Any]]]:
    """Give the list to which every statement that is said for reading is added, with its parameters."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        heard.append((statement, parameters))

    with databases.reading() as connection:
        engine = connection.engine
    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)
