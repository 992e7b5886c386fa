"""Where money is held: cash in hand, the bank, or with a custodian on her way to either."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from cif_engine.errors import InvalidInputError, NotEnoughCashError, NotFoundError
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.money import format_amount
from cif_engine.persistence.books import lowest_balance_from

CASH, BANK, CUSTODIAN = "cash", "bank", "custodian:"


class PlaceUnknownError(InvalidInputError):
    """Money is held in `cash`, in the `bank`, or with a custodian: `custodian:2`."""

    code = "place_unknown"


def place_account(fund_code: str, place: str, pointer: str) -> str:
    """Return the account of a place: `cash`, `bank`, or `custodian:` and her number."""
    if place == CASH:
        return account_code(fund_code, Role.CASH_IN_HAND)
    if place == BANK:
        return account_code(fund_code, Role.BANK)
    number = place.removeprefix(CUSTODIAN)
    if place.startswith(CUSTODIAN) and number.isascii() and number.isdigit():
        return account_code(fund_code, Role.IN_TRANSIT, int(number))
    message = f"{place!r} is no place where money is held."
    raise PlaceUnknownError(message, pointer=pointer)


def refuse_unknown_place(connection: sa.Connection, lso_id: str, account: str, pointer: str) -> None:
    """Refuse a custodian whom the book does not know."""
    if lowest_balance_from(connection, lso_id, (account,), date.max) is None:
        message = f"There is no account {account} in this book."
        raise NotFoundError(message, pointer=pointer)


def refuse_overdraft(
    connection: sa.Connection,
    lso_id: str,
    accounts: tuple[str, ...],
    day: date,
    amount_minor: int,
    *,
    keep_minor: int = 0,
    pointer: str = "/amount",
) -> None:
    """Refuse a payment that the accounts together could not bear on `day` or on any later day already recorded."""
    lowest = lowest_balance_from(connection, lso_id, accounts, day)
    if lowest is None:
        message = f"There is no account {accounts[0]} in this book."
        raise NotFoundError(message, pointer=pointer)
    if lowest - keep_minor < amount_minor:
        available = max(lowest - keep_minor, 0)
        message = (
            f"{' and '.join(accounts)} can pay {format_amount(available)} from {day} on, "
            f"not {format_amount(amount_minor)}."
        )
        raise NotEnoughCashError(message, pointer=pointer, available=format_amount(available))
