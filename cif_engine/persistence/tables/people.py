"""VOs and COs, households and members."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlmodel import SQLModel

from cif_engine.persistence.tables.declaring import (
    STRICT,
    day_column,
    flag_column,
    id_column,
    key_column,
    number_column,
    one_of,
    text_column,
    within_book,
)


class Institution(SQLModel, table=True):
    """A Village Organisation, or a Community Organisation within one."""

    __table_args__ = (
        within_book("lso_id", "book", "lso_id"),
        within_book("lso_id vo_id", "institution"),
        sa.UniqueConstraint("lso_id", "kind", "code"),
        one_of("kind", ("vo", "co")),
        sa.CheckConstraint("(kind = 'vo') = (vo_id IS NULL)", name="co_within_vo"),
        STRICT,
    )
    lso_id: str = key_column()
    id: str = key_column()
    kind: str = text_column()
    code: str = text_column()
    name: str = text_column()
    vo_id: str | None = id_column()
    formed_on: date | None = day_column()
    version: int = number_column(default=1)


class Household(SQLModel, table=True):
    """A household with its poverty score (0 to 100)."""

    __table_args__ = (
        within_book("lso_id", "book", "lso_id"),
        sa.UniqueConstraint("lso_id", "code"),
        sa.CheckConstraint("poverty_score BETWEEN 0 AND 100", name="poverty_score_range"),
        STRICT,
    )
    lso_id: str = key_column()
    id: str = key_column()
    code: str = text_column()
    head_name: str = text_column()
    settlement: str | None = text_column()
    poverty_score: int | None = number_column()
    eligible: bool = flag_column(default=True)
    version: int = number_column(default=1)


class Member(SQLModel, table=True):
    """A woman or man of a household who belongs to a CO; a borrower once she has a loan."""

    __table_args__ = (
        within_book("lso_id household_id", "household"),
        within_book("lso_id co_id", "institution"),
        sa.UniqueConstraint("lso_id", "code"),
        sa.Index("ix_member_lso_id_household_id", "lso_id", "household_id"),
        sa.Index("ix_member_lso_id_cnic", "lso_id", "cnic"),
        one_of("gender", ("female", "male")),
        STRICT,
    )
    lso_id: str = key_column()
    id: str = key_column()
    code: str = text_column()
    household_id: str = id_column()
    co_id: str = id_column()
    name: str = text_column()
    relation_name: str | None = text_column()
    gender: str = text_column()
    cnic: str | None = text_column()
    joined_on: date | None = day_column()
    version: int = number_column(default=1)
