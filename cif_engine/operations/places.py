"""Where money is held: cash in hand, the bank, or with a custodian on her way to either."""

from __future__ import annotations

import re
from datetime import date

import sqlalchemy as sa

from cif_engine.errors import NotEnoughCashError, NotFoundError, PlaceUnknownError
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.money import format_amount
from cif_engine.persistence.books import lowest_balance_from

CASH, BANK = "cash", "bank"
CUSTODIAN = re.compile("custodian:([1-9][0-9]{0,5})")
"""A custodian's place has one spelling, so that `custodian:1` and `custodian:01` are never taken for two places."""

ROLE_OF_CHANNEL = {"cash": Role.CASH_IN_HAND, "cheque": Role.BANK, "bank": Role.BANK, "wallet": Role.BANK}
"""Which account money of each channel comes into, and goes out of."""


def place_account(fund_code: str, place: str, pointer: str) -> str:
    """Return the account of a place: `cash`, `bank`, or `custodian:` and her number."""
    if place == CASH:
        return account_code(fund_code, Role.CASH_IN_HAND)
    if place == BANK:
        return account_code(fund_code, Role.BANK)
    if custodian := CUSTODIAN.fullmatch(place):
        return account_code(fund_code, Role.IN_TRANSIT, int(custodian[1]))
    raise PlaceUnknownError(f"{place!r} is no place where money is held.", pointer=pointer)


def refuse_unknown_place(connection: sa.Connection, lso_id: str, account: str, pointer: str) -> None:
    """Refuse a custodian whom the book does not know."""
    if lowest_balance_from(connection, lso_id, (account,), date.max) is None:
        raise _unknown(account, pointer)


def refuse_overdraft(
    connection: sa.Connection,
    lso_id: str,
    accounts: tuple[str, ...],
    day: date,
    amount_minor: int,
    *,
    keep_minor: int = 0,
) -> None:
    """Refuse a payment that the accounts together could not bear on `day` or on any later day already recorded."""
    lowest = lowest_balance_from(connection, lso_id, accounts, day)
    if lowest is None:
        raise _unknown(accounts[0], "/paid_from")
    if lowest - keep_minor < amount_minor:
        available = max(lowest - keep_minor, 0)
        raise NotEnoughCashError(
            f"{' and '.join(accounts)} can pay {format_amount(available)} from {day} on, "
            f"not {format_amount(amount_minor)}.",
            pointer="/amount",
            available=format_amount(available),
        )


def _unknown(account: str, pointer: str) -> NotFoundError:
    """Name the custodian: only her account can be missing, the others are opened with the fund."""
    return NotFoundError(f"No custodian {account.rpartition('.')[2]} in this book.", pointer=pointer)
