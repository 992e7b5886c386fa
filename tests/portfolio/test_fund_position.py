from dataclasses import replace

from cif_engine.fund.position import Books, FundPosition, Lent

BOOKS = Books(
    tranches_received_minor=4_000_000,
    capital_returned_minor=500_000,
    contributions_minor=100_000,
    cash_in_hand_minor=200_000,
    bank_minor=1_300_000,
    in_transit_minor=50_000,
    income_minor=30_000,
    expense_minor=80_000,
    loans_minor=2_070_000,
    allowance_minor=60_000,
    credits_minor=10_000,
)
POSITION = FundPosition(BOOKS, Lent(2_070_000, 10_000, committed_minor=400_000), reserve_floor_minor=150_000)


def test_capital_is_what_came_less_what_went_back_and_what_others_gave() -> None:
    assert POSITION.capital_minor == 4_000_000 - 500_000 + 100_000


def test_money_in_transit_cannot_be_lent_nor_what_is_committed_or_reserved() -> None:
    assert POSITION.cash_and_bank_minor == 1_500_000
    assert POSITION.available_minor == 1_500_000 - 400_000 - 150_000


def test_more_promised_than_there_is_shows_below_zero() -> None:
    promised = replace(POSITION, lent=replace(POSITION.lent, committed_minor=2_000_000))
    assert promised.available_minor == -650_000


def test_capital_and_income_less_expense_are_money_and_loans_less_allowance_and_liabilities() -> None:
    assert POSITION.called_for_minor == 3_550_000
    assert POSITION.found_minor == 1_500_000 + 50_000 + 2_070_000 - 60_000 - 10_000
    assert POSITION.identity_holds


def test_the_identity_fails_when_the_loans_say_otherwise_than_the_ledger() -> None:
    assert not replace(POSITION, lent=replace(POSITION.lent, outstanding_minor=2_069_999)).identity_holds
    assert not replace(POSITION, lent=replace(POSITION.lent, credits_minor=0)).identity_holds
