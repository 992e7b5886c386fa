"""What every test shares: databases of both kinds, and how many random histories a run tries."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.pytest_postgres", "tests.support.databases"]

SHARED = [HealthCheck.too_slow]  # how fast examples are made says nothing on a machine that others use
settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=SHARED)
settings.register_profile("deep", deadline=None, print_blob=True, suppress_health_check=SHARED, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
