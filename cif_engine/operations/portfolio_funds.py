"""The figures of all funds of an LSO, of an RSP or of the network, in all and by row of a cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cif_engine.fund.figures import FundFigures, Span, Sums, add_up, year_to
from cif_engine.operations.asking import Opened, Question, key_view, loans_behind, opened, period_behind
from cif_engine.operations.fund_views import figures_view
from cif_engine.operations.over_funds import funds_head
from cif_engine.operations.reporting import Period
from cif_engine.operations.views import View
from cif_engine.persistence.capital_sums import refuse_cuts_of_loans
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.fund_sums import eligible_by_lso, served_by_row, sums_by
from cif_engine.portfolio.cuts import Cut, Form, Key, in_order


def portfolio_funds_report(databases: Databases, question: Question, as_of: date) -> View:
    """Return the figures of the funds as those of one, in all and by row of a cut; idle cash is that of the year.

    Reach is of the LSOs that say how many households are eligible. Raises NotFoundError, and ReportNotCutError for cuts
    and filters that divide the money of a fund.
    """
    refuse_cuts_of_loans(question.cutting)
    with opened(databases, question, as_of) as asked:
        counted = _count(asked, as_of)
        head = funds_head(asked, question, as_of)
    rows = sorted(counted.rows, key=in_order) if question.cutting.by else []
    return {
        "as_of": as_of.isoformat(),
        **head,
        "total": _view(asked, counted.total),
        "rows": [{"key": key_view(asked.form, key), **_view(asked, counted.rows[key], key)} for key in rows],
    }


@dataclass(frozen=True, slots=True)
class _Row:
    """The funds of a row. `left_out` are those of its LSOs that do not say how many households are eligible."""

    funds: int
    lsos: int
    left_out: int
    figures: FundFigures


@dataclass(frozen=True, slots=True)
class _Counted:
    total: _Row
    rows: Mapping[Key, _Row]


def _count(asked: Opened, as_of: date) -> _Counted:
    """Count each fund by itself, and add funds up to rows; people, and those eligible, are counted by LSO."""
    form, eligible = asked.form, eligible_by_lso(asked.connection, asked.asked)
    by_fund = Form((*form.by, Cut.FUND), form.narrowed)
    place, width = by_fund.key.index(Cut.LSO), len(form.key)
    year = year_to(as_of)
    sums = sums_by(asked.connection, asked.asked, year, by_fund)
    served = _served(asked, as_of, form)
    of_rows: defaultdict[Key, dict[Key, Sums]] = defaultdict(dict)
    for key, of_fund in sums.items():
        of_rows[key[:width]][key] = of_fund

    def row(of_funds: Mapping[Key, Sums], households: Mapping[str, int]) -> _Row:
        lsos = {str(key[place]) for key in of_funds}
        told = {lso: count for lso in lsos if (count := eligible.get(lso)) is not None}
        reached = sum(households.get(lso, 0) for lso in told or lsos)
        figures = FundFigures(add_up(of_funds.values()), year, year, reached, sum(told.values()) if told else None)
        return _Row(len(of_funds), len(lsos), len(lsos) - len(told), figures)

    in_all = _everybody(asked, as_of, served)
    rows = {key: row(of_funds, served.get(key, {})) for key, of_funds in of_rows.items()}
    return _Counted(row(sums, in_all), rows)


def _served(asked: Opened, as_of: date, form: Form) -> dict[Key, dict[str, int]]:
    """Return the households that had money of the funds of each row, by LSO: none lives in two."""
    by_lso = Form((*form.by, Cut.LSO), form.narrowed)
    place, width = by_lso.key.index(Cut.LSO), len(form.key)
    found: defaultdict[Key, dict[str, int]] = defaultdict(dict)
    for key, households in served_by_row(asked.connection, asked.asked, as_of, by_lso).items():
        found[key[:width]][str(key[place])] = households
    return dict(found)


def _everybody(asked: Opened, as_of: date, served: Mapping[Key, Mapping[str, int]]) -> Mapping[str, int]:
    """Return the households of all rows by LSO; they are counted again only where an LSO is in two rows."""
    of_lsos = [of_lso for of_row in served.values() for of_lso in of_row.items()]
    together = dict(of_lsos)
    if len(together) == len(of_lsos):
        return together
    return _served(asked, as_of, Form((), asked.form.narrowed))[()]


def _view(asked: Opened, row: _Row, key: Key = ()) -> View:
    def behind(span: Span | None) -> str:
        if span is None:
            return loans_behind(asked, row.figures.year.to_on, key)
        return period_behind(asked, Period(*span), key)

    view = figures_view(row.figures, behind)
    view["reach"]["lsos_left_out"] = row.left_out
    return {"funds": row.funds, "lsos": row.lsos, **view}
