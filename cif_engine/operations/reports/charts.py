"""The charts of figures: PAR over time, ageing, vintages, roll rates; drawn from the tables that tell them."""

from __future__ import annotations

from cif_engine.documents.report import Chart, ChartKind, Table, Unit
from cif_engine.operations.reports.tables_of_a_day import AGEING, SERIES, VINTAGES
from cif_engine.operations.reports.tables_of_a_period import ROLL_RATES, rolled
from cif_engine.portfolio.roll_rates import BANDS

_BAND_KEYS = tuple(f"amount_{place}" for place in range(len(BANDS)))


def par_trend_chart() -> Chart:
    """PAR over month-ends, a line for each number of days that people follow."""
    return Chart(
        "par-trend",
        "Portfolio at risk",
        ChartKind.LINES,
        SERIES,
        "day",
        ("par_0", "par_30", "par_90"),
        across="Month-end",
        up="Share of the gross portfolio",
    )


def ageing_over_time_chart() -> Chart:
    """The portfolio by days late at each month-end."""
    return Chart(
        "ageing",
        "The portfolio by days late",
        ChartKind.STACKED_BARS,
        SERIES,
        "day",
        _BAND_KEYS,
        across="Month-end",
        up="Outstanding principal",
    )


def ageing_chart(labels: str) -> Chart:
    """The portfolio by days late, a bar for each row of the cut."""
    return Chart(
        "ageing",
        "The portfolio by days late",
        ChartKind.STACKED_BARS,
        AGEING,
        labels,
        _BAND_KEYS,
        across="",
        up="Outstanding principal",
    )


def vintages_chart(table: Table) -> Chart:
    """A curve for each month of disbursement, by months since."""
    after = tuple(column.key for column in table.columns if column.unit is Unit.SHARE)
    return Chart(
        "vintages",
        table.title,
        ChartKind.CURVES,
        VINTAGES,
        "cohort",
        after,
        across="Months after disbursement",
        up="Share of what was disbursed",
    )


def roll_rates_chart() -> Chart:
    """From which band to which, as a matrix."""
    return Chart(
        "roll-rates",
        "Roll rates: where the loans of each band went",
        ChartKind.HEAT_MAP,
        ROLL_RATES,
        "band",
        rolled(),
        across="At the end",
        up="At the start",
    )
