"""A fuzzer tries much that the OpenAPI document forbids, and the engine refuses it.

Nearly all of it is refused at the door, before a database is asked; so one database is enough.
"""

from collections.abc import Iterator

import pytest
from schemathesis import GenerationMode

from cif_engine.persistence.engines import Databases
from tests.api.contract import Fuzzer, operations
from tests.support.databases import SqliteStock, closing_databases


@pytest.fixture(scope="module")
def shared_databases(sqlite_stock: SqliteStock) -> Iterator[Databases]:
    with sqlite_stock.migrated() as url, closing_databases(url) as opened:
        yield opened


@pytest.mark.parametrize("operation", operations())
def test_what_is_forbidden_is_refused_as_the_document_says(fuzzer: Fuzzer, operation: str) -> None:
    fuzzer.tries(operation, GenerationMode.NEGATIVE)
