"""A fuzzer reads the OpenAPI document and tries everything it allows, and much that it does not.

Whatever is sent, the engine does not fail, answers with a status and a body that the document declares, and refuses
what the document forbids.
"""

import os
from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.app import create_app
from cif_engine.persistence.engines import open_databases
from cif_engine.settings import Settings
from tests.api.world import EVERYTHING, NOON, World, secret

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    missing_required_header,
    unsupported_method,
)
EXAMPLES = int(os.environ.get("CIF_CONTRACT_EXAMPLES", "5"))
"""Of each kind, for each operation and database."""


def _operations() -> list[str]:
    """Return the operations as `METHOD path`, from an application whose database is never opened."""
    databases = open_databases("sqlite:///never-opened.db")
    paths = create_app(databases, Settings(), lambda: NOON).openapi()["paths"]
    databases.dispose()
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


@pytest.fixture(scope="module")
def contract(world: World) -> Any:  # noqa: ANN401 - the fuzzer's own type
    world.lends()
    return schemathesis.openapi.from_asgi("/openapi.json", world.app)


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[asgi.ASGIClient]:
    """The fuzzer's client; one for all cases, because the application starts and ends with it."""
    with asgi.get_client(cast("Any", world.app)) as opened:
        yield opened


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "forbidden"])
@pytest.mark.parametrize("operation", _operations())
def test_the_engine_keeps_its_contract(
    contract: Any,  # noqa: ANN401 - the fuzzer's own type
    client: asgi.ASGIClient,
    operation: str,
    mode: GenerationMode,
) -> None:
    method, path = operation.split(" ")
    # In an address everything is text: a list of one is sent, and taken, as the one.
    checks = list(CHECKS) if method == "GET" else [*CHECKS, negative_data_rejection]
    case_of_operation = contract[path][method].as_strategy(generation_mode=mode)

    @given(case_of_operation)
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def keeps_it(case: Case[Any]) -> None:
        _speak_of_what_there_is(case)
        case.call_and_validate(headers={"Authorization": f"Bearer {secret(EVERYTHING)}"}, checks=checks, session=client)

    try:
        keeps_it()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # what takes no input forbids none


def _speak_of_what_there_is(case: Case[Any]) -> None:
    """Let most of the calls that may reach the book, the others the gate."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    places = case.path_parameters
    for name, value in (("lso", "DAS"), ("rsp", "SRSO"), ("fund", "CIF"), ("loan", "DAS-2021-00001")):
        if name in places and len(str(places[name])) % 4:
            places[name] = value
