"""The funds of 314 LSOs with 226,000 loans, consolidated: figures, capital by funder, the federation, what is covered.

Beside DuckDB, which adds up the same columns of one day; both sums are compared, LSO by LSO, before the clock runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from benchmarks.books import FUND, lso_code
from benchmarks.consolidated_floor import Consolidated, FundsFloor
from benchmarks.grounds import Site
from benchmarks.measuring import Effort, Line, floor_line, judged, timed_in_turn
from benchmarks.portfolio_grounds import Portfolio, portfolio_ground
from benchmarks.portfolio_loader import TRANCHES, Size, rsp_id
from benchmarks.portfolio_stories import EVERYDAY, LATE_KNOWN_ON, TODAY, moment_on
from cif_engine.fund.figures import year_to
from cif_engine.money import parse_amount
from cif_engine.operations.asking import Question
from cif_engine.operations.capital import capital_statement
from cif_engine.operations.coverage import coverage_report
from cif_engine.operations.federation import federation_report
from cif_engine.operations.portfolio_funds import portfolio_funds_report
from cif_engine.operations.releases import Released, Releases, record_releases
from cif_engine.operations.reporting import Period
from cif_engine.operations.rsp_recording import RspRequest
from cif_engine.operations.turns import KEPT, turns_report
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting

BENCHMARK = "funds"
LONGEST_MS = 3_000
ROUNDS_OF_TURNS = 1
"""Every fund is folded, some three hundred of them."""
NOT_RELEASED = 40
"""Of one LSO in so many, the register of the RSP does not know the second tranche."""

YEAR = Period(*year_to(TODAY))
NETWORK = Question(Within())
AS_KNOWN = replace(NETWORK, known_at=moment_on(LATE_KNOWN_ON))

Act = Callable[[], object]


def measure_consolidation(site: Site, effort: Effort) -> list[Line]:
    """Return how long each consolidated report takes, told whole, and its ratio to the floor."""
    with consolidated_ground(site, effort) as portfolio, closing(FundsFloor(portfolio.open_url, TODAY)) as floor:
        refuse_difference(portfolio, floor)
        acts = {name: (floor.by_lso, act) for name, act in reports(portfolio).items()}
        pairs = timed_in_turn(acts, effort.rounds, time.perf_counter)
        turns = {name: (floor.by_lso, act) for name, act in turns_of_funds(portfolio).items()}
        traced = timed_in_turn(turns, ROUNDS_OF_TURNS, time.perf_counter)
        size = portfolio.size
    lines = [Line(BENCHMARK, site.kind, name, "ms", pair.measured, pair.ratio) for name, pair in pairs.items()]
    return [
        floor_line(BENCHMARK, site.kind, f"floor: DuckDB, {size.lsos} LSOs, {size.loans:,} loans", pairs),
        *lines,
        *(judged(line, LONGEST_MS) for line in lines),
        *(Line(BENCHMARK, site.kind, name, "ms", pair.measured, pair.ratio) for name, pair in traced.items()),
    ]


@contextmanager
def consolidated_ground(site: Site, effort: Effort) -> Iterator[Portfolio]:
    """Give a portfolio of one RSP whose register knows what it released; it is gone in the end."""
    loans = effort.portfolio_loans or effort.consolidated_loans
    size = replace(Size.of(loans, effort.loans_of_consolidated_lso), rsps=1)
    with portfolio_ground(site, "consolidated", size, EVERYDAY) as portfolio:
        _tell_releases(portfolio)
        site.tidy("consolidated", portfolio.databases)
        yield portfolio


def _tell_releases(portfolio: Portfolio) -> None:
    rows = tuple(enumerate(_releases(portfolio.size.lsos), 1))
    request = RspRequest(rsp_id(0), "finance", moment_on(TODAY), TODAY, "releases", b"0" * 32)
    record_releases(portfolio.databases, request, Releases(rows))


def _releases(lsos: int) -> Iterator[Released]:
    for lso in range(lsos):
        for number, (on, amount_minor) in enumerate(TRANCHES, 1):
            if number == 1 or lso % NOT_RELEASED:
                reference = f"{lso_code(lso)}/{number}"
                yield Released(_release_id(reference), reference, lso_code(lso), FUND, number, amount_minor, on)


def _release_id(reference: str) -> str:
    return str(uuid5(NAMESPACE_OID, reference))


def reports(portfolio: Portfolio) -> dict[str, Act]:
    """Return every report over many funds, by name."""
    databases, size = portfolio.databases, portfolio.size

    def funds(*by: Cut, question: Question = NETWORK) -> Act:
        return lambda: portfolio_funds_report(databases, replace(question, cutting=Cutting(by)), TODAY)

    return {
        "figures of all funds": funds(),
        f"figures of all funds by LSO, {size.lsos} rows": funds(Cut.LSO),
        "figures of all funds by funder": funds(Cut.FUNDER),
        "figures of all funds by LSO, as known before late paper": funds(Cut.LSO, question=AS_KNOWN),
        "capital by funder, of a year": lambda: capital_statement(databases, NETWORK, YEAR),
        "capital by funder, as known before late paper": lambda: capital_statement(databases, AS_KNOWN, YEAR),
        "releases of the RSP beside the books of its LSOs, consolidated": lambda: federation_report(
            databases, rsp_id(0), TODAY
        ),
        "coverage of the network": lambda: coverage_report(databases, NETWORK, TODAY),
    }


def turns_of_funds(portfolio: Portfolio) -> dict[str, Act]:
    """Return the turns of all funds by funder: every fund folded anew, and as they are kept."""

    def told() -> None:
        turns_report(portfolio.databases, NETWORK, TODAY)

    def folded() -> None:
        KEPT.forget()
        told()

    return {"turns of all funds by funder, each folded": folded, "turns of all funds by funder, kept": told}


# Engine and floor add up the same ------------------------------------------------------------------------------------


def refuse_difference(portfolio: Portfolio, floor: FundsFloor) -> None:
    """Raise where the engine and the floor add up differently: one of them errs."""
    databases = portfolio.databases
    by_lso = portfolio_funds_report(databases, replace(NETWORK, cutting=Cutting((Cut.LSO,))), TODAY)
    _refuse_rows({row["key"]["lso"]: _of_figures(row) for row in by_lso["rows"]}, floor.by_lso())
    by_funder = portfolio_funds_report(databases, replace(NETWORK, cutting=Cutting((Cut.FUNDER,))), TODAY)
    _refuse_rows({row["key"]["funder"]: _of_figures(row) for row in by_funder["rows"]}, floor.by_funder())
    capital = capital_statement(databases, NETWORK, YEAR)
    _refuse_capital({row["key"]["funder"]: row["closing"] for row in capital["rows"]}, floor.by_funder())


def _refuse_rows(found: Mapping[str, tuple[int, ...]], wanted: list[Consolidated]) -> None:
    of_floor = {row.row: row[1:] for row in wanted}
    if found != of_floor or not found:
        differing = sorted({*found, *of_floor}, key=lambda row: found.get(row) == of_floor.get(row))
        first = differing[0] if differing else None
        raise RuntimeError(f"{first}: the engine adds up {found.get(str(first))}, the floor {of_floor.get(str(first))}")


def _refuse_capital(found: Mapping[str, Mapping[str, str]], wanted: list[Consolidated]) -> None:
    for row in wanted:
        closing_view = found[row.row]
        amounts = tuple(
            _minor(closing_view[name]) for name in ("capital", "cash", "outstanding_principal", "allowance")
        )
        if amounts != (row.capital_minor, row.cash_minor, row.outstanding_minor, row.allowance_minor):
            raise RuntimeError(f"{row.row}: the capital statement ends with {amounts}, the floor with {row}")


def _of_figures(row: Mapping[str, Any]) -> tuple[int, ...]:
    """Return what a row of figures says, in the order of `Consolidated`."""
    value = row["fund_value"]
    told = (
        row["capital"]["amount"],
        value["cash"],
        value["outstanding_principal"],
        value["allowance"],
        value["borrower_credit_balances"],
        row["turns"]["numerator"],
    )
    return (*map(_minor, told), int(row["reach"]["numerator"]))


def _minor(amount: str) -> int:
    return parse_amount(amount, signed=True)
