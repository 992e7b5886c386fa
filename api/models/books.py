"""The books: accounts, trial balance, statements, the cash book, and the feed of events."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from api.fields import Answer
from api.files import TextFile
from api.models.recorded import EVENT_ID, RECORDED_AT, EventShown, MoneyText
from api.paging import write_cursor
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import AccountClass, Role
from cif_engine.operations.findings import Law

LSO_ID = "0197d3a2-1111-7c3e-9a4d-1f2e3d4c5b6a"
FUND_ID = "0197d3a2-2222-7c3e-9a4d-1f2e3d4c5b6a"
_HASH = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
_LOANS: dict[str, Any] = {
    "code": "CIF.1100",
    "name": "Loans outstanding",
    "class": "asset",
    "role": "loans_outstanding",
}


class AccountShown(Answer):
    """An account of the chart."""

    code: str
    name: str
    account_class: AccountClass = Field(alias="class")
    role: Role

    example: ClassVar[dict[str, Any]] = _LOANS


class AccountsShown(Answer):
    """The chart of accounts of all funds."""

    items: list[AccountShown]

    example: ClassVar[dict[str, Any]] = {"items": [AccountShown.example]}


class TrialLine(AccountShown):
    """An account with its balance, on the side that it falls to."""

    debit: MoneyText
    credit: MoneyText

    example: ClassVar[dict[str, Any]] = {**_LOANS, "debit": "2563000.00", "credit": "0.00"}


class TrialBalance(Answer):
    """What each account comes to on a day; both sides are equal."""

    lso: str
    fund: str | None
    as_of: date
    known_at: str | None
    currency: str
    accounts: list[TrialLine]
    total_debit: MoneyText
    total_credit: MoneyText
    balanced: bool

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "as_of": "2021-06-30",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "accounts": [
            {
                "code": "CIF.1020",
                "name": "Bank",
                "class": "asset",
                "role": "bank",
                "debit": "1437000.00",
                "credit": "0.00",
            },
            TrialLine.example,
            {
                "code": "CIF.3010.1",
                "name": "Capital of tranche: 1",
                "class": "capital",
                "role": "tranche_capital",
                "debit": "0.00",
                "credit": "4000000.00",
            },
        ],
        "total_debit": "4000000.00",
        "total_credit": "4000000.00",
        "balanced": True,
    }


class AccountLine(Answer):
    """One posting of an account, and its balance after it."""

    effective_on: date
    seq: int
    event: str
    kind: Kind
    recorded_at: str
    receipt_no: str | None
    voucher_no: str | None
    external_id: str | None
    loan: str | None
    counter_account: str
    debit: MoneyText
    credit: MoneyText
    balance: MoneyText

    example: ClassVar[dict[str, Any]] = {
        "effective_on": "2021-10-31",
        "seq": 1412,
        "event": EVENT_ID,
        "kind": "repayment_received",
        "recorded_at": RECORDED_AT,
        "receipt_no": "R-2210",
        "voucher_no": None,
        "external_id": None,
        "loan": "DAS-2021-00731",
        "counter_account": "CIF.1010",
        "debit": "0.00",
        "credit": "1500.00",
        "balance": "2561500.00",
    }


class AccountStatement(Answer):
    """The lines of an account in a period. Balances count in the direction in which the account grows."""

    lso: str
    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    known_at: str | None
    currency: str
    account: AccountShown
    opening_balance: MoneyText = Field(description="Before the first day of the period, on every page.")
    items: list[AccountLine]
    next: str | None
    closing_balance: MoneyText = Field(description="At the end of the period, on every page.")

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "from": "2021-10-01",
        "to": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "account": AccountShown.example,
        "opening_balance": "2563000.00",
        "items": [AccountLine.example],
        "next": write_cursor(["2021-10-31", 1412, 1]),
        "closing_balance": "2549500.00",
    }


class MoneyMoved(Answer):
    """What came into one place in a day, what left it, and what was there at the end."""

    receipts: MoneyText
    payments: MoneyText
    balance: MoneyText


class MoneyHeld(Answer):
    """What each place held."""

    cash_in_hand: MoneyText
    bank: MoneyText
    in_transit: MoneyText


class CashBookDay(Answer):
    """One day on which money moved."""

    on: date
    cash_in_hand: MoneyMoved
    bank: MoneyMoved
    in_transit: MoneyMoved


class CashBook(Answer):
    """Receipts, payments and balances by day."""

    lso: str
    fund: str | None
    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    known_at: str | None
    currency: str
    opening: MoneyHeld
    days: list[CashBookDay]
    closing: MoneyHeld

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "from": "2021-10-01",
        "to": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "opening": {"cash_in_hand": "3000.00", "bank": "1437000.00", "in_transit": "0.00"},
        "days": [
            {
                "on": "2021-10-31",
                "cash_in_hand": {"receipts": "1500.00", "payments": "0.00", "balance": "4500.00"},
                "bank": {"receipts": "0.00", "payments": "0.00", "balance": "1437000.00"},
                "in_transit": {"receipts": "0.00", "payments": "0.00", "balance": "0.00"},
            }
        ],
        "closing": {"cash_in_hand": "4500.00", "bank": "1437000.00", "in_transit": "0.00"},
    }


class FedPosting(Answer):
    """A posting of a fed event."""

    effective_on: date
    debit: str
    credit: str
    amount: MoneyText
    loan_id: str | None


class FedEvent(Answer):
    """An event with all that its hash covers, so that a reader can check the chain."""

    seq: int
    id: str
    kind: Kind
    effective_on: date
    recorded_at: str
    recorded_by: str
    idempotency_key: str | None
    fund_id: str | None
    loan_id: str | None
    receipt_no: str | None
    voucher_no: str | None
    external_id: str | None
    reverses: str | None
    payload: str = Field(description="Canonical JSON, as text, because the hash is over the text.")
    postings: list[FedPosting]
    prev_hash: str
    hash: str

    example: ClassVar[dict[str, Any]] = {
        **{name: told for name, told in EventShown.example.items() if name != "replaces"},
        "idempotency_key": "recovery-sheet-2021-10-31-line-7",
        "fund_id": FUND_ID,
        "loan_id": "0197d3a2-7777-7c3e-9a4d-1f2e3d4c5b6a",
        "reverses": None,
        "payload": '{"amount_minor":150000,"channel":"cash","held_in":"CIF.1010","note":null}',
        "postings": [
            {
                "effective_on": "2021-10-31",
                "debit": "CIF.1010",
                "credit": "CIF.1100",
                "amount": "1500.00",
                "loan_id": "0197d3a2-7777-7c3e-9a4d-1f2e3d4c5b6a",
            }
        ],
        "prev_hash": _HASH,
    }


class FindingShown(Answer):
    """One thing that is wrong with a book."""

    lso: str
    law: Law
    where: str
    what: str
    expected: str
    found: str

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "law": "law 8: rebuild = stored",
        "where": "account CIF.1010",
        "what": "the balance is not what its postings sum to",
        "expected": "4500.00",
        "found": "4400.00",
    }


class Verification(Answer):
    """What a verification found; a sound book has no findings."""

    sound: bool
    findings: list[FindingShown]

    example: ClassVar[dict[str, Any]] = {"sound": True, "findings": []}


class EventFeed(Answer):
    """Events in the order in which they were recorded."""

    lso: str
    lso_id: str
    items: list[FedEvent]
    next: int = Field(description="The seq to ask after next, on the last page too: more may be recorded later.")

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "lso_id": LSO_ID,
        "items": [FedEvent.example],
        "next": 1412,
    }


class BeancountFile(TextFile):
    """The book in the language of beancount."""

    example: ClassVar[str] = """\
option "title" "DAS as of 2021-06-30, known at 2021-07-02T06:10:00.000000Z"
option "operating_currency" "PKR"

2021-01-20 open Assets:CIF:Bank PKR
  code: "CIF.1020"
2021-01-20 open Equity:CIF:Tranche:T1 PKR
  code: "CIF.3010.1"

2021-01-20 * "Tranche received"
  seq: 3
  effective_on: 2021-01-20
  event: "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a"
  kind: "tranche_received"
  recorded_at: "2021-01-21T05:00:00.000000Z"
  recorded_by: "dasori-accountant"
  Assets:CIF:Bank                                 4000000.00 PKR
  Equity:CIF:Tranche:T1                          -4000000.00 PKR

2021-07-01 balance Assets:CIF:Bank                                 4000000.00 ~ 0 PKR
2021-07-01 balance Equity:CIF:Tranche:T1                          -4000000.00 ~ 0 PKR
"""
