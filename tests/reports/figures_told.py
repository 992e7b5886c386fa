"""Every figure that is told loan by loan, with each of its parts, as the tests ask for it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from cif_engine.dates import EARLIEST_DAY
from cif_engine.portfolio.classification import ClassBand, Comparator, RuleSet
from cif_engine.portfolio.contributions import Subject
from cif_engine.portfolio.roll_rates import BANDS
from cif_engine.portfolio.subjects import DCB_PARTS, KINDS, Days, Sought, is_of_period, subject

RULES = RuleSet(
    "sbp",
    1,
    "As it is shipped",
    EARLIEST_DAY,
    Comparator.AT_LEAST,
    (
        ClassBand("Regular", 0, 29, Decimal(0)),
        ClassBand("Watch (OAEM)", 30, 59, Decimal(0)),
        ClassBand("Substandard", 60, 89, Decimal("0.25")),
        ClassBand("Doubtful", 90, 179, Decimal("0.5")),
        ClassBand("Loss", 180, None, Decimal(1)),
    ),
    "",
)
"""The shipped rule set in which a loan late by n days counts as late over n."""


def every_sought(day: date) -> Iterator[Sought]:
    """Give every figure on a day, with each of its parts; months are some around the day."""
    months = [f"{day.year - 1 + month // 12}-{month % 12 + 1:02}" for month in range(day.month - 2, day.month + 15, 2)]
    parts = {
        "ageing": BANDS,
        "provisioning": [band.name for band in RULES.bands],
        "maturity": ["overdue", f"{day:%Y-%m}", *months],
        "dcb": list(DCB_PARTS),
    }
    for figure in KINDS:
        match figure:
            case "par_n" | "par_n_renegotiated":
                yield from (Sought(figure, days=days) for days in (0, 1, 30, 47, 365))
            case "vintage":
                for part in (None, "late", "renegotiated", "written_off"):
                    yield from (Sought(figure, days=30, part=part, cohort=month) for month in months)
            case "migration":
                rows, cells = [*BANDS, "new", "all"], [*BANDS, "repaid", "written_off"]
                yield from (Sought(figure, came_from=row, went_to=cell) for row in rows for cell in cells)
            case _:
                yield from (Sought(figure, part=part) for part in parts.get(figure, [None]))


def every_subject(from_on: date, day: date) -> list[tuple[Sought, Subject]]:
    """Return every figure of the day, and of the period that ends with it."""
    return [(sought, subject(sought, days_of(sought.figure, from_on, day))) for sought in every_sought(day)]


def days_of(figure: str, from_on: date, day: date) -> Days:
    return Days(day, RULES, from_on if is_of_period(figure) else None)
