"""Clerks: they record one repayment after the other in their books, in this process, as fast as the engine answers."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from uuid import uuid4

from benchmarks.books import OpenLoan, day_after
from benchmarks.measuring import COLLECTED, Rate
from cif_engine.operations.collecting import Repayment, record_repayment
from cif_engine.operations.recording import Request
from cif_engine.persistence.engines import Databases

TODAY = date(2026, 6, 30)
"""The business date of every recording; what is repaid was paid before it."""

AMOUNT_MINOR = 1_000
"""Small, so that a loan is not repaid before the measurement ends."""

FINGERPRINT = b"0" * 32


@dataclass(slots=True)
class Clerk:
    """Records one repayment of each loan, and then the same again, each a day after the last of its loan.

    Clerks who record repayments of the same loans share `recorded`, the number of repayments by loan.
    """

    databases: Databases
    loans: Sequence[OpenLoan]
    first_day: date = field(default_factory=lambda: day_after(COLLECTED))
    recorded: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    name: str = field(default_factory=lambda: uuid4().hex[:8])
    _turns: count[int] = field(default_factory=count)

    def record(self) -> None:
        """Record the next repayment. Several threads may do so at the same time."""
        turn = next(self._turns)
        loan = self.loans[turn % len(self.loans)]
        day = self.first_day + timedelta(days=self.recorded[loan.loan_id])
        self.recorded[loan.loan_id] += 1
        key = f"{self.name}-{turn}"
        request = Request(loan.lso_id, "clerk", time.time_ns() // 1000, TODAY, key, FINGERPRINT)
        record_repayment(self.databases, request, Repayment(str(uuid4()), loan.number, AMOUNT_MINOR, day))


def work(clerks: Sequence[Clerk], seconds: float) -> Rate:
    """Let the clerks record for so long, each on a thread of its own; one that fails ends the measurement."""
    ends = time.perf_counter() + seconds

    def record_until_the_end(clerk: Clerk) -> int:
        done = 0
        while time.perf_counter() < ends:
            clerk.record()
            done += 1
        return done

    began = time.perf_counter()
    with ThreadPoolExecutor(len(clerks)) as threads:
        done = sum(threads.map(record_until_the_end, clerks))
    return Rate(done, time.perf_counter() - began)
