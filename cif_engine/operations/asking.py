"""What every question about a portfolio shares: whose loans, how cut and narrowed, by which rule set, known when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import sqlalchemy as sa

from cif_engine.money import PKR
from cif_engine.operations.reporting import Period, known_view
from cif_engine.operations.rule_sets import RULE_SETS
from cif_engine.operations.views import View
from cif_engine.persistence.cutting import Asked, refuse_unknown
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within, find_known
from cif_engine.portfolio.classification import Comparator, RuleSet
from cif_engine.portfolio.cuts import NOTHING, WHOLE, Code, Cut, Cutting, Form, Key

COMMUNITY: Final = "community"
"""The rule set of reports that name none."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whose loans count, how they are cut and narrowed, what was known, and the code of the rule set to go by."""

    scope: Within
    cutting: Cutting = WHOLE
    known_at: int | None = None
    rule_set: str = COMMUNITY


@dataclass(frozen=True, slots=True)
class Opened:
    """A question that can be answered: with a connection, what is known, and the version of its rule set.

    `at` is the moment by which the same report can be asked for again: of the last event counted, or of the rule set's
    version where that was recorded later; 0 when there is neither.
    """

    connection: sa.Connection
    asked: Asked
    rule_set: RuleSet
    at: int

    @property
    def form(self) -> Form:
        """How the loans are cut and narrowed."""
        return self.asked.form

    @property
    def comparator(self) -> Comparator:
        """What "late over n days" means."""
        return self.rule_set.comparator


@contextmanager
def opened(databases: Databases, question: Question, as_of: date) -> Iterator[Opened]:
    """Open a question for reading; the rule set is the version in force on `as_of`. Raises NotFoundError."""
    with databases.reading(one_lso(question.scope)) as connection:
        yield open_on(connection, question, as_of)


def open_on(connection: sa.Connection, question: Question, as_of: date) -> Opened:
    """Open a question on a connection, on which others may be open at the same time. Raises NotFoundError."""
    scope = question.scope
    version = RULE_SETS.in_force(connection, question.rule_set, as_of, question.known_at)
    known = find_known(connection, scope, question.known_at)
    asked = Asked(scope, question.cutting, known, as_of)
    refuse_unknown(connection, asked)
    return Opened(connection, asked, version.rule, max(known.at, version.recorded_at))


def one_lso(scope: Within) -> str | None:
    """Return the LSO that PostgreSQL may narrow the transaction to."""
    return scope.lso_ids[0] if scope.lso_ids and scope.is_one_book else None


def asked_view(question: Opened) -> View:
    """Return how a portfolio was asked for, and what was known."""
    cutting, rule_set = question.asked.cutting, question.rule_set
    return {
        "known_at": known_view(question.at),
        "currency": PKR.code,
        "rule_set": {"code": rule_set.code, "number": rule_set.number, "name": rule_set.name},
        "comparator": rule_set.comparator.value,
        "by": [cut.value for cut in cutting.by],
        "only": {cut.value: list(values) for cut, values in cutting.only},
    }


def key_view(form: Form, key: Key) -> View:
    """Return the codes of a row by their cuts."""
    return {cut.value: None if code is None else str(code) for cut, code in zip(form.key, key, strict=True)}


def loans_behind(question: Opened, as_of: date, key: Key = ()) -> str:
    """Return how the list of loans that lie behind a row (none: behind the whole) is asked for; the figure comes after.

    It is asked of the address whose portfolio it is. At that of one LSO, what says where the LSO is says nothing.
    """
    return _behind(question, f"as_of={as_of.isoformat()}", key)


def period_behind(question: Opened, period: Period, key: Key = ()) -> str:
    """Return the same for a period, but for the figure."""
    return _behind(question, f"from={period.from_on.isoformat()}&to={period.to_on.isoformat()}", key)


def _behind(question: Opened, days: str, key: Key) -> str:
    asked = question.asked
    wanted: dict[Cut, Mapping[Code, None]] = {cut: dict.fromkeys(values) for cut, values in asked.cutting.only}
    wanted |= {cut: {code: None} for cut, code in zip(asked.form.key, key, strict=bool(key))}
    parts = [days]
    if question.at:
        parts.append(f"known_at={known_view(question.at)}")
    parts += [
        f"{cut.value}={quote(','.join(map(_written, codes)), safe=',-._~')}"
        for cut, codes in wanted.items()
        if not (cut.of_lso and asked.scope.is_one_book)
    ]
    if question.rule_set.code != COMMUNITY:
        parts.append(f"rule_set={question.rule_set.code}")
    return "&".join(parts)


def figure_query(behind: str, figure: str, **qualifiers: str | int) -> str:
    """Return the query of the loans behind one figure; `behind` is what `loans_behind` gives."""
    return behind + _figure_asked(figure, *qualifiers.items())


@lru_cache(1024)
def _figure_asked(figure: str, *qualifiers: tuple[str, str | int]) -> str:
    """Return what is asked for, written once: a cut has thousands of rows with the same figures."""
    said = (f"&{name}={quote(str(value), safe='-._~')}" for name, value in qualifiers)
    return f"&figure={figure}" + "".join(said)


def _written(code: Code) -> str:
    """Return a value as a filter takes it: in double quotes where it has a comma or such quotes itself."""
    if code is None:
        return NOTHING
    text = str(code)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"') else text
