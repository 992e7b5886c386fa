"""What an RSP released against what its LSOs received, worked by hand. Amounts in thousands of rupees."""

from collections.abc import Sequence
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.fund.federation import (
    BookedTranche,
    Difference,
    Pair,
    Release,
    Status,
    TrancheKey,
    eliminate,
    reconcile,
)

MARCH_1, MARCH_4, MARCH_9, MARCH_31 = (date(2024, 3, day) for day in (1, 4, 9, 31))
DAS_1, DAS_2, DOD_1 = TrancheKey("DAS", "CIF", 1), TrancheKey("DAS", "CIF", 2), TrancheKey("DOD", "CIF", 1)


def released(amount: int, on: date = MARCH_1, key: TrancheKey = DAS_1, reference: str = "BPV-1") -> Release:
    return Release(key, reference, amount, on)


def booked(
    amount: int, received_on: date | None = MARCH_4, key: TrancheKey = DAS_1, on: date = MARCH_1, returned: int = 0
) -> BookedTranche:
    return BookedTranche(key, amount, on, received_on, returned)


Sides = tuple[Sequence[Release], Sequence[BookedTranche]]

PAIRS: dict[str, tuple[Sides, Status, tuple[Difference, ...], int | None]] = {
    "both say the same": (([released(4_000)], [booked(4_000)]), Status.MATCHED, (), None),
    "on its way for thirty days": (([released(4_000)], [booked(4_000, None)]), Status.IN_TRANSIT, (), 30),
    "released today": (([released(4_000, MARCH_31)], [booked(4_000, None, on=MARCH_31)]), Status.IN_TRANSIT, (), 0),
    "in no book": (([released(4_000)], []), Status.ONLY_RELEASED, (), 30),
    "in no ledger of the RSP": (([], [booked(4_000)]), Status.ONLY_BOOKED, (), None),
    "another amount": (([released(4_000)], [booked(3_900)]), Status.DIFFERENT, (Difference.AMOUNT,), None),
    "another day": (
        ([released(4_000)], [booked(4_000, on=MARCH_4)]),
        Status.DIFFERENT,
        (Difference.RELEASED_ON,),
        None,
    ),
    "received before it was released": (
        ([released(4_000, MARCH_9)], [booked(4_000, MARCH_4, on=MARCH_9)]),
        Status.DIFFERENT,
        (Difference.RECEIVED_BEFORE_RELEASE,),
        None,
    ),
    "all of it": (
        ([released(4_000, MARCH_9)], [booked(3_900, MARCH_4)]),
        Status.DIFFERENT,
        (Difference.AMOUNT, Difference.RELEASED_ON, Difference.RECEIVED_BEFORE_RELEASE),
        None,
    ),
    "on its way, and another amount": (
        ([released(4_000)], [booked(3_900, None)]),
        Status.IN_TRANSIT,
        (Difference.AMOUNT,),
        30,
    ),
    "released in two payments": (
        ([released(1_500, MARCH_9, reference="BPV-2"), released(2_500)], [booked(4_000, MARCH_9)]),
        Status.MATCHED,
        (),
        None,
    ),
    "received before the second payment": (
        ([released(2_500), released(1_500, MARCH_9, reference="BPV-2")], [booked(4_000, MARCH_4)]),
        Status.DIFFERENT,
        (Difference.RECEIVED_BEFORE_RELEASE,),
        None,
    ),
    "the second payment is missing": (
        ([released(2_500)], [booked(4_000)]),
        Status.DIFFERENT,
        (Difference.AMOUNT,),
        None,
    ),
}


@pytest.mark.parametrize("what", PAIRS)
def test_two_sides_of_a_tranche_stand_to_each_other(what: str) -> None:
    sides, status, differences, days = PAIRS[what]
    (pair,) = reconcile(*sides, MARCH_31)
    assert (pair.status, pair.differences, pair.days_in_transit) == (status, differences, days)


def test_several_payments_are_told_in_the_order_of_their_days() -> None:
    (pair,) = reconcile([released(1_500, MARCH_9), released(2_500)], [], MARCH_31)
    assert (pair.released_minor, pair.released_on) == (4_000, MARCH_1)
    assert [release.released_on for release in pair.releases] == [MARCH_1, MARCH_9]


RESEMBLING: dict[str, tuple[Sides, list[TrancheKey | None]]] = {
    "typed for another tranche": (([released(4_000, key=DAS_2)], [booked(4_000)]), [DAS_2, DAS_1]),
    "of another LSO": (([released(4_000, key=DOD_1)], [booked(4_000)]), [None, None]),
    "of another amount": (([released(4_000, key=DAS_2)], [booked(3_900)]), [None, None]),
    "it may be either of two": (
        ([released(4_000, key=TrancheKey("DAS", "CIF", 3))], [booked(4_000), booked(4_000, key=DAS_2)]),
        [TrancheKey("DAS", "CIF", 3), TrancheKey("DAS", "CIF", 3), None],
    ),
    "what is on both sides was not meant": (
        ([released(4_000), released(4_000, key=DAS_2)], [booked(4_000)]),
        [None, None],
    ),
}


@pytest.mark.parametrize("what", RESEMBLING)
def test_a_tranche_that_is_on_one_side_alone_may_be_one_that_is_on_the_other(what: str) -> None:
    sides, meant = RESEMBLING[what]
    assert [pair.resembles for pair in reconcile(*sides, MARCH_31)] == meant


def a_year() -> tuple[Pair, ...]:
    """One tranche matches, one is on its way, one is in no book; one is 100 more than released, one is in no ledger."""
    return reconcile(
        [
            released(4_000),
            released(1_500, MARCH_9, DAS_2),
            released(2_000, key=TrancheKey("GHO", "CIF", 1)),
            released(3_500, key=DOD_1),
            released(700, key=TrancheKey("MIR", "CIF", 1)),
        ],
        [
            booked(4_000, returned=250),
            booked(1_500, None, DAS_2, MARCH_9),
            booked(3_600, key=DOD_1),
            booked(500, key=TrancheKey("MIR", "CIF", 1)),
            booked(900, key=TrancheKey("MIR", "ENT", 1)),
        ],
        MARCH_31,
    )


def test_what_both_sides_say_arrived_is_eliminated_and_the_rest_is_told_by_why() -> None:
    found = eliminate(a_year())
    assert found.released_minor == 11_700 == 4_000 + 1_500 + 2_000 + 3_500 + 700
    assert found.received_minor == 9_000 == 4_000 + 3_600 + 500 + 900
    assert found.eliminated_minor == 8_000 == 4_000 + 3_500 + 500
    assert (found.in_transit_minor, found.only_released_minor, found.released_beyond_minor) == (1_500, 2_000, 200)
    assert (found.only_booked_minor, found.received_beyond_minor) == (900, 100)
    assert found.returned_minor == 250
    assert not found.is_complete


def test_money_on_its_way_is_all_that_may_be_left() -> None:
    whole = reconcile(
        [released(4_000), released(1_500, key=DAS_2)], [booked(4_000), booked(1_500, None, DAS_2)], MARCH_31
    )
    assert eliminate(whole).is_complete
    assert eliminate(()).is_complete
    assert not eliminate(reconcile([released(4_000)], [booked(4_100)], MARCH_31)).is_complete
    assert not eliminate(reconcile([released(4_000)], [booked(3_900)], MARCH_31)).is_complete


keys = st.builds(TrancheKey, st.sampled_from(("DAS", "DOD")), st.sampled_from(("CIF", "ENT")), st.integers(1, 2))
days = st.sampled_from((MARCH_1, MARCH_4, MARCH_9))
amounts = st.integers(1, 5)
some_releases = st.lists(st.builds(Release, keys, st.sampled_from(("A", "B")), amounts, days), max_size=8)
some_tranches = st.lists(
    st.builds(BookedTranche, keys, amounts, days, st.none() | days, st.just(0)),
    max_size=8,
    unique_by=lambda one: one.key,
)


@given(some_releases, some_tranches)
def test_each_side_is_what_cancels_and_what_is_left_of_it(
    releases: list[Release], tranches: list[BookedTranche]
) -> None:
    pairs = reconcile(releases, tranches, MARCH_31)
    found = eliminate(pairs)
    assert found.released_minor == sum(release.amount_minor for release in releases)
    assert found.received_minor == sum(tranche.amount_minor for tranche in tranches if tranche.received_on)
    left = found.in_transit_minor + found.only_released_minor + found.released_beyond_minor
    assert found.released_minor == found.eliminated_minor + left
    assert found.received_minor == found.eliminated_minor + found.only_booked_minor + found.received_beyond_minor
    keys_told = {release.key for release in releases} | {tranche.key for tranche in tranches}
    assert [pair.key for pair in pairs] == sorted(keys_told)


@given(some_releases, some_tranches, st.randoms(use_true_random=False))
def test_the_order_in_which_both_sides_are_told_does_not_matter(
    releases: list[Release], tranches: list[BookedTranche], chance: Random
) -> None:
    told = reconcile(releases, tranches, MARCH_31)
    chance.shuffle(releases)
    chance.shuffle(tranches)
    again = reconcile(releases, tranches, MARCH_31)
    assert eliminate(again) == eliminate(told)
    assert [(pair.key, pair.status, pair.resembles) for pair in again] == [
        (pair.key, pair.status, pair.resembles) for pair in told
    ]
