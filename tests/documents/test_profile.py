"""The printed profile: one page of A4, the same bytes for the same profile, in the letters of the names."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from cif_engine.documents.look import FAMILY
from cif_engine.documents.profile import Card, Cards, Moneys, Named, ProfilePage, Rows, Slice, print_profile
from cif_engine.portfolio.vintages import month_ends

URDU = "ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیےآأؤئۂۃۓ۔،؟"
SINDHI = "ابٻڀتٿٽٺثپجڄجھڃچڇحخدڌڏڊڍذرڙزسشصضطظعغفڦقڪکگڳگھڱلمنڻوھءي۾۽"
A4 = b"/MediaBox [ 0 0 595.27559"

_ROW = ("CIF · EU", "6,500,000", "15,431,000", "379", "653", "4,211,000", "4.0 %", "93.1 %", "98.2 %", "2.37", "2,110")
_WIDE = ("A fund with a long name", *("9,999,999,999",) * 10)
_HEADINGS = (
    "Fund",
    "Sub-grant",
    "Disbursed",
    "Households",
    "Loans",
    "Outstanding",
    "PAR",
    "On time",
    "Recovery",
    "Turns",
)
PAGE = ProfilePage(
    title="Sindhu",
    subtitle="LSO SIN · Thardeep Rural Development Programme (TRDP)",
    day="31 Mar 2021",
    about=tuple(Named(f"Fact {number}", str(number)) for number in range(12)),
    cards=tuple(
        Cards(title, tuple(Card(f"Figure {number}", "1,234,567", "PKR") for number in range(4)))
        for title in ("Lent", "Doing", "Revolving")
    ),
    trend=tuple(
        Moneys(day, 650_000_000, 60_000_000 * at, 20_000_000 * at)
        for at, day in enumerate(month_ends(date(2021, 3, 31), 24))
    ),
    slices_title="Disbursed by purpose",
    slices=(Slice("Livestock", "61.0 %", 61, 100), Slice("مویشی", "39.0 %", 39, 100)),
    funds=Rows("Funds", (*_HEADINGS, "Lendable"), (_ROW, _ROW), has_total=True, note="PKR"),
    aside="Printed elsewhere as of July 2021, and in no figure above: disbursed 327,152,021. It is impossible.",
    small_print=tuple(
        Named(f"Figure {number}.", "What it counts, in words enough for a line. " * 3) for number in range(13)
    ),
    foot=("As of 31 Mar 2021.", "Source: the loans."),
)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_it_is_one_page_of_a4() -> None:
    printed = print_profile(PAGE)
    assert printed.startswith(b"%PDF-1.")
    assert printed.rstrip().endswith(b"%%EOF")
    assert pages_of(printed) == 1
    assert A4 in printed


def test_the_same_profile_is_the_same_file_and_another_another() -> None:
    printed = print_profile(PAGE)
    assert print_profile(PAGE) == printed
    assert print_profile(replace(PAGE, title="Dua")) != printed


def test_it_does_not_say_when_or_by_what_it_was_printed() -> None:
    printed = print_profile(PAGE)
    for name in (b"/CreationDate", b"/ModDate", b"/Producer", b"/Creator"):
        assert name not in printed
    assert b"/Title (Sindhu)" in printed


def test_it_is_the_same_whichever_process_prints_it() -> None:
    """Sets are in another order in each process, and another moment is another name for what is embedded."""
    program = (
        "import sys, hashlib; from tests.documents.test_profile import PAGE, print_profile; "
        "print(hashlib.sha256(print_profile(PAGE)).hexdigest())"
    )
    sums = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(sums) == 1


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("لوکل سپورٹ آرگنائزیشن داسوڑی ہمارے گاؤں کے لیے", id="Urdu"),
        pytest.param("سنڌي ڳوٺ جو ادارو ۽ زراعت ۾ مدد", id="Sindhi"),
        pytest.param("LSO داسوڑی (SRSO)", id="two scripts"),
        pytest.param("A name of $ and _ and ^ and \\", id="what elsewhere begins a formula"),
        pytest.param("Local Support Organisation " * 7, id="too long for its line"),
        pytest.param("ہ" * 200, id="too long in Urdu"),
    ],
)
def test_any_name_is_written(title: str) -> None:
    """A letter that no font has would warn, and a warning fails a test."""
    assert pages_of(print_profile(replace(PAGE, title=title, slices=(Slice(title, "100.0 %", 1, 1),)))) == 1


@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("letters", [pytest.param(URDU, id="Urdu"), pytest.param(SINDHI, id="Sindhi")])
def test_every_letter_is_in_the_first_font(letters: str, weight: str) -> None:
    """All of one font: a word whose letters are of two fonts is not joined up."""
    font = FT2Font(font_manager.findfont(font_manager.FontProperties(family=FAMILY[0], weight=weight)))
    assert set(map(ord, letters)) <= set(font.get_charmap())


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"trend": ()}, id="nothing was ever lent"),
        pytest.param({"trend": PAGE.trend[:1]}, id="the first day"),
        pytest.param({"trend": (Moneys(date(2021, 3, 31), -500, 0, 0),)}, id="below nothing"),
        pytest.param({"slices": ()}, id="no purposes"),
        pytest.param({"slices": (Slice("", "100.0 %", 1, 1),)}, id="a purpose without words"),
        pytest.param({"funds": replace(PAGE.funds, rows=())}, id="no funds"),
        pytest.param({"funds": replace(PAGE.funds, rows=(_WIDE,) * 6)}, id="wide numbers"),
        pytest.param({"small_print": PAGE.small_print * 2}, id="twice the small print"),
        pytest.param({"aside": ""}, id="nothing printed elsewhere"),
        pytest.param({"aside": "Printed elsewhere. " * 40}, id="much printed elsewhere"),
        pytest.param({"about": (), "foot": ()}, id="nothing about it"),
    ],
)  # fmt: skip
def test_a_page_holds_whatever_there_is(changed: dict[str, object]) -> None:
    assert pages_of(print_profile(replace(PAGE, **changed))) == 1  # type: ignore[arg-type]  # fields of the page
