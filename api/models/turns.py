"""What the money of many funds did, turn by turn."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.coverage import CoverageFigures
from api.models.lots import FundLots, TurnTogetherShown, WhereShown
from api.models.portfolio import KnownMoment, RowKey
from api.models.recorded import RECORDED_AT, MoneyText
from cif_engine.fund.pieces import SourceKind
from cif_engine.portfolio.cuts import Cut

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


class TurnsReport(Answer):
    """How often the money of funds went out and came back, whom it reached, what was lost of it and what lies idle."""

    definition: Literal["lots"]
    as_of: date
    known_at: KnownMoment
    currency: str
    by: list[Cut]
    only: dict[str, list[str]]
    coverage: CoverageFigures | None = Field(
        description="On what the figures rest: books, reported totals, nothing. Null where they are narrowed to funds."
    )
    total: TurnsFigures
    rows: list[TurnsRow]

    example: ClassVar[dict[str, Any]] = {
        "definition": "lots",
        "as_of": "2021-06-30",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "by": ["funder"],
        "only": {},
        "coverage": CoverageFigures.example,
        "total": TurnsFigures.example,
        "rows": [TurnsRow.example],
    }
