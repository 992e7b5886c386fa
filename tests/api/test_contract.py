"""A fuzzer tries everything that the OpenAPI document allows: the engine keeps its contract, on both databases."""

import pytest
from schemathesis import GenerationMode

from tests.api.contract import Fuzzer, operations


@pytest.mark.parametrize("operation", operations())
def test_what_is_allowed_is_answered_as_the_document_says(fuzzer: Fuzzer, operation: str) -> None:
    fuzzer.tries(operation, GenerationMode.POSITIVE)
