"""Figures that were printed together: what cannot be, what should be explained, and what follows."""

from datetime import date
from typing import Any

import pytest

from cif_engine.reported.findings import Check, Severity, Verdict, each, ratio, rupees
from cif_engine.reported.parameters import USUAL
from cif_engine.reported.set_checks import check_set
from tests.unit.reported.saying import a_set, of_set, told

HIGH, MEDIUM, LOW, NOTE = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.NOTE
FORMED = date(2017, 1, 20)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        pytest.param({"disbursed": 15_000_000, "loans": 1_000}, None, id="15,000 a loan"),
        pytest.param({"disbursed": 120_000_000, "loans": 1_000}, MEDIUM, id="120,000 a loan"),
        pytest.param({"disbursed": 210_000_000, "loans": 1_000}, HIGH, id="210,000 a loan"),
        pytest.param({"disbursed": 1_500_000, "loans": 1_000}, MEDIUM, id="1,500 a loan"),
        pytest.param({"disbursed": 900_000, "loans": 1_000}, HIGH, id="900 a loan"),
        pytest.param({"disbursed_pkr_million": "0", "loans": 40}, None, id="nought, rounded to the million"),
        pytest.param({"disbursed": 400_000_000, "households": 1_000}, None, id="400,000 a household in many loans"),
        pytest.param({"disbursed": 900_000_000, "households": 1_000}, MEDIUM, id="900,000 a household"),
        pytest.param({"disbursed": 1_990_000_000, "borrowers": 1_000}, MEDIUM, id="borrowers too"),
        pytest.param({"disbursed": 2_100_000_000, "borrowers": 1_000}, HIGH, id="2,100,000 a borrower"),
        pytest.param({"disbursed": 900_000, "borrowers": 1_000}, HIGH, id="900 a borrower"),
    ],
)
def test_an_average_loan_lies_within_what_loans_may_be(figures: dict[str, Any], expected: Severity | None) -> None:
    assert told(of_set(figures)).get(Check.AVERAGE_LOAN) == expected


def test_limits_are_those_that_are_asked_for() -> None:
    figures = {"disbursed": 30_000_000, "loans": 1_000}
    assert Check.AVERAGE_LOAN not in told(of_set(figures))
    found = told(of_set(figures, parameters=USUAL.changed({"loan_max": "25000"})))
    assert found[Check.AVERAGE_LOAN] is MEDIUM


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"loans": 326, "households": 327}, HIGH),
        ({"loans": 327, "households": 327}, None),
        ({"loans": 326, "borrowers": 327}, HIGH),
        ({"loans": 326, "households": 320, "borrowers": 327}, HIGH),
        ({"loans": 326, "households": 327, "borrowers": 320}, HIGH),
        ({"loans": "30,000", "borrowers": "30,040"}, None),
        ({"loans": "-", "borrowers": 327}, None),
    ],
)
def test_each_household_had_a_loan_at_least(figures: dict[str, Any], expected: Severity | None) -> None:
    assert told(of_set(figures)).get(Check.LOANS_BELOW_PEOPLE) == expected


@pytest.mark.parametrize(
    ("disbursed", "expected"),
    [(39_000_000, None), (60_000_000, MEDIUM), (140_000_000, MEDIUM), (160_000_000, HIGH)],
)
def test_capital_goes_round_as_often_as_the_shortest_loans_allow(disbursed: int, expected: Severity | None) -> None:
    """4 million in 1,622 days: 9.9 turns with loans of twelve months, 36.5 with loans of three."""
    found = of_set({"sub_grant": 4_000_000, "disbursed": disbursed}, formed_on=FORMED)
    assert told(found).get(Check.TURNS) == expected
    means = told(found)[Check.BEYOND_MEANS]
    assert means is (HIGH if expected is HIGH else NOTE)


def test_within_the_capital_nothing_need_have_come_back() -> None:
    assert of_set({"sub_grant": 4_000_000, "disbursed": 4_000_000}, formed_on=FORMED) == []


def test_other_contributions_are_capital_too() -> None:
    found = of_set({"sub_grant": 4_000_000, "contributions": 2_000_000, "disbursed": 160_000_000}, formed_on=FORMED)
    assert told(found)[Check.TURNS] is MEDIUM


@pytest.mark.parametrize("formed_on", [None, date(2021, 7, 1)])
def test_without_a_day_of_formation_turns_are_not_checked(formed_on: date | None) -> None:
    figures = a_set({"sub_grant": 4_000_000, "disbursed": 327_152_021}, formed_on=formed_on)
    why = {one.check: one.why for one in check_set(figures, USUAL).unchecked}
    assert why[Check.TURNS] == (
        "The capital went round 81.8 times, which takes 3,691 days at least; the day of formation is not stated."
    )


@pytest.mark.parametrize(
    ("recovered", "expected"),
    [(6_000_000, None), (5_990_000, None), (5_700_000, MEDIUM), (5_000_000, HIGH)],
)
def test_no_more_was_disbursed_than_there_was(recovered: int, expected: Severity | None) -> None:
    """Of 10 million from 4 million of capital: charges and bank profit explain a tenth of what came back."""
    found = of_set({"sub_grant": 4_000_000, "disbursed": 10_000_000, "recovered": recovered})
    assert told(found).get(Check.BEYOND_MEANS) == expected


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"disbursed": 5_500_000, "recovered": 2_937_000, "outstanding": 2_563_000}, NOTE),
        ({"disbursed": 5_500_000, "recovered": 2_900_000, "outstanding": 2_563_000}, NOTE),
        ({"disbursed": 5_500_000, "recovered": 2_437_000, "outstanding": 2_563_000}, MEDIUM),
        ({"disbursed": 5_500_000, "recovered": 2_437_000, "outstanding": 2_563_000, "written_off": 500_000}, NOTE),
        ({"disbursed": 5_500_000, "recovered": 3_937_000, "outstanding": 2_563_000}, MEDIUM),
        ({"disbursed": 5_500_000, "recovered": 7_000_000, "outstanding": 0}, HIGH),
        ({"disbursed": 5_500_000, "recovered": 0, "outstanding": 6_563_000}, HIGH),
    ],
)
def test_what_was_disbursed_is_recovered_or_outstanding(figures: dict[str, Any], expected: Severity) -> None:
    assert told(of_set(figures))[Check.TIES_OUT] is expected


def test_a_recovery_rate_is_of_what_had_fallen_due() -> None:
    known = {"recovered": 900_000, "fallen_due": 1_000_000}
    assert Check.NO_RECOVERY_RATE not in told(of_set(known))
    assert told(of_set({"recovered": 900_000}))[Check.NO_RECOVERY_RATE] is NOTE
    assert told(of_set({"recovery_rate": "99%"}))[Check.NO_RECOVERY_RATE] is NOTE
    assert Check.RATE_DIFFERS not in told(of_set({**known, "recovery_rate": "90%"}))
    assert told(of_set({**known, "recovery_rate": "99%"}))[Check.RATE_DIFFERS] is MEDIUM


@pytest.mark.parametrize(
    "figures",
    [
        {"recovery_rate": "100%"},
        {"recovery_rate": "102"},
        {"recovered": 500, "fallen_due": 500},
    ],
)
def test_perfect_recovery_is_to_be_explained(figures: dict[str, Any]) -> None:
    assert told(of_set(figures))[Check.PERFECT_RECOVERY] is MEDIUM


def test_a_fund_that_is_paid_back_in_full_is_worth_a_look() -> None:
    figures = {"recovered": 5_000_000, "disbursed": 5_000_000}
    assert told(of_set(figures))[Check.PERFECT_RECOVERY] is LOW
    assert told(of_set({**figures, "borrowers": 499}))[Check.PERFECT_RECOVERY] is LOW
    assert told(of_set({**figures, "borrowers": 500}))[Check.PERFECT_RECOVERY] is MEDIUM


@pytest.mark.parametrize("figures", [{"recovery_rate": "99.9"}, {"recovered": 0, "fallen_due": 0}])
def test_less_than_perfect_is_ordinary(figures: dict[str, Any]) -> None:
    assert Check.PERFECT_RECOVERY not in told(of_set(figures))


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("households_total", HIGH), ("households_organised", MEDIUM), ("households_eligible", MEDIUM)],
)
def test_no_more_households_are_served_than_there_are(measure: str, expected: Severity) -> None:
    assert told(of_set({"households": 301, measure: 300})) == {Check.MORE_THAN_THERE_ARE: expected}
    assert told(of_set({"households": 300, measure: 300})) == {}


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"disbursed": 5_000_000, "borrowers": 0}, HIGH),
        ({"disbursed": 0, "loans": 0}, None),
        ({"disbursed_pkr_million": "0.0", "loans": 3}, None),
    ],
)
def test_an_amount_went_to_someone(figures: dict[str, Any], expected: Severity | None) -> None:
    assert told(of_set(figures)).get(Check.AMOUNT_WITHOUT_PEOPLE) == expected


@pytest.mark.parametrize("text", [None, "-"])
def test_what_is_missing_is_told_as_it_was_typed(text: str | None) -> None:
    (finding,) = of_set({"loans": text})
    assert (finding.check, finding.severity, finding.measures) == (Check.MISSING, NOTE, ("loans",))
    assert finding.words.startswith('"-" stands' if text else "Nothing stands")


def test_a_verdict_is_that_of_the_gravest_finding() -> None:
    assert check_set(a_set({"loans": 1, "households": 2}), USUAL).verdict is Verdict.IMPOSSIBLE
    assert check_set(a_set({"recovery_rate": 100}), USUAL).verdict is Verdict.DOUBTFUL
    assert check_set(a_set({"loans": 2}), USUAL).verdict is Verdict.PLAUSIBLE


def test_numbers_are_told_as_people_read_them() -> None:
    assert rupees(32_715_202_100) == "PKR 327,152,021"
    assert rupees(1_050) == "PKR 10.50"
    assert ratio(327_152_021, 4_000_000) == "81.8"
    assert each(32_715_202_100, 721) == 45_374_800


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        pytest.param({"borrowers": 400, "current_borrowers": 401}, HIGH, id="more now than ever"),
        pytest.param({"borrowers": 400, "households": 401}, MEDIUM, id="a household without a borrower"),
        pytest.param({"disbursed": 5_500_000, "written_off": 6_000_000}, HIGH, id="more lost than lent"),
        pytest.param({"disbursed": 5_500_000, "fallen_due": 6_000_000}, MEDIUM, id="more due than lent"),
        pytest.param({"disbursed": 5_500_000, "outstanding": 6_000_000}, HIGH, id="more out than lent"),
        pytest.param({"disbursed": 5_500_000, "recovered": 6_000_000}, MEDIUM, id="more back than lent: charges"),
        pytest.param({"disbursed": 5_500_000, "recovered": 7_000_000}, HIGH, id="more back than charges explain"),
        pytest.param({"households_total": 3_000, "households_organised": 3_100}, MEDIUM, id="more organised"),
        pytest.param({"households_total": 3_000, "households_eligible": 3_100}, MEDIUM, id="more eligible"),
        pytest.param({"disbursed": 5_500_000, "recovered": 5_500_000, "outstanding": 0}, None, id="all is back"),
        pytest.param(
            {"disbursed_pkr_million": "5.5", "recovered_pkr_million": "5.6"}, None, id="above by its rounding alone"
        ),
    ],
)
def test_a_part_is_not_above_its_whole(figures: dict[str, Any], expected: Severity | None) -> None:
    assert told(of_set(figures)).get(Check.ABOVE_ITS_WHOLE) == expected


@pytest.mark.parametrize(("outstanding", "expected"), [(4_000_000, NOTE), (5_000_000, MEDIUM), (9_000_000, HIGH)])
def test_no_more_is_out_than_there_is(outstanding: int, expected: Severity) -> None:
    """Of 20 million lent from 4: charges on what came back explain a tenth of it."""
    found = of_set({"sub_grant": 4_000_000, "disbursed": 20_000_000, "outstanding": outstanding})
    assert told(found)[Check.BEYOND_MEANS] is expected


def test_capital_that_is_rounded_may_be_more_than_printed() -> None:
    figures = {"sub_grant_pkr_million": "5", "disbursed_pkr_million": "5.35", "recovered_pkr_million": "0"}
    assert Check.BEYOND_MEANS not in told(of_set(figures))
