"""The restatement bridge as a file: the figure at both moments with the lines between, and the acts behind them."""

from __future__ import annotations

from datetime import tzinfo

from cif_engine.documents.report import Cell, Column, Report, Table, Unit
from cif_engine.operations.explaining import Inquiry, report_about
from cif_engine.operations.files import FileForm, ReportFile, make_file
from cif_engine.operations.reporting import known_view
from cif_engine.operations.restating import (
    ActOf,
    Bridge,
    acts_after,
    bridged,
    days_to_record,
    happened_on,
    lines_between,
)
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.explaining import Place
from cif_engine.portfolio.contributions import Contribution, Subject


def restatement_file(
    databases: Databases, inquiry: Inquiry, reported_at: int, zone: tzinfo, form: FileForm, *, acts_alone: bool = False
) -> ReportFile:
    """Return the bridge and its acts as a file, or the acts alone; a CSV is the first of its tables.

    Raises what the report does, and TooManyRowsError.
    """
    with bridged(databases, inquiry, reported_at) as bridge:
        acts = _acts_table(bridge, zone)
        tables = (acts,) if acts_alone else (_bridge_table(bridge), acts)
        report = _report(inquiry, bridge, tables)
        return make_file(report, form, f"restatement-{inquiry.sought.figure}-{inquiry.day}")


def _report(inquiry: Inquiry, bridge: Bridge, tables: tuple[Table, ...]) -> Report:
    return report_about(
        inquiry,
        bridge.after,
        bridge.about,
        tables,
        "Restatement",
        (("As reported", f"known at {known_view(bridge.before.at) or 'a time when nothing was recorded'}"),),
    )


def _bridge_table(bridge: Bridge) -> Table:
    reported, known, lines = lines_between(bridge)
    rows = [
        _bridge_row(bridge.was_about, "as reported", None, None, reported.whole),
        *(_bridge_row(bridge.about, line.cause.value, line.acts, line.loans, line.change) for line in lines),
        _bridge_row(bridge.about, "as known", None, None, known.whole),
    ]
    columns = (
        Column("line", "Line", width=18),
        Column("acts", "Acts", Unit.COUNT),
        Column("loans", "Loans", Unit.COUNT),
        *_amount_columns(bridge.about),
    )
    return Table("Bridge", "From the figure as reported to the figure as known", columns, rows)


def _bridge_row(
    about: Subject, line: str, acts: int | None, loans: int | None, amount: Contribution
) -> tuple[Cell, ...]:
    return line, acts, loans, *_amounts(about, amount)


def _acts_table(bridge: Bridge, zone: tzinfo) -> Table:
    columns = (
        Column("lso", "LSO"),
        Column("loan", "Loan", width=18),
        Column("cause", "Cause", width=16),
        Column("effective_on", "Happened on", Unit.DAY),
        Column("recorded_at", "Recorded at", Unit.MOMENT),
        Column("days_to_record", "Days to record", Unit.COUNT),
        Column("events", "Events", width=20),
        *_amount_columns(bridge.about),
    )
    rows = (_act_row(bridge.about, one, zone) for one in acts_after(bridge, Place(), 0))
    return Table("Acts", "The acts that moved it", columns, rows)


def _act_row(about: Subject, one: ActOf, zone: tzinfo) -> tuple[Cell, ...]:
    return (
        one.loan.place.lso,
        one.loan.place.number,
        one.act.cause.value,
        happened_on(one.act),
        one.act.at,
        days_to_record(one.act, zone),
        " ".join(str(heard.seq) for heard in one.act.heard),
        *_amounts(about, one.act.change),
    )


def _amount_columns(about: Subject) -> tuple[Column, ...]:
    numerator = Column("numerator", "Numerator" if about.is_share else "Amount", Unit.MONEY)
    return (numerator, Column("denominator", "Denominator", Unit.MONEY)) if about.is_share else (numerator,)


def _amounts(about: Subject, amount: Contribution) -> tuple[Cell, ...]:
    return tuple(amount) if about.is_share else (amount.numerator_minor,)
