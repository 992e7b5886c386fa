"""One fund to measure on: six years of loans in monthly instalments, recorded fact by fact through the operations.

It is made up by the generator of the demonstration: two tranches, charge, bank profit and what it pays for, late paper,
wrong receipts and their corrections, overpayments, loans agreed anew and loans written off, and capital given back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from benchmarks.grounds import Site
from cif_engine.demonstration.dues import Monthly
from cif_engine.demonstration.loading import load
from cif_engine.demonstration.office import plan_of
from cif_engine.demonstration.plan import Plan
from cif_engine.demonstration.profiles import Grant, Offer, Place, Profile
from cif_engine.money import parse_amount
from cif_engine.operations.disbursing import Disbursement
from cif_engine.operations.lots import LotsAsked, lots_report
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES

SEED = 1
LENT_FROM, LENT_TO = date(2019, 1, 1), date(2024, 12, 31)
RUPEES_OF_LOAN = 3_400
"""What is granted for each loan there will be, so that money has to come back before it goes out again."""

OFFERS = (
    Offer("DAIRY", "Livestock", ("a dairy goat", "a share in a buffalo"), Monthly(8), 10_000, 20_000, 50),
    Offer("SHOP", "Small enterprise", ("a village shop", "tailoring"), Monthly(6), 8_000, 25_000, 50),
)


@dataclass(frozen=True, slots=True)
class RecordedFund:
    """A fund whose every fact was recorded; `events` are those of its book."""

    url: str
    databases: Databases
    plan: Plan
    events: int

    @property
    def lso_id(self) -> str:
        """Whose it is."""
        return self.plan.lso.id

    @property
    def code(self) -> str:
        """What it goes by."""
        return self.plan.fund.code

    @property
    def as_of(self) -> date:
        """The last day on which anything happened."""
        return self.plan.profile.to_on

    @property
    def last_loan(self) -> str:
        """The id of the loan that was handed out last: of the most turns."""
        return next(fact.command.loan for fact in reversed(self.plan.facts) if isinstance(fact.command, Disbursement))

    @property
    def half_way(self) -> int:
        """A moment at which half of the facts were recorded."""
        return self.plan.facts[len(self.plan.facts) // 2].recorded_at

    def asked(self, as_of: date | None = None, known_at: int | None = None) -> LotsAsked:
        """Return whose lots are asked for: on the last day, unless another is named."""
        return LotsAsked(self.lso_id, as_of or self.as_of, known_at)

    def refuse_unsound(self) -> None:
        """Raise when the book does not agree, or its lots do not sum to what is there and to what came in."""
        if findings := verify(self.databases, self.lso_id):
            raise RuntimeError(f"{len(findings)} findings in the book of the fund, the first: {findings[0]}")
        for known_at in (None, self.half_way):
            refuse_broken(lots_report(self.databases, self.asked(known_at=known_at), self.code))


def refuse_broken(report: dict[str, Any]) -> None:
    """Raise when lots do not sum to cash and outstanding principal, or a source is not where it can be."""
    if not report["holds"]:
        raise RuntimeError(f"lots of {report['amount']} beside {report['cash']} and {report['outstanding_principal']}")
    for source in report["sources"]:
        parts = (source["in_cash"], source["in_loans"], source["lost"]["amount"], source["returned"])
        if sum(map(_minor, parts)) != _minor(source["entered"]):
            raise RuntimeError(f"{source['source']} {source['number']}: {parts} of {source['entered']}")


def _minor(amount: str) -> int:
    return parse_amount(amount)


@contextmanager
def fund_ground(site: Site, name: str, loans: int) -> Iterator[RecordedFund]:
    """Give a database with one fund of so many loans, sound; it is gone in the end."""
    plan = plan_of_fund(loans)
    with site.empty(name) as (url, databases):
        load(databases, plan)
        site.tidy(name, databases)
        fund = RecordedFund(url, databases, plan, _events(databases, plan.lso.id))
        fund.refuse_unsound()
        yield fund


def plan_of_fund(loans: int) -> Plan:
    """Return all that is recorded of the fund, the same every time."""
    return plan_of(_profile(loans), SEED)


def _profile(loans: int) -> Profile:
    granted = loans * RUPEES_OF_LOAN
    borrowing = max(loans * 4 // 9, 2)
    return Profile(
        lso=Place("FUND", "LSO of the fund"),
        rsp=Place("RSP", "RSP"),
        province=Place("P", "Province"),
        district=Place("D", "District"),
        tehsil=Place("T", "Tehsil"),
        union_council=Place("U", "Union council"),
        formed_on=LENT_FROM,
        to_on=LENT_TO,
        households_total=3 * borrowing,
        households_organised=2 * borrowing,
        village_organisations=5,
        community_organisations=25,
        borrowing_households=borrowing,
        loans=loans,
        grants=(Grant(date(2019, 1, 10), granted * 3 // 5), Grant(date(2020, 1, 10), granted * 2 // 5)),
        offers=OFFERS,
        charge_percent=5,
        capital_returned=granted // 30,
        custodians=0,
    )


def _events(databases: Databases, lso_id: str) -> int:
    book = TABLES["book"]
    with databases.reading(lso_id) as connection:
        return int(connection.execute(sa.select(book.c.head_seq).where(book.c.lso_id == lso_id)).scalar_one())
