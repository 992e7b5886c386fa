"""The catalogue of figures: every id that a report may carry, and what it counts. `docs/definitions.md` repeats it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cif_engine.errors import NotFoundError
from cif_engine.portfolio.defined_of_funds import OF_FUNDS, OF_THE_NETWORK
from cif_engine.portfolio.defined_of_losses import OF_LOSSES
from cif_engine.portfolio.defined_of_lots import OF_LOTS
from cif_engine.portfolio.defined_of_revolving import OF_REVOLVING
from cif_engine.portfolio.defined_on_a_day import ON_A_DAY
from cif_engine.portfolio.defined_over_a_period import OVER_A_PERIOD
from cif_engine.portfolio.defining import Definition

DEFINITIONS: Final[Mapping[str, Definition]] = MappingProxyType(
    {
        defined.id: defined
        for defined in (*ON_A_DAY, *OVER_A_PERIOD, *OF_LOSSES, *OF_FUNDS, *OF_REVOLVING, *OF_LOTS, *OF_THE_NETWORK)
    }
)
"""By their ids, in the order in which people read them."""


def definition(figure: str) -> Definition:
    """Return what the figure of this id counts; raises NotFoundError."""
    found = DEFINITIONS.get(figure)
    if found is None:
        raise NotFoundError("No figure of this id is defined.")
    return found
