"""How much of a charge is not earned yet on a day."""

from datetime import date

import pytest

from cif_engine.loans.replanning import numbered
from cif_engine.loans.terms import Rebate
from cif_engine.loans.unearned import Accrual, ChargeOfRow, charges_of, unearned_charge

MAY_31, JUNE_10, JUNE_30, JULY_31 = date(2024, 5, 31), date(2024, 6, 10), date(2024, 6, 30), date(2024, 7, 31)
OF_JUNE = ChargeOfRow(JUNE_30, MAY_31, 600, 600, 0)
SCHEDULE = numbered([(MAY_31, 5_000, 500), (JUNE_30, 5_000, 600), (JULY_31, 5_000, 700)])
APRIL_30 = date(2024, 4, 30)


@pytest.mark.parametrize(
    ("day", "unit", "earned"),
    [
        pytest.param(date(2024, 5, 30), 1, 0, id="before its period"),
        pytest.param(MAY_31, 1, 0, id="on the day its period begins"),
        pytest.param(date(2024, 6, 1), 1, 20, id="1 of 30 days"),
        pytest.param(JUNE_10, 1, 200, id="10 of 30 days"),
        pytest.param(date(2024, 6, 11), 100, 200, id="220 to the hundred"),
        pytest.param(date(2024, 6, 29), 1, 580, id="29 of 30 days"),
        pytest.param(JUNE_30, 1_000, 600, id="on its due day, whatever the unit"),
        pytest.param(JULY_31, 1_000, 600, id="after it, whatever the unit"),
    ],
)
def test_a_charge_is_earned_by_the_days_of_its_period(day: date, unit: int, earned: int) -> None:
    assert OF_JUNE.earned_by(day, unit) == earned


@pytest.mark.parametrize(
    ("met", "left"),
    [
        pytest.param(0, [500, 600, 700], id="nothing"),
        pytest.param(499, [1, 600, 700], id="nearly the first"),
        pytest.param(750, [0, 350, 700], id="into the second"),
        pytest.param(1_800, [0, 0, 0], id="all"),
    ],
)
def test_what_is_met_fills_the_charges_oldest_first(met: int, left: list[int]) -> None:
    rows = charges_of(SCHEDULE, Accrual(APRIL_30), met)
    assert [row.left_minor for row in rows] == left
    assert [row.charge_minor for row in rows] == [500, 600, 700]
    assert [(row.began_on, row.due_on) for row in rows] == [
        (APRIL_30, MAY_31),
        (MAY_31, JUNE_30),
        (JUNE_30, JULY_31),
    ]


REBATES: dict[str, tuple[Rebate, date, int, int, int]] = {
    # policy, day, what is met, unit, what is forgiven
    "none is agreed": (Rebate.NONE, JUNE_10, 0, 1, 0),
    "not yet due: the charges of June and July": (Rebate.NOT_YET_DUE, JUNE_10, 0, 1, 1_300),
    "not yet due, some of June paid": (Rebate.NOT_YET_DUE, JUNE_10, 750, 1, 1_050),
    "not yet due, on a due day": (Rebate.NOT_YET_DUE, JUNE_30, 0, 1, 700),
    "not yet due, at the end": (Rebate.NOT_YET_DUE, JULY_31, 0, 1, 0),
    "pro rata: 200 of June are earned": (Rebate.PRO_RATA, JUNE_10, 500, 1, 1_100),
    "pro rata, 150 of the 200 paid": (Rebate.PRO_RATA, JUNE_10, 650, 1, 1_100),
    "pro rata, 250 of the 200 paid": (Rebate.PRO_RATA, JUNE_10, 750, 1, 1_050),
    "pro rata, to the thousand": (Rebate.PRO_RATA, JUNE_10, 500, 1_000, 1_300),
    "pro rata, on a due day": (Rebate.PRO_RATA, JUNE_30, 500, 1, 700),
    "pro rata, at the end": (Rebate.PRO_RATA, JULY_31, 500, 1, 0),
    "pro rata, on the first day": (Rebate.PRO_RATA, APRIL_30, 0, 1, 1_800),
}


@pytest.mark.parametrize("what", REBATES)
def test_a_settlement_forgives_what_its_policy_says(what: str) -> None:
    policy, day, met, unit, forgiven = REBATES[what]
    assert unearned_charge(charges_of(SCHEDULE, Accrual(APRIL_30), met), day, policy, unit) == forgiven


def test_no_more_is_earned_than_the_charge_where_the_unit_rounds_up() -> None:
    """On the 20th 400 of 600 are earned, to the thousand nothing; on the 28th 560, to the thousand all."""
    assert OF_JUNE.earned_by(date(2024, 6, 20), 1_000) == 0
    assert OF_JUNE.earned_by(date(2024, 6, 28), 1_000) == 600


# A schedule made anew on 10 June, with 700 of charge earned before and carried into its first rows.
CARRIED = Accrual(JUNE_10, 700)


def test_what_was_carried_fills_the_first_charges_due_after_the_day() -> None:
    rows = charges_of(SCHEDULE, CARRIED, 0)
    assert [row.carried_minor for row in rows] == [0, 600, 100]
    assert [row.began_on for row in rows] == [JUNE_10, JUNE_10, JUNE_30]


def test_what_fell_due_on_the_day_carries_nothing() -> None:
    assert [row.carried_minor for row in charges_of(SCHEDULE, Accrual(JUNE_30, 100), 0)] == [0, 0, 100]


def test_what_was_carried_is_earned_at_once_and_the_rest_by_its_days() -> None:
    """Of July's 700, 100 are carried; of the other 600, 15 of 31 days are earned on 15 July: 290."""
    of_july = charges_of(SCHEDULE, CARRIED, 0)[2]
    assert of_july.earned_by(JUNE_10, 1) == 100
    assert of_july.earned_by(date(2024, 7, 15), 1) == 390
    assert of_july.earned_by(JULY_31, 1) == 700


@pytest.mark.parametrize(
    ("policy", "day", "met", "forgiven"),
    [
        pytest.param(Rebate.NOT_YET_DUE, JUNE_10, 0, 600, id="all but what is carried"),
        pytest.param(Rebate.NOT_YET_DUE, JUNE_10, 1_150, 600, id="some of what is carried is paid"),
        pytest.param(Rebate.NOT_YET_DUE, JUNE_10, 1_300, 500, id="more than what is carried is paid"),
        pytest.param(Rebate.PRO_RATA, date(2024, 7, 15), 1_100, 310, id="less what July has earned"),
    ],
)
def test_what_was_carried_is_never_forgiven(policy: Rebate, day: date, met: int, forgiven: int) -> None:
    assert unearned_charge(charges_of(SCHEDULE, CARRIED, met), day, policy, 1) == forgiven


def test_of_two_instalments_of_one_day_the_second_earns_nothing_by_days() -> None:
    first, second = charges_of(numbered([(JUNE_30, 0, 60), (JUNE_30, 0, 60)]), Accrual(MAY_31), 0)
    assert (first.earned_by(JUNE_10, 1), second.earned_by(JUNE_10, 1)) == (20, 0)
    assert second.earned_by(JUNE_30, 1) == 60
