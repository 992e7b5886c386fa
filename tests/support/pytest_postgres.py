"""One PostgreSQL cluster per test run, shared by its workers. A pytest plugin: `tests/conftest.py` loads it."""

import os
from collections.abc import Iterator

import pytest

from tests.support.postgres import SERVER_URL, Cluster, start_cluster

_SHARED = pytest.StashKey[Cluster]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster before the workers start, who find it in their environment."""
    if _hands_out_work(config) and SERVER_URL not in os.environ:
        cluster = start_cluster()
        config.stash[_SHARED] = cluster
        os.environ[SERVER_URL] = cluster.superuser_url


def pytest_unconfigure(config: pytest.Config) -> None:
    if cluster := config.stash.get(_SHARED, None):
        os.environ.pop(SERVER_URL, None)
        cluster.stop()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """The run's PostgreSQL. A run without workers starts it when the first test asks. Never skips: it fails."""
    cluster = start_cluster()
    yield cluster
    cluster.stop()


def _hands_out_work(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput") and bool(config.getoption("tx", None)) and not config.option.collectonly
