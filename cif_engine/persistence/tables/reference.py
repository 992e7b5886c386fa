"""The tables that are small and everywhere: RSPs, areas, LSOs and where they are placed, holidays, rule sets, keys."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from cif_engine.persistence.columns import WHOLE_NUMBER, Day
from cif_engine.persistence.tables.declaring import (
    STRICT,
    day_column,
    id_column,
    key_column,
    number_column,
    one_of,
    text_column,
)


class Rsp(SQLModel, table=True):
    """A Rural Support Programme."""

    __table_args__ = (sa.UniqueConstraint("code"), STRICT)
    id: str = key_column()
    code: str = text_column()
    name: str = text_column()
    version: int = number_column(default=1)


class Area(SQLModel, table=True):
    """A province, district, tehsil or union council, within the one above it."""

    __table_args__ = (
        sa.UniqueConstraint("kind", "code"),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"]),
        one_of("kind", ("province", "district", "tehsil", "union_council")),
        STRICT,
    )
    id: str = key_column()
    kind: str = text_column()
    code: str = text_column()
    name: str = text_column()
    parent_id: str | None = id_column()
    version: int = number_column(default=1)


class Lso(SQLModel, table=True):
    """A Local Support Organisation with the facts of its profile."""

    __table_args__ = (
        sa.UniqueConstraint("code"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"]),
        sa.ForeignKeyConstraint(["district_id"], ["area.id"]),
        sa.ForeignKeyConstraint(["tehsil_id"], ["area.id"]),
        sa.ForeignKeyConstraint(["union_council_id"], ["area.id"]),
        sa.Index("ix_lso_rsp_id", "rsp_id"),
        sa.Index("ix_lso_district_id", "district_id"),
        STRICT,
    )
    id: str = key_column()
    code: str = text_column()
    name: str = text_column()
    rsp_id: str = id_column()
    district_id: str = id_column()
    tehsil_id: str | None = id_column()
    union_council_id: str | None = id_column()
    formed_on: date | None = day_column()
    households_total: int | None = number_column()
    households_organised: int | None = number_column()
    households_eligible: int | None = number_column()
    general_body_members: int | None = number_column()
    executive_committee_members: int | None = number_column()
    remarks: str | None = text_column()
    version: int = number_column(default=1)


class LsoPlacement(SQLModel, table=True):
    """Under which RSP and in which areas an LSO is from a day on, and since when that is known; only ever added to.

    It also says how many households are eligible there from that day on, where that was stated.
    Of the versions known by a moment and begun by a day, the one with the latest day counts; of several of that day,
    the one of the highest number. The first is known since ever.
    """

    __tablename__: ClassVar[Any] = "lso_placement"
    __table_args__ = (
        sa.ForeignKeyConstraint(["lso_id"], ["lso.id"]),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"]),
        sa.ForeignKeyConstraint(["district_id"], ["area.id"]),
        sa.ForeignKeyConstraint(["tehsil_id"], ["area.id"]),
        sa.ForeignKeyConstraint(["union_council_id"], ["area.id"]),
        sa.Index("ix_lso_placement_rsp_id", "rsp_id"),
        STRICT,
    )
    lso_id: str = key_column()
    number: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    valid_from: date = day_column()
    recorded_at: int = number_column()
    actor: str | None = text_column()
    rsp_id: str = id_column()
    district_id: str = id_column()
    tehsil_id: str | None = id_column()
    union_council_id: str | None = id_column()
    households_eligible: int | None = number_column()


class Holiday(SQLModel, table=True):
    """A day on which no instalment falls due; announced, so it can be edited."""

    __table_args__ = (STRICT,)
    on: date = Field(primary_key=True, sa_type=Day)
    name: str = text_column()
    version: int = number_column(default=1)


class RuleSetRow(SQLModel, table=True):
    """One version of a rule set: classes of loans by days late, with what to provide; only ever added.

    `bands` is JSON text. Versions that came with the engine have no actor.
    """

    __tablename__: ClassVar[Any] = "rule_set"
    __table_args__ = (one_of("comparator", (">", ">=")), STRICT)
    code: str = Field(primary_key=True, sa_type=sa.Text)
    number: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    name: str = text_column()
    effective_from: date = day_column()
    comparator: str = text_column()
    bands: str = text_column()
    remark: str = text_column()
    recorded_at: int = number_column()
    actor: str | None = text_column()


class HealthRuleRow(SQLModel, table=True):
    """One version of a rule by which funds are rated; only ever added.

    `says` is JSON text. Versions that came with the engine have no actor.
    """

    __tablename__: ClassVar[Any] = "health_rule"
    __table_args__ = (STRICT,)
    code: str = Field(primary_key=True, sa_type=sa.Text)
    number: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    name: str = text_column()
    effective_from: date = day_column()
    says: str = text_column()
    remark: str = text_column()
    recorded_at: int = number_column()
    actor: str | None = text_column()


class ApiKey(SQLModel, table=True):
    """A key of the HTTP API: what it may do and where. Of the key itself only the hash is kept."""

    __tablename__: ClassVar[Any] = "api_key"
    __table_args__ = (
        sa.UniqueConstraint("secret_hash"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"]),
        sa.ForeignKeyConstraint(["lso_id"], ["lso.id"]),
        one_of("bound_to", ("lso", "rsp", "all")),
        STRICT,
    )
    id: str = key_column()
    name: str = text_column()
    secret_hash: bytes = Field(sa_type=sa.LargeBinary)
    scopes: str = text_column()
    bound_to: str = text_column()
    rsp_id: str | None = id_column()
    lso_id: str | None = id_column()
    created_at: int = number_column()
    expires_at: int | None = number_column()
    revoked_at: int | None = number_column()
