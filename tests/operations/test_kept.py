"""What is kept is found by what it is a function of, and the oldest make room."""

from datetime import date, timedelta
from functools import partial

from cif_engine.fund.flows import Entry, Flows, FundDay
from cif_engine.fund.lots import Lots, fold
from cif_engine.operations.kept import FundKey, Kept

TODAY = date(2024, 6, 30)
FLOWS = Flows(
    (FundDay(date(2024, 1, 1), Entry.TRANCHE, 1, 100), FundDay(date(2024, 1, 2), Entry.EXPENSE, None, 10)), ()
)
"""Of these, lots have two stays: 10 that were spent, 90 that wait."""


def key(*, lso_id: str = "DAS", head: bytes = b"1", fund_id: str = "CIF", as_of: date = TODAY) -> FundKey:
    return FundKey(lso_id, head, fund_id, as_of)


def room_for(stays: int) -> Kept[Lots]:
    return Kept(stays, lambda lots: len(lots.stays))


def computed(asked: list[FundKey], kept: Kept[Lots]) -> list[FundKey]:
    """Ask for lots one after the other; return the keys of those that had to be computed."""
    found: list[FundKey] = []

    def compute(of: FundKey) -> Lots:
        found.append(of)
        return fold(FLOWS, of.as_of)

    for one in asked:
        assert kept.find(one, partial(compute, one)) == fold(FLOWS, one.as_of)
    return found


def test_lots_are_computed_once_for_each_chain_fund_and_day() -> None:
    keys = [
        key(),
        key(lso_id="DUA"),
        key(head=b"2"),
        key(fund_id="ENT"),
        key(as_of=TODAY - timedelta(days=1)),
    ]
    assert computed([*keys, *keys], room_for(100)) == keys


def test_those_that_nobody_asked_for_longest_make_room() -> None:
    kept = room_for(4)
    first, second, third = (key(head=head) for head in (b"1", b"2", b"3"))
    assert computed([first, second, first, third], kept) == [first, second, third]
    assert computed([first, third], kept) == []
    assert computed([second], kept) == [second]


def test_what_is_larger_than_all_there_is_room_for_is_not_kept() -> None:
    kept = room_for(1)
    assert computed([key(), key()], kept) == [key(), key()]
