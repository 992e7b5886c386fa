"""What a payment settles: the oldest instalment first, its service charge before its principal."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.loans.allocation import Dues, Settlement
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
    assert dues.allocate(paid) == settled
    assert dues.oldest_due_on == oldest


def test_the_next_payment_goes_on_where_the_last_one_ended() -> None:
    dues = Dues(TWO)
    assert [dues.allocate(200) for _ in range(3)] == [
        Settlement(50, 150, 0),
        Settlement(0, 200, 0),
        Settlement(50, 150, 0),
    ]
    assert dues.oldest_due_on == JUNE


def test_a_payment_of_what_is_repaid_is_all_credit() -> None:
    dues = Dues(TWO)
    dues.allocate(1_320)
    assert dues.allocate(10) == Settlement(0, 0, 10)


def test_without_a_schedule_nothing_is_owed() -> None:
    dues = Dues(())
    assert dues.oldest_due_on is None
    assert dues.allocate(10) == Settlement(0, 0, 10)


def test_an_instalment_may_be_all_charge() -> None:
    dues = Dues((Instalment(1, MAY, 0, 20), Instalment(2, JULY, 100, 0)))
    assert dues.allocate(20) == Settlement(20, 0, 0)
    assert dues.oldest_due_on == JULY


@given(schedules, amounts)
def test_nothing_is_lost_and_nothing_is_settled_twice(schedule: tuple[Instalment, ...], payments: list[int]) -> None:
    dues = Dues(schedule)
    settled = [dues.allocate(amount) for amount in payments]
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
    settled = [dues.allocate(amount) for amount in payments]
    return (
        sum(s.charge_minor for s in settled),
        sum(s.principal_minor for s in settled),
        sum(s.credit_minor for s in settled),
        dues.oldest_due_on,
    )
