"""The turns of money over many funds: how often what funders gave went out and came back, by row of a cut.

Each fund is folded by itself, and the turns of its sources are added to those of the same kind of the others: the first
turn of all tranches of a funder, then the second. What was found of a fund is kept until something is recorded in its
book, because a fund takes a tenth of a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa

from cif_engine.fund.lots import fold
from cif_engine.fund.turns import SourceTurns, by_kind, by_source, by_turn
from cif_engine.money import format_amount
from cif_engine.operations.asking import Opened, Question, key_view, opened
from cif_engine.operations.kept import FundKey, Kept
from cif_engine.operations.lot_views import source_turns_view, turns_together
from cif_engine.operations.over_funds import by_funder, funds_head
from cif_engine.operations.reporting import open_book
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.flows import flows_of_fund, households_of_loans
from cif_engine.persistence.funds_asked import FundAsked, funds_asked
from cif_engine.persistence.ledger_reports import chain_hash
from cif_engine.portfolio.cuts import Key, in_order


class FundTurns(NamedTuple):
    """What the rupees of a fund did until a day, by source and turn, and the household of each of its loans."""

    sources: tuple[SourceTurns, ...]
    households: Mapping[str, str]


MOST_LOANS: Final = 500_000
"""The turns of funds with so many loans are kept in all: 150 MB or so."""
KEPT: Final = Kept[FundTurns](MOST_LOANS, lambda turns: 1 + len(turns.households))


@dataclass(slots=True)
class _Row:
    """The funds of a row, and what is known of each."""

    funds: list[FundAsked] = field(default_factory=list)
    turns: list[FundTurns] = field(default_factory=list)

    def add(self, fund: FundAsked, turns: FundTurns) -> None:
        self.funds.append(fund)
        self.turns.append(turns)


def turns_report(databases: Databases, question: Question, as_of: date) -> View:
    """Return what the money of many funds did, turn by turn, by funder or as the question is cut.

    A fund that never had anything counts nowhere. Raises NotFoundError and ReportNotCutError.
    """
    asked_for = by_funder(question)
    with opened(databases, asked_for, as_of) as asked:
        total, rows = _Row(), defaultdict[Key, _Row](_Row)
        for fund in funds_asked(asked.connection, asked.asked):
            turns = _turns_of(asked, asked_for, fund, as_of)
            if turns.sources:
                total.add(fund, turns)
                rows[fund.key].add(fund, turns)
        head = funds_head(asked, asked_for, as_of)
    return {
        "definition": "lots",
        "as_of": as_of.isoformat(),
        **head,
        "total": _view(total),
        "rows": [{"key": key_view(asked.form, key), **_view(rows[key])} for key in sorted(rows, key=in_order)],
    }


def _turns_of(asked: Opened, question: Question, fund: FundAsked, as_of: date) -> FundTurns:
    connection: sa.Connection = asked.connection
    book = open_book(connection, fund.lso_id, question.known_at)

    def compute() -> FundTurns:
        known = asked.asked.known
        lots = fold(flows_of_fund(connection, fund.lso_id, fund.fund_id, as_of, known), as_of)
        return FundTurns(tuple(by_source(lots)), households_of_loans(connection, fund.lso_id, fund.fund_id, known))

    return KEPT.find(FundKey(fund.lso_id, chain_hash(connection, book), fund.fund_id, as_of), compute)


def _view(row: _Row) -> View:
    households = _households(row.turns)
    sources = by_kind(source for turns in row.turns for source in turns.sources)
    return {
        "funds": len(row.funds),
        "lsos": len({fund.lso_id for fund in row.funds}),
        "amount": format_amount(sum(source.in_cash_minor + source.in_loans_minor for source in sources)),
        "sources": [
            {"source": source.source.kind.value, **source_turns_view(source, households)} for source in sources
        ],
        "turns": list(turns_together(by_turn(sources), households)),
    }


def _households(turns: Iterable[FundTurns]) -> dict[str, str]:
    """Return the household of each loan of many funds."""
    return {loan: household for one in turns for loan, household in one.households.items()}
