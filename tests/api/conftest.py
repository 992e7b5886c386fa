"""The little network of `world`, on both databases."""

from collections.abc import Iterator

import pytest

from cif_engine.persistence.engines import Databases
from tests.api.contract import Fuzzer, fuzzer_of
from tests.api.world import World, make_world


@pytest.fixture(scope="module")
def world(shared_databases: Databases) -> Iterator[World]:
    """One for a module: its tests see what others recorded, in any order.

    So each speaks of loans and keys of its own.
    """
    made = make_world(shared_databases)
    with made.client:
        yield made


@pytest.fixture
def world_of_its_own(databases: Databases) -> Iterator[World]:
    """One for a test whose facts would change what others read, or theirs what it reads."""
    made = make_world(databases)
    with made.client:
        yield made


@pytest.fixture(scope="module")
def fuzzer(world: World) -> Iterator[Fuzzer]:
    """What tries all that the OpenAPI document allows and forbids."""
    with fuzzer_of(world) as opened:
        yield opened
