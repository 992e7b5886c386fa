"""The compliance report as tables: the tranches, what their rules found, what does not meet them, and the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.operations.asking import Question
from cif_engine.operations.compliance import compliance_report
from cif_engine.operations.reports.setting import set_on
from cif_engine.operations.reports.shown import Said
from cif_engine.operations.reports.telling import minor
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases

TRANCHES, CRITERIA, EXCEPTIONS, DIFFERENCES = "Tranches", "Criteria", "Exceptions", "Evidence"

_WHERE: Final = (
    Column("funder", "Funder", width=20),
    Column("lso", "LSO"),
    Column("fund", "Fund"),
    Column("tranche", "Tranche", Unit.COUNT),
)
_OF_TRANCHES: Final = (
    *_WHERE,
    Column("disbursed", "Disbursed", Unit.MONEY, totalled=True, definition="compliance"),
    Column("outside_rules", "Outside the rules", Unit.MONEY, totalled=True),
    Column("to_women", "To women, in its turns", Unit.MONEY, totalled=True),
    Column("paid_out", "Paid out in its turns", Unit.MONEY, totalled=True),
    Column("women_share", "Share of women", Unit.SHARE, ratio=("to_women", "paid_out"), definition="women_share"),
    Column("women_share_min", "At least", Unit.SHARE),
    Column("exceptions", "Exceptions", Unit.COUNT, totalled=True),
)
_OF_CRITERIA: Final = (
    *_WHERE,
    Column("rule", "Version", Unit.COUNT),
    Column("valid_from", "From", Unit.DAY),
    Column("criterion", "Criterion", width=16),
    Column("met", "Met", Unit.MONEY, definition="compliance"),
    Column("not_met", "Not met", Unit.MONEY),
    Column("unknown", "Unknown", Unit.MONEY),
)
_OF_EXCEPTIONS: Final = (
    *_WHERE,
    Column("loan", "Loan", width=18),
    Column("disbursed_on", "Disbursed on", Unit.DAY),
    Column("turn", "Turn", Unit.COUNT),
    Column("amount", "Amount", Unit.MONEY),
    Column("rule", "Version", Unit.COUNT),
    Column("criterion", "Criterion", width=16),
    Column("wanted", "Wanted", width=18),
    Column("found", "Found", width=18),
)
_OF_DIFFERENCES: Final = (
    *_WHERE[:3],
    Column("loan", "Loan", width=18),
    Column("disbursed_on", "Disbursed on", Unit.DAY),
    Column("told_by", "Told by", width=10),
    Column("source", "Source", width=14),
    Column("tranche", "Tranche", Unit.COUNT),
    Column("turn", "Turn", Unit.COUNT),
    Column("amount", "Amount", Unit.MONEY),
)


def compliance(databases: Databases, question: Question, as_of: date) -> Said:
    """Return the compliance report; raises NotFoundError and ReportNotCutError."""
    setting = set_on(databases, question, as_of)
    view = compliance_report(databases, setting.question, as_of)
    tables = (
        Table(TRANCHES, "Tranches with rules", _OF_TRANCHES, tuple(_tranches(view))),
        Table(CRITERIA, "What each version of a rule found", _OF_CRITERIA, tuple(_criteria(view))),
        Table(EXCEPTIONS, "Loans that do not meet a criterion", _OF_EXCEPTIONS, tuple(_exceptions(view))),
        Table(DIFFERENCES, "Evidence that differs from the lots", _OF_DIFFERENCES, tuple(_differences(view))),
    )
    return setting.says("compliance", "Compliance", tables, defines=("compliance", "women_share"))


def _of_funds(view: View) -> Iterator[tuple[tuple[Cell, ...], Any]]:
    for funder in view["funders"]:
        for fund in funder["funds"]:
            yield (funder["funder"], fund["lso"], fund["fund"]), fund


def _of_tranches(view: View) -> Iterator[tuple[tuple[Cell, ...], Any]]:
    for where, fund in _of_funds(view):
        for tranche in fund["tranches"]:
            yield (*where, tranche["tranche"]), tranche


def _tranches(view: View) -> Iterator[tuple[Cell, ...]]:
    for where, tranche in _of_tranches(view):
        women = tranche["women_share"]
        amounts = (tranche["disbursed"], tranche["outside_rules"], women["numerator"], women["denominator"])
        yield (*where, *map(minor, amounts), None, women["wanted"], tranche["exceptions_in_all"])


def _criteria(view: View) -> Iterator[tuple[Cell, ...]]:
    for where, tranche in _of_tranches(view):
        for rule in tranche["rules"]:
            version = (*where, rule["number"], date.fromisoformat(rule["valid_from"]))
            for found in rule["criteria"]:
                yield (*version, found["criterion"], *(minor(found[name]) for name in ("met", "not_met", "unknown")))


def _exceptions(view: View) -> Iterator[tuple[Cell, ...]]:
    for where, tranche in _of_tranches(view):
        for one in tranche["exceptions"]:
            drawn = (one["loan"], date.fromisoformat(one["disbursed_on"]), one["turn"], minor(one["amount"]))
            yield (*where, *drawn, one["rule"], one["criterion"], one["wanted"], one["found"])


def _differences(view: View) -> Iterator[tuple[Cell, ...]]:
    for where, fund in _of_funds(view):
        for one in fund["evidence"]["differences"]:
            loan = (*where, one["loan"], date.fromisoformat(one["disbursed_on"]))
            for told_by in ("evidence", "lots"):
                for draw in one[told_by]:
                    yield (*loan, told_by, draw["source"], draw["tranche"], draw["turn"], minor(draw["amount"]))
