"""Postings balance by construction; what changed is posted, and nothing else."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.ledger.postings import Posting, balances, difference, lowest_from, pair_off

MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)
CASH, LOANS, CREDIT, BANK = "CIF.1010", "CIF.1100", "CIF.2010", "CIF.1020"

some_postings = st.lists(
    st.builds(
        Posting,
        st.sampled_from([MAY, JUNE]),
        st.sampled_from([CASH, BANK]),
        st.sampled_from([LOANS, CREDIT]),
        st.integers(1, 1_000),
        st.sampled_from([None, "loan-1", "loan-2"]),
    ),
    max_size=8,
)


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "100"], ids=str)
def test_a_posting_moves_a_whole_positive_amount(amount: int) -> None:
    with pytest.raises(ValueError, match="a posting moves a whole positive amount"):
        Posting(MAY, CASH, LOANS, amount)


def test_a_posting_moves_money_between_two_accounts() -> None:
    with pytest.raises(ValueError, match=r"between two accounts, not within CIF\.1010"):
        Posting(MAY, CASH, CASH, 100)


def test_balances_count_debits_positive_and_credits_negative() -> None:
    postings = (Posting(MAY, CASH, LOANS, 300), Posting(JUNE, BANK, CASH, 200))
    assert balances(postings) == {CASH: 100, LOANS: -300, BANK: 200}


@given(some_postings)
def test_balances_of_any_postings_sum_to_zero(postings: list[Posting]) -> None:
    assert sum(balances(postings).values()) == 0


def test_only_what_changed_is_posted() -> None:
    """Of 500 taken as principal 200 turn out to be a credit balance: cash is left alone."""
    posted = (Posting(MAY, CASH, LOANS, 500, "loan-1"),)
    called_for = (Posting(MAY, CASH, LOANS, 300, "loan-1"), Posting(MAY, CASH, CREDIT, 200, "loan-1"))
    assert difference(posted, called_for) == (Posting(MAY, LOANS, CREDIT, 200, "loan-1"),)


def test_what_is_posted_already_needs_nothing_more() -> None:
    posted = (Posting(MAY, CASH, LOANS, 500, "loan-1"),)
    assert difference(posted, posted) == ()


def test_with_nothing_posted_the_difference_is_all_that_is_called_for() -> None:
    called_for = (Posting(MAY, CASH, LOANS, 500),)
    assert difference((), called_for) == called_for


@given(some_postings, some_postings)
def test_what_is_posted_and_the_difference_sum_to_what_is_called_for_per_day_and_loan(
    posted: list[Posting], called_for: list[Posting]
) -> None:
    mended = [*posted, *difference(posted, called_for)]
    for day in (MAY, JUNE):
        for loan_id in (None, "loan-1", "loan-2"):
            assert _net(mended, day, loan_id) == _net(called_for, day, loan_id)


@given(some_postings, some_postings)
def test_the_difference_does_not_depend_on_the_order_of_its_sides(
    posted: list[Posting], called_for: list[Posting]
) -> None:
    assert difference(posted[::-1], called_for[::-1]) == difference(posted, called_for)


def test_one_giver_may_serve_several_takers_and_the_other_way_round() -> None:
    net = {"A": 70, "B": 30, "C": -60, "D": -40}
    assert pair_off(MAY, net, None) == [
        Posting(MAY, "A", "C", 60),
        Posting(MAY, "A", "D", 10),
        Posting(MAY, "B", "D", 30),
    ]


def test_the_lowest_balance_is_found_on_the_day_it_happens() -> None:
    """1,000 at the start of May; 900 go on the 3rd, 5,000 come on the 9th: 100 was all there was."""
    moves = [(MAY + timedelta(days=8), 5_000), (MAY + timedelta(days=2), -900)]
    assert lowest_from(MAY, 1_000, moves) == 100


def test_only_the_end_of_a_day_counts() -> None:
    assert lowest_from(MAY, 0, [(MAY, -500), (MAY, 500)]) == 0


def test_without_moves_the_lowest_balance_is_the_opening_one() -> None:
    assert lowest_from(MAY, 750, []) == 750


@given(
    st.integers(0, 1_000),
    st.lists(st.tuples(st.integers(0, 9).map(lambda n: MAY + timedelta(days=n)), st.integers(-500, 500))),
)
def test_the_lowest_balance_is_the_lowest_of_all_ends_of_days(opening: int, moves: list[tuple[date, int]]) -> None:
    ends = [opening + sum(amount for on, amount in moves if on <= MAY + timedelta(days=n)) for n in range(10)]
    assert lowest_from(MAY, opening, moves) == min(ends)


def _net(postings: list[Posting], day: date, loan_id: str | None) -> dict[str, int]:
    chosen = [posting for posting in postings if (posting.effective_on, posting.loan_id) == (day, loan_id)]
    return {code: amount for code, amount in balances(chosen).items() if amount}
