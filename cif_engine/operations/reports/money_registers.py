"""The registers of a period: what was disbursed, and what was collected, a row for each fact that holds.

What a payment settled follows from the loan's facts by then, so each loan met is folded from them: a late fact that
re-split a payment shows in the row of the payment, on its day, as the ledger has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final, NamedTuple

import sqlalchemy as sa

from cif_engine.dates import parse_date
from cif_engine.documents.report import Cell, Column, Unit
from cif_engine.errors import CifError, MalformedCursorError
from cif_engine.kinds import Kind
from cif_engine.loans.allocation import Settlement
from cif_engine.loans.statement import Line, statement_lines
from cif_engine.operations.loan_reports import lives_of
from cif_engine.operations.reporting import Period
from cif_engine.operations.reports.registers import Listing, Place, Register, Row, Rows
from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.ledger_reports import known_book
from cif_engine.persistence.loan_reports import LoanEvent, loan_events, loan_numbers
from cif_engine.persistence.register_loans import CalledLoan, called_loans
from cif_engine.persistence.registers import FactPlace, facts_registered

AT_ONCE: Final = 500
"""How many facts, and so at most how many loans, are held in memory at a time."""

DISBURSEMENTS, COLLECTIONS = "Disbursements", "Collections"

_CALLED: Final = (
    Column("loan", "Loan", width=17),
    Column("member", "Member", width=10, aside=True),
    Column("member_name", "Member", width=20),
    Column("vo", "VO", width=10, aside=True),
    Column("co", "CO", width=10, aside=True),
    Column("fund", "Fund", width=9),
    Column("product", "Product", width=15, aside=True),
)
_DISBURSED: Final = (
    Column("day", "Day", Unit.DAY, width=12),
    Column("voucher_no", "Voucher", width=14),
    *_CALLED,
    Column("purpose", "Purpose", width=20, aside=True),
    Column("cycle", "Cycle", Unit.COUNT, width=7, aside=True),
    Column("channel", "Channel", width=9),
    Column("reference", "Reference", width=14, aside=True),
    Column("principal", "Principal", Unit.MONEY, width=14, totalled=True, definition="disbursed"),
    Column("charge_up_front", "Charge kept", Unit.MONEY, width=12, totalled=True),
    Column("settled_loan", "Settles loan", width=17, aside=True),
    Column("settled", "Settles", Unit.MONEY, width=13, totalled=True),
    Column("handed_out", "Handed out", Unit.MONEY, width=14, totalled=True),
    Column("recorded_at", "Recorded at", Unit.MOMENT, width=19, aside=True),
)
_COLLECTED: Final = (
    Column("day", "Day", Unit.DAY, width=12),
    Column("receipt_no", "Receipt", width=14),
    *_CALLED,
    Column("kind", "Kind", width=16),
    Column("account", "Held in", width=14),
    Column("received", "Received", Unit.MONEY, width=14, totalled=True),
    Column("principal", "Principal", Unit.MONEY, width=14, totalled=True),
    Column("charge", "Charge", Unit.MONEY, width=12, totalled=True),
    Column("fees", "Fees", Unit.MONEY, width=11, totalled=True),
    Column("penalties", "Penalties", Unit.MONEY, width=11, totalled=True),
    Column("credit", "Kept as credit", Unit.MONEY, width=12, totalled=True),
    Column("recovered", "Recovered", Unit.MONEY, width=12, totalled=True),
    Column("recorded_at", "Recorded at", Unit.MOMENT, width=19, aside=True),
)

_SETTLES: Final = {
    Kind.REPAYMENT_RECEIVED: "repayment",
    Kind.FEE_CHARGED: "credit used",
    Kind.PENALTY_CHARGED: "credit used",
    Kind.LOAN_DISBURSED: "credit used",
}
"""The facts that may settle dues: money that came, and credit that met new dues."""


class Told(NamedTuple):
    """A fact that holds, with what the register says of it besides."""

    line: Line
    event: LoanEvent
    called: CalledLoan
    numbers: dict[str, str]


Cells = Callable[[Told], Iterator[Cell]]


def disbursement_register(period: Period) -> Register:
    """Return the register of what was disbursed in a period: principal, and what the borrower had of it in hand."""
    kinds = (Kind.LOAN_DISBURSED,)
    read = partial(_read, period, kinds, _disbursed)
    listing = Listing(DISBURSEMENTS, "Disbursements", _DISBURSED, (str, int), read)
    return Register("disbursements", "Register of disbursements", _days(period), period.to_on, (listing,))


def collection_register(period: Period) -> Register:
    """Return the register of what was collected in a period, split into what it settled.

    Credit that a borrower had and that met new dues is a row too: nothing is received, and credit is less.
    """
    read = partial(_read, period, tuple(_SETTLES), _collected)
    listing = Listing(COLLECTIONS, "Collections", _COLLECTED, (str, int), read)
    return Register("collections", "Register of collections", _days(period), period.to_on, (listing,))


def _read(
    period: Period, kinds: Sequence[Kind], cells_of: Cells, connection: sa.Connection, asked: Asked, after: Place | None
) -> Rows:
    """Return the next rows of an LSO; those whose fact does not hold, or says nothing here, are left out."""
    start = _fact_place(after) if after else FactPlace(period.from_on, 0)
    found = facts_registered(connection, asked, kinds, start, period.to_on, AT_ONCE)
    told = _told(connection, asked, {fact.loan_id for fact in found}, period.to_on)
    rows = [
        Row(_place(fact.place), cells)
        for fact in found
        if fact.event_id in told and (cells := tuple(cells_of(told[fact.event_id])))
    ]
    return Rows(rows, _place(found[-1].place) if len(found) == AT_ONCE else None)


def _told(connection: sa.Connection, asked: Asked, loan_ids: set[str], to_on: date) -> dict[str, Told]:
    """Return all facts that hold of some loans of an LSO, by their ids."""
    (lso_id,) = asked.scope.lso_ids or ()
    known = known_book(connection, lso_id, asked.known.at)
    if not loan_ids or known is None:
        return {}
    events = loan_events(connection, known, loan_ids, to_on)
    called = called_loans(connection, asked, loan_ids)
    numbers = loan_numbers(connection, lso_id, set(_settled_loans(events)))
    by_id = {event.fact.id: event for event in events}
    lines = (line for life in lives_of(events) for line in statement_lines(life) if line.standing is not None)
    return {line.fact.id: Told(line, event := by_id[line.fact.id], called[event.loan_id], numbers) for line in lines}


def _settled_loans(events: Iterable[LoanEvent]) -> Iterator[str]:
    for event in events:
        if "settles" in event.fact.says:
            yield event.fact.says["settles"]["loan"]


def _disbursed(told: Told) -> Iterator[Cell]:
    says = told.line.fact.says
    settles = says.get("settles", {"loan": None, "amount_minor": 0})
    kept = says.get("charge_up_front_minor", 0)
    yield from (told.line.fact.effective_on, told.event.papers.voucher_no, *_called(told.called))
    yield from (told.called.purpose, told.called.cycle, says.get("channel"), says.get("reference"))
    yield from (says["amount_minor"], kept, told.numbers.get(settles["loan"]), settles["amount_minor"])
    yield from (says["amount_minor"] - kept - settles["amount_minor"], told.event.recorded_at)


def _collected(told: Told) -> Iterator[Cell]:
    settled = told.line.settled
    if settled is None:
        return
    fact = told.line.fact
    yield from (fact.effective_on, told.event.papers.receipt_no, *_called(told.called), _SETTLES[fact.kind])
    yield from (fact.says.get("held_in"), told.line.paid_minor, *_split(settled), told.event.recorded_at)


def _split(settled: Settlement) -> Iterator[Cell]:
    yield from (settled.principal_minor, settled.charge_minor, settled.fee_minor, settled.penalty_minor)
    yield from (settled.credit_minor, settled.recovered_minor)


def _called(called: CalledLoan) -> Iterator[Cell]:
    yield from (called.number, called.member, called.member_name, called.vo, called.co, called.fund, called.product)


def _days(period: Period) -> dict[str, str]:
    return {"from": period.from_on.isoformat(), "to": period.to_on.isoformat()}


def _place(place: FactPlace) -> Place:
    return (place.on.isoformat(), place.seq)


def _fact_place(place: Place) -> FactPlace:
    """Return the place that a page goes on after; raises MalformedCursorError."""
    day, seq = place
    try:
        return FactPlace(parse_date(day), int(seq))
    except CifError as unreadable:
        raise MalformedCursorError("Send the `next` of the page before, unchanged.", pointer="/after") from unreadable
