"""What the money of many funds did, turn by turn."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.lots import FundLots, TurnTogetherShown, WhereShown
from api.models.over_funds import OVER_FUNDS, OverFunds
from api.models.portfolio import RowKey
from api.models.recorded import MoneyText
from cif_engine.fund.pieces import SourceKind

_SOURCE: dict[str, Any] = FundLots.example["sources"][0]


class KindTurnsShown(WhereShown):
    """Where the rupees of all sources of a kind are, of all tranches say, and what each of their turns did."""

    source: SourceKind


class TurnsFigures(Answer):
    """What the money of some funds did. A fund that never had any is not counted."""

    funds: int
    lsos: int
    amount: MoneyText = Field(description="All lots that lie in cash and in loans.")
    sources: list[KindTurnsShown]
    turns: list[TurnTogetherShown] = Field(description="Each turn, of all sources together.")

    example: ClassVar[dict[str, Any]] = {
        "funds": 1,
        "lsos": 1,
        "amount": "3980000.00",
        "sources": [{name: told for name, told in _SOURCE.items() if name != "number"}],
        "turns": FundLots.example["turns"],
    }


class TurnsRow(TurnsFigures):
    """The funds of one row."""

    key: RowKey

    example: ClassVar[dict[str, Any]] = {"key": {"funder": "European Union"}, **TurnsFigures.example}


class TurnsReport(OverFunds):
    """How often the money of funds went out and came back, whom it reached, what was lost of it and what lies idle."""

    definition: Literal["lots"]
    as_of: date
    total: TurnsFigures
    rows: list[TurnsRow]

    example: ClassVar[dict[str, Any]] = {
        "definition": "lots",
        "as_of": "2021-06-30",
        **OVER_FUNDS,
        "total": TurnsFigures.example,
        "rows": [TurnsRow.example],
    }
