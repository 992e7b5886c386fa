"""What the projections of a book must be, row for row, according to its events: for verifying and for rebuilding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.history import History, history
from cif_engine.loans.life import LoanLife, live
from cif_engine.persistence.corrections import void_events
from cif_engine.persistence.feed import funding_events
from cif_engine.persistence.funding import agreement_row, tranche_row
from cif_engine.persistence.lending import loan_row
from cif_engine.persistence.loan_reports import LoanEvent, loan_events
from cif_engine.persistence.projections import due_values, origin_values, position_values, state_values
from cif_engine.persistence.whole_book import OF_FUNDS, Row, StoredHead

Rows = dict[str, list[Row]]
"""Rows by table, each in the order of its key."""


@dataclass(frozen=True, slots=True)
class ToldLoan:
    """A loan as its events tell it."""

    id: str
    fund_id: str
    facts: tuple[LoanFact, ...]
    life: LoanLife
    history: History


def told_loans(connection: sa.Connection, head: StoredHead, loan_ids: Iterable[str]) -> list[ToldLoan]:
    """Return these loans, folded from all their events."""
    events: defaultdict[str, list[LoanEvent]] = defaultdict(list)
    for event in loan_events(connection, head.whole, loan_ids, date.max):
        events[event.loan_id].append(event)
    return [_told(loan_id, of_loan) for loan_id, of_loan in sorted(events.items())]


def rows_of_loan(lso_id: str, loan: ToldLoan) -> Rows:
    """Return all rows that the facts of one loan call for."""
    key, told = {"lso_id": lso_id, "loan_id": loan.id}, loan.history
    return {
        "loan": [loan_row(lso_id, loan.id, loan.fund_id, loan.facts).values],
        "loan_position": [{**key, **position_values(told.position)}],
        "loan_state": [{**key, **state_values(interval)} for interval in told.ended],
        "instalment": [{**key, **due_values(known)} for known in told.every_due],
        "loan_before": [{**key, **origin_values(origin)} for origin in told.origins],
    }


def rows_of_sub_grants(connection: sa.Connection, lso_id: str) -> Rows:
    """Return the rows of agreements and tranches that those of a book's events call for which hold."""
    void = void_events(connection, lso_id)
    found: dict[str, dict[str, Row]] = {table: {} for table in OF_FUNDS}
    for event in funding_events(connection, lso_id):
        if event.id in void:
            continue
        says, on = read_payload(event.payload), event.effective_on
        if event.kind == Kind.TRANCHE_RECEIVED:
            found["tranche"][says["tranche_id"]]["received_on"] = on
            continue
        make = agreement_row if event.kind == Kind.AGREEMENT_SIGNED else tranche_row
        row = make(lso_id, event.fund_id or "", event.id, on, says)
        found[row.table][event.id] = row.values
    return {table: [rows[row_id] for row_id in sorted(rows)] for table, rows in found.items()}


def _told(loan_id: str, events: list[LoanEvent]) -> ToldLoan:
    facts = tuple(event.fact for event in events)
    recorded = ((event.recorded_at, event.fact) for event in events)
    return ToldLoan(loan_id, events[0].fund_id, facts, live(facts), history(recorded))
