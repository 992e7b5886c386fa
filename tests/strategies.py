"""Random histories of a fund, as its accountant might record them: late, out of order, twice, too much, and refused.

A history is a list of happenings, drawn before any of them is recorded, so that a failing one shrinks and is printed
as it can be read. A happening that the book refuses is part of the history too.
"""

from abc import ABC, abstractmethod
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
from cif_engine.operations.replacing import CORRECTABLE
from cif_engine.operations.restructuring import Pause
from tests.books import CHAIR, INELIGIBLE, MANAGER, MEMBERS, Book, How

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


@dataclass(frozen=True)
class OnLoan(ABC):
    """Something that is recorded about one of the loans so far; what it is, `record_on` says."""

    loan: int
    on: date

    def record(self, book: Book, told: Told) -> None:
        if told.loans:
            self.record_on(book, told.loans[self.loan % len(told.loans)], told)

    @abstractmethod
    def record_on(self, book: Book, loan: str, told: Told) -> None:
        """Record it about this loan, or be refused."""


def borrower_of(book: Book, loan: str) -> str:
    (member_id,) = (row["member_id"] for row in book.rows("loan") if row["number"] == loan)
    return str(member_id)


@dataclass(frozen=True)
class FeeCharged(OnLoan):
    amount: str
    penalty: bool
    days_to_due: int

    def record_on(self, book: Book, loan: str, told: Told) -> None:  # noqa: ARG002 - as above
        due_on = self.on + timedelta(days=self.days_to_due)
        book.charges(loan, self.amount, on=self.on, due_on=due_on, penalty=self.penalty)


@dataclass(frozen=True)
class DuesWaived(OnLoan):
    penalty: str
    fee: str
    charge: str

    def record_on(self, book: Book, loan: str, told: Told) -> None:  # noqa: ARG002 - as above
        book.waives(loan, on=self.on, penalty=self.penalty, fee=self.fee, charge=self.charge)


@dataclass(frozen=True)
class LoanRescheduled(OnLoan):
    plan: RepaymentPlan

    def record_on(self, book: Book, loan: str, told: Told) -> None:  # noqa: ARG002 - as above
        book.reschedules(loan, on=self.on, plan=self.plan)


@dataclass(frozen=True)
class LoanPaused(OnLoan):
    pause: Pause

    def record_on(self, book: Book, loan: str, told: Told) -> None:  # noqa: ARG002 - as above
        book.reschedules(loan, on=self.on, pause=self.pause)


@dataclass(frozen=True)
class LoanWrittenOff(OnLoan):
    def record_on(self, book: Book, loan: str, told: Told) -> None:  # noqa: ARG002 - as above
        book.writes_off(loan, on=self.on)


@dataclass(frozen=True)
class LoanSettled(OnLoan):
    """A payment that is to settle the loan; where it is too little, it is refused."""

    amount: str

    def record_on(self, book: Book, loan: str, told: Told) -> None:  # noqa: ARG002 - as above
        book.repays(loan, self.amount, on=self.on, settles=True)


@dataclass(frozen=True)
class CreditRefunded(OnLoan):
    """More than is owed comes perhaps, and some of it is given back."""

    amount: str
    overpaid: str

    def record_on(self, book: Book, loan: str, told: Told) -> None:  # noqa: ARG002 - as above
        book.repays(loan, self.overpaid, on=self.on)
        book.refunds(loan, self.amount, on=self.on)


@dataclass(frozen=True)
class CreditUsed(OnLoan):
    """More than is owed comes perhaps, and some of it pays a new loan of the same member."""

    amount: str
    overpaid: str
    new_loan: str

    def record_on(self, book: Book, loan: str, told: Told) -> None:
        book.repays(loan, self.overpaid, on=self.on)
        new = book.lends(self.new_loan, on=self.on, member=borrower_of(book, loan), product="FREE")
        told.loans.append(new)
        book.uses_credit(loan, self.amount, on=self.on, pays=new)


@dataclass(frozen=True)
class LoanToppedUp(OnLoan):
    """A new loan of the same member settles the old one."""

    amount: str
    settled: str | None

    def record_on(self, book: Book, loan: str, told: Told) -> None:
        new = book.applies(self.amount, on=self.on, member=borrower_of(book, loan), product="FREE")
        book.resolves(new, on=self.on)
        told.loans.append(new)
        book.disburses(new, on=self.on, settles=loan, settled=self.settled)


@dataclass(frozen=True)
class PartsDisbursed:
    """A loan that is handed out in two parts."""

    amount: str
    first: str
    on: date
    days_between: int
    product: str

    def record(self, book: Book, told: Told) -> None:
        loan = book.applies(self.amount, on=self.on, product=self.product)
        book.resolves(loan, on=self.on)
        told.loans.append(loan)
        book.disburses(loan, on=self.on, amount=self.first)
        book.disburses(loan, on=self.on + timedelta(days=self.days_between))


@dataclass(frozen=True)
class LoanCancelled:
    amount: str
    on: date

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        book.cancels(book.applies(self.amount, on=self.on, product="FREE"), on=self.on)


@dataclass(frozen=True)
class MoratoriumGranted:
    months: int
    on: date

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        book.grants_moratorium(self.months, on=self.on)


@dataclass(frozen=True)
class AllowanceChanged:
    amount: str
    on: date
    release: bool

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        book.changes_allowance(self.amount, on=self.on, release=self.release)


@dataclass(frozen=True)
class FactReversed:
    """One of the facts so far was a mistake; it may be a reversal, and it may be reversed already."""

    event: int

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        events = book.rows("event")
        if events:
            event = events[-1 - self.event % len(events)]
            # Whoever recorded a fact does not reverse it.
            book.reverses(event["id"], how=CHAIR if event["actor"] != CHAIR.actor else MANAGER)


@dataclass(frozen=True)
class FactCorrected:
    """One of the facts so far was typed wrong: its amount, or its day."""

    event: int
    amount: str | None
    on: date | None

    def record(self, book: Book, told: Told) -> None:  # noqa: ARG002 - as above
        events = [row for row in book.rows("event") if row["kind"] in CORRECTABLE]
        if events:
            event = events[-1 - self.event % len(events)]
            how = CHAIR if event["actor"] != CHAIR.actor else MANAGER
            book.corrects(event["id"], amount=self.amount, on=self.on, how=how)


# Days meet on purpose: facts of one day are where order could matter.
def days_between(first_week: int, last_week: int) -> st.SearchStrategy[date]:
    return st.integers(first_week, last_week).map(lambda week: BEGINNING + timedelta(days=7 * week))


early_days, days = days_between(0, 8), days_between(0, 40)
places = st.sampled_from(["bank", "bank", "cash", "custodian:1", "custodian:2"])
channels = st.sampled_from(["bank", "cash", "cash", "cheque", "wallet"])
products = st.sampled_from(sorted(PRODUCTS))


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
        draw(products),
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
loan_numbers = st.integers(0, 7)
overpayments = st.integers(1_000, 9_000).map(str)
some_rupees = st.just("0") | rupees(300)
life_of_a_loan: st.SearchStrategy[Happening] = (
    st.builds(FeeCharged, loan_numbers, days, rupees(300), st.booleans(), st.sampled_from([0, 0, 30]))
    | st.builds(DuesWaived, loan_numbers, days, some_rupees, some_rupees, some_rupees)
    | st.builds(LoanRescheduled, loan_numbers, days, st.builds(EqualInstalments, count=st.integers(1, 9)))
    | st.builds(LoanPaused, loan_numbers, days, st.builds(Pause, st.integers(1, 6), st.sampled_from(["kept", "moved"])))
    | st.builds(LoanWrittenOff, loan_numbers, days)
    | st.builds(LoanSettled, loan_numbers, days, st.integers(2_000, 9_000).map(str))
    | st.builds(CreditRefunded, loan_numbers, days, rupees(900), overpayments)
    | st.builds(CreditUsed, loan_numbers, days, rupees(300), overpayments, rupees(900))
    | st.builds(LoanToppedUp, loan_numbers, days, overpayments, st.none() | rupees(9_000))
    | st.builds(PartsDisbursed, st.just("6000"), rupees(5_999), early_days, st.sampled_from([0, 7, 70]), products)
    | st.builds(LoanCancelled, rupees(900), days)
    | st.builds(MoratoriumGranted, st.integers(1, 3), days)
    | st.builds(AllowanceChanged, rupees(3_000), days, st.booleans())
)
corrections: st.SearchStrategy[Happening] = st.builds(FactReversed, st.integers(0, 12)) | st.builds(
    FactCorrected, st.integers(0, 12), st.none() | rupees(9_000), st.none() | days
)
other_happenings: st.SearchStrategy[Happening] = (
    loans_asked() | repayments(None, 9_000) | money_in | money_out | life_of_a_loan | life_of_a_loan | corrections
)


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
