"""Which figures, and parts of them, can be asked about loan by loan, and how each is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final, cast, get_args

from cif_engine.dates import averaged_days, month_end_of
from cif_engine.errors import FigurePartError, FigureUnknownError
from cif_engine.portfolio.classification import MOST_DAYS, RuleSet
from cif_engine.portfolio.contributions import (
    OUTSTANDING_ON_AVERAGED_DAYS,
    Balance,
    Maturing,
    Overdue,
    OverPeriod,
    Recovery,
    Rolled,
    Subject,
    Vintage,
    VintagePart,
)
from cif_engine.portfolio.par import AGEING_DAYS
from cif_engine.portfolio.roll_rates import BANDS, NEW, REPAID, WRITTEN_OFF

OVERDUE: Final = "overdue"
"""The part of the maturity calendar that is no month."""

ALL: Final = "all"
"""The row of the roll rates that is all of them."""

DCB_PARTS: Final[Mapping[str, str]] = {
    "opening": "opening_due_minor",
    "demand": "demand_minor",
    "demand_first": "first_minor",
    "demand_again": "again_minor",
    "prepaid": "prepaid_minor",
    "of_arrears": "of_arrears_minor",
    "of_current": "of_current_minor",
    "in_advance": "in_advance_minor",
    "collected": "collected_minor",
    "written_off": "written_off_due_minor",
    "rescheduled": "rescheduled_due_minor",
    "closing": "closing_due_minor",
}
"""The parts of demand, collection and balance, each with its amount of the tally."""

_MONTH: Final = re.compile("[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Sought:
    """A figure as it is asked for: its name, and what it takes besides (`TAKES`); None is left out."""

    figure: str
    days: int | None = None
    part: str | None = None
    cohort: str | None = None
    came_from: str | None = None
    went_to: str | None = None

    @property
    def qualifiers(self) -> dict[str, str | int]:
        """What is said besides the name."""
        said = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "figure"}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a report: one day, or those from `from_on` to `on`; and the rule set to go by."""

    on: date
    rule_set: RuleSet
    from_on: date | None = None

    @property
    def period(self) -> tuple[date, date]:
        assert self.from_on is not None, "a figure of a period is asked for with one"
        return self.from_on, self.on


def subject(sought: Sought, days: Days) -> Subject:
    """Return what is asked about; raises FigureUnknownError and FigurePartError.

    A figure of a period is asked with `Days.from_on`, one of a day without.
    """
    kind = kind_of(sought.figure)
    _refuse_wrong_qualifiers(sought, kind)
    return kind.make(sought, days)


def is_of_period(figure: str) -> bool:
    """Say whether a figure is of a period, not of a day; raises FigureUnknownError."""
    return kind_of(figure).of_period


@dataclass(frozen=True, slots=True)
class Kind:
    """A figure that can be asked about: what it needs, what it takes besides, and whether it is of a period."""

    make: Callable[[Sought, Days], Subject]
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    of_period: bool = False


def kind_of(figure: str) -> Kind:
    """Return how a figure is asked about; raises FigureUnknownError, which names those that can be."""
    found = KINDS.get(figure)
    if found is None:
        raise FigureUnknownError(f"{figure} is not told loan by loan. Ask for {', '.join(KINDS)}.", pointer="/figure")
    return found


def _refuse_wrong_qualifiers(sought: Sought, kind: Kind) -> None:
    said = set(sought.qualifiers)
    if missing := sorted(kind.needs - said):
        raise FigurePartError(f"{sought.figure} needs {' and '.join(missing)}.", pointer=f"/{missing[0]}")
    if beside := sorted(said - kind.needs - kind.takes):
        raise FigurePartError(f"{sought.figure} takes no {' and no '.join(beside)}.", pointer=f"/{beside[0]}")


# On a day ------------------------------------------------------------------------------------------------------


def _gross_portfolio(sought: Sought, days: Days) -> Subject:
    return Subject(sought.figure, Balance(days.on), is_share=False)


def _par(sought: Sought, days: Days) -> Subject:
    least = days.rule_set.comparator.least_days_late(_days(sought))
    or_renegotiated = sought.figure == "par_n_renegotiated"
    return Subject(sought.figure, Balance(days.on, least, or_renegotiated=or_renegotiated), is_share=True)


def _ageing(sought: Sought, days: Days) -> Subject:
    place = BANDS.index(_one_of(sought.part, BANDS, "part"))
    least = 0 if place == 0 else AGEING_DAYS[place - 1] + 1
    most = AGEING_DAYS[place] if place < len(AGEING_DAYS) else None
    return Subject(sought.figure, Balance(days.on, least, most), is_share=False)


def _provisioning(sought: Sought, days: Days) -> Subject:
    bands = {band.name: band for band in days.rule_set.bands}
    band = bands[_one_of(sought.part, bands, "part")]
    return Subject(sought.figure, Balance(days.on, band.days_from, band.days_to), is_share=False)


def _overdue(sought: Sought, days: Days) -> Subject:
    return Subject(sought.figure, Overdue(days.on), is_share=sought.figure == "arrears_rate")


def _maturity(sought: Sought, days: Days) -> Subject:
    month = None if sought.part == OVERDUE else _month(sought.part, "part", f"{OVERDUE}, or a month: 2024-07")
    return Subject(sought.figure, Maturing(days.on, month), is_share=False)


def _recovery(sought: Sought, days: Days) -> Subject:
    return Subject(sought.figure, Recovery(days.on), is_share=True)


def _vintage(sought: Sought, days: Days) -> Subject:
    part = cast("VintagePart", _one_of(sought.part or "late", get_args(VintagePart), "part"))
    month = _month(sought.cohort, "cohort", "a month: 2024-07")
    least = days.rule_set.comparator.least_days_late(_days(sought))
    return Subject(sought.figure, Vintage(days.on, month, month_end_of(month), part, least), is_share=True)


# Over a period -------------------------------------------------------------------------------------------------


def _dcb(sought: Sought, days: Days) -> Subject:
    field = DCB_PARTS[_one_of(sought.part, DCB_PARTS, "part")]
    return Subject("dcb", OverPeriod(*days.period, field), is_share=False)


def _share(numerator: str, denominator: str) -> Callable[[Sought, Days], Subject]:
    def make(sought: Sought, days: Days) -> Subject:
        return Subject(sought.figure, OverPeriod(*days.period, numerator, denominator), is_share=True)

    return make


def _amount(field: str, definition: str) -> Callable[[Sought, Days], Subject]:
    def make(_: Sought, days: Days) -> Subject:
        return Subject(definition, OverPeriod(*days.period, field), is_share=False)

    return make


def _write_off_ratio(sought: Sought, days: Days) -> Subject:
    measure = OverPeriod(*days.period, "written_off_minor", OUTSTANDING_ON_AVERAGED_DAYS)
    return Subject(sought.figure, measure, is_share=True, averaged_over=len(averaged_days(*days.period)))


def _migration(sought: Sought, days: Days) -> Subject:
    rows = {**{band: place for place, band in enumerate(BANDS)}, "new": NEW, ALL: None}
    cells = {**{band: place for place, band in enumerate(BANDS)}, "repaid": REPAID, "written_off": WRITTEN_OFF}
    came_from = rows[_one_of(sought.came_from, rows, "came_from")]
    went_to = cells[_one_of(sought.went_to, cells, "went_to")]
    return Subject(sought.figure, Rolled(*days.period, came_from, went_to), is_share=True)


KINDS: Final[Mapping[str, Kind]] = {
    "gross_portfolio": Kind(_gross_portfolio),
    "par_n": Kind(_par, frozenset({"days"})),
    "par_n_renegotiated": Kind(_par, frozenset({"days"})),
    "ageing": Kind(_ageing, frozenset({"part"})),
    "provisioning": Kind(_provisioning, frozenset({"part"})),
    "overdue": Kind(_overdue),
    "arrears_rate": Kind(_overdue),
    "maturity": Kind(_maturity, frozenset({"part"})),
    "recovery_rate": Kind(_recovery),
    "vintage": Kind(_vintage, frozenset({"cohort", "days"}), frozenset({"part"})),
    "demand": Kind(_amount("demand_minor", "demand"), of_period=True),
    "dcb": Kind(_dcb, frozenset({"part"}), of_period=True),
    "on_time_rate": Kind(_share("on_time_first_minor", "first_minor"), of_period=True),
    "cleanup": Kind(_share("of_arrears_minor", "opening_due_minor"), of_period=True),
    "disbursed": Kind(_amount("disbursed_minor", "disbursed"), of_period=True),
    "collected": Kind(_amount("collected_minor", "dcb"), of_period=True),
    "written_off": Kind(_amount("written_off_minor", "write_off_ratio"), of_period=True),
    "recovered": Kind(_amount("recovered_minor", "write_off_ratio"), of_period=True),
    "write_off_ratio": Kind(_write_off_ratio, of_period=True),
    "migration": Kind(_migration, frozenset({"came_from", "went_to"}), of_period=True),
}
"""Every figure that is the sum of what its loans contribute, by its name."""


# Reading -------------------------------------------------------------------------------------------------------


def _days(sought: Sought) -> int:
    assert sought.days is not None, "the figure needs it"
    if not 0 <= sought.days <= MOST_DAYS:
        raise FigurePartError(f"days is from 0 to {MOST_DAYS}.", pointer="/days")
    return sought.days


def _one_of(said: str | None, choices: Iterable[str], name: str) -> str:
    known = list(choices)
    if said not in known:
        raise FigurePartError(f"{name} is one of {', '.join(known)}.", pointer=f"/{name}")
    return said


def _month(said: str | None, name: str, words: str) -> date:
    if said is None or not _MONTH.fullmatch(said) or said < "0001":
        raise FigurePartError(f"{name} is {words}.", pointer=f"/{name}")
    return date(int(said[:4]), int(said[5:]), 1)
