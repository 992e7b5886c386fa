"""Funds, what they were granted, who carries their money, and what they offer."""

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
    within_book,
)


class Fund(SQLModel, table=True):
    """A revolving fund of one holder, with the rules of its programme."""

    __table_args__ = (
        within_book("lso_id", "book", "lso_id"),
        within_book("lso_id holder_id", "institution"),
        sa.UniqueConstraint("lso_id", "code"),
        one_of("charge_policy", ("interest_free", "flat_charge", "any_charge")),
        STRICT,
    )
    lso_id: str = key_column()
    id: str = key_column()
    code: str = text_column()
    name: str = text_column()
    programme: str = text_column()
    funder: str = text_column()
    holder_id: str | None = id_column()
    lender_of_record: str = text_column()
    poverty_score_from: int = number_column(default=0)
    poverty_score_to: int = number_column(default=100)
    amount_min_minor: int = number_column(default=1)
    amount_max_minor: int | None = number_column()
    cycle_max: int | None = number_column()
    charge_policy: str = text_column(default="interest_free")
    reserve_floor_minor: int = number_column(default=0)
    rest_days: str = text_column(default="", sa_column_kwargs={"server_default": ""})
    version: int = number_column(default=1)


class FundVersion(SQLModel, table=True):
    """By which funder, under which programme and above which reserve a fund is from a day on; only ever added to.

    Which version counts is said at `LsoPlacement`.
    """

    __tablename__: ClassVar[Any] = "fund_version"
    __table_args__ = (within_book("lso_id fund_id", "fund"), STRICT)
    lso_id: str = key_column()
    fund_id: str = key_column()
    number: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    valid_from: date = day_column()
    recorded_at: int = number_column()
    actor: str | None = text_column()
    funder: str = text_column()
    programme: str = text_column()
    reserve_floor_minor: int = number_column()


class TrancheRuleRow(SQLModel, table=True):
    """What loans out of a tranche keep to from a day on, and since when that is known; only ever added to.

    A tranche has rules before it is received, so it is known by its number alone. `areas` is JSON text. Which version
    counts is said at `LsoPlacement`; here the first is no different from the others.
    """

    __tablename__: ClassVar[Any] = "tranche_rule"
    __table_args__ = (within_book("lso_id fund_id", "fund"), one_of("turns", ("first", "all")), STRICT)
    lso_id: str = key_column()
    fund_id: str = key_column()
    tranche: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    number: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    valid_from: date = day_column()
    recorded_at: int = number_column()
    actor: str = text_column()
    turns: str = text_column()
    poverty_score_from: int | None = number_column()
    poverty_score_to: int | None = number_column()
    women_share_min: str | None = text_column()
    areas: str = text_column()
    amount_max_minor: int | None = number_column()
    cycle_max: int | None = number_column()
    remark: str = text_column()


class Custodian(SQLModel, table=True):
    """A named person who carries collected money to the office or the bank."""

    __table_args__ = (within_book("lso_id", "book", "lso_id"), sa.UniqueConstraint("lso_id", "number"), STRICT)
    lso_id: str = key_column()
    id: str = key_column()
    number: int = number_column()
    name: str = text_column()
    version: int = number_column(default=1)


class Agreement(SQLModel, table=True):
    """A sub-grant agreement between the RSP and the holder (projection)."""

    __table_args__ = (within_book("lso_id fund_id", "fund"), sa.UniqueConstraint("lso_id", "fund_id", "number"), STRICT)
    lso_id: str = key_column()
    id: str = key_column()
    fund_id: str = id_column()
    number: str = text_column()
    signed_on: date = day_column()
    amount_minor: int = number_column()


class Tranche(SQLModel, table=True):
    """A part of a sub-grant (projection); its capital account is `<fund>.3010.<number>`."""

    __table_args__ = (
        within_book("lso_id fund_id", "fund"),
        within_book("lso_id agreement_id", "agreement"),
        sa.UniqueConstraint("lso_id", "fund_id", "number"),
        STRICT,
    )
    lso_id: str = key_column()
    id: str = key_column()
    fund_id: str = id_column()
    agreement_id: str = id_column()
    number: int = number_column()
    released_on: date = day_column()
    amount_minor: int = number_column()
    received_on: date | None = day_column()


class Product(SQLModel, table=True):
    """A kind of loan a fund offers; what it offers from which day is in `product_terms`."""

    __table_args__ = (within_book("lso_id fund_id", "fund"), sa.UniqueConstraint("lso_id", "code"), STRICT)
    lso_id: str = key_column()
    id: str = key_column()
    fund_id: str = id_column()
    code: str = text_column()
    name: str = text_column()
    version: int = number_column(default=1)


class ProductTermsRow(SQLModel, table=True):
    """What a product offers from a day on: limits, and the terms an application starts from; only ever added to.

    On a day that several versions begin, the one of the highest number counts.
    """

    __tablename__: ClassVar[Any] = "product_terms"
    __table_args__ = (within_book("lso_id product_id", "product"), STRICT)
    lso_id: str = key_column()
    product_id: str = key_column()
    number: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    valid_from: date = day_column()
    terms: str = text_column()
    amount_min_minor: int = number_column(default=1)
    amount_max_minor: int | None = number_column()
    cycle_min: int = number_column(default=1)
    cycle_max: int | None = number_column()
    term_min_months: int | None = number_column()
    term_max_months: int | None = number_column()
