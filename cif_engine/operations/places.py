"""Where money is held: cash in hand, the bank, or with a custodian on her way to either."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import accumulate

import sqlalchemy as sa

from cif_engine.errors import NotEnoughCashError, NotFoundError, PlaceUnknownError
from cif_engine.ledger.accounts import CASH_ROLES, LINE_OF, Role, account_code
from cif_engine.ledger.postings import Posting
from cif_engine.money import format_amount
from cif_engine.persistence.books import lowest_balance_from
from cif_engine.persistence.network import FundFile

CASH, BANK = "cash", "bank"
CUSTODIAN = re.compile("custodian:([1-9][0-9]{0,5})")
"""A custodian's place has one spelling, so that `custodian:1` and `custodian:01` are never taken for two places."""

ROLE_OF_CHANNEL = {"cash": Role.CASH_IN_HAND, "cheque": Role.BANK, "bank": Role.BANK, "wallet": Role.BANK}
"""Which account money of each channel comes into, and goes out of."""

Moves = Mapping[date, int]
"""By how much what several accounts hold together changes on each day, in minor units; below zero: it is paid out."""

_NUMBERS_OF_MONEY = frozenset(str(LINE_OF[role].number) for role in CASH_ROLES)


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


def refuse_overdrafts(connection: sa.Connection, lso_id: str, postings: Iterable[Posting]) -> None:
    """Refuse postings after which an account that holds money would end some day below zero (law 6)."""
    for account, moves in _money_moves(postings).items():
        day = min(moves)
        if min(accumulate(amount for _, amount in sorted(moves.items()))) >= 0:
            continue
        lowest = lowest_balance_from(connection, lso_id, (account,), day, moves=moves.items())
        if lowest is None:
            raise _unknown(account, "/paid_from")
        if lowest < 0:
            raise NotEnoughCashError(
                f"{account} would fall {format_amount(-lowest)} below zero on {day} or later.",
                pointer="/amount",
                short=format_amount(-lowest),
            )


def refuse_into_reserve(connection: sa.Connection, lso_id: str, fund: FundFile, moves: Moves) -> None:
    """Refuse what takes from cash and bank of a fund, some day, of what it keeps back."""
    if not fund.reserve_floor_minor or not takes(moves):
        return
    lowest = lowest_balance_from(connection, lso_id, cash_and_bank(fund), min(moves), moves=moves.items())
    if lowest is not None and lowest < fund.reserve_floor_minor:
        short = format_amount(fund.reserve_floor_minor - lowest)
        raise NotEnoughCashError(
            f"The reserve of the fund {fund.code} would fall {short} short on {min(moves)} or later.",
            pointer="/amount",
            short=short,
        )


def cash_and_bank(fund: FundFile) -> tuple[str, str]:
    """Return the accounts that a fund lends from."""
    return account_code(fund.code, Role.CASH_IN_HAND), account_code(fund.code, Role.BANK)


def moves_of_money(fund: FundFile, postings: Iterable[Posting]) -> Moves:
    """Return by how much cash and bank of a fund change together on each day."""
    moves: defaultdict[date, int] = defaultdict(int)
    for account, by_day in _money_moves(postings).items():
        for day, amount in by_day.items() if account in cash_and_bank(fund) else ():
            moves[day] += amount
    return dict(moves)


def takes(moves: Moves) -> bool:
    """Whether there is less money on some day than without these moves."""
    return min(accumulate(moves[day] for day in sorted(moves)), default=0) < 0


def _money_moves(postings: Iterable[Posting]) -> dict[str, dict[date, int]]:
    """Return by how much each account that holds money changes per day."""
    moves: defaultdict[str, defaultdict[date, int]] = defaultdict(lambda: defaultdict(int))
    for posting in postings:
        for account, sign in ((posting.debit, 1), (posting.credit, -1)):
            if account.split(".")[1] in _NUMBERS_OF_MONEY:
                moves[account][posting.effective_on] += sign * posting.amount_minor
    return {account: dict(by_day) for account, by_day in moves.items()}


def _unknown(account: str, pointer: str) -> NotFoundError:
    """Name the custodian: only her account can be missing, the others are opened with the fund."""
    return NotFoundError(f"No custodian {account.rpartition('.')[2]} in this book.", pointer=pointer)
