"""Loans, their schedules, statements and repayments on any day, as they were known at any moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from cif_engine.errors import MalformedCursorError, NotFoundError
from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.settling import agreed_terms, settlement_quote
from cif_engine.loans.standing import Status
from cif_engine.loans.statement import statement_lines
from cif_engine.money import PKR, format_amount
from cif_engine.operations.loan_views import (
    amount_view,
    day_view,
    head_view,
    instalment_views,
    line_view,
    listed_view,
    part_view,
)
from cif_engine.operations.reporting import (
    FIRST_PAGE,
    Page,
    Period,
    moments_view,
    open_book,
    page_view,
    period_view,
    read_place,
    unknown_then,
)
from cif_engine.operations.views import View, schedule_views, standing_view
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.ledger_reports import KnownBook
from cif_engine.persistence.lending import loan_row
from cif_engine.persistence.loan_reports import (
    LoanCodes,
    LoanEvent,
    codes_by_id,
    listed_loans,
    loan_codes,
    loan_events,
    loan_numbers,
    repayment_events,
)
from cif_engine.persistence.standings import Within, find_known
from cif_engine.portfolio.par import due_before


@dataclass(frozen=True, slots=True)
class LoanFilter:
    """Which loans a list holds; what is None does not matter. `member` to `product` are codes."""

    status: Status | None = None
    member: str | None = None
    vo: str | None = None
    co: str | None = None
    fund: str | None = None
    product: str | None = None
    number: str | None = None
    days_late_over: int | None = None
    renegotiated: bool | None = None


@dataclass(frozen=True, slots=True)
class ReadLoan:
    """A loan as it was known, and the book it is in."""

    known: KnownBook
    codes: LoanCodes
    events: list[LoanEvent]
    life: LoanLife


def loan_report(databases: Databases, lso_id: str, loan: str, as_of: date, known_at: int | None = None) -> View:
    """Return what a loan was made under, what was agreed, and where it stood; raises NotFoundError."""
    with databases.reading(lso_id) as connection:
        read = _read_loan(connection, lso_id, loan, as_of, known_at)
        agreed = loan_row(lso_id, read.codes.id, read.codes.fund_id, _facts(read.events)).values
        people = codes_by_id(connection, lso_id, [agreed[name] for name in ("household_id", "co_id", "vo_id")])
        parts = _parts(connection, lso_id, read.life)
    said = {step.fact.kind: step.fact.says for step in read.life.steps}
    appraised, decided = said.get(Kind.LOAN_APPRAISED, {}), said.get(Kind.LOAN_DECIDED, {})
    cancelled = said.get(Kind.LOAN_CANCELLED, {})
    return {
        **head_view(read.known, read.codes, as_of),
        "household": people[agreed["household_id"]],
        "co": people[agreed["co_id"]],
        "vo": people[agreed["vo_id"]],
        **{name: agreed[name] for name in ("poverty_score", "gender", "cycle", "purpose", "mip_no")},
        "terms": orjson.loads(agreed["terms"]),
        "requested": format_amount(agreed["requested_minor"]),
        "applied_on": agreed["applied_on"].isoformat(),
        "applied_by": agreed["applied_by"],
        "recommended": amount_view(appraised.get("amount_minor")),
        "appraised_by": appraised.get("appraised_by"),
        "approved": amount_view(agreed["approved_minor"]),
        "decided_on": day_view(agreed["decided_on"]),
        "decided_by": agreed["decided_by"],
        "committee": decided.get("committee"),
        "resolution_no": agreed["resolution_no"],
        "reason": cancelled.get("reason") or decided.get("reason"),
        "disbursed": amount_view(agreed["disbursed_minor"]),
        "disbursed_on": day_view(agreed["disbursed_on"]),
        "channel": agreed["channel"],
        "reference": parts[0]["reference"] if parts else None,
        "parts": parts,
        "standing": standing_view(read.life.standing, as_of),
    }


def loan_schedule_report(
    databases: Databases, lso_id: str, loan: str, as_of: date, known_at: int | None = None
) -> View:
    """Return a loan's instalments with what is paid, due and late on a day; raises NotFoundError."""
    with databases.reading(lso_id) as connection:
        read = _read_loan(connection, lso_id, loan, as_of, known_at)
    return {
        **head_view(read.known, read.codes, as_of),
        "standing": standing_view(read.life.standing, as_of),
        "instalments": instalment_views(read.life, as_of),
        "earlier_schedules": [schedule_views(schedule) for schedule in read.life.schedules[:-1]],
    }


def settlement_quote_report(
    databases: Databases, lso_id: str, loan: str, day: date, known_at: int | None = None
) -> View:
    """Return what settles a loan on a day, to come perhaps; raises NotFoundError."""
    with databases.reading(lso_id) as connection:
        read = _read_loan(connection, lso_id, loan, day, known_at)
    terms = agreed_terms(read.life)
    quote = settlement_quote(read.life, day, terms.rebate, terms.rounding_unit_minor)
    return {
        **head_view(read.known, read.codes, day),
        "rebate_policy": terms.rebate.value,
        "penalties": format_amount(quote.penalty_minor),
        "fees": format_amount(quote.fee_minor),
        "charge": format_amount(quote.charge_minor),
        "rebate": format_amount(quote.rebate_minor),
        "principal": format_amount(quote.principal_minor),
        "total": format_amount(quote.total_minor),
        "recoverable": format_amount(read.life.standing.written_off_minor - read.life.standing.recovered_minor),
    }


def loan_statement_report(
    databases: Databases, lso_id: str, loan: str, as_of: date, known_at: int | None = None
) -> View:
    """Return every fact of a loan with its split and the balance after it, and its schedule; raises NotFoundError.

    Facts stand in the order in which they happened; `seq` and `recorded_at` say when the book learned of each.
    """
    with databases.reading(lso_id) as connection:
        read = _read_loan(connection, lso_id, loan, as_of, known_at)
    events = {event.fact.id: event for event in read.events}
    return {
        **head_view(read.known, read.codes, as_of),
        "standing": standing_view(read.life.standing, as_of),
        "lines": [line_view(line, events[line.fact.id]) for line in statement_lines(read.life)],
        "instalments": instalment_views(read.life, as_of),
    }


def loans_list(
    databases: Databases,
    lso_id: str,
    wanted: LoanFilter,
    as_of: date,
    known_at: int | None = None,
    page: Page = FIRST_PAGE,
) -> View:
    """Return the loans that existed on a day by number, as they stood; raises NotFoundError, MalformedCursorError."""
    after = page.after or ""
    if not isinstance(after, str):
        raise MalformedCursorError("Send the `next` of the page before, unchanged.")
    with databases.reading(lso_id) as connection:
        book = open_book(connection, lso_id, known_at)
        known = find_known(connection, Within((lso_id,)), known_at)
        loans = listed_loans(connection, lso_id, _conditions(wanted, as_of), as_of, known, after, page.limit + 1)
    return {
        "lso": book.lso_code,
        **moments_view(as_of, book.at),
        "currency": PKR.code,
        **page_view(loans, page.limit, lambda loan: listed_view(loan, as_of), lambda loan: loan.codes.number),
    }


def repayments_list(
    databases: Databases,
    lso_id: str,
    period: Period,
    known_at: int | None = None,
    loan: str | None = None,
    receipt_no: str | None = None,
    page: Page = FIRST_PAGE,
) -> View:
    """Return the repayments of a period by day, with what each settled; raises NotFoundError, MalformedCursorError."""
    after = read_place(page.after, 1)
    place = (after[0], after[1][0]) if after else (period.from_on, 0)
    with databases.reading(lso_id) as connection:
        known = open_book(connection, lso_id, known_at)
        wanted = {"loan_id": _codes(connection, lso_id, loan).id} if loan else {}
        if receipt_no:
            wanted["receipt_no"] = receipt_no
        events = repayment_events(connection, known, wanted, place, period.to_on, page.limit + 1)
        of_loans = {event.loan_id for event in events}
        numbers = loan_numbers(connection, lso_id, of_loans)
        # How a payment was split follows from the facts before it, whatever was paid later.
        lives = lives_of(loan_events(connection, known, of_loans, period.to_on))
    lines = {line.fact.id: line for life in lives for line in statement_lines(life)}
    return {
        "lso": known.lso_code,
        **period_view(period, known.at),
        "currency": PKR.code,
        **page_view(
            events,
            page.limit,
            lambda event: {"loan": numbers[event.loan_id], **line_view(lines[event.fact.id], event)},
            lambda event: [event.fact.effective_on.isoformat(), event.seq],
        ),
    }


# Reading -------------------------------------------------------------------------------------------------------


def _read_loan(connection: sa.Connection, lso_id: str, loan: str, as_of: date, known_at: int | None) -> ReadLoan:
    known = open_book(connection, lso_id, known_at)
    codes = _codes(connection, lso_id, loan)
    events = loan_events(connection, known, (codes.id,), as_of)
    if not events:
        raise unknown_then(codes.number, as_of)
    return ReadLoan(known, codes, events, live(_facts(events)))


def _parts(connection: sa.Connection, lso_id: str, life: LoanLife) -> list[View]:
    """Return the parts in which the loan was handed out, as far as they hold."""
    parts = [step.fact for step in life.steps if step.fact.kind is Kind.LOAN_DISBURSED]
    numbers = loan_numbers(
        connection, lso_id, {part.says["settles"]["loan"] for part in parts if "settles" in part.says}
    )
    return [part_view(part, numbers) for part in parts]


def _codes(connection: sa.Connection, lso_id: str, loan: str) -> LoanCodes:
    codes = loan_codes(connection, lso_id, loan)
    if codes is None:
        raise NotFoundError(f"No loan {loan} in this book.")
    return codes


def _facts(events: Iterable[LoanEvent]) -> list[LoanFact]:
    return [event.fact for event in events]


def lives_of(events: Iterable[LoanEvent]) -> list[LoanLife]:
    """Return the lives of the loans that these are all the events of."""
    facts: defaultdict[str, list[LoanFact]] = defaultdict(list)
    for event in events:
        facts[event.loan_id].append(event.fact)
    return [live(of_loan) for of_loan in facts.values()]


def _conditions(wanted: LoanFilter, as_of: date) -> dict[str, Any]:
    """Return what the statement binds for the filters that matter."""
    late = wanted.days_late_over
    conditions = {
        "status": wanted.status.value if wanted.status else None,
        "member": wanted.member,
        "vo": wanted.vo,
        "co": wanted.co,
        "fund": wanted.fund,
        "product": wanted.product,
        "number": wanted.number,
        "late_before": None if late is None else due_before(as_of, late),
        "renegotiated": wanted.renegotiated,
    }
    return {name: value for name, value in conditions.items() if value is not None}
