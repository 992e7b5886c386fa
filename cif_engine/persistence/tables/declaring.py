"""How columns and constraints are declared: each has a name of its own, and means the same on both databases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from cif_engine.money import MAX_MINOR
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Flag, Id

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
SQLModel.metadata.naming_convention = NAMING
STRICT = {"sqlite_strict": True}


def key_column() -> Any:  # noqa: ANN401 - what SQLModel's Field gives
    return Field(primary_key=True, sa_type=Id)


def id_column() -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=Id)


def text_column(**more: Any) -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=sa.Text, **more)


def number_column(**more: Any) -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=WHOLE_NUMBER, **more)


def day_column(**more: Any) -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=Day, **more)


def flag_column(**more: Any) -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=Flag, **more)


def within_book(book_columns: str, table: str, referred: str = "lso_id id") -> sa.ForeignKeyConstraint:
    """Return a foreign key that stays within one book: it pairs lso_id with lso_id, as sharding by LSO demands."""
    return sa.ForeignKeyConstraint(book_columns.split(), [f"{table}.{column}" for column in referred.split()])


def one_of(column: str, values: Iterable[str]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def amount_range(column: str, least: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} BETWEEN {least} AND {MAX_MINOR}", name=f"{column}_range")
