"""What a payment settles: the oldest instalment first, its service charge before its principal."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.loans.allocation import CHARGE, FEE, PENALTY, PRINCIPAL, USUAL, Dues, Order, Settlement
from cif_engine.loans.schedule import Instalment

MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)
TWO = (Instalment(1, MAY, 500, 50), Instalment(2, JUNE, 700, 70))

schedules = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 90)).filter(any), max_size=6).map(
    lambda rows: tuple(Instalment(n, date(2024, 1, n), *row) for n, row in enumerate(rows, 1))
)
amounts = st.lists(st.integers(1, 2_000), max_size=8)


@pytest.mark.parametrize(
    ("paid", "settled", "oldest"),
    [
        pytest.param(30, Settlement(30, 0, 0), MAY, id="part of the first charge"),
        pytest.param(50, Settlement(50, 0, 0), MAY, id="the first charge"),
        pytest.param(51, Settlement(50, 1, 0), MAY, id="the first charge and a little principal"),
        pytest.param(550, Settlement(50, 500, 0), JUNE, id="the first instalment"),
        pytest.param(600, Settlement(100, 500, 0), JUNE, id="the first instalment and part of the next charge"),
        pytest.param(1_320, Settlement(120, 1_200, 0), None, id="all"),
        pytest.param(1_400, Settlement(120, 1_200, 80), None, id="more than all"),
    ],
)
def test_a_payment_reaches_as_far_as_it_goes(paid: int, settled: Settlement, oldest: date | None) -> None:
    dues = Dues(TWO)
    assert dues.allocate(paid, MAY) == settled
    assert dues.oldest_due_on == oldest


def test_the_next_payment_goes_on_where_the_last_one_ended() -> None:
    dues = Dues(TWO)
    assert [dues.allocate(200, MAY) for _ in range(3)] == [
        Settlement(50, 150, 0),
        Settlement(0, 200, 0),
        Settlement(50, 150, 0),
    ]
    assert dues.oldest_due_on == JUNE


def test_a_payment_of_what_is_repaid_is_all_credit() -> None:
    dues = Dues(TWO)
    dues.allocate(1_320, MAY)
    assert dues.allocate(10, MAY) == Settlement(0, 0, 10)


def test_without_a_schedule_nothing_is_owed() -> None:
    dues = Dues(())
    assert dues.oldest_due_on is None
    assert dues.allocate(10, MAY) == Settlement(0, 0, 10)


def test_an_instalment_may_be_all_charge() -> None:
    dues = Dues((Instalment(1, MAY, 0, 20), Instalment(2, JULY, 100, 0)))
    assert dues.allocate(20, MAY) == Settlement(20, 0, 0)
    assert dues.oldest_due_on == JULY


# Fees, penalties, and orders agreed otherwise --------------------------------------------------------------------

PRINCIPAL_FIRST = (PRINCIPAL, CHARGE, FEE, PENALTY)
ORDERS: dict[str, tuple[Order, date, str]] = {
    # On each of three days one of penalty (P), fee (F), charge (C) and the loan itself (L) falls due.
    "usual": (USUAL, JUNE, "PFCL PFCL PFCL"),
    "principal first, of what has fallen due": (Order(PRINCIPAL_FIRST), JUNE, "LCFP LCFP PFCL"),
    "principal first, on the first due day": (Order(PRINCIPAL_FIRST), MAY, "LCFP PFCL PFCL"),
    "principal first, in advance": (Order(in_advance=PRINCIPAL_FIRST), JUNE, "PFCL PFCL LCFP"),
    "kind by kind": (Order(by_kind=True), JUNE, "PPFFCCLL PFCL"),
    "kind by kind, on the first due day": (Order(by_kind=True), MAY, "PFCL PPFFCCLL"),
    "kind by kind, principal first": (Order(PRINCIPAL_FIRST, PRINCIPAL_FIRST, by_kind=True), JUNE, "LLCCFFPP LCFP"),
}


def three_days(order: Order) -> Dues:
    """Return dues of one of each kind on each of three days."""
    dues = Dues([Instalment(n, day, 1, 1) for n, day in enumerate((MAY, JUNE, JULY), 1)], order)
    for day in (MAY, JUNE, JULY):
        dues.add(day, PENALTY, 1)
        dues.add(day, FEE, 1)
    return dues


@pytest.mark.parametrize("what", ORDERS)
def test_dues_are_settled_in_the_order_that_was_agreed(what: str) -> None:
    order, on, turns = ORDERS[what]
    dues = three_days(order)
    assert "".join(_letter(dues.allocate(1, on)) for _ in range(12)) == turns.replace(" ", "")
    assert dues.owed == [0, 0, 0, 0]


@pytest.mark.parametrize("what", ORDERS)
@pytest.mark.parametrize("paid", range(14))
def test_one_payment_settles_what_as_many_small_ones_do(what: str, paid: int) -> None:
    order, on, turns = ORDERS[what]
    letters = turns.replace(" ", "")[:paid]
    settled = three_days(order).allocate(paid, on)
    assert settled == Settlement(
        letters.count("C"), letters.count("L"), max(paid - 12, 0), letters.count("P"), letters.count("F")
    )


def _letter(settled: Settlement) -> str:
    return (
        "P" * settled.penalty_minor
        + "F" * settled.fee_minor
        + "C" * settled.charge_minor
        + "L" * settled.principal_minor
    )


def test_kind_by_kind_the_oldest_of_a_kind_is_settled_first() -> None:
    dues = Dues(TWO, Order(by_kind=True))
    assert dues.allocate(120 + 499, JUNE) == Settlement(120, 499, 0)
    assert dues.oldest_due_on == MAY
    assert dues.allocate(1, JUNE) == Settlement(0, 1, 0)
    assert dues.oldest_due_on == JUNE


@pytest.mark.parametrize("due_on", [date(2024, 4, 1), MAY, date(2024, 5, 2), JUNE, JULY])
def test_a_fee_is_owed_on_its_day_and_makes_no_instalment_late(due_on: date) -> None:
    """What comes before the fee is settled first; all 1,320 of the instalments are owed besides."""
    before = sum(row.principal_minor + row.charge_minor for row in TWO if row.due_on < due_on)
    dues = Dues(TWO)
    dues.add(due_on, FEE, 30)
    assert (dues.owed, dues.oldest_due_on) == ([0, 30, 120, 1_200], MAY)
    assert dues.allocate(before + 30, JULY).fee_minor == 30
    assert dues.owed[FEE] == 0
    assert dues.allocate(1_320 - before, JULY).credit_minor == 0
    assert (dues.owed, dues.oldest_due_on) == ([0, 0, 0, 0], None)


@pytest.mark.parametrize("due_on", [date(2024, 4, 1), MAY, date(2024, 5, 2)])
def test_a_fee_that_comes_to_light_late_is_settled_before_what_falls_due_after_it(due_on: date) -> None:
    dues = Dues(TWO)
    dues.allocate(550 + 770 - 1, MAY)
    dues.add(due_on, PENALTY, 5)
    assert dues.allocate(5, JULY) == Settlement(0, 0, 0, penalty_minor=5)
    assert dues.oldest_due_on == JUNE
    assert dues.allocate(2, JULY) == Settlement(0, 1, 1)


def test_more_falls_due_on_a_day_together() -> None:
    dues = Dues()
    for amount in (10, 5):
        dues.add(MAY, FEE, amount)
        dues.add(MAY, PENALTY, amount)
    assert dues.allocate(15, MAY) == Settlement(0, 0, 0, penalty_minor=15)
    assert dues.owed == [0, 15, 0, 0]


# What is forgiven, and what is planned anew ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "waived", "oldest"),
    [
        pytest.param(0, 0, MAY, id="nothing"),
        pytest.param(60, 60, MAY, id="the first and some of the second"),
        pytest.param(500, 120, MAY, id="no more than there is"),
    ],
)
def test_dues_are_waived_oldest_first_up_to_an_amount(most: int, waived: int, oldest: date) -> None:
    dues = Dues(TWO)
    assert dues.waive(CHARGE, most) == waived
    assert (dues.owed, dues.oldest_due_on) == ([0, 0, 120 - waived, 1_200], oldest)
    charge_of_may = max(50 - waived, 0)
    assert dues.allocate(500 + charge_of_may, MAY) == Settlement(charge_of_may, 500, 0)
    assert dues.oldest_due_on == JUNE


def test_of_each_kind_its_own_dues_are_waived() -> None:
    dues = three_days(USUAL)
    assert [dues.waive(kind, 2) for kind in (PENALTY, FEE, CHARGE)] == [2, 2, 2]
    assert dues.owed == [1, 1, 1, 3]


def test_dues_that_lapse_are_owed_no_more() -> None:
    dues = three_days(USUAL)
    dues.allocate(5, MAY)
    dues.lapse()
    assert (dues.owed, dues.oldest_due_on) == ([0, 0, 0, 0], None)
    assert dues.allocate(7, MAY) == Settlement(0, 0, 7)


def test_dues_may_be_owed_after_others_lapsed() -> None:
    dues = three_days(USUAL)
    dues.allocate(5, MAY)
    dues.lapse()
    dues.add(MAY, CHARGE, 3)
    assert dues.oldest_due_on == MAY
    assert dues.allocate(4, MAY) == Settlement(3, 0, 1)


def test_another_schedule_is_owed_less_what_is_met_beside_fees_and_penalties() -> None:
    """600 and 60 are met: all of May's, 100 and 10 of July's. The fee of June and the penalty of July stay."""
    dues = Dues(TWO)
    dues.add(JUNE, FEE, 30)
    dues.add(JULY, PENALTY, 7)
    dues.allocate(550, MAY)
    dues.replan((Instalment(1, MAY, 500, 50), Instalment(2, JULY, 700, 70)), 60, 600)
    assert (dues.owed, dues.oldest_due_on) == ([7, 30, 60, 600], JULY)
    assert dues.allocate(31, JUNE) == Settlement(0, 0, 0, penalty_minor=1, fee_minor=30)
    assert dues.allocate(666, JULY) == Settlement(60, 600, 0, penalty_minor=6)


def test_a_schedule_all_of_which_is_met_owes_nothing() -> None:
    dues = Dues(TWO)
    dues.replan(TWO, 120, 1_200)
    assert (dues.owed, dues.oldest_due_on) == ([0, 0, 0, 0], None)


# Laws --------------------------------------------------------------------------------------------------------


@given(schedules, amounts)
def test_nothing_is_lost_and_nothing_is_settled_twice(schedule: tuple[Instalment, ...], payments: list[int]) -> None:
    dues = Dues(schedule)
    settled = [dues.allocate(amount, MAY) for amount in payments]
    assert [sum((s.charge_minor, s.principal_minor, s.credit_minor)) for s in settled] == payments
    owed = sum(row.principal_minor + row.charge_minor for row in schedule)
    assert sum(s.credit_minor for s in settled) == max(sum(payments) - owed, 0)


@given(schedules, amounts, st.randoms(use_true_random=False))
def test_what_is_owed_in_the_end_does_not_depend_on_the_order_of_the_payments(
    schedule: tuple[Instalment, ...], payments: list[int], order: random.Random
) -> None:
    shuffled = payments.copy()
    order.shuffle(shuffled)
    assert _after(schedule, payments) == _after(schedule, shuffled)


def _after(schedule: tuple[Instalment, ...], payments: list[int]) -> tuple[int, int, int, date | None]:
    dues = Dues(schedule)
    settled = [dues.allocate(amount, MAY) for amount in payments]
    return (
        sum(s.charge_minor for s in settled),
        sum(s.principal_minor for s in settled),
        sum(s.credit_minor for s in settled),
        dues.oldest_due_on,
    )
