"""Something that is asked about a recorded world: of which loans it is, and in which rows, by the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

from cif_engine.operations.asking import Question
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from tests.truth.figures import Known, Loans, allowances
from tests.truth.knowledge import OF_FUNDS, Knowledge, names
from tests.truth.told import RULE_SETS, WHOLE, Key, Rows, Told, as_text
from tests.truth.world import World

Codes = tuple[str | int | None, ...]


class Asked(NamedTuple):
    """What is asked: on which day, as known when; of whom, by which cuts, narrowed how, by which rule set."""

    as_of: date
    known_at: int | None
    rsp: str | None
    lso: str | None
    cuts: tuple[str, ...]
    only: tuple[tuple[str, Codes], ...]
    rule_set: str


@dataclass(frozen=True)
class Case:
    """A world that was recorded, and something that is asked about it."""

    databases: Databases
    world: World
    knowledge: Knowledge
    asked: Asked

    @property
    def moment(self) -> int:
        """Up to which moment facts count."""
        return 2**62 if self.asked.known_at is None else self.asked.known_at

    @property
    def comparator(self) -> str:
        """How "late over n days" is meant."""
        return RULE_SETS[self.asked.rule_set][0]

    @property
    def question(self) -> Question:
        """The question as the engine is asked."""
        asked = self.asked
        scope = Within()
        if asked.lso is not None:
            (lso_id,) = (office.id for office in self.world.offices if office.code == asked.lso)
            scope = Within((lso_id,))
        elif asked.rsp is not None:
            scope = Within(rsp_id=self.world.rsps[asked.rsp])
        only = tuple(
            (Cut(cut), tuple("-" if code is None else str(code) for code in codes)) for cut, codes in asked.only
        )
        cutting = Cutting(tuple(map(Cut, asked.cuts)), only)
        return Question(scope, cutting, asked.known_at, asked.rule_set)

    def on(self, day: date) -> Case:
        """Return the same asked of another day, on which LSOs may have been placed elsewhere."""
        return replace(self, asked=self.asked._replace(as_of=day))

    def knowledge_of(self, moment: int) -> Loans:
        """Return the loans of whom is asked, as they were known at another moment."""
        known = self.knowledge.loans(moment)
        return [each for each in known if self.asked.lso in (None, self.knowledge.offices[each.loan.lso].code)]

    @cached_property
    def loans(self) -> Loans:
        """The loans that count."""
        return [known for known in self.knowledge.loans(self.moment) if self._counts(known)]

    def _counts(self, known: Known) -> bool:
        wanted = (("rsp", (self.asked.rsp,)), ("lso", (self.asked.lso,)))
        narrowed = [*((cut, codes) for cut, codes in wanted if codes[0]), *self.asked.only]
        return all(self.code(known, cut) in codes for cut, codes in narrowed)

    def code(self, known: Known, cut: str) -> str | int | None:
        """Return the part of a cut to which a loan belongs."""
        return self.knowledge.code(known, cut, self.asked.as_of, self.moment)

    @cached_property
    def parts(self) -> dict[Key, Loans]:
        """The whole, and the loans of each row."""
        if not self.asked.cuts:
            return {WHOLE: self.loans}
        divided = self.knowledge.divided(self.loans, self.asked.cuts, self.asked.as_of, self.moment)
        return {WHOLE: self.loans, **{as_text(key): loans for key, loans in divided.items()}}

    def each(self, tell: Callable[[Loans], Told]) -> Rows:
        """Return what is told of each part."""
        return {key: tell(loans) for key, loans in self.parts.items()}

    def allowances(self) -> dict[Key, int]:
        """Return the allowance of the whole and of each row, as far as funds can be cut and narrowed so."""
        if not {cut for cut, _ in self.asked.only} <= set(OF_FUNDS):
            return {}
        by_row = bool(self.asked.cuts) and set(self.asked.cuts) <= set(OF_FUNDS)
        found = dict.fromkeys(self.parts, 0) if by_row else {WHOLE: 0}
        held = allowances(self.knowledge.loans(self.moment), self.knowledge.set_aside(self.moment), self.asked.as_of)
        for (lso, fund), left in held.items():
            if all(self._of_fund(lso, fund, cut) in codes for cut, codes in self._wanted_of_funds()):
                found[WHOLE] += left
                if by_row:
                    key = as_text(self._of_fund(lso, fund, name) for name in names(self.asked.cuts))
                    found[key] = found.get(key, 0) + left
        return found

    def managing(self) -> dict[Key, list[tuple[str, str]]]:
        """Return the funds with capital of the whole and of each row, each with its LSO."""
        found: dict[Key, list[tuple[str, str]]] = {WHOLE: []}
        for lso, fund in self.knowledge.with_capital(self.asked.as_of, self.moment):
            if all(self._of_fund(lso, fund, cut) in codes for cut, codes in self._wanted_of_funds()):
                key = as_text(self._of_fund(lso, fund, name) for name in names(self.asked.cuts))
                for part in dict.fromkeys((WHOLE, key)):
                    found.setdefault(part, []).append((lso, fund))
        return found

    def _wanted_of_funds(self) -> Iterator[tuple[str, Codes]]:
        if self.asked.rsp:
            yield "rsp", (self.asked.rsp,)
        if self.asked.lso:
            yield "lso", (self.asked.lso,)
        yield from self.asked.only

    def _of_fund(self, lso: str, fund: str, cut: str) -> str | int | None:
        return self.knowledge.code_of_fund(lso, fund, cut, self.asked.as_of, self.moment)

    def with_allowances(self, tell: Callable[[Loans, int | None], Told]) -> Rows:
        """Return what is told of each part with its allowance, also where a fund has one and no loans."""
        held = self.allowances()
        return {key: tell(self.parts.get(key, ()), held.get(key)) for key in self.parts.keys() | held.keys()}
