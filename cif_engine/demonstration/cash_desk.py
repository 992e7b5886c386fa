"""What borrowers bring: receipts as their paper comes in, those with a wrong amount, and what is given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Final

from cif_engine.demonstration import founding
from cif_engine.demonstration.behaviour import draw_payments
from cif_engine.demonstration.borrowers import Borrowers
from cif_engine.demonstration.desk import DAY, Desk
from cif_engine.demonstration.draws import chance, draw_id, weighted
from cif_engine.demonstration.dues import Due, dues_of, months_after
from cif_engine.demonstration.loan import Loan
from cif_engine.demonstration.people import People
from cif_engine.demonstration.plan import CASH, RUPEE, Planned
from cif_engine.demonstration.profiles import Payers
from cif_engine.ledger.events import Papers
from cif_engine.operations import collecting
from cif_engine.operations.credits import Refund, refund_credit

_NEXT_LOAN_EARLY: Final = 12
"""Of a hundred borrowers, how many may have the next loan once two thirds of this one are repaid."""

_COLLECTED: Final = (("cash", True), ("cash", False), ("bank", False), ("wallet", False))
"""By which channel, and whether a custodian carries it."""

_COLLECTED_SHARES: Final = (70, 20, 7, 3)

_LEAST_TO_LOSE_A_ZERO: Final = 1_000
_CORRECTED_AFTER: Final = (2, 9)
"""Days until somebody finds that a receipt was typed wrong."""

_REFUNDED_AFTER: Final = (20, 40)
"""Days until an overpayment is given back; wrong receipts are corrected by then."""

_KEEPING_TO_A_NEW_PLAN: Final = Payers(defaulting=0, overpaying=0)


class CashDesk:
    """Takes what borrowers bring."""

    def __init__(self, desk: Desk, people: People, borrowers: Borrowers) -> None:
        self._desk = desk
        self._profile = desk.profile
        self._borrowers = borrowers
        self._vos = people.vos
        self._holidays = frozenset(holiday.on for holiday in founding.holidays_of(desk.profile))

    def expect_payments(self, loan: Loan, principal: int, recorded_on: date) -> None:
        """Put on the agenda what a borrower pays of a loan disbursed today."""
        desk, profile = self._desk, self._profile
        loan.dues = dues_of(loan.offer.plan, principal, desk.today, profile.charge_percent, self._holidays)
        loan.comes_again_at = loan.owes // 3 if chance(desk.rng, _NEXT_LOAN_EARLY) else 0
        payments = draw_payments(loan.dues, desk.today, profile.payers, desk.rng)
        loan.stopped = sum(amount for _, amount in payments) < loan.owes
        for paid_on, amount in payments:
            self._expect(loan, paid_on, amount, recorded_on)

    def expect_by_new_plan(self, loan: Loan, dues: tuple[Due, ...]) -> None:
        """Put on the agenda what a borrower pays whose loan was rescheduled today."""
        loan.stopped, loan.paused_on = False, None
        for paid_on, amount in draw_payments(dues, self._desk.today, _KEEPING_TO_A_NEW_PLAN, self._desk.misfortune):
            self._expect(loan, paid_on, amount, self._desk.today)

    def collect(self, loan: Loan, paid_on: date, amount: int) -> None:
        """Record what a borrower brought; one in so many receipts is typed with a wrong amount."""
        typed = self._typed(amount)
        receipt = self._receipt_of(loan, paid_on, typed)
        fact = self._desk.record(collecting.record_repayment, receipt)
        if typed != amount:
            self._keep_apart(loan, fact, amount)
        before, loan.paid = loan.owes, loan.paid + amount
        if loan.owes <= loan.comes_again_at < before and loan.borrower.cycle < self._profile.most_cycles:
            self._borrowers.may_come_again(loan.borrower, in_need=loan.owes > 0)
        if loan.owes < 0 <= before and chance(self._desk.misfortune, self._profile.troubles.refunding):
            on = self._desk.today + _days(self._desk.misfortune, _REFUNDED_AFTER)
            self._desk.while_working(on, self._refund, loan)

    def _expect(self, loan: Loan, paid_on: date, amount: int, recorded_on: date) -> None:
        if paid_on <= self._profile.to_on:
            paper_on = max(paid_on + self._desk.draw_paper_delay(), recorded_on)
            self._desk.on(paper_on, self._collect_unless_paused, loan, paid_on, amount)

    def _collect_unless_paused(self, loan: Loan, paid_on: date, amount: int) -> None:
        flood = self._profile.troubles.flood
        if flood is None or loan.paused_on is None or paid_on <= loan.paused_on:
            self.collect(loan, paid_on, amount)
            return
        later = months_after(paid_on, flood.months)
        if later <= self._profile.to_on:
            self._desk.on(later + self._desk.draw_paper_delay(), self.collect, loan, later, amount)

    def _receipt_of(self, loan: Loan, paid_on: date, amount: int) -> collecting.Repayment:
        rng = self._desk.rng
        channel, carried = weighted(rng, _COLLECTED, _COLLECTED_SHARES)
        return collecting.Repayment(
            draw_id(rng),
            loan.loan_id,
            amount * RUPEE,
            paid_on,
            channel,
            self._custodian_of(loan) if carried else None,
            Papers(receipt_no=self._desk.number("R")),
        )

    def _custodian_of(self, loan: Loan) -> int | None:
        if not self._profile.custodians:
            return None
        return self._vos.index(loan.vo) % self._profile.custodians + 1

    # Wrong receipts ----------------------------------------------------------------------------------------------

    def _typed(self, amount: int) -> int:
        """Return the amount as it is typed: usually right, sometimes with a zero too many or too few."""
        if self._desk.misfortune.randrange(1000) >= self._profile.troubles.mistyped:
            return amount
        can_lose_a_zero = amount >= _LEAST_TO_LOSE_A_ZERO and amount % 10 == 0
        return amount // 10 if can_lose_a_zero and chance(self._desk.misfortune, 30) else amount * 10

    def _keep_apart(self, loan: Loan, fact: Planned, amount: int) -> None:
        """Have a wrong receipt corrected some days later, and spend none of its money before."""
        [(place, typed)] = self._desk.moves_of(fact)
        self._desk.purse.promise(place, typed)
        loan.in_question = True
        found_on = self._desk.today + _days(self._desk.misfortune, _CORRECTED_AFTER)
        self._desk.on(found_on, self._correct, loan, fact, amount)

    def _correct(self, loan: Loan, fact: Planned, amount: int) -> None:
        [(place, typed)] = self._desk.moves_of(fact)
        wrong: collecting.Repayment = fact.command
        self._desk.reverse(fact, f"The receipt says {amount}, not {typed // RUPEE}.")
        papers = replace(wrong.papers, replaces=wrong.id)
        right = replace(wrong, id=draw_id(self._desk.misfortune), amount_minor=amount * RUPEE, papers=papers)
        self._desk.record(collecting.record_repayment, right)
        self._desk.purse.promise(place, -typed)
        loan.in_question = False

    # Overpayments ------------------------------------------------------------------------------------------------

    def _refund(self, loan: Loan) -> None:
        desk, amount = self._desk, -loan.owes * RUPEE
        if amount > desk.purse.spendable(CASH, desk.today):
            desk.while_working(desk.today + DAY, self._refund, loan)
            return
        papers = Papers(voucher_no=desk.number("REF"))
        refund = Refund(draw_id(desk.misfortune), loan.loan_id, desk.today, "cash", amount, papers=papers)
        desk.record(refund_credit, refund)


def _days(rng: Random, between: tuple[int, int]) -> timedelta:
    return DAY * rng.randint(*between)
