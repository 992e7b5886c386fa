"""How accounts, events and text are written for beancount."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from beancount import loader
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import CHART, Account, Role, account_code, opening_chart, part_account
from cif_engine.ledger.beancount import account_name, quoted, write_balance, write_event, write_heading, write_opening
from cif_engine.ledger.events import Event, Fact, Papers
from cif_engine.ledger.payloads import write_payload
from cif_engine.ledger.postings import Posting

FEBRUARY, MARCH = date(2021, 2, 1), date(2021, 3, 1)
LOANS = {"loan-1": "DAS-2021-00001", "loan-2": "DAS-2021-00002"}


def read(text: str) -> list[Any]:
    """Return what beancount reads, in which it finds no error."""
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    return list(entries)


def chart_of(fund: str) -> list[Account]:
    """Return every account a fund may have, with two of each that comes in parts."""
    parts = [line.role for line in CHART if line.in_parts]
    return [
        *opening_chart("fund-1", fund),
        *(part_account("fund-1", fund, role, part, "of it") for role, part in product(parts, (1, 12))),
    ]


@pytest.mark.parametrize(
    ("role", "part", "name"),
    [
        (Role.CASH_IN_HAND, None, "Assets:CIF:CashInHand"),
        (Role.IN_TRANSIT, 1, "Assets:CIF:InTransit:C1"),
        (Role.LOAN_LOSS_ALLOWANCE, None, "Assets:CIF:LoanLossAllowance"),
        (Role.BORROWER_CREDIT, None, "Liabilities:CIF:BorrowerCredit"),
        (Role.TRANCHE_CAPITAL, 2, "Equity:CIF:Tranche:T2"),
        (Role.BANK_PROFIT, None, "Income:CIF:BankProfit"),
        (Role.OPERATING_EXPENSE, None, "Expenses:CIF:OperatingExpense"),
    ],
)
def test_accounts_are_named_from_the_chart(role: Role, part: int | None, name: str) -> None:
    assert account_name(Account(account_code("CIF", role, part), "fund-1", role, "whatever")) == name


def test_a_fund_code_with_a_dot_is_kept_whole() -> None:
    account = Account(account_code("C.F", Role.BANK), "fund-1", Role.BANK, "Bank")
    assert account_name(account) == f"Assets:Fund-{b'C.F'.hex()}:Bank"


def test_a_file_begins_with_its_title_and_its_currency() -> None:
    assert write_heading("DAS") == (
        "; Written by the CIF engine. `bean-check` of beancount 3 checks every balance stated at the end.\n"
        'option "title" "DAS"\n'
        'option "operating_currency" "PKR"\n\n'
    )


def test_beancount_takes_every_account_of_funds_with_odd_codes_and_no_two_share_a_name() -> None:
    codes = ("CIF", "9-A--", "-", "cif", "", "C.F", 'a "b"\n', "زر", "Fund-636966", "F:C")
    accounts = [account for code in codes for account in chart_of(code)]
    text = write_heading("Odd") + "".join(write_opening(account, MARCH) for account in accounts)
    assert {entry.account: entry.meta["code"] for entry in read(text)} == {
        account_name(account): account.code for account in accounts
    }
    assert len({account_name(account) for account in accounts}) == len(accounts)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from('"\\\n\r\t;')))
def test_text_is_read_back_as_it_was(text: str) -> None:
    _, note = read(f"1999-01-01 open Assets:A\n2021-03-01 note Assets:A {quoted(text)}\n")
    assert note.comment == text


def test_what_a_file_cannot_hold_is_marked_as_left_out() -> None:
    assert quoted("a\0b\x1bc\x7fd\x85e\ud800f") == '"a�b�c�d�e�f"'


def event(kind: Kind, says: dict[str, Any], loan_id: str | None = None, **more: Any) -> Event:  # noqa: ANN401 - of a fact
    fact = Fact("event-7", kind, FEBRUARY, write_payload(says), "fund-1", loan_id, **more)
    return Event("lso-1", 7, 1_700_000_000_000_000, "manager", "key", fact, b"", b"")


def lines(of: Event, *postings: Posting) -> list[str]:
    """Return what is written of an event, without the spaces that only please the eye."""
    accounts = {account.code: account_name(account) for account in chart_of("CIF")}
    return [" ".join(line.split()) for line in write_event(of, postings, accounts, LOANS).splitlines()]


def test_an_event_that_posts_nothing_is_no_transaction() -> None:
    assert lines(event(Kind.LOAN_APPLIED, {"number": "DAS-2021-00001"}, "loan-1")) == []


def test_a_reversal_says_what_it_reverses_and_why_on_every_day_it_changes() -> None:
    says = {"kind": "repayment_received", "reason": "another's receipt", "resolution_no": "R-9", "note": None}
    reversal = event(Kind.FACT_REVERSED, says, "loan-1", reverses="event-3")
    found = lines(
        reversal,
        Posting(MARCH, "CIF.2010", "CIF.1100", 5, "loan-1"),
        Posting(FEBRUARY, "CIF.1100", "CIF.1010", 1_000_00, "loan-1"),
        Posting(MARCH, "CIF.2010", "CIF.4010", 7, "loan-1"),
    )
    words = "Reversal of repayment received: DAS-2021-00001, another's receipt"
    assert [line for line in found if " * " in line] == [
        f'2021-02-01 * "{words}"',
        f'2021-03-01 * "{words} (of 2021-02-01: what it changes on this day)"',
    ]
    assert found[2:] == [
        "seq: 7",
        "effective_on: 2021-02-01",
        'event: "event-7"',
        'kind: "fact_reversed"',
        'recorded_at: "2023-11-14T22:13:20.000000Z"',
        'recorded_by: "manager"',
        'loan: "DAS-2021-00001"',
        'reverses: "event-3"',
        'resolution_no: "R-9"',
        "Assets:CIF:LoansOutstanding 1000.00 PKR",
        "Assets:CIF:CashInHand -1000.00 PKR",
        "",
        *found[14:15],
        *found[2:11],
        "Liabilities:CIF:BorrowerCredit 0.05 PKR",
        "Assets:CIF:LoansOutstanding -0.05 PKR",
        "Liabilities:CIF:BorrowerCredit 0.07 PKR",
        "Income:CIF:ServiceChargeIncome -0.07 PKR",
    ]


@pytest.mark.parametrize(
    ("kind", "says", "loan_id", "words"),
    [
        pytest.param(Kind.MONEY_MOVED, {}, None, "Money moved", id="by itself"),
        pytest.param(Kind.BANK_PROFIT_RECEIVED, {"source": "NBP"}, None, "Bank profit received: NBP", id="its source"),
        pytest.param(Kind.EXPENSE_PAID, {"purpose": "rent", "reason": "due"}, None, "Expense paid: rent", id="purpose"),
        pytest.param(Kind.ALLOWANCE_CHANGED, {"reason": "flood"}, None, "Allowance changed: flood", id="its reason"),
        pytest.param(Kind.REPAYMENT_RECEIVED, {}, "loan-2", "Repayment received: DAS-2021-00002", id="its loan"),
    ],
)
def test_an_event_is_told_in_plain_words(kind: Kind, says: dict[str, Any], loan_id: str | None, words: str) -> None:
    found = lines(event(kind, says, loan_id), Posting(FEBRUARY, "CIF.1010", "CIF.1020", 1, loan_id))
    assert found[1] == f'2021-02-01 * "{words}"'


def test_a_fact_that_corrects_another_names_it_and_its_papers() -> None:
    papers = Papers("R-1", "V-1", "X-1")
    correcting = event(Kind.EXPENSE_PAID, {"purpose": "rent", "replaces": "event-2", "note": "late"}, papers=papers)
    found = lines(correcting, Posting(FEBRUARY, "CIF.5010", "CIF.1020", 1))
    assert found[1] == '2021-02-01 * "Expense paid: rent"'
    assert found[8:13] == [
        'receipt_no: "R-1"',
        'voucher_no: "V-1"',
        'external_id: "X-1"',
        'replaces: "event-2"',
        'note: "late"',
    ]


def test_a_line_of_another_loan_or_of_none_says_so() -> None:
    found = lines(
        event(Kind.LOAN_WRITTEN_OFF, {}, "loan-1"),
        Posting(FEBRUARY, "CIF.1190", "CIF.1100", 3, "loan-1"),
        Posting(FEBRUARY, "CIF.2010", "CIF.1100", 2, "loan-2"),
        Posting(FEBRUARY, "CIF.5020", "CIF.1190", 1),
    )
    assert found[9:] == [
        "Assets:CIF:LoanLossAllowance 0.03 PKR",
        "Assets:CIF:LoansOutstanding -0.03 PKR",
        "Liabilities:CIF:BorrowerCredit 0.02 PKR",
        'loan: "DAS-2021-00002"',
        "Assets:CIF:LoansOutstanding -0.02 PKR",
        'loan: "DAS-2021-00002"',
        "Expenses:CIF:WriteOffExpense 0.01 PKR",
        'loan: "none"',
        "Assets:CIF:LoanLossAllowance -0.01 PKR",
        'loan: "none"',
    ]


def test_a_balance_is_stated_to_the_paisa() -> None:
    (bank,) = (account for account in opening_chart("fund-1", "CIF") if account.role is Role.BANK)
    stated = write_balance(bank, MARCH, -1)
    assert stated == "2021-03-01 balance Assets:CIF:Bank                                      -0.01 ~ 0 PKR\n"
