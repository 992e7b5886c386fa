"""A fund's agreements and tranches: reading them, and their rows as their events make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from cif_engine.kinds import Kind
from cif_engine.ledger.payloads import read_payload
from cif_engine.persistence.corrections import void_events
from cif_engine.persistence.recording import Row
from cif_engine.persistence.tables import TABLES

agreement = TABLES["agreement"]
event = TABLES["event"]
tranche = TABLES["tranche"]


@dataclass(frozen=True, slots=True)
class AgreementFile:
    """An agreement, and what was released under it so far."""

    id: str
    number: str
    signed_on: date
    amount_minor: int
    released_minor: int


@dataclass(frozen=True, slots=True)
class TrancheFile:
    """A tranche of a fund."""

    id: str
    agreement_id: str
    number: int
    released_on: date
    amount_minor: int
    received_on: date | None


def agreement_file(connection: sa.Connection, lso_id: str, fund_id: str, number: str) -> AgreementFile | None:
    """Return the agreement of this number."""
    found = (file for file in agreement_files(connection, lso_id, fund_id) if file.number == number)
    return next(found, None)


def agreement_files(connection: sa.Connection, lso_id: str, fund_id: str) -> list[AgreementFile]:
    """Return the agreements of a fund by the day they were signed."""
    released = (
        sa.select(sa.func.coalesce(sa.func.sum(tranche.c.amount_minor), 0))
        .where(tranche.c.lso_id == lso_id, tranche.c.agreement_id == agreement.c.id)
        .scalar_subquery()
    )
    rows = connection.execute(
        sa.select(agreement.c.id, agreement.c.number, agreement.c.signed_on, agreement.c.amount_minor, released)
        .where(agreement.c.lso_id == lso_id, agreement.c.fund_id == fund_id)
        .order_by(agreement.c.signed_on, agreement.c.number)
    )
    return [AgreementFile(*row[:4], int(row[4])) for row in rows]


def tranche_files(connection: sa.Connection, lso_id: str, fund_id: str) -> list[TrancheFile]:
    """Return the tranches of a fund by number."""
    rows = connection.execute(
        sa.select(
            tranche.c.id,
            tranche.c.agreement_id,
            tranche.c.number,
            tranche.c.released_on,
            tranche.c.amount_minor,
            tranche.c.received_on,
        )
        .where(tranche.c.lso_id == lso_id, tranche.c.fund_id == fund_id)
        .order_by(tranche.c.number)
    )
    return [TrancheFile(*row) for row in rows]


def facts_about_tranche(connection: sa.Connection, lso_id: str, kind: Kind, tranche_id: str) -> list[str]:
    """Return the ids of the facts of a kind that name a tranche and hold, in the order of seq."""
    rows = connection.execute(
        sa.select(event.c.id, event.c.payload)
        .where(event.c.lso_id == lso_id, event.c.kind == kind.value)
        .order_by(event.c.seq)
    )
    naming = [row.id for row in rows if read_payload(row.payload)["tranche_id"] == tranche_id]
    void = void_events(connection, lso_id) if naming else ()
    return [event_id for event_id in naming if event_id not in void]


def agreement_row(lso_id: str, fund_id: str, event_id: str, signed_on: date, says: dict[str, Any]) -> Row:
    """Return an agreement's row, from its event."""
    values = {"fund_id": fund_id, "number": says["agreement"], "signed_on": signed_on}
    return Row("agreement", {"lso_id": lso_id, "id": event_id, **values, "amount_minor": says["amount_minor"]})


def tranche_row(lso_id: str, fund_id: str, event_id: str, released_on: date, says: dict[str, Any]) -> Row:
    """Return a tranche's row as its release makes it, from that event."""
    values = {key: says[key] for key in ("agreement_id", "number", "amount_minor")}
    row = {"lso_id": lso_id, "id": event_id, "fund_id": fund_id, "released_on": released_on, **values}
    return Row("tranche", {**row, "received_on": None})


def received_row(lso_id: str, fund_id: str, tranche: TrancheFile, received_on: date | None) -> Row:
    """Return a tranche's row once it is received; as its release made it where it is not received after all."""
    values = {"agreement_id": tranche.agreement_id, "number": tranche.number, "amount_minor": tranche.amount_minor}
    released = tranche_row(lso_id, fund_id, tranche.id, tranche.released_on, values)
    return Row("tranche", {**released.values, "received_on": received_on})
