"""Rules that are data: which there are, which version a report goes by, and recording the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic

import sqlalchemy as sa

from cif_engine.errors import ConflictError, DuplicateCodeError, NotFoundError
from cif_engine.moments import END_OF_TIME
from cif_engine.operations.reporting import known_view
from cif_engine.operations.views import View
from cif_engine.persistence.database_errors import is_unique_violation
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.rules import StoredRules
from cif_engine.rules import R, Recorded, in_force


@dataclass(frozen=True, slots=True)
class Rules(Generic[R]):
    """All rules of one kind: what people call one, by which parameter a report names it, and how its own is told.

    `gap` is the refusal of a version that leaves a number out.
    """

    called: str
    pointer: str
    stored: StoredRules[R]
    says: Callable[[R], View]
    gap: type[ConflictError]

    def in_force(self, connection: sa.Connection, code: str, as_of: date, known_at: int | None) -> Recorded[R]:
        """Return the version that a report goes by; raises NotFoundError (at `pointer`) where none holds.

        `known_at` is the one that was asked for; None: all that is recorded. The report names as its own `known_at` the
        later of the last event it counted and `recorded_at` of this version, so that with that moment it is the same
        report again (law 7).
        """
        moment = END_OF_TIME if known_at is None else known_at
        version = in_force(self.stored.versions_of(connection, code), as_of, moment)
        if version is None:
            raise NotFoundError(f"No {self.called} {code} is in force on {as_of}.", pointer=self.pointer)
        return version

    def get(self, databases: Databases, code: str, as_of: date, known_at: int | None = None) -> View:
        """Return a rule with all its versions recorded by `known_at`; raises NotFoundError."""
        with databases.reading() as connection:
            kept = self.stored.versions_of(connection, code)
        versions = [version for version in kept if known_at is None or version.recorded_at <= known_at]
        if not versions:
            raise NotFoundError(f"No {self.called} {code}.")
        return self._view(versions, as_of)

    def listed(self, databases: Databases, as_of: date, after: str | None, limit: int) -> View:
        """Return rules by their codes, each as `get` does; `next` is the code to go on after."""
        with databases.reading() as connection:
            codes = self.stored.codes_after(connection, after or "", limit + 1)
            items = [self._view(self.stored.versions_of(connection, code), as_of) for code in codes[:limit]]
        return {"items": items, "next": [codes[limit - 1]] if len(codes) > limit else None}

    def record(self, databases: Databases, said: R, actor: str, at: int, today: date) -> View:
        """Record a new rule, or the next version of one, and return it with all its versions.

        Raises DuplicateCodeError for a number that is recorded already, so that the same request sent again adds
        nothing, and what `gap` is for one that leaves a gap.
        """
        try:
            with databases.writing() as connection:
                before = self.stored.versions_of(connection, said.code)
                self._refuse_wrong_number(said, len(before) + 1)
                new = Recorded(said, at, actor)
                self.stored.add(connection, new)
                return self._view([*before, new], today)
        except sa.exc.IntegrityError as error:
            if is_unique_violation(error):
                raise _taken(said) from error
            raise

    def _view(self, versions: Sequence[Recorded[R]], as_of: date) -> View:
        now = in_force(versions, as_of, END_OF_TIME)
        return {
            "code": versions[0].rule.code,
            "as_of": as_of.isoformat(),
            "in_force": None if now is None else now.rule.number,
            "versions": [self._version_view(version) for version in versions],
        }

    def _version_view(self, version: Recorded[R]) -> View:
        rule = version.rule
        return {
            "number": rule.number,
            "name": rule.name,
            "effective_from": rule.effective_from.isoformat(),
            **self.says(rule),
            "remark": rule.remark,
            "recorded_at": known_view(version.recorded_at),
            "recorded_by": version.actor,
        }

    def _refuse_wrong_number(self, said: R, following: int) -> None:
        if said.number < following:
            raise _taken(said)
        if said.number > following:
            raise self.gap(
                f"The next version of {said.code} is number {following}.", pointer="/number", following=following
            )


def _taken(said: R) -> DuplicateCodeError:
    written = f"{said.code} {said.number}"
    return DuplicateCodeError(f"Version {said.number} of {said.code} is recorded already.", existing=written)
