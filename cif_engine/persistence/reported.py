"""Reported figures as they are kept: one row for each set that was printed together, only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson
import sqlalchemy as sa

from cif_engine.moments import END_OF_TIME
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id
from cif_engine.persistence.tables import TABLES
from cif_engine.reported.figures import Figure, FigureSet
from cif_engine.reported.measures import MEASURES
from cif_engine.reported.printed import Unit, read_printed

reported_set, rsp, lso, product_terms = (TABLES[name] for name in ("reported_set", "rsp", "lso", "product_terms"))

Limits = Mapping[str, int]
"""Limits of the products of an LSO, by the names of the parameters that they take the place of."""


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """A set as it is kept. `figures` are JSON text: measure, text as printed, unit; `limits` as well, or None."""

    rsp_id: str
    number: int
    id: str
    subject: str
    name: str
    name_key: str
    of_lso_id: str | None
    place: str | None
    as_of: date
    as_of_printed: str
    formed_on: date | None
    source: str
    page: str | None
    printed_on: date | None
    figures: str
    limits: str | None
    remark: str
    recorded_at: int
    actor: str

    @property
    def whose(self) -> tuple[str, str, str]:
        """What sets of one subject share: its RSP, its kind, and its id as an LSO or else its name.

        An RSP is one, whatever it calls itself.
        """
        return self.rsp_id, self.subject, "" if self.subject == "rsp" else self.of_lso_id or self.name_key

    @property
    def printed(self) -> tuple[object, ...]:
        """What no two sets may share: the same figures of the same day from the same place."""
        return *self.whose, self.as_of, self.source, self.page, self.printed_on, self.figures


@dataclass(frozen=True, slots=True)
class Reported:
    """A set with the codes of its RSP and LSO, and its figures read."""

    row: ReportedRow
    rsp: str
    lso: str | None
    figures: FigureSet
    limits: Limits


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose sets are read: those of an RSP, those of one LSO, or (neither) all of them."""

    rsp_id: str | None = None
    lso_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them: of a kind of subject, of a name, as of days up to one, recorded by a moment (None: now)."""

    as_of: date
    subject: str | None = None
    name_key: str | None = None
    known_at: int | None = None


_COLUMNS: Final = tuple(reported_set.c[name] for name in ReportedRow.__dataclass_fields__)
_LISTED: Final = (
    sa.select(*_COLUMNS, rsp.c.code, lso.c.code)
    .select_from(reported_set.join(rsp, rsp.c.id == reported_set.c.rsp_id))
    .outerjoin(lso, lso.c.id == reported_set.c.of_lso_id)
)
_NUMBER, _RECORDED_AT = sa.func.max(reported_set.c.number), sa.func.max(reported_set.c.recorded_at)
_HEAD: Final = sa.select(sa.func.coalesce(_NUMBER, 0), sa.func.coalesce(_RECORDED_AT, 0)).where(
    reported_set.c.rsp_id == sa.bindparam("of_rsp", type_=Id())
)
_OF_DAYS: Final = sa.select(*_COLUMNS).where(
    reported_set.c.rsp_id == sa.bindparam("of_rsp", type_=Id()),
    reported_set.c.as_of.in_(sa.bindparam("days", expanding=True, type_=Day())),
)
_PRODUCTS: Final = sa.select(
    product_terms.c.amount_min_minor, product_terms.c.amount_max_minor, product_terms.c.term_min_months
).where(product_terms.c.lso_id == sa.bindparam("of_lso", type_=Id()))


def register_head(connection: sa.Connection, rsp_id: str) -> tuple[int, int]:
    """Return the last number of an RSP's sets and the last moment; 0 where there is none."""
    number, recorded_at = connection.execute(_HEAD, {"of_rsp": rsp_id}).one()
    return int(number), int(recorded_at)


def lock_register(connection: sa.Connection, rsp_id: str) -> None:
    """Let one writer at a time number the sets of an RSP; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        found = sa.select(rsp.c.id).where(rsp.c.id == rsp_id).with_for_update(key_share=True)
        connection.execute(found).one()


def rows_of_days(connection: sa.Connection, rsp_id: str, days: Sequence[date]) -> list[ReportedRow]:
    """Return all sets of an RSP as of some days."""
    asked = {"of_rsp": rsp_id, "days": sorted(set(days))}
    return [ReportedRow(*row) for row in connection.execute(_OF_DAYS, asked)]


def add_rows(connection: sa.Connection, rows: Sequence[ReportedRow]) -> None:
    """Add sets; the database refuses a number or an id that is taken."""
    fields = tuple(ReportedRow.__dataclass_fields__)
    connection.execute(sa.insert(reported_set), [{name: getattr(row, name) for name in fields} for row in rows])


def reported(
    connection: sa.Connection,
    reach: Reach,
    wanted: Wanted,
    after: tuple[str, int] | None = None,
    limit: int | None = None,
) -> list[Reported]:
    """Return sets in the order of their RSPs' codes and their numbers, those after an RSP's code and a number."""
    known_at = END_OF_TIME if wanted.known_at is None else wanted.known_at
    rows = _LISTED.where(*_within(reach), reported_set.c.as_of <= wanted.as_of, reported_set.c.recorded_at <= known_at)
    if wanted.subject is not None:
        rows = rows.where(reported_set.c.subject == wanted.subject)
    if wanted.name_key is not None:
        rows = rows.where(reported_set.c.name_key == wanted.name_key)
    if after is not None:
        rows = rows.where(sa.tuple_(rsp.c.code, reported_set.c.number) > sa.tuple_(*map(sa.literal, after)))
    rows = rows.order_by(rsp.c.code, reported_set.c.number).limit(limit)
    return [_reported(tuple(row)) for row in connection.execute(rows)]


def reported_of_id(connection: sa.Connection, set_id: str) -> Reported | None:
    """Return the set of an id, none where there is no such set."""
    row = connection.execute(_LISTED.where(reported_set.c.id == set_id)).first()
    return _reported(tuple(row)) if row else None


def last_moment(connection: sa.Connection, reach: Reach, known_at: int | None) -> int:
    """Return the last moment by `known_at` (None: now) at which such a set was recorded; 0 where none was."""
    by = END_OF_TIME if known_at is None else known_at
    last = sa.select(sa.func.max(reported_set.c.recorded_at)).where(
        *_within(reach), reported_set.c.recorded_at <= sa.literal(by, WHOLE_NUMBER)
    )
    return connection.execute(last).scalar() or 0


def product_limits(connection: sa.Connection, lso_id: str) -> dict[str, int]:
    """Return the limits of what an LSO's products ever offered, the widest; those that some product leaves open not."""
    rows = connection.execute(_PRODUCTS, {"of_lso": lso_id}).all()
    least = min((minor // 100 for minor, _, _ in rows), default=0)
    most = [minor // 100 for _, minor, _ in rows if minor is not None]
    terms = [months for _, _, months in rows if months is not None]
    found = {
        "loan_min": least,
        "loan_max": max(most, default=0) if len(most) == len(rows) else 0,
        "shortest_term_months": min(terms, default=0) if len(terms) == len(rows) else 0,
    }
    return {name: value for name, value in found.items() if value}


def write_figures(figures: Sequence[Figure]) -> str:
    """Return figures as they are kept."""
    said = [[figure.measure.id, figure.printed.text, figure.printed.unit.value] for figure in figures]
    return orjson.dumps(said).decode()


def _within(reach: Reach) -> list[sa.ColumnElement[bool]]:
    conditions = []
    if reach.rsp_id is not None:
        conditions.append(reported_set.c.rsp_id == reach.rsp_id)
    if reach.lso_id is not None:
        conditions.append(reported_set.c.of_lso_id == reach.lso_id)
    return conditions


def _reported(found: tuple[Any, ...]) -> Reported:
    *columns, rsp_code, lso_code = found
    row = ReportedRow(*columns)
    figures = tuple(
        Figure(MEASURES[measure], read_printed(text, Unit(unit))) for measure, text, unit in orjson.loads(row.figures)
    )
    limits: dict[str, int] = orjson.loads(row.limits) if row.limits else {}
    return Reported(row, rsp_code, lso_code, FigureSet(row.as_of, figures, row.formed_on), limits)
