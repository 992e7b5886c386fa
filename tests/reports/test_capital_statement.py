"""The capital statement: every amount is that of the ledgers, on any day, as known at any moment, however it is cut."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from cif_engine.errors import NotFoundError, ReportNotCutError
from cif_engine.ledger.accounts import CASH_ROLES, Role
from cif_engine.money import parse_amount
from cif_engine.operations.asking import Question
from cif_engine.operations.capital import capital_statement
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports.capital import capital as capital_table
from cif_engine.operations.reports.shown import report_view
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from tests.books import MEMBERS, Book
from tests.reports.two_books import LAST, NEW_YEAR, lso_record, two_books

View = dict[str, Any]


@pytest.fixture(scope="module")
def books(shared_databases: Databases) -> tuple[Book, Book]:
    """Two books that tests only read."""
    return two_books(shared_databases)


def told(
    books: tuple[Book, ...], first: date, last: date, *by: Cut, known_at: int | None = None, **only: tuple[str, ...]
) -> View:
    scope = Within(tuple(book.lso_id for book in books))
    cutting = Cutting(by, tuple((Cut(name), values) for name, values in only.items()))
    return capital_statement(books[0].databases, Question(scope, cutting, known_at), Period(first, last))


def _ledger(book: Book, on: date) -> dict[str, int]:
    """Return what the accounts of a book hold at the end of a day, in minor units."""
    held = {role: parse_amount(book.balance(role, on=on), signed=True) for role in Role}
    cash = sum(held[role] for role in CASH_ROLES)
    # An asset that grows by credit: what the account holds is below zero.
    allowance = -held[Role.LOAN_LOSS_ALLOWANCE]
    capital = held[Role.TRANCHE_CAPITAL] + held[Role.CONTRIBUTIONS]
    loans, credit = held[Role.LOANS_OUTSTANDING], held[Role.BORROWER_CREDIT]
    return {
        "capital": capital,
        "fund_value": cash + loans - allowance - credit,
        "cash": cash,
        "outstanding_principal": loans,
        "allowance": allowance,
        "borrower_credit_balances": credit,
        "contributions": held[Role.CONTRIBUTIONS],
        "earned": held[Role.SERVICE_CHARGE_INCOME] + held[Role.FEE_INCOME] + held[Role.PENALTY_INCOME],
        "bank_profit": held[Role.BANK_PROFIT],
        "recovered": held[Role.RECOVERIES],
        "spent": held[Role.OPERATING_EXPENSE],
        "losses": held[Role.WRITE_OFF_EXPENSE] + held[Role.PROVISION_EXPENSE],
    }


STOOD = ("capital", "fund_value", "cash", "outstanding_principal", "allowance", "borrower_credit_balances")
DAYS = [NEW_YEAR + timedelta(days) for days in (0, 19, 31, 61, 92, 140, 182, 196, 213, 245, 258, 274, 275, 305, 365)]


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_where_the_money_is_is_what_the_ledgers_say(books: tuple[Book, Book], on: date) -> None:
    for book in books:
        view, ledger = told((book,), NEW_YEAR, on), _ledger(book, on)
        assert _minor(view["total"]["closing"]) == {name: ledger[name] for name in STOOD}


def _minor(amounts: View) -> dict[str, int]:
    return {name: parse_amount(amount, signed=True) for name, amount in amounts.items()}


@pytest.mark.parametrize(("first", "last"), list(pairwise(DAYS)), ids=str)
def test_what_happened_in_a_period_is_what_the_ledgers_say(books: tuple[Book, Book], first: date, last: date) -> None:
    begins = first + date.resolution
    for book in books:
        total = told((book,), begins, last)["total"]
        before, after = _ledger(book, first), _ledger(book, last)
        grown = {name: after[name] - before[name] for name in after}
        income = _minor(total["income"])
        assert {name: income[name] for name in ("earned", "bank_profit", "recovered")} == {
            name: grown[name] for name in ("earned", "bank_profit", "recovered")
        }
        moved = _minor({name: total[name] for name in ("contributions", "spent", "written_off", "set_aside")})
        assert moved["contributions"] == grown["contributions"]
        assert moved["spent"] == grown["spent"]
        assert moved["written_off"] + moved["set_aside"] == grown["losses"]
        assert _minor(total["opening"]) == {name: before[name] for name in STOOD}


@pytest.mark.parametrize("by", [(), (Cut.FUNDER,), (Cut.LSO,), (Cut.FUND,), (Cut.RSP,), (Cut.DISTRICT, Cut.FUNDER)])
@pytest.mark.parametrize("period", [(NEW_YEAR, LAST), (date(2024, 4, 1), date(2024, 9, 30))])
def test_opening_and_movements_are_closing_in_every_row_and_rows_sum_to_the_total(
    books: tuple[Book, Book], by: tuple[Cut, ...], period: tuple[date, date]
) -> None:
    view = told(books, *period, *by)
    for figures in (view["total"], *view["rows"]):
        _goes_on_from_opening_to_closing(figures)
    for path in (("opening", "cash"), ("closing", "fund_value"), ("income", "amount"), ("received",), ("set_aside",)):
        parts = [parse_amount(_found(row, path), signed=True) for row in view["rows"]]
        assert sum(parts) == parse_amount(_found(view["total"], path), signed=True), path


def _goes_on_from_opening_to_closing(figures: View) -> None:
    opening, closing, income = (_minor(figures[name]) for name in ("opening", "closing", "income"))
    names = ("received", "returned", "contributions", "spent", "written_off", "set_aside")
    moved = _minor({name: figures[name] for name in names})
    given = moved["received"] - moved["returned"] + moved["contributions"]
    lost = moved["spent"] + moved["written_off"] + moved["set_aside"]
    assert opening["capital"] + given == closing["capital"]
    assert opening["fund_value"] + given + income["amount"] - lost == closing["fund_value"]
    assert income["amount"] == income["earned"] + income["bank_profit"] + income["recovered"]
    money = closing["cash"] + closing["outstanding_principal"]
    assert closing["fund_value"] == money - closing["allowance"] - closing["borrower_credit_balances"]


def _found(figures: View, path: tuple[str, ...]) -> str:
    here: Any = figures
    for name in path:
        here = here[name]
    return str(here)


def test_a_year_by_hand(books: tuple[Book, Book]) -> None:
    """What was received and reversed, and what was returned and reversed, is in neither."""
    one, _ = books
    view = told((one,), NEW_YEAR, LAST)
    (row,) = view["rows"]
    assert row["key"] == {"funder": "EU"}
    assert {name: row[name] for name in ("received", "returned", "contributions", "spent")} == {
        "received": "120000.00",
        "returned": "4000.00",
        "contributions": "5000.00",
        "spent": "250.00",
    }
    # A charge of 800; a fee of 50 and a penalty of 30.
    assert row["income"] == {"earned": "880.00", "bank_profit": "700.00", "recovered": "400.00", "amount": "1980.00"}
    # Of 3,000 written off 1,000 had been set aside.
    assert (row["written_off"], row["set_aside"]) == ("3000.00", "0.00")
    assert row["closing"]["capital"] == "121000.00"
    assert row["closing"]["fund_value"] == "119730.00"  # 121,000 + 1,980 - 250 - 3,000
    # 8,000 - 8,000 and 12,000 - 3,000 are outstanding; 8,900 for 8,800 owed, and 60 of it given back.
    assert (row["closing"]["outstanding_principal"], row["closing"]["borrower_credit_balances"]) == ("9000.00", "40.00")
    assert row["closing"]["cash"] == "110770.00"


def test_a_period_is_cut_by_whose_the_funds_are_on_its_last_day(books: tuple[Book, Book]) -> None:
    keys = [row["key"]["funder"] for row in told(books, NEW_YEAR, LAST)["rows"]]
    assert keys == ["EU", "LSO's own"]
    eve = NEW_YEAR - date.resolution
    assert told(books, NEW_YEAR, eve + date.resolution, funder=("EU",))["only"] == {"funder": ["EU"]}


def test_it_says_on_what_it_rests(books: tuple[Book, Book]) -> None:
    """What is reported of an LSO is of all its funds: narrowed to some of them, nothing is said."""
    coverage = told(books, NEW_YEAR, LAST)["coverage"]
    assert (coverage["lsos"], coverage["loan_level"]["lsos"], coverage["nothing"]["lsos"]) == (2, 2, 0)
    code = lso_record(books[0])["code"]
    assert told(books, NEW_YEAR, LAST, lso=(code,))["coverage"]["lsos"] == 1
    assert told(books, NEW_YEAR, LAST, funder=("EU",))["coverage"] is None


def test_what_becomes_known_later_changes_no_statement(shared_databases: Databases) -> None:
    one, other = books = two_books(shared_databases)
    before = told(books, NEW_YEAR, LAST)
    known_at = max(one.request().at, other.request().at)
    one.earns_profit(111, on=date(2024, 6, 30))
    returned = one.returns(500, on=date(2024, 12, 1))
    lent = one.lends(2_000, on=date(2024, 12, 2), member=MEMBERS[3])
    after = told(books, NEW_YEAR, LAST)
    assert after["total"] != before["total"]
    again = told(books, NEW_YEAR, LAST, known_at=known_at)
    assert {**again, "known_at": None} == {**before, "known_at": None}
    one.reverses(returned["event"]["id"])
    assert {**told(books, NEW_YEAR, LAST, known_at=known_at), "known_at": None} == {**before, "known_at": None}
    one.writes_off(lent, on=date(2024, 12, 30))
    _goes_on_from_opening_to_closing(told(books, NEW_YEAR, LAST)["total"])


def test_before_anything_happened_there_is_nothing(books: tuple[Book, Book]) -> None:
    view = told(books, date(2019, 1, 1), date(2019, 12, 31))
    assert view["rows"] == []
    assert set(_minor(view["total"]["closing"]).values()) == {0}
    assert told(books, NEW_YEAR, LAST, known_at=1)["rows"] == []


def test_the_money_of_a_fund_is_not_cut_by_what_is_of_loans(books: tuple[Book, Book]) -> None:
    with pytest.raises(ReportNotCutError) as by:
        told(books, NEW_YEAR, LAST, Cut.GENDER)
    assert by.value.pointer == "/by"
    with pytest.raises(ReportNotCutError) as only:
        told(books, NEW_YEAR, LAST, gender=("female",))
    assert only.value.pointer == "/gender"
    with pytest.raises(NotFoundError):
        told(books, NEW_YEAR, LAST, fund=("NONE",))


def test_the_table_says_the_same(books: tuple[Book, Book]) -> None:
    scope = Within(tuple(book.lso_id for book in books))
    question, year = Question(scope), Period(NEW_YEAR, LAST)
    view = capital_statement(books[0].databases, question, year)
    (table,) = report_view(capital_table(books[0].databases, question, year))["tables"]
    assert [row["funder"] for row in table["rows"]] == [row["key"]["funder"] for row in view["rows"]]
    for row, figures in zip([*table["rows"], table["total"]], [*view["rows"], view["total"]], strict=True):
        assert row["closing_value"] == figures["closing"]["fund_value"]
        assert row["income"] == figures["income"]["amount"]
        assert row["outstanding"] == figures["closing"]["outstanding_principal"]
