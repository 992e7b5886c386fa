"""Sets of figures in few words, for tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cif_engine.reported.figures import Figure, FigureSet
from cif_engine.reported.findings import Check, Finding, Severity
from cif_engine.reported.measures import find_measure
from cif_engine.reported.parameters import USUAL, Parameters
from cif_engine.reported.printed import USUAL_UNIT, read_printed
from cif_engine.reported.series_checks import check_series
from cif_engine.reported.set_checks import check_set

DATA = Path(__file__).parents[2] / "data"
DAY = date(2021, 6, 30)


def published(name: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a published file with its numbers as they are written."""
    return json.loads((DATA / name).read_text(encoding="utf-8"), parse_float=str, parse_int=str)


def a_set(figures: Mapping[str, str | int | None], on: date = DAY, formed_on: date | None = None) -> FigureSet:
    """Return figures by their names; `_pkr_million` at the end of a name says the unit."""
    said = []
    for name, text in figures.items():
        found = find_measure(name)
        assert found is not None, name
        measure, unit = found
        printed = read_printed(None if text is None else str(text), unit or USUAL_UNIT[measure.kind])
        said.append(Figure(measure, printed))
    return FigureSet(on, tuple(said), formed_on)


def quarters(count: int, year: int = 2012) -> list[date]:
    """Return the last days of so many quarters."""
    ends = ((3, 31), (6, 30), (9, 30), (12, 31))
    return [date(year + place // 4, *ends[place % 4]) for place in range(count)]


def a_series(**figures: Iterable[str | int | None]) -> list[FigureSet]:
    """Return figures quarter after quarter, from lists by their names."""
    rows = list(zip(*figures.values(), strict=True))
    return [a_set(dict(zip(figures, row, strict=True)), on) for row, on in zip(rows, quarters(len(rows)), strict=True)]


def of_set(
    figures: Mapping[str, str | int | None], parameters: Parameters = USUAL, formed_on: date | None = None
) -> list[Finding]:
    """Return what is found of a set."""
    return list(check_set(a_set(figures, formed_on=formed_on), parameters).findings)


def of_series(parameters: Parameters = USUAL, /, **figures: Iterable[str | int | None]) -> list[Finding]:
    """Return what is found of a series."""
    return list(check_series(a_series(**figures), parameters))


def told(findings: Iterable[Finding]) -> dict[Check, Severity]:
    """Return the severities by check, the gravest of each."""
    found: dict[Check, Severity] = {}
    for finding in findings:
        found.setdefault(finding.check, finding.severity)
    return found
