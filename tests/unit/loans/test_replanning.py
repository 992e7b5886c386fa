"""How a schedule is made anew, in worked numbers."""

from datetime import date
from typing import Any

import pytest

from cif_engine.dates import Calendar
from cif_engine.loans.replanning import (
    Planned,
    Row,
    calendar_said,
    further_part,
    numbered,
    rescheduled,
    split_at,
    with_plan,
)
from cif_engine.loans.terms import LoanTerms
from cif_engine.loans.unearned import Accrual
from tests.unit.loans.stories import APRIL, AUGUST, JULY, JUNE, MAY, TWO_MONTHS, terms_of

MAY_10, MAY_16, JUNE_10, JUNE_16, JULY_10, JULY_16 = (date(2024, month, day) for month in (5, 6, 7) for day in (10, 16))
FREE = {"kind": "none"}
TWO = ((MAY, 500, 50), (JUNE, 500, 50))


def planned(*rows: Row, principal: int = 0, charge: int = 0) -> Planned:
    """Return a schedule of a loan that began on 1 April, of which so much is met."""
    return Planned(numbered(rows), Accrual(APRIL), principal, charge)


def rows_of(terms: LoanTerms, plan: Planned, says: dict[str, Any], day: date) -> list[Row]:
    """Return the rows after a reschedule, whose numbers are to count from 1."""
    schedule, accrual = rescheduled(terms, plan, says, day)
    assert accrual.began_on == day
    assert [row.number for row in schedule] == list(range(1, len(schedule) + 1))
    return [(row.due_on, row.principal_minor, row.charge_minor) for row in schedule]


# What was met --------------------------------------------------------------------------------------------------

SPLITS: dict[str, tuple[int, int, date, list[Row], list[Row]]] = {
    # principal and charge met, the day, the rows met, the rows unmet
    "nothing met": (0, 0, MAY_10, [], list(TWO)),
    "the first instalment": (500, 50, MAY_10, [TWO[0]], [TWO[1]]),
    "all": (1_000, 100, MAY_10, [TWO[0], (MAY_10, 500, 50)], []),
    "some of the second, in advance": (
        600,
        60,
        MAY_10,
        [TWO[0], (MAY_10, 100, 10)],
        [(JUNE, 400, 40)],
    ),
    "some of the second, late": (600, 60, JUNE_10, [TWO[0], (JUNE, 100, 10)], [(JUNE, 400, 40)]),
    "charge of the first alone": (0, 20, MAY_10, [(MAY, 0, 20)], [(MAY, 500, 30), TWO[1]]),
    "principal of both, charge of none": (1_000, 0, MAY, [(MAY, 500, 0)] * 2, [(MAY, 0, 50), (JUNE, 0, 50)]),
}


@pytest.mark.parametrize("what", SPLITS)
def test_a_schedule_splits_into_what_is_met_by_a_day_and_what_is_not(what: str) -> None:
    principal, charge, day, met, unmet = SPLITS[what]
    split = split_at(planned(*TWO, principal=principal, charge=charge), day)
    assert (split.met, split.unmet) == (met, unmet)
    assert (split.principal_minor, split.charge_minor) == (1_000 - principal, 100 - charge)


# A pause -------------------------------------------------------------------------------------------------------

PAUSES: dict[str, tuple[date, dict[str, Any], list[Row]]] = {
    "before anything is due": (APRIL, {"months": 2, "arrears": "kept"}, [(JULY, 500, 50), (AUGUST, 500, 50)]),
    "on a due day: what is due then moves too": (
        MAY,
        {"months": 1, "arrears": "kept"},
        [(JUNE, 500, 50), (JULY, 500, 50)],
    ),
    "what is late stays where it is": (MAY_10, {"months": 2, "arrears": "kept"}, [(MAY, 500, 50), (AUGUST, 500, 50)]),
    "what is late moves from the day": (
        MAY_10,
        {"months": 1, "arrears": "moved"},
        [(JUNE_10, 500, 50), (JULY, 500, 50)],
    ),
}


@pytest.mark.parametrize("what", PAUSES)
def test_a_pause_moves_what_is_unpaid(what: str) -> None:
    day, pause, rows = PAUSES[what]
    assert rows_of(terms_of(), planned(*TWO), {"pause": pause}, day) == rows


def test_a_pause_leaves_what_was_met_where_it_was() -> None:
    says = {"pause": {"months": 1, "arrears": "kept"}}
    assert rows_of(terms_of(), planned(*TWO, principal=600, charge=50), says, MAY_10) == [
        (MAY, 500, 50),
        (MAY_10, 100, 0),
        (JULY, 400, 50),
    ]


@pytest.mark.parametrize(
    ("rule", "due_on"),
    [("none", JULY), ("next_working_day", date(2024, 7, 3)), ("previous_working_day", date(2024, 6, 29))],
)
def test_a_paused_instalment_moves_off_the_holidays_that_were_known(rule: str, due_on: date) -> None:
    """1 July 2024 is a holiday and a Monday; Sundays and Tuesdays are days of rest."""
    says = {"pause": {"months": 1, "arrears": "kept"}, "holidays": ["2024-07-01"], "rest_days": [6, 1]}
    assert rows_of(terms_of(holiday_rule=rule), planned((JUNE, 500, 50)), says, MAY) == [(due_on, 500, 50)]


def test_the_calendar_of_a_fact_is_the_one_it_says() -> None:
    said = {"holidays": ["2024-07-01", "2024-08-14"], "rest_days": [6]}
    assert calendar_said(said) == Calendar(frozenset({JULY, date(2024, 8, 14)}), frozenset({6}))
    assert calendar_said({}) == Calendar()


# A new plan ----------------------------------------------------------------------------------------------------


def flat(due: str) -> dict[str, Any]:
    return {"kind": "flat_percent", "percent": "10", "due": due}


NEW_PLANS: dict[str, tuple[dict[str, Any], int, list[Row]]] = {
    # the charge agreed, how much of it is left, the rows after a new plan of two months from 10 May
    "interest-free": (FREE, 0, [(JUNE_10, 250, 0), (JULY_10, 250, 0)]),
    "spread": (flat("spread"), 40, [(JUNE_10, 250, 20), (JULY_10, 250, 20)]),
    "with the first": (flat("with_first"), 40, [(JUNE_10, 250, 40), (JULY_10, 250, 0)]),
    "with the last": (flat("with_last"), 40, [(JUNE_10, 250, 0), (JULY_10, 250, 40)]),
    "up front": (flat("up_front"), 0, [(JUNE_10, 250, 0), (JULY_10, 250, 0)]),
    "an amount": ({"kind": "flat_amount", "amount": "0.40"}, 40, [(JUNE_10, 250, 20), (JULY_10, 250, 20)]),
}


@pytest.mark.parametrize("charge", NEW_PLANS)
def test_a_new_plan_repays_what_is_unpaid_with_the_charge_that_is_left(charge: str) -> None:
    agreed, left, rows = NEW_PLANS[charge]
    was = planned((MAY, 500, 0), (JUNE, 500, left), principal=500)
    assert rows_of(terms_of(agreed), was, {"plan": TWO_MONTHS}, MAY_10) == [(MAY, 500, 0), *rows]


def test_a_new_plan_comes_in_whole_units() -> None:
    """500 in units of 200 are 200 and 300; 50 of charge are nothing and 50."""
    terms = terms_of(flat("spread"), rounding_unit="2.00")
    assert rows_of(terms, planned(TWO[0]), {"plan": TWO_MONTHS}, MAY_10) == [(JUNE_10, 200, 0), (JULY_10, 300, 50)]


def test_a_loan_may_be_repaid_anew_in_one_payment() -> None:
    says = {"plan": {"kind": "bullet", "after_months": 2}}
    assert rows_of(terms_of(), planned(*TWO), says, MAY) == [(JULY, 1_000, 100)]


def test_where_only_charge_is_left_it_falls_due_on_the_day() -> None:
    was = planned(*TWO, principal=1_000, charge=30)
    assert rows_of(terms_of(), was, {"plan": TWO_MONTHS}, MAY_10) == [
        (MAY, 500, 30),
        (MAY_10, 500, 0),
        (MAY_10, 0, 70),
    ]


def test_a_new_plan_keeps_off_the_holidays_that_were_known() -> None:
    says = {"plan": TWO_MONTHS, "holidays": ["2024-06-10"]}
    terms = terms_of(FREE, holiday_rule="next_working_day")
    assert rows_of(terms, planned((MAY, 500, 0)), says, MAY_10) == [(date(2024, 6, 11), 250, 0), (JULY_10, 250, 0)]


def test_agreed_amounts_of_a_new_plan_are_fitted_to_what_is_unpaid() -> None:
    """300 and 400 were agreed; a receipt found later leaves only 500 to repay."""
    payments = [{"due_on": "2024-06-10", "amount": "3.00"}, {"due_on": "2024-07-10", "amount": "4.00"}]
    says = {"plan": {"kind": "agreed", "payments": payments}}
    assert rows_of(terms_of(FREE), planned((MAY, 500, 0)), says, MAY_10) == [(JUNE_10, 300, 0), (JULY_10, 200, 0)]


def test_the_terms_keep_all_but_their_plan() -> None:
    terms = terms_of(flat("with_last"), rounding_unit="5.00", rebate="pro_rata", whole="instalment")
    plan = {"kind": "bullet", "after_months": 3}
    assert with_plan(terms, plan) == terms_of(
        flat("with_last"), plan, rounding_unit="5.00", rebate="pro_rata", whole="instalment"
    )


# A charge on the declining balance: 1,200.00 in three months of 1 % ----------------------------------------------

DECLINING = {"kind": "declining_balance", "annual_percent": "12", "amortisation": "equal_principal"}
THREE = ((MAY, 400_00, 12_00), (JUNE, 400_00, 8_00), (JULY, 400_00, 4_00))

ACCRUED: dict[str, tuple[int, int, date, str, list[Row]]] = {
    # principal and charge met, the day, the unit, the new rows
    "12.00 fell due, and 15 of 31 days of 8.00": (
        0,
        0,
        MAY_16,
        "0.01",
        [(JUNE_16, 600_00, 12_00 + 12_00 + 3_87), (JULY_16, 600_00, 6_00)],
    ),
    "the 3.87 to the rupee": (0, 0, MAY_16, "1.00", [(JUNE_16, 600_00, 12_00 + 12_00 + 4_00), (JULY_16, 600_00, 6_00)]),
    "what fell due was paid": (
        400_00,
        12_00,
        MAY_16,
        "0.01",
        [(MAY, 400_00, 12_00), (JUNE_16, 400_00, 8_00 + 3_87), (JULY_16, 400_00, 4_00)],
    ),
    "3.00 of the 3.87 too": (
        400_00,
        15_00,
        MAY_16,
        "0.01",
        [(MAY, 400_00, 12_00), (MAY_16, 0, 3_00), (JUNE_16, 400_00, 8_00 + 87), (JULY_16, 400_00, 4_00)],
    ),
    "all of June's 8.00 too: 4.13 of it was paid in advance": (
        400_00,
        20_00,
        MAY_16,
        "0.01",
        [(MAY, 400_00, 12_00), (MAY_16, 0, 8_00), (JUNE_16, 400_00, 8_00 - 4_13), (JULY_16, 400_00, 4_00)],
    ),
    "all of July's 4.00 too: 8.13 were paid in advance, more than the first instalment bears": (
        400_00,
        24_00,
        MAY_16,
        "0.01",
        [
            (MAY, 400_00, 12_00),
            (MAY_16, 0, 8_00),
            (MAY_16, 0, 4_00),
            (JUNE_16, 400_00, 0),
            (JULY_16, 400_00, 4_00 - 13),
        ],
    ),
    "in the first period: 15 of 30 days of 12.00": (
        0,
        0,
        date(2024, 4, 16),
        "0.01",
        [(MAY_16, 600_00, 12_00 + 6_00), (JUNE_16, 600_00, 6_00)],
    ),
    "on a due day: its charge has fallen due, of the next nothing is earned": (
        0,
        0,
        MAY,
        "0.01",
        [(JUNE, 600_00, 12_00 + 12_00), (JULY, 600_00, 6_00)],
    ),
    "all has fallen due": (
        0,
        0,
        JULY_16,
        "0.01",
        [(date(2024, 8, 16), 600_00, 12_00 + 24_00), (date(2024, 9, 16), 600_00, 6_00)],
    ),
}


@pytest.mark.parametrize("what", ACCRUED)
def test_a_new_plan_adds_the_charge_earned_by_the_day_to_its_first_instalment(what: str) -> None:
    principal, charge, day, unit, rows = ACCRUED[what]
    was = planned(*THREE, principal=principal, charge=charge)
    assert rows_of(terms_of(DECLINING, rounding_unit=unit), was, {"plan": TWO_MONTHS}, day) == rows


def test_a_new_plan_of_a_declining_loan_counts_its_days_off_the_holidays_that_were_known() -> None:
    """12 % a year by day: of 1,200.00 for the 32 days to 17 June, of 600.00 for the 29 to 16 July."""
    terms = terms_of({**DECLINING, "accrual": "by_day"}, holiday_rule="next_working_day")
    says = {"plan": TWO_MONTHS, "holidays": ["2024-06-16"]}
    assert rows_of(terms, planned((MAY, 1_200_00, 0)), says, MAY_16) == [
        (date(2024, 6, 17), 600_00, 12_62),
        (JULY_16, 600_00, 5_72),
    ]


def test_the_charge_of_a_whole_instalment_has_no_say_in_a_new_plan() -> None:
    terms = terms_of(flat("spread"), rounding_unit="2.00", whole="instalment")
    assert rows_of(terms, planned(TWO[0]), {"plan": TWO_MONTHS}, MAY_10) == [(JUNE_10, 200, 0), (JULY_10, 300, 50)]


# A further part ------------------------------------------------------------------------------------------------

OWN = numbered([(JULY_10, 150, 15), (date(2024, 8, 10), 150, 15)])
SIX = ((MAY, 500, 60), (JUNE, 500, 60), (JULY, 500, 60))
AGREED = {"kind": "agreed", "payments": [{"due_on": "2024-05-01", "amount": "15.00"}]}

PARTS: dict[str, tuple[LoanTerms, tuple[Row, ...], date, list[Row]]] = {
    # the terms, the schedule, the day of a part of 300, the schedule with it
    "spread over what falls due after the day": (
        terms_of(),
        SIX,
        MAY_10,
        [SIX[0], (JUNE, 650, 75), (JULY, 650, 75)],
    ),
    "on a due day, the next ones": (terms_of(), SIX, MAY, [SIX[0], (JUNE, 650, 75), (JULY, 650, 75)]),
    "before the first": (terms_of(), SIX, APRIL, [(MAY, 600, 70), (JUNE, 600, 70), (JULY, 600, 70)]),
    "its charge with the first to come": (
        terms_of(flat("with_first")),
        ((MAY, 500, 60), (JUNE, 500, 0), (JULY, 500, 0)),
        MAY_10,
        [(MAY, 500, 60), (JUNE, 650, 30), (JULY, 650, 0)],
    ),
    "an amount agreed stays as it is": (
        terms_of({"kind": "flat_amount", "amount": "1.80"}),
        SIX,
        MAY_10,
        [SIX[0], (JUNE, 650, 60), (JULY, 650, 60)],
    ),
    "agreed payments stay, the last takes it with its charge": (
        terms_of(plan=AGREED),
        SIX,
        MAY_10,
        [SIX[0], SIX[1], (JULY, 800, 90)],
    ),
    "agreed payments may differ": (
        terms_of(plan=AGREED),
        ((MAY, 100, 0), (JUNE, 200, 0), (JULY, 400, 0)),
        APRIL,
        [(MAY, 100, 0), (JUNE, 200, 0), (JULY, 700, 30)],
    ),
    "a grace goes on": (
        terms_of(plan={"kind": "equal_instalments", "count": 4, "grace_on_principal": 2}),
        ((MAY, 0, 60), (JUNE, 0, 60), (JULY, 500, 60), (AUGUST, 500, 60)),
        MAY_10,
        [(MAY, 0, 60), (JUNE, 0, 70), (JULY, 650, 70), (AUGUST, 650, 70)],
    ),
    "where only charge is to come, it is repaid all the same": (
        terms_of(flat("with_last")),
        ((MAY, 500, 0), (JUNE, 0, 20), (JULY, 0, 30)),
        MAY_10,
        [(MAY, 500, 0), (JUNE, 150, 20), (JULY, 150, 60)],
    ),
    "in whole units, the last takes the remainder": (
        terms_of(rounding_unit="1.00"),
        ((MAY, 500, 0), (JUNE, 500, 0), (JULY, 550, 10)),
        MAY_10,
        [(MAY, 500, 0), (JUNE, 700, 0), (JULY, 650, 10)],
    ),
    "after the last: by its own schedule": (
        terms_of(),
        SIX[:1],
        MAY,
        [SIX[0], (JULY_10, 150, 15), (date(2024, 8, 10), 150, 15)],
    ),
}


@pytest.mark.parametrize("what", PARTS)
def test_a_further_part_is_repaid_with_what_falls_due_after_its_day(what: str) -> None:
    terms, was, day, rows = PARTS[what]
    assert further_part(terms, numbered(was), 300, OWN, day) == numbered(rows)


def test_a_further_part_without_charge_leaves_the_charges_where_they_are() -> None:
    terms, own = terms_of(flat("up_front")), numbered([(JULY_10, 300, 0)])
    was = numbered([(MAY, 500, 0), (JUNE, 500, 3), (JULY, 500, 4)])
    assert further_part(terms, was, 300, own, MAY_10) == numbered([(MAY, 500, 0), (JUNE, 650, 3), (JULY, 650, 4)])


def test_a_part_too_small_to_share_is_repaid_with_the_last_that_takes_it() -> None:
    """0.50 in units of 5.00: nothing more in June, all of it in July."""
    terms = terms_of(FREE, rounding_unit="5.00")
    was = numbered([(JUNE, 50, 0), (JULY, 50, 0)])
    assert further_part(terms, was, 50, (), MAY) == numbered([(JUNE, 50, 0), (JULY, 100, 0)])


DECLINING_PARTS: dict[str, tuple[str, date, list[Row]]] = {
    # the unit, the day of a part of 300.00, the schedule with it
    "in the first period: 100.00 more in each, with 3.00, 2.00 and 1.00": (
        "0.01",
        date(2024, 4, 16),
        [(MAY, 500_00, 15_00), (JUNE, 500_00, 10_00), (JULY, 500_00, 5_00)],
    ),
    "in a later period: 150.00 more in each, with 3.00 and 1.50": (
        "0.01",
        MAY_16,
        [THREE[0], (JUNE, 550_00, 11_00), (JULY, 550_00, 5_50)],
    ),
    "to the rupee: with 3.00 and 2.00": (
        "1.00",
        MAY_16,
        [THREE[0], (JUNE, 550_00, 11_00), (JULY, 550_00, 6_00)],
    ),
    "on a due day: with what falls due after it": (
        "0.01",
        MAY,
        [THREE[0], (JUNE, 550_00, 11_00), (JULY, 550_00, 5_50)],
    ),
}


@pytest.mark.parametrize("what", DECLINING_PARTS)
def test_a_charge_by_period_counts_the_period_of_a_further_part_whole(what: str) -> None:
    unit, day, rows = DECLINING_PARTS[what]
    terms = terms_of(DECLINING, rounding_unit=unit)
    assert further_part(terms, numbered(THREE), 300_00, (), day) == numbered(rows)


def test_a_declining_loan_with_grace_goes_on_with_what_is_left_of_it() -> None:
    """In June still nothing is repaid; the part brings 3.00, 3.00 and 1.50 of charge."""
    terms = terms_of(DECLINING, {"kind": "equal_instalments", "count": 4, "grace_on_principal": 2})
    was = numbered([(MAY, 0, 12_00), (JUNE, 0, 12_00), (JULY, 600_00, 12_00), (AUGUST, 600_00, 6_00)])
    assert further_part(terms, was, 300_00, (), MAY_16) == numbered(
        [(MAY, 0, 12_00), (JUNE, 0, 15_00), (JULY, 750_00, 15_00), (AUGUST, 750_00, 7_50)]
    )


def test_a_charge_by_day_counts_the_days_of_a_further_part_from_its_own() -> None:
    """12 % a year: 1.58 on 300.00 for the 16 days to 1 June, 1.48 on 150.00 for the 30 days to 1 July."""
    terms = terms_of({**DECLINING, "accrual": "by_day"})
    assert further_part(terms, numbered(THREE), 300_00, (), MAY_16) == numbered(
        [THREE[0], (JUNE, 550_00, 8_00 + 1_58), (JULY, 550_00, 4_00 + 1_48)]
    )


def test_what_is_charged_once_for_the_loan_is_not_charged_for_a_further_part() -> None:
    terms, own = terms_of({"kind": "flat_amount", "amount": "1.80"}), numbered([(JULY_10, 300, 180)])
    assert further_part(terms, numbered(SIX[:1]), 300, own, MAY) == numbered([SIX[0], (JULY_10, 300, 0)])


def test_beside_a_charge_that_is_paid_once_a_part_is_repaid_in_whole_units() -> None:
    """3.00 in units of 1.00 beside a charge of 1.80 that is shared already: 2.00 and 1.00, not 1.60 and 1.40."""
    terms = terms_of({"kind": "flat_amount", "amount": "1.80"}, rounding_unit="1.00", whole="instalment")
    assert further_part(terms, numbered(SIX), 300, (), MAY_10) == numbered([SIX[0], (JUNE, 700, 60), (JULY, 600, 60)])


def test_the_charge_of_a_part_is_whole_only_where_charges_are() -> None:
    """10 % of 3.00 is 0.30, to the rupee nothing."""
    for whole, charge in (("instalment", 90), ("principal_and_charge", 60)):
        terms = terms_of(plan=AGREED, rounding_unit="1.00", whole=whole)
        assert further_part(terms, numbered(SIX), 300, (), MAY_10)[-1] == (3, JULY, 800, charge)


def test_a_further_part_leaves_what_a_pause_or_an_earlier_reschedule_made_of_the_rows() -> None:
    """Charge that was carried into June stays there; arrears kept by a pause keep their day and their place."""
    terms = terms_of({**DECLINING, "accrual": "by_day"})
    was = numbered([(MAY_10, 0, 5_00), (MAY, 100_00, 7_00), (JUNE, 400_00, 99_00)])
    assert further_part(terms, was, 300_00, (), MAY_16) == numbered(
        [(MAY_10, 0, 5_00), (MAY, 100_00, 7_00), (JUNE, 700_00, 99_00 + 1_58)]
    )


def test_agreed_payments_of_a_declining_loan_stay_and_the_last_bears_the_charge_of_the_part() -> None:
    """12 % a year on 3.00 for the 52 days from 10 May to 1 July: 0.05."""
    terms = terms_of({**DECLINING, "accrual": "by_day"}, AGREED)
    assert further_part(terms, numbered(SIX), 300, (), MAY_10) == numbered([SIX[0], SIX[1], (JULY, 800, 65)])


def test_two_instalments_of_one_day_each_take_their_share_of_a_part() -> None:
    was = numbered([(JUNE, 1, 0), (JUNE, 500, 0), (JULY, 500, 0)])
    assert further_part(terms_of(FREE), was, 300, (), MAY) == numbered([(JUNE, 101, 0), (JUNE, 600, 0), (JULY, 600, 0)])


# Charge that was earned ----------------------------------------------------------------------------------------


def test_charge_earned_by_the_day_is_carried_and_not_earned_again_by_the_same_plan_on_the_same_day() -> None:
    terms = terms_of({**DECLINING, "accrual": "by_day"})
    says = {"plan": TWO_MONTHS}
    once, accrual = rescheduled(terms, planned(*THREE), says, MAY_16)
    again, accrued = rescheduled(terms, Planned(once, accrual, 0, 0), says, MAY_16)
    assert (again, accrued) == (once, accrual)
    assert accrual == Accrual(MAY_16, 12_00 + 3_87)  # what fell due, and 15 of 31 days of June's 8.00


def test_nothing_is_carried_where_nothing_was_earned_or_all_of_it_falls_due_on_the_day() -> None:
    """An interest-free loan; and one of which only charge is left, due at once."""
    free, only_charge = planned((JUNE, 500, 0)), planned(*TWO, principal=1_000, charge=30)
    assert rescheduled(terms_of(FREE), free, {"plan": TWO_MONTHS}, MAY_10)[1] == Accrual(MAY_10, 0)
    assert rescheduled(terms_of(), only_charge, {"plan": TWO_MONTHS}, MAY_10)[1] == Accrual(MAY_10, 0)


def test_a_pause_carries_the_charge_that_was_earned_by_its_day() -> None:
    """Half of May's 60, 14 of its 30 days from 1 April to 1 May: 28."""
    says = {"pause": {"months": 1, "arrears": "kept"}}
    schedule, accrual = rescheduled(terms_of(), planned(*SIX), says, date(2024, 4, 15))
    assert [row.charge_minor for row in schedule] == [60, 60, 60]
    assert accrual == Accrual(date(2024, 4, 15), 28)


def test_charge_of_what_stays_late_is_owed_there_and_not_carried() -> None:
    """On 15 May the 60 of 1 May stay late; of June's 60, 14 of 31 days, 27, are carried to July."""
    says = {"pause": {"months": 1, "arrears": "kept"}}
    schedule, accrual = rescheduled(terms_of(), planned(*SIX), says, date(2024, 5, 15))
    assert [row.due_on for row in schedule] == [MAY, JULY, AUGUST]
    assert accrual == Accrual(date(2024, 5, 15), 27)


def test_the_grace_of_a_new_plan_holds_for_a_flat_charge() -> None:
    """60 of charge unpaid: in four months, of which two repay no principal and one no charge."""
    plan = {"kind": "equal_instalments", "count": 4, "grace_on_principal": 2, "grace_on_charge": 1}
    schedule, _ = rescheduled(terms_of(), planned((MAY, 1_000, 60)), {"plan": plan}, APRIL)
    assert [(row.principal_minor, row.charge_minor) for row in schedule] == [(0, 30), (500, 15), (500, 15)]
    assert [row.due_on for row in schedule] == [JUNE, JULY, AUGUST]
