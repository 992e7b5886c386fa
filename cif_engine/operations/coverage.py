"""On what consolidated figures rest: books with every loan, totals that were reported, or nothing.

Reported totals are never added to figures of books; they stand beside them, as printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from cif_engine.errors import ReportNotCutError
from cif_engine.money import PKR, format_amount
from cif_engine.operations.asking import Opened, Question, key_view, opened
from cif_engine.operations.reported_figures import LSO, RSP, Changes, judge, set_view
from cif_engine.operations.reporting import known_view
from cif_engine.operations.views import View
from cif_engine.persistence import reported as stored
from cif_engine.persistence.coverage import InBooks, in_books, lsos_by_row, with_capital
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.reported import Reach, Reported, Wanted
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Code, Cut, Form, Key, in_order
from cif_engine.reported.findings import Verdict
from cif_engine.reported.measures import BORROWERS, DISBURSED, LSOS_MANAGING, OUTSTANDING, Measure

_TOTALS: Final = (DISBURSED, OUTSTANDING)
_USUAL: Final[Changes] = {}
_NO_LOANS: Final = InBooks(0, 0, 0)
"""A book that has capital alone: what it says, that nothing was lent, is so, unless totals are reported beside it."""


@dataclass(slots=True)
class Coverage:
    """How many LSOs rest on what, and what that comes to; `stated` counts the LSOs whose totals state an amount."""

    loan_level: int = 0
    loans: int = 0
    disbursed_minor: int = 0
    outstanding_minor: int = 0
    totals_only: int = 0
    reported_minor: dict[Measure, int] = field(default_factory=lambda: dict.fromkeys(_TOTALS, 0))
    stated: dict[Measure, int] = field(default_factory=lambda: dict.fromkeys(_TOTALS, 0))
    verdicts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    nothing: int = 0

    def add_books(self, found: InBooks) -> None:
        """Count an LSO that keeps its book here."""
        self.loan_level += 1
        self.loans += found.loans
        self.disbursed_minor += found.disbursed_minor
        self.outstanding_minor += found.outstanding_minor

    def add_totals(self, found: Reported) -> None:
        """Count an LSO that only totals are known of."""
        self.totals_only += 1
        self.verdicts[judge(found, _USUAL).verdict] += 1
        for measure in _TOTALS:
            printed = found.figures.get(measure)
            if printed is not None:
                self.stated[measure] += 1
                self.reported_minor[measure] += printed.known


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage in all and by row of the cut, what programmes report of themselves, and the moment it is known."""

    total: Coverage
    rows: Mapping[Key, Coverage]
    programmes: Sequence[Reported]
    at: int


def coverage_report(databases: Databases, question: Question, as_of: date) -> View:
    """Return on what figures over these LSOs rest, in all and by row; raises NotFoundError and ReportNotCutError."""
    with opened(databases, question, as_of) as asked:
        covered = coverage_of(asked, as_of, question.known_at)
    return {
        "as_of": as_of.isoformat(),
        "known_at": known_view(covered.at),
        "currency": PKR.code,
        "by": [cut.value for cut in asked.asked.cutting.by],
        "only": {cut.value: list(values) for cut, values in asked.asked.cutting.only},
        "total": coverage_view(covered.total),
        "rows": [
            {"key": key_view(asked.form, key), **coverage_view(covered.rows[key])}
            for key in sorted(covered.rows, key=in_order)
        ],
        "programmes": [_programme_view(one) for one in covered.programmes],
    }


def coverage_of(asked: Opened, as_of: date, known_at: int | None) -> Covered:
    """Return the coverage of an open question, and of what was reported by the moment that was asked (None: now).

    Raises ReportNotCutError where it is cut by what is within an LSO.
    """
    form = asked.form
    inside = [cut.value for cut in (*form.by, *form.narrowed) if not cut.of_lso]
    if inside:
        raise ReportNotCutError(f"Coverage is of whole LSOs, not by {', '.join(inside)}.", pointer="/by")
    by_lso = Form((*(cut for cut in form.by if cut is not Cut.LSO), Cut.LSO), form.narrowed)
    books = in_books(asked.connection, asked.asked, as_of, by_lso)
    lends_nothing_yet = with_capital(asked.connection, asked.asked, as_of, by_lso) - books.keys()
    found = stored.reported(asked.connection, Reach(), Wanted(as_of, known_at=known_at))
    totals = {one.lso: one for one in _last_with_totals(found) if one.lso is not None}
    total, rows = Coverage(), dict[Key, Coverage]()
    for key in lsos_by_row(asked.connection, asked.asked, by_lso):
        row = rows.setdefault(_key_of_row(form, by_lso, key), Coverage())
        reported = totals.get(str(key[-1]))
        book = _NO_LOANS if reported is None and key in lends_nothing_yet else books.get(key)
        for coverage in (total, row):
            _count(coverage, book, reported)
    for one in _without_record(found, asked):
        row = rows.setdefault(tuple(one.rsp if cut is Cut.RSP else None for cut in form.by), Coverage())
        for coverage in (total, row):
            coverage.add_totals(one)
    last = stored.last_moment(asked.connection, Reach(), known_at)
    programmes = [one for one in _last_of_each(found) if one.row.subject == RSP and _is_within(one, asked.asked.scope)]
    return Covered(total, rows if form.by else {}, programmes, max(asked.at, last))


def coverage_view(coverage: Coverage) -> View:
    """Return how much rests on loan-level books, on totals alone, on nothing."""
    return {
        "lsos": coverage.loan_level + coverage.totals_only + coverage.nothing,
        "loan_level": {
            "lsos": coverage.loan_level,
            "loans": coverage.loans,
            "disbursed": format_amount(coverage.disbursed_minor),
            "outstanding": format_amount(coverage.outstanding_minor),
        },
        "totals_only": {
            "lsos": coverage.totals_only,
            **{
                measure.id: format_amount(coverage.reported_minor[measure]) if coverage.stated[measure] else None
                for measure in _TOTALS
            },
            **{f"{measure.id}_stated_by": coverage.stated[measure] for measure in _TOTALS},
            **{verdict.value: coverage.verdicts[verdict] for verdict in Verdict},
        },
        "nothing": {"lsos": coverage.nothing},
    }


# Counting ------------------------------------------------------------------------------------------------------


def _count(coverage: Coverage, books: InBooks | None, totals: Reported | None) -> None:
    if books is not None:
        coverage.add_books(books)
    elif totals is not None:
        coverage.add_totals(totals)
    else:
        coverage.nothing += 1


def _key_of_row(form: Form, by_lso: Form, key: Key) -> Key:
    codes: dict[Cut, Code] = dict(zip(by_lso.key, key, strict=True))
    return tuple(codes[cut] for cut in form.by)


def _last_with_totals(found: Iterable[Reported]) -> Iterator[Reported]:
    """Give of each LSO the last set that states an amount disbursed or outstanding."""
    states = [
        one
        for one in found
        if one.row.subject == LSO and any(one.figures.get(measure) is not None for measure in _TOTALS)
    ]
    return _last_of_each(states)


def _last_of_each(found: Iterable[Reported]) -> Iterator[Reported]:
    """Give the set of the last day of each subject; of several of that day, the one recorded last."""
    last: dict[tuple[str, ...], Reported] = {}
    for one in found:
        whose = one.row.whose if one.lso is None else (LSO, one.lso)
        before = last.get(whose)
        if before is None or (one.row.as_of, one.row.recorded_at) >= (before.row.as_of, before.row.recorded_at):
            last[whose] = one
    yield from last.values()


def _without_record(found: Iterable[Reported], asked: Opened) -> Iterator[Reported]:
    """Give the LSOs that are reported of and not registered; where they are, no filter but that of RSPs can tell."""
    if not asked.form.narrowed <= {Cut.RSP}:
        return
    wanted = {code for cut, codes in asked.asked.cutting.only if cut is Cut.RSP for code in codes}
    for one in _last_with_totals(found):
        if one.lso is None and _is_within(one, asked.asked.scope) and (not wanted or one.rsp in wanted):
            yield one


def _is_within(one: Reported, scope: Within) -> bool:
    """Whether what an RSP reported, of no LSO that is registered, is of a scope."""
    return scope.kind == "network" or (scope.kind == "rsp" and one.row.rsp_id == scope.rsp_id)


def _programme_view(one: Reported) -> View:
    """Return what an RSP reports of itself as a whole: as printed, added to nothing."""
    told = set_view(one)
    wanted = (DISBURSED.id, OUTSTANDING.id, BORROWERS.id, LSOS_MANAGING.id)
    return {
        "rsp": one.rsp,
        "as_of": told["as_of"],
        "source": one.row.source,
        "set": one.row.id,
        "verdict": told["verdict"],
        "figures": [figure for figure in told["figures"] if figure["measure"] in wanted],
    }
