"""Rule sets as they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from cif_engine.persistence.rules import ALIKE, StoredRules
from cif_engine.persistence.tables import TABLES
from cif_engine.portfolio.classification import ClassBand, Comparator, RuleSet


def _write(said: RuleSet) -> dict[str, Any]:
    return {"comparator": said.comparator.value, "bands": _write_bands(said.bands)}


def _read(row: Mapping[str, Any]) -> RuleSet:
    own = {name: row[name] for name in ALIKE}
    return RuleSet(comparator=Comparator(row["comparator"]), bands=_read_bands(row["bands"]), **own)


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


STORED: Final = StoredRules(TABLES["rule_set"], _write, _read)
