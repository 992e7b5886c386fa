"""Reports of what was done to date: by cycle, by district, and the indicators that the network publishes.

The four published ones (LSOs and VOs that manage a fund, borrowers, amount disbursed) only ever grow. Beside them stand
those that say how the money is doing: outstanding, overdue, at risk, collected in time, recovered, written off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.money import round_ratio
from cif_engine.operations.asking import Opened, Question, opened
from cif_engine.operations.collection_reports import collections_report
from cif_engine.operations.portfolio_counts import Counted, count_portfolio
from cif_engine.operations.portfolio_reports import portfolio_report
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports.setting import Setting, cut_by, set_on, set_over
from cif_engine.operations.reports.shown import Said
from cif_engine.operations.reports.telling import found, minor
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.to_date import Managers, ToDate, handed_out_by, managers_by
from cif_engine.portfolio.cuts import Cut, Form, Key, in_order
from cif_engine.portfolio.definitions import DEFINITIONS
from cif_engine.portfolio.figures import Figure

CYCLES, DISTRICTS, INDICATORS = "Cycles", "Districts", "Indicators"

_RISK_DAYS: Final = 30
_TOLD: Final = frozenset({Figure.PAR, Figure.ARREARS, Figure.RECOVERY})


# By cycle ------------------------------------------------------------------------------------------------------


def cycles(databases: Databases, question: Question, as_of: date) -> Said:
    """Return the loans by whether they are a borrower's first, second, third; raises NotFoundError."""
    setting = set_on(databases, cut_by(question, Cut.CYCLE), as_of)
    with opened(databases, setting.question, as_of) as asked:
        done = handed_out_by(asked.connection, asked.asked, as_of, asked.form)
        everybody = handed_out_by(asked.connection, asked.asked, as_of, _uncut(asked.form))[()]
        counted = count_portfolio(asked, as_of, {Figure.PAR})
    over = f"{asked.comparator} {_RISK_DAYS}"
    rows = tuple(_cycle(asked, key, done[key], counted.rows.get(key)) for key in sorted(done, key=in_order))
    totals = (
        ("borrowers", everybody.borrowers),
        ("households", everybody.households),
        ("average_loan", _average(everybody)),
    )
    columns = (
        Column("cycle", "Cycle", Unit.COUNT, width=9),
        Column("loans", "Loans made", Unit.COUNT, totalled=True),
        Column("borrowers", "Borrowers", Unit.COUNT, definition="borrowers_to_date"),
        Column("households", "Households", Unit.COUNT),
        Column("disbursed", "Disbursed", Unit.MONEY, totalled=True, definition="disbursed_to_date"),
        Column("average_loan", "Average loan", Unit.MONEY),
        Column("open_loans", "Open loans", Unit.COUNT, totalled=True, definition="loans"),
        Column("gross_portfolio", "Gross portfolio", Unit.MONEY, totalled=True, definition="gross_portfolio"),
        Column("late_30", f"Late {over} days", Unit.MONEY, totalled=True, aside=True),
        Column("par_30", f"PAR {over}", Unit.SHARE, ratio=("late_30", "gross_portfolio"), definition="par_n"),
    )
    table = Table(CYCLES, "Loans by cycle, to date", columns, rows, totals)
    return setting.says("cycles", "Loans by cycle", (table,))


def _cycle(asked: Opened, key: Key, done: ToDate, counted: Counted | None) -> tuple[Cell, ...]:
    (cycle,) = key
    gross, loans, late = 0, 0, 0
    if counted:
        gross, loans = counted.tally.outstanding_minor, counted.tally.loans
        late = counted.tally.late_over(_RISK_DAYS, asked.comparator).outstanding_minor
    people = (done.borrowers, done.households)
    return (cycle, done.loans, *people, done.disbursed_minor, _average(done), loans, gross, late, None)


def _average(done: ToDate) -> int | None:
    """Return what was handed out for each loan, rounded half even to a minor unit."""
    return round_ratio(done.disbursed_minor, done.loans, 1) if done.loans else None


# By district ---------------------------------------------------------------------------------------------------

_DISTRICT_COLUMNS: Final = (
    Column("district", "District", width=12),
    Column("district_name", "Name of district", width=20),
    Column("rsps", "RSPs", Unit.COUNT, width=7),
    Column("lsos", "LSOs managing CIF", Unit.COUNT, width=10, totalled=True, definition="lsos_managing_cif"),
    Column("vos", "VOs managing CIF", Unit.COUNT, width=10, totalled=True, definition="vos_managing_cif"),
    Column("funds", "Funds", Unit.COUNT, width=8, totalled=True),
    Column("borrowers_to_date", "Borrowers to date", Unit.COUNT, definition="borrowers_to_date"),
    Column("households_to_date", "Households to date", Unit.COUNT, aside=True),
    Column("loans_to_date", "Loans to date", Unit.COUNT, totalled=True, aside=True),
    Column("disbursed_to_date", "Disbursed to date", Unit.MONEY, totalled=True, definition="disbursed_to_date"),
    Column("borrowers", "Borrowers now", Unit.COUNT, definition="borrowers", aside=True),
    Column("loans", "Open loans", Unit.COUNT, totalled=True, definition="loans"),
    Column("gross_portfolio", "Gross portfolio", Unit.MONEY, totalled=True, definition="gross_portfolio"),
    Column("overdue", "Overdue", Unit.MONEY, totalled=True, definition="overdue"),
    Column("late_30", "Late over 30 days", Unit.MONEY, totalled=True, aside=True),
    Column("par_30", "PAR 30", Unit.SHARE, ratio=("late_30", "gross_portfolio"), definition="par_n"),
    Column("fell_due", "Fell due for the first time", Unit.MONEY, totalled=True, definition="demand", aside=True),
    Column("on_time", "Collected by the due date", Unit.MONEY, totalled=True, aside=True),
    Column("on_time_rate", "On-time rate", Unit.SHARE, ratio=("on_time", "fell_due"), definition="on_time_rate"),
    Column("fallen_due", "Fallen due to date", Unit.MONEY, totalled=True, aside=True),
    Column("collected_of_due", "Collected of it", Unit.MONEY, totalled=True, aside=True),
    Column(
        "recovery_rate",
        "Recovery rate",
        Unit.SHARE,
        ratio=("collected_of_due", "fallen_due"),
        definition="recovery_rate",
    ),
    Column("written_off", "Written off in the period", Unit.MONEY, totalled=True),
)


class _Place(NamedTuple):
    """Who manages funds in a district; all None where filters are of loans, of which that cannot be told."""

    rsps: int | None = None
    lsos: int | None = None
    vos: int | None = None
    funds: int | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done to date, and who does it, in all and by row; an RSP is counted once wherever it is."""

    all: ToDate
    by: Mapping[Key, ToDate]
    managing_in_all: _Place
    managing: Mapping[Key, _Place]
    nobody: _Place


def districts(databases: Databases, question: Question, period: Period) -> Said:
    """Return a row for each district: what was done there to date, where it stands, how the period went.

    Raises NotFoundError.
    """
    setting = set_over(databases, cut_by(question, Cut.DISTRICT), period)
    with opened(databases, setting.question, period.to_on) as asked:
        done = _done_by_district(asked, period.to_on)
    day = _by_key(portfolio_report(databases, setting.question, period.to_on, _TOLD | {Figure.PEOPLE}))
    over = _by_key(collections_report(databases, setting.question, period))
    keys = sorted({*done.by, *done.managing, *day.rows, *over.rows}, key=in_order)
    rows = tuple(_district(setting, done, key, day.rows.get(key), over.rows.get(key)) for key in keys)
    totals: tuple[tuple[str, Cell], ...] = (
        *done.managing_in_all._asdict().items(),
        ("borrowers_to_date", done.all.borrowers),
        ("households_to_date", done.all.households),
        ("borrowers", day.total["borrowers"]),
    )
    table = Table(DISTRICTS, "Consolidation by district", _DISTRICT_COLUMNS, rows, totals)
    return setting.says("districts", "District consolidation", (table,))


def _done_by_district(asked: Opened, as_of: date) -> _Done:
    form = asked.form
    in_all = handed_out_by(asked.connection, asked.asked, as_of, _uncut(form))[()]
    by = handed_out_by(asked.connection, asked.asked, as_of, form)
    if not _of_funds(form):
        return _Done(in_all, by, _Place(), {}, _Place())
    with_rsps = Form((Cut.DISTRICT, Cut.RSP), form.narrowed)
    found = managers_by(asked.connection, asked.asked, as_of, with_rsps)
    districts = {(district,) for district, _ in found}
    managing: dict[Key, _Place] = {
        key: _place({rsp: managers for (district, rsp), managers in found.items() if (district,) == key})
        for key in districts
    }
    return _Done(in_all, by, _place(found)._replace(rsps=len({rsp for _, rsp in found})), managing, _Place(0, 0, 0, 0))


def _place(managers: Mapping[Any, Managers]) -> _Place:
    """Return who manages funds in one place, from who does so there of each RSP."""
    held = managers.values()
    return _Place(len(managers), sum(of.lsos for of in held), sum(of.vos for of in held), sum(of.funds for of in held))


def _district(setting: Setting, done: _Done, key: Key, day: View | None, over: View | None) -> tuple[Cell, ...]:
    (code,) = key
    to_date = done.by.get(key, ToDate())
    par = found(day, "par")
    return (
        code,
        setting.names[Cut.DISTRICT].get(key),
        *done.managing.get(key, done.nobody),
        to_date.borrowers,
        to_date.households,
        to_date.loans,
        to_date.disbursed_minor,
        found(day, "borrowers") or 0,
        found(day, "loans") or 0,
        _amount(day, "gross_portfolio", "amount"),
        _amount(day, "arrears_rate", "numerator"),
        minor(next(one["numerator"] for one in par if one["days"] == _RISK_DAYS)) if par else 0,
        None,
        _amount(over, "on_time_rate", "denominator"),
        _amount(over, "on_time_rate", "numerator"),
        None,
        _amount(day, "recovery_rate", "denominator"),
        _amount(day, "recovery_rate", "numerator"),
        None,
        _amount(over, "written_off", "amount"),
    )


# The indicators of the network ---------------------------------------------------------------------------------

_INDICATOR_COLUMNS: Final = (
    Column("indicator", "Indicator", width=40),
    Column("count", "Count", Unit.COUNT),
    Column("share", "Share", Unit.SHARE, ratio=("amount", "of")),
    Column("amount", "Amount", Unit.MONEY),
    Column("of", "Of", Unit.MONEY),
    Column("published", "In the network's reports", width=14),
    Column("definition", "Definition", width=22),
)


def indicators(databases: Databases, question: Question, period: Period) -> Said:
    """Return the four indicators that the network publishes, and those missing beside them; raises NotFoundError."""
    setting = set_over(databases, cut_by(question), period)
    with opened(databases, setting.question, period.to_on) as asked:
        done = handed_out_by(asked.connection, asked.asked, period.to_on, asked.form)[()]
        managers = (
            managers_by(asked.connection, asked.asked, period.to_on, asked.form)[()] if _of_funds(asked.form) else None
        )
    day = portfolio_report(databases, setting.question, period.to_on, _TOLD)["total"]
    over = collections_report(databases, setting.question, period)["total"]
    rows = (*_published(done, managers), *_missing(day, over))
    table = Table(INDICATORS, "Indicators of the network", _INDICATOR_COLUMNS, rows)
    told = tuple(str(row[-1]) for row in rows)
    return setting.says("indicators", "Indicators of the network", (table,), defines=told)


def _published(done: ToDate, managers: Managers | None) -> Iterator[tuple[Cell, ...]]:
    """Give the four; who manages funds cannot be told of a part of a fund's loans."""
    yield _indicator("lsos_managing_cif", count=managers.lsos if managers else None)
    yield _indicator("vos_managing_cif", count=managers.vos if managers else None)
    yield _indicator("borrowers_to_date", count=done.borrowers)
    yield _indicator("disbursed_to_date", amount=done.disbursed_minor)


def _missing(day: View, over: View) -> Iterator[tuple[Cell, ...]]:
    yield _indicator("gross_portfolio", amount=_amount(day, "gross_portfolio", "amount"), published=False)
    par = next(told for told in day["par"] if told["days"] == _RISK_DAYS)
    at_risk = next(told for told in day["par_renegotiated"] if told["days"] == _RISK_DAYS)
    yield _rate(day["arrears_rate"], "Overdue, of the gross portfolio")
    yield _rate(par, f"PAR {par['comparator']} {_RISK_DAYS}")
    yield _rate(at_risk, f"PAR {par['comparator']} {_RISK_DAYS} with renegotiated")
    for rate in (over["on_time_rate"], day["recovery_rate"], over["write_off_ratio"]):
        yield _rate(rate, DEFINITIONS[rate["definition"]].title)


def _indicator(
    figure: str, *, count: int | None = None, amount: int | None = None, published: bool = True
) -> tuple[Cell, ...]:
    return (DEFINITIONS[figure].title, count, None, amount, None, "yes" if published else "no", figure)


def _rate(told: View, title: str) -> tuple[Cell, ...]:
    amounts = (minor(told["numerator"]), minor(told["denominator"]))
    return (title, None, None, *amounts, "no", told["definition"])


# Parts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer by the keys of its rows."""

    total: View
    rows: Mapping[Key, View]


def _by_key(view: View) -> _Answer:
    return _Answer(view["total"], {tuple(row["key"].values()): row for row in view["rows"]})


def _amount(figures: View | None, *path: str) -> int:
    return minor(found(figures, *path)) or 0


def _uncut(form: Form) -> Form:
    return Form((), form.narrowed)


def _of_funds(form: Form) -> bool:
    """Say whether the funds behind can be told apart by the cuts and filters."""
    return all(cut.of_fund for cut in (*form.by, *form.narrowed))
