"""A fuzzer tries everything that the OpenAPI document allows: the engine keeps its contract, on both databases."""

from collections.abc import Iterator

import pytest
from schemathesis import GenerationMode

from tests.api.contract import Fuzzer, fuzzer_of, operations
from tests.api.world import World


@pytest.fixture(scope="module")
def fuzzer(world: World) -> Iterator[Fuzzer]:
    with fuzzer_of(world) as opened:
        yield opened


@pytest.mark.parametrize("operation", operations())
def test_what_is_allowed_is_answered_as_the_document_says(fuzzer: Fuzzer, operation: str) -> None:
    fuzzer.tries(operation, GenerationMode.POSITIVE)
