"""Rule sets: by which a report classes loans."""

from __future__ import annotations

from typing import Final

from cif_engine.errors import RuleSetNumberError
from cif_engine.operations.rules import Rules
from cif_engine.operations.views import View
from cif_engine.persistence.rule_sets import STORED
from cif_engine.portfolio.classification import ClassBand, RuleSet


def _says(said: RuleSet) -> View:
    return {"comparator": said.comparator.value, "bands": [_band_view(band) for band in said.bands]}


def _band_view(band: ClassBand) -> View:
    return {
        "name": band.name,
        "days_from": band.days_from,
        "days_to": band.days_to,
        "rate": None if band.rate is None else format(band.rate, "f"),
    }


RULE_SETS: Final = Rules("rule set", "/rule_set", STORED, _says, RuleSetNumberError)
