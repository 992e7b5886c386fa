"""The books of one small history that can be followed on paper, and the same laws over random ones."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from cif_engine.errors import MalformedCursorError, NotFoundError, PeriodReversedError
from cif_engine.ledger.events import Papers
from cif_engine.money import parse_amount
from cif_engine.operations.ledger_reports import (
    account_statement_report,
    accounts_list,
    cash_book_report,
    events_list,
    trial_balance_report,
)
from cif_engine.operations.reporting import Page, Period
from cif_engine.persistence.engines import Databases
from tests.laws.settings import some_histories
from tests.reference_chain import first_hash
from tests.reports.histories import FIRST_DAY, LAST_DAY, Step, days, histories, tell
from tests.reports.village import Village, new_id

JANUARY, FEBRUARY, MARCH = date(2021, 1, 1), date(2021, 2, 1), date(2021, 3, 1)
WHOLE = Period(date(2019, 1, 1), date(2023, 12, 31))


@pytest.fixture
def village(databases: Databases) -> Village:
    """A tranche of 100,000 in the bank, 12,000 lent, 1,000 back in cash and 2,000 with the custodian, 500 banked."""
    village = Village.founded(databases)
    village.give(100_000_00, JANUARY)
    loan = village.lend(12_000_00, JANUARY)
    village.repay(loan, 1_000_00, FEBRUARY, papers=Papers(receipt_no="R-1", voucher_no="V-1"))
    village.repay(loan, 2_000_00, MARCH, custodian=1)
    village.move(500_00, MARCH, "cash", "bank")
    return village


def test_the_trial_balance_lists_what_was_posted_to_and_both_sides_are_equal(village: Village) -> None:
    report = trial_balance_report(village.databases, village.lso_id, MARCH)
    sides = {row["code"]: (row["debit"], row["credit"]) for row in report["accounts"]}
    assert sides == {
        "CIF.1010": ("500.00", "0.00"),
        "CIF.1020": ("88500.00", "0.00"),
        "CIF.1030.1": ("2000.00", "0.00"),
        "CIF.1100": ("9000.00", "0.00"),
        "CIF.3010.1": ("0.00", "100000.00"),
    }
    assert (report["total_debit"], report["total_credit"], report["balanced"]) == ("100000.00", "100000.00", True)


def test_a_trial_balance_of_a_day_counts_nothing_later(village: Village) -> None:
    report = trial_balance_report(village.databases, village.lso_id, JANUARY, fund="CIF")
    assert {row["code"] for row in report["accounts"]} == {"CIF.1020", "CIF.1100", "CIF.3010.1"}
    assert trial_balance_report(village.databases, village.lso_id, MARCH, fund="SHOP")["accounts"] == []


def test_an_account_statement_runs_from_its_opening_to_its_closing_balance(village: Village) -> None:
    period = Period(FEBRUARY, MARCH)
    report = account_statement_report(village.databases, village.lso_id, "CIF.1100", period)
    assert (report["opening_balance"], report["closing_balance"]) == ("12000.00", "9000.00")
    lines = [(line["effective_on"], line["credit"], line["balance"]) for line in report["items"]]
    assert lines == [("2021-02-01", "1000.00", "11000.00"), ("2021-03-01", "2000.00", "9000.00")]
    first = report["items"][0]
    assert (first["kind"], first["counter_account"]) == ("repayment_received", "CIF.1010")
    assert (first["receipt_no"], first["voucher_no"], first["loan"][-6:]) == ("R-1", "V-1", "-00001")


def test_the_balance_of_capital_counts_in_the_direction_in_which_it_grows(village: Village) -> None:
    report = account_statement_report(village.databases, village.lso_id, "CIF.3010.1", WHOLE)
    assert (report["opening_balance"], report["closing_balance"]) == ("0.00", "100000.00")


def test_the_cash_book_shows_money_that_changes_hands_on_both_sides(village: Village) -> None:
    report = cash_book_report(village.databases, village.lso_id, Period(FEBRUARY, MARCH), fund="CIF")
    assert report["opening"] == {"cash_in_hand": "0.00", "bank": "88000.00", "in_transit": "0.00"}
    assert report["closing"] == {"cash_in_hand": "500.00", "bank": "88500.00", "in_transit": "2000.00"}
    assert [day["on"] for day in report["days"]] == ["2021-02-01", "2021-03-01"]
    assert report["days"][1] == {
        "on": "2021-03-01",
        "cash_in_hand": {"receipts": "0.00", "payments": "500.00", "balance": "500.00"},
        "bank": {"receipts": "500.00", "payments": "0.00", "balance": "88500.00"},
        "in_transit": {"receipts": "2000.00", "payments": "0.00", "balance": "2000.00"},
    }


def test_the_cash_book_without_a_fund_holds_the_money_of_all(village: Village) -> None:
    village.give(1_000_00, JANUARY, fund="SHOP")
    report = cash_book_report(village.databases, village.lso_id, Period(JANUARY, JANUARY))
    assert report["closing"]["bank"] == "89000.00"


def test_the_chart_of_accounts_names_every_account_of_every_fund(village: Village) -> None:
    chart = accounts_list(village.databases, village.lso_id)["items"]
    codes = [account["code"] for account in chart]
    assert codes == sorted(codes)
    assert {"CIF.1010", "CIF.1030.1", "CIF.3010.1", "SHOP.1010", "SHOP.1030.1"} <= set(codes)


def test_the_feed_gives_every_event_once_and_each_is_sealed_with_the_one_before(village: Village) -> None:
    events: list[dict[str, Any]] = []
    after = 0
    while True:
        page = events_list(village.databases, village.lso_id, after, limit=3)
        if not page["items"]:
            break
        events += page["items"]
        after = page["next"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["prev_hash"] == first_hash(village.lso_id).hex()
    assert all(event["prev_hash"] == before["hash"] for before, event in pairwise(events))
    assert page["next"] == len(events)
    moved = sum(parse_amount(posting["amount"]) for event in events for posting in event["postings"])
    assert moved == 100_000_00 + 12_000_00 + 3_000_00 + 500_00


def test_what_the_book_does_not_have_is_not_found(village: Village) -> None:
    databases, lso_id = village.databases, village.lso_id
    asked: list[Callable[[], object]] = [
        lambda: account_statement_report(databases, lso_id, "CIF.9999", WHOLE),
        lambda: trial_balance_report(databases, lso_id, MARCH, fund="NONE"),
        lambda: cash_book_report(databases, new_id(), WHOLE),
        lambda: accounts_list(databases, new_id()),
    ]
    for ask in asked:
        with pytest.raises(NotFoundError):
            ask()


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(PeriodReversedError):
        Period(MARCH, FEBRUARY)


@pytest.mark.parametrize("after", ["2021", ["2021-02-01"], ["2021-02-30", 1, 1], ["2021-02-01", "1", 1], [1, 1, 1]])
def test_a_cursor_that_no_page_gave_is_refused(databases: Databases, after: Any) -> None:  # noqa: ANN401 - any JSON value
    village = Village.founded(databases)
    with pytest.raises(MalformedCursorError):
        account_statement_report(databases, village.lso_id, "CIF.1020", WHOLE, page=Page(10, after))


@some_histories(8)
@given(histories, days)
def test_pages_of_a_statement_are_the_statement(shared_databases: Databases, steps: list[Step], day: date) -> None:
    village = tell(Village.founded(shared_databases), steps)
    period = Period(min(day, LAST_DAY), LAST_DAY)
    for account in ("CIF.1010", "CIF.1100"):
        whole = account_statement_report(shared_databases, village.lso_id, account, period, page=Page(1000))
        lines: list[dict[str, Any]] = []
        page = Page(2)
        while True:
            part = account_statement_report(shared_databases, village.lso_id, account, period, page=page)
            lines += part["items"]
            if part["next"] is None:
                break
            page = Page(2, part["next"])
        assert lines == whole["items"]
        last = lines[-1]["balance"] if lines else whole["opening_balance"]
        assert last == whole["closing_balance"]


@some_histories(8)
@given(histories, days)
def test_the_cash_book_closes_with_what_the_trial_balance_says(
    shared_databases: Databases, steps: list[Step], day: date
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    trial = trial_balance_report(shared_databases, village.lso_id, day)
    book = cash_book_report(shared_databases, village.lso_id, Period(FIRST_DAY, day))
    assert trial["balanced"]
    for role, amount in book["closing"].items():
        of_role = [row for row in trial["accounts"] if row["role"] == role]
        assert sum(parse_amount(row["debit"]) - parse_amount(row["credit"]) for row in of_role) == parse_amount(amount)
