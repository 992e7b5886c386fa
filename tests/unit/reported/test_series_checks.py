"""Series: every oddity of the published ones, what rounding explains, and that sound ones are never impossible."""

from datetime import date
from typing import Any

import pytest

from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Severity
from cif_engine.reported.parameters import USUAL
from cif_engine.reported.series_checks import check_series
from cif_engine.reported.set_checks import check_set
from tests.unit.reported.saying import a_set, of_series, published, quarters, told

HIGH, MEDIUM, LOW, NOTE = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.NOTE

# The published series, read by hand: what there is to be found in each, and nothing else ---------------------------

FOUND = {
    "NRSP": """
        2011-09-30 unchanged low disbursed               90.320168 again, to the rupee
        2011-09-30 unchanged low borrowers               7,097 again
        2011-09-30 stock_fall note vos_managing          1,536 to 1,419
        2011-12-31 fall high disbursed                   90.320168 to 85.81
        2011-12-31 fall high borrowers                   7,097 to 6,943
        2011-12-31 stock_fall note lsos_managing         194 to 147
        2011-12-31 stock_fall medium vos_managing        1,419 to 9
        2012-06-30 unchanged low borrowers               10,316 again
        2012-06-30 amount_without_count medium disbursed,borrowers    27.09 million more
        2013-03-31 skipped note -                        no December 2012
        2013-03-31 stock_fall note lsos_managing         187 to 177
        2013-06-30 stock_fall note lsos_managing         177 to 173
        2013-09-30 jump medium disbursed,borrowers       25 million for 263: 95,057 against 12,285
        2013-12-31 unchanged low disbursed               294 again
        2013-12-31 unchanged low borrowers               22,160 again
        2014-06-30 slump low disbursed,borrowers         15.97 million for 6,457: 2,473 against 12,632
        2014-09-30 jump medium disbursed,borrowers       184.63 million for 5,069: 36,424 against 10,842
        2014-12-31 stock_fall note lsos_managing         246 to 227
        2015-06-30 stock_fall note vos_managing          85 to 84
    """,
    "PRSP": """
        2012-06-30 fall high borrowers                   1,701 to 1,688
        2013-03-31 skipped note -                        no December 2012
        2013-09-30 fall high borrowers                   2,834 to 2,686
        2013-09-30 stock_fall note vos_managing          38 to 33
    """,
    "GBTI": """
        2011-12-31 freeze low disbursed                  1.2 since June
        2012-03-31 fall low disbursed                    1.2 to 1, which may be rounded
        2012-06-30 unchanged note disbursed              1 again
        2012-06-30 freeze medium borrowers               152 for a year
        2012-09-30 fall high disbursed                   1.2 to 0.5
        2012-09-30 fall high borrowers                   152 to 31
        2013-03-31 skipped note -                        no December 2012
        2013-03-31 jump low disbursed,borrowers          0.62 million for 5: 124,000 against 16,129
        2013-06-30 unchanged note disbursed              1.12 again
        2013-09-30 fall low disbursed                    1.12 to 1, which may be rounded
        2013-09-30 freeze low borrowers                  36 since March
        2013-12-31 unchanged note disbursed              1 again
        2013-12-31 fall high borrowers                   36 to 30
        2014-03-31 fall high disbursed                   1.12 to 0.6
        2014-03-31 stock_fall note lsos_managing         3 to 1
        2014-09-30 freeze low disbursed                  0.6 since March
        2014-09-30 freeze low borrowers                  42 since March
        2014-12-31 fall high borrowers                   42 to 37
        2014-12-31 stock_fall note vos_managing          10 to 9
        2015-03-31 count_without_amount note disbursed,borrowers      18 more, 1 million again
        2015-06-30 freeze low disbursed                  1 since December
        2015-06-30 unchanged note borrowers              55 again
    """,
}


def of_the_network(rsp: str) -> list[FigureSet]:
    points = published("published_outreach_series.json")["series"][rsp]
    return [
        a_set({name: text for name, text in point.items() if name != "as_of"}, date.fromisoformat(point["as_of"]))
        for point in points
    ]


@pytest.mark.parametrize("rsp", FOUND)
def test_all_that_is_odd_in_a_published_series_is_found_and_nothing_else(rsp: str) -> None:
    listed = sorted(" ".join(line.split()[:4]) for line in FOUND[rsp].strip().splitlines())
    found = [
        f"{one.on} {one.check} {one.severity} {','.join(one.measures) or '-'}"
        for one in check_series(of_the_network(rsp), USUAL)
    ]
    assert sorted(found) == listed


@pytest.mark.parametrize("rsp", FOUND)
def test_the_sets_of_the_published_series_are_each_plausible(rsp: str) -> None:
    assert [one for figures in of_the_network(rsp) for one in check_set(figures, USUAL).findings] == []


# Falls and rounding --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["90.320168", "90.32", "90.4"], None, id="rounded to the nearest, and equal"),
        pytest.param(["90.326168", "90.32", "90.4"], LOW, id="cut off"),
        pytest.param(["90.7", "90", "91.2"], LOW, id="cut off to the million"),
        pytest.param(["90.6", "91", "90.7"], LOW, id="rounded up, and then exact again"),
        pytest.param(["1.2", "1", "1.3"], LOW, id="1.2 rounded to 1"),
        pytest.param(["1.2", "1", "0.9"], HIGH, id="below 1.2 whatever the 1 was"),
        pytest.param(["10", "9"], MEDIUM, id="one of a coarse digit less: rounded up, then cut off"),
        pytest.param(["1.2", "1.1"], MEDIUM, id="a twelfth less"),
        pytest.param(["10.0", "9"], MEDIUM, id="rounded up to tenths, then cut off to the million"),
        pytest.param(["10", "8"], HIGH, id="two millions less"),
        pytest.param(["1", "0.4"], HIGH, id="no rounding makes 0.4 a million"),
        pytest.param(["5", "4", "4", "4"], MEDIUM, id="told once"),
        pytest.param(["1.2", "1", "1.1"], MEDIUM, id="graver than what was told before"),
        pytest.param(["90.4", "90.3"], LOW, id="one of the last digit less: rounded up, then cut off"),
        pytest.param(["90.32", "90.30"], HIGH, id="two hundredths less"),
        pytest.param(["90.32", "-", "90.30"], HIGH, id="over a gap"),
        pytest.param(["90.4", "90.3", "90.2"], HIGH, id="twice in a row"),
        pytest.param(["0", "0", "0.5"], None, id="nothing at first"),
    ],
)
def test_an_amount_falls_where_rounding_does_not_explain_it(texts: list[str], expected: Severity | None) -> None:
    assert told(of_series(cif_disbursed_pkr_million=texts)).get(Check.FALL) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["12,345,678", "12,000,000", "13,456,789"], LOW, id="rounded to the million beside exact ones"),
        pytest.param(["12,345,678", "12,345,000", "13,456,789"], LOW, id="rounded to the thousand beside exact ones"),
        pytest.param(["12,500,000", "12,000,000", "13,000,000"], HIGH, id="all of them round"),
        pytest.param(["10,000,000", "9,000,000"], HIGH, id="whole rupees, all of them very round"),
        pytest.param(["500,000", "450,000"], HIGH, id="a tenth less"),
        pytest.param(["12,345,678", "12,345,677"], HIGH, id="a rupee less"),
    ],
)
def test_noughts_are_rounding_only_beside_far_finer_figures(texts: list[str], expected: Severity) -> None:
    assert told(of_series(disbursed=texts)).get(Check.FALL) == expected


@pytest.mark.parametrize(
    ("measure", "check", "expected"),
    [
        ("borrowers", Check.FALL, HIGH),
        ("households", Check.FALL, HIGH),
        ("loans", Check.FALL, HIGH),
        ("current_borrowers", Check.STOCK_FALL, NOTE),
        ("lsos_managing", Check.STOCK_FALL, MEDIUM),
        ("vos_managing", Check.STOCK_FALL, MEDIUM),
    ],
)
def test_only_what_is_cumulative_may_not_fall(measure: str, check: Check, expected: Severity) -> None:
    assert told(of_series(**{measure: [100, 20]})) == {check: expected}


@pytest.mark.parametrize("measure", ["outstanding", "sub_grant", "fallen_due", "households_eligible"])
def test_what_goes_up_and_down_is_left_alone(measure: str) -> None:
    assert of_series(**{measure: [100_000, 20_000, 20_000, 20_000]}) == []


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param(["16,956", "18,000", "17,951"], LOW, id="to the nearest thousand beside exact ones"),
        pytest.param(["32,170", "32,730", "32,700"], LOW, id="to the nearest hundred beside tens"),
        pytest.param(["208,721", "212,400", "212,350"], LOW, id="to the nearest hundred, half up"),
        pytest.param(["208,721", "212,400", "212,349"], HIGH, id="further than to the nearest hundred"),
        pytest.param(["18,000", "17,000"], HIGH, id="all of them round"),
        pytest.param(["9,000", "8,999"], HIGH, id="too few to be told roughly"),
    ],
)
def test_a_large_count_may_be_told_roughly(counts: list[str], expected: Severity) -> None:
    assert told(of_series(borrowers=counts)).get(Check.FALL) == expected


def test_a_fall_is_told_once() -> None:
    assert [one.check for one in of_series(disbursed_pkr_million=["5", "4", "4"])].count(Check.FALL) == 1
    assert [one.check for one in of_series(disbursed_pkr_million=["5", "4", "5", "4"])].count(Check.FALL) == 2


def test_after_a_fall_the_series_begins_anew() -> None:
    falls = [one for one in of_series(borrowers=[100, 60, 70, 80, 75]) if one.check is Check.FALL]
    ends = quarters(5)
    assert [(one.since, one.on) for one in falls] == [(ends[0], ends[1]), (ends[3], ends[4])]


# Freezes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("borrowers", "expected"),
    [
        ([30, 30, 45], {Check.UNCHANGED: NOTE}),
        ([3_000, 3_000, 3_100], {Check.UNCHANGED: LOW}),
        ([30, 30, 30, 45], {Check.FREEZE: LOW}),
        ([3_000, 3_000, 3_000, 3_100], {Check.FREEZE: MEDIUM}),
        ([30, 30, 30, 30, 30], {Check.FREEZE: MEDIUM}),
        ([0, 0, 0, 0, 0, 30], {Check.FREEZE: NOTE}),
    ],
)
def test_a_freeze_weighs_by_how_long_and_of_how_many(borrowers: list[int], expected: dict[Check, Severity]) -> None:
    assert told(of_series(borrowers=borrowers)) == expected


def test_a_small_fund_printed_in_whole_millions_may_have_moved() -> None:
    assert told(of_series(disbursed_pkr_million=[1, 1, 1, 1, 1, 2])) == {Check.FREEZE: LOW}


def test_periods_are_counted_by_the_calendar_where_one_was_skipped() -> None:
    sets = [a_set({"borrowers": 30}, day) for day in (quarters(4)[0], quarters(4)[1], quarters(4)[3])]
    found = {one.check: dict(one.numbers) for one in check_series(sets, USUAL)}
    assert found[Check.FREEZE] == {"periods": "3"}
    assert found[Check.SKIPPED] == {"periods": "1"}
    assert Check.FREEZE not in told(check_series(sets, USUAL.changed({"freeze_periods": "4"})))


def test_that_nothing_is_written_off_for_years_is_as_it_should_be() -> None:
    assert of_series(written_off=[5_000] * 6, rounds=[3] * 6) == []


# Amounts beside counts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        pytest.param({"disbursed": [10, 13], "borrowers": [1_000, 1_010]}, {Check.JUMP: MEDIUM}, id="a jump"),
        pytest.param({"disbursed": [1, 2.3], "borrowers": [100, 110]}, {Check.JUMP: LOW}, id="a jump of a small one"),
        pytest.param({"disbursed": [10, 11.9], "borrowers": [1_000, 1_100]}, {}, id="less than thrice"),
        pytest.param({"disbursed": [10, 10.3], "borrowers": [1_000, 1_100]}, {Check.SLUMP: LOW}, id="a slump"),
        pytest.param({"disbursed": [0, 3], "borrowers": [0, 100]}, {}, id="no history"),
        pytest.param({"disbursed": [0.1, 3], "borrowers": [9, 20]}, {}, id="too short a history"),
        pytest.param(
            {"disbursed": [10, 12], "borrowers": [1_000, 1_000]},
            {Check.AMOUNT_WITHOUT_COUNT: MEDIUM, Check.UNCHANGED: LOW},
            id="a fifth more for nobody new",
        ),
        pytest.param(
            {"disbursed": [10, 10.5], "borrowers": [1_000, 1_000]},
            {Check.AMOUNT_WITHOUT_COUNT: LOW, Check.UNCHANGED: LOW},
            id="a little more for nobody new",
        ),
        pytest.param(
            {"disbursed": [1, 1.2], "borrowers": [100, 100]},
            {Check.AMOUNT_WITHOUT_COUNT: LOW, Check.UNCHANGED: NOTE},
            id="repeated loans of a small one",
        ),
        pytest.param(
            {"disbursed": [10, 12], "loans": [1_000, 1_000]},
            {Check.AMOUNT_WITHOUT_COUNT: MEDIUM, Check.UNCHANGED: NOTE},
            id="an amount without a loan",
        ),
        pytest.param(
            {"disbursed": [10, 10], "borrowers": [1_000, 1_100]},
            {Check.COUNT_WITHOUT_AMOUNT: MEDIUM, Check.UNCHANGED: LOW},
            id="a hundred more without an amount",
        ),
        pytest.param(
            {"disbursed": [10, 10], "households": [1_000, 1_100]},
            {Check.COUNT_WITHOUT_AMOUNT: MEDIUM, Check.UNCHANGED: LOW},
            id="households too",
        ),
    ],
)
def test_amounts_and_counts_move_together(figures: dict[str, Any], expected: dict[Check, Severity]) -> None:
    said = {name: values for name, values in figures.items() if name != "disbursed"}
    amounts = [f"{value:.4f}" for value in figures["disbursed"]]
    assert told(of_series(disbursed_pkr_million=amounts, **said)) == expected


def test_rounding_is_given_to_an_amount_that_seems_not_to_move() -> None:
    found = told(of_series(disbursed_pkr_million=["1", "1"], borrowers=[37, 55]))
    assert found == {Check.COUNT_WITHOUT_AMOUNT: NOTE, Check.UNCHANGED: NOTE}
    assert told(of_series(disbursed_pkr_million=["100", "101"], borrowers=[1_000, 1_100]))[Check.SLUMP] is LOW
    assert told(of_series(disbursed_pkr_million=["1.25", "1.2"], borrowers=[100, 100])) == {
        Check.FALL: LOW,
        Check.UNCHANGED: NOTE,
    }


def test_loans_of_the_period_explain_what_went_to_nobody_new() -> None:
    figures: dict[str, Any] = {"disbursed_pkr_million": ["10.00", "13.00"], "loans": [1_000, 1_280]}
    jump = of_series(**figures, borrowers=[1_000, 1_010])
    assert told(jump) == {Check.JUMP: LOW}
    assert jump[0].words.endswith("explain it, to people who had some before.")
    assert told(of_series(**figures, borrowers=[1_000, 1_000]))[Check.AMOUNT_WITHOUT_COUNT] is LOW


def test_the_factor_of_a_jump_is_a_parameter() -> None:
    figures: dict[str, Any] = {"disbursed_pkr_million": ["10.00", "12.00"], "borrowers": [1_000, 1_100]}
    assert Check.JUMP not in told(of_series(**figures))
    assert told(of_series(USUAL.changed({"jump_factor": "1.9"}), **figures))[Check.JUMP] is MEDIUM


# Sound series --------------------------------------------------------------------------------------------------


def test_steady_growth_is_found_nothing_wrong_with() -> None:
    months = range(1, 21)
    found = of_series(
        disbursed=[1_400_000 * month for month in months],
        borrowers=[100 * month for month in months],
        loans=[110 * month for month in months],
        lsos_managing=[2] * 20,
    )
    assert found == []


# Turns in a period ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grants", "disbursed", "expected"),
    [
        pytest.param([4_000_000, 4_000_000], [4_000_000, 60_000_000], HIGH, id="fourteen times in a quarter"),
        pytest.param([4_000_000, 4_000_000], [4_000_000, 15_900_000], None, id="lent again each month and a half"),
        pytest.param([4_000_000, 40_000_000], [4_000_000, 60_000_000], None, id="a new LSO with its grant"),
        pytest.param([4_000_000, 8_000_000], [4_000_000, 90_000_000], MEDIUM, id="a new LSO with all it had lent"),
        pytest.param(["-", 4_000_000], [4_000_000, 60_000_000], HIGH, id="the grant is stated late"),
        pytest.param([4_000_000, 500_000], [4_000_000, 9_000_000], None, id="part of the grant given back"),
        pytest.param([4_000_000, "-"], [4_000_000, 60_000_000], None, id="the grant is not stated"),
        pytest.param([4_000_000, 4_000_000], [60_000_000, 4_000_000], None, id="a fall is no turn"),
    ],
)
def test_capital_goes_round_so_often_in_a_period(
    grants: list[int | str], disbursed: list[int], expected: Severity | None
) -> None:
    assert told(of_series(sub_grant=grants, disbursed=disbursed)).get(Check.TURNS) == expected
