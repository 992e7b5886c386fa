"""What is reported of a Community Investment Fund: each measure, what it counts in, and whether it may fall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cif_engine.reported.printed import Kind, Unit


class Nature(StrEnum):
    """Whether a measure counts everything since the beginning, and so never falls, or what there is on the day."""

    CUMULATIVE = "cumulative"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `written` are the other names under which it stands in published tables."""

    id: str
    title: str
    kind: Kind
    nature: Nature
    written: tuple[str, ...] = ()

    @property
    def is_cumulative(self) -> bool:
        """Whether it never falls."""
        return self.nature is Nature.CUMULATIVE


def _amount(name: str, title: str, nature: Nature, *written: str) -> Measure:
    return Measure(name, title, Kind.AMOUNT, nature, written)


def _count(name: str, title: str, nature: Nature, *written: str) -> Measure:
    return Measure(name, title, Kind.COUNT, nature, written)


SUB_GRANT: Final = _amount("sub_grant", "Sub-grant received", Nature.STOCK, "cif_sub_grant")
CONTRIBUTIONS: Final = _amount("contributions", "Other contributions to the fund", Nature.STOCK)
DISBURSED: Final = _amount("disbursed", "Disbursed to date", Nature.CUMULATIVE, "cif_disbursed")
RECOVERED: Final = _amount("recovered", "Principal recovered to date", Nature.CUMULATIVE)
FALLEN_DUE: Final = _amount("fallen_due", "Principal fallen due to date", Nature.STOCK)
"""A moratorium takes back what had fallen due."""
WRITTEN_OFF: Final = _amount("written_off", "Principal written off to date", Nature.CUMULATIVE)
OUTSTANDING: Final = _amount("outstanding", "Outstanding principal", Nature.STOCK)
BORROWERS: Final = _count("borrowers", "Borrowers to date", Nature.CUMULATIVE, "cif_borrowers")
HOUSEHOLDS: Final = _count("households", "Households served to date", Nature.CUMULATIVE, "cif_households")
LOANS: Final = _count("loans", "Loans made to date", Nature.CUMULATIVE, "cif_loans")
CURRENT_BORROWERS: Final = _count("current_borrowers", "Borrowers with an open loan", Nature.STOCK)
ROUNDS: Final = _count("rounds", "Rounds of lending", Nature.CUMULATIVE)
LSOS_MANAGING: Final = _count("lsos_managing", "LSOs managing a fund", Nature.STOCK, "lsos_managing_cif")
VOS_MANAGING: Final = _count("vos_managing", "VOs managing a fund", Nature.STOCK, "vos_managing_cif")
HOUSEHOLDS_TOTAL: Final = _count("households_total", "Households in the area", Nature.STOCK)
HOUSEHOLDS_ORGANISED: Final = _count("households_organised", "Organised households", Nature.STOCK)
HOUSEHOLDS_ELIGIBLE: Final = _count(
    "households_eligible", "Eligible households", Nature.STOCK, "eligible_poor_households"
)
RECOVERY_RATE: Final = Measure("recovery_rate", "Recovery rate as stated", Kind.SHARE, Nature.STOCK)

COUNTS_OF_LENDING: Final = (LOANS, HOUSEHOLDS, BORROWERS)
"""For how many an amount was disbursed: what tells most comes first."""

MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        measure.id: measure
        for measure in (
            SUB_GRANT,
            CONTRIBUTIONS,
            DISBURSED,
            RECOVERED,
            FALLEN_DUE,
            WRITTEN_OFF,
            OUTSTANDING,
            BORROWERS,
            HOUSEHOLDS,
            LOANS,
            CURRENT_BORROWERS,
            ROUNDS,
            LSOS_MANAGING,
            VOS_MANAGING,
            HOUSEHOLDS_TOTAL,
            HOUSEHOLDS_ORGANISED,
            HOUSEHOLDS_ELIGIBLE,
            RECOVERY_RATE,
        )
    }
)
"""Every measure by its id, in the order in which they are told."""

_BY_NAME: Final[Mapping[str, Measure]] = {
    name: measure for measure in MEASURES.values() for name in (measure.id, *measure.written)
}
_UNITS: Final = sorted(Unit, key=lambda unit: -len(unit))


def find_measure(name: str) -> tuple[Measure, Unit | None] | None:
    """Return the measure of a name, with the unit that the name ends in; None where there is none.

    `cif_disbursed_pkr_million` is what is disbursed, in millions of rupees.
    """
    if name in _BY_NAME:
        return _BY_NAME[name], None
    for unit in _UNITS:
        measure = _BY_NAME.get(name.removesuffix(f"_{unit}"))
        if measure is not None and measure.kind is unit.kind:
            return measure, unit
    return None
