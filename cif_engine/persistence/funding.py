"""Reading a fund's agreements and tranches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from cif_engine.persistence.tables import TABLES

agreement = TABLES["agreement"]
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
