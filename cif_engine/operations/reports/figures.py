"""Each figure as a report of its own: what its answer says, as tables, with the charts that are drawn of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from cif_engine.documents.charts import Picture, draw
from cif_engine.documents.report import Chart
from cif_engine.operations.asking import Question
from cif_engine.operations.collection_reports import collections_report, roll_rates_report
from cif_engine.operations.portfolio_reports import portfolio_report, series_report
from cif_engine.operations.portfolio_tables import maturity_report, provisioning_report, vintages_report
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports import tables_of_a_day as of_day
from cif_engine.operations.reports import tables_of_a_period as of_period
from cif_engine.operations.reports.charts import (
    ageing_chart,
    ageing_over_time_chart,
    par_trend_chart,
    roll_rates_chart,
    vintages_chart,
)
from cif_engine.operations.reports.composed import ageing
from cif_engine.operations.reports.setting import cut_by, set_on, set_over
from cif_engine.operations.reports.shown import Said, as_document
from cif_engine.persistence.engines import Databases
from cif_engine.portfolio.figures import ALL_FIGURES, OF_SERIES, Figure
from cif_engine.portfolio.vintages import month_ends


def portfolio(databases: Databases, question: Question, as_of: date, figures: Collection[Figure] = ALL_FIGURES) -> Said:
    """Return a portfolio on a day; raises NotFoundError."""
    setting = set_on(databases, question, as_of)
    tables = of_day.portfolio_tables(portfolio_report(databases, setting.question, as_of, figures), setting.names)
    return setting.says("portfolio", "The portfolio", tables)


def series(
    databases: Databases, question: Question, days: Sequence[date], figures: Collection[Figure] = OF_SERIES
) -> Said:
    """Return a portfolio on many days; raises NotFoundError and DaysNotInOrderError."""
    view = series_report(databases, question, days, figures)
    setting = set_over(databases, question, Period(days[0], days[-1]))
    charts = () if question.cutting.by else _charts_over_time(figures)
    return setting.says("series", "The portfolio over time", (of_day.series_table(view, setting.names),), charts)


def vintages(databases: Databases, question: Question, as_of: date, months: int, days: int) -> Said:
    """Return loans by the month of their disbursement; raises NotFoundError and NumberOutOfRangeError."""
    setting = set_on(databases, question, as_of)
    table = of_day.vintages_table(vintages_report(databases, setting.question, as_of, months, days), setting.names)
    charts = () if question.cutting.by else (vintages_chart(table),)
    return setting.says("vintages", "Vintages", (table,), charts)


def maturity(databases: Databases, question: Question, as_of: date) -> Said:
    """Return what falls due by month; raises NotFoundError."""
    setting = set_on(databases, question, as_of)
    table = of_day.maturity_table(maturity_report(databases, setting.question, as_of), setting.names)
    return setting.says("maturity", "Maturity calendar", (table,))


def provisioning(databases: Databases, question: Question, as_of: date) -> Said:
    """Return classes and provisions; raises NotFoundError."""
    setting = set_on(databases, question, as_of)
    table = of_day.provisions_table(provisioning_report(databases, setting.question, as_of), setting.names)
    return setting.says("provisioning", "Classes and provisions", (table,))


def collections(databases: Databases, question: Question, period: Period) -> Said:
    """Return what fell due, was collected and was lost in a period; raises NotFoundError."""
    setting = set_over(databases, question, period)
    tables = of_period.collections_tables(collections_report(databases, setting.question, period), setting.names)
    return setting.says("collections", "Demand and collection", tables)


def roll_rates(databases: Databases, question: Question, period: Period) -> Said:
    """Return from which band to which loans went in a period; raises NotFoundError."""
    setting = set_over(databases, question, period)
    table = of_period.roll_rates_table(roll_rates_report(databases, setting.question, period), setting.names)
    charts = () if question.cutting.by else (roll_rates_chart(),)
    return setting.says("roll-rates", "Roll rates", (table,), charts)


# Pictures ------------------------------------------------------------------------------------------------------


def par_trend(databases: Databases, picture: Picture, question: Question, days: Sequence[date]) -> bytes:
    """Return portfolio at risk over time as a picture; raises NotFoundError and ReportNotCutError."""
    return draw(as_document(series(databases, cut_by(question), days, {Figure.PAR})), "par-trend", picture)


def ageing_picture(databases: Databases, picture: Picture, question: Question, as_of: date, months: int) -> bytes:
    """Return the portfolio by days late as a picture: at month-ends, or where it is cut by row on a day.

    Raises NotFoundError.
    """
    if question.cutting.by:
        # Of many rows the picture shows the first, and says so.
        said = replace(ageing(databases, question, as_of), charts=(ageing_chart(question.cutting.by[-1].value),))
    else:
        said = series(databases, question, month_ends(as_of, months), {Figure.AGEING})
    return draw(as_document(said), "ageing", picture)


def vintages_picture(
    databases: Databases, picture: Picture, question: Question, as_of: date, months: int, days: int
) -> bytes:
    """Return the vintages as a picture; raises NotFoundError, ReportNotCutError and NumberOutOfRangeError."""
    return draw(as_document(vintages(databases, cut_by(question), as_of, months, days)), "vintages", picture)


def roll_rates_picture(databases: Databases, picture: Picture, question: Question, period: Period) -> bytes:
    """Return the roll rates as a picture; raises NotFoundError and ReportNotCutError."""
    return draw(as_document(roll_rates(databases, cut_by(question), period)), "roll-rates", picture)


def _charts_over_time(figures: Collection[Figure]) -> tuple[Chart, ...]:
    charts = {Figure.PAR: par_trend_chart(), Figure.AGEING: ageing_over_time_chart()}
    return tuple(chart for figure, chart in charts.items() if figure in figures)
