"""Moments: when something was recorded, as microseconds since 1970-01-01T00:00:00Z.

A whole number is the same on every database and in the hash chain; at the doors it is RFC 3339 in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
END_OF_TIME = 2**62
"""Later than every moment: `known_at` for 'all that is recorded'."""


def to_micros(moment: datetime) -> int:
    """Return an aware datetime as microseconds since the epoch."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return microseconds since the epoch as a datetime in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def format_moment(micros: int) -> str:
    """Return RFC 3339 text with all six decimals, so that it can be sent back as a `known_at` without loss."""
    return from_micros(micros).isoformat(timespec="microseconds").replace("+00:00", "Z")
