"""A fuzzer that reads the OpenAPI document and calls its operations, as `test_contract*` ask it to.

Whatever is sent, the engine does not fail, and answers with a status and a body that the document declares.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

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


def operations() -> list[str]:
    """Return the operations as `METHOD path`, from an application whose database is never opened."""
    databases = open_databases("sqlite:///never-opened.db")
    paths = create_app(databases, Settings(), lambda: NOON).openapi()["paths"]
    databases.dispose()
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


@dataclass(frozen=True, slots=True)
class Fuzzer:
    """Calls the operations of an application, by what its document says of them."""

    document: Any
    client: asgi.ASGIClient

    def tries(self, operation: str, mode: GenerationMode) -> None:
        """Call an operation with what the document allows or forbids, and check each answer."""
        method, path = operation.split(" ")
        # In an address everything is text: a list of one is sent, and taken, as the one.
        checks = list(CHECKS) if method == "GET" else [*CHECKS, negative_data_rejection]

        @given(self.document[path][method].as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def keeps_it(case: Case[Any]) -> None:
            _speak_of_what_there_is(case)
            key = {"Authorization": f"Bearer {secret(EVERYTHING)}"}
            case.call_and_validate(headers=key, checks=checks, session=self.client)

        try:
            keeps_it()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # what takes no input forbids none


@contextmanager
def fuzzer_of(world: World) -> Iterator[Fuzzer]:
    """Give a fuzzer of a world; its client is one for all calls, because the application starts and ends with it."""
    world.lends()
    with asgi.get_client(cast("Any", world.app)) as client:
        yield Fuzzer(schemathesis.openapi.from_asgi("/openapi.json", world.app), client)


def _speak_of_what_there_is(case: Case[Any]) -> None:
    """Let most of the calls that may reach the book, the others the gate."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    places = case.path_parameters
    for name, value in (("lso", "DAS"), ("rsp", "SRSO"), ("fund", "CIF"), ("loan", "DAS-2021-00001")):
        if name in places and len(str(places[name])) % 4:
            places[name] = value
