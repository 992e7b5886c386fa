"""What the RSPs' own finance ledgers say that they released. It is an RSP's, of no LSO's book, and of no tenant."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from cif_engine.persistence.columns import WHOLE_NUMBER
from cif_engine.persistence.tables.declaring import (
    STRICT,
    amount_range,
    day_column,
    id_column,
    key_column,
    number_column,
    one_of,
    text_column,
)


class RspRelease(SQLModel, table=True):
    """A release as the RSP's ledger has it, or what reverses one; only ever added.

    `number` counts the rows of an RSP. `to_lso_id` is not `lso_id`: the row is not the LSO's. The fund and the number
    of the tranche are what the RSP calls them; its LSO may know none of that name. A row that reverses another repeats
    what that one says.
    """

    __tablename__: ClassVar[Any] = "rsp_release"
    __table_args__ = (
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("reverses"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"]),
        sa.ForeignKeyConstraint(["to_lso_id"], ["lso.id"]),
        sa.ForeignKeyConstraint(["reverses"], ["rsp_release.id"]),
        sa.CheckConstraint("number > 0", name="number_positive"),
        amount_range("amount_minor", 1),
        STRICT,
    )
    rsp_id: str = key_column()
    number: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    id: str = id_column()
    reference: str = text_column()
    to_lso_id: str = id_column()
    fund: str = text_column()
    tranche: int = number_column()
    amount_minor: int = number_column()
    released_on: date = day_column()
    reverses: str | None = id_column()
    reason: str | None = text_column()
    recorded_at: int = number_column()
    actor: str = text_column()


class RspAnswer(SQLModel, table=True):
    """What was answered to a request that tells of releases, kept for ever; only ever added."""

    __tablename__: ClassVar[Any] = "rsp_answer"
    __table_args__ = (
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"]),
        one_of("outcome", ("accepted", "refused")),
        STRICT,
    )
    rsp_id: str = key_column()
    idempotency_key: str = Field(primary_key=True, sa_type=sa.Text)
    fingerprint: bytes = Field(sa_type=sa.LargeBinary)
    outcome: str = text_column()
    body: str = text_column()
