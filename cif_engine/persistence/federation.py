"""The tranches of an RSP's LSOs as their books have them, known at a moment: released, received, given back.

A tranche is of the RSP under which its LSO was on the day it was released, whoever it is under now: who gave a
sub-grant does not change when the LSO moves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cif_engine.fund.federation import BookedTranche, TrancheKey
from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.persistence.placements import RSP_ID, ever_under, lasts_on, placed, placements_lasting
from cif_engine.persistence.standings import AS_OF, Known, event
from cif_engine.persistence.tables import TABLES
from cif_engine.persistence.tranches import holds

fund, lso = TABLES["fund"], TABLES["lso"]


def booked_tranches(connection: sa.Connection, rsp_id: str, as_of: date, known: Known) -> list[BookedTranche]:
    """Return the tranches that an RSP's LSOs say it released by a day, with what became of each by then."""
    asked = {"rsp_id": rsp_id, "as_of": as_of, **placed(as_of, None if known.now else known.at)}
    rows = connection.execute(_FACTS, asked).all()
    received: dict[str, date] = {}
    returned: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        says = read_payload(row.payload)
        if row.kind == Kind.TRANCHE_RECEIVED.value:
            received[says["tranche_id"]] = row.effective_on
        elif row.kind == Kind.CAPITAL_RETURNED.value:
            returned[says["tranche_id"]] += says["amount_minor"]
    return [_tranche(row, received.get(row.id), returned[row.id]) for row in _released_by(rows)]


def _released_by(rows: Iterable[sa.Row[Any]]) -> Iterable[sa.Row[Any]]:
    return (row for row in rows if row.kind == Kind.TRANCHE_RELEASED.value and row.is_of_rsp)


def _tranche(row: sa.Row[Any], received_on: date | None, returned_minor: int) -> BookedTranche:
    says = read_payload(row.payload)
    key = TrancheKey(row.lso, row.fund, says["number"])
    return BookedTranche(key, says["amount_minor"], row.effective_on, received_on, returned_minor)


_ABOUT_TRANCHES: Final = (Kind.TRANCHE_RELEASED, Kind.TRANCHE_RECEIVED, Kind.CAPITAL_RETURNED)
_placement: Final = placements_lasting()
_UNDER_IT: Final = (
    sa.select(sa.literal(1))
    .select_from(_placement)
    .where(
        _placement.c.lso_id == event.c.lso_id, _placement.c.rsp_id == RSP_ID, lasts_on(_placement, event.c.effective_on)
    )
    .exists()
)
_FACTS: Final = (
    sa.select(
        event.c.id,
        event.c.kind,
        event.c.effective_on,
        event.c.payload,
        lso.c.code.label("lso"),
        fund.c.code.label("fund"),
        _UNDER_IT.label("is_of_rsp"),
    )
    .select_from(
        event.join(lso, lso.c.id == event.c.lso_id).join(
            fund, sa.and_(fund.c.lso_id == event.c.lso_id, fund.c.id == event.c.fund_id)
        )
    )
    .where(
        ever_under(event.c.lso_id, RSP_ID),
        # What is of no loan is found by an index.
        event.c.loan_id.is_(None),
        event.c.kind.in_([kind.value for kind in _ABOUT_TRANCHES]),
        event.c.effective_on <= AS_OF,
        *holds(event),
    )
)
