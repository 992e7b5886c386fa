"""The rules of tranches: which version holds, and what each criterion finds in a loan."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cif_engine.errors import LimitsReversedError, NumberOutOfRangeError
from cif_engine.fund.eligibility import (
    Area,
    AreaKind,
    Borrowing,
    Criterion,
    Finding,
    Paid,
    RecordedTrancheRule,
    TrancheRule,
    Turns,
    broken,
    in_force,
    judge,
)

RULE = TrancheRule(tranche=2, number=1, valid_from=date(2024, 1, 1))
LOAN = Borrowing("female", 10, "VO-1", "CO-1", "UC-7", amount_minor=15_000_00, cycle=2)
NOTHING = Paid(0, 0)


def found(rule: TrancheRule, loan: Borrowing = LOAN, paid: Paid = NOTHING) -> Finding:
    (finding,) = judge(rule, loan, paid)
    return finding


def test_a_rule_that_asks_for_nothing_finds_nothing() -> None:
    assert judge(RULE, LOAN, NOTHING) == ()


@pytest.mark.parametrize(
    ("band", "score", "wanted", "met"),
    [
        pytest.param((None, 18), 18, "0-18", True, id="at the upper end"),
        pytest.param((None, 18), 19, "0-18", False, id="above it"),
        pytest.param((12, None), 12, "12-100", True, id="at the lower end"),
        pytest.param((12, None), 11, "12-100", False, id="below it"),
        pytest.param((0, 0), 0, "0-0", True, id="a score of nothing is a score"),
        pytest.param((0, 100), None, "0-100", None, id="no score"),
    ],
)
def test_the_poverty_band_takes_both_its_ends(
    band: tuple[int | None, int | None], score: int | None, wanted: str, *, met: bool | None
) -> None:
    rule = replace(RULE, poverty_score_from=band[0], poverty_score_to=band[1])
    finding = found(rule, LOAN._replace(poverty_score=score))
    told = None if score is None else str(score)
    assert finding == Finding(Criterion.POVERTY_BAND, wanted, told, met, breaks=met is not True)


@pytest.mark.parametrize(
    ("areas", "union_council", "told", "met"),
    [
        pytest.param([("vo", "VO-1")], None, "vo VO-1", True, id="her VO"),
        pytest.param([("vo", "VO-2")], None, "vo VO-1", False, id="another VO"),
        pytest.param([("co", "VO-1")], None, "co CO-1", False, id="a CO of the name of her VO"),
        pytest.param([("vo", "VO-2"), ("co", "CO-1")], None, "co CO-1, vo VO-1", True, id="one of them suffices"),
        pytest.param([("union_council", "UC-7")], "UC-7", "union_council UC-7", True, id="her union council"),
        pytest.param([("union_council", "UC-8")], "UC-7", "union_council UC-7", False, id="another one"),
        pytest.param([("union_council", "UC-8")], None, None, None, id="a union council that nobody knows"),
        pytest.param([("vo", "VO-2"), ("union_council", "UC-8")], None, "vo VO-1", None, id="it might be that one"),
        pytest.param([("vo", "VO-1"), ("union_council", "UC-8")], None, "vo VO-1", True, id="her VO is enough"),
    ],
)
def test_the_borrower_is_of_one_of_the_areas(
    areas: list[tuple[str, str]], union_council: str | None, told: str | None, *, met: bool | None
) -> None:
    rule = replace(RULE, areas=tuple(Area(AreaKind(kind), code) for kind, code in areas))
    finding = found(rule, LOAN._replace(union_council=union_council))
    assert (finding.criterion, finding.found, finding.met) == (Criterion.AREA, told, met)
    assert finding.breaks == (met is not True)


@pytest.mark.parametrize(("most", "met"), [(15_000_00, True), (14_999_99, False)])
def test_a_loan_is_at_most_so_much(most: int, *, met: bool) -> None:
    finding = found(replace(RULE, amount_max_minor=most))
    assert finding == Finding(Criterion.AMOUNT, f"{most // 100}.{most % 100:02}", "15000.00", met, not met)


@pytest.mark.parametrize(("most", "met"), [(2, True), (1, False)])
def test_a_cycle_is_at_most_so_high(most: int, *, met: bool) -> None:
    assert found(replace(RULE, cycle_max=most)) == Finding(Criterion.CYCLE, str(most), "2", met, not met)


@pytest.mark.parametrize(
    ("paid", "gender", "told", "met", "breaks"),
    [
        pytest.param((60, 100), "male", "0.6000", True, False, id="just enough"),
        pytest.param((59, 100), "male", "0.5900", False, True, id="a man too many"),
        pytest.param((59, 100), "female", "0.5900", False, False, id="never refused to a woman"),
        pytest.param((599_999, 1_000_000), "male", "0.6000", False, True, id="compared exactly, not as it is written"),
        pytest.param((2, 3), "male", "0.6667", True, False, id="two thirds"),
    ],
)
def test_the_share_of_women(paid: tuple[int, int], gender: str, told: str, *, met: bool, breaks: bool) -> None:
    finding = found(replace(RULE, women_share_min=Decimal("0.60")), LOAN._replace(gender=gender), Paid(*paid))
    assert finding == Finding(Criterion.WOMEN_SHARE, "0.60", told, met, breaks)


def test_every_criterion_that_is_broken_is_told_in_words() -> None:
    rule = replace(
        RULE,
        poverty_score_to=9,
        areas=(Area(AreaKind.UNION_COUNCIL, "UC-8"),),
        amount_max_minor=100_00,
        cycle_max=1,
        women_share_min=Decimal("0.9"),
    )
    man = Borrowing("male", None, "VO-1", "CO-1", None, 15_000_00, 2)
    assert list(broken(2, judge(rule, man, Paid(1, 2)))) == [
        "Tranche 2: the poverty score is to be 0-9; it is not known.",
        "Tranche 2: the place of the borrower is to be union_council UC-8; it is not known.",
        "Tranche 2: the loan is to be at most 100.00; it is 15000.00.",
        "Tranche 2: the cycle is to be at most 1; it is 2.",
        "Tranche 2: the share of women in what it pays out is to be at least 0.9; it is 0.5000.",
    ]
    assert list(broken(2, judge(replace(RULE, poverty_score_to=10), LOAN, NOTHING))) == []


@pytest.mark.parametrize(("turns", "about"), [(Turns.FIRST, [True, False, False]), (Turns.ALL, [True, True, True])])
def test_a_rule_is_about_the_first_turn_or_about_all(turns: Turns, about: list[bool]) -> None:
    assert [replace(RULE, turns=turns).is_about(turn) for turn in (1, 2, 3)] == about


def recorded(number: int, valid_from: str, tranche: int = 2) -> RecordedTrancheRule:
    rule = TrancheRule(tranche=tranche, number=number, valid_from=date.fromisoformat(valid_from))
    return RecordedTrancheRule(rule, number, "finance")


VERSIONS = (
    recorded(1, "2024-01-01"),
    recorded(2, "2024-07-01"),
    recorded(3, "2024-07-01"),
    recorded(4, "2024-03-01"),
    recorded(1, "2023-01-01", tranche=3),
)


@pytest.mark.parametrize(
    ("day", "number"),
    [("2023-12-31", None), ("2024-01-01", 1), ("2024-03-01", 4), ("2024-06-30", 4), ("2024-07-01", 3)],
)
def test_the_version_that_began_last_holds_and_of_one_day_the_last_recorded(day: str, number: int | None) -> None:
    holding = in_force(VERSIONS, 2, date.fromisoformat(day))
    assert (holding and holding.number) == number


@pytest.mark.parametrize(
    ("changed", "refusal", "pointer"),
    [
        pytest.param({"tranche": 0}, NumberOutOfRangeError, "/tranche", id="no tranche"),
        pytest.param({"tranche": 10_000}, NumberOutOfRangeError, "/tranche", id="a tranche beyond all"),
        pytest.param({"number": 0}, NumberOutOfRangeError, "/number", id="no number"),
        pytest.param({"poverty_score_to": 101}, NumberOutOfRangeError, "/poverty_score_to", id="a score above 100"),
        pytest.param({"poverty_score_from": -1}, NumberOutOfRangeError, "/poverty_score_from", id="below nothing"),
        pytest.param(
            {"poverty_score_from": 19, "poverty_score_to": 18},
            LimitsReversedError,
            "/poverty_score_from",
            id="the ends the other way round",
        ),
        pytest.param({"women_share_min": Decimal(0)}, NumberOutOfRangeError, "/women_share_min", id="a share of none"),
        pytest.param(
            {"women_share_min": Decimal("1.01")}, NumberOutOfRangeError, "/women_share_min", id="more than all"
        ),
        pytest.param({"amount_max_minor": 0}, NumberOutOfRangeError, "/amount_max", id="no loan at all"),
        pytest.param({"cycle_max": 0}, NumberOutOfRangeError, "/cycle_max", id="no cycle at all"),
    ],
)
def test_an_impossible_rule_is_refused(changed: dict[str, Any], refusal: type[Exception], pointer: str) -> None:
    with pytest.raises(refusal) as refused:
        replace(RULE, **changed)
    assert getattr(refused.value, "pointer", None) == pointer


def test_areas_are_kept_once_each_and_in_order() -> None:
    vo, co = Area(AreaKind.VO, "A"), Area(AreaKind.CO, "B")
    assert replace(RULE, areas=(vo, co, vo)).areas == (co, vo)
