"""The reports that people expect of figures: the portfolio summary, PAR, ageing; demand, collection and balance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.operations.asking import Question
from cif_engine.operations.collection_reports import collections_report
from cif_engine.operations.portfolio_reports import portfolio_report, series_report
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports import tables_of_a_day as of_day
from cif_engine.operations.reports import tables_of_a_period as of_period
from cif_engine.operations.reports.charts import ageing_chart, ageing_over_time_chart, par_trend_chart
from cif_engine.operations.reports.setting import cut_usually, set_on, set_over
from cif_engine.operations.reports.shown import Said
from cif_engine.operations.reports.telling import minor
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.portfolio.definitions import DEFINITIONS
from cif_engine.portfolio.figures import OF_SERIES, Figure
from cif_engine.portfolio.vintages import month_ends

MONTHS_BACK: Final = 13
"""How many month-ends a trend shows: a year, with the same month of the year before."""

MOST_BARS: Final = 60
"""More rows than these are a table, and no chart that can be read."""

KEY_FIGURES: Final = "Key figures"


def summary(databases: Databases, question: Question, period: Period) -> Said:
    """Return all figures of a portfolio on the last day of a period and over it, in all and by row.

    Raises NotFoundError.
    """
    setting = set_over(databases, cut_usually(question), period)
    day = portfolio_report(databases, setting.question, period.to_on)
    over = collections_report(databases, setting.question, period)
    series = series_report(databases, setting.whole, month_ends(period.to_on, MONTHS_BACK), OF_SERIES)
    tables = (
        key_figures(day["total"], over["total"], day["comparator"]),
        *of_day.portfolio_tables(day, setting.names),
        *of_period.collections_tables(over, setting.names),
        of_day.series_table(series),
    )
    charts = (par_trend_chart(), ageing_over_time_chart())
    return setting.says("summary", "Portfolio summary", tables, charts, tuple(_ids(tables[0])))


def par(databases: Databases, question: Question, as_of: date) -> Said:
    """Return portfolio at risk by row, and how it came there; raises NotFoundError."""
    setting = set_on(databases, cut_usually(question), as_of)
    view = portfolio_report(databases, setting.question, as_of, {Figure.PAR, Figure.ARREARS})
    series = series_report(databases, setting.whole, month_ends(as_of, MONTHS_BACK), {Figure.PAR})
    tables = (of_day.par_table(view, setting.names), of_day.series_table(series))
    return setting.says("par", "Portfolio at risk", tables, (par_trend_chart(),))


def ageing(databases: Databases, question: Question, as_of: date) -> Said:
    """Return the portfolio by days late, by row; raises NotFoundError."""
    setting = set_on(databases, cut_usually(question), as_of)
    view = portfolio_report(databases, setting.question, as_of, {Figure.AGEING})
    table = of_day.ageing_table(view, setting.names)
    charts = (ageing_chart(view["by"][-1]),) if len(view["rows"]) <= MOST_BARS else ()
    return setting.says("ageing", "Ageing of the portfolio", (table,), charts)


def dcb(databases: Databases, question: Question, period: Period) -> Said:
    """Return what fell due, was collected and is overdue, by row; raises NotFoundError."""
    setting = set_over(databases, cut_usually(question), period)
    view = collections_report(databases, setting.question, period)
    return setting.says("dcb", "Demand, collection, balance", of_period.collections_tables(view, setting.names))


# Key figures ---------------------------------------------------------------------------------------------------

_COLUMNS: Final = (
    Column("figure", "Figure", width=38),
    Column("share", "Share", Unit.SHARE, ratio=("amount", "of")),
    Column("amount", "Amount", Unit.MONEY),
    Column("of", "Of", Unit.MONEY),
    Column("count", "Count", Unit.COUNT),
    Column("definition", "Definition", width=24),
)

Line = tuple[Cell, ...]


def key_figures(day: View, over: View, comparator: str) -> Table:
    """Return the figures of a whole portfolio, one under the other, each with what it is of what."""
    return Table(KEY_FIGURES, "Key figures", _COLUMNS, (*_of_day(day, comparator), *_of_period(over)))


def _of_day(day: View, comparator: str) -> Iterator[Line]:
    yield _line("gross_portfolio", amount=minor(day["gross_portfolio"]["amount"]))
    for name in ("loans", "borrowers", "households"):
        yield _line(name, count=day[name])
    for figure, suffix in (("par", ""), ("par_renegotiated", " with renegotiated")):
        for told in day[figure]:
            title = f"PAR {comparator} {told['days']}{suffix}"
            yield _share(told, title, told["loans"])
    yield _share(day["arrears_rate"])
    yield _share(day["recovery_rate"])
    if day["risk_coverage"]:
        yield _share(day["risk_coverage"])


def _of_period(over: View) -> Iterator[Line]:
    for name in ("on_time_rate", "cleanup", "write_off_ratio"):
        yield _share(over[name])
    yield _line("disbursed", amount=minor(over["disbursed"]["amount"]))
    yield "Principal collected", None, minor(over["collected"]["amount"]), None, None, "dcb"
    yield "Recovered of loans written off", None, minor(over["recovered"]["amount"]), None, None, None


def _line(figure: str, *, amount: int | None = None, count: int | None = None) -> Line:
    return (DEFINITIONS[figure].title, None, amount, None, count, figure)


def _share(told: View, title: str | None = None, count: int | None = None) -> Line:
    figure = told["definition"]
    words = title or DEFINITIONS[figure].title
    return (words, None, minor(told["numerator"]), minor(told["denominator"]), count, figure)


def _ids(table: Table) -> Iterator[str]:
    place = table.index("definition")
    for row in table.rows:
        if row[place]:
            yield str(row[place])
