"""How many random histories a law is tried on: few enough for every run, many with the profile `deep`."""

from collections.abc import Callable
from typing import Any

from hypothesis import settings

DEEPER = 25


def some_histories(usual: int) -> Callable[[Any], Any]:
    """Try so many histories, and many times more with the profile `deep`."""
    deep = settings.get_current_profile_name() == "deep"
    return settings(max_examples=usual * DEEPER if deep else usual)
