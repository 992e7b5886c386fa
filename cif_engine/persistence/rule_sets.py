"""Rule sets as they are kept: one row per version, only ever added."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import orjson
import sqlalchemy as sa

from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.classification import ClassBand, Comparator, RecordedRuleSet, RuleSet

rule_set = TABLES["rule_set"]

_CODE: Final[sa.BindParameter[str]] = sa.bindparam("of_code")
_AFTER: Final[sa.BindParameter[str]] = sa.bindparam("after_code")
_MOST: Final[sa.BindParameter[int]] = sa.bindparam("most")

_VERSIONS: Final = sa.select(rule_set).where(rule_set.c.code == _CODE).order_by(rule_set.c.number)
_CODES: Final = (
    sa.select(rule_set.c.code).where(rule_set.c.code > _AFTER).distinct().order_by(rule_set.c.code).limit(_MOST)
)


def versions_of(connection: sa.Connection, code: str) -> list[RecordedRuleSet]:
    """Return the versions of one rule set in the order of their numbers; none where there is no such set."""
    return [_version(row) for row in connection.execute(_VERSIONS, {"of_code": code}).mappings()]


def codes_after(connection: sa.Connection, code: str, most: int) -> list[str]:
    """Return up to `most` codes of rule sets in their order, those after `code`."""
    return list(connection.execute(_CODES, {"after_code": code, "most": most}).scalars())


def add_version(connection: sa.Connection, recorded: RecordedRuleSet) -> None:
    """Add a version; the database refuses a number that is taken."""
    said = recorded.rule_set
    row = {
        "code": said.code,
        "number": said.number,
        "name": said.name,
        "effective_from": said.effective_from,
        "comparator": said.comparator.value,
        "bands": _write_bands(said.bands),
        "remark": said.remark,
        "recorded_at": recorded.recorded_at,
        "actor": recorded.actor,
    }
    connection.execute(sa.insert(rule_set), row)


def _version(row: sa.RowMapping) -> RecordedRuleSet:
    said = RuleSet(
        code=row["code"],
        number=row["number"],
        name=row["name"],
        effective_from=row["effective_from"],
        comparator=Comparator(row["comparator"]),
        bands=_read_bands(row["bands"]),
        remark=row["remark"],
    )
    return RecordedRuleSet(said, row["recorded_at"], row["actor"])


def _write_bands(bands: Iterable[ClassBand]) -> str:
    return orjson.dumps(
        [
            {
                "name": band.name,
                "days_from": band.days_from,
                "days_to": band.days_to,
                "rate": None if band.rate is None else format(band.rate, "f"),
            }
            for band in bands
        ]
    ).decode()


def _read_bands(text: str) -> tuple[ClassBand, ...]:
    return tuple(_read_band(**said) for said in orjson.loads(text))


def _read_band(name: str, days_from: int, days_to: int | None, rate: str | None) -> ClassBand:
    return ClassBand(name, days_from, days_to, None if rate is None else Decimal(rate))
