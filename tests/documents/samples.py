"""A report such as an RSP would send on: invented LSOs, figures that can be checked in the head."""

from datetime import UTC, date, datetime

from cif_engine.documents.report import Cell, Chart, ChartKind, Column, Definition, Report, Table, Unit
from cif_engine.moments import to_micros

KNOWN_AT = to_micros(datetime(2026, 7, 5, 12, 30, 0, 250_000, tzinfo=UTC))
TO_DAY = date(2026, 6, 30)
DAYS = (0, 30, 90)
BANDS = ("Current", "1-30", "31-60", "61-90", "91-180", "181-365", "> 365")


def par_by_lso(rows: tuple[tuple[Cell, ...], ...] | None = None) -> Table:
    """Amounts in paisa: together PAR > 30 is 200,000.00 of 5,000,000.00, 4 %."""
    held: tuple[tuple[Cell, ...], ...] = (
        ("DAS", "LSO Dasori", 721, 300_000_000, 15_000_000, None, date(2026, 6, 28)),
        ("NAG", "LSO Nagar Welfare", 402, 150_000_000, 5_000_000, None, date(2026, 6, 30)),
        ("SHG", "LSO Shigar", 96, 50_000_000, 0, None, None),
        ("NEW", "LSO Naya Daur", 0, 0, 0, None, None),
    )
    return Table(
        name="PAR by LSO",
        title="Portfolio at risk by LSO",
        columns=(
            Column("lso", "LSO", width=10),
            Column("name", "Name", width=28),
            Column("loans", "Loans", Unit.COUNT, totalled=True),
            Column("outstanding", "Gross portfolio", Unit.MONEY, totalled=True),
            Column("late_over_30", "Late over 30 days", Unit.MONEY, totalled=True),
            Column("par_30", "PAR > 30", Unit.SHARE, ratio=("late_over_30", "outstanding")),
            Column("last_sheet", "Last sheet", Unit.DAY),
        ),
        rows=held if rows is None else rows,
    )


def month_ends(count: int) -> list[date]:
    """Return the last days of the months up to June 2026."""
    firsts = [date(2026 + (6 - back) // 12, (6 - back) % 12 + 1, 1) for back in range(count)]
    return [date.fromordinal(first.toordinal() - 1) for first in reversed(firsts)]


def par_series(months: int = 24) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (day, (9_000 + place * 37 % 500, 100_000), (4_000 + place * 53 % 700, 100_000), (1_500 + place * 11, 100_000))
        for place, day in enumerate(month_ends(months))
    )
    columns = (Column("day", "Month-end", Unit.DAY), *(Column(f"par_{n}", f"PAR > {n}", Unit.SHARE) for n in DAYS))
    return Table("PAR over time", "Portfolio at risk at month-ends", columns, rows)


def ageing(months: int = 24) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (day, *((120_000_000 * (place + 20) // (1 + 9 * band)) + band * 1_000_000 for band in range(len(BANDS))))
        for place, day in enumerate(month_ends(months))
    )
    columns = tuple(Column(f"band_{place}", name, Unit.MONEY, totalled=False) for place, name in enumerate(BANDS))
    return Table("Ageing", "Gross portfolio by days late", (Column("day", "Month-end", Unit.DAY), *columns), rows)


def ageing_by_lso(count: int = 12) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"LSO number {place}", *((place + 3) * 90_000_000 // (1 + 7 * band * band) for band in range(len(BANDS))))
        for place in range(count)
    )
    columns = tuple(Column(f"band_{place}", name, Unit.MONEY, totalled=True) for place, name in enumerate(BANDS))
    return Table("Ageing by LSO", "Gross portfolio by days late", (Column("lso", "LSO"), *columns), rows)


def vintages(cohorts: int = 12) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            day,
            500_000_000,
            *(((k * k * (20 + place)) + k * 150, 100_000) if k < cohorts - place else None for k in range(cohorts)),
        )
        for place, day in enumerate(month_ends(cohorts))
    )
    columns = (
        Column("cohort", "Disbursed in", Unit.DAY),
        Column("disbursed", "Disbursed", Unit.MONEY, totalled=True),
        *(Column(f"after_{k}", str(k), Unit.SHARE) for k in range(cohorts)),
    )
    return Table("Vintages", "Late over 30 days by month of disbursement", columns, rows)


def roll_rates() -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name,
            *(
                900_000_000 // (1 + 3 * start) // (1 + 4 * abs(start - end)) * (end <= start + 2)
                for end in range(len(BANDS))
            ),
        )
        for start, name in enumerate(BANDS)
    )
    columns = tuple(Column(f"to_{place}", name, Unit.MONEY, totalled=True) for place, name in enumerate(BANDS))
    return Table("Roll rates", "From band to band", (Column("band", "Band at start"), *columns), rows)


CHARTS = (
    Chart(
        "par",
        "Portfolio at risk",
        ChartKind.LINES,
        "PAR over time",
        "day",
        tuple(f"par_{n}" for n in DAYS),
        across="Month-end",
        up="Share of the gross portfolio",
    ),
    Chart(
        "ageing",
        "Ageing of the portfolio",
        ChartKind.STACKED_BARS,
        "Ageing",
        "day",
        tuple(f"band_{n}" for n in range(7)),
        across="Month-end",
        up="Outstanding principal",
    ),
    Chart(
        "ageing_by_lso",
        "Ageing by LSO",
        ChartKind.STACKED_BARS,
        "Ageing by LSO",
        "lso",
        tuple(f"band_{n}" for n in range(7)),
        across="LSO",
        up="Outstanding principal",
    ),
    Chart(
        "vintages",
        "Late over 30 days, by month of disbursement",
        ChartKind.CURVES,
        "Vintages",
        "cohort",
        tuple(f"after_{n}" for n in range(12)),
        across="Months after disbursement",
        up="Share of what was disbursed",
    ),
    Chart(
        "roll_rates",
        "Roll rates: where the loans of each band went",
        ChartKind.HEAT_MAP,
        "Roll rates",
        "band",
        tuple(f"to_{n}" for n in range(7)),
        across="Band at the end",
        up="Band at the start",
    ),
)


def report(**changes: object) -> Report:
    values: dict[str, object] = {
        "title": "Portfolio summary",
        "scope": "NRSP, 4 LSOs",
        "to_day": TO_DAY,
        "known_at": KNOWN_AT,
        "tables": (par_by_lso(), par_series(), ageing(), ageing_by_lso(), vintages(), roll_rates()),
        "charts": CHARTS,
        "about": (
            ("Rule set", "Community default, in force since 1 Jul 2020"),
            ("Comparator", "late by more than n days"),
        ),
        "definitions": (
            Definition(
                "par_n",
                "Portfolio at risk > n days",
                "Outstanding principal (whole balance) of loans late by more than n days, of the gross portfolio.",
            ),
            Definition(
                "gross_portfolio", "Gross loan portfolio", "Outstanding principal of disbursed loans not written off."
            ),
        ),
    }
    return Report(**(values | changes))  # type: ignore[arg-type]  # the changes are this test's own
