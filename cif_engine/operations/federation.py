"""An RSP and its LSOs seen together: what it released beside what they received, and what of both cancels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa

from cif_engine.fund.federation import (
    BookedTranche,
    Elimination,
    Pair,
    Release,
    Status,
    TrancheKey,
    eliminate,
    reconcile,
)
from cif_engine.moments import END_OF_TIME
from cif_engine.money import PKR, format_amount
from cif_engine.operations.asking import Question, opened
from cif_engine.operations.over_funds import coverage_beside
from cif_engine.operations.reporting import moments_view
from cif_engine.operations.views import View
from cif_engine.persistence.capital_sums import FundSums, fund_sums_by
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.explaining import scope_codes
from cif_engine.persistence.federation import booked_tranches
from cif_engine.persistence.releases import last_moment_by, releases_by
from cif_engine.persistence.standings import Within

EVERY_STATUS = frozenset(Status)


def federation_report(
    databases: Databases,
    rsp_id: str,
    as_of: date,
    known_at: int | None = None,
    statuses: Collection[Status] = EVERY_STATUS,
) -> View:
    """Return every tranche as both sides have it on a day, what cancels, and the funds of the RSP's LSOs together.

    Of the tranches those of some `statuses` are listed; counts and sums are of all of them.
    """
    question = Question(Within(rsp_id=rsp_id), known_at=known_at)
    with opened(databases, question, as_of) as asked:
        connection, known = asked.connection, asked.asked.known
        released_by = END_OF_TIME if known_at is None else known_at
        (code,) = scope_codes(connection, question.scope)
        releases = _releases(connection, rsp_id, as_of, released_by)
        booked = booked_tranches(connection, rsp_id, as_of, known)
        funds = fund_sums_by(connection, asked.asked, as_of, asked.form).get((), FundSums())
        coverage, covered_at = coverage_beside(asked, question, as_of)
        at = max(covered_at, last_moment_by(connection, rsp_id, released_by))
    pairs = reconcile(releases, booked, as_of)
    elimination = eliminate(pairs)
    return {
        "rsp": code,
        **moments_view(as_of, at),
        "currency": PKR.code,
        "summary": [_summary_view(status, pairs) for status in Status],
        "elimination": _elimination_view(elimination),
        "consolidation": _consolidation_view(funds, elimination.in_transit_minor),
        "coverage": coverage,
        "tranches": [_pair_view(pair) for pair in pairs if pair.status in statuses],
    }


def _releases(connection: sa.Connection, rsp_id: str, as_of: date, known_at: int) -> list[Release]:
    return [
        Release(TrancheKey(one.lso, one.row.fund, one.row.tranche), one.row.reference, one.row.amount_minor, on)
        for one in releases_by(connection, rsp_id, as_of, known_at)
        for on in (one.row.released_on,)
    ]


# How it is written ---------------------------------------------------------------------------------------------


def _summary_view(status: Status, pairs: Sequence[Pair]) -> View:
    of_status = [pair for pair in pairs if pair.status is status]
    return {
        "status": status.value,
        "tranches": len(of_status),
        "released": format_amount(sum(pair.released_minor for pair in of_status)),
        "received": format_amount(sum(pair.received_minor for pair in of_status)),
    }


def _elimination_view(found: Elimination) -> View:
    return {
        "definition": "eliminated",
        "sub_grants_released": format_amount(found.released_minor),
        "capital_received": format_amount(found.received_minor),
        "amount": format_amount(found.eliminated_minor),
        "left_of_released": {
            "in_transit": format_amount(found.in_transit_minor),
            "only_released": format_amount(found.only_released_minor),
            "beyond_received": format_amount(found.released_beyond_minor),
        },
        "left_of_received": {
            "only_booked": format_amount(found.only_booked_minor),
            "beyond_released": format_amount(found.received_beyond_minor),
        },
        "returned": format_amount(found.returned_minor),
        "complete": found.is_complete,
    }


def _consolidation_view(funds: FundSums, in_transit_minor: int) -> View:
    return {
        "capital": format_amount(funds.capital_minor),
        "cash": format_amount(funds.cash_minor),
        "outstanding_principal": format_amount(funds.outstanding_minor),
        "allowance": format_amount(funds.allowance_minor),
        "borrower_credit_balances": format_amount(funds.credit_minor),
        "fund_value": format_amount(funds.fund_value_minor),
        "in_transit": format_amount(in_transit_minor),
        "with_in_transit": format_amount(funds.fund_value_minor + in_transit_minor),
    }


def _pair_view(pair: Pair) -> View:
    booked = pair.booked
    return {
        **_key_view(pair.key),
        "status": pair.status.value,
        "differences": [difference.value for difference in pair.differences],
        "released": _released_view(pair) if pair.releases else None,
        "booked": _booked_view(booked) if booked else None,
        "amount_difference": format_amount(pair.released_minor - booked.amount_minor)
        if booked and pair.releases
        else None,
        "days_in_transit": pair.days_in_transit,
        "resembles": _key_view(pair.resembles) if pair.resembles else None,
    }


def _key_view(key: TrancheKey) -> View:
    return {"lso": key.lso, "fund": key.fund, "tranche": key.tranche}


def _released_view(pair: Pair) -> View:
    assert pair.released_on is not None, "what was released has a day"
    return {
        "amount": format_amount(pair.released_minor),
        "released_on": pair.released_on.isoformat(),
        "references": [release.reference for release in pair.releases],
    }


def _booked_view(booked: BookedTranche) -> View:
    return {
        "amount": format_amount(booked.amount_minor),
        "released_on": booked.released_on.isoformat(),
        "received_on": booked.received_on.isoformat() if booked.received_on else None,
        "returned": format_amount(booked.returned_minor),
    }
