"""Reckoning with days in statements: days after a day, months, and which days of a report an interval lasts over.

A report over sixty month-ends would compare every interval with every day. Instead each date of an interval is looked
up among the days once (`first_place`), and what follows is about small numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from cif_engine.persistence.columns import Day


class days_later(FunctionElement[date]):  # noqa: N801 - called as SQL functions are
    """The day so many days after another."""

    type = Day()
    inherit_cache = True

    def __init__(self, day: sa.BindParameter[date], days: int) -> None:
        super().__init__(day, sa.literal_column(str(days), sa.Integer()))


@compiles(days_later, "postgresql")
def _days_later_in_postgresql(element: days_later, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    day, days = (compiler.process(clause, **how) for clause in element.clauses)
    return f"(CAST({day} AS DATE) + {days})"


@compiles(days_later, "sqlite")
def _days_later_in_sqlite(element: days_later, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as above
    day, days = (compiler.process(clause, **how) for clause in element.clauses)
    return f"date({day}, '+{days} days')"


class days_between(FunctionElement[int]):  # noqa: N801 - called as SQL functions are
    """How many days the first of two days is after the second."""

    type = sa.Integer()
    inherit_cache = True


@compiles(days_between, "postgresql")
def _days_between_in_postgresql(element: days_between, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    later, earlier = (compiler.process(clause, **how) for clause in element.clauses)
    return f"(CAST({later} AS DATE) - CAST({earlier} AS DATE))"


@compiles(days_between, "sqlite")
def _days_between_in_sqlite(element: days_between, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as above
    later, earlier = (compiler.process(clause, **how) for clause in element.clauses)
    return f"((unixepoch({later}) - unixepoch({earlier})) / 86400)"


class month_number(FunctionElement[int]):  # noqa: N801 - called as SQL functions are
    """The months from the year 0 to a day's own: months that follow each other have numbers that do."""

    type = sa.Integer()
    inherit_cache = True


@compiles(month_number, "postgresql")
def _month_number_in_postgresql(element: month_number, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    day = compiler.process(element.clauses, **how)
    return f"CAST(date_part('year', {day}) * 12 + date_part('month', {day}) AS INTEGER)"


@compiles(month_number, "sqlite")
def _month_number_in_sqlite(element: month_number, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as above
    day = compiler.process(element.clauses, **how)
    return f"(CAST(substr({day}, 1, 4) AS INTEGER) * 12 + CAST(substr({day}, 6, 2) AS INTEGER))"


class least(FunctionElement[Any]):  # noqa: N801 - called as SQL functions are
    """The least of some values, each found once; none of them is null."""

    inherit_cache = True

    def __init__(self, *values: sa.ColumnElement[Any]) -> None:
        super().__init__(*values)
        self.type = values[0].type


@compiles(least, "postgresql")
def _least_in_postgresql(element: least, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    return f"LEAST({compiler.process(element.clauses, **how)})"


@compiles(least, "sqlite")
def _least_in_sqlite(element: least, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as above
    return f"min({compiler.process(element.clauses, **how)})"


class greatest(FunctionElement[Any]):  # noqa: N801 - called as SQL functions are
    """The greatest of some values, each found once; none of them is null."""

    inherit_cache = True

    def __init__(self, *values: sa.ColumnElement[Any]) -> None:
        super().__init__(*values)
        self.type = values[0].type


@compiles(greatest, "postgresql")
def _greatest_in_postgresql(element: greatest, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    return f"GREATEST({compiler.process(element.clauses, **how)})"


@compiles(greatest, "sqlite")
def _greatest_in_sqlite(element: greatest, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - as above
    return f"max({compiler.process(element.clauses, **how)})"


def day_at(place: int) -> sa.BindParameter[date]:
    """Return the parameter of the day at a place, from 0."""
    return sa.bindparam(f"day_{place}", type_=Day())


def day_parameters(days: Sequence[date]) -> dict[str, date]:
    """Return what `day_at` binds for these days, in their order."""
    return {f"day_{place}": day for place, day in enumerate(days)}


def first_place(day: sa.ColumnElement[Any], days: Sequence[sa.BindParameter[date]]) -> sa.ColumnElement[int]:
    """Return the place of the first of some days, in order, that is not before `day`; their number when all are.

    An interval lasts over the days from the first place of its start to the one before the first place of its end.
    """
    return _place(day, days, 0, len(days))


def _place(
    day: sa.ColumnElement[Any], days: Sequence[sa.BindParameter[date]], low: int, high: int
) -> sa.ColumnElement[int]:
    if low == high:
        return sa.literal_column(str(low), sa.Integer())
    middle = (low + high) // 2
    return sa.case((days[middle] >= day, _place(day, days, low, middle)), else_=_place(day, days, middle + 1, high))
