"""Whole reports, sound and unsound, thought up by hand and at random: what is true is never called impossible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Severity, Verdict, judged, verdict
from cif_engine.reported.measures import MEASURES
from cif_engine.reported.parameters import USUAL
from cif_engine.reported.printed import Kind
from cif_engine.reported.series_checks import check_series
from cif_engine.reported.set_checks import check_set
from tests.unit.reported.programmes import a_sound_series
from tests.unit.reported.saying import a_series, a_set, quarters, told

HIGH, MEDIUM, LOW, NOTE = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.NOTE
PLAUSIBLE, DOUBTFUL = Verdict.PLAUSIBLE, Verdict.DOUBTFUL
Texts = Sequence[str | int | None]


def all_found(sets: Sequence[FigureSet]) -> list[Finding]:
    """Return what is found of the sets, each alone and all together."""
    alone = [one for figures in sets for one in check_set(figures, USUAL).findings]
    return [*alone, *check_series(sets, USUAL)]


def yearly(**figures: Texts) -> list[FigureSet]:
    """Return figures of the ends of so many years."""
    rows = zip(*figures.values(), strict=True)
    return [a_set(dict(zip(figures, row, strict=True)), date(2005 + year, 6, 30)) for year, row in enumerate(rows)]


def months(**figures: Texts) -> list[FigureSet]:
    """Return figures of the 28th of so many months."""
    rows = zip(*figures.values(), strict=True)
    return [a_set(dict(zip(figures, row, strict=True)), date(2012, 1 + month, 28)) for month, row in enumerate(rows)]


def a_page(**figures: str | int | None) -> list[FigureSet]:
    """Return figures that were printed once."""
    return [a_set(figures, formed_on=date(2017, 1, 20))]


def million(*amounts: str) -> dict[str, Any]:
    """Return amounts disbursed, in millions of rupees."""
    return {"cif_disbursed_pkr_million": amounts}


SOUND = {
    "exact from the beginning": (
        a_series(**million("1.2", "4.5", "9.75", "15.1"), borrowers=[100, 370, 800, 1_240]),
        PLAUSIBLE,
    ),
    "nothing at first": (a_series(**million("0", "0", "0", "3.1"), borrowers=[0, 0, 0, 240]), PLAUSIBLE),
    "a dash at first": (a_series(**million("-", "-", "0.5", "3.1"), borrowers=["-", "-", 40, 240]), PLAUSIBLE),
    "tenfold within two quarters": (
        a_series(**million("0.15", "1.62", "14.8"), borrowers=[12, 131, 1_190]),
        PLAUSIBLE,
    ),
    "doubled each quarter": (
        a_series(**million("1", "2", "4.1", "8", "16.2"), borrowers=[80, 160, 330, 650, 1_290]),
        PLAUSIBLE,
    ),
    "a tranche that doubles what each borrows": (
        a_series(**million("10", "12", "20.2", "28.8"), borrowers=[1_000, 1_200, 1_610, 2_040]),
        PLAUSIBLE,
    ),
    "dearer year by year": (
        yearly(**million("10", "25", "47", "80", "130"), loans=[1_000, 2_200, 3_600, 5_200, 7_000]),
        PLAUSIBLE,
    ),
    "finer from the middle on": (
        a_series(**million("90", "113", "141", "171.01", "204.964", "269"), borrowers=range(7_000, 19_000, 2_000)),
        PLAUSIBLE,
    ),
    "rougher from the middle on": (
        a_series(**million("90.320168", "113.58", "141", "171", "205"), borrowers=range(7_000, 17_000, 2_000)),
        PLAUSIBLE,
    ),
    "the same figure more roughly": (
        a_series(**million("90.320168", "90.32", "90.3", "113.6"), borrowers=[7_097, 7_097, 7_097, 9_000]),
        DOUBTFUL,
    ),
    "rounded up, then cut off, finely": (
        a_series(**million("113.6", "113.5", "140.7"), borrowers=[9_000, 9_001, 11_000]),
        PLAUSIBLE,
    ),
    "rounded up, then cut off, roughly": (a_series(**million("5", "4", "7"), borrowers=[380, 385, 560]), DOUBTFUL),
    "rounded up to tenths, then cut off to whole ones": (
        a_series(**million("21.0", "20", "27.4"), borrowers=[1_700, 1_701, 2_200]),
        DOUBTFUL,
    ),
    "in rupees, then rounded to the million": (
        a_series(disbursed=["12,345,678", "12,000,000", "14,456,789"], borrowers=[900, 900, 1_040]),
        PLAUSIBLE,
    ),
    "in lakh and crore, Indian commas": (
        a_series(disbursed=["1,23,45,678", "1,53,45,678", "2,01,10,000"], borrowers=["1,010", "1,200", "1,650"]),
        PLAUSIBLE,
    ),
    "rupees one quarter, millions the next": (
        [
            a_set({"disbursed": "12,345,678", "borrowers": 1_000}, quarters(3)[0]),
            a_set({"disbursed_pkr_million": "15.3", "borrowers": 1_250}, quarters(3)[1]),
            a_set({"disbursed_pkr_crore": "1.9", "borrowers": 1_560}, quarters(3)[2]),
        ],
        PLAUSIBLE,
    ),
    "a count to the nearest thousand beside exact ones": (
        a_series(borrowers=["16,956", "18,000", "17,990", "19,307"]),
        PLAUSIBLE,
    ),
    "years, then quarters": (
        [
            a_set({"disbursed_pkr_million": amount, "borrowers": count}, on)
            for on, amount, count in (
                (date(2009, 6, 30), "20.1", 1_700),
                (date(2010, 6, 30), "48.7", 4_000),
                (date(2011, 6, 30), "90.3", 7_097),
                (date(2011, 9, 30), "98.8", 7_700),
                (date(2011, 12, 31), "108.4", 8_433),
            )
        ],
        PLAUSIBLE,
    ),
    "quarters that nobody reported": (
        [a_set({"borrowers": 1_000 + 90 * place}, on) for place, on in enumerate(quarters(12)) if place % 5 != 3],
        PLAUSIBLE,
    ),
    "places left empty": (
        a_series(**million("4.1", "-", "6.9", "8.2"), borrowers=[320, 410, None, 630]),
        PLAUSIBLE,
    ),
    "a quarter without lending": (
        a_series(**million("8.1", "9.6", "9.6", "11.3"), borrowers=[620, 730, 730, 860]),
        PLAUSIBLE,
    ),
    "two quarters without lending in a suspended programme": (
        a_series(**million("48.1", "49.6", "49.6", "49.6"), borrowers=[3_620, 3_730, 3_730, 3_730]),
        DOUBTFUL,
    ),
    "a programme that has ended": (
        a_series(
            **million("48.1", *["49.6"] * 7), borrowers=[3_620, *[3_730] * 7], current_borrowers=range(800, 0, -100)
        ),
        DOUBTFUL,
    ),
    "repeated loans to the same people": (
        a_series(
            **million("48.1", "50.2", "52.9", "55.0"),
            loans=[4_000, 4_170, 4_390, 4_560],
            borrowers=[3_620, 3_620, 3_621, 3_621],
        ),
        PLAUSIBLE,
    ),
    "outstanding and open loans that fall": (
        a_series(
            **million("48.1", "49.0", "49.4"),
            outstanding_pkr_million=["11.2", "8.7", "4.1"],
            current_borrowers=[900, 700, 310],
        ),
        PLAUSIBLE,
    ),
    "two programmes become one": (
        a_series(
            **million("20.1", "22.4", "371.6", "380.2"),
            borrowers=[1_600, 1_780, 28_100, 28_770],
            sub_grant_pkr_million=["8", "8", "50", "50"],
        ),
        DOUBTFUL,
    ),
    "a second tranche": (
        a_series(
            **million("3.9", "6.1", "12.8", "16.4"),
            recovered_pkr_million=["0.4", "2.2", "3.7", "6.4"],
            sub_grant_pkr_million=["4", "4", "10", "10"],
            loans=[260, 400, 790, 1_000],
            households=[250, 330, 560, 640],
        ),
        PLAUSIBLE,
    ),
    "charges lent as well": (
        a_page(sub_grant="4,000,000", disbursed="10,450,000", recovered="6,000,000", loans=700, households=400),
        DOUBTFUL,
    ),
    "paid back whole by a few": (
        a_page(sub_grant="500,000", disbursed="400,000", recovered="400,000", loans=25, households=25),
        PLAUSIBLE,
    ),
    "six turns in four years": (
        a_page(sub_grant="6,500,000", disbursed="37,431,000", loans=2_653, households=1_379, households_total=3_056),
        PLAUSIBLE,
    ),
    "month after month, monthly loans given twice over": (
        months(
            sub_grant=["1,000,000"] * 4,
            disbursed=["950,000", "1,900,000", "2,450,000", "3,300,000"],
            recovered=["0", "960,000", "1,700,000", "2,600,000"],
        ),
        PLAUSIBLE,
    ),
    "amounts with the decimals that a spreadsheet adds": (
        a_series(disbursed=["4000000.000", "5200000.000"], borrowers=["300.0", "395.0"]),
        PLAUSIBLE,
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_report_is_never_impossible(name: str) -> None:
    sets, expected = SOUND[name]
    assert verdict(all_found(sets)) == expected


UNSOUND = {
    "a count falls": (a_series(borrowers=[7_097, 6_943]), Check.FALL, HIGH),
    "an amount falls": (a_series(**million("90.320168", "85.81")), Check.FALL, HIGH),
    "an amount in tenths falls": (a_series(**million("1.2", "1.0")), Check.FALL, HIGH),
    "two of the last digit": (a_series(**million("10", "8")), Check.FALL, HIGH),
    "one of the last digit, a twelfth": (a_series(**million("1.2", "1.1")), Check.FALL, MEDIUM),
    "a fall that a rough figure hides": (a_series(**million("1.2", "1", "0.9")), Check.FALL, HIGH),
    "a slow fall": (a_series(**million("90.4", "90.3", "90.2", "90.1")), Check.FALL, HIGH),
    "a fall over an empty place": (a_series(**million("90.3", "-", "89.1")), Check.FALL, HIGH),
    "a tenth less in whole rupees": (a_series(disbursed=["10,000,000", "9,000,000"]), Check.FALL, HIGH),
    "a round count falls among round ones": (a_series(borrowers=["17,000", "16,000"]), Check.FALL, HIGH),
    "a count to the nearest thousand is far off": (a_series(borrowers=["18,000", "17,456"]), Check.FALL, HIGH),
    "digits swapped, then put right": (a_series(borrowers=[36_650, 47_119, 41_919, 44_913]), Check.FALL, HIGH),
    "a digit too many, then put right": (a_series(borrowers=[3_665, 41_719, 4_491]), Check.FALL, HIGH),
    "a decimal point lost, then put right": (a_series(**million("40.87", "4566", "47.179")), Check.FALL, HIGH),
    "rupees among millions": (
        [
            a_set({"disbursed_pkr_million": "40.87", "borrowers": 3_254}, quarters(2)[0]),
            a_set({"disbursed": "45.66", "borrowers": 3_494}, quarters(2)[1]),
        ],
        Check.FALL,
        HIGH,
    ),
    "rupees among millions, then put right": (
        [
            a_set({"disbursed": "45", "borrowers": 3_254}, quarters(2)[0]),
            a_set({"disbursed_pkr_million": "45.66", "borrowers": 3_494}, quarters(2)[1]),
        ],
        Check.JUMP,
        MEDIUM,
    ),
    "thousands taken for millions": (
        a_series(**million("45,660", "47,179"), borrowers=[3_494, 3_555]),
        Check.AVERAGE_LOAN,
        HIGH,
    ),
    "a decimal point lost at the end": (
        a_series(**million("40.87", "4566"), borrowers=[3_254, 3_494]),
        Check.JUMP,
        MEDIUM,
    ),
    "frozen for two quarters": (a_series(borrowers=[36, 36, 36]), Check.FREEZE, LOW),
    "frozen for two quarters, of many": (a_series(borrowers=[3_600, 3_600, 3_600]), Check.FREEZE, MEDIUM),
    "frozen over an empty place": (a_series(borrowers=[3_600, "-", 3_600]), Check.FREEZE, MEDIUM),
    "frozen and written in two ways": (a_series(**million("294", "294.0", "294.00")), Check.FREEZE, LOW),
    "an amount frozen while people are new": (
        a_series(**million("294.10", "294.10", "294.10"), borrowers=[22_160, 24_160, 30_193]),
        Check.COUNT_WITHOUT_AMOUNT,
        MEDIUM,
    ),
    "an amount for each that jumps": (
        a_series(**million("397.3665", "582"), borrowers=[36_650, 41_719]),
        Check.JUMP,
        MEDIUM,
    ),
    "a small fund lends ten times over": (
        a_series(disbursed=["3,271,520", "32,715,202"], households=[310, 327]),
        Check.JUMP,
        MEDIUM,
    ),
    "a small fund lends ten times over to nobody new": (
        a_series(disbursed=["3,271,520", "32,715,202"], households=[327, 327]),
        Check.AMOUNT_WITHOUT_COUNT,
        MEDIUM,
    ),
    "a count that jumps, beside its amount": (
        a_series(**million("41.2", "44.9"), borrowers=[3_665, 41_719]),
        Check.COUNT_WITHOUT_AMOUNT,
        MEDIUM,
    ),
    "digits swapped, so that each gets too little": (
        a_series(**million("635.471593", "687.738"), borrowers=[44_913, 84_806]),
        Check.SLUMP,
        MEDIUM,
    ),
    "a count that jumps, alone": (a_series(borrowers=[2_900, 3_100, 31_200]), Check.JUMP, MEDIUM),
    "an amount that jumps, alone": (a_series(**million("38.25", "40.87", "456.6")), Check.JUMP, LOW),
    "an amount that jumps beside a count of other days": (
        [
            a_set({"disbursed_pkr_million": "40.87", "borrowers": 3_254}, quarters(2)[0]),
            a_set({"disbursed_pkr_million": "456.6"}, quarters(2)[1]),
        ],
        Check.JUMP,
        LOW,
    ),
    "an amount for nobody new": (
        a_series(**million("113.58", "140.67"), borrowers=[10_316, 10_316]),
        Check.AMOUNT_WITHOUT_COUNT,
        MEDIUM,
    ),
    "a rough amount for nobody new": (
        a_series(**million("113", "114"), borrowers=[10_316, 10_316]),
        Check.AMOUNT_WITHOUT_COUNT,
        NOTE,
    ),
    "fewer loans than households": (a_page(loans=326, households=327), Check.LOANS_BELOW_PEOPLE, HIGH),
    "fewer loans than borrowers": (a_page(loans=326, households=320, borrowers=330), Check.LOANS_BELOW_PEOPLE, HIGH),
    "fewer new loans than new households": (
        a_series(loans=[1_000, 1_010], households=[500, 550]),
        Check.LOANS_BELOW_PEOPLE,
        MEDIUM,
    ),
    "more lent than there was": (
        a_page(sub_grant="4,000,000", disbursed="12,000,000", recovered="5,000,000"),
        Check.BEYOND_MEANS,
        HIGH,
    ),
    "loans too large": (a_page(disbursed="327,152,021", loans=721), Check.AVERAGE_LOAN, HIGH),
    "loans too small": (a_page(disbursed="327,152", loans=721), Check.AVERAGE_LOAN, HIGH),
    "too much for each household": (a_page(disbursed="3,271,520,210", households=327), Check.AVERAGE_LOAN, HIGH),
    "too many turns": (a_page(sub_grant="4,000,000", disbursed="327,152,021"), Check.TURNS, HIGH),
    "too many turns in a quarter": (
        a_series(sub_grant=["4,000,000"] * 2, disbursed=["11,000,000", "57,000,000"]),
        Check.TURNS,
        HIGH,
    ),
    "nobody was ever late": (a_page(recovery_rate="100.0 %"), Check.PERFECT_RECOVERY, MEDIUM),
    "all that was lent to thousands is back": (
        a_page(disbursed="97,152,021", recovered="97,152,021", loans=7_210, households=5_000),
        Check.PERFECT_RECOVERY,
        MEDIUM,
    ),
    "it does not tie out": (
        a_page(disbursed="5,500,000", recovered="2,937,000", outstanding="1,563,000"),
        Check.TIES_OUT,
        MEDIUM,
    ),
    "more back than was lent": (a_page(disbursed="5,500,000", recovered="7,937,000"), Check.ABOVE_ITS_WHOLE, HIGH),
    "more people than there are": (a_page(households=3_327, households_total=3_056), Check.MORE_THAN_THERE_ARE, HIGH),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_what_is_unsound_is_found(name: str) -> None:
    sets, check, severity = UNSOUND[name]
    assert told(judged(all_found(sets)).findings).get(check) == severity


@given(seed=st.integers(0, 2**32))
def test_a_sound_programme_is_never_impossible_however_it_is_printed(seed: int) -> None:
    found = all_found(a_sound_series(Random(seed)))
    assert [one.words for one in found if one.severity is HIGH] == []


ROWS = st.dictionaries(
    st.sampled_from(list(MEASURES)), st.sampled_from(["-", "0", "1", "17,000"]) | st.integers(0, 100_000).map(str)
)


@given(rows=st.lists(st.tuples(ROWS, st.sampled_from(["", "_pkr", "_pkr_million"])), max_size=5))
def test_whatever_is_printed_is_judged(rows: list[tuple[dict[str, str], str]]) -> None:
    """Noughts and nonsense too: each finding is a sentence."""
    sets = []
    for on, (row, unit) in zip(quarters(len(rows)), rows, strict=True):
        named = {name + unit * (MEASURES[name].kind is Kind.AMOUNT): text for name, text in row.items()}
        sets.append(a_set(named, on, date(2010, 1, 31)))
    assert all(one.words.endswith(".") for one in all_found(sets))
