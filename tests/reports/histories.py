"""Random histories of a village: facts of random days, recorded in a random order, as paper reaches the office."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from cif_engine.dates import Frequency
from cif_engine.errors import CifError
from cif_engine.loans.terms import BulletPayment, EqualInstalments
from tests.reports.village import Village

FIRST_DAY = date(2021, 1, 1)
LAST_DAY = date(2022, 6, 30)
days = st.integers(0, (LAST_DAY - FIRST_DAY).days).map(lambda count: FIRST_DAY + timedelta(days=count))
amounts = st.sampled_from([1_00, 999_99, 1_000_00, 2_500_00, 12_000_00])
PLANS = (
    None,
    BulletPayment(after_months=3),
    EqualInstalments(count=4, frequency=Frequency(days=30)),
    EqualInstalments(count=13, frequency=Frequency(days=7)),
)


@dataclass(frozen=True)
class Lent:
    """A loan of 12,000 rupees to a member, or only its application or approval."""

    member: int
    product: str
    on: date
    plan: int
    reaches: str = "disbursed"

    def record(self, village: Village, loans: list[str]) -> None:
        if self.reaches == "disbursed":
            loans.append(village.lend(12_000_00, self.on, self.member, self.product, PLANS[self.plan]))
            return
        loan = village.apply(12_000_00, self.on, self.member, self.product, PLANS[self.plan])
        loans.append(loan)
        if self.reaches == "approved":
            village.approve(loan, self.on)


@dataclass(frozen=True)
class Repaid:
    """A repayment of one of the loans so far, by the order in which they were recorded."""

    loan: int
    amount_minor: int
    on: date
    carried: bool

    def record(self, village: Village, loans: list[str]) -> None:
        if loans:
            custodian = 1 if self.carried else None
            village.repay(loans[self.loan % len(loans)], self.amount_minor, self.on, custodian)


@dataclass(frozen=True)
class Spent:
    """Operating expense, out of the bank."""

    amount_minor: int
    on: date

    def record(self, village: Village, _: list[str]) -> None:
        village.spend(self.amount_minor, self.on)


@dataclass(frozen=True)
class Earned:
    """Bank profit, and as much again as a contribution."""

    amount_minor: int
    on: date

    def record(self, village: Village, _: list[str]) -> None:
        village.earn(self.amount_minor, self.on)
        village.contribute(self.amount_minor, self.on, fund="SHOP")


@dataclass(frozen=True)
class Banked:
    """Cash in hand, brought to the bank."""

    amount_minor: int
    on: date

    def record(self, village: Village, _: list[str]) -> None:
        village.move(self.amount_minor, self.on, "cash", "bank")


Step = Lent | Repaid | Spent | Earned | Banked
lent = st.builds(
    Lent,
    st.integers(1, 8),
    st.sampled_from(["GOAT", "STALL"]),
    days,
    st.integers(0, len(PLANS) - 1),
    st.sampled_from(["disbursed"] * 8 + ["applied", "approved"]),
)
repaid = st.builds(Repaid, st.integers(0, 7), amounts, days, st.booleans())
other = st.builds(Spent, amounts, days) | st.builds(Earned, amounts, days) | st.builds(Banked, amounts, days)
histories = st.lists(lent, min_size=1, max_size=4).flatmap(
    lambda first: st.lists(repaid | repaid | repaid | lent | other, max_size=12).map(lambda rest: [*first, *rest])
)


def tell(village: Village, steps: list[Step]) -> Village:
    """Record a history of two funds step by step. What the engine refuses did not happen."""
    loans: list[str] = []
    village.give(100_000_00, FIRST_DAY)
    village.give(100_000_00, FIRST_DAY, fund="SHOP")
    for step in steps:
        with suppress(CifError):
            step.record(village, loans)
    return village
