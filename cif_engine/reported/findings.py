"""What is said of reported figures: findings, each with a severity, in words and in numbers. Nothing is corrected.

HIGH: it cannot be true as printed, however generously it is read. MEDIUM: it can be, but the reporter should explain
it. LOW: lawful, and worth a look. NOTE: what does or does not follow from the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cif_engine.money import format_amount
from cif_engine.reported.printed import Kind


class Severity(StrEnum):
    """How much a finding weighs."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NOTE = "note"


WEIGHT: Final = {severity: weight for weight, severity in enumerate(Severity)}
"""The gravest first."""


class Verdict(StrEnum):
    """What the findings on some figures come to."""

    IMPOSSIBLE = "impossible"
    DOUBTFUL = "doubtful"
    PLAUSIBLE = "plausible"


class Check(StrEnum):
    """What is looked for."""

    AVERAGE_LOAN = "average_loan"
    LOANS_BELOW_PEOPLE = "loans_below_people"
    TURNS = "turns"
    BEYOND_MEANS = "beyond_means"
    TIES_OUT = "ties_out"
    NO_RECOVERY_RATE = "no_recovery_rate"
    PERFECT_RECOVERY = "perfect_recovery"
    RATE_DIFFERS = "rate_differs"
    MORE_THAN_THERE_ARE = "more_than_there_are"
    ABOVE_ITS_WHOLE = "above_its_whole"
    AMOUNT_WITHOUT_PEOPLE = "amount_without_people"
    MISSING = "missing"
    FALL = "fall"
    FREEZE = "freeze"
    UNCHANGED = "unchanged"
    JUMP = "jump"
    SLUMP = "slump"
    AMOUNT_WITHOUT_COUNT = "amount_without_count"
    COUNT_WITHOUT_AMOUNT = "count_without_amount"
    STOCK_FALL = "stock_fall"
    SKIPPED = "skipped"
    REPRINTED = "reprinted"


TITLES: Final = {
    Check.AVERAGE_LOAN: "The average loan against the limits of loans",
    Check.LOANS_BELOW_PEOPLE: "Fewer loans than households or borrowers",
    Check.TURNS: "Turns against the days since formation",
    Check.BEYOND_MEANS: "Disbursed against capital and principal recovered",
    Check.TIES_OUT: "Disbursed against recovered and outstanding",
    Check.NO_RECOVERY_RATE: "Whether a recovery rate follows",
    Check.PERFECT_RECOVERY: "Perfect recovery",
    Check.RATE_DIFFERS: "The stated recovery rate against the amounts",
    Check.MORE_THAN_THERE_ARE: "More households served than there are",
    Check.ABOVE_ITS_WHOLE: "A part that is above its whole",
    Check.AMOUNT_WITHOUT_PEOPLE: "An amount that nobody got",
    Check.MISSING: "A figure that is missing",
    Check.FALL: "A cumulative figure that falls",
    Check.FREEZE: "A figure that freezes",
    Check.UNCHANGED: "A figure that stays for a period",
    Check.JUMP: "An amount per new borrower that jumps",
    Check.SLUMP: "An amount per new borrower that slumps",
    Check.AMOUNT_WITHOUT_COUNT: "An amount that moves while the count does not",
    Check.COUNT_WITHOUT_AMOUNT: "A count that moves while the amount does not",
    Check.STOCK_FALL: "A number of managing LSOs, VOs or open borrowers that falls",
    Check.SKIPPED: "A period without figures",
    Check.REPRINTED: "A figure printed again, and differently",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, about some measures, on a day, or from the day `since` on.

    `numbers` are those that the words name, for programs: amounts in rupees, ratios with their decimals.
    """

    check: Check
    severity: Severity
    words: str
    measures: tuple[str, ...]
    on: date
    since: date | None = None
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A check that could not be made, and what is missing for it."""

    check: Check
    why: str


Said = Iterator[Finding | Unchecked]
"""What a check says."""


@dataclass(frozen=True, slots=True)
class Judged:
    """All that was found, the gravest first, and what could not be checked."""

    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Return what the findings come to."""
        return verdict(self.findings)


def judged(said: Iterable[Finding | Unchecked]) -> Judged:
    """Return what checks said, in order."""
    findings, unchecked = [], []
    for one in said:
        if isinstance(one, Finding):
            findings.append(one)
        else:
            unchecked.append(one)
    return Judged(tuple(sorted(findings, key=_order)), tuple(unchecked))


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Return what findings come to: one that is high makes figures impossible, one that is medium doubtful."""
    found = {finding.severity for finding in findings}
    if Severity.HIGH in found:
        return Verdict.IMPOSSIBLE
    return Verdict.DOUBTFUL if Severity.MEDIUM in found else Verdict.PLAUSIBLE


def _order(finding: Finding) -> tuple[int, date, int]:
    return WEIGHT[finding.severity], finding.on, _PLACES[finding.check]


_PLACES = {check: place for place, check in enumerate(Check)}


# Numbers in words ----------------------------------------------------------------------------------------------


def rupees(minor: int) -> str:
    """Return an amount as people read it: `PKR 327,152,021`; paisa only where there are some."""
    return f"PKR {minor // 100:,}" + (f".{minor % 100:02}" if minor % 100 else "")


def plain(kind: Kind, value: int) -> str:
    """Return a value as people read it: an amount in rupees, a count, a share in per cent."""
    if kind is Kind.AMOUNT:
        return rupees(value)
    return f"{value:,}" if kind is Kind.COUNT else f"{ratio(value, 10_000)} %"


def number(kind: Kind, value: int) -> str:
    """Return a value as programs read it."""
    if kind is Kind.AMOUNT:
        return format_amount(value)
    return str(value) if kind is Kind.COUNT else ratio(value, 10_000)


def ratio(part: int, whole: int, decimals: int = 1) -> str:
    """Return a ratio of numbers that are not below zero, rounded half up: `ratio(327_152_021, 4_000_000)` is 81.8."""
    scale = 10**decimals
    rounded = (2 * part * scale + whole) // (2 * whole)
    return f"{rounded // scale:,}.{rounded % scale:0{decimals}}"


def each(part: int, whole: int) -> int:
    """Return an amount for each of so many, rounded half up to a whole rupee, in minor units."""
    return (2 * part + 100 * whole) // (200 * whole) * 100
