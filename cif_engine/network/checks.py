"""What the codes, names and numbers of the network may look like; each check returns what it accepts."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cif_engine.errors import (
    CnicUnreadableError,
    CodeUnreadableError,
    LimitsReversedError,
    NameUnreadableError,
    NumberOutOfRangeError,
)
from cif_engine.money import MAX_MINOR, format_amount

CODE_PATTERN: Final = "[A-Z0-9][A-Z0-9-]{0,19}"
CNIC_PATTERN: Final = "[0-9]{5}-[0-9]{7}-[0-9]"
LONGEST_NAME: Final = 200
LONGEST_REMARKS: Final = 2000
HIGHEST_COUNT: Final = 10**9
HIGHEST_POVERTY_SCORE: Final = 100

_CODE = re.compile(CODE_PATTERN)
_CNIC = re.compile(CNIC_PATTERN)
_JOINERS: Final = "\u200c\u200d"
_DIRECTION_MARKS: Final = "\u200e\u200f\u061c"
_INVISIBLE_BUT_TYPED: Final = frozenset(_JOINERS + _DIRECTION_MARKS)
"""Joiners shape Urdu and Sindhi letters and keyboards type direction marks; overrides only deceive the reader."""

_SAME_LETTER: Final = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})
"""Arabic keyboards type another yeh and kaf than Urdu ones, for the same name."""


def check_code(code: str, pointer: str = "/code") -> str:
    """Return a code that others can refer to; raises CodeUnreadableError."""
    if not _CODE.fullmatch(code):
        raise CodeUnreadableError(
            "Codes have capital letters A to Z, digits and dashes, at most 20, a dash not first.", pointer=pointer
        )
    return code


def check_name(name: str, pointer: str = "/name") -> str:
    """Return a name in any script, in one Unicode form and with single spaces; raises NameUnreadableError."""
    written = unicodedata.normalize("NFC", name)
    if unknown := next((character for character in written if not _may_stand_in_a_name(character)), None):
        raise NameUnreadableError(f"A name cannot hold the character U+{ord(unknown):04X}.", pointer=pointer)
    if not any(character.isalpha() for character in written):
        raise NameUnreadableError("A name has at least one letter.", pointer=pointer)
    tidy = " ".join(written.split())
    if len(tidy) > LONGEST_NAME:
        raise NameUnreadableError(f"A name has at most {LONGEST_NAME} characters.", pointer=pointer)
    return tidy


def check_remarks(remarks: str | None, pointer: str = "/remarks") -> str | None:
    """Return remarks of several lines, in any script; raises NameUnreadableError for what cannot be kept or read."""
    if remarks is None:
        return None
    if len(remarks) > LONGEST_REMARKS:
        raise NameUnreadableError(f"Remarks have at most {LONGEST_REMARKS} characters.", pointer=pointer)
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character != "\n" for character in remarks):
        raise NameUnreadableError("Remarks cannot hold control characters.", pointer=pointer)
    return remarks


def check_cnic(cnic: str | None, pointer: str = "/cnic") -> str | None:
    """Return an identity number written XXXXX-XXXXXXX-X, or none; raises CnicUnreadableError."""
    if cnic is not None and not _CNIC.fullmatch(cnic):
        raise CnicUnreadableError("A CNIC is written XXXXX-XXXXXXX-X, in digits.", pointer=pointer)
    return cnic


def check_count(count: int | None, pointer: str, least: int = 0, most: int = HIGHEST_COUNT) -> int | None:
    """Return a number from `least` to `most`, or none where it is not known; raises NumberOutOfRangeError."""
    if count is not None and not least <= count <= most:
        raise NumberOutOfRangeError(f"The number is from {least} to {most}, not {count}.", pointer=pointer)
    return count


def check_amount(amount_minor: int | None, pointer: str, least_minor: int = 0) -> int | None:
    """Return an amount that the books can hold, or none for no limit; raises NumberOutOfRangeError."""
    if amount_minor is not None and not least_minor <= amount_minor <= MAX_MINOR:
        least, most = format_amount(least_minor), format_amount(MAX_MINOR)
        raise NumberOutOfRangeError(f"The amount is from {least} to {most}.", pointer=pointer)
    return amount_minor


def check_order(lower: int, upper: int | None, pointer: str) -> None:
    """Refuse a lower limit above the upper one, which None leaves open; raises LimitsReversedError."""
    if upper is not None and lower > upper:
        raise LimitsReversedError("The lower limit lies above the upper one.", pointer=pointer)


def name_key(name: str) -> str:
    """Return what two spellings of one name have in common: `Zainab  Bibi` and `ZAINAB BIBI` share it."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_SAME_LETTER)
    visible = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return " ".join(visible.split())


def _may_stand_in_a_name(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMNP" or category == "Zs" or character in _INVISIBLE_BUT_TYPED
