from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.errors import RuleSetUnsoundError
from cif_engine.money import MAX_MINOR
from cif_engine.portfolio.classification import (
    LONGEST_CLASS_NAME,
    MOST_BANDS,
    MOST_DAYS,
    ClassBand,
    Comparator,
    RuleSet,
    required_minor,
)
from cif_engine.rules import LONGEST_NAME, Recorded, in_force

SOME_DAY = date(2021, 7, 1)


def bands(*said: tuple[str, int, int | None, str | None]) -> tuple[ClassBand, ...]:
    return tuple(
        ClassBand(name, first, last, None if rate is None else Decimal(rate)) for name, first, last, rate in said
    )


GOOD = bands(("Good", 0, 29, "0"), ("Doubtful", 30, 179, "0.5"), ("Loss", 180, None, "1"))


def rule_set(**changed: Any) -> RuleSet:  # noqa: ANN401 - fields of a rule set
    said: dict[str, Any] = {
        "code": "board",
        "number": 1,
        "name": "Of the board",
        "effective_from": SOME_DAY,
        "comparator": Comparator.AT_LEAST,
        "bands": GOOD,
        "remark": "",
    }
    return RuleSet(**(said | changed))


# Late over n ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparator", "n", "least"),
    [
        (Comparator.MORE_THAN, 0, 1),
        (Comparator.MORE_THAN, 30, 31),
        (Comparator.AT_LEAST, 0, 1),
        (Comparator.AT_LEAST, 1, 1),
        (Comparator.AT_LEAST, 30, 30),
    ],
)
def test_late_over_n_begins_with_so_many_days(comparator: Comparator, n: int, least: int) -> None:
    assert comparator.least_days_late(n) == least
    assert [comparator.is_late_over(days, n) for days in (least - 1, least, least + 1)] == [False, True, True]


# Classes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_late", "name"),
    [(0, "Good"), (29, "Good"), (30, "Doubtful"), (179, "Doubtful"), (180, "Loss"), (10_000, "Loss")],
)
def test_a_loan_is_of_the_class_whose_days_it_is_late(days_late: int, name: str) -> None:
    assert rule_set().classify(days_late).name == name


ends = st.lists(st.integers(0, MOST_DAYS), unique=True, max_size=MOST_BANDS - 1).map(sorted)


@given(ends, st.integers(0, 2 * MOST_DAYS))
def test_whatever_its_bands_a_sound_rule_set_takes_every_loan_once(last_days: list[int], days_late: int) -> None:
    firsts, lasts = [0, *(last + 1 for last in last_days)], [*last_days, None]
    made = rule_set(
        bands=tuple(ClassBand(f"Class {first}", first, last, None) for first, last in zip(firsts, lasts, strict=True))
    )
    taking = [
        band
        for band in made.bands
        if band.days_from <= days_late and (band.days_to is None or days_late <= band.days_to)
    ]
    assert taking == [made.classify(days_late)]


# What is wrong is said all at once -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "pointers"),
    [
        pytest.param({"code": "Board"}, ["/code"], id="capital letters"),
        pytest.param({"code": "-b"}, ["/code"], id="a dash first"),
        pytest.param({"code": "b" * 21}, ["/code"], id="long code"),
        pytest.param({"number": 0}, ["/number"], id="no number"),
        pytest.param({"name": " "}, ["/name"], id="no name"),
        pytest.param({"name": "n" * (LONGEST_NAME + 1)}, ["/name"], id="long name"),
        pytest.param({"bands": ()}, ["/bands"], id="no bands"),
        pytest.param({"bands": bands(("Good", 1, None, "0"))}, ["/bands/0/days_from"], id="does not begin at 0"),
        pytest.param({"bands": bands(("Good", 0, 5, "0"))}, ["/bands/0/days_to"], id="not open at the end"),
        pytest.param({"bands": bands(("Good", 0, 5, "0"), ("Loss", 7, None, "1"))}, ["/bands/1/days_from"], id="a gap"),
        pytest.param(
            {"bands": bands(("Good", 0, 5, "0"), ("Loss", 5, None, "1"))}, ["/bands/1/days_from"], id="an overlap"
        ),
        pytest.param(
            {"bands": bands(("Good", 0, None, "0"), ("Loss", 6, None, "1"))}, ["/bands/0/days_to"], id="open within"
        ),
        pytest.param(
            {"bands": bands(("Good", 0, 5, "0"), ("Late", 6, 5, "0"), ("Loss", 6, None, "1"))},
            ["/bands/1/days_to"],
            id="ends before it begins",
        ),
        pytest.param(
            {"bands": bands(("Good", 0, MOST_DAYS + 1, "0"), ("Loss", MOST_DAYS + 2, None, "1"))},
            ["/bands/0/days_to"],
            id="beyond any loan",
        ),
        pytest.param(
            {"bands": bands(("Good", 0, 5, "0"), ("Good ", 6, None, "1"))}, ["/bands/1/name"], id="one name twice"
        ),
        pytest.param({"bands": bands(("", 0, None, "0"))}, ["/bands/0/name"], id="a class without a name"),
        pytest.param(
            {"bands": bands(("c" * (LONGEST_CLASS_NAME + 1), 0, None, "0"))}, ["/bands/0/name"], id="long class name"
        ),
        pytest.param({"bands": bands(("Good", 0, None, "-0.01"))}, ["/bands/0/rate"], id="a rate below 0"),
        pytest.param({"bands": bands(("Good", 0, None, "1.01"))}, ["/bands/0/rate"], id="a rate above 1"),
        pytest.param({"bands": bands(("Good", 0, None, "0.0000001"))}, ["/bands/0/rate"], id="seven decimals"),
        pytest.param({"bands": bands(("Good", 0, None, "NaN"))}, ["/bands/0/rate"], id="no number at all"),
        pytest.param(
            {"bands": bands(("Good", 0, 5, "0"), ("Loss", 6, None, None))}, ["/bands/1/rate"], id="a rate missing"
        ),
        pytest.param(
            {"bands": bands(("Good", 0, 5, None), ("Loss", 6, None, "1"))}, ["/bands/1/rate"], id="a rate too much"
        ),
        pytest.param(
            {"code": "", "number": -1, "bands": bands(("Good", 2, 5, "2"), ("Good", 9, 7, None))},
            [
                "/code",
                "/number",
                "/bands/0/days_from",
                "/bands/1/days_to",
                "/bands/1/days_from",
                "/bands/1/days_to",
                "/bands/1/name",
                "/bands/0/rate",
                "/bands/1/rate",
            ],
            id="all at once",
        ),
        pytest.param(
            {"bands": tuple(ClassBand(f"C{day}", day, day, None) for day in range(MOST_BANDS + 1))},
            ["/bands"],
            id="too many bands",
        ),
    ],
)
def test_an_unsound_rule_set_is_refused_with_all_that_is_wrong(changed: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(RuleSetUnsoundError) as refusal:
        rule_set(**changed)
    answer = refusal.value.as_answer()
    assert [error["pointer"] for error in answer["errors"]] == pointers
    assert answer["code"] == "rule_set_unsound"
    assert answer["pointer"] == pointers[0]


def test_a_set_of_stages_alone_gives_no_rates() -> None:
    stages = rule_set(bands=bands(("Stage 1", 0, 30, None), ("Stage 2", 31, None, None)))
    assert (stages.gives_rates, rule_set().gives_rates) == (False, True)


# What a class calls for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outstanding_minor", "rate", "required"),
    [
        pytest.param(6_000_000, "0.25", 1_500_000, id="a quarter"),
        pytest.param(6_000_002, "0.25", 1_500_000, id="half a paisa goes to the even one below"),
        pytest.param(6_000_006, "0.25", 1_500_002, id="half a paisa goes to the even one above"),
        pytest.param(3, "0.333333", 1, id="nearest"),
        pytest.param(100, "0", 0, id="nothing"),
        pytest.param(100, "1", 100, id="all"),
        pytest.param(MAX_MINOR, "0.000001", MAX_MINOR // 10**6, id="the largest amount"),
        pytest.param(100, None, None, id="no rate, no provision"),
    ],
)
def test_a_class_calls_for_its_rate_of_what_is_outstanding(
    outstanding_minor: int, rate: str | None, required: int | None
) -> None:
    assert required_minor(outstanding_minor, None if rate is None else Decimal(rate)) == required


@given(st.integers(0, MAX_MINOR), st.decimals(0, 1, places=6))
def test_the_provision_is_never_more_than_half_a_paisa_off(outstanding_minor: int, rate: Decimal) -> None:
    required = required_minor(outstanding_minor, rate)
    assert required is not None
    assert abs(required - outstanding_minor * Fraction(rate)) <= Fraction(1, 2)
    assert 0 <= required <= outstanding_minor


# Which version is in force -------------------------------------------------------------------------------------


def version(number: int, effective_from: str, recorded_at: int) -> Recorded[RuleSet]:
    said = replace(rule_set(), number=number, effective_from=date.fromisoformat(effective_from))
    return Recorded(said, recorded_at, "setup")


HISTORY = (
    version(1, "1900-01-01", 0),
    version(2, "2021-07-01", 100),
    version(3, "2020-07-01", 200),
    version(4, "2021-07-01", 300),
)


@pytest.mark.parametrize(
    ("as_of", "known_at", "number"),
    [
        pytest.param("2019-06-30", 400, 1, id="the first, since ever"),
        pytest.param("2021-06-30", 150, 1, id="the day before the second"),
        pytest.param("2021-07-01", 150, 2, id="the day of the second"),
        pytest.param("2021-07-01", 99, 1, id="not yet recorded"),
        pytest.param("2021-07-01", 100, 2, id="recorded at that moment"),
        pytest.param("2020-12-31", 250, 3, id="recorded later, about earlier days"),
        pytest.param("2021-12-31", 250, 2, id="the latest day counts, not the latest number"),
        pytest.param("2021-12-31", 400, 4, id="of one day the later number"),
        pytest.param("1899-12-31", 400, None, id="before everything"),
    ],
)
@pytest.mark.parametrize("turned", [False, True], ids=["as recorded", "in any order"])
def test_the_version_in_force_is_the_last_to_begin_of_those_known(
    as_of: str, known_at: int, number: int | None, *, turned: bool
) -> None:
    versions: Sequence[Recorded[RuleSet]] = HISTORY[::-1] if turned else HISTORY
    found = in_force(versions, date.fromisoformat(as_of), known_at)
    assert (found and found.rule.number) == number
