"""What fell due, was collected and was lost in a period, and how loans rolled from band to band."""

from __future__ import annotations

from urllib.parse import quote

from cif_engine.dates import averaged_days
from cif_engine.money import format_amount
from cif_engine.operations.asking import Question, asked_view, key_view, opened, period_behind
from cif_engine.operations.portfolio_views import rate_view
from cif_engine.operations.reporting import Period
from cif_engine.operations.views import View
from cif_engine.persistence.average import count_average
from cif_engine.persistence.demand import count_demand
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.roll_rates import count_migration
from cif_engine.portfolio.cuts import in_order
from cif_engine.portfolio.demand import (
    AveragePortfolio,
    CountedPeriod,
    PeriodTally,
    add_up,
    cleanup,
    on_time_rate,
    write_off_ratio,
)
from cif_engine.portfolio.roll_rates import (
    BANDS,
    REPAID,
    WRITTEN_OFF,
    Flows,
    Migration,
    add_up_flows,
    all_migrations,
    migrations,
)


def collections_report(databases: Databases, question: Question, period: Period) -> View:
    """Return what fell due, was collected and was lost in a period, in all and of each row of a cut.

    Rows of which there is nothing to tell are left out. Raises NotFoundError.
    """
    with opened(databases, question, period.to_on) as asked:
        days = period.from_on, period.to_on
        tallies = count_demand(asked.connection, asked.asked, *days)
        averages = count_average(asked.connection, asked.asked, *days)
    none = AveragePortfolio(0, len(averaged_days(*days)))
    counted = {
        key: CountedPeriod(tallies.get(key, PeriodTally()), averages.get(key, none))
        for key in sorted({*tallies, *averages}, key=in_order)
    }
    rows = {key: row for key, row in counted.items() if asked.form.by and _tells(row)}
    total = _add_up_periods(list(counted.values()), none.days)
    return {
        **_days_view(period),
        **asked_view(asked),
        "total": collections_view(total, period_behind(asked, period)),
        "rows": [
            {"key": key_view(asked.form, key), **collections_view(row, period_behind(asked, period, key))}
            for key, row in rows.items()
        ],
    }


def roll_rates_report(databases: Databases, question: Question, period: Period) -> View:
    """Return from which band to which the loans went in a period, in all and of each row; raises NotFoundError."""
    with opened(databases, question, period.to_on) as asked:
        flows = count_migration(asked.connection, asked.asked, period.from_on, period.to_on)
    total = add_up_flows(way for of_row in flows.values() for way in of_row.items())
    rows = sorted(flows, key=in_order) if asked.form.by else []
    return {
        **_days_view(period),
        **asked_view(asked),
        "total": roll_rates_view(total, period_behind(asked, period)),
        "rows": [
            {"key": key_view(asked.form, key), **roll_rates_view(flows[key], period_behind(asked, period, key))}
            for key in rows
        ],
    }


def collections_view(counted: CountedPeriod, behind: str) -> View:
    """Return the figures of a period; `behind` is how its list of loans is asked for, but for the figure."""
    tally, average = counted
    return {
        "dcb": _dcb_view(tally, f"{behind}&figure=dcb&part=closing"),
        "on_time_rate": {
            **rate_view(on_time_rate(tally)),
            "prepaid": format_amount(tally.prepaid_first_minor),
            "again": {
                "amount": format_amount(tally.again_minor),
                "on_time": format_amount(tally.on_time_minor - tally.on_time_first_minor),
            },
            "loans_query": f"{behind}&figure=on_time_rate",
        },
        "cleanup": {**rate_view(cleanup(tally)), "loans_query": f"{behind}&figure=cleanup"},
        "write_off_ratio": {
            "definition": "write_off_ratio",
            "rate": write_off_ratio(tally, average),
            "numerator": format_amount(tally.written_off_minor),
            "denominator": format_amount(average.mean_minor),
            "loans_query": f"{behind}&figure=write_off_ratio",
        },
        **{
            name: {"definition": definition, "amount": format_amount(amount), "loans_query": f"{behind}&figure={name}"}
            for name, definition, amount in (
                ("disbursed", "disbursed", tally.disbursed_minor),
                ("collected", "dcb", tally.collected_minor),
                ("written_off", "write_off_ratio", tally.written_off_minor),
                ("recovered", "write_off_ratio", tally.recovered_minor),
            )
        },
    }


def roll_rates_view(flows: Flows, behind: str) -> View:
    """Return the table of a portfolio, with its rows as one."""
    return {
        "definition": "migration",
        "bands": list(BANDS),
        "table": [_migration_view(row, behind) for row in migrations(flows)],
        "whole": _migration_view(all_migrations(flows), behind),
    }


def _add_up_periods(counted: list[CountedPeriod], days: int) -> CountedPeriod:
    average = AveragePortfolio(sum(row.average.sum_minor for row in counted), days)
    return CountedPeriod(add_up(row.tally for row in counted), average)


def _tells(counted: CountedPeriod) -> bool:
    return any(counted.tally) or counted.average.sum_minor > 0


def _days_view(period: Period) -> View:
    return {"from": period.from_on.isoformat(), "to": period.to_on.isoformat()}


def _dcb_view(tally: PeriodTally, behind: str) -> View:
    return {
        "definition": "dcb",
        "opening_overdue": format_amount(tally.opening_due_minor),
        "demand": {
            "first_time": format_amount(tally.first_minor),
            "again": format_amount(tally.again_minor),
            "amount": format_amount(tally.demand_minor),
        },
        "prepaid": format_amount(tally.prepaid_minor),
        "collection": {
            "of_arrears": format_amount(tally.of_arrears_minor),
            "of_current": format_amount(tally.of_current_minor),
            "in_advance": format_amount(tally.in_advance_minor),
            "amount": format_amount(tally.collected_minor),
        },
        "written_off": format_amount(tally.written_off_due_minor),
        "rescheduled": format_amount(tally.rescheduled_due_minor),
        "closing_overdue": format_amount(tally.closing_due_minor),
        "loans_query": behind,
    }


def _migration_view(row: Migration, behind: str) -> View:
    """Return a row; which of its loans went where is asked by `came_from` and `went_to`."""
    of_row = f"{behind}&figure=migration&came_from={quote(row.band)}&went_to="
    repaid, lost = row.cells[REPAID], row.cells[WRITTEN_OFF]
    return {
        "band": row.band,
        "loans": row.whole.loans,
        "opening": format_amount(row.whole.opening_minor),
        "disbursed": format_amount(row.whole.disbursed_minor),
        "cells": [
            {"band": band, **_part_view(row, cell.closing_minor, cell.loans, of_row + quote(band))}
            for band, cell in zip(BANDS, row.cells, strict=False)
        ],
        "repaid": _part_view(row, row.whole.repaid_minor, repaid.loans, f"{of_row}repaid"),
        "written_off": _part_view(row, row.whole.written_off_minor, lost.loans, f"{of_row}written_off"),
    }


def _part_view(row: Migration, amount_minor: int, loans: int, behind: str) -> View:
    rate = row.rate(amount_minor).in_decimals()
    return {"amount": format_amount(amount_minor), "rate": rate, "loans": loans, "loans_query": behind}
