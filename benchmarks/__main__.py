"""The command `python -m benchmarks`."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click

from benchmarks.funds import measure_funds
from benchmarks.grounds import KINDS, Site, site
from benchmarks.growth import measure_growth
from benchmarks.loans import measure_loans
from benchmarks.measuring import Effort, Line
from benchmarks.over_http import measure_http
from benchmarks.portfolio import measure_portfolio
from benchmarks.recording import measure_recording
from benchmarks.reporting import BEGINS, FUNDS_BEGINS, PORTFOLIO_BEGINS, table, this_machine, write_document

OF_A_DATABASE: dict[str, Callable[[Site, Effort], list[Line]]] = {
    "recording": measure_recording,
    "http": measure_http,
    "growth": measure_growth,
}
PORTFOLIO, FUNDS = "portfolio", "funds"
AT_SCALE: dict[str, Callable[[Site, Effort], list[Line]]] = {PORTFOLIO: measure_portfolio, FUNDS: measure_funds}
"""Those that make hundreds of thousands of loans first; they are run when they are named."""

BEGIN_AT = {PORTFOLIO: PORTFOLIO_BEGINS, FUNDS: FUNDS_BEGINS}
LOANS = "loans"
ALL = "all"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("what", type=click.Choice([*OF_A_DATABASE, LOANS, *AT_SCALE, ALL]), default=ALL)
@click.option("--database", type=click.Choice(KINDS), help="That one alone.")
@click.option(
    "--rounds", type=click.IntRange(1, 1000), default=15, show_default=True, help="Of each measure and its floor."
)
@click.option("--seconds", type=click.FloatRange(0.1, 60), default=1.0, show_default=True, help="Of each round.")
@click.option(
    "--loans",
    type=click.IntRange(1_000),
    help="Of the portfolio, or of all funds, not those of its goals.",
)
@click.option("--write-docs", is_flag=True, help="Write the results into docs/benchmarks.md.")
def main(what: str, database: str | None, rounds: int, seconds: float, loans: int | None, *, write_docs: bool) -> None:
    """Measure the engine against the database's own floor, in the same run.

    recording: a repayment in process; http: over HTTP; growth: at 10,000 and at 1,000,000 events; loans: the pure core;
    portfolio: reports over 1,000,000 loans (226,000 on SQLite); funds: lots of a fund of 5,000 events, and the funds of
    314 LSOs with 226,000 loans consolidated. Unless one is named: all but the last two.
    """
    effort = Effort(rounds=rounds, seconds=seconds, portfolio_loans=loans)
    versions, lines = [], []
    if what in (LOANS, ALL):
        lines += measure_loans(effort)
    for kind in (KINDS if database is None else (database,)) if what != LOANS else ():
        with site(kind) as place:
            versions.append(place.version)
            for name, measure in {**OF_A_DATABASE, **AT_SCALE}.items():
                if what == name or (what == ALL and name in OF_A_DATABASE):
                    click.echo(f"{name} on {place.version} ...", err=True)
                    lines += measure(place, effort)
    click.echo(table(lines))
    if write_docs:
        command = shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])
        begins = BEGIN_AT.get(what, BEGINS)
        write_document(lines, this_machine(versions), command, datetime.now(UTC).date(), place=begins)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that whoever is told to stop cleans up as well
    main()
