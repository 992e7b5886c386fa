from datetime import date

import pytest

from cif_engine.demonstration.dues import (
    Bullet,
    Due,
    Monthly,
    Plan,
    Seasonal,
    dues_of,
    met_and_unmet,
    paused,
    repaid_anew,
)

NO_HOLIDAYS: frozenset[date] = frozenset()


def test_ten_thousand_in_twelve_months_are_eleven_times_833_and_837() -> None:
    dues = dues_of(Monthly(12), 10_000, date(2020, 1, 15), 0, NO_HOLIDAYS)
    assert [due.principal for due in dues] == [833] * 11 + [837]
    assert [due.on for due in dues] == [date(2020, month, 15) for month in range(2, 13)] + [date(2021, 1, 15)]


def test_a_loan_of_the_31st_falls_due_on_the_last_day_of_shorter_months() -> None:
    dues = dues_of(Monthly(3), 3_000, date(2020, 1, 31), 0, NO_HOLIDAYS)
    assert [due.on for due in dues] == [date(2020, 2, 29), date(2020, 3, 31), date(2020, 4, 30)]


def test_seven_per_cent_of_6000_in_six_months_are_70_a_month() -> None:
    dues = dues_of(Monthly(6), 6_000, date(2020, 1, 1), 7, NO_HOLIDAYS)
    assert {(due.principal, due.charge) for due in dues} == {(1_000, 70)}


@pytest.mark.parametrize(
    ("plan", "due_on"),
    [
        pytest.param(Bullet(12), (date(2021, 5, 3),), id="one payment after a year; 1 and 2 May are holidays"),
        pytest.param(
            Seasonal(((4, 30), (10, 31)), 2), (date(2020, 10, 31), date(2021, 4, 30)), id="the next two harvests"
        ),
    ],
)
def test_a_payment_waits_until_the_holidays_are_over(plan: Plan, due_on: tuple[date, ...]) -> None:
    holidays = frozenset({date(2021, 5, 1), date(2021, 5, 2)})
    assert tuple(due.on for due in dues_of(plan, 9_000, date(2020, 5, 1), 0, holidays)) == due_on


def test_no_charge_falls_due_on_an_interest_free_loan() -> None:
    assert dues_of(Bullet(1), 500, date(2020, 1, 1), 0, NO_HOLIDAYS) == (Due(date(2020, 2, 1), 500, 0),)


THREE_MONTHS = dues_of(Monthly(3), 3_000, date(2020, 1, 10), 10, NO_HOLIDAYS)
"""1,000 of principal and 100 of charge on 10 February, March and April."""


def test_money_meets_the_oldest_first_and_its_charge_before_its_principal() -> None:
    met, unmet = met_and_unmet(THREE_MONTHS, 1_150)
    assert met == [Due(date(2020, 2, 10), 1_000, 100), Due(date(2020, 3, 10), 0, 50)]
    assert unmet == [Due(date(2020, 3, 10), 1_000, 50), Due(date(2020, 4, 10), 1_000, 100)]


def test_a_pause_moves_what_is_to_come_and_leaves_what_is_late() -> None:
    dues = paused(THREE_MONTHS, 600, date(2020, 3, 1), 2, frozenset({date(2020, 5, 10)}))
    assert [(due.on, due.principal, due.charge) for due in dues] == [
        (date(2020, 2, 10), 500, 100),
        (date(2020, 2, 10), 500, 0),
        (date(2020, 5, 11), 1_000, 100),
        (date(2020, 6, 10), 1_000, 100),
    ]


def test_what_is_left_is_repaid_anew_in_equal_parts() -> None:
    dues = repaid_anew(THREE_MONTHS, 1_100, date(2020, 6, 30), 3, NO_HOLIDAYS)
    assert dues[0] == THREE_MONTHS[0]
    assert [(due.on, due.principal, due.charge) for due in dues[1:]] == [
        (date(2020, 7, 30), 667, 67),
        (date(2020, 8, 30), 667, 67),
        (date(2020, 9, 30), 666, 66),
    ]
