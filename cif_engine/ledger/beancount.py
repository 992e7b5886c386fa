"""A book as a plain-text accounting file that other programs read, check and report on: the language of beancount.

Each event is one transaction for each day it posts on, and each posting two lines of it, so the file says no more and
no less than the ledger does. Its last lines state what every account comes to, to the paisa: `bean-check` recomputes
them. Nothing in it can be changed later, names of people, custodians and funds among them: a book is written the same
for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import LINE_OF, Account, AccountClass, Role
from cif_engine.ledger.events import Event, Fact
from cif_engine.ledger.payloads import read_payload
from cif_engine.ledger.postings import Posting
from cif_engine.moments import format_moment
from cif_engine.money import PKR, format_amount

_ROOTS: Final = {
    AccountClass.ASSET: "Assets",
    AccountClass.LIABILITY: "Liabilities",
    AccountClass.CAPITAL: "Equity",
    AccountClass.INCOME: "Income",
    AccountClass.EXPENSE: "Expenses",
}
_IN_PARTS: Final = {Role.IN_TRANSIT: ("InTransit", "C"), Role.TRANCHE_CAPITAL: ("Tranche", "T")}
"""What accounts that come in parts are called, and the letter before the number of a custodian or tranche."""

_PLAIN_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]*")
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Controls, which such a file cannot hold, and halves of characters, which no file can."""

_SAID: Final = ("replaces", "resolution_no", "note")
"""What of a payload becomes metadata, where it is said."""


def account_name(account: Account) -> str:
    """Return what the file calls an account; no two of a book share a name.

    `CIF.1010` is `Assets:CIF:CashInHand`, `CIF.3010.2` is `Equity:CIF:Tranche:T2`.
    """
    role, root = account.role, _ROOTS[account.account_class]
    if not LINE_OF[role].in_parts:
        fund, _ = account.code.rsplit(".", 1)
        return f"{root}:{_fund_name(fund)}:{role.value.title().replace('_', '')}"
    fund, _, part = account.code.rsplit(".", 2)
    name, letter = _IN_PARTS[role]
    return f"{root}:{_fund_name(fund)}:{name}:{letter}{part}"


def write_heading(title: str) -> str:
    """Return the beginning of a file: its title and its currency."""
    return (
        "; Written by the CIF engine. `bean-check` of beancount 3 checks every balance stated at the end.\n"
        f'option "title" {quoted(title)}\n'
        f'option "operating_currency" {quoted(PKR.code)}\n\n'
    )


def write_opening(account: Account, first_on: date) -> str:
    """Return the opening of an account on the first day it is posted to; `code` is what the engine calls it."""
    return f"{first_on} open {account_name(account)} {PKR.code}\n  code: {quoted(account.code)}\n"


def write_event(
    event: Event, postings: Iterable[Posting], accounts: Mapping[str, str], loans: Mapping[str, str]
) -> str:
    """Return the transactions of an event, one for each day that it posts on.

    `accounts` has the file's name of each account by its code, `loans` the number of each loan by its id.
    """
    days = groupby(sorted(postings, key=_day), key=_day)
    return "".join(_transaction(event, on, tuple(of_day), accounts, loans) for on, of_day in days)


def write_balance(account: Account, on: date, balance_minor: int) -> str:
    """Return the statement that an account comes to so much, debits positive, before anything of this day.

    The tolerance is said, because by itself beancount lets a paisa pass.
    """
    return f"{on} balance {account_name(account):<40}  {format_amount(balance_minor):>16} ~ 0 {PKR.code}\n"


def quoted(text: str) -> str:
    """Return text between quotation marks, as beancount reads it back; what it cannot hold becomes U+FFFD."""
    return f'"{_UNWRITABLE.sub(chr(0xFFFD), text).translate(_ESCAPES)}"'


def _fund_name(code: str) -> str:
    """Return a part of an account's name for each fund code; no plain one has the small letters of `Fund-`."""
    return code if _PLAIN_CODE.fullmatch(code) else f"Fund-{code.encode().hex()}"


def _day(posting: Posting) -> date:
    return posting.effective_on


def _transaction(
    event: Event, on: date, postings: Iterable[Posting], accounts: Mapping[str, str], loans: Mapping[str, str]
) -> str:
    fact = event.fact
    says = read_payload(fact.payload)
    loan = _loan_number(fact.loan_id, loans)
    lines = [f"\n{on} * {quoted(_narration(fact, says, loan, on))}", *_metadata(event, says, loan)]
    for posting in postings:
        of_loan = [] if posting.loan_id == fact.loan_id else [_of_loan(posting, loans)]
        amount = posting.amount_minor
        lines += [_line(accounts[posting.debit], amount), *of_loan, _line(accounts[posting.credit], -amount), *of_loan]
    return "\n".join(lines) + "\n"


def _narration(fact: Fact, says: Mapping[str, Any], loan: str | None, on: date) -> str:
    """Return what happened, in plain words: `Repayment received: DAS-2021-00731`."""
    words = _plain(fact.kind)
    if fact.kind is Kind.FACT_REVERSED:
        words = f"Reversal of {_plain(says['kind']).lower()}"
    about = says.get("purpose") or says.get("source") or says.get("reason")
    if known := ", ".join(filter(None, (loan, about))):
        words += f": {known}"
    return words if on == fact.effective_on else f"{words} (of {fact.effective_on}: what it changes on this day)"


def _plain(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


def _metadata(event: Event, says: Mapping[str, Any], loan: str | None) -> Iterator[str]:
    fact, papers = event.fact, event.fact.papers
    yield f"  seq: {event.seq}"
    yield f"  effective_on: {fact.effective_on}"
    texts = {
        "event": fact.id,
        "kind": fact.kind.value,
        "recorded_at": format_moment(event.recorded_at),
        "recorded_by": event.actor,
        "loan": loan,
        "receipt_no": papers.receipt_no,
        "voucher_no": papers.voucher_no,
        "external_id": papers.external_id,
        "reverses": fact.reverses,
        **{name: says.get(name) for name in _SAID},
    }
    for name, text in texts.items():
        if text is not None:
            yield f"  {name}: {quoted(text)}"


def _line(account: str, amount_minor: int) -> str:
    return f"  {account:<40}  {format_amount(amount_minor):>16} {PKR.code}"


def _of_loan(posting: Posting, loans: Mapping[str, str]) -> str:
    """Return which loan a line is of, where that is not the event's: another one, or none."""
    return f"    loan: {quoted(_loan_number(posting.loan_id, loans) or 'none')}"


def _loan_number(loan_id: str | None, loans: Mapping[str, str]) -> str | None:
    return None if loan_id is None else loans[loan_id]
