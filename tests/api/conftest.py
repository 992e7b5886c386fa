"""The little network of `world`, on both databases."""

from collections.abc import Iterator

import pytest

from cif_engine.persistence.engines import Databases
from tests.api.world import World, make_world


@pytest.fixture(scope="module")
def world(shared_databases: Databases) -> Iterator[World]:
    """One for a module: its tests see what others recorded, so each speaks of loans and keys of its own."""
    made = make_world(shared_databases)
    with made.client:
        yield made
