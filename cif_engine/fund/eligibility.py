"""What a funder lets its tranche be lent for: the rules of a tranche, and whether a loan keeps to them.

A rule holds from a day on, and says which loans the rupees of one tranche may pay for: in their first turn, or whenever
they are lent again. What a criterion found is kept with the loan, whether it was met or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from cif_engine.errors import LimitsReversedError, NumberOutOfRangeError
from cif_engine.money import MAX_MINOR, format_amount

HIGHEST_SCORE: Final = 100
HIGHEST_CYCLE: Final = 10**6
HIGHEST_TRANCHE: Final = 9_999
MOST_AREAS: Final = 500
SHARE_DECIMALS: Final = 4
WOMAN: Final = "female"


class Turns(StrEnum):
    """Whether a rule is about the first loan that a rupee pays for, or about every one."""

    FIRST = "first"
    ALL = "all"


class AreaKind(StrEnum):
    """What an area of a rule is."""

    VO = "vo"
    CO = "co"
    UNION_COUNCIL = "union_council"


class Area(NamedTuple):
    """A VO, a CO, or a union council, by its code."""

    kind: AreaKind
    code: str


@dataclass(frozen=True, slots=True)
class TrancheRule:
    """What the loans out of a tranche keep to from a day on: a version of it. What is None or empty asks for nothing.

    Of the poverty band, one end may be left out: 0 or 100. `women_share_min` is of all that the tranche has paid out,
    in the turns that the rule is about. Raises NumberOutOfRangeError and LimitsReversedError.
    """

    tranche: int
    number: int
    valid_from: date
    turns: Turns = Turns.ALL
    poverty_score_from: int | None = None
    poverty_score_to: int | None = None
    women_share_min: Decimal | None = None
    areas: tuple[Area, ...] = ()
    amount_max_minor: int | None = None
    cycle_max: int | None = None
    remark: str = ""

    def __post_init__(self) -> None:
        _check(self.tranche, 1, HIGHEST_TRANCHE, "/tranche")
        _check(self.number, 1, 10**9, "/number")
        _check(self.poverty_score_from, 0, HIGHEST_SCORE, "/poverty_score_from")
        _check(self.poverty_score_to, 0, HIGHEST_SCORE, "/poverty_score_to")
        _check(self.amount_max_minor, 1, MAX_MINOR, "/amount_max")
        _check(self.cycle_max, 1, HIGHEST_CYCLE, "/cycle_max")
        if self.women_share_min is not None and not 0 < self.women_share_min <= 1:
            raise NumberOutOfRangeError("The share is above 0, and 1 at most.", pointer="/women_share_min")
        band = self.band
        if band is not None and band[0] > band[1]:
            raise LimitsReversedError("The lower limit lies above the upper one.", pointer="/poverty_score_from")
        object.__setattr__(self, "areas", tuple(sorted(set(self.areas))))

    @property
    def band(self) -> tuple[int, int] | None:
        """The poverty scores that are let in, both included; None: all, and households without a score."""
        if self.poverty_score_from is None and self.poverty_score_to is None:
            return None
        most = HIGHEST_SCORE if self.poverty_score_to is None else self.poverty_score_to
        return self.poverty_score_from or 0, most

    def is_about(self, turn: int) -> bool:
        """Whether the rule is about the rupees that are lent for the so-manieth time."""
        return turn == 1 or self.turns is Turns.ALL


@dataclass(frozen=True, slots=True)
class RecordedTrancheRule:
    """A version of a rule as it was recorded; the moment is in microseconds."""

    rule: TrancheRule
    recorded_at: int
    actor: str


class Borrowing(NamedTuple):
    """What rules look at in a loan. `amount_minor` is all of it that is handed out by then; codes may be unknown."""

    gender: str
    poverty_score: int | None
    vo: str
    co: str
    union_council: str | None
    amount_minor: int
    cycle: int

    @property
    def is_woman(self) -> bool:
        """Whether the borrower is a woman."""
        return self.gender == WOMAN


class Paid(NamedTuple):
    """What a tranche has paid out in the turns that its rule is about, to women and in all, this loan included."""

    women_minor: int
    total_minor: int

    @property
    def share(self) -> Decimal | None:
        """The share of women, for people to read; None where nothing was paid out."""
        if not self.total_minor:
            return None
        exact = Decimal(self.women_minor) / Decimal(self.total_minor)
        return exact.quantize(Decimal(1).scaleb(-SHARE_DECIMALS), ROUND_HALF_EVEN)

    def is_at_least(self, least: Decimal) -> bool:
        """Whether the share, exactly, is no smaller."""
        return Decimal(self.women_minor) >= least * self.total_minor


class Criterion(StrEnum):
    """What a rule may ask of a loan."""

    POVERTY_BAND = "poverty_band"
    AREA = "area"
    AMOUNT = "amount"
    CYCLE = "cycle"
    WOMEN_SHARE = "women_share"


class Finding(NamedTuple):
    """One criterion: what the rule wants, what was found, and whether that meets it; None: it cannot be told.

    `breaks` says that the loan is not let out of the tranche for it. A loan to a woman is never refused because of the
    share of women, however small that is.
    """

    criterion: Criterion
    wanted: str
    found: str | None
    met: bool | None
    breaks: bool


def in_force(versions: Iterable[RecordedTrancheRule], tranche: int, day: date) -> TrancheRule | None:
    """Return the version of a tranche's rule that holds on a day; of several that begin on one day, the last."""
    begun = [version.rule for version in versions if version.rule.tranche == tranche and version.rule.valid_from <= day]
    return max(begun, key=lambda rule: (rule.valid_from, rule.number), default=None)


def judge(rule: TrancheRule, loan: Borrowing, paid: Paid) -> tuple[Finding, ...]:
    """Return what each criterion of a rule found in a loan; `paid` is what the tranche has paid out with this loan."""
    return tuple(_findings(rule, loan, paid))


def broken(tranche: int, findings: Iterable[Finding]) -> Iterator[str]:
    """Say of each criterion that a loan breaks what is wanted and what was found."""
    for finding in findings:
        if finding.breaks:
            found = "it is not known" if finding.found is None else f"it is {finding.found}"
            yield f"Tranche {tranche}: {_WORDS[finding.criterion]} {finding.wanted}; {found}."


_WORDS: Final = {
    Criterion.POVERTY_BAND: "the poverty score is to be",
    Criterion.AREA: "the place of the borrower is to be",
    Criterion.AMOUNT: "the loan is to be at most",
    Criterion.CYCLE: "the cycle is to be at most",
    Criterion.WOMEN_SHARE: "the share of women in what it pays out is to be at least",
}


def _findings(rule: TrancheRule, loan: Borrowing, paid: Paid) -> Iterator[Finding]:
    if rule.band is not None:
        yield _of_band(rule.band, loan.poverty_score)
    if rule.areas:
        yield _of_areas(rule.areas, loan)
    if rule.amount_max_minor is not None:
        met = loan.amount_minor <= rule.amount_max_minor
        most, amount = format_amount(rule.amount_max_minor), format_amount(loan.amount_minor)
        yield Finding(Criterion.AMOUNT, most, amount, met, not met)
    if rule.cycle_max is not None:
        met = loan.cycle <= rule.cycle_max
        yield Finding(Criterion.CYCLE, str(rule.cycle_max), str(loan.cycle), met, not met)
    if rule.women_share_min is not None:
        met = paid.is_at_least(rule.women_share_min)
        share = None if paid.share is None else f"{paid.share:f}"
        wanted = f"{rule.women_share_min:f}"
        yield Finding(Criterion.WOMEN_SHARE, wanted, share, met, not met and not loan.is_woman)


def _of_band(band: tuple[int, int], score: int | None) -> Finding:
    wanted = f"{band[0]}-{band[1]}"
    if score is None:
        return Finding(Criterion.POVERTY_BAND, wanted, None, None, breaks=True)
    met = band[0] <= score <= band[1]
    return Finding(Criterion.POVERTY_BAND, wanted, str(score), met, not met)


def _of_areas(areas: tuple[Area, ...], loan: Borrowing) -> Finding:
    lies_in = {AreaKind.VO: loan.vo, AreaKind.CO: loan.co, AreaKind.UNION_COUNCIL: loan.union_council}
    kinds = dict.fromkeys(area.kind for area in areas)
    wanted = ", ".join(f"{area.kind} {area.code}" for area in areas)
    met = any(lies_in[area.kind] == area.code for area in areas)
    told = [f"{kind} {code}" for kind in kinds if (code := lies_in[kind]) is not None]
    # Where the union council is not known, and nothing else places her in the rule, it might be one of these.
    unknown = not met and AreaKind.UNION_COUNCIL in kinds and loan.union_council is None
    return Finding(Criterion.AREA, wanted, ", ".join(told) or None, None if unknown else met, not met)


def _check(number: int | None, least: int, most: int, pointer: str) -> None:
    if number is not None and not least <= number <= most:
        raise NumberOutOfRangeError(f"The number is from {least} to {most}, not {number}.", pointer=pointer)
