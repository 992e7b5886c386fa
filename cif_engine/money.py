"""Exact amounts: reading and writing them, rounding them, sharing them out.

An amount is an `int` of minor units (paisa: 100 make a rupee). Nothing here, or above, uses a float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cif_engine.errors import (
    AmountNegativeError,
    AmountTooLargeError,
    AmountTooPreciseError,
    AmountUnreadableError,
)

MAX_MINOR: Final = 10**15
"""The largest amount the books hold: far above any fund, and sums of thousands of them still fit a BIGINT."""

_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,18}))?")
"""The number grammar of JSON without its exponent; the digits are ASCII by name, and their count is bounded."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency, and the smallest amount people really pay in it."""

    code: str
    minor_digits: int
    practical_unit_minor: int

    @property
    def minor_per_major(self) -> int:
        """How many minor units make one major unit: 100 for the rupee."""
        return int(10**self.minor_digits)


PKR: Final = Currency(code="PKR", minor_digits=2, practical_unit_minor=100)
"""Paisa coins ended in 2014: paisa are kept in the books, whole rupees are paid."""


class Rounding(StrEnum):
    """Which multiple an amount between two of them becomes. UP is away from zero, DOWN towards it."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"
    UP = "up"
    DOWN = "down"


def parse_amount(text: object, currency: Currency = PKR, *, signed: bool = False) -> int:
    """Return the minor units of an amount written `"1500.00"`, `"1500"`, or as the whole number 1500 (of major units).

    Only plain ASCII numbers are read; a minus sign only where `signed`.
    Raises AmountUnreadableError (floats, booleans, exponents, blanks, anything else), AmountNegativeError,
    AmountTooPreciseError (more decimals than the currency has) and AmountTooLargeError (beyond MAX_MINOR).
    """
    sign, whole, decimals = _read_number(text)
    if sign and not signed:
        raise AmountNegativeError("An amount below zero has no meaning here.")
    if len(decimals) > currency.minor_digits:
        raise AmountTooPreciseError(f"An amount in {currency.code} has at most {currency.minor_digits} decimals.")
    magnitude = int(whole + decimals.ljust(currency.minor_digits, "0"))
    _check_size(magnitude)
    return -magnitude if sign else magnitude


def format_amount(amount_minor: int, currency: Currency = PKR) -> str:
    """Return the amount with all decimals of the currency and no separators: 150000 paisa is `"1500.00"`."""
    whole, minor = divmod(abs(amount_minor), currency.minor_per_major)
    sign = "-" if amount_minor < 0 else ""
    decimals = f".{minor:0{currency.minor_digits}d}" if currency.minor_digits else ""
    return f"{sign}{whole}{decimals}"


def read_back(written: str) -> int:
    """Return the minor units of what `format_amount` wrote; of a sum too, which may be beyond MAX_MINOR."""
    return int(written.replace(".", ""))


def round_ratio(numerator: int, denominator: int, multiple_minor: int, rounding: Rounding = Rounding.HALF_EVEN) -> int:
    """Return the multiple of `multiple_minor` for the exact amount `numerator / denominator` (denominator above 0).

    The one place that rounds money; integers throughout, for the loops of a schedule.
    3125 / 2 paisa to the paisa, half even, is 1562.
    """
    divisor = denominator * multiple_minor
    count, rest = divmod(abs(numerator), divisor)
    if rest and _rounds_away(count, 2 * rest, divisor, rounding):
        count += 1
    return (-count if numerator < 0 else count) * multiple_minor


def share_out(
    total_minor: int, parts: int, unit_minor: int, rounding: Rounding = Rounding.HALF_EVEN
) -> tuple[int, ...]:
    """Return equal parts in whole units that sum to the total (0 or more); the last part takes the remainder.

    Where rounding a part up leaves too little for all, the last parts are smaller or nothing.
    1000 rupees in 6 parts are five of 167 and one of 165.
    """
    part = round_ratio(total_minor, parts, unit_minor, rounding)
    last = total_minor - part * (parts - 1)
    if last >= 0:
        return (part,) * (parts - 1) + (last,)
    full, rest = divmod(total_minor, part)
    return (part,) * full + (rest,) + (0,) * (parts - full - 1)


def _read_number(text: object) -> tuple[str, str, str]:
    """Return sign, whole part and decimals of the number, as written."""
    if type(text) is int:
        _check_size(abs(text))
        text = str(text)
    found = _NUMBER.fullmatch(text) if type(text) is str else None
    if found is None:
        raise AmountUnreadableError('An amount is written as a decimal string such as "1500.00", or as a whole number.')
    return found[1], found[2], found[3] or ""


def _check_size(magnitude: int) -> None:
    if magnitude > MAX_MINOR:
        raise AmountTooLargeError(f"An amount is at most {format_amount(MAX_MINOR)}.")


def _rounds_away(count: int, twice_rest: int, divisor: int, rounding: Rounding) -> bool:
    """Say whether an amount `twice_rest / 2` above `count` multiples goes to the next one."""
    if rounding is Rounding.HALF_EVEN:
        return twice_rest > divisor or (twice_rest == divisor and count % 2 == 1)
    if rounding is Rounding.HALF_UP:
        return twice_rest >= divisor
    return rounding is Rounding.UP
