"""Random life histories of a fund: up to twenty loans, everything that may happen to them, and the fund's own money.

A history is what the office will be told; `said` makes the requests of it, each with an id of its own, so that the
same facts can be recorded again in another book and in another order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st

from cif_engine.dates import FORTNIGHTLY, WEEKLY, MonthDay
from cif_engine.errors import CifError, SettlementShortError
from cif_engine.ledger.payloads import read_payload
from cif_engine.loans.terms import (
    Across,
    AllocationOrder,
    BulletPayment,
    ChargeDue,
    DecliningBalance,
    DueKind,
    EqualInstalments,
    FlatAmount,
    FlatPercent,
    LoanTerms,
    Rebate,
    RepaymentPlan,
    SeasonalInstalments,
)
from cif_engine.money import parse_amount
from cif_engine.operations.allowance import AllowanceChange, change_allowance
from cif_engine.operations.collecting import Repayment, record_repayment
from cif_engine.operations.credits import CreditUse, Refund, refund_credit, use_credit
from cif_engine.operations.disbursing import Disbursement, disburse_loan
from cif_engine.operations.dues import Fee, Waiver, charge_fee, waive_dues
from cif_engine.operations.funding import (
    MoneyIn,
    MoneyOut,
    Transfer,
    move_money,
    pay_expense,
    receive_bank_profit,
    receive_contribution,
)
from cif_engine.operations.lending import (
    Application,
    Appraisal,
    Cancellation,
    CommitteeDecision,
    apply_for_loan,
    appraise_loan,
    cancel_loan,
    decide_on_loan,
)
from cif_engine.operations.restructuring import Pause, Reschedule, WriteOff, reschedule_loan, write_off_loan
from cif_engine.operations.reversals import Reversal
from cif_engine.operations.reversing import reverse_fact
from cif_engine.operations.sub_grant import (
    Agreement,
    CapitalReturn,
    TrancheReceipt,
    TrancheRelease,
    receive_tranche,
    release_tranche,
    return_capital,
    sign_agreement,
)
from tests.books import FUND, MEMBERS, Book

BEGINNING = date(2024, 1, 1)
WEEK = timedelta(days=7)
LOANS = UUID("5f0c1f3a-8a77-4a58-9f0e-0d8f6a1b2c3d")
FACTS = UUID("0b4f4b0e-51c7-4d7e-8f5e-6a7b8c9d0e1f")
BORROWERS = tuple(f"M-{number}" for number in range(1, len(MEMBERS) + 1))
PLANS: tuple[RepaymentPlan, ...] = (
    EqualInstalments(count=6),
    EqualInstalments(count=8, frequency=FORTNIGHTLY),
    BulletPayment(after_months=4),
)
PRODUCTS = {
    "FREE": LoanTerms(repayment=EqualInstalments(count=12)),
    "WEEKS": LoanTerms(
        repayment=EqualInstalments(count=10, frequency=WEEKLY),
        allocation=AllocationOrder(order=(DueKind.PRINCIPAL, DueKind.CHARGE, DueKind.FEE, DueKind.PENALTY)),
    ),
    "PERCENT": LoanTerms(
        repayment=EqualInstalments(count=8, frequency=FORTNIGHTLY),
        charge=FlatPercent(percent=Decimal(10)),
        rebate=Rebate.NOT_YET_DUE,
    ),
    "UPFRONT": LoanTerms(
        repayment=BulletPayment(after_months=6), charge=FlatPercent(percent=Decimal(5), due=ChargeDue.UP_FRONT)
    ),
    "HARVEST": LoanTerms(
        repayment=SeasonalInstalments(month_days=(MonthDay(4, 30), MonthDay(10, 31)), count=2),
        charge=FlatAmount.model_validate({"amount": "60.00", "due": "with_last"}),
        allocation=AllocationOrder(across=Across.KINDS),
    ),
    "DECLINING": LoanTerms(
        repayment=EqualInstalments(count=6), charge=DecliningBalance(annual_percent=Decimal(24)), rebate=Rebate.PRO_RATA
    ),
}


# What is drawn -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loan:
    """A loan that is asked for, and how it ends at the desk; a `top_up` settles the loan drawn before it."""

    product: str
    week: int
    rupees: int
    member: int
    ends: str


@dataclass(frozen=True)
class Act:
    """Something that is said to have happened, so many weeks after its loan was asked for; `size` is for it to read."""

    what: str
    loan: int
    week: int
    size: int


@dataclass(frozen=True)
class FundLife:
    """What the office will be told."""

    loans: tuple[Loan, ...]
    acts: tuple[Act, ...]


OFTEN = ("repaid",) * 10 + ("part", "waived", "refunded", "credit_used", "overpaid") * 3 + ("reversed",) * 6
SOMETIMES = ("settled", "fee", "penalty", "paused", "replanned", "written_off") * 2
OF_FUND = ("given", "profit", "spent", "moved", "provided", "released", "returned")
acts = st.builds(
    Act, st.sampled_from(OFTEN + SOMETIMES + OF_FUND), st.integers(0, 19), st.integers(0, 40), st.integers(0, 40)
)
loans = st.builds(
    Loan,
    st.sampled_from(sorted(PRODUCTS)),
    st.integers(0, 8),
    st.integers(3, 60).map(lambda hundreds: hundreds * 100),
    st.sampled_from([0, 0, 1, 2, 3]),
    st.sampled_from([*["whole"] * 8, *["parts"] * 4, "top_up", "top_up", "refused", "cancelled"]),
)


def fund_lives(
    most_loans: int, most_acts: int, *, least_loans: int = 1, least_acts: int = 0
) -> st.SearchStrategy[FundLife]:
    """Return histories with up to so many loans, and so many things that happen after they are paid out."""
    return st.builds(
        FundLife,
        st.lists(loans, min_size=least_loans, max_size=most_loans).map(tuple),
        st.lists(acts, min_size=least_acts, max_size=most_acts).map(tuple),
    )


# What is said --------------------------------------------------------------------------------------------------

Operation = Callable[..., Any]
Paying = Repayment | Refund | CreditUse


@dataclass(frozen=True)
class Said:
    """A request: what is recorded, by whom. `after` is the id of another without which it says nothing.

    One that is written out leaves no amount to the engine.
    """

    operation: Operation
    command: Any
    actor: str = "accountant"
    after: str | None = None
    written_out: bool = False


def said(life: FundLife) -> list[Said]:
    """Return the requests of a history, by the day that they tell of; reversals last."""
    office = Office(life)
    return by_day([*office.of_the_tranche(), *office.of_loans(), *office.of_acts()])


def by_day(requests: Iterable[Said]) -> list[Said]:
    """Return requests by the day that they tell of; those that tell of no day come last."""
    return sorted(requests, key=_day_of)


def _day_of(request: Said) -> date:
    return getattr(request.command, "effective_on", None) or date.max


class Office:
    """Turns what happened into requests; ids count up and look random, because they decide between facts of a day."""

    def __init__(self, life: FundLife) -> None:
        self.life = life
        self.written = 0
        self.requests: list[Said] = []

    def of_the_tranche(self) -> list[Said]:
        """Return the money that loans are made of."""
        signed = Agreement(self._id(), FUND, "A-1", 200_000_00, BEGINNING)
        released = TrancheRelease(self._id(), FUND, "A-1", 1, 100_000_00, BEGINNING)
        received = TrancheReceipt(self._id(), FUND, 1, BEGINNING, "bank")
        moved = Transfer(self._id(), FUND, 40_000_00, BEGINNING, "bank", "cash")
        return [
            Said(sign_agreement, signed),
            Said(release_tranche, released, after=signed.id),
            Said(receive_tranche, received, after=released.id),
            Said(move_money, moved, after=received.id),
        ]

    def of_loans(self) -> list[Said]:
        """Return what comes before the repayments of each loan."""
        return [request for number, loan in enumerate(self.life.loans) for request in self._of_loan(number, loan)]

    def of_acts(self) -> list[Said]:
        """Return all that happened later."""
        for act in self.life.acts:
            number = act.loan % len(self.life.loans)
            on = BEGINNING + (self.life.loans[number].week + act.week) * WEEK
            request = getattr(self, f"_{act.what}")(act, loan_id(number), on)
            if request is not None:
                self.requests.append(request)
        return self.requests

    def _of_loan(self, number: int, loan: Loan) -> list[Said]:
        on, amount = BEGINNING + loan.week * WEEK, loan.rupees * 100
        member = self.life.loans[number - 1].member if loan.ends == "top_up" and number else loan.member
        its = loan_id(number)
        applied = Application(self._id(), its, BORROWERS[member], loan.product, amount, on, "a goat")
        appraised = Appraisal(self._id(), its, amount, on, "CRP Rashida")
        approved = loan.ends != "refused"
        decided = CommitteeDecision(
            self._id(), its, approved, on, "R-12", "VO committee", reason=None if approved else "no plan"
        )
        requests = [
            Said(apply_for_loan, applied),
            Said(appraise_loan, appraised, after=applied.id),
            Said(decide_on_loan, decided, "manager", applied.id),
        ]
        if loan.rupees % 200:
            del requests[1]
        if loan.ends == "cancelled":
            requests.append(Said(cancel_loan, Cancellation(self._id(), its, on + WEEK, "moved away"), after=decided.id))
        elif approved:
            requests.append(Said(disburse_loan, self._disbursement(number, loan, on, amount), after=decided.id))
        return requests

    def _disbursement(self, number: int, loan: Loan, on: date, amount: int) -> Disbursement:
        paid = Disbursement(self._id(), loan_id(number), on, ("bank", "cash")[loan.rupees // 100 % 2], amount)
        if loan.ends == "parts":
            return replace(paid, amount_minor=amount // 2)
        if loan.ends == "top_up" and number:
            return replace(paid, settles=loan_id(number - 1), settlement_id=self._id())
        return paid

    # Acts of loans ---------------------------------------------------------------------------------------------

    def _repaid(self, act: Act, loan: str, on: date) -> Said:
        whole = self.life.loans[act.loan % len(self.life.loans)].rupees * 100
        return Said(record_repayment, self._repayment(act, loan, on, whole * (act.size + 1) // 60 + act.size % 3))

    def _overpaid(self, act: Act, loan: str, on: date) -> Said:
        whole = self.life.loans[act.loan % len(self.life.loans)].rupees * 100
        return Said(record_repayment, self._repayment(act, loan, on, whole * 5 // 4))

    def _settled(self, act: Act, loan: str, on: date) -> Said:
        return Said(record_repayment, replace(self._repayment(act, loan, on, 1), settles=True))

    def _repayment(self, act: Act, loan: str, on: date, amount: int) -> Repayment:
        custodian = (None, None, 1, 2)[act.size % 4]
        channel = "cash" if custodian else ("cash", "bank")[act.size % 2]
        return Repayment(self._id(), loan, amount, on, channel, custodian)

    def _fee(self, act: Act, loan: str, on: date) -> Said | None:
        return Said(charge_fee, Fee(self._id(), loan, "passbook", 1 + act.size * 150, on, on + act.size % 4 * WEEK))

    def _penalty(self, act: Act, loan: str, on: date) -> Said:
        return Said(charge_fee, Fee(self._id(), loan, "late", 1 + act.size * 75, on, penalty=True))

    def _waived(self, act: Act, loan: str, on: date) -> Said:
        caps = (act.size * 100, act.size * 50, act.size * 200)
        return Said(waive_dues, Waiver(self._id(), loan, on, "R-20", "hardship", *caps), "manager")

    def _paused(self, act: Act, loan: str, on: date) -> Said:
        pause = Pause(1 + act.size % 3, "kept" if act.size % 2 else "moved")
        return Said(reschedule_loan, Reschedule(self._id(), loan, on, "R-30", "flood", pause=pause), "manager")

    def _replanned(self, act: Act, loan: str, on: date) -> Said:
        plan = PLANS[act.size % len(PLANS)]
        return Said(reschedule_loan, Reschedule(self._id(), loan, on, "R-30", "flood", plan=plan), "manager")

    def _part(self, act: Act, loan: str, on: date) -> Said | None:
        whole = self.life.loans[act.loan % len(self.life.loans)].rupees * 100
        return Said(disburse_loan, Disbursement(self._id(), loan, on, "bank", whole * (act.size + 1) // 100))

    def _refunded(self, _: Act, loan: str, on: date) -> Said:
        return Said(refund_credit, Refund(self._id(), loan, on))

    def _credit_used(self, act: Act, loan: str, on: date) -> Said | None:
        number = act.loan % len(self.life.loans)
        hers = [other for other, one in enumerate(self.life.loans) if one.member == self.life.loans[number].member]
        others = [other for other in hers if other != number]
        if not others:
            return None
        pays = loan_id(others[act.size % len(others)])
        return Said(use_credit, CreditUse(self._id(), self._id(), loan, pays, on))

    def _written_off(self, _: Act, loan: str, on: date) -> Said:
        return Said(write_off_loan, WriteOff(self._id(), loan, on, "R-40", "she died"), "manager")

    def _reversed(self, act: Act, _: str, __: date) -> Said | None:
        """Say that something said before, perhaps a reversal, did not happen; each time another person does."""
        if not self.requests:
            return None
        target = self.requests[-1 - (act.size + act.week) % len(self.requests)].command
        return Said(
            reverse_fact, Reversal(self._id(), target.id, "a mistake"), f"checker {len(self.requests)}", target.id
        )

    # Acts of the fund ------------------------------------------------------------------------------------------

    def _given(self, act: Act, _: str, on: date) -> Said:
        return Said(receive_contribution, MoneyIn(self._id(), FUND, 1 + act.size * 9_00, on, "a well-wisher", "cash"))

    def _profit(self, act: Act, _: str, on: date) -> Said:
        return Said(receive_bank_profit, MoneyIn(self._id(), FUND, 1 + act.size * 7_00, on, "the bank"))

    def _spent(self, act: Act, _: str, on: date) -> Said:
        return Said(pay_expense, MoneyOut(self._id(), FUND, 1 + act.size * 5_00, on, "rent"))

    def _moved(self, act: Act, _: str, on: date) -> Said:
        ways = (("bank", "cash"), ("cash", "bank"), ("custodian:1", "bank"), ("custodian:2", "cash"))
        return Said(move_money, Transfer(self._id(), FUND, 1 + act.size * 11_00, on, *ways[act.size % 4]))

    def _provided(self, act: Act, _: str, on: date) -> Said:
        return Said(change_allowance, AllowanceChange(self._id(), FUND, 1 + act.size * 60_00, on, "R-50", "losses"))

    def _released(self, act: Act, _: str, on: date) -> Said:
        change = AllowanceChange(self._id(), FUND, 1 + act.size * 20_00, on, "R-51", "no more", release=True)
        return Said(change_allowance, change)

    def _returned(self, act: Act, _: str, on: date) -> Said:
        return Said(return_capital, CapitalReturn(self._id(), FUND, 1, 1 + act.size * 100_00, on))

    def _id(self) -> str:
        self.written += 1
        return str(uuid5(FACTS, str(self.written)))


def loan_id(number: int) -> str:
    return str(uuid5(LOANS, str(number)))


# What is recorded ----------------------------------------------------------------------------------------------


def tell(book: Book, requests: Iterable[Said]) -> list[Said]:
    """Record the requests in their order; what is refused is offered again at the end, until nothing more is accepted.

    Returns what was accepted, in the order given, with the amounts that were left to the engine written out.
    """
    waiting = list(requests)
    accepted: dict[str, Said] = {}
    while True:
        refused = [request for request in waiting if not _accepted(book, request, accepted)]
        if len(refused) in (0, len(waiting)):
            break
        waiting = refused
    events = {row["id"]: read_payload(row["payload"]) for row in book.rows("event")}
    return [_written_out(accepted[one.command.id], events) for one in requests if one.command.id in accepted]


def in_another_order(requests: Iterable[Said], order: random.Random) -> list[Said]:
    """Return the requests in a random order in which none says nothing yet."""
    # Most loans are paid out early, or nearly all would be refused until the end.
    places = {request.command.id: order.random() ** (4 if request.after else 1) for request in requests}
    ready: dict[str, float] = {}
    for request in requests:  # those that others wait for stand before them
        ready[request.command.id] = max(places[request.command.id], ready.get(request.after or "", 0))
    return sorted(requests, key=lambda request: ready[request.command.id])


def _accepted(book: Book, request: Said, accepted: dict[str, Said]) -> bool:
    if request.after is not None and request.after not in accepted:
        return False
    try:
        try:
            _record(book, request)
        except SettlementShortError as short:
            if request.written_out:
                return False
            request = replace(request, command=_paying(request.command, parse_amount(short.facts["needed"])))
            _record(book, request)
    except CifError:
        return False
    accepted[request.command.id] = request
    return True


def _record(book: Book, request: Said) -> None:
    # Without an idempotency key a refusal is not remembered, so the same request can be offered again.
    asked = replace(book.request(actor=request.actor), idempotency_key=None)
    request.operation(book.databases, asked, request.command)


def _written_out(request: Said, events: dict[str, dict[str, Any]]) -> Said:
    says, command = events[request.command.id], request.command
    if isinstance(command, Refund | CreditUse):
        command = _paying(command, says["amount_minor"])
    elif isinstance(command, Disbursement) and "settles" in says:
        command = replace(command, settled_minor=says["settles"]["amount_minor"])
    return replace(request, command=command, written_out=True)


def _paying(command: Paying, amount_minor: int) -> Paying:
    return replace(command, amount_minor=amount_minor)
