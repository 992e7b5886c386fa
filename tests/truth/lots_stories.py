"""Random stories of a poor fund, in whole notes of 100 rupees: little money, many loans, everything that moves a note.

Tranches are small beside what is asked for, so that most loans are made of money that was out before. What the fund
cannot pay yet is offered again later; reversals, corrections and late paper change which note went where.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from cif_engine.loans.terms import BulletPayment, ChargeDue, EqualInstalments, FlatPercent, LoanTerms
from cif_engine.operations.collecting import Repayment, record_repayment
from cif_engine.operations.credits import Refund, refund_credit
from cif_engine.operations.disbursing import Disbursement, disburse_loan
from cif_engine.operations.dues import Fee, charge_fee
from cif_engine.operations.funding import MoneyIn, MoneyOut, pay_expense, receive_bank_profit, receive_contribution
from cif_engine.operations.lending import Cancellation, cancel_loan
from cif_engine.operations.replacing import Correction, correct_fact
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
from tests.books import FUND
from tests.fund_lives import BEGINNING, WEEK, Act, FundLife, Loan, Office, Said, by_day, loan_id

NOTE_MINOR = 100_00
POOR_PRODUCTS = {
    "FREE": LoanTerms(repayment=EqualInstalments(count=12)),
    "FEES": LoanTerms(repayment=BulletPayment(after_months=6)),
    "CHARGED": LoanTerms(
        repayment=BulletPayment(after_months=6), charge=FlatPercent(percent=Decimal(10), due=ChargeDue.UP_FRONT)
    ),
}
"""A fee is paid before or after all principal, and a tenth of thousands is whole notes: no payment breaks a note."""


@dataclass(frozen=True)
class Story:
    """What the office of a poor fund will be told: tranches by week and notes, and the lives of loans."""

    tranches: tuple[tuple[int, int], ...]
    life: FundLife


OFTEN = ("repaid", "repaid_soon") * 8 + ("returned", "spent", "written_off") * 3 + ("corrected", "reversed") * 2
SELDOM = ("overpaid", "part", "refunded", "credit_used", "fee", "given", "profit")
acts = st.builds(Act, st.sampled_from(OFTEN + SELDOM), st.integers(0, 11), st.integers(0, 20), st.integers(0, 40))
loans = st.builds(
    Loan,
    st.sampled_from(["FREE", "FREE", "FEES", "CHARGED"]),
    st.integers(0, 30),
    st.integers(1, 15).map(lambda hundreds: hundreds * 200),
    st.integers(0, 3),
    st.sampled_from([*["whole"] * 8, *["parts"] * 2, "top_up", "cancelled"]),
).map(lambda loan: replace(loan, rupees=(loan.rupees // 1000 + 1) * 2000) if loan.product == "CHARGED" else loan)


def stories(most_loans: int, most_acts: int) -> st.SearchStrategy[Story]:
    """Return stories with up to so many loans, and so many things that happen to them and to the fund."""
    later = st.lists(st.tuples(st.integers(1, 30), st.integers(5, 30)), max_size=2)
    tranches = st.builds(lambda notes, others: ((0, notes), *others), st.integers(20, 50), later)
    lives = st.builds(
        FundLife,
        st.lists(loans, min_size=6, max_size=most_loans).map(tuple),
        st.lists(acts, min_size=30, max_size=most_acts).map(tuple),
    )
    return st.builds(Story, tranches, lives)


def told(story: Story) -> list[Said]:
    """Return the requests of a story, by the day that they tell of; reversals and corrections last."""
    office = PoorOffice(story)
    return by_day([*office.of_the_tranches(), *office.of_loans(), *office.of_acts(), *office.of_what_waits_in_vain()])


class PoorOffice(Office):
    """Turns a story into requests: all money goes through the bank, all amounts are whole notes."""

    def __init__(self, story: Story) -> None:
        super().__init__(story.life)
        self.story = story

    def of_the_tranches(self) -> list[Said]:
        """Return how each tranche is agreed on, released, and received."""
        return [
            request
            for number, (week, notes) in enumerate(self.story.tranches, 1)
            for request in self._of_tranche(number, BEGINNING + week * WEEK, notes * NOTE_MINOR)
        ]

    def _of_tranche(self, number: int, on: date, amount: int) -> list[Said]:
        signed = Agreement(self._id(), FUND, f"A-{number}", amount, on)
        released = TrancheRelease(self._id(), FUND, f"A-{number}", number, amount, on)
        received = TrancheReceipt(self._id(), FUND, number, on, "bank")
        return [
            Said(sign_agreement, signed),
            Said(release_tranche, released, after=signed.id),
            Said(receive_tranche, received, after=released.id),
        ]

    def of_what_waits_in_vain(self) -> list[Said]:
        """Return the cancellations of loans for which there is no money: approved, they would bind what there is."""
        ids = (loan_id(number) for number in range(len(self.life.loans)))
        days = (BEGINNING + (loan.week + 2) * WEEK for loan in self.life.loans)
        return [
            Said(cancel_loan, Cancellation(self._id(), loan, on, "no money"))
            for loan, on in zip(ids, days, strict=True)
        ]

    def _disbursement(self, number: int, loan: Loan, on: date, amount: int) -> Disbursement:
        return replace(super()._disbursement(number, loan, on, amount), channel="bank")

    def _repaid(self, act: Act, loan: str, on: date) -> Said:
        notes = self.life.loans[act.loan % len(self.life.loans)].rupees // 100
        return Said(record_repayment, Repayment(self._id(), loan, self._notes(1 + act.size * notes // 50), on, "bank"))

    def _repaid_soon(self, act: Act, loan: str, on: date) -> Said:
        """Pay all or half of it, within three weeks of when it was asked for."""
        asked_for = self.life.loans[act.loan % len(self.life.loans)]
        day = BEGINNING + (asked_for.week + act.week % 4) * WEEK
        notes = max(asked_for.rupees // (100, 200)[act.size % 2], 1)
        return Said(record_repayment, Repayment(self._id(), loan, self._notes(notes), min(day, on), "bank"))

    def _overpaid(self, act: Act, loan: str, on: date) -> Said:
        notes = self.life.loans[act.loan % len(self.life.loans)].rupees // 100
        return Said(record_repayment, Repayment(self._id(), loan, self._notes(notes + act.size % 7), on, "bank"))

    def _corrected(self, act: Act, _: str, __: date) -> Said | None:
        """Say that an amount was other than recorded, or a day, of a payment said before."""
        payments = [one.command for one in self.requests if isinstance(one.command, Repayment)]
        if not payments:
            return None
        wrong = payments[-1 - act.size % len(payments)]
        right = Correction(self._id(), self._id(), wrong.id, "typed wrong", None, self._notes(1 + act.size % 9))
        if act.size % 3 == 0:
            right = replace(right, amount_minor=None, effective_on=wrong.effective_on + act.week * WEEK)
        return Said(correct_fact, right, f"checker {len(self.requests)}", wrong.id)

    def _fee(self, act: Act, loan: str, on: date) -> Said | None:
        if self.life.loans[act.loan % len(self.life.loans)].product != "FEES":
            return None
        return Said(charge_fee, Fee(self._id(), loan, "passbook", self._notes(1 + act.size % 3), on, on))

    def _part(self, act: Act, loan: str, on: date) -> Said | None:
        if self.life.loans[act.loan % len(self.life.loans)].product == "CHARGED":
            return None
        return Said(disburse_loan, Disbursement(self._id(), loan, on, "bank", self._notes(1 + act.size % 5)))

    def _refunded(self, act: Act, loan: str, on: date) -> Said:
        amount = None if act.size % 2 else self._notes(1)
        return Said(refund_credit, Refund(self._id(), loan, on, "bank", amount))

    def _given(self, act: Act, _: str, on: date) -> Said:
        """Give something, half of the times on the day on which a tranche is received."""
        week, _notes = self.story.tranches[act.week % len(self.story.tranches)]
        day = BEGINNING + week * WEEK if act.size % 2 else on
        gift = MoneyIn(self._id(), FUND, self._notes(1 + act.size % 6), day, "a well-wisher", "bank")
        return Said(receive_contribution, gift)

    def _profit(self, act: Act, _: str, on: date) -> Said:
        return Said(receive_bank_profit, MoneyIn(self._id(), FUND, self._notes(1 + act.size % 3), on, "the bank"))

    def _spent(self, act: Act, _: str, on: date) -> Said:
        return Said(pay_expense, MoneyOut(self._id(), FUND, self._notes(1 + act.size % 4), on, "rent", "bank"))

    def _returned(self, act: Act, _: str, on: date) -> Said:
        tranche = 1 + act.size % len(self.story.tranches)
        returned = CapitalReturn(self._id(), FUND, tranche, self._notes(1 + act.size % 12), on, "bank")
        return Said(return_capital, returned)

    @staticmethod
    def _notes(count: int) -> int:
        return count * NOTE_MINOR
