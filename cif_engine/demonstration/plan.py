"""A plan: all there is to record of a made-up LSO, in the order in which its office records it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cif_engine.demonstration.people import People
from cif_engine.demonstration.profiles import Profile
from cif_engine.network.funds import Fund, Product
from cif_engine.network.places import Area, Holiday, Lso, Rsp
from cif_engine.operations.collecting import Repayment
from cif_engine.operations.credits import Refund
from cif_engine.operations.disbursing import Disbursement
from cif_engine.operations.funding import MoneyIn, MoneyOut, Transfer
from cif_engine.operations.recording import Outcome
from cif_engine.operations.sub_grant import CapitalReturn, TrancheReceipt

RUPEE = 100
"""A rupee in minor units."""

CASH, BANK = "cash", "bank"


@dataclass(frozen=True, slots=True)
class Planned:
    """One act: the operation that records it, what it is told, by whom, at which moment and on which business day.

    `undoes` is the fact that a reversal takes back.
    """

    operation: Callable[..., Outcome]
    command: Any
    actor: str
    recorded_at: int
    today: date
    key: str
    undoes: Planned | None = None

    @property
    def effective_on(self) -> date:
        """The day on which it happened; a reversal counts from the day of what it takes back."""
        on: date = self.undoes.effective_on if self.undoes else self.command.effective_on
        return on


@dataclass(frozen=True, slots=True)
class Places:
    """What the LSO is part of; other LSOs may share it."""

    rsp: Rsp
    areas: tuple[Area, ...]
    holidays: tuple[Holiday, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """An LSO with its people and its fund, and the facts of its book in the order of recording."""

    profile: Profile
    seed: int
    places: Places
    lso: Lso
    people: People
    fund: Fund
    custodians: tuple[tuple[str, str], ...]
    """Ids and names, in the order of their numbers from 1."""

    products: tuple[Product, ...]
    facts: tuple[Planned, ...]


def moves_of(command: object, tranche_amounts: dict[int, int]) -> list[tuple[str, int]]:
    """Return where a fact moves money, and how much, in minor units: positive where it arrives.

    `tranche_amounts` says what was released under each number of a tranche.
    """
    moves: list[tuple[str, int]] = []
    match command:
        case TrancheReceipt():
            moves = [(command.held_in, tranche_amounts[command.number])]
        case MoneyIn():
            moves = [(command.held_in, command.amount_minor)]
        case Repayment():
            moves = [(_held_in(command), command.amount_minor)]
        case Disbursement(amount_minor=int(amount)) | Refund(amount_minor=int(amount)):
            moves = [(CASH if command.channel == "cash" else BANK, -amount)]
        case Transfer():
            moves = [(command.paid_from, -command.amount_minor), (command.held_in, command.amount_minor)]
        case MoneyOut() | CapitalReturn():
            moves = [(command.paid_from, -command.amount_minor)]
    return moves


def _held_in(repayment: Repayment) -> str:
    if repayment.custodian is not None:
        return f"custodian:{repayment.custodian}"
    return CASH if repayment.channel == "cash" else BANK
