"""Figures that others report: recorded as printed, judged whenever they are read, never corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import orjson
import sqlalchemy as sa

from cif_engine.errors import (
    DateInFutureError,
    DuplicateCodeError,
    NotFoundError,
    RefusedRow,
    RowsRefusedError,
)
from cif_engine.moments import format_moment
from cif_engine.network.checks import name_key
from cif_engine.operations.reporting import known_view
from cif_engine.operations.views import View
from cif_engine.persistence import reported as stored
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.keys import codes_of_ids
from cif_engine.persistence.network_registers import LSOS, find
from cif_engine.persistence.releases import lsos_by_code
from cif_engine.persistence.reported import Reach, Reported, ReportedRow, Wanted
from cif_engine.reported.figures import Figure
from cif_engine.reported.findings import TITLES, WEIGHT, Finding, Judged, verdict
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.parameters import USUAL, Parameters
from cif_engine.reported.set_checks import check_set

RSP, LSO, SETTLEMENT = "rsp", "lso", "settlement"
SUBJECTS: Final = (RSP, LSO, SETTLEMENT)
"""Of whom figures are reported: a programme as a whole, an LSO with a book here or without, a settlement or VO."""

MOST_SETS: Final = 1_000
"""How many sets are recorded in one request."""

Changes = Mapping[str, str]
"""Parameters that are asked to be others than usual."""


@dataclass(frozen=True, slots=True)
class SaidSet:
    """Figures that were printed together, as they arrive; `lso` is the code of one that is known here."""

    subject: str
    name: str | None
    lso: str | None
    place: str | None
    as_of: date
    as_of_from: date
    as_of_printed: str
    formed_on: date | None
    source: str
    page: str | None
    printed_on: date | None
    figures: tuple[Figure, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A set at its place in a list, and where in the request each of its fields stands."""

    place: int
    said: SaidSet
    pointers: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SaidRows:
    """What arrived: the sets that can be read, and all that is wrong with the others."""

    rows: tuple[SaidRow, ...]
    unread: tuple[RefusedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who records, when, and with which ids."""

    actor: str
    at: int
    today: date
    make_id: Callable[[], str]


def record_reported_figures(databases: Databases, rsp_id: str, said: SaidRows, by: Recorder) -> View:
    """Record sets of figures that an RSP reports, all or none, and return them with what is found of each.

    Raises RowsRefusedError with every row that cannot be read, is of a day to come, names an LSO that never was under
    the RSP, or was recorded before.
    """
    with databases.writing() as connection:
        stored.lock_register(connection, rsp_id)
        last, last_at = stored.register_head(connection, rsp_id)
        lso_ids = lsos_by_code(connection, rsp_id, [row.said.lso for row in said.rows if row.said.lso])
        sound = [row for row in said.rows if row.said.lso is None or row.said.lso in lso_ids]
        made = [(row, _row(connection, rsp_id, row.said, lso_ids.get(row.said.lso or ""), by)) for row in sound]
        wrong = [*said.unread, *_wrong(said.rows, lso_ids, by.today), *_recorded_before(connection, rsp_id, made)]
        if wrong:
            raise RowsRefusedError(tuple(sorted(wrong, key=lambda one: (one.row, one.pointer))))
        at = max(by.at, last_at + 1)
        rows = [replace(row, number=number, recorded_at=at) for number, (_, row) in enumerate(made, last + 1)]
        stored.add_rows(connection, rows)
        recorded = [found for row in rows if (found := stored.reported_of_id(connection, row.id)) is not None]
    return {"recorded": len(recorded), "known_at": format_moment(at), "sets": [set_view(one) for one in recorded]}


def reported_figures(
    databases: Databases,
    reach: Reach,
    wanted: Wanted,
    changes: Changes,
    after: tuple[str, int] | None,
    limit: int,
) -> View:
    """Return sets in the order they were recorded, each with what is found of it.

    Raises ParameterRefusedError.
    """
    parameters_view(changes)
    with databases.reading() as connection:
        found = stored.reported(connection, reach, wanted, after, limit + 1)
        at = stored.last_moment(connection, reach, wanted.known_at)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return {
        "as_of": wanted.as_of.isoformat(),
        "known_at": known_view(at),
        "items": [set_view(one, changes) for one in shown],
        "next": [last.rsp, last.row.number] if last else None,
    }


def reported_set(databases: Databases, set_id: str, reaches: Callable[[Reported], bool], changes: Changes) -> View:
    """Return one set with what is found of it; raises NotFoundError, and ParameterRefusedError."""
    with databases.reading() as connection:
        found = stored.reported_of_id(connection, set_id)
    if found is None or not reaches(found):
        raise NotFoundError("No such figures.")
    return set_view(found, changes)


def judge(found: Reported, changes: Changes) -> Judged:
    """Return what is found of a set, by the limits that were asked for, else of its LSO's products, else the usual."""
    return check_set(found.figures, parameters_of(found, changes))


def parameters_of(found: Reported, changes: Changes) -> Parameters:
    """Return by which parameters a set is judged; raises ParameterRefusedError."""
    return USUAL.of_products(found.limits).changed(changes)


def parameters_view(changes: Changes) -> View:
    """Return the parameters as they were asked for; raises ParameterRefusedError."""
    return USUAL.changed(changes).view()


# How it is shown -----------------------------------------------------------------------------------------------


def set_view(found: Reported, changes: Changes | None = None) -> View:
    """Return a set as printed, what was found of it by which parameters, and what could not be checked."""
    row, asked = found.row, changes or {}
    done = judge(found, asked)
    return {
        "id": row.id,
        "number": row.number,
        "rsp": found.rsp,
        **subject_view(found),
        "as_of": row.as_of.isoformat(),
        "as_of_printed": row.as_of_printed,
        "formed_on": _day(row.formed_on),
        **source_view(row),
        "figures": [figure_view(figure) for figure in found.figures.figures],
        "verdict": done.verdict.value,
        "findings": [finding_view(finding) for finding in done.findings],
        "not_checked": [{"check": one.check.value, "why": one.why} for one in done.unchecked],
        "parameters": parameters_of(found, asked).view(),
        "limits_of_products": sorted(found.limits),
        "remark": row.remark,
        "recorded_at": format_moment(row.recorded_at),
        "recorded_by": row.actor,
    }


def subject_view(found: Reported) -> View:
    """Return of whom figures are."""
    row = found.row
    return {"subject": row.subject, "name": row.name, "lso": found.lso, "place": row.place}


def source_view(row: ReportedRow) -> View:
    """Return where figures were printed."""
    return {"source": row.source, "page": row.page, "printed_on": _day(row.printed_on)}


def figure_view(figure: Figure) -> View:
    """Return a figure as printed, and its value: an amount in rupees, a count, or a share in per cent."""
    measure, printed = figure.measure, figure.printed
    return {
        "measure": measure.id,
        "title": measure.title,
        "nature": measure.nature.value,
        "printed": printed.text,
        "unit": printed.unit.value,
        "value": None if printed.value is None else plainly(measure.kind, printed.value),
    }


def finding_view(finding: Finding) -> View:
    """Return a finding in words and numbers."""
    return {
        "check": finding.check.value,
        "title": TITLES[finding.check],
        "severity": finding.severity.value,
        "measures": list(finding.measures),
        "from": _day(finding.since),
        "as_of": finding.on.isoformat(),
        "words": finding.words,
        "numbers": dict(finding.numbers),
    }


def counts_view(findings: Iterable[Finding]) -> View:
    """Return what findings come to, and how many of each severity there are."""
    told = list(findings)
    counts = {severity.value: sum(one.severity is severity for one in told) for severity in WEIGHT}
    return {"verdict": verdict(told).value, "counts": counts}


# Recording -----------------------------------------------------------------------------------------------------


def _row(connection: sa.Connection, rsp_id: str, said: SaidSet, lso_id: str | None, by: Recorder) -> ReportedRow:
    """Return a set as it is kept, without its number and moment; what is known of an LSO is kept as it is now."""
    name, formed_on, limits = said.name, said.formed_on, None
    if lso_id is not None and said.lso is not None:
        record = find(connection, LSOS, (said.lso,), None)
        assert record is not None, "its code was found"
        name = name or record["name"]
        formed_on = formed_on or record["formed_on"]
        limits = stored.product_limits(connection, lso_id) or None
    if said.subject == RSP:
        name = name or codes_of_ids(connection)[rsp_id]
    assert name is not None, "only what the engine knows is said without a name"
    return ReportedRow(
        rsp_id=rsp_id,
        number=0,
        id=by.make_id(),
        subject=said.subject,
        name=name,
        name_key=name_key(name),
        of_lso_id=lso_id,
        place=said.place,
        as_of=min(said.as_of, by.today),  # of a year that is not over, what is known of it today
        as_of_printed=said.as_of_printed,
        formed_on=formed_on,
        source=said.source,
        page=said.page,
        printed_on=said.printed_on,
        figures=stored.write_figures(said.figures),
        limits=orjson.dumps(limits).decode() if limits else None,
        remark=said.remark,
        recorded_at=0,
        actor=by.actor,
    )


def _wrong(rows: Sequence[SaidRow], lso_ids: Mapping[str, str], today: date) -> Iterator[RefusedRow]:
    for row in rows:
        said = row.said
        if said.lso is not None and said.lso not in lso_ids:
            yield RefusedRow(row.place, row.pointers("lso"), NotFoundError.code, f"No LSO {said.lso} under this RSP.")
        for field, day in (("as_of", said.as_of_from), ("printed_on", said.printed_on), ("formed_on", said.formed_on)):
            if day is not None and day > today:
                words = f"{day} is after today, {today}."
                yield RefusedRow(row.place, row.pointers(field), DateInFutureError.code, words)


def _recorded_before(
    connection: sa.Connection, rsp_id: str, made: Sequence[tuple[SaidRow, ReportedRow]]
) -> Iterator[RefusedRow]:
    """Give the rows that were recorded before, or stand in the list twice: the same figures from the same place."""
    days = [row.as_of for _, row in made]
    before = {row.printed: row for row in stored.rows_of_days(connection, rsp_id, days)} if days else {}
    for said, row in made:
        if row.printed in before:
            words = f"These figures of {row.name} as of {row.as_of_printed} are recorded already."
            yield RefusedRow(said.place, said.pointers("as_of"), DuplicateCodeError.code, words)
        before.setdefault(row.printed, row)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
