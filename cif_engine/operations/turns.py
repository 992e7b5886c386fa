"""The turns of money over many funds: how often what funders gave went out and came back, by row of a cut.

Each fund is folded by itself, and the turns of its sources are added to those of the same kind of the others: the first
turn of all tranches of a funder, then the second. What was found of a fund is kept until something is recorded in its
book, because a fund takes a tenth of a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Final, NamedTuple

from cif_engine.fund.turns import SourceTurns, by_kind, by_source, by_turn
from cif_engine.money import format_amount
from cif_engine.operations.asking import Opened, Question, key_view, opened
from cif_engine.operations.kept import FundKey, Kept
from cif_engine.operations.lot_views import source_turns_view, turns_together
from cif_engine.operations.lots import folded, fund_key
from cif_engine.operations.over_funds import by_funder, funds_head
from cif_engine.operations.reporting import open_book
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.flows import households_of_loans
from cif_engine.persistence.funds_asked import FundAsked, funds_asked
from cif_engine.portfolio.cuts import Key, in_order


class FundTurns(NamedTuple):
    """What the rupees of a fund did until a day, by source and turn, and the household of each of its loans."""

    sources: tuple[SourceTurns, ...]
    households: Mapping[str, str]


MOST_LOANS: Final = 500_000
"""The turns of funds with so many loans are kept in all: 150 MB or so."""
KEPT: Final = Kept[FundTurns](MOST_LOANS, lambda turns: 1 + len(turns.households))


Row = list[tuple[FundAsked, FundTurns]]
"""The funds of a row that ever had anything, with what their rupees did."""


def turns_report(databases: Databases, question: Question, as_of: date) -> View:
    """Return what the money of many funds did, turn by turn, by funder or as the question is cut.

    A fund that never had anything counts nowhere. Raises NotFoundError and ReportNotCutError.
    """
    asked_for = by_funder(question)
    with opened(databases, asked_for, as_of) as asked:
        rows = _rows(asked, asked_for, as_of)
        head = funds_head(asked, asked_for, as_of)
    return {
        "definition": "lots",
        "as_of": as_of.isoformat(),
        **head,
        "total": _view([of_fund for row in rows.values() for of_fund in row]),
        "rows": [{"key": key_view(asked.form, key), **_view(rows[key])} for key in sorted(rows, key=in_order)],
    }


def _rows(asked: Opened, question: Question, as_of: date) -> Mapping[Key, Row]:
    """Return the funds by row: each is in one."""
    rows = defaultdict[Key, Row](list)
    for fund in funds_asked(asked.connection, asked.asked):
        book = open_book(asked.connection, fund.lso_id, question.known_at)
        key = fund_key(asked.connection, book, fund.fund_id, as_of)
        turns = KEPT.find(key, partial(_turns, asked, key))
        if turns.sources:
            rows[fund.key].append((fund, turns))
    return rows


def _turns(asked: Opened, key: FundKey) -> FundTurns:
    known = asked.asked.known
    sources = by_source(folded(asked.connection, key, known))
    return FundTurns(tuple(sources), households_of_loans(asked.connection, key.lso_id, key.fund_id, known))


def _view(row: Row) -> View:
    households = {loan: household for _, turns in row for loan, household in turns.households.items()}
    sources = by_kind(source for _, turns in row for source in turns.sources)
    return {
        "funds": len(row),
        "lsos": len({fund.lso_id for fund, _ in row}),
        "amount": format_amount(sum(source.in_cash_minor + source.in_loans_minor for source in sources)),
        "sources": [
            {"source": source.source.kind.value, **source_turns_view(source, households)} for source in sources
        ],
        "turns": list(turns_together(by_turn(sources), households)),
    }
