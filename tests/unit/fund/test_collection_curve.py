"""How a fund's dues were collected, worked by hand. Amounts are whole numbers; a row per month of age."""

from datetime import date
from fractions import Fraction

import pytest

from cif_engine.dates import month_end_of
from cif_engine.fund.collection_curve import (
    BANDS,
    Basis,
    Due,
    History,
    Measured,
    Measurement,
    Stood,
    curve_of,
    measure,
    months_over,
)

ENDS = tuple(month_end_of(date(2024, month, 1)) for month in range(3, 7))
"""March to June."""

NOTHING = Measured()
NONE, ALL = Fraction(0), Fraction(1)


def stood(month: int, paid: int, *, schedule: int = 1, lost: bool = False, loan: str = "A", year: int = 2024) -> Stood:
    return Stood(loan, date(year, month, 15), schedule, paid, lost)


def due(month: int, starts: int, ends: int, *, schedule: int = 1, loan: str = "A", year: int = 2024) -> Due:
    return Due(loan, schedule, date(year, month, 10), starts, ends)


def counted(dues: list[Due], standings: list[Stood]) -> list[tuple[int, int, int]]:
    """Return what was measured, up to the oldest age of which there was anything."""
    found = [tuple(part) for part in measure(History(dues, standings), ENDS).bands]
    while found and not any(found[-1]):
        found.pop()
    return [(one, two, three) for one, two, three in found]


@pytest.mark.parametrize(
    ("as_of", "ends"),
    [
        pytest.param(date(2024, 3, 31), [date(2024, 2, 29), date(2024, 3, 31)], id="a month that ends"),
        pytest.param(date(2024, 3, 30), [date(2024, 1, 31), date(2024, 2, 29)], id="one that does not"),
        pytest.param(date(2024, 1, 1), [date(2023, 11, 30), date(2023, 12, 31)], id="over the year"),
    ],
)
def test_only_months_that_are_over_are_measured(as_of: date, ends: list[date]) -> None:
    assert list(months_over(as_of, 2)) == ends


@pytest.mark.parametrize(
    ("dues", "standings", "expected"),
    [
        pytest.param([due(4, 0, 100)], [stood(3, 0), stood(4, 100)], [(100, 100, 0)], id="paid in its month"),
        pytest.param(
            [due(3, 0, 1000)],
            [stood(1, 0), stood(3, 400), stood(4, 700)],
            [(1000, 400, 0), (600, 300, 0), (300, 0, 0), (300, 0, 0)],
            id="400 in March, 300 in April, nothing in May and June",
        ),
        pytest.param(
            [due(3, 0, 100), due(4, 100, 200), due(5, 200, 300)],
            [stood(1, 0), stood(3, 100), stood(4, 150), stood(5, 300)],
            [(300, 250, 0), (50, 50, 0)],
            id="one payment settles the oldest first",
        ),
        pytest.param(
            [due(4, 0, 100), due(5, 100, 200)],
            [stood(1, 0), stood(3, 160), stood(5, 200)],
            [(40, 40, 0)],
            id="what was paid before the month is in neither part",
        ),
        pytest.param(
            [due(4, 0, 100)],
            [stood(1, 0), stood(5, 20, lost=True)],
            [(100, 0, 0), (100, 20, 80)],
            id="written off in May: 20 collected, 80 lost, and followed no longer",
        ),
        pytest.param(
            [due(4, 0, 100), due(6, 0, 100, schedule=2)],
            [stood(1, 0), stood(5, 0, schedule=2)],
            [(200, 0, 0), (100, 0, 0)],
            id="rescheduled in May: followed to its end, and due again in June by the new schedule",
        ),
        pytest.param(
            [due(1, 40, 100), due(9, 0, 40, year=2022)],
            [stood(2, 0, year=2024), stood(4, 10), stood(6, 70)],
            [(0, 0, 0), (0, 0, 0), (60, 0, 0), (60, 0, 0), (120, 30, 0), (0, 0, 0), (140, 40, 0)],
            id="overdue when the months began, a little and long ago",
        ),
        pytest.param([], [], [], id="nothing"),
    ],
)
def test_each_month_teaches_what_became_of_dues_of_each_age(
    dues: list[Due], standings: list[Stood], expected: list[tuple[int, int, int]]
) -> None:
    assert counted(dues, standings) == expected


def test_a_loan_made_and_due_in_one_month_counts_in_it() -> None:
    late = Due("A", 1, date(2024, 4, 30), 0, 100)
    assert counted([late], [stood(4, 0), Stood("A", date(2024, 4, 30), 1, 100, is_lost=False)]) == [(100, 100, 0)]


def test_loans_are_added_up_and_months_with_dues_counted_once() -> None:
    dues = [due(3, 0, 100), due(3, 0, 60, loan="B"), due(5, 60, 100, loan="B"), due(1, 0, 10, loan="C")]
    standings = [stood(1, 0), stood(3, 100), stood(1, 0, loan="B"), stood(6, 60, loan="B"), stood(1, 0, loan="C")]
    found = measure(History(dues, standings), ENDS)
    assert found.months_with_dues == 2
    assert found.bands[0] == (200, 100, 0)
    assert found.bands[1] == (60 + 40, 0, 0)
    assert found.bands[2] == (60 + 10, 0, 0)
    assert found.bands[3] == (60 + 10, 60, 0)
    assert found.bands[4] == (10 + 10, 0, 0)


# What to expect ------------------------------------------------------------------------------------------------


def measured(**bands: Measured) -> Measurement:
    """Return a measurement; `age_1=` is the band that begins with an age of 1."""
    found = [bands.get(f"age_{ages.months_from}", NOTHING) for ages in BANDS]
    return Measurement(tuple(found), 12)


def shares(age: int, known: Measurement, *given: Fraction | None) -> tuple[Fraction, Fraction, Basis]:
    curve = curve_of(known, *(given or (None, None)))
    place = next(place for place, ages in enumerate(BANDS) if ages.months_to is None or age <= ages.months_to)
    return (*curve.of_age(age), curve.basis[place])


KNOWN = measured(age_0=Measured(100, 90, 0), age_2=Measured(40, 10, 4), age_7=Measured(20, 1, 2))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(0, (Fraction(9, 10), NONE, Basis.MEASURED), id="in the month"),
        pytest.param(1, (Fraction(1, 4), Fraction(1, 10), Basis.NEAREST_AGES), id="none younger: the next older"),
        pytest.param(2, (Fraction(1, 4), Fraction(1, 10), Basis.MEASURED), id="two months"),
        pytest.param(5, (Fraction(1, 4), Fraction(1, 10), Basis.NEAREST_AGES), id="the next younger, not the older"),
        pytest.param(12, (Fraction(1, 20), Fraction(1, 10), Basis.MEASURED), id="the last of a band"),
        pytest.param(13, (Fraction(1, 20), Fraction(1, 10), Basis.NEAREST_AGES), id="older than all"),
        pytest.param(400, (Fraction(1, 20), Fraction(1, 10), Basis.NEAREST_AGES), id="very old"),
    ],
)
def test_an_age_without_dues_of_its_own_is_judged_by_the_nearest(
    age: int, expected: tuple[Fraction, Fraction, Basis]
) -> None:
    assert shares(age, KNOWN) == expected


def test_a_fund_without_history_is_taken_by_its_schedule_and_nothing_is_expected_of_arrears() -> None:
    curve = curve_of(Measurement((NOTHING,) * len(BANDS), 0), None, None)
    assert curve.basis == (Basis.SCHEDULE, *[Basis.NOTHING] * 6)
    assert (curve.of_age(0).collected, curve.of_age(3).collected) == (ALL, NONE)
    assert not curve.is_well_founded
    assert curve.collected_after(12) == 1


def test_what_is_given_stands_for_what_was_measured_and_leaves_no_less_than_nothing_to_lose() -> None:
    half, most = Fraction(1, 2), Fraction(19, 20)
    assert shares(0, KNOWN, half, None) == (half, NONE, Basis.GIVEN)
    assert shares(2, KNOWN, half, None) == (Fraction(1, 4), Fraction(1, 10), Basis.MEASURED)
    assert shares(2, KNOWN, None, most) == (most, Fraction(1, 20), Basis.GIVEN)
    assert shares(30, KNOWN, None, NONE) == (NONE, Fraction(1, 10), Basis.GIVEN)


def test_the_curve_adds_what_each_month_collects_of_what_the_others_left() -> None:
    """Of 100: 90 in the month; 2.5 of the 10 in the next, 1 is lost; 1.625 of the 6.5 in the third."""
    curve = curve_of(KNOWN, None, None)
    after = [curve.collected_after(months) for months in range(3)]
    assert after == [Fraction(9, 10), Fraction(925, 1000), Fraction(94125, 100_000)]


@pytest.mark.parametrize(("months", "enough"), [(2, False), (3, True)])
def test_dues_of_fewer_than_three_months_are_too_few_to_rely_on(months: int, *, enough: bool) -> None:
    curve = curve_of(KNOWN._replace(months_with_dues=months), None, None)
    assert curve.is_well_founded is enough
