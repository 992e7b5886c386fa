"""What every test shares: databases of both kinds, and how many random histories a run tries."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["tests.support.pytest_postgres", "tests.support.databases"]

SHARED = [HealthCheck.too_slow]  # how fast examples are made says nothing on a machine that others use
settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=SHARED)
settings.register_profile("deep", deadline=None, print_blob=True, suppress_health_check=SHARED, max_examples=10_000)
settings.register_profile(  # the same few for every mutant; that one fails is enough, the least one is not looked for
    "mutants",
    deadline=None,
    suppress_health_check=list(HealthCheck),
    max_examples=25,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

LONGEST = tuple(
    f"tests/laws/test_{name}.py" for name in ("order_of_whole_lives", "a_thousand_later_facts", "portfolio_truth")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that in the end no worker is left alone with one of them."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
