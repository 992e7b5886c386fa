"""What the pure core takes for one loan: making its schedule, and folding its facts into its life."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from benchmarks.books import (
    FUND,
    INSTALMENT_MINOR,
    LENT_ON,
    PRINCIPAL_MINOR,
    SCHEDULE,
    TERMS,
)
from benchmarks.measuring import Effort, Line, Series, called_often
from cif_engine.dates import Calendar
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.loans.said import write_schedule
from cif_engine.loans.schedule import make_schedule
from cif_engine.loans.standing import Status

NO_HOLIDAYS = Calendar(frozenset())
CALLS_A_SECOND = 5_000


def measure_loans(effort: Effort) -> list[Line]:
    """Return the microseconds of each, one call among many."""
    facts = _twelve_facts()
    assert live(facts).standing.status is Status.OPEN, "eleven of twelve instalments are paid"
    functions: dict[str, Callable[[], object]] = {
        "make_schedule, 12 monthly instalments": lambda: make_schedule(TERMS, PRINCIPAL_MINOR, LENT_ON, NO_HOLIDAYS),
        "live, 12 facts, 12 instalments": lambda: live(facts),
    }
    calls = max(10, int(effort.seconds * CALLS_A_SECOND))
    return [
        Line("loans", "none", what, "us/call", _each(function, calls, effort.rounds))
        for what, function in functions.items()
    ]


def _each(function: Callable[[], object], calls: int, rounds: int) -> Series:
    called_often(function, time.perf_counter, calls // 4)
    return Series(tuple(called_often(function, time.perf_counter, calls) for _ in range(rounds)))


def _twelve_facts() -> list[LoanFact]:
    """Return the disbursement of a loan and eleven repayments, one a month."""
    lent = {"amount_minor": PRINCIPAL_MINOR, "schedule": write_schedule(SCHEDULE)}
    paid = {"amount_minor": INSTALMENT_MINOR, "channel": "cash", "held_in": account_code(FUND, Role.CASH_IN_HAND)}
    return [
        LoanFact("0", Kind.LOAN_DISBURSED, LENT_ON, lent),
        *(
            LoanFact(str(month), Kind.REPAYMENT_RECEIVED, LENT_ON + timedelta(days=30 * month), paid)
            for month in range(1, len(SCHEDULE))
        ),
    ]
