"""Loans from application to disbursement, in the order in which their papers reach the office.

The committee approves only what the bank account can bear by what is recorded, and what is approved is set aside, so
that no disbursement of the plan is refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from cif_engine.demonstration import founding
from cif_engine.demonstration.borrowers import Borrower, Borrowers
from cif_engine.demonstration.cash_desk import CashDesk
from cif_engine.demonstration.desk import ACCOUNTANT, DAY, MANAGER, Desk
from cif_engine.demonstration.draws import chance, draw_id, weighted
from cif_engine.demonstration.loan import Fate, Loan
from cif_engine.demonstration.people import People
from cif_engine.demonstration.plan import BANK, CASH, RUPEE
from cif_engine.demonstration.profiles import Offer, ProfileDoesNotFitError
from cif_engine.ledger.events import Papers
from cif_engine.operations import disbursing, funding, lending

_FIRST_APPLICATION: Final = 7 * DAY
_LAST_APPLICATION: Final = 75 * DAY
_LAST_DECISION: Final = 10 * DAY
"""From the first tranche to the first application; from the last loan, and the last decision, to the end."""

_PATIENCE: Final = 30 * DAY
"""How long the committee waits for money before it approves less than was asked."""

_NOBODY_READY: Final = 5 * DAY
"""How much later an application comes for which nobody was ready."""

_BUSY_MONTHS: Final = (4, 5, 10, 11)
"""When fields are sown and animals bought; twice as many women apply."""

_ROUND: Final = 500
"""Amounts asked for and approved are multiples of so many rupees."""

_DISBURSED_BY: Final = ("cheque", "bank", "cash", "wallet")
_DISBURSED_BY_SHARES: Final = (50, 25, 20, 5)


class LoanDesk:
    """Makes the loans of a profile."""

    def __init__(self, desk: Desk, people: People, borrowers: Borrowers, cash_desk: CashDesk) -> None:
        self.made: list[Loan] = []
        self._desk = desk
        self._rng = desk.rng
        self._profile = desk.profile
        self._vo_of_co = people.vo_of_co
        self._borrowers = borrowers
        self._cash_desk = cash_desk
        self._waiting: deque[Loan] = deque()
        self._to_come = desk.profile.loans

    @property
    def unmade(self) -> int:
        """How many loans of the profile were not made."""
        return self._to_come + sum(1 for loan in self._waiting if loan.fate is Fate.LENT)

    def plan_ahead(self) -> None:
        """Put the applications on the agenda; raises `ProfileDoesNotFitError` when there are no days for them."""
        profile = self._profile
        first = profile.grants[0].released_on + _FIRST_APPLICATION
        last = profile.to_on - _LAST_APPLICATION
        days = [first + DAY * number for number in range((last - first).days)]
        if not days:
            raise ProfileDoesNotFitError("The profile is too short for any loan.")
        weights = [2 if day.month in _BUSY_MONTHS else 1 for day in days]
        for _ in range(profile.loans):
            self._desk.on(weighted(self._rng, days, weights), self._apply)
        for _ in range(profile.loans * profile.refused_applications // 100):
            self._desk.on(weighted(self._rng, days, weights), self._apply_in_vain, Fate.REFUSED)
        for _ in range(profile.troubles.cancelled_applications):
            self._desk.on(weighted(self._desk.misfortune, days, weights), self._apply_in_vain, Fate.CANCELLED)

    def decide(self) -> None:
        """Decide on those who wait, first come first served, as far as the money reaches."""
        while self._waiting and self._desk.today <= self._profile.to_on - _LAST_DECISION:
            loan = self._waiting[0]
            refused = loan.fate is Fate.REFUSED
            approved = 0 if refused else self._affordable(loan)
            if not approved and not refused:
                return
            self._waiting.popleft()
            self._resolve(loan, approved)

    # From application to disbursement ----------------------------------------------------------------------------

    def _apply(self) -> None:
        borrower = self._borrowers.choose(self._to_come)
        if borrower is not None:
            self._to_come -= 1
            self._take_application(borrower, Fate.LENT)
        elif self._desk.today <= self._profile.to_on - _LAST_APPLICATION:
            self._desk.on(self._desk.today + _NOBODY_READY, self._apply)

    def _apply_in_vain(self, fate: Fate) -> None:
        borrower = self._borrowers.choose_in_vain()
        if borrower is not None:
            self._take_application(borrower, fate)

    def _take_application(self, borrower: Borrower, fate: Fate) -> None:
        rng, today, offers = self._rng, self._desk.today, self._profile.offers
        offer = weighted(rng, offers, [offer.share for offer in offers])
        asked = self._draw_amount(offer, borrower.cycle)
        late_paper = chance(rng, self._profile.paper.late // 2)
        borrower.cycle += 1
        vo = self._vo_of_co[borrower.member.co]
        loan = Loan(borrower, vo, offer, draw_id(rng), asked, today, late_paper, fate)
        command = lending.Application(
            draw_id(rng),
            loan.loan_id,
            borrower.member.code,
            offer.code,
            asked * RUPEE,
            today,
            rng.choice(offer.purposes),
            self._desk.number("MIP"),
        )
        self._step(loan, lending.apply_for_loan, command)
        self._desk.on(today + DAY * rng.randint(1, 6), self._appraise, loan)

    def _draw_amount(self, offer: Offer, loans_before: int) -> int:
        """Return what she asks for: the first loan reaches half of what is offered, the third all of it."""
        most = offer.least + (offer.most - offer.least) * min(loans_before + 2, 4) // 4
        return max(self._rng.randint(offer.least, most) // _ROUND * _ROUND, offer.least)

    def _appraise(self, loan: Loan) -> None:
        asked, today = loan.asked * RUPEE, self._desk.today
        appraisal = lending.Appraisal(draw_id(self._rng), loan.loan_id, asked, today, "CRP of the VO")
        self._step(loan, lending.appraise_loan, appraisal)
        self._desk.on(today + DAY * self._rng.randint(2, 9), self._waiting.append, loan)

    def _affordable(self, loan: Loan) -> int:
        """Return what can be approved, in rupees; nothing as long as it pays to wait."""
        today = self._desk.today
        spendable = self._desk.purse.spendable(BANK, today) // RUPEE
        if spendable >= loan.asked:
            return loan.asked
        if today - loan.applied_on < _PATIENCE or spendable < loan.offer.least:
            return 0
        return max(spendable // _ROUND * _ROUND, loan.offer.least)

    def _resolve(self, loan: Loan, approved: int) -> None:
        desk = self._desk
        decision = lending.CommitteeDecision(
            draw_id(self._rng),
            loan.loan_id,
            approved > 0,
            desk.today,
            f"{loan.vo}/{desk.today:%Y-%m}",
            "VO committee",
            approved * RUPEE if approved else None,
            None if approved else "The household was served by another programme.",
        )
        self._step(loan, lending.decide_on_loan, decision, MANAGER)
        if approved:
            desk.purse.promise(BANK, approved * RUPEE)
            act = self._disburse if loan.fate is Fate.LENT else self._cancel
            desk.on(desk.today + DAY * self._rng.randint(1, 7), act, loan, approved)
        else:
            desk.on(desk.today + DAY + desk.draw_paper_delay(), self._record_held_back, loan)

    def _disburse(self, loan: Loan, approved: int) -> None:
        rng, desk, amount = self._rng, self._desk, approved * RUPEE
        channel = weighted(rng, _DISBURSED_BY, _DISBURSED_BY_SHARES)
        if channel == "cash":
            papers = Papers(voucher_no=desk.number("TRF"))
            drawn = funding.Transfer(draw_id(rng), founding.FUND, amount, desk.today, BANK, CASH, papers)
            self._step(loan, funding.move_money, drawn)
        reference, papers = f"{channel} {rng.randrange(10**6):06}", Papers(voucher_no=desk.number("DIS"))
        disbursement = disbursing.Disbursement(
            draw_id(rng), loan.loan_id, desk.today, channel, amount, reference, papers
        )
        self._step(loan, disbursing.disburse_loan, disbursement)
        self.made.append(loan)
        self._cash_desk.expect_payments(loan, approved, self._settle(loan, amount))

    def _cancel(self, loan: Loan, approved: int) -> None:
        reason = "She does not come for the loan: the family moved to the city."
        papers = Papers(voucher_no=self._desk.number("CAN"))
        cancellation = lending.Cancellation(draw_id(self._rng), loan.loan_id, self._desk.today, reason, papers)
        self._step(loan, lending.cancel_loan, cancellation, MANAGER)
        self._settle(loan, approved * RUPEE)

    def _settle(self, loan: Loan, amount_minor: int) -> date:
        """Record what was held back and take back the promise, once the paper is there; return that day."""
        desk = self._desk
        recorded_on = desk.today + desk.draw_field_delay() if loan.late_paper else desk.today
        desk.on(recorded_on, self._record_held_back, loan)
        desk.on(recorded_on, desk.purse.promise, BANK, -amount_minor)
        return recorded_on

    def _step(
        self,
        loan: Loan,
        operation: Callable[..., Any],
        command: Any,  # noqa: ANN401 - the command of any step
        actor: str = ACCOUNTANT,
    ) -> None:
        if loan.late_paper:
            loan.held_back.append((operation, command, actor))
        else:
            self._desk.record(operation, command, actor)

    def _record_held_back(self, loan: Loan) -> None:
        for operation, command, actor in loan.held_back:
            self._desk.record(operation, command, actor)
        loan.held_back.clear()
