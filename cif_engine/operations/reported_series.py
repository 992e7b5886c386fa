"""One programme, LSO or settlement as it was reported period after period, with what is found marked where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Final

from cif_engine.documents.charts import Picture, draw
from cif_engine.documents.report import Cell, Chart, ChartKind, Column, Report, Table, Unit
from cif_engine.errors import NotFoundError
from cif_engine.operations.files import FileForm, ReportFile, make_file
from cif_engine.operations.reported_figures import (
    Changes,
    counts_view,
    figure_view,
    finding_view,
    judge,
    parameters_of,
    source_view,
    subject_view,
)
from cif_engine.operations.reporting import known_view
from cif_engine.operations.views import View
from cif_engine.persistence import reported as stored
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.reported import Reach, Reported, Wanted
from cif_engine.reported.findings import Check, Finding, Severity, judged, plain
from cif_engine.reported.measures import DISBURSED, MEASURES, Measure
from cif_engine.reported.parameters import USUAL, Parameters
from cif_engine.reported.printed import Kind
from cif_engine.reported.series_checks import check_series

SERIES, FINDINGS, PRINTED = "Series", "Findings", "As printed"
_CHART: Final = "disbursed"


@dataclass(frozen=True, slots=True)
class Series:
    """Sets of one subject, the last print of each day in the order of the days, and what is found of them together."""

    sets: tuple[Reported, ...]
    findings: tuple[Finding, ...]
    as_of: date
    known_at: int
    changes: Changes

    @property
    def parameters(self) -> Parameters:
        """By which parameters the findings were found."""
        return parameters_of(self.sets[-1], self.changes) if self.sets else USUAL.changed(self.changes)

    @property
    def whose(self) -> View:
        """Return of whom they are; all null where nothing is reported."""
        if not self.sets:
            return dict.fromkeys(("rsp", "subject", "name", "lso", "place"))
        return {"rsp": self.sets[-1].rsp, **subject_view(self.sets[-1])}


def read_series(databases: Databases, reach: Reach, wanted: Wanted, changes: Changes) -> Series:
    """Return the sets of one subject with all their findings; raises ParameterRefusedError.

    Where several subjects have the name that is asked for, or none is asked for, the one reported of most counts. Of a
    subject that nothing is reported of the series is empty.
    """
    with databases.reading() as connection:
        found = stored.reported(connection, reach, wanted)
        at = stored.last_moment(connection, reach, wanted.known_at)
    printed = _largest(found)
    series = Series(tuple(_last_prints(printed)), (), wanted.as_of, at, changes)
    own = [finding for one in series.sets for finding in judge(one, changes).findings]
    together = check_series([one.figures for one in series.sets], series.parameters)
    return replace(series, findings=judged([*together, *_reprints(printed), *own]).findings)


def series_view(databases: Databases, reach: Reach, wanted: Wanted, changes: Changes) -> View:
    """Return a series with its findings, and each point with the findings on its day; raises as `read_series`."""
    series = read_series(databases, reach, wanted, changes)
    return {
        **series.whose,
        "as_of": series.as_of.isoformat(),
        "known_at": known_view(series.known_at),
        "parameters": series.parameters.view(),
        **counts_view(series.findings),
        "points": [_point_view(series, one) for one in series.sets],
        "findings": [finding_view(finding) for finding in series.findings],
    }


def series_file(
    databases: Databases, reach: Reach, wanted: Wanted, changes: Changes, form: FileForm, table: str | None
) -> ReportFile:
    """Return a series as a file: its values, its findings, and the figures as printed.

    Raises as `read_series`, and NotFoundError for a table that it does not have.
    """
    series = read_series(databases, reach, wanted, changes)
    report = _report(series)
    if table is not None:
        report = _one_table(report, table)
    whose = series.whose
    return make_file(report, form, f"reported-{whose['lso'] or whose['name'] or 'nothing'}-{series.as_of}")


def series_picture(databases: Databases, picture: Picture, reach: Reach, wanted: Wanted, changes: Changes) -> bytes:
    """Return a chart of the amount disbursed, as reported; raises as `read_series`."""
    return draw(_report(read_series(databases, reach, wanted, changes)), _CHART, picture)


# Reading -------------------------------------------------------------------------------------------------------


def _largest(found: Sequence[Reported]) -> list[Reported]:
    by: dict[tuple[str, str, str], list[Reported]] = {}
    for one in found:
        by.setdefault(one.row.whose, []).append(one)
    return max(by.values(), key=len, default=[])


def _last_prints(printed: Sequence[Reported]) -> Iterator[Reported]:
    """Give the set of each day that was recorded last; figures that were printed again count as printed last."""
    last = {one.row.as_of: one for one in printed}
    for day in sorted(last):
        yield last[day]


def _reprints(printed: Sequence[Reported]) -> Iterator[Finding]:
    """Give the figures of one day that were printed twice, and differently."""
    days: dict[date, list[Reported]] = {}
    for one in printed:
        days.setdefault(one.row.as_of, []).append(one)
    for day, prints in days.items():
        for before, after in pairwise(prints):
            yield from _differences(day, before, after)


def _differences(day: date, before: Reported, after: Reported) -> Iterator[Finding]:
    for measure in MEASURES.values():
        then, now = before.figures.get(measure), after.figures.get(measure)
        if then is None or now is None or abs(then.known - now.known) <= max(then.step, now.step) // 2:
            continue
        words = f"{measure.title}: {then} in {before.row.source}, {now} in {after.row.source}; the later one counts."
        yield Finding(Check.REPRINTED, Severity.LOW, words, (measure.id,), day)


# Showing -------------------------------------------------------------------------------------------------------


def _point_view(series: Series, one: Reported) -> View:
    marks = [finding for finding in series.findings if _marks(finding, one.row.as_of)]
    return {
        "as_of": one.row.as_of.isoformat(),
        "set": one.row.id,
        **source_view(one.row),
        "figures": [figure_view(figure) for figure in one.figures.figures],
        "marks": [
            {"check": mark.check.value, "severity": mark.severity.value, "measures": list(mark.measures)}
            for mark in marks
        ],
    }


def _marks(finding: Finding, day: date) -> bool:
    """Whether a finding is marked at a day: at its own, and of a freeze at every day that it lasts."""
    if finding.check is Check.FREEZE and finding.since is not None:
        return finding.since <= day <= finding.on
    return finding.on == day


def _report(series: Series) -> Report:
    measures = [
        measure
        for measure in MEASURES.values()
        if measure is DISBURSED or any(one.figures.get(measure) is not None for one in series.sets)
    ]
    return Report(
        "Figures as reported",
        f"{series.whose['name']} ({series.whose['rsp']})" if series.sets else "Nothing reported",
        series.as_of,
        series.known_at,
        (_series_table(series, measures), _findings_table(series), _printed_table(series)),
        about=tuple((f"Parameter {name}", value) for name, value in series.parameters.view().items()),
        charts=(_chart(),),
    )


_UNITS: Final[Mapping[Kind, Unit]] = {Kind.AMOUNT: Unit.MONEY, Kind.COUNT: Unit.COUNT, Kind.SHARE: Unit.TEXT}


def _series_table(series: Series, measures: Sequence[Measure]) -> Table:
    columns = (
        Column("as_of", "As of", Unit.DAY),
        *(Column(measure.id, measure.title, _UNITS[measure.kind]) for measure in measures),
        Column("worst", "Worst", width=9),
        Column("marks", "Findings", width=60),
    )
    rows = tuple(_series_row(series, one, measures) for one in series.sets)
    return Table(SERIES, "Figures by day", columns, rows)


def _series_row(series: Series, one: Reported, measures: Sequence[Measure]) -> tuple[Cell, ...]:
    marks = [finding for finding in series.findings if _marks(finding, one.row.as_of)]
    values: list[Cell] = []
    for measure in measures:
        printed = one.figures.get(measure)
        is_share = measure.kind is Kind.SHARE
        values.append(None if printed is None else plain(Kind.SHARE, printed.known) if is_share else printed.known)
    told = "; ".join(dict.fromkeys(f"{mark.check} ({', '.join(mark.measures)})".replace(" ()", "") for mark in marks))
    return (one.row.as_of, *values, marks[0].severity.value if marks else None, told or None)


def _findings_table(series: Series) -> Table:
    columns = (
        Column("severity", "Severity", width=9),
        Column("check", "Check", width=22),
        Column("measures", "Measures", width=24),
        Column("from", "From", Unit.DAY),
        Column("as_of", "As of", Unit.DAY),
        Column("words", "What is found", width=100),
    )
    rows = tuple(
        (one.severity.value, one.check.value, ", ".join(one.measures), one.since, one.on, one.words)
        for one in series.findings
    )
    return Table(FINDINGS, "What is found", columns, rows)


def _printed_table(series: Series) -> Table:
    columns = (
        Column("as_of", "As of", Unit.DAY),
        Column("measure", "Measure", width=24),
        Column("printed", "As printed", width=18),
        Column("unit", "Unit", width=12),
        Column("source", "Source", width=40),
        Column("page", "Page", width=8),
        Column("printed_on", "Printed on", Unit.DAY),
    )
    rows = tuple(
        (
            one.row.as_of,
            figure.measure.id,
            figure.printed.text,
            figure.printed.unit.value,
            one.row.source,
            one.row.page,
            one.row.printed_on,
        )
        for one in series.sets
        for figure in one.figures.figures
    )
    return Table(PRINTED, "Figures as printed", columns, rows)


def _one_table(report: Report, name: str) -> Report:
    for table in report.tables:
        if table.name.casefold() == name.casefold():
            return replace(report, tables=(table,), charts=())
    listed = ", ".join(table.name for table in report.tables)
    raise NotFoundError(f"This report has the tables {listed}.", pointer="/table")


def _chart() -> Chart:
    values = (DISBURSED.id,)
    return Chart(_CHART, "Disbursed as reported", ChartKind.LINES, SERIES, "as_of", values, "As of", "Disbursed")
