"""By what a portfolio is cut and narrowed. A cut uses what a loan was made under: moving later rewrites no past.

The area and the programme of an LSO are those of the day of the report, as known then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from cif_engine.errors import CutValueUnknownError, TooManyCutsError

MOST_CUTS: Final = 2

NOTHING: Final = "-"
"""What a filter calls a code that is null: of loans under no tranche, of LSOs of no known tehsil or union council."""


class Cut(StrEnum):
    """One way to cut a portfolio, and to narrow it."""

    RSP = "rsp"
    DISTRICT = "district"
    TEHSIL = "tehsil"
    UNION_COUNCIL = "union_council"
    LSO = "lso"
    VO = "vo"
    CO = "co"
    FUND = "fund"
    FUNDER = "funder"
    TRANCHE = "tranche"
    PRODUCT = "product"
    PURPOSE = "purpose"
    CYCLE = "cycle"
    POVERTY_BAND = "poverty_band"
    GENDER = "gender"
    CHANNEL = "channel"

    @property
    def within(self) -> tuple[Cut, ...]:
        """What its codes mean something within only, so that the codes of those go with it."""
        if self is Cut.TRANCHE:
            return (Cut.LSO, Cut.FUND)
        return (Cut.LSO,) if self in (Cut.VO, Cut.CO, Cut.FUND, Cut.PRODUCT) else ()

    @property
    def of_lso(self) -> bool:
        """Whether it says where the loan's LSO is, and nothing of the loan."""
        return self in (Cut.RSP, Cut.DISTRICT, Cut.TEHSIL, Cut.UNION_COUNCIL, Cut.LSO)

    @property
    def moves(self) -> bool:
        """Whether what it says of one loan may differ from day to day: areas are redrawn, funds change hands."""
        return self is Cut.FUNDER or (self.of_lso and self is not Cut.LSO)

    @property
    def of_fund(self) -> bool:
        """Whether the ledger can be cut by it: all loans of a fund are in one row."""
        return self.of_lso or self in (Cut.FUND, Cut.FUNDER)


class PovertyBand(NamedTuple):
    """Poverty scores from one to another, both included, by the name of their band."""

    name: str
    score_from: int
    score_to: int


POVERTY_BANDS: Final = (
    PovertyBand("0-11", 0, 11),
    PovertyBand("12-18", 12, 18),
    PovertyBand("19-23", 19, 23),
    PovertyBand("24-100", 24, 100),
)
NO_SCORE: Final = "none"
"""The band of households that were never scored."""

_CHOICES: Final[dict[Cut, frozenset[str]]] = {
    Cut.POVERTY_BAND: frozenset({*(band.name for band in POVERTY_BANDS), NO_SCORE}),
    Cut.GENDER: frozenset({"female", "male"}),
    Cut.CHANNEL: frozenset({"cash", "bank", "cheque", "wallet"}),
}
_NUMBERED: Final = (Cut.CYCLE, Cut.TRANCHE)
MOST_DIGITS: Final = 9
NULLABLE: Final = (Cut.TEHSIL, Cut.UNION_COUNCIL, Cut.TRANCHE)
"""Cuts of which a loan may have none."""

Code = str | int | None
Key = tuple[Code, ...]
"""The codes of one row, in the order of `Form.key`; None where a loan has none of it."""


class Form(NamedTuple):
    """What statements differ by: the cuts, and those that are narrowed to some values."""

    by: tuple[Cut, ...] = ()
    narrowed: frozenset[Cut] = frozenset()

    @property
    def key(self) -> tuple[Cut, ...]:
        """What each code of a row's key is: the cuts, each after those within which its codes mean something."""
        return tuple(dict.fromkeys(cut for asked in self.by for cut in (*asked.within, asked)))

    @property
    def shares_people(self) -> bool:
        """Whether one person may be counted in several rows: not where the rows are LSOs or larger."""
        return any(not cut.of_lso for cut in self.by)


@dataclass(frozen=True, slots=True)
class Cutting:
    """How a portfolio is asked for: cut by up to two, narrowed by any; `only` has the values wanted, by cut.

    Raises TooManyCutsError, and CutValueUnknownError for a value that no loan can have.
    """

    by: tuple[Cut, ...] = ()
    only: tuple[tuple[Cut, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        if len(self.by) > MOST_CUTS or len(set(self.by)) < len(self.by):
            raise TooManyCutsError(f"Name at most {MOST_CUTS} cuts, each once.", pointer="/by")
        for cut, values in self.only:
            for value in values:
                _refuse_impossible(cut, value)

    @property
    def form(self) -> Form:
        """What statements differ by."""
        return Form(self.by, frozenset(cut for cut, _ in self.only))

    @property
    def parameters(self) -> dict[str, Any]:
        """What a statement of this form binds: the values of each cut that is narrowed, and whether none is one."""
        bound: dict[str, Any] = {}
        for cut, values in self.only:
            said = [value for value in values if cut not in NULLABLE or value != NOTHING]
            bound[f"only_{cut.value}"] = tuple(map(int, said)) if cut in _NUMBERED else tuple(said)
            if cut in NULLABLE:
                bound[f"or_no_{cut.value}"] = int(len(said) < len(values))
        return bound


WHOLE: Final = Cutting()
"""Uncut, and all of it."""


def poverty_band(score: int | None) -> str:
    """Return the name of the band of a poverty score."""
    if score is None:
        return NO_SCORE
    return next(band.name for band in POVERTY_BANDS if score <= band.score_to)


def in_order(key: Key) -> tuple[tuple[bool, str | int], ...]:
    """Return what sorts rows: by their codes, numbers as numbers, those without one last."""
    return tuple((code is None, "" if code is None else code) for code in key)


def _refuse_impossible(cut: Cut, value: str) -> None:
    choices = _CHOICES.get(cut)
    if choices is not None and value not in choices:
        raise CutValueUnknownError(f"{cut} is one of {', '.join(sorted(choices))}.", pointer=f"/{cut}")
    if cut in _NUMBERED and not _is_number(value) and not (cut is Cut.TRANCHE and value == NOTHING):
        raise CutValueUnknownError(f"{cut} is a whole number.", pointer=f"/{cut}")


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS
