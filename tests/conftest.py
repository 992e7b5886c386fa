"""What every test shares: databases of both kinds, and how many random histories a run tries."""

import os

from hypothesis import settings

pytest_plugins = ["tests.support.pytest_postgres", "tests.support.databases"]

settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("deep", deadline=None, print_blob=True, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
