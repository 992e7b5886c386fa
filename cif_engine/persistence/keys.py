"""API keys as they are stored, and the codes of the path that a key is held against."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cif_engine.persistence.tables import TABLES

api_key, lso, rsp = TABLES["api_key"], TABLES["lso"], TABLES["rsp"]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key without its secret. Moments are microseconds; `scopes` are separated by spaces."""

    id: str
    name: str
    scopes: str
    bound_to: str
    rsp_id: str | None
    lso_id: str | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class LsoPlace:
    """Where an LSO stands in the network."""

    id: str
    code: str
    rsp_id: str


_KEY_COLUMNS = [api_key.c[name] for name in KeyRow.__dataclass_fields__]


def key_of_hash(connection: sa.Connection, secret_hash: bytes) -> KeyRow | None:
    row = connection.execute(sa.select(*_KEY_COLUMNS).where(api_key.c.secret_hash == secret_hash)).first()
    return KeyRow(*row) if row else None


def every_key(connection: sa.Connection) -> list[KeyRow]:
    """Return all keys, revoked ones too, in the order they were made."""
    return [KeyRow(*row) for row in connection.execute(sa.select(*_KEY_COLUMNS).order_by(api_key.c.created_at))]


def add_key(connection: sa.Connection, key: KeyRow, secret_hash: bytes) -> None:
    values = {name: getattr(key, name) for name in KeyRow.__dataclass_fields__}
    connection.execute(sa.insert(api_key).values(values | {"secret_hash": secret_hash}))


def revoke(connection: sa.Connection, key_id: str, at: int) -> None:
    """Revoke a key from the moment `at`; one already revoked keeps its moment."""
    live = sa.and_(api_key.c.id == key_id, api_key.c.revoked_at.is_(None))
    connection.execute(sa.update(api_key).where(live).values(revoked_at=at))


def lso_of_code(connection: sa.Connection, code: str) -> LsoPlace | None:
    row = connection.execute(sa.select(lso.c.id, lso.c.code, lso.c.rsp_id).where(lso.c.code == code)).first()
    return LsoPlace(*row) if row else None


def rsp_id_of_code(connection: sa.Connection, code: str) -> str | None:
    found: str | None = connection.execute(sa.select(rsp.c.id).where(rsp.c.code == code)).scalar()
    return found


def codes_of_ids(connection: sa.Connection) -> dict[str, str]:
    """Return the codes of all RSPs and LSOs by their ids."""
    both = sa.union_all(sa.select(rsp.c.id, rsp.c.code), sa.select(lso.c.id, lso.c.code))
    return {row[0]: row[1] for row in connection.execute(both)}
