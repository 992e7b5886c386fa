"""Vintages, the maturity calendar and provisions of a portfolio, as they were known at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from cif_engine.errors import NumberOutOfRangeError
from cif_engine.money import format_amount
from cif_engine.operations.asking import Opened, Question, asked_view, figure_query, key_view, loans_behind, opened
from cif_engine.operations.loan_views import amount_view
from cif_engine.operations.portfolio_counts import set_aside
from cif_engine.operations.portfolio_views import rate_view
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.maturity import count_maturing
from cif_engine.persistence.portfolio_reports import count_classes
from cif_engine.persistence.vintages import count_vintages
from cif_engine.portfolio.classification import RuleSet
from cif_engine.portfolio.cuts import Form, Key, in_order
from cif_engine.portfolio.maturity import Month, add_up_maturing
from cif_engine.portfolio.par import Part
from cif_engine.portfolio.provisioning import Classified, class_bounds, classified, total_required_minor
from cif_engine.portfolio.vintages import Cell, Place, add_up_cells, month_ends

MOST_MONTHS: Final = 120
"""How many months of disbursement a report may follow."""


def vintages_report(databases: Databases, question: Question, as_of: date, months: int, days: int) -> View:
    """Return the cohorts of the last months that were over by a day, with what is late over `days` in each month since.

    Raises NotFoundError and NumberOutOfRangeError.
    """
    if not 0 < months <= MOST_MONTHS:
        raise NumberOutOfRangeError(f"Vintages are followed for 1 to {MOST_MONTHS} months.", pointer="/months")
    ends = month_ends(as_of, months)
    with opened(databases, question, as_of) as asked:
        least = asked.comparator.least_days_late(days)
        found = count_vintages(asked.connection, asked.asked, ends, least)
    return {
        "as_of": as_of.isoformat(),
        **asked_view(asked),
        "definition": "vintage",
        "days": days,
        "total": {"cohorts": _cohorts_view(asked, ends, days, add_up_cells(found.values()))},
        "rows": [
            {"key": key_view(asked.form, key), "cohorts": _cohorts_view(asked, ends, days, found[key], key)}
            for key in _row_keys(asked, found)
        ],
    }


def maturity_report(databases: Databases, question: Question, as_of: date) -> View:
    """Return what falls due of a portfolio, by month; what is overdue stands first. Raises NotFoundError."""
    with opened(databases, question, as_of) as asked:
        found = count_maturing(asked.connection, asked.asked, as_of)
    return {
        "as_of": as_of.isoformat(),
        **asked_view(asked),
        "definition": "maturity",
        "total": _calendar_view(asked, as_of, add_up_maturing(found.values())),
        "rows": [
            {"key": key_view(asked.form, key), **_calendar_view(asked, as_of, found[key], key)}
            for key in _row_keys(asked, found)
        ],
    }


def provisioning_report(databases: Databases, question: Question, as_of: date) -> View:
    """Return a portfolio by the classes of the rule set, and what these call for beside what was set aside.

    The provision is rounded once for each class of a row, and of the whole. Raises NotFoundError.
    """
    with opened(databases, question, as_of) as asked:
        rule_set = asked.rule_set
        found = count_classes(asked.connection, asked.asked, as_of, class_bounds(rule_set, as_of))
        allowances = set_aside(asked, as_of, asked.form)
        in_all = set_aside(asked, as_of, Form((), asked.form.narrowed))
    nothing = (Part(),) * len(rule_set.bands)
    keys = sorted({*found, *(allowances or ())}, key=in_order) if asked.form.by else []
    return {
        "as_of": as_of.isoformat(),
        **asked_view(asked),
        "definition": "provisioning",
        "total": _classes_view(asked, as_of, _sum_by_class(rule_set, found.values()), (in_all or {}).get(())),
        "rows": [
            {
                "key": key_view(asked.form, key),
                **_classes_view(
                    asked,
                    as_of,
                    found.get(key, nothing),
                    None if allowances is None else allowances.get(key, 0),
                    key,
                ),
            }
            for key in keys
        ],
    }


def _row_keys(asked: Opened, found: Iterable[Key]) -> list[Key]:
    return sorted(found, key=in_order) if asked.form.by else []


def _cohorts_view(
    asked: Opened, ends: Sequence[date], days: int, cells: Mapping[Place, Cell], key: Key = ()
) -> list[View]:
    behind = [loans_behind(asked, end, key) for end in ends]
    return [
        {
            "month": f"{month:%Y-%m}",
            "after": [
                {
                    "months": later,
                    "as_of": ends[cohort + later].isoformat(),
                    **_cell_view(cells[cohort, later]),
                    "loans_query": figure_query(
                        behind[cohort + later], "vintage", cohort=f"{month:%Y-%m}", days=days, part="late"
                    ),
                }
                for later in range(len(ends) - cohort)
                if (cohort, later) in cells
            ],
        }
        for cohort, month in enumerate(ends)
        if (cohort, 0) in cells
    ]


def _cell_view(cell: Cell) -> View:
    rate = rate_view(cell.late_rate)
    del rate["definition"]
    return {
        **rate,
        "renegotiated": format_amount(cell.renegotiated_minor),
        "renegotiated_rate": cell.renegotiated_rate.in_decimals(),
        "written_off": format_amount(cell.written_off_minor),
        "written_off_rate": cell.written_off_rate.in_decimals(),
    }


def _calendar_view(asked: Opened, as_of: date, calendar: Mapping[Month, int], key: Key = ()) -> View:
    months = [(month, amount) for month, amount in calendar.items() if month is not None]
    behind = loans_behind(asked, as_of, key)
    return {
        "gross_portfolio": format_amount(sum(calendar.values())),
        "overdue": {
            "amount": format_amount(calendar.get(None, 0)),
            "loans_query": figure_query(behind, "maturity", part="overdue"),
        },
        "months": [
            {
                "month": f"{month:%Y-%m}",
                "amount": format_amount(amount),
                "loans_query": figure_query(behind, "maturity", part=f"{month:%Y-%m}"),
            }
            for month, amount in months
        ],
    }


def _sum_by_class(rule_set: RuleSet, rows: Iterable[Sequence[Part]]) -> tuple[Part, ...]:
    sums = [Part()] * len(rule_set.bands)
    for row in rows:
        sums = [
            Part(one.outstanding_minor + other.outstanding_minor, one.loans + other.loans)
            for one, other in zip(sums, row, strict=True)
        ]
    return tuple(sums)


def _classes_view(
    asked: Opened, as_of: date, parts: Sequence[Part], allowance_minor: int | None, key: Key = ()
) -> View:
    classes = classified(asked.rule_set, parts)
    behind = loans_behind(asked, as_of, key)
    return {
        "gross_portfolio": format_amount(sum(one.part.outstanding_minor for one in classes)),
        "classes": [_class_view(one, behind) for one in classes],
        "required": amount_view(total_required_minor(classes)),
        "allowance": amount_view(allowance_minor),
    }


def _class_view(one: Classified, behind: str) -> View:
    band = one.band
    return {
        "class": band.name,
        "days_from": band.days_from,
        "days_to": band.days_to,
        "provision_rate": None if band.rate is None else format(band.rate, "f"),
        "amount": format_amount(one.part.outstanding_minor),
        "loans": one.part.loans,
        "required": amount_view(one.required_minor),
        "loans_query": figure_query(behind, "provisioning", part=band.name),
    }
