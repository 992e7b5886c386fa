"""The profile of an LSO as one printed page: what stands on it, in words; `print_profile` makes the PDF of it.

The same page is the same bytes: nothing on it, and nothing in the file, says when it was printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cif_engine.documents.charts import one_drawing
from cif_engine.money import PKR, Currency


@dataclass(frozen=True, slots=True)
class Named:
    """Something that is told in a word or two under its name: the district, the day of its foundation."""

    name: str
    told: str


@dataclass(frozen=True, slots=True)
class Card:
    """A figure that is seen first; below it what it is of what."""

    name: str
    told: str
    note: str


@dataclass(frozen=True, slots=True)
class Cards:
    """A row of figures that belong together."""

    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Moneys:
    """Capital, what was handed out to date and what is outstanding, on one day; in minor units."""

    on: date
    capital_minor: int
    disbursed_minor: int
    outstanding_minor: int

    @property
    def amounts_minor(self) -> tuple[int, int, int]:
        """The three amounts, in this order."""
        return self.capital_minor, self.disbursed_minor, self.outstanding_minor


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a whole: its name, the amount in words, and its share as an exact pair, the whole above 0."""

    name: str
    told: str
    part_minor: int
    whole_minor: int


@dataclass(frozen=True, slots=True)
class Rows:
    """A small table: one heading and one alignment for each column; the last row may be a total."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_total: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """All that stands on the page. `small_print` are the definitions, a name and its words each.

    `trend` is empty where nothing was given or lent by the day. `aside` is what others printed of the LSO; or nothing.
    """

    title: str
    subtitle: str
    day: str
    about: tuple[Named, ...]
    cards: tuple[Cards, ...]
    trend: tuple[Moneys, ...]
    slices_title: str
    slices: tuple[Slice, ...]
    funds: Rows
    aside: str
    small_print: tuple[Named, ...]
    foot: tuple[str, ...]
    currency: Currency = PKR


def print_profile(page: ProfilePage) -> bytes:
    """Return the page as a PDF of one A4 sheet."""
    with one_drawing:
        from cif_engine.documents import profile_drawing  # noqa: PLC0415 - loaded with the first page, as for charts

        return profile_drawing.draw(page)
