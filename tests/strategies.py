"""Random histories of a fund, as its accountant might record them: late, out of order, twice, too much, and refused.

A history is a list of happenings, drawn before any of them is recorded, so that a failing one shrinks and is printed
as it can be read. A happening that the book refuses is part of the history too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from hypothesis import strategies as st

from cif_engine.dates import MonthDay
from cif_engine.errors import CifError
from cif_engine.loans.terms import (
    AgreedPayment,
    AgreedPayments,
    BulletPayment,
    EqualInstalments,
    FlatAmount,
    FlatPercent,
    LoanTerms,
    RepaymentPlan,
    SeasonalInstalments,
)
from cif_engine.money import format_amount, parse_amount
from tests.books import INELIGIBLE, MEMBERS, Book, How

BEGINNING = date(2024, 1, 1)
HARVESTS = (MonthDay(4, 30), MonthDay(10, 31))
MONTHLY = EqualInstalments(count=12)
PRODUCTS = {
    "FREE": LoanTerms(repayment=MONTHLY),
    "PERCENT": LoanTerms(repayment=MONTHLY, charge=FlatPercent(percent=Decimal(10))),
    "AMOUNT": LoanTerms(repayment=MONTHLY, charge=FlatAmount.of_minor(250_00)),
}


@dataclass
class Told:
    """What became of a history: the loans it made by number, and the happenings that were refused."""

    loans: list[str] = field(default_factory=list)
    refusals: list[tuple["Happening", CifError]] = field(default_factory=list)


class Happening(Protocol):
    """Something that happens, or is claimed to."""

    def record(self, book: Book, told: Told) -> None:
        """Record it, or be refused."""


History = list[Happening]


def tell(book: Book, history: Iterable[Happening], told: Told | None = None) -> Told:
    """Record a history; a refusal does not end it."""
    told = told or Told()
    for happening in history:
        try:
            happening.record(book, told)
        except CifError as refusal:
            told.refusals.append((happening, refusal))
    return told


@dataclass(frozen=True)
class TrancheComes:
    amount: str
    on: date
    held_in: str

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - every happening is told so
        book.gets_tranche(self.amount, on=self.on, held_in=self.held_in)


@dataclass(frozen=True)
class MoneyComes:
    """A contribution, or profit of the bank."""

    amount: str
    on: date
    held_in: str
    profit: bool

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        receive = book.earns_profit if self.profit else book.is_given
        receive(self.amount, on=self.on, held_in=self.held_in)


@dataclass(frozen=True)
class ExpensePaid:
    amount: str
    on: date
    paid_from: str

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        book.spends(self.amount, on=self.on, paid_from=self.paid_from)


@dataclass(frozen=True)
class CapitalReturned:
    amount: str
    on: date
    tranche: int

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        book.returns(self.amount, on=self.on, tranche=self.tranche)


@dataclass(frozen=True)
class MoneyMoved:
    amount: str
    on: date
    paid_from: str
    held_in: str

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        book.moves(self.amount, on=self.on, paid_from=self.paid_from, held_in=self.held_in)


@dataclass(frozen=True)
class LoanAsked:
    """An application that goes as far as it does: to an application only, a refusal, an approval, or the money."""

    amount: str
    on: date
    member: str
    product: str
    plan: RepaymentPlan | None
    ends: str
    channel: str
    days_to_decision: int
    days_to_money: int

    def record(self, book: Book, told: Told) -> None:
        loan = book.applies(self.amount, on=self.on, member=self.member, product=self.product, plan=self.plan)
        decided_on = self.on + timedelta(days=self.days_to_decision)
        if self.ends == "applied":
            return
        book.appraises(loan, self.amount, on=self.on)
        book.resolves(loan, on=decided_on, approved=self.ends != "refused")
        if self.ends == "disbursed":
            told.loans.append(loan)
            book.disburses(loan, on=decided_on + timedelta(days=self.days_to_money), channel=self.channel)


@dataclass(frozen=True)
class RepaymentComes:
    """A receipt for one of the loans so far; a number in `receipt` may be one that was used before."""

    loan: int
    amount: str
    on: date
    channel: str
    custodian: int | None
    receipt: int | None

    def record(self, book: Book, told: Told) -> None:
        if told.loans:
            loan = told.loans[self.loan % len(told.loans)]
            how = How(receipt=None if self.receipt is None else f"R-{self.receipt}")
            book.repays(loan, self.amount, on=self.on, channel=self.channel, custodian=self.custodian, how=how)


# Days meet on purpose: facts of one day are where order could matter.
def days_between(first_week: int, last_week: int) -> st.SearchStrategy[date]:
    return st.integers(first_week, last_week).map(lambda week: BEGINNING + timedelta(days=7 * week))


early_days, days = days_between(0, 8), days_between(0, 40)
places = st.sampled_from(["bank", "bank", "cash", "custodian:1", "custodian:2"])
channels = st.sampled_from(["bank", "cash", "cash", "cheque", "wallet"])


def rupees(most: int) -> st.SearchStrategy[str]:
    """Return amounts up to so many rupees, most of them whole."""
    whole = st.integers(1, most).map(str)
    return whole | whole | st.integers(1, most * 100).map(format_amount)


plans: st.SearchStrategy[RepaymentPlan | None] = (
    st.none()
    | st.builds(BulletPayment, after_months=st.integers(1, 12))
    | st.builds(EqualInstalments, count=st.integers(1, 15), frequency=st.sampled_from(["weekly", "monthly"]))
    | st.just(SeasonalInstalments(month_days=HARVESTS, count=3))
)


@st.composite
def agreed_plans(draw: st.DrawFn, amount_minor: int) -> RepaymentPlan:
    """Return one or two agreed payments that sum to the amount; they may fall due before the loan starts."""
    first = draw(st.integers(1, amount_minor))
    parts = [first, amount_minor - first] if first < amount_minor else [first]
    due_on = draw(days_between(4, 30))
    payments = (AgreedPayment.of_minor(due_on + timedelta(days=30 * n), part) for n, part in enumerate(parts))
    return AgreedPayments(payments=tuple(payments))


usual_ends = st.sampled_from(["disbursed"] * 5 + ["applied", "refused", "approved"])


@st.composite
def loans_asked(draw: st.DrawFn, ends: st.SearchStrategy[str] = usual_ends, most: int = 12_000) -> LoanAsked:
    amount = draw(rupees(most))
    return LoanAsked(
        amount,
        draw(early_days),
        draw(st.sampled_from([*MEMBERS, *MEMBERS, INELIGIBLE] if ends is usual_ends else MEMBERS)),
        draw(st.sampled_from(sorted(PRODUCTS))),
        draw(plans | agreed_plans(parse_amount(amount))),
        draw(ends),
        draw(channels),
        draw(st.sampled_from([0, 0, 7])),
        draw(st.sampled_from([0, 0, 7, 14])),
    )


def repayments(of: int | None, most: int) -> st.SearchStrategy[RepaymentComes]:
    """Return receipts of one loan (its place among the loans made), or of any; a few name an unknown custodian."""
    return st.builds(
        RepaymentComes,
        loan=st.integers(0, 7) if of is None else st.just(of),
        amount=rupees(most),
        on=days,
        channel=channels,
        custodian=st.sampled_from([None] * 6 + [1, 2, 3]),
        receipt=st.none() | st.integers(1, 20),
    )


money_in = st.builds(TrancheComes, rupees(30_000), days, places) | st.builds(
    MoneyComes, rupees(9_000), days, places, st.booleans()
)
money_out = (
    st.builds(ExpensePaid, rupees(9_000), days, places)
    | st.builds(CapitalReturned, rupees(20_000), days, st.sampled_from([1, 1, 2]))
    | st.builds(MoneyMoved, rupees(9_000), days, places, places)
)
other_happenings: st.SearchStrategy[Happening] = loans_asked() | repayments(None, 9_000) | money_in | money_out


@st.composite
def histories(draw: st.DrawFn, others: st.SearchStrategy[Happening] = other_happenings, most: int = 8) -> History:
    """Return histories that begin with a tranche and loans of it; what follows comes in any order."""
    beginning: History = [TrancheComes("25000", BEGINNING, "bank"), MoneyMoved("10000", BEGINNING, "bank", "cash")]
    later: History = draw(st.lists(others, max_size=most))
    for number in range(draw(st.integers(1, 2))):
        loan = draw(loans_asked(st.just("disbursed"), 6_000))
        beginning.append(loan)
        later += draw(st.lists(repayments(number, max(parse_amount(loan.amount) // 150, 1)), min_size=1, max_size=6))
    return beginning + draw(st.permutations(later))
