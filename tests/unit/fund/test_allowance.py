"""The allowance never ends a day below zero, and what the fund adds to it follows from its moves alone."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.fund.allowance import Move, shortfall_change, shortfalls

FIRST, TENTH, TWENTIETH, THIRTIETH = (date(2024, 6, day) for day in (1, 10, 20, 30))

moves_of_a_fund = st.lists(
    st.tuples(
        st.integers(0, 9).map(lambda days: FIRST + timedelta(days)),
        st.integers(-300, 300).filter(bool),
    ),
    max_size=12,
)


CASES: dict[str, tuple[list[Move], dict[date, int]]] = {
    "nothing moved": ([], {}),
    "enough was set aside": ([(FIRST, 100), (TENTH, -60), (TWENTIETH, -40)], {}),
    "nothing was set aside": ([(TENTH, -150)], {TENTH: 150}),
    "what was added stays in": ([(FIRST, 100), (TENTH, -150), (TWENTIETH, -30)], {TENTH: 50, TWENTIETH: 30}),
    "a provision that comes later does not help": ([(TENTH, -150), (TWENTIETH, 150)], {TENTH: 150}),
    "a provision of the same day does": ([(TENTH, -150), (TENTH, 150)], {}),
    "a loss after a late provision": ([(FIRST, -10), (TENTH, 70), (TWENTIETH, -100)], {FIRST: 10, TWENTIETH: 30}),
    "days in any order": ([(TWENTIETH, -30), (FIRST, 100), (TENTH, -150)], {TENTH: 50, TWENTIETH: 30}),
}


@pytest.mark.parametrize("what", CASES)
def test_the_fund_adds_what_is_missing_on_the_day_it_is_missing(what: str) -> None:
    moves, added = CASES[what]
    assert shortfalls(moves) == added


CHANGES: dict[str, tuple[list[Move], dict[date, int], dict[date, int]]] = {
    "nothing posted yet": ([(TENTH, -150)], {}, {TENTH: 150}),
    "all is posted": ([(TENTH, -150)], {TENTH: 150}, {}),
    "a late provision takes some back": ([(FIRST, 100), (TENTH, -150)], {TENTH: 150}, {TENTH: -100}),
    "a loss that was none takes all back": ([], {TENTH: 150}, {TENTH: -150}),
    "a late loss adds on its day and on a later one": (
        [(FIRST, 100), (TENTH, -80), (TWENTIETH, -60), (THIRTIETH, -10)],
        {THIRTIETH: 10},
        {TWENTIETH: 40},
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_only_the_difference_to_what_is_posted_is_called_for(what: str) -> None:
    moves, posted, change = CHANGES[what]
    assert shortfall_change(moves, posted) == change


@given(moves=moves_of_a_fund)
def test_no_day_ends_below_zero_and_nothing_is_added_that_is_not_missing(moves: list[Move]) -> None:
    added = shortfalls(moves)
    balance = _balances(moves, added)
    assert all(amount >= 0 for amount in balance.values())
    assert all(amount > 0 and balance[on] == 0 for on, amount in added.items())


@given(moves=moves_of_a_fund, order=st.randoms(use_true_random=False))
def test_the_order_in_which_moves_are_recorded_makes_no_difference(moves: list[Move], order: random.Random) -> None:
    shuffled = order.sample(moves, len(moves))
    assert _posted_one_by_one(shuffled) == shortfalls(moves)


def _posted_one_by_one(moves: Iterable[Move]) -> dict[date, int]:
    """Return what is posted when each move is recorded by itself, with the change it brings."""
    posted: Counter[date] = Counter()
    known: list[Move] = []
    for move in moves:
        known.append(move)
        posted.update(shortfall_change(known, posted))
    return {on: amount for on, amount in posted.items() if amount}


def _balances(moves: Iterable[Move], added: dict[date, int]) -> dict[date, int]:
    by_day = Counter(added)
    for on, amount in moves:
        by_day[on] += amount
    days = sorted(by_day)
    return dict(zip(days, accumulate(by_day[on] for on in days), strict=True))
