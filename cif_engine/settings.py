"""What an installation may set, from environment variables that begin with `CIF_`."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once by whoever starts the engine, then passed on as an argument."""

    model_config = SettingsConfigDict(env_prefix="CIF_", frozen=True)

    database_url: str = Field(default="sqlite:///data/cif.db", repr=False)
    """An SQLAlchemy URL, `sqlite:///path` or `postgresql://...`; it may hold a password, so it is never shown."""

    time_zone: str = "Asia/Karachi"
    """Whose calendar says what day it is."""

    write_pool_size: int = Field(default=16, ge=1, le=500)
    """Threads that record: on PostgreSQL with a connection each, on SQLite sharing one connection and its commits."""

    read_pool_size: int = Field(default=8, ge=1, le=500)
    """Connections that only read."""

    busy_timeout_ms: int = Field(default=10_000, ge=1, le=600_000)
    """How long a request waits for a connection, or for the lock of a book, before it is told that the book is busy."""

    statement_timeout_ms: int = Field(default=60_000, ge=1, le=3_600_000)
    """The longest that PostgreSQL works at one statement; migrations are free of it."""

    sqlite_cache_mib: int = Field(default=32, ge=1, le=65_536)
    """Pages that each SQLite connection keeps in memory."""

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError) as unknown:  # no such zone; a folder of zones; not even a name
            raise ValueError(f"{name!r} is not a time zone") from unknown
        return name
