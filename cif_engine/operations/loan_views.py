"""How loans are written in reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import LoanLife
from cif_engine.loans.standing import Standing
from cif_engine.loans.statement import InstalmentOnDay, Line, schedule_on
from cif_engine.moments import format_moment
from cif_engine.money import PKR, format_amount
from cif_engine.operations.reporting import moments_view
from cif_engine.operations.views import View, settlement_view, waived_view
from cif_engine.persistence.ledger_reports import KnownBook
from cif_engine.persistence.loan_reports import ListedLoan, LoanCodes, LoanEvent


def head_view(known: KnownBook, codes: LoanCodes, as_of: date) -> View:
    """Return what every report of a loan begins with: the loan, and what was known when."""
    return {
        "lso": known.lso_code,
        **moments_view(as_of, known.at),
        "currency": PKR.code,
        **_codes_view(codes),
    }


def listed_view(loan: ListedLoan, as_of: date) -> View:
    oldest = loan.oldest_due_on
    return {
        **_codes_view(loan.codes),
        "status": loan.status,
        "outstanding_principal": format_amount(loan.outstanding_minor),
        "outstanding_charge": format_amount(loan.charge_outstanding_minor),
        "outstanding_fees": format_amount(loan.fee_outstanding_minor),
        "outstanding_penalties": format_amount(loan.penalty_outstanding_minor),
        "overdue_principal": format_amount(loan.overdue_minor),
        "credit_balance": format_amount(loan.credit_minor),
        "written_off": format_amount(loan.written_off_minor),
        "recovered": format_amount(loan.recovered_minor),
        "renegotiated": loan.renegotiated,
        "oldest_unpaid_due_on": day_view(oldest),
        "days_late": max((as_of - oldest).days, 0) if oldest else 0,
    }


def part_view(part: LoanFact, numbers: Mapping[str, str]) -> View:
    """Return one disbursement of a loan; `numbers` are those of the loans that it settled, by their ids."""
    says = part.says
    settles = says.get("settles")
    return {
        "event": part.id,
        "disbursed_on": part.effective_on.isoformat(),
        "amount": format_amount(says["amount_minor"]),
        "charge_up_front": format_amount(says.get("charge_up_front_minor", 0)),
        "channel": says["channel"],
        "reference": says["reference"],
        "settles": numbers[settles["loan"]] if settles else None,
        "settled_amount": format_amount(settles["amount_minor"]) if settles else None,
        "tranches": drawn_view(part),
    }


def drawn_view(part: LoanFact) -> list[View] | None:
    """Return which tranches paid for a disbursement and what their rules found, as it was known when it was recorded.

    None: the fund had no rules.
    """
    told: list[dict[str, Any]] | None = part.says.get("tranches")
    return None if told is None else [_draw_view(draw) for draw in told]


def _draw_view(draw: Mapping[str, Any]) -> View:
    criteria = [_amounts_written(criterion) for criterion in draw["criteria"]]
    return {**_amounts_written(draw), "criteria": criteria}


def _amounts_written(said: Mapping[str, Any]) -> View:
    return {
        name.removesuffix("_minor"): format_amount(value) if name.endswith("_minor") else value
        for name, value in said.items()
    }


def line_view(line: Line, event: LoanEvent) -> View:
    """Return a line of a statement; what was reversed says by whom and why, and leaves no balance."""
    says = line.fact.says
    return {
        "seq": event.seq,
        "event": line.fact.id,
        "kind": line.fact.kind.value,
        "effective_on": line.fact.effective_on.isoformat(),
        "recorded_at": format_moment(event.recorded_at),
        "recorded_by": event.actor,
        "receipt_no": event.papers.receipt_no,
        "voucher_no": event.papers.voucher_no,
        "external_id": event.papers.external_id,
        "channel": says.get("channel"),
        "account": says.get("held_in") or says.get("paid_from"),
        "resolution_no": says.get("resolution_no"),
        "reason": says.get("reason") or says.get("name"),
        "disbursed": format_amount(line.disbursed_minor),
        "paid": format_amount(line.paid_minor),
        "charged": format_amount(line.charged_minor),
        "refunded": format_amount(line.refunded_minor),
        "written_off": format_amount(line.written_off_minor),
        "settled": settlement_view(line.settled) if line.settled else None,
        "waived": waived_view(line.waived) if line.waived else None,
        "reversed_by": line.reversed_by.id if line.reversed_by else None,
        "reverses": says.get("reverses"),
        "replaces": says.get("replaces"),
        "balance": balance_view(line.standing) if line.standing else None,
    }


def balance_view(standing: Standing) -> View:
    """Return what a loan owed after a fact."""
    return {
        "status": standing.status.value,
        "principal": format_amount(standing.outstanding_minor),
        "charge": format_amount(standing.charge_outstanding_minor),
        "fees": format_amount(standing.fee_outstanding_minor),
        "penalties": format_amount(standing.penalty_outstanding_minor),
        "credit": format_amount(standing.credit_minor),
    }


def instalment_views(life: LoanLife, as_of: date) -> list[View]:
    return [_instalment_view(row) for row in schedule_on(life, as_of)]


def _codes_view(codes: LoanCodes) -> View:
    return {
        "loan": codes.number,
        "loan_id": codes.id,
        "member": codes.member,
        "fund": codes.fund,
        "product": codes.product,
    }


def _instalment_view(row: InstalmentOnDay) -> View:
    return {
        "number": row.instalment.number,
        "due_on": row.instalment.due_on.isoformat(),
        "principal": format_amount(row.instalment.principal_minor),
        "charge": format_amount(row.instalment.charge_minor),
        "principal_paid": format_amount(row.principal_paid_minor),
        "charge_paid": format_amount(row.charge_paid_minor),
        "unpaid": format_amount(row.unpaid_minor),
        "state": row.due.value,
        "days_late": row.days_late,
        "paid_on": day_view(row.paid_on),
    }


def amount_view(amount_minor: int | None) -> str | None:
    return None if amount_minor is None else format_amount(amount_minor)


def day_view(day: date | None) -> str | None:
    return day.isoformat() if day else None
