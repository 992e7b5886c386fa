"""The figures of a period as tables: demand, collection and balance; how it was collected; losses; roll rates."""

from __future__ import annotations

from collections.abc import Iterator

from cif_engine.documents.report import Cell, Column, Table, Unit
from cif_engine.operations.reports.tables_of_a_day import band_title
from cif_engine.operations.reports.telling import NO_NAMES, Labels, Names, amount, minor, share, table_of
from cif_engine.operations.views import View
from cif_engine.portfolio.roll_rates import BANDS

DCB, COLLECTION, LOSSES, ROLL_RATES = "DCB", "Collection", "Losses", "Roll rates"

DEMAND_AND_COLLECTION = (
    amount("opening_overdue", "Overdue at the start", "dcb", "opening_overdue", definition="dcb"),
    amount("demand_first", "Falling due for the first time", "dcb", "demand", "first_time", definition="demand"),
    amount("demand_again", "Falling due again", "dcb", "demand", "again"),
    amount("prepaid", "Of it paid before the period", "dcb", "prepaid"),
    amount("of_arrears", "Collected of arrears", "dcb", "collection", "of_arrears"),
    amount("of_current", "Collected of what fell due", "dcb", "collection", "of_current"),
    amount("in_advance", "Collected in advance", "dcb", "collection", "in_advance"),
    amount("collected", "Principal collected", "dcb", "collection", "amount"),
    amount("written_off_due", "Overdue written off", "dcb", "written_off"),
    amount("rescheduled_due", "Overdue rescheduled", "dcb", "rescheduled"),
    amount("closing_overdue", "Overdue at the end", "dcb", "closing_overdue"),
)
ON_TIME = (
    amount("fell_due", "Fell due for the first time", "on_time_rate", "denominator"),
    amount("on_time", "Collected by the due date", "on_time_rate", "numerator"),
    share("on_time_rate", "On-time rate", "on_time", "fell_due", "on_time_rate"),
)
CLEAN_UP = (
    amount("arrears_at_start", "Overdue at the start", "cleanup", "denominator"),
    amount("arrears_collected", "Collected of it", "cleanup", "numerator"),
    share("cleanup", "Clean-up", "arrears_collected", "arrears_at_start", "cleanup"),
)
LOST = (
    amount("written_off", "Written off", "write_off_ratio", "numerator"),
    amount("average_portfolio", "Average gross portfolio", "write_off_ratio", "denominator", given=True),
    share("write_off_ratio", "Write-off ratio", "written_off", "average_portfolio", "write_off_ratio"),
    amount("recovered", "Recovered of loans written off", "recovered", "amount"),
)


def collections_tables(view: View, names: Names = NO_NAMES) -> tuple[Table, ...]:
    """Return the answer about a period: demand and collection, what of it came in time, losses."""
    return dcb_table(view, names), collection_table(view, names), losses_table(view, names)


def dcb_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return demand, collection and balance; a row goes on from the left to the right."""
    return table_of(DCB, "Demand, collection, balance", view, DEMAND_AND_COLLECTION, names)


def collection_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return what came by its due date, and what came of old dues."""
    return table_of(COLLECTION, "On-time collection and clean-up", view, [*ON_TIME, *CLEAN_UP], names)


def losses_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return what was lent, written off and recovered."""
    disbursed = amount("disbursed", "Disbursed", "disbursed", "amount", definition="disbursed")
    return table_of(LOSSES, "Disbursed, written off, recovered", view, [disbursed, *LOST], names)


def roll_rates_table(view: View, names: Names = NO_NAMES) -> Table:
    """Return from which band of days late to which loans went: what those of a row owed, and where it is now."""
    labels = Labels(view, names)
    columns = (
        *labels.columns,
        Column("band", "At the start", width=14, definition="migration"),
        Column("loans", "Loans", Unit.COUNT, totalled=True),
        Column("opening", "Outstanding at the start", Unit.MONEY, totalled=True),
        Column("disbursed", "Disbursed", Unit.MONEY, totalled=True),
        *(Column(f"to_{place}", band_title(name), Unit.MONEY, totalled=True) for place, name in enumerate(BANDS)),
        Column("repaid", "Repaid", Unit.MONEY, totalled=True),
        Column("written_off", "Written off", Unit.MONEY, totalled=True),
    )
    rows = tuple((*label, *_way(row)) for label, row in _rows(view, labels))
    return Table(ROLL_RATES, "From which band of days late to which", columns, rows)


def rolled() -> tuple[str, ...]:
    """Return the columns that a picture of roll rates colours."""
    return (*(f"to_{place}" for place in range(len(BANDS))), "repaid", "written_off")


def _rows(view: View, labels: Labels) -> Iterator[tuple[tuple[Cell, ...], View]]:
    if not view["by"]:
        yield from (((), row) for row in view["total"]["table"])
    for figures in view["rows"]:
        for row in figures["table"]:
            yield labels.cells(figures["key"]), row


def _way(row: View) -> Iterator[Cell]:
    yield "New" if row["band"] == "new" else band_title(row["band"])
    yield row["loans"]
    yield minor(row["opening"])
    yield minor(row["disbursed"])
    for cell in row["cells"]:
        yield minor(cell["amount"])
    yield minor(row["repaid"]["amount"])
    yield minor(row["written_off"]["amount"])
