"""A figure as it was printed: its text, what it says, and how exactly.

`90.32` in millions says 90,320,000 rupees to the nearest 10,000, so it does not contradict an earlier `90.320168`. The
text is kept, because the value alone no longer tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cif_engine.errors import PrintedUnreadableError
from cif_engine.money import MAX_MINOR

LONGEST_TEXT: Final = 40
MOST_COUNT: Final = 10**12
RUPEE: Final = 100
"""In minor units."""
SHARE_PARTS: Final = 10_000
"""Into how many parts one per cent is divided."""


class Kind(StrEnum):
    """What a measure counts in; values are minor units of money, whole things, or ten-thousandths of a per cent."""

    AMOUNT = "amount"
    COUNT = "count"
    SHARE = "share"


class Unit(StrEnum):
    """In what a figure was printed."""

    PKR = "pkr"
    PKR_THOUSAND = "pkr_thousand"
    PKR_LAKH = "pkr_lakh"
    PKR_MILLION = "pkr_million"
    PKR_CRORE = "pkr_crore"
    PKR_BILLION = "pkr_billion"
    NUMBER = "number"
    PER_CENT = "per_cent"

    @property
    def kind(self) -> Kind:
        """Return what it counts."""
        return {"number": Kind.COUNT, "per_cent": Kind.SHARE}.get(self.value, Kind.AMOUNT)

    @property
    def around(self) -> str:
        """Return what stands around a figure: `PKR {} million`."""
        if self.kind is not Kind.AMOUNT:
            return "{} %" if self is Unit.PER_CENT else "{}"
        return f"PKR {{}} {self.value.removeprefix('pkr').removeprefix('_')}".rstrip()


USUAL_UNIT: Final = {Kind.AMOUNT: Unit.PKR, Kind.COUNT: Unit.NUMBER, Kind.SHARE: Unit.PER_CENT}

_PARTS: Final = {
    Unit.PKR: RUPEE,
    Unit.PKR_THOUSAND: RUPEE * 10**3,
    Unit.PKR_LAKH: RUPEE * 10**5,
    Unit.PKR_MILLION: RUPEE * 10**6,
    Unit.PKR_CRORE: RUPEE * 10**7,
    Unit.PKR_BILLION: RUPEE * 10**9,
    Unit.NUMBER: 1,
    Unit.PER_CENT: SHARE_PARTS,
}
"""How many parts, in which values are kept, one of the unit has."""

_MOST: Final = {Kind.AMOUNT: MAX_MINOR, Kind.COUNT: MOST_COUNT, Kind.SHARE: 100_000 * SHARE_PARTS}
_FIGURE: Final = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3})(?:\.([0-9]+))?")
_MISSING: Final = frozenset(
    {"", "-", "--", "---", "\u2013", "\u2014", "..", "...", "\u2026", "n/a", "#n/a", "n.a.", "na", "nan"}
    | {"nil", "null", "none", "not available", "not reported"}
)
"""What stands where there is no figure: dashes and dots, en and em ones too, and words for none."""
_ROUGHLY: Final = 100
"""A count that ends in two noughts may be told roughly."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as printed. `value` is None where the place holds none; `step` is one of its last digit.

    Both are in the parts of the kind: minor units, whole things, ten-thousandths of a per cent.
    """

    text: str | None
    unit: Unit
    value: int | None
    step: int

    @property
    def kind(self) -> Kind:
        """Return what it counts."""
        return self.unit.kind

    @property
    def is_missing(self) -> bool:
        """Whether there is no figure."""
        return self.value is None

    @property
    def known(self) -> int:
        """Return the value, which is there."""
        assert self.value is not None, "asked of a figure that is missing"
        return self.value

    @property
    def round_step(self) -> int:
        """Return one of the last digit that is not a nought: to what whole rupees, or a count, may be rounded."""
        if self.unit not in {Unit.PKR, Unit.NUMBER} or not self.value:
            return self.step
        step = self.step
        while not self.value % (step * 10):
            step *= 10
        return step

    @property
    def slack(self) -> int:
        """Return by how much what was meant may differ, read generously.

        Of whole rupees and counts at most a hundredth: nobody rounds 4,000,000 to the next million. Counts are exact
        but for large ones that end in noughts: 17,000 may be 16,956.
        """
        if self.unit not in {Unit.PKR, Unit.NUMBER}:
            return self.step
        rounded = min(self.round_step, self.known // 100)
        if self.kind is Kind.COUNT:
            return rounded if rounded >= _ROUGHLY else 0
        return max(self.step, rounded)

    @property
    def least(self) -> int:
        """Return the least that may have been meant."""
        return max(self.known - self.slack, 0)

    @property
    def most(self) -> int:
        """Return the most that may have been meant."""
        return self.known + self.slack

    def __str__(self) -> str:
        """Return the text with its unit: `PKR 90.32 million`."""
        bare = (self.text or "-").strip().removesuffix("%").rstrip()
        return self.unit.around.format(bare)


def read_printed(text: str | None, unit: Unit) -> Printed:
    """Return what a text says; raises PrintedUnreadableError.

    Thousands may be grouped in either way, `327,152,021` and `32,71,52,021`; a share may end in `%`.
    """
    bare = "" if text is None else text.strip()
    if bare.casefold() in _MISSING:
        return Printed(text, unit, None, _PARTS[unit])
    if unit is Unit.PER_CENT:
        bare = bare.removesuffix("%").rstrip()
    found = _FIGURE.fullmatch(bare) if len(bare) <= LONGEST_TEXT else None
    if found is None:
        raise PrintedUnreadableError(
            f'"{bare[:LONGEST_TEXT]}" is not a figure: write digits as printed, with commas or without, '
            'and "-" where the source has none.'
        )
    return _value_of(str(text), unit, found[1].replace(",", ""), found[2] or "")


def _value_of(text: str, unit: Unit, whole: str, decimals: str) -> Printed:
    finest = len(str(_PARTS[unit])) - 1
    kept, beyond = decimals[:finest], decimals[finest:]
    if beyond.strip("0"):  # a spreadsheet writes 152 as 152.0
        raise PrintedUnreadableError(f'"{text}" has more decimals than {_finest(unit)} allow.')
    step = _PARTS[unit] // 10 ** len(kept)
    value = int(whole + kept) * step
    if value > _MOST[unit.kind]:
        raise PrintedUnreadableError(f'"{text}" is larger than any figure that can be kept.')
    return Printed(text, unit, value, step)


def _finest(unit: Unit) -> str:
    return {Kind.AMOUNT: "rupees and paisa", Kind.COUNT: "whole things", Kind.SHARE: "four decimals"}[unit.kind]
