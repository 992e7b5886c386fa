"""The lots of a fund as vectors: what happened day by day, and where each rupee lies then and in which turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pytest

from cif_engine.fund.flows import Entry, Flows, FundDay, LoanDay, loan_days
from cif_engine.fund.lots import Ending, Lots, Stay, fold
from cif_engine.fund.pieces import Source, SourceKind
from cif_engine.fund.turns import by_kind, by_source, by_turn, draws_of, paths

EVE, FOR_EVER = date(2023, 12, 31), date(2025, 12, 31)
TRANCHE_1 = Source(SourceKind.TRANCHE, 1)


# How vectors are written ---------------------------------------------------------------------------------------


@dataclass
class Days:
    """Collects what happened; days are numbered from 1 January 2024, amounts are small."""

    funds: list[FundDay]
    loans: list[LoanDay]

    def flows(self) -> Flows:
        """Return the flows, in the order of the days."""
        return Flows(tuple(sorted(self.funds, key=lambda day: day.on)), tuple(sorted(self.loans)))


Happened = Callable[[Days], None]


def _of_fund(entry: Entry, amount: int, on: int, number: int | None = None) -> Happened:
    return lambda days: days.funds.append(FundDay(day(on), entry, number, amount))


def tranche(number: int, amount: int, *, on: int) -> Happened:
    return _of_fund(Entry.TRANCHE, amount, on, number)


def returned(number: int, amount: int, *, on: int) -> Happened:
    return _of_fund(Entry.RETURN, amount, on, number)


def given(amount: int, *, on: int) -> Happened:
    return _of_fund(Entry.CONTRIBUTION, amount, on)


def earned(amount: int, *, on: int) -> Happened:
    return _of_fund(Entry.INCOME, amount, on)


def spent(amount: int, *, on: int) -> Happened:
    return _of_fund(Entry.EXPENSE, amount, on)


def loan(
    loan_id: str, *, on: int, lent: int = 0, repaid: int = 0, lost: int = 0, income: int = 0, credit: int = 0
) -> Happened:
    return lambda days: days.loans.append(LoanDay(day(on), loan_id, lent, repaid, lost, income, credit))


def day(number: int) -> date:
    return EVE + timedelta(days=number)


def lots_of(happened: Iterable[Happened], until: date = FOR_EVER) -> Lots:
    days = Days([], [])
    for one in happened:
        one(days)
    return fold(days.flows(), until)


def said(stay: Stay) -> str:
    """Say where rupees lie: `tranche 1 0-60 turn 1 in A`."""
    number = f" {stay.source.number}" if stay.source.number else ""
    place = f"in {stay.loan_id}" if stay.loan_id else "in cash"
    if stay.ending:
        place = f"{stay.ending.value}, {stay.loan_id}" if stay.loan_id else stay.ending.value
    return f"{stay.source.kind.value}{number} {stay.start}-{stay.end} turn {stay.turn} {place}"


def at_rest(lots: Lots) -> list[str]:
    """Say where all rupees lie, or ended for good."""
    for_good = (None, Ending.WRITTEN_OFF, Ending.SPENT, Ending.RETURNED)
    return sorted(said(stay) for stay in lots.stays if stay.ending in for_good)


# Vectors -------------------------------------------------------------------------------------------------------

VECTORS: dict[str, tuple[list[Happened], list[str]]] = {
    "nothing happened": ([], []),
    "a tranche waits": ([tranche(1, 100, on=1)], ["tranche 1 0-100 turn 1 in cash"]),
    "the oldest is lent first": (
        [tranche(1, 100, on=1), tranche(2, 50, on=2), loan("A", on=3, lent=120)],
        [
            "tranche 1 0-100 turn 1 in A",
            "tranche 2 0-20 turn 1 in A",
            "tranche 2 20-50 turn 1 in cash",
        ],
    ),
    "of one day tranches by number, then gifts, then what was earned": (
        [
            earned(10, on=1),
            given(20, on=1),
            tranche(2, 30, on=1),
            tranche(1, 40, on=1),
            loan("A", on=2, lent=50),
            loan("B", on=3, lent=45),
        ],
        [
            "contributions 0-20 turn 1 in B",
            "surplus 0-5 turn 1 in B",
            "surplus 5-10 turn 1 in cash",
            "tranche 1 0-40 turn 1 in A",
            "tranche 2 0-10 turn 1 in A",
            "tranche 2 10-30 turn 1 in B",
        ],
    ),
    "two loans of one day by their ids": (
        [tranche(1, 100, on=1), loan("B", on=2, lent=30), loan("A", on=2, lent=60)],
        ["tranche 1 0-60 turn 1 in A", "tranche 1 60-90 turn 1 in B", "tranche 1 90-100 turn 1 in cash"],
    ),
    "what is repaid comes back in the order it was drawn, behind what waits": (
        [
            tranche(1, 60, on=1),
            tranche(2, 60, on=2),
            loan("A", on=3, lent=80),
            loan("A", on=4, repaid=70),
            loan("B", on=5, lent=50),
        ],
        [
            "tranche 1 0-10 turn 2 in B",
            "tranche 1 10-60 turn 2 in cash",
            "tranche 2 0-10 turn 2 in cash",
            "tranche 2 10-20 turn 1 in A",
            "tranche 2 20-60 turn 1 in B",
        ],
    ),
    "what is written off is lost, what was drawn last": (
        [tranche(1, 60, on=1), loan("A", on=2, lent=60), loan("A", on=3, repaid=20), loan("A", on=4, lost=40)],
        ["tranche 1 0-20 turn 2 in cash", "tranche 1 20-60 turn 1 written_off, A"],
    ),
    "repaid and written off on one day": (
        [tranche(1, 60, on=1), loan("A", on=2, lent=60), loan("A", on=3, repaid=20, lost=40)],
        ["tranche 1 0-20 turn 2 in cash", "tranche 1 20-60 turn 1 written_off, A"],
    ),
    "lent and repaid on one day is a turn": (
        [tranche(1, 60, on=1), loan("A", on=2, lent=50, repaid=50)],
        ["tranche 1 0-50 turn 2 in cash", "tranche 1 50-60 turn 1 in cash"],
    ),
    "a part that is lent on the day on which the first is repaid": (
        [tranche(1, 60, on=1), loan("A", on=2, lent=50), loan("A", on=3, lent=30, repaid=60)],
        ["tranche 1 0-20 turn 2 in A", "tranche 1 20-60 turn 2 in cash"],
    ),
    "a loan paid out of what another brings back later on its day": (
        [tranche(1, 50, on=1), loan("A", on=2, lent=50, repaid=40), loan("B", on=2, lent=40)],
        ["tranche 1 0-40 turn 2 in B", "tranche 1 40-50 turn 1 in A"],
    ),
    "what was lent and repaid on a day without money moved nothing": (
        [loan("A", on=1, lent=50, repaid=50), tranche(1, 10, on=2)],
        ["tranche 1 0-10 turn 1 in cash"],
    ),
    "a top-up draws from the front, what it settles goes to the end": (
        [
            tranche(1, 100, on=1),
            loan("A", on=2, lent=60),
            loan("A", on=3, repaid=60),
            loan("B", on=3, lent=100),
        ],
        ["tranche 1 0-60 turn 2 in B", "tranche 1 60-100 turn 1 in B"],
    ),
    "expenses take what was earned, wherever it stands, then the front": (
        [tranche(1, 50, on=1), earned(20, on=2), tranche(2, 50, on=3), spent(30, on=4)],
        [
            "surplus 0-20 turn 1 spent",
            "tranche 1 0-10 turn 1 spent",
            "tranche 1 10-50 turn 1 in cash",
            "tranche 2 0-50 turn 1 in cash",
        ],
    ),
    "what loans earn is surplus, also what is recovered after a loss": (
        [
            tranche(1, 50, on=1),
            loan("A", on=2, lent=50),
            loan("A", on=3, repaid=10, income=5),
            loan("A", on=4, lost=40),
            loan("A", on=5, income=15),
        ],
        [
            "surplus 0-5 turn 1 in cash",
            "surplus 5-20 turn 1 in cash",
            "tranche 1 0-10 turn 2 in cash",
            "tranche 1 10-50 turn 1 written_off, A",
        ],
    ),
    "what goes back is its own cash first": (
        [tranche(1, 50, on=1), tranche(2, 50, on=2), returned(2, 20, on=3)],
        ["tranche 1 0-50 turn 1 in cash", "tranche 2 0-20 turn 1 returned", "tranche 2 20-50 turn 1 in cash"],
    ),
    "what goes back of money in loans is exchanged": (
        [tranche(1, 50, on=1), loan("A", on=2, lent=40), tranche(2, 50, on=3), returned(1, 30, on=4)],
        [
            "tranche 1 0-20 turn 1 returned",
            "tranche 1 20-40 turn 1 in A",
            "tranche 1 40-50 turn 1 returned",
            "tranche 2 0-20 turn 1 in A",
            "tranche 2 20-50 turn 1 in cash",
        ],
    ),
    "exchanged is what was lent first, a second part after other loans": (
        [
            tranche(1, 60, on=1),
            loan("A", on=2, lent=20),
            loan("B", on=3, lent=20),
            loan("A", on=4, lent=20),
            tranche(2, 50, on=5),
            returned(1, 30, on=6),
        ],
        [
            "tranche 1 0-20 turn 1 returned",
            "tranche 1 20-30 turn 1 returned",
            "tranche 1 30-40 turn 1 in B",
            "tranche 1 40-60 turn 1 in A",
            "tranche 2 0-20 turn 1 in A",
            "tranche 2 20-30 turn 1 in B",
            "tranche 2 30-50 turn 1 in cash",
        ],
    ),
    "what took over comes back after what was drawn before it, in a turn of its own": (
        [
            tranche(1, 40, on=1),
            loan("A", on=2, lent=40),
            loan("A", on=3, repaid=40),
            loan("A", on=4, lent=40),
            tranche(2, 50, on=5),
            returned(1, 10, on=6),
            loan("A", on=7, repaid=35),
        ],
        [
            "tranche 1 0-10 turn 2 returned",
            "tranche 1 10-40 turn 3 in cash",
            "tranche 2 0-5 turn 2 in cash",
            "tranche 2 10-50 turn 1 in cash",
            "tranche 2 5-10 turn 1 in A",
        ],
    ),
    "exchanged for what is lost when nothing is in loans, then for what was spent": (
        [
            tranche(1, 40, on=1),
            spent(10, on=2),
            loan("A", on=3, lent=30),
            loan("A", on=4, lost=30),
            tranche(2, 60, on=5),
            returned(1, 35, on=6),
        ],
        [
            "tranche 1 0-5 turn 1 returned",
            "tranche 1 10-40 turn 1 returned",
            "tranche 1 5-10 turn 1 spent",
            "tranche 2 0-30 turn 1 written_off, A",
            "tranche 2 30-35 turn 1 spent",
            "tranche 2 35-60 turn 1 in cash",
        ],
    ),
    "what belongs to borrowers is lent last": (
        [
            tranche(1, 40, on=1),
            loan("A", on=2, lent=40),
            loan("A", on=3, repaid=40, credit=15),
            tranche(2, 20, on=4),
            loan("B", on=5, lent=65),
        ],
        [
            "borrower_credit 0-5 turn 1 in B",
            "borrower_credit 5-15 turn 1 in cash",
            "tranche 1 0-40 turn 2 in B",
            "tranche 2 0-20 turn 1 in B",
        ],
    ),
    "what belongs to borrowers is given back by whoever has cash": (
        [
            tranche(1, 40, on=1),
            loan("A", on=2, lent=40),
            loan("A", on=3, repaid=40, credit=15),
            loan("B", on=4, lent=50),
            loan("B", on=5, repaid=8),
            loan("A", on=6, credit=-12),
        ],
        [
            "borrower_credit 0-7 turn 1 returned",
            "borrower_credit 10-15 turn 1 returned",
            "borrower_credit 7-10 turn 1 in B",
            "tranche 1 0-7 turn 3 in B",
            "tranche 1 7-8 turn 3 in cash",
            "tranche 1 8-40 turn 2 in B",
        ],
    ),
    "credit of one loan that pays another": (
        [
            tranche(1, 60, on=1),
            loan("A", on=2, lent=20),
            loan("B", on=2, lent=40),
            loan("A", on=3, repaid=20, credit=15),
            loan("A", on=4, credit=-15),
            loan("B", on=4, repaid=15),
        ],
        [
            "borrower_credit 0-15 turn 1 returned",
            "tranche 1 0-20 turn 2 in cash",
            "tranche 1 20-35 turn 2 in cash",
            "tranche 1 35-60 turn 1 in B",
        ],
    ),
    "an expense takes from borrowers when there is nothing else": (
        [tranche(1, 20, on=1), loan("A", on=2, lent=10), loan("A", on=3, repaid=10, credit=9), spent(25, on=4)],
        [
            "borrower_credit 0-5 turn 1 spent",
            "borrower_credit 5-9 turn 1 in cash",
            "tranche 1 0-10 turn 2 spent",
            "tranche 1 10-20 turn 1 spent",
        ],
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_rupees_lie_where_the_days_put_them(name: str) -> None:
    happened, expected = VECTORS[name]
    assert at_rest(lots_of(happened)) == expected


@pytest.mark.parametrize("name", VECTORS)
def test_lots_sum_to_the_cash_and_the_loans_of_the_flows(name: str) -> None:
    happened, _ = VECTORS[name]
    days = Days([], [])
    for one in happened:
        one(days)
    flows = days.flows()
    for on in map(day, range(8)):
        assert fold(flows, on).total_minor == cash_and_loans(flows, on)


def cash_and_loans(flows: Flows, on: date) -> int:
    """Add up what the fund holds and what its borrowers owe at the end of a day."""
    out = {Entry.EXPENSE, Entry.RETURN}
    own = (-day.amount_minor if day.entry in out else day.amount_minor for day in flows.funds if day.on <= on)
    lent = (
        day.cash_minor + day.disbursed_minor - day.repaid_minor - day.written_off_minor
        for day in flows.loans
        if day.on <= on
    )
    return sum(own) + sum(lent)


TWICE_LENT: list[Happened] = [
    tranche(1, 100, on=1),
    loan("A", on=11, lent=60),
    loan("A", on=21, repaid=60),
    loan("B", on=31, lent=70),
]


def test_what_happens_later_is_not_of_a_day() -> None:
    assert at_rest(lots_of(TWICE_LENT, day(20))) == ["tranche 1 0-60 turn 1 in A", "tranche 1 60-100 turn 1 in cash"]
    assert at_rest(lots_of(TWICE_LENT, day(30))) == ["tranche 1 0-60 turn 2 in cash", "tranche 1 60-100 turn 1 in cash"]


def test_a_turn_says_what_it_did_and_how_long_it_waited() -> None:
    """Turn 1: 60 waited 10 days for A, 40 waited 30 days for B. Turn 2: 30 waited 10 days, 30 more until day 41."""
    (source,) = by_source(lots_of(TWICE_LENT, day(41)))
    first, second = source.turns[1], source.turns[2]
    assert (first.disbursed_minor, first.repaid_minor, first.in_loans_minor) == (100, 60, 40)
    assert (first.waited_minor, first.minor_days, first.loans) == (100, 60 * 10 + 40 * 30, {"A", "B"})
    assert (second.disbursed_minor, second.in_loans_minor, second.in_cash_minor) == (30, 30, 30)
    assert (second.waited_minor, second.minor_days, second.loans) == (60, 30 * 10 + 30 * 20, {"B"})
    assert source.entered_minor == source.in_cash_minor + source.in_loans_minor == 100


def test_turns_of_all_sources_together_count_each_loan_once() -> None:
    lots = lots_of([tranche(1, 10, on=1), tranche(2, 10, on=1), loan("A", on=2, lent=15)])
    together = by_turn(by_source(lots))
    assert (together[1].disbursed_minor, together[1].in_cash_minor, together[1].loans) == (15, 5, {"A"})
    assert together[1].households({"A": "her household"}) == {"her household"}


def test_sources_of_many_funds_are_one_of_each_kind() -> None:
    """10 and 10 and 20 in tranches, all lent once; of the 15 that came back to the first fund 5 were lent again."""
    one = [tranche(1, 10, on=1), tranche(2, 10, on=1), loan("A", on=2, lent=20), loan("A", on=3, repaid=15)]
    one.append(loan("B", on=4, lent=5))
    other = [tranche(1, 20, on=1), given(7, on=1), loan("C", on=2, lent=20)]
    tranches, gifts = by_kind(source for fund in (one, other) for source in by_source(lots_of(fund, day(9))))
    assert (tranches.source, gifts.source) == (Source(SourceKind.TRANCHE), Source(SourceKind.CONTRIBUTIONS))
    assert (tranches.entered_minor, gifts.entered_minor, gifts.in_cash_minor) == (40, 7, 7)
    first, second = tranches.turns.values()
    assert (first.disbursed_minor, first.repaid_minor, first.in_loans_minor, first.loans) == (40, 15, 25, {"A", "C"})
    assert (second.disbursed_minor, second.in_cash_minor, second.loans) == (5, 10, {"B"})


def test_a_loan_is_made_of_what_it_drew_in_that_order() -> None:
    assert [said(stay) for stay in draws_of(lots_of(TWICE_LENT), "B")] == [
        "tranche 1 60-100 turn 1 in B",
        "tranche 1 0-30 turn 2 in B",
    ]


def test_rupees_that_went_the_same_way_are_told_together() -> None:
    ways = list(paths(lots_of(TWICE_LENT), TRANCHE_1, 0, 100))
    assert [(way.start, way.end) for way in ways] == [(0, 30), (30, 60), (60, 100)]
    assert [(stay.turn, stay.loan_id) for stay in ways[0].stays] == [(1, None), (1, "A"), (2, None), (2, "B")]
    narrow = partial(paths, lots_of(TWICE_LENT), TRANCHE_1)
    assert [(way.start, way.end) for way in narrow(25, 31)] == [(25, 30), (30, 31)]
    assert list(narrow(100, 200)) == []


def test_where_the_rupees_of_a_source_are_and_what_was_lost() -> None:
    """100 came; 60 went to A, of which 20 came back and 40 were lost; of the 60 in cash 10 were spent, 15 returned.

    The 15 that must go back are of the tranche's own cash: 40 never lent, and 20 that came back.
    """
    happened = [
        tranche(1, 100, on=1),
        loan("A", on=2, lent=60),
        loan("A", on=3, repaid=20),
        loan("A", on=4, lost=40),
        spent(10, on=5),
        returned(1, 15, on=6),
    ]
    (source,) = by_source(lots_of(happened, day(10)))
    assert (source.entered_minor, source.disbursed_minor) == (100, 60)
    assert (source.in_cash_minor, source.in_loans_minor, source.returned_minor) == (35, 0, 15)
    assert (source.written_off_minor, source.spent_minor, source.lost_minor) == (40, 10, 50)
    assert [(number, turn.written_off_minor, turn.repaid_minor) for number, turn in source.turns.items()] == [
        (1, 40, 20),
        (2, 0, 0),
    ]


def test_money_whose_place_was_taken_waits_on_as_before() -> None:
    """Tranche 1 was lent after a day; tranche 2 took the place of 20 of it, which went back to the funder that day."""
    happened = [
        tranche(1, 50, on=1),
        loan("A", on=2, lent=50),
        tranche(2, 30, on=3),
        returned(1, 20, on=4),
    ]
    first, second = by_source(lots_of(happened, day(5)))
    assert (first.turns[1].disbursed_minor, first.turns[1].returned_minor, first.turns[1].in_loans_minor) == (
        30,
        20,
        30,
    )
    assert (first.turns[1].waited_minor, first.turns[1].minor_days) == (50, 50)
    assert (second.turns[1].disbursed_minor, second.turns[1].in_loans_minor, second.turns[1].in_cash_minor) == (
        20,
        20,
        10,
    )
    assert second.turns[1].minor_days == 20 * 1 + 10 * 2


def test_a_loan_did_on_a_day_what_it_came_to_more_than_before() -> None:
    to_date = [(day(1), (100, 0, 0, 0, 0)), (day(2), (100, 0, 0, 0, 0)), (day(3), (100, 30, 50, 5, 8))]
    lent, came_back = loan_days("A", to_date)
    assert lent == LoanDay(day(1), "A", 100, 0, 0, 0, 0)
    assert came_back == LoanDay(day(3), "A", 0, 30, 50, 5, 8)
    assert (lent.cash_minor, came_back.cash_minor) == (-100, 43)
