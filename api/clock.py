"""The clock. It is read here and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)
