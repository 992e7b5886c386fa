"""The floors: the statements of recording one repayment, run raw on the same database, with nothing around them.

PostgreSQL's are run by pgbench with eight clients, each in a book of its own; SQLite's by the driver on one connection,
since SQLite has one writer, each repayment a durable transaction. What is written has the size and the shape of what
the engine writes, and is counted afterwards; only its hashes are not real, so the floors have books of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from benchmarks.books import FUND, INSTALMENT_MINOR, OpenLoan, day_after
from benchmarks.grounds import Ground
from benchmarks.measuring import BOOKS, COLLECTED, FLOOR_BOOKS, Measure, Rate
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES

CASH = account_code(FUND, Role.CASH_IN_HAND)
CASH_OF_ANY_FUND = account_code("", Role.CASH_IN_HAND)
LOANS_OUTSTANDING = account_code(FUND, Role.LOANS_OUTSTANDING)
STILL_OWED_MINOR = 9 * INSTALMENT_MINOR
FIRST_DAY = day_after(COLLECTED)
LATER_DUE_DAY = FIRST_DAY + timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the engine wrote of one repayment: the payload of its event, and the answer that is kept."""

    payload: str
    answer: str


def take_sample(databases: Databases) -> Sample:
    """Return what the engine wrote of a repayment that it recorded before."""
    event, answer = TABLES["event"], TABLES["answer"]
    same = sa.and_(answer.c.lso_id == event.c.lso_id, answer.c.event_seq == event.c.seq)
    with databases.reading() as connection:
        row = connection.execute(sa.select(event.c.payload, answer.c.body).join(answer, same).limit(1)).one()
    return Sample(*row)


def floor_loans(ground: Ground) -> list[list[OpenLoan]]:
    """Return the loans that the floors write to: those of the books after the engine's."""
    return ground.loans[BOOKS : BOOKS + FLOOR_BOOKS]


def counted(databases: Databases, loans: Sequence[Sequence[OpenLoan]], measure: Measure) -> Measure:
    """Return a measure that fails unless everything it counts is in the books of these loans."""

    def measure_and_count(seconds: float) -> Rate:
        before = events_of(databases, loans)
        rate = measure(seconds)
        recorded = events_of(databases, loans) - before
        if recorded != rate.done:
            raise RuntimeError(f"{rate.done} repayments were counted, {recorded} are in the books")
        return rate

    return measure_and_count


def events_of(databases: Databases, loans: Sequence[Sequence[OpenLoan]]) -> int:
    """Return how many events the books of these loans hold, all together."""
    event = TABLES["event"]
    lso_ids = [of_one_book[0].lso_id for of_one_book in loans]
    with databases.reading() as connection:
        counting = sa.select(sa.func.count()).select_from(event).where(event.c.lso_id.in_(lso_ids))
        return int(connection.execute(counting).scalar_one())


def refuse_unsound(databases: Databases, loans: Sequence[Sequence[OpenLoan]]) -> None:
    """Raise when anything in the books of these loans does not agree: an engine that errs would look fast."""
    for of_one_book in loans:
        findings = verify(databases, of_one_book[0].lso_id)
        if findings:
            raise RuntimeError(f"{len(findings)} findings in the books that were measured, the first: {findings[0]}")
