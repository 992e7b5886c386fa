"""Figures that RSPs publish of themselves, of LSOs and of settlements. They are the RSP's, and in no book."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from cif_engine.persistence.columns import WHOLE_NUMBER
from cif_engine.persistence.tables.declaring import (
    STRICT,
    day_column,
    id_column,
    key_column,
    number_column,
    one_of,
    text_column,
)


class ReportedSet(SQLModel, table=True):
    """Figures that were printed together, as of one day; only ever added: a reprint is another row.

    `number` counts the rows of an RSP. `of_lso_id` is not `lso_id`: the row is not the LSO's, and most LSOs that are
    reported of have no book. `figures` is JSON text with every figure as it was printed; `limits`, JSON text too, the
    limits of the LSO's products when it was recorded.
    """

    __tablename__: ClassVar[Any] = "reported_set"
    __table_args__ = (
        sa.UniqueConstraint("id"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"]),
        sa.ForeignKeyConstraint(["of_lso_id"], ["lso.id"]),
        sa.CheckConstraint("number > 0", name="number_positive"),
        one_of("subject", ("rsp", "lso", "settlement")),
        sa.Index("ix_reported_set_of_lso_id", "of_lso_id"),
        STRICT,
    )
    rsp_id: str = key_column()
    number: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    id: str = id_column()
    subject: str = text_column()
    name: str = text_column()
    name_key: str = text_column()
    of_lso_id: str | None = id_column()
    place: str | None = text_column()
    as_of: date = day_column()
    as_of_printed: str = text_column()
    formed_on: date | None = day_column()
    source: str = text_column()
    page: str | None = text_column()
    printed_on: date | None = day_column()
    figures: str = text_column()
    limits: str | None = text_column()
    remark: str = text_column()
    recorded_at: int = number_column()
    actor: str = text_column()
