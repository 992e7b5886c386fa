"""Moments are whole microseconds inside and RFC 3339 in UTC at the doors."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.moments import EPOCH, format_moment, from_micros, to_micros

KARACHI = timezone(timedelta(hours=5))


@pytest.mark.parametrize(
    ("moment", "micros", "text"),
    [
        (EPOCH, 0, "1970-01-01T00:00:00.000000Z"),
        (datetime(1970, 1, 1, 0, 0, 1, 5, UTC), 1_000_005, "1970-01-01T00:00:01.000005Z"),
        (datetime(1970, 1, 1, 5, 0, 0, 0, KARACHI), 0, "1970-01-01T00:00:00.000000Z"),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), -1, "1969-12-31T23:59:59.999999Z"),
        (datetime(2024, 2, 29, 12, 30, tzinfo=UTC), 1_709_209_800_000_000, "2024-02-29T12:30:00.000000Z"),
    ],
)
def test_a_moment_is_its_microseconds_since_1970_in_utc(moment: datetime, micros: int, text: str) -> None:
    assert to_micros(moment) == micros
    assert from_micros(micros) == moment
    assert from_micros(micros).tzinfo is UTC
    assert format_moment(micros) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_reads_back_as_it_was_written(moment: datetime) -> None:
    assert datetime.fromisoformat(format_moment(to_micros(moment))) == moment
