"""What was measured, as one table; and the same in the documentation, with what it was measured on."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.measuring import Line, Series

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGINS = "<!-- results: written by `python -m benchmarks --write-docs` -->"
ENDS = "<!-- end of the results -->"
PORTFOLIO_BEGINS = "<!-- results: written by `python -m benchmarks portfolio --write-docs` -->"
FUNDS_BEGINS = "<!-- results: written by `python -m benchmarks funds --write-docs` -->"

HEADINGS = ("benchmark", "database", "what", "median", "range", "unit", "ratio", "range", "goal", "met")
RIGHT = frozenset({3, 4, 6, 7, 8})
PACKAGES = ("SQLAlchemy", "psycopg", "fastapi", "uvicorn", "duckdb")
SYNCED_WRITES = 100


@dataclass(frozen=True, slots=True)
class Machine:
    """What was measured on."""

    cores: int
    memory_gib: int
    system: str
    python: str
    packages: tuple[str, ...]
    databases: tuple[str, ...]
    sync_ms: float
    """How long the disk takes to keep four kilobytes, in the middle: what a durable commit waits for."""


def this_machine(databases: Iterable[str]) -> Machine:
    """Return what this machine says of itself."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        round(memory / 2**30),
        f"{platform.system()} {platform.machine()}",
        platform.python_version(),
        tuple(f"{name} {version(name)}" for name in PACKAGES),
        tuple(databases),
        _sync_ms(),
    )


def _sync_ms() -> float:
    took = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(SYNCED_WRITES):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1e3)
    return median(took)


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a table of Markdown, aligned so that it reads well as plain text."""
    rows = [HEADINGS, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rule = [width * "-" if column not in RIGHT else (width - 1) * "-" + ":" for column, width in enumerate(widths)]
    return "\n".join(_row(row, widths) for row in (rows[0], rule, *rows[1:]))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.rjust(width) if column in RIGHT else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(padded)} |"


def _cells(line: Line) -> tuple[str, ...]:
    digits = 0 if line.series.median >= 100 else 1
    ratio = ("", "") if line.ratio is None else (f"{line.ratio.median:.2f}", _range(line.ratio, 2))
    judged = ("", "")
    if line.goal is not None and line.ratio is not None:
        judged = (str(line.goal), "yes" if line.goal.is_met_by(line.ratio.median) else "no")
    figures = (f"{line.series.median:,.{digits}f}", _range(line.series, digits), line.unit)
    return (line.benchmark, line.database, line.what, *figures, *ratio, *judged)


def _range(series: Series, digits: int) -> str:
    least, greatest = series.range
    return f"{least:,.{digits}f} - {greatest:,.{digits}f}"


def write_document(
    lines: Sequence[Line], machine: Machine, command: str, today: date, path: Path = DOCUMENT, place: str = BEGINS
) -> None:
    """Replace the results in the documentation that begin at `place`; everything around them stays."""
    text = path.read_text(encoding="utf-8")
    before, begins, rest = text.partition(place)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        raise ValueError(f"{path} has no place for the results")
    path.write_text(f"{before}{begins}\n\n{results(lines, machine, command, today)}\n\n{ends}{after}", encoding="utf-8")


def results(lines: Sequence[Line], machine: Machine, command: str, today: date) -> str:
    """Return the results with what they were measured on."""
    return (
        f"Measured on {today} by `{command}`: {machine.cores} cores, {machine.memory_gib} GiB of memory, "
        f"{machine.system}, where the disk keeps a write of 4 kB in {machine.sync_ms:.2f} ms; "
        f"Python {machine.python}, {', '.join((*machine.databases, *machine.packages))}.\n\n{table(lines)}"
    )
