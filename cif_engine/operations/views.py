"""Answers as they leave the engine: plain JSON values, money as decimal strings, moments in RFC 3339.

An answer to a request that records something is stored and given again byte for byte, so it is made here, once, and
not by the HTTP layer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from cif_engine.ledger.events import Event
from cif_engine.ledger.postings import Posting
from cif_engine.loans.allocation import Settlement, Waived
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing
from cif_engine.moments import format_moment
from cif_engine.money import format_amount

View = dict[str, Any]


def event_view(event: Event) -> View:
    """Return where a fact stands in its book."""
    return {
        "id": event.fact.id,
        "seq": event.seq,
        "kind": event.fact.kind.value,
        "effective_on": event.fact.effective_on.isoformat(),
        "recorded_at": format_moment(event.recorded_at),
        "recorded_by": event.actor,
        "receipt_no": event.fact.papers.receipt_no,
        "voucher_no": event.fact.papers.voucher_no,
        "external_id": event.fact.papers.external_id,
        "replaces": event.fact.papers.replaces,
        "hash": event.hash.hex(),
    }


def posting_views(postings: Iterable[Posting]) -> list[View]:
    """Return postings as an accountant reads them."""
    return [
        {
            "effective_on": posting.effective_on.isoformat(),
            "debit": posting.debit,
            "credit": posting.credit,
            "amount": format_amount(posting.amount_minor),
        }
        for posting in postings
    ]


def standing_view(standing: Standing, day: date) -> View:
    """Return where a loan stands, and how late it is on `day`."""
    return {
        "status": standing.status.value,
        "outstanding_principal": format_amount(standing.outstanding_minor),
        "outstanding_charge": format_amount(standing.charge_outstanding_minor),
        "outstanding_fees": format_amount(standing.fee_outstanding_minor),
        "outstanding_penalties": format_amount(standing.penalty_outstanding_minor),
        "paid_principal": format_amount(standing.principal_paid_minor),
        "paid_charge": format_amount(standing.charge_paid_minor),
        "paid_fees": format_amount(standing.fee_paid_minor),
        "paid_penalties": format_amount(standing.penalty_paid_minor),
        "credit_balance": format_amount(standing.credit_minor),
        "written_off": format_amount(standing.written_off_minor),
        "recovered": format_amount(standing.recovered_minor),
        "renegotiated": standing.renegotiated,
        "oldest_unpaid_due_on": standing.oldest_due_on.isoformat() if standing.oldest_due_on else None,
        "days_late": standing.days_late(day),
    }


def schedule_views(schedule: Iterable[Instalment]) -> list[View]:
    """Return a schedule as it is given to the borrower."""
    return [
        {
            "number": row.number,
            "due_on": row.due_on.isoformat(),
            "principal": format_amount(row.principal_minor),
            "charge": format_amount(row.charge_minor),
        }
        for row in schedule
    ]


def settlement_view(settled: Settlement) -> View:
    """Return how a payment was split; a credit balance below zero was drawn to settle new dues."""
    return {
        "penalty": format_amount(settled.penalty_minor),
        "fee": format_amount(settled.fee_minor),
        "charge": format_amount(settled.charge_minor),
        "principal": format_amount(settled.principal_minor),
        "recovered": format_amount(settled.recovered_minor),
        "credit_balance": format_amount(settled.credit_minor),
    }


def waived_view(waived: Waived) -> View:
    """Return what was forgiven."""
    return {
        "penalty": format_amount(waived.penalty_minor),
        "fee": format_amount(waived.fee_minor),
        "charge": format_amount(waived.charge_minor),
    }
