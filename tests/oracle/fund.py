"""A fund, replayed from its first day to its last: its loans, its accounts, its allowance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cif_engine.kinds import RANK, Kind
from tests.oracle.loan import ALLOWANCE, Card, Picture, Told

WRITE_OFF_EXPENSE, PROVISION_EXPENSE = 5020, 5030
TRANCHE, CONTRIBUTIONS, BANK_PROFIT, EXPENSE = 3010, 3020, 4020, 5010
REVERSED = Kind.FACT_REVERSED.value


@dataclass(frozen=True)
class Evening:
    """What stands at the end of a day: a picture of each loan, and what each account holds (debits positive)."""

    day: date
    loans: dict[str, Picture]
    accounts: dict[str, int]
    changed: bool


@dataclass
class Shelf:
    """The cards of the loans of one fund, and its cash book."""

    fund: str
    accounts: Counter[str] = field(default_factory=Counter)
    cards: dict[str, Card] = field(default_factory=dict)

    def write(self, fact: Told) -> None:
        if fact.loan is None:
            self._write_of_fund(fact)
            return
        if fact.loan not in self.cards:
            self.cards[fact.loan] = Card(self.fund, self.accounts)
        self.cards[fact.loan].write(fact)

    def make_good(self) -> None:
        """At the end of a day: losses beyond what was set aside are an expense of that day."""
        allowance = f"{self.fund}.{ALLOWANCE}"
        lacking = self.accounts[allowance]
        if lacking > 0:
            self.accounts[allowance] -= lacking
            self.accounts[f"{self.fund}.{WRITE_OFF_EXPENSE}"] += lacking

    def _write_of_fund(self, fact: Told) -> None:
        sides = _sides_of(self.fund, Kind(fact.kind), fact.says)
        if sides is not None:
            debit, credit = sides
            self.accounts[debit] += fact.says["amount_minor"]
            self.accounts[credit] -= fact.says["amount_minor"]


def replay(fund: str, facts: Iterable[Told]) -> Iterator[Evening]:
    """Yield every evening from the day of the first fact to that of the last. Raises UnlawfulError."""
    by_day: defaultdict[date, list[Told]] = defaultdict(list)
    for fact in standing(facts):
        by_day[fact.on].append(fact)
    shelf, pictures, held = Shelf(fund), dict[str, Picture](), dict[str, int]()
    for day in _calendar(by_day):
        todays = sorted(by_day.get(day, ()), key=lambda fact: (RANK[Kind(fact.kind)], fact.id))
        for fact in todays:
            shelf.write(fact)
        if todays:
            shelf.make_good()
            pictures = {loan: card.picture() for loan, card in shelf.cards.items()}
            held = {code: amount for code, amount in shelf.accounts.items() if amount}
        yield Evening(day, pictures, held, changed=bool(todays))


def standing(facts: Iterable[Told]) -> list[Told]:
    """Return the facts that no standing reversal takes back; the reversals themselves say nothing more."""
    told = {fact.id: fact for fact in facts}
    taken_back_by: defaultdict[str, list[str]] = defaultdict(list)
    for fact in told.values():
        if fact.kind == REVERSED:
            taken_back_by[fact.says["reverses"]].append(fact.id)

    def stands(fact_id: str) -> bool:
        return not any(stands(reversal) for reversal in taken_back_by[fact_id])

    return [fact for fact in told.values() if fact.kind != REVERSED and stands(fact.id)]


def _calendar(days: Iterable[date]) -> Iterator[date]:
    first, last = min(days), max(days)
    return (first + timedelta(days=count) for count in range((last - first).days + 1))


def shelf_on(fund: str, facts: Iterable[Told], day: date) -> Shelf:
    """Return the shelf as the facts of the days up to one leave it. Raises UnlawfulError."""
    shelf = Shelf(fund)
    until = (fact for fact in standing(facts) if fact.on <= day)
    for fact in sorted(until, key=lambda fact: (fact.on, RANK[Kind(fact.kind)], fact.id)):
        shelf.write(fact)
    return shelf


def _sides_of(fund: str, kind: Kind, says: dict[str, Any]) -> tuple[str, str] | None:
    """Return the accounts debited and credited by a fact of the fund alone; None where nothing moves."""
    held_in, paid_from = says.get("held_in", ""), says.get("paid_from", "")
    tranche, allowance = f"{fund}.{TRANCHE}.{says.get('number')}", f"{fund}.{ALLOWANCE}"
    provided = (f"{fund}.{PROVISION_EXPENSE}", allowance)
    return {
        Kind.TRANCHE_RECEIVED: (held_in, tranche),
        Kind.CONTRIBUTION_RECEIVED: (held_in, f"{fund}.{CONTRIBUTIONS}"),
        Kind.BANK_PROFIT_RECEIVED: (held_in, f"{fund}.{BANK_PROFIT}"),
        Kind.MONEY_MOVED: (held_in, paid_from),
        Kind.ALLOWANCE_CHANGED: provided[::-1] if says.get("release") else provided,
        Kind.EXPENSE_PAID: (f"{fund}.{EXPENSE}", paid_from),
        Kind.CAPITAL_RETURNED: (tranche, paid_from),
    }.get(kind)
