"""Who asks, and what she may see: bearer keys, their scopes, and the LSO or RSP that they are bound to.

A key that was looked up is remembered for `REMEMBERED_SECONDS`, so revoking one takes effect within that time. Codes of
LSOs and RSPs never change, so they are remembered for good; under which RSP an LSO is, for as long as a key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from api.desk import Desk
from api.refusals import BindingTooNarrowError, KeyMissingError, KeyRefusedError, ScopeMissingError
from cif_engine.errors import NotFoundError
from cif_engine.moments import to_micros
from cif_engine.operations.keys import Key, Scope, find_key, find_lso, find_rsp_id, hash_of
from cif_engine.persistence.keys import LsoPlace

REMEMBERED_SECONDS: Final = 5
_REMEMBERED: Final = timedelta(seconds=REMEMBERED_SECONDS)
_LONGEST_SECRET: Final = 200
_LONGEST_CODE: Final = 40


class Gate:
    """Knows the keys and the codes; asked on the event loop alone."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._clock = clock
        self._keys: dict[bytes, tuple[Key, datetime]] = {}
        self._lsos: dict[str, tuple[LsoPlace, datetime]] = {}
        self._rsps: dict[str, str] = {}

    async def admit(self, authorization: str | None, needed: Scope | None) -> Key:
        """Return the key of an `Authorization` header that may do what is needed; None: any live key may.

        Raises KeyMissingError, KeyRefusedError and ScopeMissingError.
        """
        key = await self._known(hash_of(_secret(authorization)))
        if not key.is_live(to_micros(self._clock())):
            raise KeyRefusedError("Ask whoever runs this engine for a key.")
        if needed is not None and needed not in key.scopes:
            raise ScopeMissingError(f"This operation needs the scope {needed}.", scope=needed.value)
        return key

    async def lso(self, key: Key, code: str) -> LsoPlace:
        """Return the LSO of a code; raises the same NotFoundError where none is and where the key is not bound."""
        place = self._remembered_lso(key, code)
        if place is None:
            now = self._clock()
            place = await self._desk.read(find_lso, code) if _may_be_code(code) else None
            if place is not None:
                self._lsos[code] = (place, now)
        if place is None or not key.reaches_lso(place.id, place.rsp_id):
            raise NotFoundError("No such LSO.")
        return place

    async def rsp_id(self, key: Key, code: str) -> str:
        """Return the id of the RSP of a code; raises NotFoundError as for an LSO."""
        rsp_id = self._rsps.get(code)
        if rsp_id is None:
            rsp_id = await self._desk.read(find_rsp_id, code) if _may_be_code(code) else None
            if rsp_id is not None:
                self._rsps[code] = rsp_id
        if rsp_id is None or not key.reaches_rsp(rsp_id):
            raise NotFoundError("No such RSP.")
        return rsp_id

    def _remembered_lso(self, key: Key, code: str) -> LsoPlace | None:
        """Return a place that still holds for the key: only for one that is bound to an RSP may it have changed."""
        found = self._lsos.get(code)
        if found is None or (key.bound_to == "rsp" and not self._is_fresh(found[1])):
            return None
        return found[0]

    def _is_fresh(self, read_at: datetime) -> bool:
        return timedelta(0) <= self._clock() - read_at < _REMEMBERED

    async def _known(self, secret_hash: bytes) -> Key:
        """Return the key of a hash. Only keys there are get remembered, so strangers cannot fill the memory."""
        found = self._keys.get(secret_hash)
        if found is not None and self._is_fresh(found[1]):
            return found[0]
        now = self._clock()
        key = await self._desk.read(find_key, secret_hash)
        if key is None:
            self._keys.pop(secret_hash, None)
            raise KeyRefusedError("Ask whoever runs this engine for a key.")
        self._keys[secret_hash] = (key, now)
        return key


def require_everything(key: Key) -> None:
    """Refuse a key that is bound to an LSO or an RSP."""
    if key.bound_to != "all":
        raise BindingTooNarrowError("This operation needs a key that is bound to everything.")


def _secret(authorization: str | None) -> str:
    if authorization is None:
        raise KeyMissingError("Send the header Authorization: Bearer cif_...")
    scheme, _, secret = authorization.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise KeyMissingError("Send the header Authorization: Bearer cif_...")
    if len(secret) > _LONGEST_SECRET or not secret.isascii():
        raise KeyRefusedError("Ask whoever runs this engine for a key.")
    return secret


def _may_be_code(code: str) -> bool:
    """Whether a database may be asked for it: PostgreSQL takes no NUL."""
    return len(code) <= _LONGEST_CODE and code.isprintable()
