"""The book as a beancount file: beancount itself reads it, checks it, and comes to the same balances."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Open, Transaction
from beancount.ops.summarize import balance_by_account
from hypothesis import given

from cif_engine.errors import NotFoundError
from cif_engine.ledger.events import Papers
from cif_engine.network.funds import Fund
from cif_engine.operations import exporting, funding
from cif_engine.operations.exporting import Export, export_beancount
from cif_engine.operations.ledger_reports import trial_balance_report
from cif_engine.operations.network_funds import create_fund
from cif_engine.persistence.engines import Databases, open_databases
from cif_engine.persistence.tables import TABLES
from cif_engine.settings import Settings
from tests.laws.settings import some_histories
from tests.reports.histories import LAST_DAY, Step, days, histories, tell
from tests.reports.village import Village, new_id

JANUARY, FEBRUARY, MARCH = date(2021, 1, 1), date(2021, 2, 1), date(2021, 3, 1)


@pytest.fixture
def village(databases: Databases) -> Village:
    """A loan of 12,000 overpaid by 1,000 in March; then the paper of 2,000 paid in February turns up."""
    village = Village.founded(databases)
    village.give(100_000_00, JANUARY)
    loan = village.lend(12_000_00, JANUARY)
    village.repay(loan, 13_000_00, MARCH, custodian=1)
    village.repay(loan, 2_000_00, FEBRUARY, papers=Papers(receipt_no="R-1", voucher_no="V-1"))
    return village


def text_of(export: Export) -> str:
    return "".join(export.parts)


def exported(village: Village, as_of: date, known_at: int | None = None, fund: str | None = None) -> str:
    return text_of(export_beancount(village.databases, village.lso_id, as_of, known_at, fund))


def entries_of(text: str) -> list[Any]:
    """Return what beancount reads, in which it finds no error; its own balance checks are among them."""
    entries, errors, options = loader.load_string(text)
    assert errors == []
    assert options["operating_currency"] == ["PKR"]
    return list(entries)


def balances_by_beancount(entries: list[Any], on: date) -> dict[str, Decimal]:
    """Return what beancount computes for the end of a day, by the engine's code, for accounts that are not empty."""
    codes = {entry.account: entry.meta["code"] for entry in entries if isinstance(entry, Open)}
    held: dict[str, Any] = balance_by_account(entries, on + timedelta(days=1))[0]
    amounts = {codes[account]: inventory.get_currency_units("PKR").number for account, inventory in held.items()}
    return {code: amount for code, amount in amounts.items() if amount}


def balances_by_engine(village: Village, on: date, fund: str | None = None) -> dict[str, Decimal]:
    rows = trial_balance_report(village.databases, village.lso_id, on, fund=fund)["accounts"]
    amounts = {row["code"]: Decimal(row["debit"]) - Decimal(row["credit"]) for row in rows}
    return {code: amount for code, amount in amounts.items() if amount}


def transactions(entries: list[Any]) -> list[Any]:
    return [entry for entry in entries if isinstance(entry, Transaction)]


def test_a_late_repayment_is_a_transaction_on_its_day_and_one_on_the_day_it_changes(village: Village) -> None:
    (late,) = (row for row in _events(village) if row["receipt_no"] == "R-1")
    seq, loan = late["seq"], f"{_lso_code(village)}-2021-00001"
    metadata = f"""\
  seq: {seq}
  effective_on: 2021-02-01
  event: "{late["id"]}"
  kind: "repayment_received"
  recorded_at: "2023-11-14T22:13:28.000000Z"
  recorded_by: "accountant"
  loan: "{loan}"
  receipt_no: "R-1"
  voucher_no: "V-1"
"""
    text = exported(village, MARCH)
    assert (
        f"""
2021-02-01 * "Repayment received: {loan}"
{metadata}\
  Assets:CIF:CashInHand                              2000.00 PKR
  Assets:CIF:LoansOutstanding                       -2000.00 PKR

2021-03-01 * "Repayment received: {loan} (of 2021-02-01: what it changes on this day)"
{metadata}\
  Assets:CIF:LoansOutstanding                        2000.00 PKR
  Liabilities:CIF:BorrowerCredit                    -2000.00 PKR

2021-03-02 balance Assets:CIF:CashInHand                              2000.00 ~ 0 PKR
2021-03-02 balance Assets:CIF:Bank                                   88000.00 ~ 0 PKR
2021-03-02 balance Assets:CIF:InTransit:C1                           13000.00 ~ 0 PKR
2021-03-02 balance Assets:CIF:LoansOutstanding                           0.00 ~ 0 PKR
2021-03-02 balance Liabilities:CIF:BorrowerCredit                    -3000.00 ~ 0 PKR
2021-03-02 balance Equity:CIF:Tranche:T1                           -100000.00 ~ 0 PKR
"""
        in text
    )
    assert len(transactions(entries_of(text))) == 5


@some_histories(10)
@given(histories)
def test_beancount_finds_no_error_and_comes_to_the_trial_balance_of_every_day(
    shared_databases: Databases, steps: list[Step]
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    entries = entries_of(exported(village, LAST_DAY))
    posted_on = {entry.date for entry in transactions(entries)}
    assert posted_on
    for day in posted_on:
        assert balances_by_beancount(entries, day) == balances_by_engine(village, day)


@some_histories(6)
@given(histories, days)
def test_a_file_for_a_day_and_a_fund_ends_with_the_trial_balance_of_that_day_and_fund(
    shared_databases: Databases, steps: list[Step], day: date
) -> None:
    village = tell(Village.founded(shared_databases), steps)
    for fund in ("CIF", "SHOP"):
        entries = entries_of(exported(village, day, fund=fund))
        assert max(entry.date for entry in transactions(entries)) <= day
        assert balances_by_beancount(entries, day) == balances_by_engine(village, day, fund)


@some_histories(8)
@given(histories, days)
def test_a_file_known_at_a_moment_is_byte_for_byte_the_same_whatever_is_recorded_or_renamed_later(
    shared_databases: Databases, steps: list[Step], day: date
) -> None:
    village = Village.founded(shared_databases)
    village.give(1_000_00, JANUARY)
    moment = village.now
    before = exported(village, day)
    tell(village, steps)
    for table in ("account", "custodian", "fund"):
        _rename(village, table)
    assert exported(village, day, moment) == before
    assert exported(village, day) != before


def test_bean_check_accepts_the_file_and_refuses_it_when_one_paisa_is_changed(village: Village, tmp_path: Path) -> None:
    program = shutil.which("bean-check", path=Path(sys.executable).parent)
    assert program is not None
    path = tmp_path / "book.beancount"
    text = exported(village, MARCH)

    def check(written: str) -> int:
        path.write_bytes(written.encode())
        return subprocess.run([program, str(path)], capture_output=True, check=False).returncode

    assert check(text) == 0
    for whole, wrong in (
        ("2000.00 PKR", "2000.01 PKR"),
        ("13000.00 ~ 0 PKR", "13000.01 ~ 0 PKR"),
    ):
        assert check(text.replace(whole, wrong, 1)) == 1


def test_odd_codes_names_and_notes_are_read_back_as_they_were_said(databases: Databases) -> None:
    village = Village.founded(databases)
    odd = "9-A--"
    fund = Fund(new_id(), odd, 'The "poor\\women\'s" fund', "P", "F", "LSO")
    create_fund(databases, village.lso_id, fund)
    village.give(1_000_00, JANUARY, fund=odd, held_in="custodian:1")
    purpose, note = 'a "goat"\n2021-01-01 open Assets:X\\', "مکمل\t🐐; \\n\r"
    expense = funding.MoneyOut(new_id(), odd, 1, JANUARY, purpose, "custodian:1", note=note)
    funding.pay_expense(databases, village.request('Zai"nab'), expense)

    entries = entries_of(exported(village, JANUARY, fund=odd))

    paid = transactions(entries)[-1]
    assert [posting.account for posting in paid.postings] == [
        "Expenses:9-A--:OperatingExpense",
        "Assets:9-A--:InTransit:C1",
    ]
    assert [posting.units.number for posting in paid.postings] == [Decimal("0.01"), Decimal("-0.01")]
    assert (paid.narration, paid.meta["note"]) == (f"Expense paid: {purpose}", note)
    assert paid.meta["recorded_by"] == 'Zai"nab'


def test_a_book_in_which_nothing_was_known_is_a_file_without_accounts(village: Village) -> None:
    export = export_beancount(village.databases, village.lso_id, MARCH, known_at=1)
    assert export.file_name == f"{_lso_code(village)}-2021-03-01.beancount"
    text = text_of(export)
    assert "known at never" in text
    assert entries_of(text) == []


def test_the_name_of_the_file_holds_nothing_odd(databases: Databases) -> None:
    village = Village.founded(databases)
    with databases.writing() as connection:
        connection.execute(
            TABLES["lso"].update().where(TABLES["lso"].c.id == village.lso_id).values(code=f'"{village.lso_id}/ز\n')
        )
    export = export_beancount(databases, village.lso_id, MARCH, fund="SHOP")
    assert export.file_name == f"-{village.lso_id}----SHOP-2021-03-01.beancount"
    entries_of(text_of(export))


def test_what_the_book_does_not_have_is_not_found(databases: Databases) -> None:
    village = Village.founded(databases)
    asked: list[Callable[[], object]] = [
        lambda: export_beancount(databases, village.lso_id, MARCH, fund="NONE"),
        lambda: export_beancount(databases, new_id(), MARCH),
    ]
    for ask in asked:
        with pytest.raises(NotFoundError):
            ask()


@pytest.fixture
def narrow(database_url: str) -> Iterator[Databases]:
    """A database that one reader at a time can read."""
    opened = open_databases(Settings(database_url=database_url, read_pool_size=1, busy_timeout_ms=1000))
    yield opened
    opened.dispose()


def test_a_file_that_is_read_slowly_holds_up_nobody_and_stays_of_its_moment(
    narrow: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = Village.founded(narrow)
    village.give(100_000_00, JANUARY)
    loan = village.lend(12_000_00, JANUARY)
    village.repay(loan, 1_000_00, FEBRUARY)
    whole = exported(village, MARCH)
    monkeypatch.setattr(exporting, "CHUNK", 2)
    read: list[str] = []
    for part in export_beancount(narrow, village.lso_id, MARCH).parts:
        assert part
        read.append(part)
        village.repay(loan, 100_00, FEBRUARY)
        assert trial_balance_report(narrow, village.lso_id, MARCH)["balanced"]
    assert len(read) > 4
    assert "".join(read) == whole


def _events(village: Village) -> list[Any]:
    event = TABLES["event"]
    with village.databases.reading() as connection:
        return list(connection.execute(event.select().where(event.c.lso_id == village.lso_id)).mappings())


def _lso_code(village: Village) -> str:
    return village.lso_id[:8].upper()


def _rename(village: Village, table: str) -> None:
    rows = TABLES[table]
    with village.databases.writing(village.lso_id) as connection:
        connection.execute(rows.update().where(rows.c.lso_id == village.lso_id).values(name="another name"))
