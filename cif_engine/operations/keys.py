"""API keys: what each may do, where it is bound to, and its making and revoking.

Of a key only the SHA-256 is kept: it holds 256 random bits, so nothing slower would protect it better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, Literal, cast

from cif_engine.errors import DuplicateCodeError, KeyWithoutScopeError, NotFoundError
from cif_engine.moments import format_moment
from cif_engine.network.checks import check_name
from cif_engine.persistence import keys as stored
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.keys import KeyRow, LsoPlace

SECRET_PREFIX: Final = "cif_"  # noqa: S105 - the public part of every key
"""What every key begins with, so that people and secret scanners recognise one."""


class Scope(StrEnum):
    """What a key may do."""

    NETWORK_READ = "network:read"
    NETWORK_WRITE = "network:write"
    FUNDING_WRITE = "funding:write"
    LOANS_READ = "loans:read"
    LOANS_WRITE = "loans:write"
    LOANS_DECIDE = "loans:decide"
    REPAYMENTS_WRITE = "repayments:write"
    BOOKS_READ = "books:read"
    BOOKS_WRITE = "books:write"
    CORRECTIONS_WRITE = "corrections:write"
    PORTFOLIO_READ = "portfolio:read"
    FIGURES_WRITE = "figures:write"
    AUDIT_READ = "audit:read"


_READS: Final = frozenset({Scope.NETWORK_READ, Scope.LOANS_READ, Scope.BOOKS_READ, Scope.PORTFOLIO_READ})

ROLES: Final[Mapping[str, frozenset[Scope]]] = MappingProxyType(
    {
        "lso_accountant": _READS | {Scope.NETWORK_WRITE, Scope.LOANS_WRITE, Scope.REPAYMENTS_WRITE, Scope.BOOKS_WRITE},
        "lso_manager": _READS | {Scope.LOANS_DECIDE, Scope.CORRECTIONS_WRITE},
        "rsp_finance": _READS | {Scope.FUNDING_WRITE, Scope.FIGURES_WRITE, Scope.CORRECTIONS_WRITE, Scope.AUDIT_READ},
        "auditor": _READS | {Scope.AUDIT_READ},
        "integration": frozenset(),
    }
)
"""The scopes of each role; an integration has exactly the scopes it is given."""

BoundTo = Literal["lso", "rsp", "all"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was presented: its name is the actor of what it records. Moments are microseconds."""

    id: str
    name: str
    scopes: frozenset[str]
    bound_to: BoundTo
    rsp_id: str | None
    lso_id: str | None
    expires_at: int | None
    revoked_at: int | None

    def is_live(self, now: int) -> bool:
        """Whether it may still be used at the moment `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def reaches_rsp(self, rsp_id: str) -> bool:
        """Whether it may see an RSP as a whole."""
        return self.bound_to == "all" or (self.bound_to == "rsp" and self.rsp_id == rsp_id)

    def reaches_lso(self, lso_id: str, rsp_id: str) -> bool:
        """Whether it may see an LSO of an RSP."""
        return self.reaches_rsp(rsp_id) or (self.bound_to == "lso" and self.lso_id == lso_id)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be made. Bound to the LSO or the RSP of this code, or to everything when both are None."""

    id: str
    name: str
    scopes: frozenset[Scope]
    lso: str | None = None
    rsp: str | None = None
    expires_at: int | None = None


def hash_of(secret: str) -> bytes:
    """Return what is kept of a key."""
    return sha256(secret.encode()).digest()


def find_key(databases: Databases, secret_hash: bytes) -> Key | None:
    """Return the key of this hash, whether it may still be used or not."""
    with databases.reading() as connection:
        row = stored.key_of_hash(connection, secret_hash)
    return _key(row) if row else None


def create_key(databases: Databases, new: NewKey, secret: str, now: int) -> dict[str, Any]:
    """Keep a new key and return how it is listed; the secret is shown by whoever made it, once.

    Raises NameUnreadableError, KeyWithoutScopeError, NotFoundError (RSP, LSO) and DuplicateCodeError when a live key
    has this name.
    """
    name = check_name(new.name)
    if not new.scopes:
        raise KeyWithoutScopeError("Name at least one scope, or a role that has some.")
    with databases.writing() as connection:
        if any(row.name == name and _key(row).is_live(now) for row in stored.every_key(connection)):
            raise DuplicateCodeError(f"A live key is named {name!r}; events name their maker by it.")
        row = KeyRow(
            id=new.id,
            name=name,
            scopes=" ".join(sorted(new.scopes)),
            bound_to="lso" if new.lso else "rsp" if new.rsp else "all",
            rsp_id=_known("RSP", new.rsp, stored.rsp_id_of_code(connection, new.rsp)) if new.rsp else None,
            lso_id=_known("LSO", new.lso, _lso_id(stored.lso_of_code(connection, new.lso))) if new.lso else None,
            created_at=now,
            expires_at=new.expires_at,
            revoked_at=None,
        )
        stored.add_key(connection, row, hash_of(secret))
        return _listed(row, stored.codes_of_ids(connection), now)


def list_keys(databases: Databases, now: int) -> list[dict[str, Any]]:
    """Return all keys as they are listed, oldest first."""
    with databases.reading() as connection:
        codes = stored.codes_of_ids(connection)
        return [_listed(row, codes, now) for row in stored.every_key(connection)]


def revoke_key(databases: Databases, name_or_id: str, now: int) -> dict[str, Any]:
    """Revoke the live key of this name, or the key of this id, and return how it is listed from now on.

    Raises NotFoundError. A running server notices within the seconds that it remembers a key for.
    """
    with databases.writing() as connection:
        for row in stored.every_key(connection):
            if row.id == name_or_id or (row.name == name_or_id and _key(row).is_live(now)):
                stored.revoke(connection, row.id, now)
                break
        else:
            raise NotFoundError(f"No key {name_or_id!r} that is live.")
        codes = stored.codes_of_ids(connection)
        return next(_listed(kept, codes, now) for kept in stored.every_key(connection) if kept.id == row.id)


def find_lso(databases: Databases, code: str) -> LsoPlace | None:
    """Return where the LSO of this code stands."""
    with databases.reading() as connection:
        return stored.lso_of_code(connection, code)


def find_rsp_id(databases: Databases, code: str) -> str | None:
    """Return the id of the RSP of this code."""
    with databases.reading() as connection:
        return stored.rsp_id_of_code(connection, code)


def _key(row: KeyRow) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        scopes=frozenset(row.scopes.split()),
        bound_to=cast("BoundTo", row.bound_to),
        rsp_id=row.rsp_id,
        lso_id=row.lso_id,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _listed(row: KeyRow, codes: Mapping[str, str], now: int) -> dict[str, Any]:
    key = _key(row)
    return {
        "id": row.id,
        "name": row.name,
        "scopes": sorted(key.scopes),
        "bound_to": row.bound_to,
        "code": codes.get(row.lso_id or row.rsp_id or ""),
        "created_at": format_moment(row.created_at),
        "expires_at": format_moment(row.expires_at) if row.expires_at is not None else None,
        "revoked_at": format_moment(row.revoked_at) if row.revoked_at is not None else None,
        "live": key.is_live(now),
    }


def _lso_id(place: LsoPlace | None) -> str | None:
    return place.id if place else None


def _known(what: str, code: str, found: str | None) -> str:
    if found is None:
        raise NotFoundError(f"No {what} {code!r}.")
    return found
