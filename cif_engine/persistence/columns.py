"""Column types that mean the same on SQLite (STRICT tables) and on PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Id(TypeDecorator[str]):
    """A UUID, in Python its lower-case text of 36 characters; never made by the database."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL has a type of its own for it, 16 bytes wide."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.Uuid(as_uuid=False))


class Day(TypeDecorator[date]):
    """A business date. SQLite keeps its ISO text, which compares as the date does."""

    impl = sa.Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """STRICT tables know no date, so SQLite keeps text."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:  # noqa: ANN401 - str or date by driver
        """Hand SQLite the ISO text."""
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:  # noqa: ANN401, ARG002 - as above
        """Read SQLite's ISO text."""
        return date.fromisoformat(value) if isinstance(value, str) else value


WHOLE_NUMBER: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64 bits on both; SQLite calls it INTEGER."""


class Flag(TypeDecorator[bool]):
    """True or false; SQLite keeps 1 and 0."""

    impl = sa.Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """STRICT tables know no boolean."""
        return dialect.type_descriptor(sa.Integer() if dialect.name == "sqlite" else sa.Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:  # noqa: ANN401, FBT001 - by driver
        """Hand SQLite a number."""
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:  # noqa: ANN401, ARG002 - by driver
        """Read SQLite's number."""
        return None if value is None else bool(value)
