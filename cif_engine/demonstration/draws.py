"""Drawing at random from a seed: whole numbers only, so that every Python draws the same."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar
from uuid import UUID

Drawn = TypeVar("Drawn")


def chance(rng: Random, percent: int) -> bool:
    """Return True in so many of a hundred draws."""
    return rng.randrange(100) < percent


def draw_id(rng: Random) -> str:
    """Return a UUID that the seed decides."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def take_any(rng: Random, items: list[Drawn]) -> Drawn:
    """Remove any one of the items, and return it."""
    return items.pop(rng.randrange(len(items)))


def weighted(rng: Random, items: Sequence[Drawn], weights: Sequence[int]) -> Drawn:
    """Return an item; one of weight 20 twice as often as one of weight 10."""
    left = rng.randrange(sum(weights))
    for item, weight in zip(items, weights, strict=True):
        if left < weight:
            return item
        left -= weight
    raise AssertionError("a draw lies below the sum of the weights")
