"""From a loan to its facts and postings: what was said of it, by whom and when, whether it holds, what it posted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import orjson

from cif_engine.documents.report import Cell, Column, Report, Table, Unit
from cif_engine.errors import MalformedCursorError, NotFoundError
from cif_engine.loans.life import live
from cif_engine.loans.statement import Line, statement_lines
from cif_engine.money import format_amount
from cif_engine.operations.files import FileForm, ReportFile, make_file
from cif_engine.operations.loan_views import head_view, line_view
from cif_engine.operations.reporting import FIRST_PAGE, Key, Page, open_book, page_view, unknown_then
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.feed import FedPosting, postings_of
from cif_engine.persistence.ledger_reports import KnownBook
from cif_engine.persistence.loan_reports import LoanCodes, LoanEvent, loan_codes, loan_events

_OF_LINE: Final = (
    "seq",
    "event",
    "kind",
    "effective_on",
    "recorded_at",
    "recorded_by",
    "receipt_no",
    "voucher_no",
    "external_id",
    "reverses",
    "reversed_by",
    "replaces",
    "settled",
    "waived",
    "balance",
)
_NOT_SAID: Final = frozenset({"reverses", "replaces"})
"""What stands beside what a fact says."""

_LISTS: Final = frozenset({"tranches", "criteria"})
"""What a fact says in rows, each with names of its own."""

_MINOR: Final = "_minor"


class FactOrder(StrEnum):
    """The order of facts: that in which the book learned of them, or that in which they happened."""

    RECORDED = "recorded"
    HAPPENED = "happened"


@dataclass(frozen=True, slots=True)
class LoanFacts:
    """Whose facts, as of which day and moment (None: now), in which order. `loan` is its number or id."""

    lso_id: str
    loan: str
    as_of: date
    known_at: int | None = None
    order: FactOrder = FactOrder.RECORDED


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact of the loan: its line of the statement, its event, what it posted, and which facts replace it."""

    line: Line
    event: LoanEvent
    postings: tuple[FedPosting, ...]
    replaced_by: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.line.reversed_by is None


@dataclass(frozen=True, slots=True)
class _Read:
    """A loan with all its facts, in the order that was asked for."""

    known: KnownBook
    codes: LoanCodes
    told: list[_Told]


def loan_facts_report(databases: Databases, wanted: LoanFacts, page: Page = FIRST_PAGE) -> View:
    """Return a page of the facts of a loan; raises NotFoundError and MalformedCursorError.

    What a fact made of the loan is told by all facts that are known: it is where the loan stood after it, in the order
    in which they happened. What does not hold made nothing of it.
    """
    read = _read(databases, wanted)
    shown = read.told[_start(read.told, page.after) :][: page.limit + 1]
    return {
        **head_view(read.known, read.codes, wanted.as_of),
        "order": wanted.order.value,
        **page_view(shown, page.limit, _fact_view, lambda told: [told.event.seq]),
    }


def loan_facts_file(databases: Databases, wanted: LoanFacts, form: FileForm) -> ReportFile:
    """Return the facts of a loan as a file, a row for each posting; raises NotFoundError."""
    read = _read(databases, wanted)
    number = read.codes.number
    rows = tuple(row for told in read.told for row in _rows(told))
    table = Table("Facts", f"Facts and postings of loan {number}, as {wanted.order}", _COLUMNS, rows)
    report = Report(f"Loan {number}", f"LSO {read.known.lso_code}", wanted.as_of, read.known.at, (table,))
    return make_file(report, form, f"loan-{number}-{wanted.as_of}")


def _read(databases: Databases, wanted: LoanFacts) -> _Read:
    with databases.reading(wanted.lso_id) as connection:
        known = open_book(connection, wanted.lso_id, wanted.known_at)
        codes = loan_codes(connection, wanted.lso_id, wanted.loan)
        if codes is None:
            raise NotFoundError(f"No loan {wanted.loan} in this book.")
        events = loan_events(connection, known, (codes.id,), wanted.as_of)
        postings = postings_of(connection, wanted.lso_id, [event.seq for event in events])
    if not events:
        raise unknown_then(codes.number, wanted.as_of)
    told = list(_told(events, postings))
    if wanted.order is FactOrder.RECORDED:
        told.sort(key=lambda one: one.event.seq)
    return _Read(known, codes, told)


def _told(events: Iterable[LoanEvent], postings: Mapping[int, Iterable[FedPosting]]) -> Iterator[_Told]:
    """Give the facts in the order in which they happened."""
    by_id = {event.fact.id: event for event in events}
    for line in statement_lines(live(event.fact for event in by_id.values())):
        event = by_id[line.fact.id]
        replaced_by = (one.fact.id for one in by_id.values() if one.fact.says.get("replaces") == line.fact.id)
        yield _Told(line, event, tuple(postings.get(event.seq, ())), tuple(replaced_by))


def _start(told: list[_Told], after: Key | None) -> int:
    """Return the place of the first fact after the one that a page ended with."""
    if after is None:
        return 0
    seq = after[0] if isinstance(after, list) and len(after) == 1 else None
    place = next((place for place, one in enumerate(told, 1) if one.event.seq == seq), None)
    if place is None:
        raise MalformedCursorError("Send the `next` of the page before, unchanged.", pointer="/after")
    return place


# How it is written ---------------------------------------------------------------------------------------------


def _fact_view(told: _Told) -> View:
    line = line_view(told.line, told.event)
    return {
        **{name: line[name] for name in _OF_LINE},
        "holds": told.holds,
        "replaced_by": list(told.replaced_by),
        "said": said_view({name: value for name, value in told.line.fact.says.items() if name not in _NOT_SAID}),
        "postings": [
            {
                "effective_on": posting.effective_on.isoformat(),
                "debit": posting.debit,
                "credit": posting.credit,
                "amount": format_amount(posting.amount_minor),
            }
            for posting in told.postings
        ],
    }


def said_view(said: Mapping[str, Any]) -> View:
    """Return what a fact says as people read it: amounts in whole currency, terms and schedules spelt out."""
    view: View = {}
    for name, value in said.items():
        if name == "terms":
            view[name] = orjson.loads(value)
        elif name == "schedule":
            view[name] = [_instalment_view(*row) for row in value]
        elif name in _LISTS:
            view[name] = [said_view(row) for row in value]
        elif name.endswith(_MINOR):
            view[name.removesuffix(_MINOR)] = None if value is None else format_amount(value)
        else:
            view[name] = said_view(value) if isinstance(value, dict) else value
    return view


def _instalment_view(due_on: str, principal_minor: int, charge_minor: int) -> View:
    return {"due_on": due_on, "principal": format_amount(principal_minor), "charge": format_amount(charge_minor)}


_COLUMNS: Final = (
    Column("seq", "Number", Unit.COUNT),
    Column("kind", "Kind", width=20),
    Column("effective_on", "Happened on", Unit.DAY),
    Column("recorded_at", "Recorded at", Unit.MOMENT),
    Column("recorded_by", "Recorded by"),
    Column("receipt_no", "Receipt"),
    Column("voucher_no", "Voucher"),
    Column("external_id", "External id"),
    Column("holds", "Holds"),
    Column("reversed_by", "Reversed by", width=38),
    Column("reverses", "Reverses", width=38),
    Column("replaces", "Replaces", width=38),
    Column("posted_on", "Posted on", Unit.DAY),
    Column("debit", "Debit", width=16),
    Column("credit", "Credit", width=16),
    Column("amount", "Amount", Unit.MONEY),
    Column("status", "Status after"),
    Column("outstanding_principal", "Outstanding principal after", Unit.MONEY),
    Column("outstanding_charge", "Outstanding charge after", Unit.MONEY),
    Column("event", "Event", width=38),
)


def _rows(told: _Told) -> Iterator[tuple[Cell, ...]]:
    """Give a row for each posting of a fact; one with none for a fact that posted nothing."""
    fact, event, standing = told.line.fact, told.event, told.line.standing
    beside: tuple[Cell, ...] = (
        event.seq,
        fact.kind.value,
        fact.effective_on,
        event.recorded_at,
        event.actor,
        event.papers.receipt_no,
        event.papers.voucher_no,
        event.papers.external_id,
        "yes" if told.holds else "no",
        told.line.reversed_by.id if told.line.reversed_by else None,
        fact.says.get("reverses"),
        fact.says.get("replaces"),
    )
    after: tuple[Cell, ...] = (None, None, None)
    if standing is not None:
        after = (standing.status.value, standing.outstanding_minor, standing.charge_outstanding_minor)
    for posting in told.postings or (None,):
        posted: tuple[Cell, ...] = (None, None, None, None)
        if posting is not None:
            posted = (posting.effective_on, posting.debit, posting.credit, posting.amount_minor)
        yield (*beside, *posted, *after, fact.id)
